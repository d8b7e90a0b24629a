"""Segments: named sets of containers or rows, as plain values.

Source: journeys-attribution-and-segments.md, B1 and B2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, condition_from, joined
from workbench.vocabulary.containers import CONTAINERS, container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.limits import Limit, span_from
from workbench.vocabulary.nesting import check_rows, check_steps, check_where
from workbench.vocabulary.spoken import spoken_segment

if TYPE_CHECKING:
    from workbench.vocabulary.steps import Step

PARTS = ("everyone", "before", "after")
ANCHORS = ("first", "last")
KEYS = (
    "name",
    "scope",
    "where",
    "steps",
    "exclude",
    "total_within",
    "part",
    "without_before",
    "without_after",
    "anchor",
    "stack",
)


@dataclass(frozen=True)
class Segment:
    """Rows of every container that meets a condition or walks a sequence of steps.

    Attributes
    ----------
    name : str
    scope : str
        The container that qualifies; ``event`` keeps single rows, a larger scope all rows of it.
    where : Condition or None
        What the container must hold. Conditions on rows that are joined by AND must meet on one
        row; each nested segment and each condition of `workbench.vocabulary.wholes` is looked for
        on its own.
    steps : tuple of Step
        The container walks all of them in order. A step that is a segment of a finer container
        is a checkpoint of whole containers: later, different ones.
    exclude : bool
        Turns the qualification of the container round.
    total_within : Duration, Limit or None
        Limit from the first to the last row of the sequence.
    part : {"everyone", "before", "after"}
        Which rows of a qualifying container are kept: all, those up to the first row of the last
        occurrence of the sequence, or those from the last row of its first occurrence on.
    without_before, without_after : Condition or None
        No such row before the first step, after the last one.
    anchor : {"first", "last"}
        Whether no such row may follow the first occurrence, or only the last one.
    stack : tuple of Segment
        Rows that belong to all of these; nothing else is set then.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1 and B2.
    """

    name: str
    scope: str = "account"
    where: Condition | None = None
    steps: tuple[Step, ...] = ()
    exclude: bool = False
    total_within: Duration | Limit | None = None
    part: str = "everyone"
    without_before: Condition | None = None
    without_after: Condition | None = None
    anchor: str = "first"
    stack: tuple[Segment, ...] = ()

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this segment."""
        if self.stack:
            return {"name": self.name, "stack": [item.plain() for item in self.stack]}
        out: dict[str, Any] = {"name": self.name, "scope": self.scope}
        if self.where is not None:
            out["where"] = self.where.plain()
        if self.steps:
            out["steps"] = [item.plain() for item in self.steps]
        if self.exclude:
            out["exclude"] = True
        if self.total_within is not None:
            out["total_within"] = str(self.total_within)
        if self.part != "everyone":
            out["part"] = self.part
        for name in ("without_before", "without_after"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name).plain()
        if self.anchor != "first":
            out["anchor"] = self.anchor
        return out

    def in_words(self) -> str:
        """The definition as one sentence part."""
        return spoken_segment(self)


def segment(
    name: str,
    *,
    scope: str = "account",
    where: Any = None,
    steps: Sequence[Any] = (),
    exclude: bool = False,
    total_within: str | timedelta | Duration | Limit | None = None,
    part: str = "everyone",
    without_before: Any = None,
    without_after: Any = None,
    anchor: str = "first",
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
        What the container must hold; **dimensions** are joined to it by AND. At least one row
        meets a plain condition. Beside it may stand nested containers, which are looked for
        inside this one (``{"segment": {"scope": "person", "steps": [...]}}``), and ``each``,
        ``times``, ``distinct``, ``total`` over all its rows (`workbench.vocabulary.wholes`).
    steps : list of steps, optional
        Sequence that the container must walk. Beyond the steps of a fallout: limits in months,
        events, sessions or values; ``{"each": [...]}``, whose conditions come in any order; and
        segments of finer containers, of which later, different ones must follow each other.
    exclude : bool
        Keep what does not qualify.
    total_within : str, optional
        Limit from the first to the last row of the sequence, such as ``"90d"`` or ``"2 months"``.
    part : {"everyone", "before", "after"}
        Keep all rows of the container, those up to the first row of the last occurrence of the
        sequence, or those from the last row of the first occurrence on.
    without_before, without_after : str or mapping, optional
        Exclusion at the start and at the end of the sequence; ``without`` of a step excludes
        between two steps.
    anchor : {"first", "last"}
        With `without_after`: whether no such row may follow the first or the last occurrence.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1 and B2.

    Examples
    --------
    >>> segment("Software", industry="Software").in_words()
    'accounts with industry = Software'
    """
    from workbench.vocabulary.steps import steps_from

    _check_choices(name, exclude, part, anchor)
    scope = container_named(scope, "scope").name
    read = steps_from(steps) if steps else ()
    _check_sequence(
        read,
        scope=scope,
        total_within=total_within,
        part=part,
        without_before=without_before,
        without_after=without_after,
        anchor=anchor,
    )
    if exclude and part != "everyone":
        todo = message("Who never walks the sequence has no rows before or after it.")
        raise ArgumentError.of("part", part, ("everyone",), todo)
    parts = [] if where is None else [condition_from(where, "where")]
    if dimensions:
        parts.append(condition_from(dimensions, "segment"))
    condition = joined("all", parts) if parts else None
    if condition is None and not read:
        raise ArgumentError.of("where", where, message("a condition, or steps=[…] for a sequence"))
    if condition is not None:
        check_where(condition, scope)
    return Segment(
        name,
        scope,
        condition,
        read,
        exclude,
        span_from(total_within, "total_within"),
        part,
        _rows(without_before, "without_before"),
        _rows(without_after, "without_after"),
        anchor,
    )


def _check_choices(name: str, exclude: bool, part: str, anchor: str) -> None:
    if not isinstance(name, str) or not name.strip():
        raise ArgumentError.of("name", name, message("the name that the reader sees"))
    if not isinstance(exclude, bool):
        raise ArgumentError.of("exclude", exclude, message("true or false"))
    if part not in PARTS:
        raise ArgumentError.of("part", part, PARTS)
    if anchor not in ANCHORS:
        raise ArgumentError.of("anchor", anchor, ANCHORS)


def _check_sequence(steps: tuple[Step, ...], *, scope: str, **options: Any) -> None:
    """Refuse what only a sequence can have where there is none, and steps that cannot be."""
    if scope == "event" and steps:
        todo = message("A sequence needs a container.")
        raise ArgumentError.of("scope", scope, [n for n in CONTAINERS if n != "event"], todo)
    if not steps:
        for option, value in options.items():
            if value not in (None, "everyone", "first"):
                raise ArgumentError.of(option, value, message("only together with steps=[…]"))
    if options["anchor"] == "last" and options["without_after"] is None:
        raise ArgumentError.of("anchor", "last", message("only together with without_after=…"))
    check_steps(steps, scope)


def _rows(value: Any, argument: str) -> Condition | None:
    if value is None:
        return None
    condition = condition_from(value, argument)
    check_rows(condition, argument)
    return condition


def segment_from(value: Any, argument: str = "segment") -> Segment:
    """Read a segment from its plain form, a condition mapping, a `Segment`, or its kept name.

    A plain form without a name is called by its words. A list of segments is a stack: rows that
    belong to all.
    """
    if isinstance(value, Segment):
        return value
    if isinstance(value, Mapping):
        if "name" in value and "stack" in value:
            return _stack_from(value, argument)
        if "name" in value and {"where", "steps", "scope"} & set(value):
            unknown = [key for key in value if key not in KEYS]
            if unknown:
                raise ArgumentError.of(argument, unknown[0], KEYS)
            return segment(**dict(value))
        if {"where", "steps"} & set(value) and set(value) <= set(KEYS):
            unnamed = segment(**{**value, "name": "segment"})
            return replace(unnamed, name=unnamed.in_words())
        condition = condition_from(value, argument)
        check_where(condition, "account")
        return Segment(str(condition), "account", condition)
    if isinstance(value, list | tuple) and value:
        return stacked([segment_from(item, argument) for item in value])
    if isinstance(value, str) and value.strip():
        from workbench.vocabulary.kept import kept_segment

        return kept_segment(value.strip(), argument)
    allowed = message("wb.segment(…), its plain mapping, or the name of a saved segment")
    raise ArgumentError.of(argument, value, allowed)


def _stack_from(value: Mapping[str, Any], argument: str) -> Segment:
    unknown = [key for key in value if key not in ("name", "stack")]
    if unknown:
        raise ArgumentError.of(argument, unknown[0], ("name", "stack"))
    parts = value["stack"]
    if not isinstance(parts, list | tuple) or not parts:
        raise ArgumentError.of(f"{argument}.stack", parts, message("a list of segments"))
    return stacked([segment_from(item, argument) for item in parts], str(value["name"]))


def stacked(segments: Sequence[Segment], name: str = "") -> Segment:
    """Rows that belong to all of several segments; a single one stays as it is.

    The scope of a stack is the largest of its segments.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B1 (stacking).
    """
    parts = tuple(part for item in segments for part in (item.stack or (item,)))
    if len(parts) == 1 and not name:
        return parts[0]
    largest = max(parts, key=lambda item: container_named(item.scope).rank)
    title = name or message(" and ").join(part.name for part in parts)
    return Segment(title, largest.scope, stack=parts)
