"""Steps of a journey (touchpoints, nodes): a condition on an event and its link to the step before.

A step is an event name, a mapping, or `step`; all three read and write the same plain form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition, combined, condition_from, joined
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.limits import Limit, bounds_from, check_window, plain_bound

LINKS = ("eventual", "next")
OPTIONS = ("label", "link", "within", "after", "without", "next_among", "where")
LIMITS = ("link", "within", "after", "without", "next_among", "limits")
MAXIMUM_STEPS = 60


@dataclass(frozen=True)
class Step:
    """A condition on an event, and how it hangs on the step before it.

    Attributes
    ----------
    label : str
        What the reader sees.
    condition : Condition
    link : {"eventual", "next"}
        ``next`` asks for the directly following row (among `next_among`, all rows by default).
    within, after : Duration or None
        Largest and smallest gap to the row of the step before; both bounds are inside.
    without : Condition or None
        No such row may lie strictly between the step before and this one.
    next_among : Condition or None
        With ``next``: rows that count as neighbours.
    limits : tuple of Limit, or None
        Limits in calendar months, events, sessions or values of a dimension; the steps of a
        segment can have them.
    """

    label: str
    condition: Condition
    link: str = "eventual"
    within: Duration | None = None
    after: Duration | None = None
    without: Condition | None = None
    next_among: Condition | None = None
    limits: tuple[Limit, ...] | None = None

    def __or__(self, other: Any) -> Step:
        return _merged("any", self, step_from(other))

    def __ror__(self, other: Any) -> Step:
        return _merged("any", step_from(other), self)

    def __and__(self, other: Any) -> Step:
        return _merged("all", self, step_from(other))

    def __rand__(self, other: Any) -> Step:
        return _merged("all", step_from(other), self)

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this step, for YAML and the widget."""
        out: dict[str, Any] = {"label": self.label, "where": self.condition.plain()}
        if self.link != "eventual":
            out["link"] = self.link
        for name in ("within", "after"):
            bound = plain_bound(getattr(self, name), self.limits or (), name)
            if bound is not None:
                out[name] = bound
        for name in ("without", "next_among"):
            if getattr(self, name) is not None:
                out[name] = getattr(self, name).plain()
        return out

    def in_words(self) -> str:
        """Condition and limits in one phrase."""
        return ", ".join([str(self.condition), *self.link_in_words()])

    def link_in_words(self) -> list[str]:
        """How it hangs on the step before: neighbour, limits, and what may not lie between."""
        parts = []
        if self.link == "next":
            parts.append(
                message("as the next event among {condition}", condition=self.next_among)
                if self.next_among
                else message("as the next event")
            )
        limits = self.limits or ()
        for bound in (self.after, *(item for item in limits if item.bound == "after")):
            if bound:
                parts.append(message("after {time} at the earliest", time=bound.in_words()))
        for bound in (self.within, *(item for item in limits if item.bound == "within")):
            if bound is not None:
                parts.append(message("within {time}", time=bound.in_words()))
        if self.without:
            parts.append(message("without {condition} in between", condition=self.without))
        return parts


def step(
    label: str | None = None,
    *,
    where: Mapping[str, Any] | Condition | None = None,
    link: str = "eventual",
    within: str | timedelta | Duration | Sequence[Any] | None = None,
    after: str | timedelta | Duration | Sequence[Any] | None = None,
    without: Any = None,
    next_among: Any = None,
    **dimensions: Any,
) -> Step:
    """Describe one step of a journey.

    Parameters
    ----------
    label : str, optional
        What the reader sees; the condition in words when left out. A label alone is an event name.
    where : mapping or Condition, optional
        The condition in its plain form, for names that are no Python names.
    link : {"eventual", "next"}
        Whether other rows may lie between this step and the one before.
    within, after : str or list of str, optional
        Limits on the gap to the step before, such as ``"24h"``; inclusive. In the steps of a
        segment also ``"13 months"``, ``"3 events"``, ``"1 session"``, ``"2 values of page"``, or
        a list of one of each.
    without : str or mapping, optional
        A condition that no row between the two steps may meet.
    next_among : str or mapping, optional
        With ``link="next"``: which rows count as neighbours (``{"page": {"exists": True}}``).
    **dimensions
        ``event="mql_qualified"``, ``channel=["web", "email"]``, ``amount={">=": 1000}``.

    Notes
    -----
    Source: journeys-fallout.md, sections 0.3 and 1; journeys-attribution-and-segments.md, B1, B2.
    """
    if link not in LINKS:
        raise ArgumentError.of("link", link, LINKS)
    parts = [condition_from(where, "where")] if where is not None else []
    if dimensions:
        parts.append(condition_from(dimensions, "step"))
    if not parts:
        if not label:
            raise ArgumentError.of(
                "label", label, message("an event name, or event=… or another dimension")
            )
        parts = [condition_from(str(label))]
    if next_among is not None and link != "next":
        raise ArgumentError.of("next_among", next_among, message("only together with link='next'"))
    condition = joined("all", parts)
    longest, most = bounds_from(within, "within")
    shortest, least = bounds_from(after, "after")
    if longest is not None and shortest is not None and shortest > longest:
        raise ArgumentError.of(
            "after",
            after,
            message("at most within={limit}", limit=repr(within)),
            message("No row could ever meet both limits."),
        )
    check_window((*most, *least))
    return Step(
        str(label or condition),
        condition,
        link,
        longest,
        shortest,
        None if without is None else condition_from(without, "without"),
        None if next_among is None else condition_from(next_among, "next_among"),
        (*most, *least) or None,
    )


def combine(*parts: Any, label: str | None = None, logic: str | None = None) -> Step:
    """Drop several items onto one touchpoint.

    Items of the same dimension and events are alternatives; different dimensions, segments and
    ranges of dates must hold together; `logic` (``"and"`` or ``"or"``) overrides.

    Notes
    -----
    Source: journeys-fallout.md, section 1, combination logic.
    """
    if not parts:
        raise ArgumentError.of(
            "parts", parts, message("one or more event names, mappings or steps")
        )
    steps = [step_from(part) for part in parts]
    condition = combined([item.condition for item in steps], logic)
    return replace(_limits_of(steps), label=label or str(condition), condition=condition)


def _merged(kind: str, first: Step, second: Step) -> Step:
    word = message(" or ") if kind == "any" else message(" and ")
    return replace(
        _limits_of([first, second]),
        label=f"{first.label}{word}{second.label}",
        condition=joined(kind, [first.condition, second.condition]),
    )


def _limits_of(steps: list[Step]) -> Step:
    """The step whose link and limits hold for all of them; a touchpoint has one link only."""
    given = {tuple(getattr(item, name) for name in LIMITS): item for item in reversed(steps)}
    given.pop(("eventual", None, None, None, None, None), None)
    if len(given) > 1:
        raise ArgumentError.of(
            "steps",
            [item.in_words() for item in given.values()],
            message("parts with the same link and limits, or limits on one of them"),
            message("A touchpoint hangs on the step before it by one link."),
        )
    return next(iter(given.values()), steps[0])


def step_from(value: Any) -> Step:
    """Read a step from an event name, a mapping or a `Step`."""
    if isinstance(value, Step):
        return value
    if isinstance(value, str):
        return step(value)
    if isinstance(value, Mapping):
        options = {str(k): v for k, v in value.items() if k in OPTIONS}
        dimensions = {str(k): v for k, v in value.items() if k not in OPTIONS}
        if "where" in options and dimensions:
            raise ArgumentError.of(
                "step",
                sorted(dimensions),
                message("beside 'where' only {options}", options=", ".join(OPTIONS)),
            )
        if dimensions:
            options["where"] = dimensions
        return step(**options)
    return Step(str(condition_from(value, "step")), condition_from(value, "step"))


def steps_from(values: Sequence[Any], argument: str = "steps") -> tuple[Step, ...]:
    """Read the steps of a journey, with labels made unique in order."""
    if isinstance(values, str | Mapping) or not isinstance(values, Sequence) or not values:
        raise ArgumentError.of(argument, values, message("a list of one or more steps"))
    if len(values) > MAXIMUM_STEPS:
        raise ArgumentError.of(
            argument,
            message("{n} steps", n=len(values)),
            message("at most {n}", n=MAXIMUM_STEPS),
        )
    seen: set[str] = set()
    steps = []
    for value in values:
        read = step_from(value)
        label, number = read.label, 1
        while label in seen:
            number += 1
            label = f"{read.label} ({number})"
        seen.add(label)
        steps.append(read if label == read.label else replace(read, label=label))
    return tuple(steps)
