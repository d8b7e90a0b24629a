"""What a survival analysis says: headline, reading help, definitions, honest medians."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.journeys.scoping import OTHER
from workbench.journeys.survival.question import COHORT
from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.results.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from workbench.journeys.survival.result import Survival


def headline(result: Survival) -> str:
    """The median, or the share at the horizon and why there is no median; or the difference."""
    groups, question = result.groups, result.question
    who = question.container.plural
    if not groups["entered"].sum():
        return message(
            "No {containers} met “{entered}” in the range, so there is nothing to follow.",
            containers=who,
            entered=numbers.shortened(question.entered.label, 60),
        )
    if len(groups) > 1:
        return _between_groups(result)
    line = groups.iloc[0].to_dict()
    if line["won"] == 0:
        return message(
            "None of {n} {containers} met “{won}” yet: {open} are still open, {lost} lost, and the "
            "longest was followed for {days}",
            n=numbers.count(line["entered"]),
            containers=who,
            won=numbers.shortened(question.won.label, 60),
            open=numbers.count(line["open"]),
            lost=numbers.count(line["lost"]),
            days=numbers.days(line["followed_days"]),
        )
    values = {
        "n": numbers.count(line["entered"]),
        "containers": who,
        "won": numbers.shortened(question.won.label, 60),
        "entered": numbers.shortened(question.entered.label, 60),
        "share": _share(line),
        "horizon": numbers.days(line["horizon_days"]),
    }
    if not numbers.absent(line["median_days"]):
        return message(
            "Half of {n} {containers} have “{won}” within {median} of “{entered}”",
            median=median_of(line),
            **values,
        )
    return message(
        "{share} of {n} {containers} have “{won}” within {horizon} of “{entered}”; fewer than half "
        "had it within {followed}, so there is no median",
        followed=numbers.days(line["followed_days"]),
        **values,
    )


def _share(line: Mapping[str, Any], at: str = "share_won") -> str:
    """The share at the horizon, or at the end where nobody was followed so long."""
    if numbers.absent(line[at]):
        return numbers.share(line["last_share"])
    interval = numbers.between(line["share_low"], line["share_high"])
    return f"{numbers.share(line[at])} ({interval})"


def _between_groups(result: Survival) -> str:
    known = result.groups.dropna(subset="share_won")
    known = known[(known["entered"] > 0) & (known["group"] != OTHER)]
    overall = result.tests.iloc[0]
    horizon = numbers.days(result.horizon_days)
    if len(known) < 2:
        return message(
            "Fewer than two groups were followed for {horizon}, so they cannot be compared.",
            horizon=horizon,
        )
    large = known[known["entered"] >= SMALL_GROUP]
    ranked = (large if len(large) > 1 else known).sort_values("share_won", ascending=False)
    best, least = ranked.iloc[0].to_dict(), ranked.iloc[-1].to_dict()
    values = {
        "won": numbers.shortened(result.question.won.label, 60),
        "horizon": horizon,
        "best": numbers.shortened(str(best["group"]), 60),
        "best_share": _share(best),
        "a": numbers.count(best["entered"]),
        "least": numbers.shortened(str(least["group"]), 60),
        "least_share": _share(least),
        "b": numbers.count(least["entered"]),
        "p": numbers.chance(overall["p_value"]),
    }
    if numbers.absent(overall["p_value"]):
        return message(
            "“{won}” within {horizon}: {best_share} in “{best}” (n = {a}), {least_share} in "
            "“{least}” (n = {b}); the groups cannot be tested",
            **values,
        )
    if overall["p_value"] < 0.05:
        return message(
            "“{won}” comes at different speeds: within {horizon} {best_share} in “{best}” "
            "(n = {a}) against {least_share} in “{least}” (n = {b}); log-rank p {p}",
            **{**values, "p": _p(overall["p_value"])},
        )
    return message(
        "No clear difference in speed (log-rank p {p}): within {horizon} “{won}” has {best_share} "
        "in “{best}” (n = {a}) and {least_share} in “{least}” (n = {b})",
        **{**values, "p": _p(overall["p_value"])},
    )


def _p(value: float) -> str:
    text = numbers.chance(value)
    return text if text.startswith("<") else f"= {text}"


def chance_of(value: Any) -> str:
    """A p-value of a table, or a dash."""
    return numbers.chance(value)


def median_of(line: Mapping[str, Any]) -> str:
    """A median with its interval, or why there is none."""
    if not line["entered"]:
        return numbers.NOTHING
    if numbers.absent(line["median_days"]):
        return message(
            "none: fewer than half within {days}", days=numbers.days(line["followed_days"])
        )
    low, high = numbers.days(line["median_low"]), numbers.days(line["median_high"])
    median = numbers.days(line["median_days"])
    if numbers.absent(line["median_high"]):
        return message("{median} (from {low}, no upper end yet)", median=median, low=low)
    return message("{median} ({low} to {high})", median=median, low=low, high=high)


def reading(result: Survival) -> str:
    """What open ones, losses and intervals mean, and what was tested."""
    from workbench.journeys.survival.chart import FEW

    parts = [
        message(
            "Those still open count as open for as long as they were followed, not as lost; bands "
            "are pointwise 95 % intervals."
        )
    ]
    if result.question.lost is not None:
        parts.append(
            message(
                "The share is of all that entered: what is lost cannot be won any more "
                "(Aalen–Johansen)."
            )
        )
    else:
        parts.append(message("The share is one minus the Kaplan–Meier curve."))
    number = len(result.followed.labels)
    if number > 1:
        parts.append(
            message(
                "Speeds are compared by the log-rank test, in which losses leave unfinished; it "
                "sees little where curves cross."
            )
        )
    if number > 2:
        parts.append(
            message(
                "{n} comparisons of one group against all others are adjusted together (Holm).",
                n=number,
            )
        )
    if number > FEW:
        parts.append(
            message("Thin lines are the groups, the later ones darker; the strong line is all.")
        )
    groups = result.groups
    small = groups[(groups["entered"] > 0) & (groups["entered"] < SMALL_GROUP)]
    if len(small):
        names = ", ".join(numbers.shortened(str(name), 40) for name in small["group"][:6])
        more = message(" and {n} more", n=len(small) - 6) if len(small) > 6 else ""
        parts.append(
            message("Fewer than {n} in: {groups}{more}.", n=SMALL_GROUP, groups=names, more=more)
        )
    late = int(groups["share_won"].isna().sum())
    if late and number > 1:
        parts.append(
            message_of_count(
                "{count} group was not followed for {horizon}.",
                "{count} groups were not followed for {horizon}.",
                late,
                horizon=numbers.days(result.horizon_days),
            )
        )
    return " ".join(parts)


def definitions(result: Survival) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message("Entered: {words}; the first time counts.", words=question.entered.in_words()),
        message("Won: {words}, after that.", words=question.won.in_words()),
    ]
    if question.lost is not None:
        out.append(
            message(
                "Lost: {words}, after that; the first outcome decides, at one instant winning.",
                words=question.lost.in_words(),
            )
        )
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment is not None:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    if question.by == COHORT:
        out.append(message("Groups are buckets of entry in the reporting zone."))
    elif question.by is not None:
        out.append(
            message(
                "Groups are values of {name}, on the entering row where they change.",
                name=question.by,
            )
        )
    out.append(
        message(
            "A median is the day by which half of all that entered are won; it is not told where "
            "the curve does not reach one half."
        )
    )
    return out


def group_title(result: Survival) -> str:
    """Header of the column of groups."""
    by = result.question.by
    if by == COHORT:
        return message("Entered in")
    return by or message("Group")


def name_of_won(result: Survival) -> str:
    """Header of the outcome."""
    return numbers.shortened(result.question.won.label, 40)


def name_of_lost(result: Survival) -> str:
    """Header of the competing outcome."""
    return numbers.shortened(result.question.lost.label, 40) if result.question.lost else ""


def horizon_title(result: Survival) -> str:
    """Header of the share at the horizon, with its denominator."""
    return message("Within {days}, of all that entered", days=numbers.days(result.horizon_days))


def figures(result: Survival) -> Block:
    """Entered, median, share at the horizon, still open: of all groups together."""
    from dataclasses import replace

    from workbench.journeys.survival.ask import answer

    question = result.question
    whole = result if question.by is None else answer(replace(question, by=None))
    line = whole.groups.iloc[0].to_dict()
    absent = numbers.absent(line["median_days"])
    median_detail = (
        median_of(line)
        if absent
        else message(
            "{low} to {high}",
            low=numbers.days(line["median_low"]),
            high=numbers.days(line["median_high"]),
        )
    )
    return key_figures(
        [
            {
                "label": message("Entered {containers}", containers=question.container.plural),
                **measured.count(line["entered"]),
                "detail": question.entered.label,
            },
            {
                "label": message("Half of all within"),
                **measured.days(line["median_days"]),
                "detail": median_detail,
            },
            {
                "label": horizon_title(whole),
                **measured.rate(line["share_won"], line["share_low"], line["share_high"]),
                "detail": numbers.between(line["share_low"], line["share_high"]),
            },
            {
                "label": message("Still open"),
                **measured.count(line["open"]),
                "detail": message("of {n}", n=numbers.count(line["entered"])),
            },
        ]
    )
