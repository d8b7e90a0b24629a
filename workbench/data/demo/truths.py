"""The behaviour planted in the demo company, as numbers.

Every figure here is a parameter of the generator, not a measurement: an analysis that is right
finds it again within its interval. `DemoSummary.realised` says what one seed made of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Truths:
    """True values of everything planted.

    Attributes
    ----------
    fast_industry
        The one industry whose accounts go from MQL to SQL more often and sooner.
    mql_to_sql_share_fast, mql_to_sql_share_other
        Share of accounts with a first MQL that reach SQL, in that industry and in all others.
        Exact for accounts whose first MQL is at least `mql_to_sql_max_days` before the end.
    mql_to_sql_median_days_fast, mql_to_sql_median_days_other
        Median days between an account's first MQL and first SQL (before cutting at the maximum).
    mql_to_sql_max_days
        No account takes longer than this.
    event_with_effect
        The in-person event that causes opportunities; all other events cause none.
    event_without_effect
        An event with equal attendance habits and no effect.
    event_effect
        Share of attending accounts that would not have had a new opportunity within
        `event_window_days` after the event, and have one because they attended. Within a tier of
        engagement: (P1 - P0) / (1 - P0).
    event_window_days
        Days after the event in which an opportunity counts.
    attendance_by_tier
        Share of accounts with a lead that attend, for low, middle and high engagement. Engaged
        accounts also create more opportunities anyway, so the naive difference overstates.
    dip_months_before_end, dip_share
        In the calendar month that lies so many months before the month of the last day, only this
        share of the usual lead forms was completed.
    single_contact_share
        Share of opportunities with exactly one person on the customer's side.
    stall_share_single, stall_share_several
        Share of opportunities that stay at least `stall_days` in one open stage, with one customer
        contact and with more. Exact for opportunities created `stall_observed_days` before the end.
    stall_days, stage_max_days
        A stalled deal waits at least `stall_days` in one stage; any other at most `stage_max_days`.
    stall_observed_days
        After so many days a stall has shown itself.
    win_share_moving, win_share_stalled
        Share of deals that are won in the end.
    decline_weeks, decline_share
        In the last `decline_weeks` weeks before a customer's contract ends, inbound e-mails and
        calls fall to this share of their earlier level.
    flow_from, flow_to, flow_share, flow_share_other
        Within a session a view of `flow_from` is followed by `flow_to` with `flow_share`, a view of
        any other content type with `flow_share_other`, among views that are followed by another.
    """

    fast_industry: str = "Medical devices"
    mql_to_sql_share_fast: float = 0.85
    mql_to_sql_share_other: float = 0.60
    mql_to_sql_median_days_fast: float = 8.0
    mql_to_sql_median_days_other: float = 21.0
    mql_to_sql_max_days: int = 56
    event_with_effect: str = "EV-0004"
    event_without_effect: str = "EV-0007"
    event_effect: float = 0.20
    event_window_days: int = 60
    attendance_by_tier: tuple[float, float, float] = (0.10, 0.30, 0.60)
    dip_months_before_end: int = 7
    dip_share: float = 0.40
    single_contact_share: float = 0.35
    stall_share_single: float = 0.55
    stall_share_several: float = 0.15
    stall_days: int = 90
    stage_max_days: int = 55
    stall_observed_days: int = 290
    win_share_moving: float = 0.50
    win_share_stalled: float = 0.25
    decline_weeks: int = 8
    decline_share: float = 0.25
    flow_from: str = "webinar"
    flow_to: str = "demo"
    flow_share: float = 0.45
    flow_share_other: float = 0.10

    def dip_month(self, end: date) -> date:
        """First day of the month with fewer lead forms, for data that end on `end`."""
        months = end.year * 12 + end.month - 1 - self.dip_months_before_end
        return date(months // 12, months % 12 + 1, 1)


TRUTHS = Truths()
