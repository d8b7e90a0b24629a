"""The line that says where a running report is; silent when nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol

from workbench.messages import message


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

    def done(self, number: int) -> None:
        """Say that cell `number` has ended."""


class Silent:
    """Says nothing."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def cell(self, number: int, label: str) -> None:
        """Say nothing."""

    def done(self, number: int) -> None:
        """Say nothing."""


class Bar:
    """A bar with the cell's number, what it does, and the time since the start."""

    def __init__(self, name: str, labels: Sequence[str]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as RichProgress

        self._bar = RichProgress(
            TextColumn("{task.fields[name]}", markup=False),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[place]}", markup=False),
            TimeElapsedColumn(),
            TextColumn("{task.fields[label]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=len(labels), name=name, label="", place="")
        self._cells = len(labels)

    def __enter__(self) -> Bar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def cell(self, number: int, label: str) -> None:
        """Show the cell that runs now."""
        place = message("cell {n} of {cells}", n=number, cells=self._cells)
        self._bar.update(self._task, completed=number - 1, label=label[:60], place=place)

    def done(self, number: int) -> None:
        """Fill the bar up to the cell that ended."""
        self._bar.update(self._task, completed=number)


def watch(name: str, labels: Sequence[str], *, stream: Any = None) -> Progress:
    """Return a bar when standard error is a terminal, else a silent watcher."""
    stream = sys.stderr if stream is None else stream
    return Bar(name, labels) if stream.isatty() else Silent()


@contextmanager
def counter(what: str, *, stream: Any = None) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many of how many are done, on a terminal only."""
    stream = sys.stderr if stream is None else stream
    if not stream.isatty():
        yield lambda done, total: None
        return
    try:
        yield lambda done, total: print(
            f"\r{done:,} / {total:,} {what}", end="", file=stream, flush=True
        )
    finally:
        print("\r\x1b[2K", end="", file=stream, flush=True)
