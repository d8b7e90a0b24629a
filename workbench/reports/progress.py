"""The line that says where a running report is; silent when nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol


class Progress(Protocol):
    """What a run tells its watcher."""

    def __enter__(self) -> Progress: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def cell(self, number: int, label: str) -> None:
        """Say that cell `number` (counted from one) has begun."""

    def done(self) -> None:
        """Say that the current cell has ended."""


class Silent:
    """Says nothing."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def cell(self, number: int, label: str) -> None:
        """Say nothing."""

    def done(self) -> None:
        """Say nothing."""


class Bar:
    """A bar with the cell's number, what it does, and the time since the start."""

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            TextColumn("{task.fields[name]}", markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[label]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=len(labels), name=name, label="")

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def cell(self, number: int, label: str) -> None:
        """Show the cell that runs now."""
        self._bar.update(self._task, completed=number - 1, label=label[:60])

    def done(self) -> None:
        """Move on by one cell."""
        self._bar.advance(self._task)


def watch(name: str, labels: Sequence[str], *, stream: Any = None) -> Progress:
    """Return a bar when standard error is a terminal, else a silent watcher."""
    stream = sys.stderr if stream is None else stream
    return Bar(name, labels) if stream.isatty() else Silent()
