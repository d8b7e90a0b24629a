"""The answer: every record with its mails, calls and meetings, and its health."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.relationship import wording
from workbench.relationship.frames import COLUMNS, frame_of
from workbench.relationship.measuring import Measured
from workbench.relationship.opening import opened
from workbench.relationship.scope import definition_of
from workbench.relationship.views import Views
from workbench.results import measured, numbers
from workbench.results.base import Block, Result
from workbench.results.blocks import key_figures
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.alike.one import SimilarWonDeal
    from workbench.relationship.alike.result import SimilarWon
    from workbench.relationship.health_result import RelationshipHealth
    from workbench.relationship.one_record.page import RelationshipRecord

TOUCHED_DAYS = 30


class Relationships(Views, Result):
    """What was done with every record, and what came back.

    Attributes
    ----------
    measured : Measured
        The question, the records and their activities.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationships"

    def __init__(self, measured: Measured) -> None:
        self.measured = measured
        self.definition = definition_of(measured)
        self.scope = measured.scope

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a record, in the order of their keys."""
        return frame_of(self.measured)

    def headline(self) -> str:
        """How many were touched of late, of how many, and for how many something is planned."""
        frame = self.frame
        of = self.measured.asked.of
        if not len(frame):
            return wording.nobody(of)
        recent = int((frame["days_since_last"] <= TOUCHED_DAYS).sum())
        planned = int(frame["next_at"].notna().sum())
        return message(
            "{n} of {total} were in contact in the last {days} days ({share}); "
            "something is planned with {planned}",
            n=numbers.count(recent), total=wording.of_count(of, len(frame)), days=TOUCHED_DAYS,
            share=numbers.share(recent / len(frame)), planned=numbers.count(planned),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Records by the time since the last contact, and whether something is planned."""
        from workbench.relationship.chart import by_last_contact

        return by_last_contact(self)

    def reading(self) -> str:
        """What the bars count."""
        return message(
            "Each of {total} stands in one bar, by the days from its last done activity to "
            "{day}; darker: something is planned. Counts of the table are of {window}.",
            total=wording.of_count(self.measured.asked.of, len(self.frame)),
            day=self.scope.as_of,
            window=wording.window(self.measured.asked.window),
        )

    def shown(self) -> tuple[Column, ...]:
        """The columns of the list view."""
        return wording.list_columns(self.measured.judged)

    def table_frame(self) -> pd.DataFrame:
        """Those who wait longest first, never touched ones at the end."""
        return wording.in_words(self.frame).sort_values(
            ["days_since_last", "key"], ascending=[False, True], na_position="last"
        )

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.measured.asked)

    def health(self) -> RelationshipHealth:
        """The score of each record, its parts, and what one more contact would change.

        Raises
        ------
        AbsentError
            For accounts, unless the question asked for their roll-up.
        """
        from workbench.relationship.health_result import RelationshipHealth

        if not self.measured.judged:
            raise AbsentError.of(
                "of", "account", ["opportunity", "person", "lead"],
                message("Ask with roll_up=True for the health of accounts."),
            )  # fmt: skip
        return RelationshipHealth(self.measured)

    @cached_property
    def _compared(self) -> dict[Any, SimilarWon]:
        return {}

    def similar_won(
        self, *, alignment: str = "elapsed", typical: str = "mean", features: Sequence[str] = (),
        most: int = 10, least: int = 5, furthest: float = 0.35, months: int = 24,
    ) -> SimilarWon:  # fmt: skip
        """Open deals beside won deals that are like them, at the same age: see `alike.ask`."""
        from workbench.relationship.alike.ask import similar_won

        return similar_won(
            self.measured, self._compared, alignment=alignment, typical=typical,
            features=features, most=most, least=least, furthest=furthest, months=months,
        )  # fmt: skip

    def record(self, key: str | None = None, *, people: bool = False) -> RelationshipRecord:
        """One record in depth: ten questions and their answers, in order.

        Parameters
        ----------
        key : str, optional
            The one that most asks for attention when left out.
        people : bool
            Name our members of staff on it; else their teams stand for them.
        """
        from workbench.relationship.one_record.page import RelationshipRecord

        return RelationshipRecord(self, key, people=people)

    def similar_won_deal(self, *, key: str, **options: Any) -> SimilarWonDeal:
        """One open deal beside its similar won deals; options as those of `similar_won`."""
        return self.similar_won(**options).one(key)

    def key_figures(self) -> Block:
        """In contact of late, nothing planned, hours to an answer, share that customers began."""
        frame = self.frame
        total = len(frame)
        recent = int((frame["days_since_last"] <= TOUCHED_DAYS).sum())
        without = int(frame["next_at"].isna().sum())
        begun, directed = int(frame["started_by_customer"].sum()), int(frame["directed"].sum())
        answered, asked = int(frame["answered_by_us"].sum()), int(frame["asked_of_us"].sum())
        hours = float((frame["hours_by_us"] * frame["answered_by_us"]).sum())
        mean = hours / answered / 24 if answered else None
        return key_figures(
            [
                _figure(message("In contact in the last 30 days"), recent, total),
                _figure(message("Nothing planned"), without, total),
                _figure(message("Begun by the customer"), begun, directed),
                {
                    "label": message("Time until we answer a mail"),
                    **measured.days(mean),
                    "detail": message(
                        "{n} of {total} turns answered",
                        n=numbers.count(answered), total=numbers.count(asked),
                    ),
                },
            ]
        )  # fmt: skip

    def members(self, name: str = "activities", *, key: str | None = None) -> pd.DataFrame:
        """The activities behind a number.

        Parameters
        ----------
        name : str
            A count of the frame, such as ``"emails_sent"``, ``"asked_of_us"`` (the first mail of
            each turn) or ``"overdue"``; ``"all"`` for every linked one, open and future ones too.
        key : str, optional
            Only of this record; of all records of the frame when left out.

        Returns
        -------
        pandas.DataFrame
            ``key, activity_id, type, direction, begun_at, ended_at, minutes, subject, regarding,
            shared``; instants in UTC, `regarding` whether the activity names the record.
        """
        return opened(self.measured, name, self.wanted(key))


def _figure(label: str, count: int, total: int) -> dict[str, Any]:
    detail = message("{n} of {total}", n=numbers.count(count), total=numbers.count(total))
    return {"label": label, **measured.share(count, total), "detail": detail}
