"""Segments as sentences, nested containers and sequences written out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import marked, message
from workbench.vocabulary.conditions import Condition, InSegment, Logic
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.wholes import Each, Total

if TYPE_CHECKING:
    from workbench.vocabulary.segments import Segment
    from workbench.vocabulary.steps import Step

_ONE = {
    "event": marked("an event"),
    "session": marked("a session"),
    "person": marked("a person"),
    "opportunity": marked("an opportunity"),
    "buying_group": marked("a buying group"),
    "account": marked("an account"),
    "global_account": marked("a global account"),
}


def spoken(condition: Condition) -> str:
    """A condition as a phrase; a segment in it is written out instead of named."""
    if isinstance(condition, InSegment):
        one = condition.segment
        if one.stack:
            return spoken_segment(one)
        return _with(message(_ONE[one.scope]), one)
    if isinstance(condition, Each):
        return message(
            "each of {conditions}", conditions=", ".join(map(_bracketed, condition.parts))
        )
    if isinstance(condition, Total) and condition.where is not None:
        number = str(Total(condition.kind, condition.of, None, condition.bounds))
        return message(
            "{number} with {condition}", number=number, condition=spoken(condition.where)
        )
    if not isinstance(condition, Logic):
        return str(condition)
    if condition.kind == "not":
        return message("not ({condition})", condition=spoken(condition.parts[0]))
    word = message(" and ") if condition.kind == "all" else message(" or ")
    return word.join(
        _bracketed(part) if isinstance(part, Logic | InSegment) else spoken(part)
        for part in condition.parts
    )


def _bracketed(condition: Condition) -> str:
    return f"({spoken(condition)})"


def spoken_step(step: Step) -> str:
    """A step as a phrase: what must happen, and in brackets how it hangs on the step before."""
    what = spoken(step.condition)
    link = step.link_in_words()
    return f"{what} ({', '.join(link)})" if link else what


def spoken_sequence(segment: Segment) -> str:
    """The steps of a segment with what limits the whole of them."""
    text = message(" then ").join(
        _bracketed(item.condition) if _many(item) else spoken_step(item) for item in segment.steps
    )
    parts = [text]
    if segment.total_within is not None:
        parts.append(message("all within {time}", time=segment.total_within.in_words()))
    if segment.without_before is not None:
        parts.append(
            message("without {condition} before", condition=spoken(segment.without_before))
        )
    if segment.without_after is not None:
        said = spoken(segment.without_after)
        parts.append(
            message("without {condition} after the first time", condition=said)
            if segment.anchor == "first"
            else message("without {condition} after the last time", condition=said)
        )
    return ", ".join(parts)


def _many(step: Step) -> bool:
    """Whether a step needs brackets among others: it joins several things and has no link."""
    return isinstance(step.condition, Logic | InSegment) and not step.link_in_words()


def spoken_segment(segment: Segment) -> str:
    """The definition as one sentence part."""
    if segment.stack:
        parts = [f"({spoken_segment(part)})" for part in segment.stack]
        return message("rows in all of {segments}", segments=", ".join(parts))
    text = _with(container_named(segment.scope).plural, segment)
    if segment.part == "before":
        text += message("; only their rows up to the beginning of the last time")
    if segment.part == "after":
        text += message("; only their rows from the end of the first time on")
    return text


def _with(who: str, segment: Segment) -> str:
    parts = [] if segment.where is None else [spoken(segment.where)]
    if segment.steps:
        parts.append(spoken_sequence(segment))
    values = {"containers": who, "condition": message(" and ").join(parts)}
    if segment.exclude:
        return message("{containers} without {condition}", **values)
    return message("{containers} with {condition}", **values)
