"""What an analyst can set of an analysis: one line a parameter, as plain values a page can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KINDS = (
    "choice", "text", "number", "flag", "dimension", "step", "steps", "segment", "segments",
    "plain",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One parameter of an analysis, and the control that sets it.

    Attributes
    ----------
    name : str
        The parameter.
    label : str
        What the analyst reads.
    kind : str
        One of `KINDS`. A ``plain`` field holds what no control can, as YAML.
    default : object
        Its value when it is not set; such a value is left out of the state.
    options : tuple of str
        What a choice allows.
    hint : str
        An example of what may be written.
    needed : bool
        Whether there is no question without it.
    group : str
        Fields of one group stand together; those of ``"more"`` are folded away.
    """

    name: str
    label: str
    kind: str
    default: Any = None
    options: tuple[str, ...] = ()
    hint: str = ""
    needed: bool = False
    group: str = ""

    def plain(self) -> dict[str, Any]:
        """The field as the page needs it."""
        return {
            "name": self.name, "label": self.label, "kind": self.kind, "default": self.default,
            "options": list(self.options), "hint": self.hint, "needed": self.needed,
            "group": self.group,
        }  # fmt: skip


def is_empty(field: Field, value: Any) -> bool:
    """Whether a value says no more than leaving the parameter out."""
    return value in (None, "", [], {}) or (
        value == field.default and type(value) is type(field.default)
    )
