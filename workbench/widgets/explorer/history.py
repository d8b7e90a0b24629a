"""What was asked so far, one definition after the other: back and forth without loss."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

MOST_STEPS = 200


class History:
    """Definitions in the order in which they were made.

    Attributes
    ----------
    now : dict
        The definition that is shown; plain values.
    """

    def __init__(self, first: dict[str, Any]) -> None:
        self.now = deepcopy(first)
        self._past: list[dict[str, Any]] = []
        self._future: list[dict[str, Any]] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a definition before this one."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is one that was undone."""
        return bool(self._future)

    def put(self, definition: dict[str, Any]) -> bool:
        """Go on to a definition; say whether it differs from the one shown."""
        if definition == self.now:
            return False
        self._past = [*self._past, self.now][-MOST_STEPS:]
        self._future = []
        self.now = deepcopy(definition)
        return True

    def undo(self) -> bool:
        """Go back by one; say whether there was one."""
        if not self._past:
            return False
        self._future.append(self.now)
        self.now = self._past.pop()
        return True

    def redo(self) -> bool:
        """Go forth again by one; say whether there was one."""
        if not self._future:
            return False
        self._past.append(self.now)
        self.now = self._future.pop()
        return True
