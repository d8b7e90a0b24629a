"""What a cohort table says: its headline and the headers that name the denominators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.cohort.question import Question
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.results.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from workbench.journeys.cohort.result import Cohort

UNITS = {
    "day": marked("Day"),
    "week": marked("Week"),
    "month": marked("Month"),
    "quarter": marked("Quarter"),
    "year": marked("Year"),
}
_PLACES = {
    "day": marked("day {offset}"),
    "week": marked("week {offset}"),
    "month": marked("month {offset}"),
    "quarter": marked("quarter {offset}"),
    "year": marked("year {offset}"),
}
_EVERY = {
    "day": marked("in every day up to {offset}"),
    "week": marked("in every week up to {offset}"),
    "month": marked("in every month up to {offset}"),
    "quarter": marked("in every quarter up to {offset}"),
    "year": marked("in every year up to {offset}"),
}


def offset_name(offset: int) -> str:
    """The header of a column: ``+1``, ``−2``."""
    return f"{offset:+d}".replace("-", "−")


def offset_title(question: Question) -> str:
    """What the columns are counted in."""
    if question.age is not None:
        return message(
            "Lengths of {length} after the own inclusion", length=question.age.in_words()
        )
    unit = message(UNITS[question.granularity])
    if question.latency:
        return message("{unit} before and after inclusion", unit=unit)
    return message("{unit} after inclusion", unit=unit)


def base_title(question: Question) -> str:
    """Which containers are the denominator."""
    if question.mode == "consecutive":
        return message("In the previous column")
    if question.age is not None or question.pooled:
        return message("Of them long enough ago")
    return message("Of included")


def of_title(question: Question) -> str:
    """Numerator and denominator in one phrase."""
    if question.churn and question.mode == "consecutive":
        return message("Lost / in the previous column")
    if question.churn:
        return message("Not returned / included")
    if question.mode == "consecutive":
        return message("Returned / in the previous column")
    return message("Returned / included")


def share_title(question: Question) -> str:
    """What the share is of."""
    if question.mode == "consecutive":
        return (
            message("Lost, of previous column")
            if question.churn
            else message("Share of previous column")
        )
    return message("Lost, of included") if question.churn else message("Share of included")


def axis_title(question: Question) -> str:
    """Unit and denominator of the columns of the picture."""
    return f"{offset_title(question)} · {share_title(question)}"


def focus(result: Cohort) -> int | None:
    """The column that the headline speaks of; None where no cell is finished.

    The first one, or with mode cumulative the last that half of its containers have reached.
    """
    known = result.averages[result.averages["base"] > 0].set_index("offset")["base"]
    later = known[known.index >= 1] if (known.index >= 1).any() else known[known.index >= 0]
    if later.empty:
        return None
    if result.question.mode != "cumulative":
        return int(later.index[0])
    return int(later[later >= later.iloc[0] / 2].index[-1])


def _usable(result: Cohort, offset: int) -> pd.DataFrame:
    frame = result.frame[result.frame["offset"] == offset].dropna(subset="share")
    return frame if result.question.partial_in_average else frame[~frame["partial"]]


def headline(result: Cohort) -> str:
    """The weighted share of one column, and the rows that lie highest and lowest."""
    question = result.question
    who, included = question.container.plural, numbers.shortened(question.inclusion.label, 60)
    if not result.containers:
        return message(
            "No {containers} met “{inclusion}” in the range, so there is nothing to follow.",
            containers=who,
            inclusion=included,
        )
    offset = focus(result)
    if offset is None:
        return message(
            "{n} {containers} met “{inclusion}”, but no later {unit} is over yet.",
            n=numbers.count(result.containers),
            containers=who,
            inclusion=included,
            unit=message(UNITS[question.granularity]).lower(),
        )
    pooled = result.averages.set_index("offset").loc[offset]
    values: dict[str, Any] = {
        "share": numbers.share(pooled["weighted_share"]),
        "n": numbers.count(pooled["counted"]),
        "base": numbers.count(pooled["base"]),
        "containers": who,
        "returning": numbers.shortened(question.returning.label, 60),
        "inclusion": included,
        "when": _when(question, offset),
    }
    text = (
        message(
            "{share} of {containers} ({n} of {base}) had no “{returning}” {when} after "
            "“{inclusion}”",
            **values,
        )
        if question.churn
        else message(
            "{share} of {containers} ({n} of {base}) had “{returning}” {when} after “{inclusion}”",
            **values,
        )
    )
    return text + _spread(result, offset)


def _when(question: Question, offset: int) -> str:
    if question.age is not None:
        days = question.age.microseconds / 86_400_000_000
        low, high = f"{(offset - 1) * days:g}", f"{offset * days:g}"
        forms = {
            "exact": marked("in days {low} to {high}"),
            "cumulative": marked("within {high} days"),
            "consecutive": marked("in every length of time up to day {high}"),
            "unbounded": marked("later than {low} days"),
        }
        return message(forms[question.mode], low=low, high=high)
    name = offset_name(offset)
    if question.mode == "consecutive":
        return message(_EVERY[question.granularity], offset=name)
    place = message(_PLACES[question.granularity], offset=name)
    forms = {
        "exact": marked("in {place}"),
        "cumulative": marked("by {place}"),
        "unbounded": marked("in {place} or later"),
    }
    return message(forms[question.mode], place=place)


def _spread(result: Cohort, offset: int) -> str:
    """The highest and lowest row of a column, where there are at least two to compare."""
    frame = _usable(result, offset)
    large = frame[frame["base"] >= SMALL_GROUP]
    if len(large) < 2 or large["share"].nunique() < 2:
        return ""
    counted = "churned" if result.question.churn else "returned"
    ends = [large.loc[large["share"].idxmin()], large.loc[large["share"].idxmax()]]
    least, most = (
        message(
            "{share} ({n} of {base}) in “{row}”",
            share=numbers.share(end["share"]),
            n=numbers.count(end[counted]),
            base=numbers.count(end["base"]),
            row=numbers.shortened(end["cohort"]),
        )
        for end in ends
    )
    return message("; from {least} to {most}", least=least, most=most)
