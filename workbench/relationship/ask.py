"""The question: which relationships are kept up, which are not, and what is behind them?"""

from __future__ import annotations

from typing import Any

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.relationship.activities import activities_of
from workbench.relationship.hours import Hours
from workbench.relationship.linking import MODES
from workbench.relationship.measuring import LIFETIME, SINCE_STAGE, Asked, Measured
from workbench.relationship.records import check_kind, records_of
from workbench.relationship.result import Relationships
from workbench.relationship.rules import Rules
from workbench.relationship.signals import signals_for
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace


def relationships(
    workspace: Workspace,
    *,
    of: str = "opportunity",
    where: Any = None,
    as_of: Any = None,
    window: str | Duration = LIFETIME,
    closed: bool = False,
    opportunity_link: str = "vendor",
    auto_complete_past: bool = True,
    most_receivers: int | None = 20,
    maturity: str | Duration = "14d",
    business_hours: str | None = None,
    holidays: str | None = None,
    per_team_recipient: bool = False,
    every_days: int = 7,
    weights: dict[str, int] | None = None,
    roll_up: bool = False,
    health: dict[str, Any] | None = None,
) -> Relationships:
    """Mails, calls and meetings with every record: how many, how long, how fast, how healthy.

    Parameters
    ----------
    workspace : Workspace
    of : {"opportunity", "account", "person", "lead"}
        The records that activities are linked to. An activity counts once for each record.
    where : mapping, optional
        Only records that meet this condition on their own columns or their account's.
    as_of : str, optional
        Look from the end of this day; what was done later is not looked at.
    window : str
        ``"lifetime"``, ``"stage"`` (since the opportunity entered its stage), or how far back,
        such as ``"30d"``. Health has a look-back of its own.
    closed : bool
        Whether opportunities that are won or lost, and leads that are decided, take part.
    opportunity_link : {"vendor", "strict", "loose"}
        Besides what regards the opportunity: what somebody of its team has with its own people;
        nothing more; or also what they have with the primary contact of its account.
    auto_complete_past : bool
        Calls and meetings that nobody closed count as done once they are over.
    most_receivers : int, optional
        Mails to more receivers are list mail and left out; None keeps them.
    maturity : str
        A mail without answer counts as unanswered only when it is older.
    business_hours, holidays : str, optional
        Such as ``"09:00-17:00"`` and ``"JP"``: only these hours count in times of answers.
    per_team_recipient : bool
        Whether a received mail costs every one of our own who received it the time to read.
    every_days : {7, 1, 3, 14, 30}
        How often a healthy relationship has contact.
    weights : mapping, optional
        Weight of each type in the health, a whole number from 3 to 9; 6 when left out. ``social``
        from 0, where there are such activities.
    roll_up : bool
        Whether accounts have a health: that of their open opportunities by amount, else that of
        their active people.
    health : mapping, optional
        Further options of the formula: ``good`` and ``fair`` (60 and 40), ``look_back_days``
        (90), ``least`` (3), ``daily_cap`` (5), ``half_life_days`` (twice `every_days`),
        ``shares`` (0.5, 0.3, 0.2), ``sentiment`` (False: the mood of activities, from a column
        ``sentiment``, is a fourth part, with shares 0.45, 0.25, 0.15, 0.15) and ``limit_age``
        (False: what was created more than two years ago gets no score).

    Returns
    -------
    Relationships
        Its `frame` has the columns of `Relationships.columns`, a line a record.

    Raises
    ------
    AbsentError
        When the workspace has no activities or no such records.
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: relationship-analytics.md, sections 1 to 5 and 7.
    """
    kind = check_kind(of)
    if opportunity_link not in MODES:
        raise ArgumentError.of("opportunity_link", opportunity_link, MODES)
    flags = {
        "closed": closed, "auto_complete_past": auto_complete_past,
        "per_team_recipient": per_team_recipient, "roll_up": roll_up,
    }  # fmt: skip
    for name, value in flags.items():
        if not isinstance(value, bool):
            raise ArgumentError.of(name, value, [True, False])
    most = most_receivers
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise ArgumentError.of("most_receivers", most, message("a whole number from 1, or None"))
    asked = Asked(
        workspace=workspace,
        of=kind,
        where=where,
        instant=microseconds_of(workspace.seen_at(as_of).as_of),
        window=_window(workspace, kind, window),
        closed=closed,
        link=opportunity_link,
        auto_complete_past=auto_complete_past,
        most_receivers=most,
        maturity=Duration.parse(maturity, "maturity"),
        hours=Hours.read(business_hours, holidays),
        per_receiver=per_team_recipient,
        rules=Rules.read(every_days, weights, health),
        roll_up=roll_up,
    )
    records = records_of(workspace, kind, where)
    activities_of(workspace)
    signals_for(workspace, asked.rules)
    return Relationships(Measured(asked, records))


def _window(workspace: Workspace, kind: str, window: Any) -> Duration | str:
    if window in (None, LIFETIME):
        return LIFETIME
    if window == SINCE_STAGE:
        if kind != "opportunity":
            raise ArgumentError.of(
                "window", window, message("'lifetime' or a length such as '30d'")
            )
        if "last_stage_change_at" not in workspace.columns_of("opportunities"):
            raise AbsentError.of(
                "window", window, message("opportunities with the column last_stage_change_at")
            )
        return SINCE_STAGE
    return Duration.parse(window, "window")
