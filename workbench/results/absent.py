"""Questions that some bodies of data cannot answer: the page says so and goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.results.base import Block


class NotShown(Block):
    """Stands where a result would: says what is missing, and answers every view with itself."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *given, **named: self

    def headline(self) -> str:
        """Why there is no answer."""
        return str(self.content["text"])

    def definitions(self) -> list[str]:
        """Nothing was counted, so nothing needs a definition."""
        return []


def where_possible(analysis: Callable[..., Any], *given: Any, about: str = "", **named: Any) -> Any:
    """Ask an analysis, or one view of a result; where the data do not hold it, say so instead.

    Parameters
    ----------
    analysis : callable
        Such as `wb.uplift`, or a view such as ``result.roles``.
    about : str
        Heading in place of the finding, such as ``"Effect of events"``.
    *given, **named
        What the analysis takes.

    Returns
    -------
    object
        Its result; or a `NotShown` that names the missing event, dimension, key or table.

    Raises
    ------
    ArgumentError
        For a value that no data would make right.
    """
    try:
        return analysis(*given, **named)
    except AbsentError as absent:
        return NotShown(
            {
                "block": "text",
                "heading": about or message("Not shown for these data"),
                "text": message("These data cannot answer this question. {reason}", reason=absent),
            }
        )
