"""What was asked: which deals, which pipeline, which time, seen from when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.deals import deals_of
from workbench.sales.history import QUALITIES
from workbench.vocabulary.conditions import Condition, condition_from
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """A question about stages with its values read.

    Attributes
    ----------
    workspace : Workspace
    period : Period
        Entries and moves of that time; everything where empty.
    where : Condition or None
        Which deals.
    pipeline : str or None
        Only this pipeline.
    instant : int
        Microseconds since 1970 that nothing later than is looked at.
    quality : tuple of str or None
        Only histories of these qualities count for lengths and moves.
    """

    workspace: Workspace
    period: Period
    where: Condition | None
    pipeline: str | None
    instant: int
    quality: tuple[str, ...] | None
    given_as_of: str | None = None

    @property
    def day(self) -> str:
        """The instant that is looked from, as a date of the reporting zone."""
        from workbench.results import numbers

        return numbers.day(self.moment, self.workspace.settings.report_tz)

    @property
    def moment(self) -> datetime:
        """The instant that is looked from."""
        return datetime.fromtimestamp(self.instant / 1e6, UTC)

    def bounds(self) -> tuple[int, int]:
        """First microsecond of the period, and the first after it."""
        start, end = self.period.bounds()
        return start, min(end, self.instant + 1)

    def plain(self, kind: str, **more: Any) -> dict[str, Any]:
        """The question as plain values that ask again."""
        return {
            "analysis": kind,
            "period": str(self.period) or None,
            "where": None if self.where is None else self.where.plain(),
            "pipeline": self.pipeline,
            "as_of": self.given_as_of,
            "quality": None if self.quality is None else list(self.quality),
            **more,
        }


def question_of(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    pipeline: str | None = None,
    as_of: str | date | None = None,
    quality: str | Sequence[str] | None = None,
) -> Question:
    """Read the values of a question.

    Raises
    ------
    AbsentError
        For a workspace without opportunities, or an unknown pipeline.
    ArgumentError
        For anything else that is not allowed, before any row is read.
    """
    if not isinstance(workspace, Workspace):
        raise ArgumentError.of("workspace", workspace, message("a workspace, as wb.open gives it"))
    condition = None if where is None else condition_from(where, "where")
    seen = workspace.seen_at(as_of)
    qualities = _qualities(quality)
    read = seen.period(period)
    known = deals_of(workspace).catalogue.pipelines
    if pipeline is not None and pipeline not in known:
        raise AbsentError.of("pipeline", pipeline, known)
    instant = microseconds_of(seen.as_of)
    given = None if as_of in (None, "") else str(as_of)
    return Question(workspace, read, condition, pipeline, instant, qualities, given)


def _qualities(value: Any) -> tuple[str, ...] | None:
    if value is None:
        return None
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Sequence) or not names:
        raise ArgumentError.of("quality", value, QUALITIES)
    for name in names:
        if name not in QUALITIES:
            raise ArgumentError.of("quality", name, QUALITIES)
    return tuple(names)
