"""Where the paths of a flow begin, end or pass, read from what was written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.engine.masks import Marker
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, Logic, Term, fields_of, only_terms
from workbench.vocabulary.steps import Step, step_from

SIDES = ("starts_with", "contains", "ends_with")
_NOT_ITEMS = ("measure", "time", "sequence")


@dataclass(frozen=True)
class Anchor:
    """What stands in column 0.

    Attributes
    ----------
    side : {"starts_with", "contains", "ends_with"}
    condition : Condition
    label : str
        What the reader sees.
    dimension : str or None
        The dimension whose items are meant; None where single rows are (an event).
    """

    side: str
    condition: Condition
    label: str
    dimension: str | None

    @property
    def whole_dimension(self) -> bool:
        """Whether every item of the dimension is an anchor."""
        return self.dimension is not None and is_any(self.condition)

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this anchor."""
        if self.dimension is None and self.label != str(self.condition):
            return {"label": self.label, "where": self.condition.plain()}
        return self.condition.plain()


def is_any(condition: Condition) -> bool:
    """Whether a condition asks only that a dimension is set."""
    return isinstance(condition, Term) and condition.operator == "exists" and condition.values[0]


def plain_terms(condition: Condition) -> bool:
    """Whether a condition is decided by the value on a row alone."""
    if isinstance(condition, Logic):
        return all(plain_terms(part) for part in condition.parts)
    return only_terms(condition) and not getattr(condition, "basis", "")


def anchor_from(marker: Marker, dimension: str | None, given: dict[str, Any]) -> tuple[Anchor, str]:
    """Read the anchor and the dimension that is followed.

    Parameters
    ----------
    marker : Marker
    dimension : str or None
    given : dict
        What was written for each of `SIDES`.

    Returns
    -------
    Anchor, str

    Notes
    -----
    Source: journeys-flow.md, section 1 (anchor, anchor restrictions, pathing dimension).
    """
    chosen = {side: value for side, value in given.items() if value is not None}
    if len(chosen) != 1:
        raise ArgumentError.of(
            " / ".join(SIDES), sorted(chosen) or None, message("exactly one of them")
        )
    ((side, value),) = chosen.items()
    item = _step(marker, side, value)
    of = _dimension_of(marker, item.condition, dimension)
    if of is None and side == "contains":
        raise ArgumentError.of(
            side,
            value,
            message("an item such as {'content_type': 'webinar'}, or a whole dimension"),
            message(
                "An event has no place inside a path of another dimension; "
                "dimension='event' follows the events themselves."
            ),
        )
    followed = dimension or of
    if followed is None:
        raise ArgumentError.of(
            "dimension",
            dimension,
            message("the name of what is followed, such as 'content_type'"),
            message("An event as an anchor needs one; dimension='event' follows the events."),
        )
    return Anchor(side, item.condition, item.label, of), followed


def _step(marker: Marker, side: str, value: Any) -> Step:
    """An event name, the name of a dimension, or whatever makes a step."""
    if isinstance(value, str):
        value = _named(marker, side, value)
    read = step_from(value)
    if read.link != "eventual" or read.within or read.after or read.without:
        raise ArgumentError.of(
            side, read.in_words(), message("a step without a link and without limits")
        )
    return read


def _named(marker: Marker, side: str, name: str) -> Any:
    store = marker.store
    events = store.dictionary("event").to_pylist()
    if name in events:
        return name
    known = sorted({*store.columns, *marker.attribute_names()} - {"occurred_at", "sequence_no"})
    if name in known:
        return {name: {"exists": True}}
    if not len(store):
        return name
    raise AbsentError.of(side, name, [*events, *known])


def _dimension_of(marker: Marker, condition: Condition, dimension: str | None) -> str | None:
    """The one dimension whose items a condition means; None where it means rows."""
    names = fields_of(condition)
    if len(names) != 1 or not plain_terms(condition):
        return None
    (name,) = names
    if name == "event" and dimension != "event" and not is_any(condition):
        return None
    kind = marker.store.columns.get(name, {}).get("kind", "")
    if kind in _NOT_ITEMS:
        return None
    # a name that nobody knows is refused here, with the closest ones
    marker.lookup(name)
    return name
