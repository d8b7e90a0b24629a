"""What is said about customers that could buy more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.journeys.growth.contracts import looks_back
from workbench.journeys.growth.signals import ITEM, SEATS, USE
from workbench.messages import message, message_of_count
from workbench.money import rule_in_words
from workbench.results import numbers
from workbench.results.intervals import SMALL_GROUP

if TYPE_CHECKING:
    from workbench.journeys.growth.result import Growth


def headline(result: Growth) -> str:
    """How many customers show a reason to grow, and which."""
    total = len(result.frame)
    if not total:
        return message("There are no customers, so nobody could buy more.")
    chosen = int((result.frame["signals"] > 0).sum())
    if not chosen:
        return message("0 of {n} customers show a reason to grow", n=numbers.count(total))
    counts = result.signals.drop_duplicates(["key", "signal"])["signal"].value_counts()
    parts = []
    if counts.get(USE):
        parts.append(message("{n} use more", n=numbers.count(counts[USE])))
    if counts.get(SEATS):
        parts.append(message("{n} are near their seats", n=numbers.count(counts[SEATS])))
    if counts.get(ITEM):
        parts.append(
            message("{n} lack what comparable customers own", n=numbers.count(counts[ITEM]))
        )
    return message(
        "{n} of {total} customers, {share}, show a reason to grow: {parts}",
        n=numbers.count(chosen),
        total=numbers.count(total),
        share=numbers.share(chosen / total),
        parts=", ".join(parts),
    )


def reading(result: Growth) -> str:
    """What the cells say; how many rises chance alone would show."""
    out = [
        message(
            "Each line is a customer, each cell a reason with its counts; blue cells are reasons "
            "to sell, grey ones only inform. Most reasons on top."
        )
    ]
    states = result.found.customers["usage"]
    compared = int(states.isin(["rising", "steady", "falling"]).sum())
    if compared:
        out.append(
            message(
                "Use of {n} customers was compared; by chance alone up to {k} of them would look "
                "rising.",
                n=numbers.count(compared),
                k=numbers.significant(max(0.025 * compared, 0.1), 2),
            )
        )
    if 0 < len(result.frame) < SMALL_GROUP:
        out.append(message("Fewer than {n} customers: shares jump with each.", n=SMALL_GROUP))
    return " ".join(out)


def notes(result: Growth) -> tuple[str, ...]:
    """What a reader must know of the tables."""
    out = []
    if result.currency and result.found.customers["open_amount"].notna().any():
        rule = rule_in_words(result.question.workspace)
        out.append(
            message("Amounts are in {currency}, {rule}.", currency=result.currency, rule=rule)
        )
    if looks_back(result.question):
        out.append(
            message(
                "The data know more than this time: marks of customers and ends of contracts that "
                "came later are left out."
            )
        )
    marks = int((result.found.customers["customer_by"] == "mark").sum())
    if marks:
        out.append(
            message_of_count(
                "{count} account is a customer by a mark of the source system alone.",
                "{count} accounts are customers by a mark of the source system alone.",
                marks,
            )
        )
    return tuple(out)


def definitions(result: Growth) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message(
            "Customer: a running contract, else an opportunity won after the last contract ended, "
            "else a mark of the source system."
        ),
        message(
            "Rising or falling use: the last {weeks} weeks and the {weeks} before differ by a "
            "fifth or more, and the ranks of the weeks differ (p < 0.05), so that one loud week "
            "makes no trend.",
            weeks=question.weeks,
        ),
        message(
            "Seats near the limit: the median of the people who use it is {share} of the seats or "
            "more.",
            share=numbers.share(question.near_limit),
        ),
        message(
            "Owned: used in the last {span}, or in a won opportunity. Suggested: not owned, while "
            "at least {share} of the comparable customers own it; comparable are those of the same "
            "{column}, or all customers where these are fewer than {least}.",
            span=question.owned_within.in_words(),
            share=numbers.share(question.comparable_share),
            column=(question.comparable_by or message("workspace")).replace("_", " "),
            least=question.least_comparable,
        ),
        message(
            "Nothing is suggested to customers younger than {weeks} weeks.",
            weeks=2 * question.weeks,
        ),
    ]
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.segment:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    return out
