"""Further looks at the same relationships: each a result of its own, or a plain table.

Pages and tables that speak of single members of staff name them only on request.

Source: relationship-analytics.md, sections 3 and 6 to 10.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.relationship.days import by_day, by_record_and_day, by_week
from workbench.relationship.measuring import Measured
from workbench.relationship.one_record.recent import RecentActivity, check_days
from workbench.relationship.people.contacted import most_contacted, who_knows
from workbench.vocabulary.durations import Duration

if TYPE_CHECKING:
    from workbench.relationship.leaving.result import RelationshipWarnings
    from workbench.relationship.people.handovers import HandOvers
    from workbench.relationship.people.network import RelationshipNetwork
    from workbench.relationship.people.single_thread import SingleThreaded
    from workbench.relationship.portfolio.bubbles import RelationshipBubbles
    from workbench.relationship.portfolio.gaps import RelationshipGaps
    from workbench.relationship.portfolio.listing import RelationshipList


class Views:
    """What else can be asked of `Relationships`.

    Attributes
    ----------
    measured : Measured
    """

    measured: Measured
    frame: pd.DataFrame

    def bubbles(self, *, colour: str = "stage", overdue: bool = False) -> RelationshipBubbles:
        """Open opportunities by expected close, health and amount.

        Parameters
        ----------
        colour : {"stage", "health"}
        overdue : bool
            Whether those whose expected close has passed stand on a strip at the left.
        """
        from workbench.relationship.portfolio.bubbles import RelationshipBubbles

        return RelationshipBubbles(self.measured, colour=colour, overdue=overdue)

    def listed(
        self, *, only: str | Sequence[str] = (), lines: Any = None, sort: str = "marks",
        ascending: bool = False,
    ) -> RelationshipList:  # fmt: skip
        """The list, filtered and sorted, with what asks for attention and why.

        Parameters
        ----------
        only : str or sequence of str
            Lines that show all of these signs: ``declining``, ``nothing_planned``,
            ``long_silent``, ``slow``, ``one_sided``.
        lines : mapping, optional
            A condition on the columns of the list, such as ``{"score": {"<": 40}}``.
        sort : str
            Any column; missing values come last, states go from good to poor.
        ascending : bool
        """
        from workbench.relationship.portfolio.listing import RelationshipList

        return RelationshipList(
            self.measured, only=only, lines=lines, sort=sort, ascending=ascending, base=self.frame
        )

    def network(
        self, key: str, *, people: bool = False, with_calls: bool = True
    ) -> RelationshipNetwork:
        """Who of ours knows whom of a record's people, by seniority.

        Parameters
        ----------
        key : str
        people : bool
            Name our members of staff; else their teams stand for them.
        with_calls : bool
            Whether calls count beside mails and meetings.
        """
        from workbench.relationship.people.network import RelationshipNetwork

        place = self.measured.place_of(key)
        return RelationshipNetwork(self.measured, place, people=people, with_calls=with_calls)

    def single_threaded(
        self, *, recent: str | Duration = "180d", senior: str = "director"
    ) -> SingleThreaded:
        """Records that hang by one person of the customer, or by nobody senior.

        Parameters
        ----------
        recent : str
            How far back a contact counts.
        senior : {"staff", "manager", "director", "vp", "executive"}
            Lowest level that counts as senior.
        """
        from workbench.relationship.people.single_thread import SingleThreaded

        return SingleThreaded(self.measured, recent=recent, senior=senior)

    def gaps(self) -> RelationshipGaps:
        """Time since the last contact, beside the usual and the longest between two."""
        from workbench.relationship.portfolio.gaps import RelationshipGaps

        return RelationshipGaps(self.measured)

    def handovers(self, *, people: bool = False) -> HandOvers:
        """Records that went to other hands, and the silence around it.

        Parameters
        ----------
        people : bool
            Name our members of staff; else their teams stand for them.
        """
        from workbench.relationship.people.handovers import HandOvers

        return HandOvers(self.measured, people=people)

    def warnings(
        self, *, signal: str = "customer", weeks: int = 8, ended: str | None = None,
        chance: float = 0.05,
    ) -> RelationshipWarnings:  # fmt: skip
        """Which records decline before they end, how early that is seen, and how often wrongly.

        Parameters
        ----------
        signal : {"customer", "trend"}
            The customer begins less than before, by more than chance; or the health declines.
        weeks : int
            So many weeks before the end a flag counts as a warning.
        ended : str, optional
            Column of the records' table that says when one ended; when left out ``churned_on``
            and the like, else the closing of what was lost.
        chance : float
            Of the binomial test of the first signal.
        """
        from workbench.relationship.leaving.result import RelationshipWarnings

        return RelationshipWarnings(
            self.measured, signal=signal, weeks=weeks, ended=ended, chance=chance
        )

    def recent(
        self, key: str | None = None, *, days: int = 60, tasks: bool = False
    ) -> RecentActivity:
        """Mails, meetings and calls of each of the last days, as a picture.

        Parameters
        ----------
        key : str, optional
            Of this record; of all, each activity once, when left out.
        days : int
            Such as 60, or 90 as in older texts of the vendor.
        tasks : bool
            Whether tasks count in `activities`.
        """
        wanted = self.wanted(key)
        return RecentActivity(self.measured, wanted, key=key, days=days, tasks=tasks)

    def days(self, key: str | None = None, *, days: int = 60) -> pd.DataFrame:
        """Mails, meetings and calls of each of the last days, zero-filled.

        Parameters
        ----------
        key : str, optional
            Of this record; of all records of the frame, each activity once, when left out.
        days : int
            Dates up to and with that of as_of, in the reporting zone.

        Returns
        -------
        pandas.DataFrame
            ``day, mails_sent, mails_received, meetings_sent, meetings_received, calls_made,
            calls_received, activities``; `activities` holds unknown directions too.
        """
        check_days(days)
        return by_day(self.measured, self.wanted(key), days)

    def record_days(
        self, key: str | None = None, *, days: int = 60, scores: bool = False
    ) -> pd.DataFrame:
        """A line for each record and day, to be written with `wb.save_csv` for other tools.

        Parameters
        ----------
        key : str, optional
            Of this record; of all when left out.
        days : int
            Dates up to and with that of as_of, in the reporting zone.
        scores : bool
            Whether every day of every record has a line, with its score; else only days on which
            something was done.

        Returns
        -------
        pandas.DataFrame
            ``key, name, day, mails_sent, mails_received, meetings_sent, meetings_received,
            calls_made, calls_received, activities, score``
        """
        check_days(days)
        return by_record_and_day(self.measured, self.wanted(key), days, scores)

    def weeks(self, key: str | None = None) -> pd.DataFrame:
        """As `days`, for every ISO week since the first activity: ``week, …``."""
        return by_week(self.measured, self.wanted(key))

    def contacted(self, key: str, *, latest: bool = False, most: int = 3) -> pd.DataFrame:
        """Most contacted of both sides of a record: ``side, key, name, interactions, last_at``.

        It names members of staff: to care for this customer, never to decide on pay, rank or
        rights.

        Parameters
        ----------
        key : str
        latest : bool
            The latest first, instead of those with most interactions.
        most : int
            Lines of each side.
        """
        return most_contacted(self.measured, self.measured.place_of(key), latest=latest, most=most)

    def knows(self, key: str, *, with_calls: bool = False, most: int = 5) -> pd.DataFrame:
        """Users who know a record best: ``key, name, strength, interactions, last_at``.

        `strength` adds one for each mail and meeting, and call if asked for, halved with every 90
        days of its age. It names members of staff: to care for this customer, never to decide on
        pay, rank or rights.
        """
        return who_knows(
            self.measured, self.measured.place_of(key), with_calls=with_calls, most=most
        )

    def wanted(self, key: str | None) -> np.ndarray:
        """A mark for each record: one of them, or all that are asked about."""
        out = np.zeros(len(self.measured.records), bool)
        out[self.measured.chosen if key is None else self.measured.place_of(key)] = True
        return out
