"""Segments: named sets of containers or rows, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, condition_from, joined
from workbench.vocabulary.containers import CONTAINERS, container_named
from workbench.vocabulary.durations import Duration

if TYPE_CHECKING:
    from workbench.vocabulary.steps import Step

KEYS = ("name", "scope", "where", "steps", "exclude", "total_within")


@dataclass(frozen=True)
class Segment:
    """Rows of every container that meets a condition or walks a sequence of steps.

    Attributes
    ----------
    name : str
    scope : str
        The container that qualifies; ``event`` keeps single rows, a larger scope all rows of it.
    where : Condition or None
        At least one row of the container meets it.
    steps : tuple of Step
        The container walks all of them in order.
    exclude : bool
        Turns the qualification of the container round.
    total_within : Duration or None
        Limit from the first to the last step.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1 and B2.
    """

    name: str
    scope: str = "account"
    where: Condition | None = None
    steps: tuple[Step, ...] = ()
    exclude: bool = False
    total_within: Duration | None = None

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this segment."""
        out: dict[str, Any] = {"name": self.name, "scope": self.scope}
        if self.where is not None:
            out["where"] = self.where.plain()
        if self.steps:
            out["steps"] = [item.plain() for item in self.steps]
        if self.exclude:
            out["exclude"] = True
        if self.total_within is not None:
            out["total_within"] = str(self.total_within)
        return out

    def in_words(self) -> str:
        """The definition as one sentence part."""
        parts = [] if self.where is None else [str(self.where)]
        if self.steps:
            parts.append(message(" then ").join(item.in_words() for item in self.steps))
        if self.total_within:
            parts[-1] = message(
                "{steps} within {time}", steps=parts[-1], time=self.total_within.in_words()
            )
        scope = container_named(self.scope).plural
        values = {"containers": scope, "condition": message(" and ").join(parts)}
        if self.exclude:
            return message("{containers} without {condition}", **values)
        return message("{containers} with {condition}", **values)


def segment(
    name: str,
    *,
    scope: str = "account",
    where: Any = None,
    steps: Sequence[Any] = (),
    exclude: bool = False,
    total_within: str | timedelta | Duration | None = None,
    **dimensions: Any,
) -> Segment:
    """Describe a segment.

    Parameters
    ----------
    name : str
        What the reader sees.
    scope : str
        Container that qualifies: event, session, person, opportunity, buying_group, account,
        global_account.
    where : str or mapping, optional
        Condition that at least one row must meet; **dimensions** are joined to it by AND.
    steps : list of steps, optional
        Sequence that the container must walk.
    exclude : bool
        Keep what does not qualify.
    total_within : str, optional
        Limit from the first to the last step of the sequence, such as ``"90d"``.

    Examples
    --------
    >>> segment("Software", industry="Software").in_words()
    'accounts with industry = Software'
    """
    from workbench.vocabulary.steps import steps_from

    if not isinstance(name, str) or not name.strip():
        raise ArgumentError.of("name", name, "the name that the reader sees")
    if not isinstance(exclude, bool):
        raise ArgumentError.of("exclude", exclude, "true or false")
    scope = container_named(scope, "scope").name
    if scope == "event" and steps:
        raise ArgumentError.of(
            "scope", scope, [n for n in CONTAINERS if n != "event"], "A sequence needs a container."
        )
    if total_within is not None and not steps:
        raise ArgumentError.of("total_within", total_within, "only together with steps=[…]")
    parts = [] if where is None else [condition_from(where, "where")]
    if dimensions:
        parts.append(condition_from(dimensions, "segment"))
    condition = joined("all", parts) if parts else None
    if condition is None and not steps:
        raise ArgumentError.of("where", where, "a condition, or steps=[…] for a sequence")
    return Segment(
        name,
        scope,
        condition,
        steps_from(steps) if steps else (),
        exclude,
        Duration.parse_optional(total_within, "total_within"),
    )


def segment_from(value: Any, argument: str = "segment") -> Segment:
    """Read a segment from its plain form, a condition mapping, or a `Segment`."""
    if isinstance(value, Segment):
        return value
    if isinstance(value, Mapping):
        if "name" in value and {"where", "steps", "scope"} & set(value):
            unknown = [key for key in value if key not in KEYS]
            if unknown:
                raise ArgumentError.of(argument, unknown[0], KEYS)
            return segment(**dict(value))
        condition = condition_from(value, argument)
        return Segment(str(condition), "account", condition)
    raise ArgumentError.of(argument, value, "wb.segment(…) or its plain mapping")
