"""What a fallout says: its headline, how to read its picture, what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.journeys.scoping import everyone_label
from workbench.messages import message, message_of_count
from workbench.results import numbers

if TYPE_CHECKING:
    from workbench.journeys.fallout.result import Fallout


def headline(result: Fallout) -> str:
    """The largest fall between two steps of the first group."""
    first = result.frame[result.frame["group"] == result.groups[0].name]
    who = result.question.container.plural
    if not first["start"].iloc[0]:
        return message(
            "No {containers} are in scope, so there is nothing to count.", containers=who
        )
    if len(result.groups) > 1:
        return _headline_of_groups(result)
    position = result.worst_step()
    worst = first[first["position"] == position]
    if worst.empty or not worst["fell_out"].iloc[0]:
        last = first.iloc[-1]
        return message(
            "Nobody falls out: {n} of {previous} {containers} reach “{step}”",
            n=numbers.count(last["reached"]),
            previous=numbers.count(last["previous"]),
            containers=who,
            step=last["step"],
        )
    still_open = result.still_open(position)
    previous = int(worst["previous"].iloc[0])
    lost = int(worst["fell_out"].iloc[0]) - still_open
    before = first[first["position"] == position - 1]
    if not lost:
        return message(
            "Nobody is lost yet: {n} of {previous} {containers} may still get from “{before}” to "
            "“{step}”",
            n=numbers.count(still_open),
            previous=numbers.count(previous),
            containers=who,
            before=before["step"].iloc[0] if len(before) else "",
            step=worst["step"].iloc[0],
        )
    text = message(
        "Most {containers} fall out between “{before}” and “{step}”: {lost} of {previous}, {share}",
        containers=who,
        before=before["step"].iloc[0] if len(before) else "",
        step=worst["step"].iloc[0],
        lost=numbers.count(lost),
        previous=numbers.count(previous),
        share=numbers.share(lost / previous),
    )
    if still_open:
        text += message_of_count(
            " ({count} more is still open)", " ({count} more are still open)", still_open
        )
    return text


def _headline_of_groups(result: Fallout) -> str:
    last = result.frame[result.frame["position"] == len(result.labels)]
    last = last.dropna(subset="share_of_start")
    if last.empty or last["share_of_start"].nunique() < 2:
        return message(
            "“{step}” is reached equally often in all groups ({share})",
            step=result.labels[-1],
            share=numbers.share(last["share_of_start"].max() if len(last) else None),
        )
    best = last.loc[last["share_of_start"].idxmax()]
    least = last.loc[last["share_of_start"].idxmin()]
    return message(
        "“{step}” is reached most in “{best}” ({best_share}, {a} of {b}) and least in "
        "“{least}” ({least_share}, {c} of {d})",
        step=best["step"],
        best=best["group"],
        best_share=numbers.share(best["share_of_start"]),
        a=numbers.count(best["reached"]),
        b=numbers.count(best["start"]),
        least=least["group"],
        least_share=numbers.share(least["share_of_start"]),
        c=numbers.count(least["reached"]),
        d=numbers.count(least["start"]),
    )


def reading(result: Fallout) -> str:
    """Denominators, limits, and how open entries are shown."""
    question = result.question
    base = everyone_label(question.container.plural) if question.baseline else result.labels[0]
    parts = [
        message(
            "A bar is the number of {containers} that reached the step; percentages are of the "
            "step before and, in brackets, of “{base}”.",
            containers=question.container.plural,
            base=base,
        )
    ]
    if result.limited:
        parts.append(
            message(
                "Lighter bars: entered too recently for the limits to have run out, so not "
                "lost yet."
            )
        )
    small = [g.name for g in result.groups if 0 < np.count_nonzero(g.counted) < 30]
    if small:
        parts.append(message("Fewer than 30 in: {groups}.", groups=", ".join(small)))
    return " ".join(parts)


def definitions(result: Fallout) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message("Step {n}, {label}: {words}.", n=n, label=item.label, words=item.in_words())
        for n, item in enumerate(question.steps, start=1)
    ]
    if question.total_within:
        out.append(
            message(
                "Every step lies within {span} of step 1.",
                span=question.total_within.in_words(),
            )
        )
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    out += [f"{item.name}: {item.in_words()}." for item in question.compare]
    if question.same:
        out.append(message("All steps share one value of {name}.", name=question.same))
    if question.count == "attempts":
        out.append(message("Attempts are counted, without overlap, each taking the next row."))
    out.append(
        message(
            "A container reaches a step when any choice of its events meets all conditions; "
            "shares carry 95 % Wilson intervals."
        )
    )
    return out
