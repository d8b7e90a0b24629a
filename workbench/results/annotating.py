"""Notes on days, drawn on every chart with a time axis: who knows them is told from outside.

Results ask `notes_on`; the room that keeps annotations stands above this one and puts its answer
in with `answer_with`. Without an answer nothing is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from workbench.errors import WorkbenchError
from workbench.messages import message
from workbench.results.time_axes import Calendar
from workbench.vocabulary.fiscal import fiscal_days

if TYPE_CHECKING:
    from workbench.results.base import Result
    from workbench.workspace import Workspace


@dataclass(frozen=True)
class Note:
    """What is said about a day or a range of days.

    Attributes
    ----------
    mark : str
        Short name that stands on the chart and in the list, such as ``a3``.
    title : str
    first, last : date
        Both included; the same for a single day.
    colour : str
        ``#rrggbb``.
    kind : str
        In words.
    text : str
        What the title does not say.
    by : str
        Who says it.
    """

    mark: str
    title: str
    first: date
    last: date
    colour: str
    kind: str = ""
    text: str = ""
    by: str = ""

    @property
    def days(self) -> str:
        """The day, or both ends of the range."""
        if self.first == self.last:
            return self.first.isoformat()
        return message("{first} to {last}", first=self.first, last=self.last)

    @property
    def told(self) -> str:
        """Everything in one line."""
        head = f"{self.mark} · {self.days} · {self.title}"
        return f"{head}: {self.text}" if self.text else head

    def plain(self) -> dict[str, Any]:
        """The note as plain values."""
        return {
            "mark": self.mark, "title": self.title, "days": self.days, "colour": self.colour,
            "first": self.first.isoformat(), "last": self.last.isoformat(), "kind": self.kind,
            "text": self.text, "by": self.by,
        }  # fmt: skip


Answer = Callable[["Result"], Sequence[Note]]
_answers: list[Answer] = []


def answer_with(answer: Answer | None) -> None:
    """Say who knows the notes on a result; nobody with None."""
    _answers[:] = [answer] if answer is not None else []


def is_answered() -> bool:
    """Whether somebody knows the notes."""
    return bool(_answers)


def notes_on(result: Result) -> list[Note]:
    """Return the notes that belong to a result, in the order of their days."""
    return [note for answer in _answers for note in answer(result)]


def workspace_of(thing: Any, depth: int = 3) -> Workspace | None:
    """Return the workspace that an answer holds on to, for opening its numbers; None for none."""
    from workbench.workspace import Workspace

    if isinstance(thing, Workspace):
        return thing
    if not depth or not type(thing).__module__.startswith("workbench."):
        return None
    for value in list(getattr(thing, "__dict__", {}).values()):
        found = workspace_of(value, depth - 1)
        if found is not None:
            return found
    return None


def calendar_of(result: Result) -> Calendar | None:
    """What reads fiscal periods on the axes of an answer; None where its workspace is unknown."""
    workspace = workspace_of(result)
    if workspace is None:
        return None
    today = workspace.as_of.astimezone(workspace.settings.zone).date()

    def read(text: str) -> tuple[date, date] | None:
        with suppress(WorkbenchError):
            found = fiscal_days(text, workspace.settings, today)
            return found[:2] if found else None
        return None

    return read


def drawn_on(
    spec: dict[str, Any], notes: Sequence[Note], granularity: str = "",
    calendar: Calendar | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Return a chart with the notes drawn where it has a time axis; itself where there is none."""
    if not notes:
        return spec
    from workbench.results.overlays import laid_over

    drawn, marked = laid_over(spec, notes, granularity, calendar)
    return drawn if marked else spec
