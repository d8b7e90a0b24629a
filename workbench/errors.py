"""Everything the workbench refuses, as one tree.

    WorkbenchError            anything a user can cause and mend
    ├── ArgumentError         a call with a value that is not allowed
    │   └── AbsentError       an event, dimension, key or table that these data do not hold
    ├── WorkspaceFileError    a workspace or report file that cannot be used
    ├── DataError             files whose content stops the work
    ├── StoreError            the event store, or that of collaboration, cannot be used
    └── ReportError           a report that cannot be run or did not finish

Each message says what was wrong, with which value, what is allowed, and what to do.
In a notebook the message is shown alone, without a traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from workbench.messages import message


class WorkbenchError(Exception):
    """Base of every error that a user can cause and mend."""

    def _render_traceback_(self) -> list[str]:
        """Show the sentence alone in IPython: the call stack helps nobody here."""
        return [f"{type(self).__name__}: {self}"]


class ArgumentError(WorkbenchError):
    """A call was refused before any work was done."""

    @classmethod
    def of(
        cls,
        argument: str,
        value: object,
        allowed: Iterable[object] | str,
        todo: str = "",
    ) -> ArgumentError:
        """Name the argument, its value, what is allowed, and the closest allowed value."""
        if isinstance(allowed, str):
            return cls(_sentence(argument, value, allowed, "", todo))
        known = [str(item) for item in allowed]
        close = get_close_matches(str(value), known, n=3, cutoff=0.5)
        hint = message(" Did you mean {names}?", names=either(map(repr, close))) if close else ""
        return cls(_sentence(argument, value, listed(known), hint, todo))


def _sentence(argument: str, value: object, allowed: str, hint: str, todo: str) -> str:
    text = message(
        "{argument}={value!r} cannot be used.{hint} Allowed: {allowed}.",
        argument=argument,
        value=value,
        hint=hint,
        allowed=allowed,
    )
    return f"{text} {todo}".rstrip()


def either(choices: Iterable[str]) -> str:
    """Choices as a reader lists them: ``a or b or c``."""
    said = ""
    for choice in choices:
        said = message("{one} or {other}", one=said, other=choice) if said else choice
    return said


def listed(names: Iterable[str], most: int = 20) -> str:
    """Names in quotation marks, the first of many with the number of the others."""
    known = [repr(name) for name in names]
    shown = ", ".join(known[:most])
    if len(known) > most:
        return message("{names} and {count} more", names=shown, count=f"{len(known) - most:,}")
    return shown or message("nothing here")


class AbsentError(ArgumentError):
    """What was asked for is not in these data; other data could answer the same call."""


class WorkspaceFileError(WorkbenchError):
    """A workspace or report file is missing, unreadable or says something unknown."""


class DataError(WorkbenchError):
    """The data stop the work; every finding is in the message."""


class StoreError(WorkbenchError):
    """The event store or the store of collaboration could not be made, opened or kept."""


class ReportError(WorkbenchError):
    """A report was refused before it ran, or a cell of it failed."""
