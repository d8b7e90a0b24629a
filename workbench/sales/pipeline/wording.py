"""What is said about the open pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import marked, message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.sales.pipeline.chart import MOST_GROUPS

if TYPE_CHECKING:
    from workbench.sales.pipeline.result import Pipeline

_CHANCES = {
    "record": marked("the probability of the deal itself"),
    "stage": marked("the default probability of its stage"),
    "score": marked("its newest score / 100"),
}


def headline(result: Pipeline) -> str:
    """What is open, what it weighs, and how it covers the target."""
    line, money = result.total, result.currency
    said = _opened(result)
    if line["target_state"] == "met":
        return message(
            "{open}; the target is met: {won} won of {target}",
            open=said,
            won=numbers.money(line["won_amount"], money),
            target=numbers.money(line["target"], money),
        )
    if line["target_state"] == "open" and not line["rest_deals"]:
        return message(
            "{open}; nothing is to close in the rest of the period, {to_win} of {target} are still "
            "to win",
            open=said,
            to_win=numbers.money(line["to_win"], money),
            target=numbers.money(line["target"], money),
        )
    if line["target_state"] == "open":
        return message(
            "{open}; {rest} for the rest of the period cover the {to_win} still to win "
            "{coverage} times",
            open=said,
            rest=numbers.money(line["rest_amount"], money),
            to_win=numbers.money(line["to_win"], money),
            coverage=f"{line['coverage']:,.2f}",
        )
    return said


def _opened(result: Pipeline) -> str:
    line, money = result.total, result.currency
    deals = message_of_count(
        "{count} open opportunity", "{count} open opportunities", int(line["open_deals"])
    )
    if not line["open_deals"]:
        return message("0 of {n} opportunities are open in this period",
                       n=numbers.count(result.scope.events))  # fmt: skip
    priced = int(line["open_deals"] - line["without_amount"] - line["without_rate"])
    if not priced:
        return message("{deals}, none with a usable amount", deals=deals)
    if not line["weighted_deals"]:
        return message("{deals} worth {amount}", deals=deals,
                       amount=numbers.money(line["open_amount"], money))  # fmt: skip
    return message(
        "{deals} worth {amount}, {weighted} by their chances",
        deals=deals,
        amount=numbers.money(line["open_amount"], money),
        weighted=numbers.money(line["weighted_amount"], money),
    )


def reading(result: Pipeline) -> str:
    """What the bars are, and what is not in them."""
    line = result.total
    out = [
        message("Each bar is a group of open opportunities: the whole of it, and within it its "
                "weight.")
        if result.question.by
        else message("Each bar is a month of expected close, its parts are stages.")
    ]  # fmt: skip
    groups = int((result.frame["open_deals"].iloc[1:] > 0).sum())
    if groups > MOST_GROUPS:
        out.append(
            message("The {n} largest of {total} groups are drawn.", n=MOST_GROUPS, total=groups)
        )
    if line["without_amount"]:
        out.append(
            message(
                "{n} of {total} open opportunities have no amount: they are counted and add 0.",
                n=numbers.count(line["without_amount"]),
                total=numbers.count(line["open_deals"]),
            )
        )
    if line["past_due_deals"]:
        out.append(
            message(
                "The expected close of {n} of {total} has passed.",
                n=numbers.count(line["past_due_deals"]),
                total=numbers.count(line["open_deals"]),
            )
        )
    return " ".join(out)


def notes(result: Pipeline) -> tuple[str, ...]:
    """What a reader must know of the tables."""
    out, counts = [result.question.money_note()], result.counts
    if result.question.looks_back:
        out.append(result.question.quality_note())
    if result.question.range and counts.masks["without_close_date"].any():
        out.append(
            message_of_count(
                "{count} open opportunity has no expected close and lies in no period.",
                "{count} open opportunities have no expected close and lie in no period.",
                int(counts.masks["without_close_date"].sum()),
            )
        )
    for line in result.missing_rates.itertuples():
        out.append(
            message(
                "No rate for {currency}: {n} with {amount} are not in the sums.",
                currency=line.currency,
                n=message_of_count("{count} opportunity", "{count} opportunities", line.deals),
                amount=numbers.money(line.own_amount, line.currency),
            )
        )
    lacking = int(counts.masks["without_probability"].sum())
    if lacking:
        out.append(
            message_of_count(
                "{count} open opportunity has an amount and no probability: it weighs nothing.",
                "{count} open opportunities have an amount and no probability: they weigh nothing.",
                lacking,
            )
        )
    if counts.masks["omitted"].any():
        out.append(
            message_of_count(
                "{count} open opportunity of the category Omitted is open but not weighted.",
                "{count} open opportunities of the category Omitted are open but not weighted.",
                int(counts.masks["omitted"].sum()),
            )
        )
    return (*out, *result.targets.notes)


def definitions(result: Pipeline) -> list[str]:
    """The rules in sentences."""
    asked = result.question.range
    return [
        message(
            "Open pipeline: open as of {day}, {period}.",
            day=numbers.day(result.question.as_of, result.question.zone),
            period=message("with an expected close in {range}", range=asked.in_words())
            if asked
            else message("whatever its expected close"),
        ),
        message(
            "Weighted pipeline: amount times {rule}, without the forecast category Omitted.",
            rule=message(_CHANCES[result.probability]),
        ),
        message(
            "Coverage: open pipeline that is to close in the rest of the period / (target − won so "
            "far)."
        ),
        *result.question.sentences(),
    ]


def figures(result: Pipeline) -> Block:
    """Three to five numbers for the head of a page."""
    line, money = result.total, result.currency
    states = {
        "met": message("met"),
        "open": numbers.significant(line["coverage"]),
        "none": numbers.NOTHING,
    }
    unpriced = line["without_amount"] + line["without_rate"]
    known = not line["open_deals"] or unpriced < line["open_deals"]
    out = [
        {
            "label": message("Open pipeline"),
            **measured.money(line["open_amount"] if known else None, money),
            "detail": message_of_count(
                "{count} opportunity", "{count} opportunities", int(line["open_deals"])
            ),
        },
        {
            "label": message("Weighted pipeline"),
            **measured.money(line["weighted_amount"] if known else None, money),
            "detail": message_of_count(
                "{count} opportunity", "{count} opportunities", int(line["weighted_deals"])
            ),
        },
        {
            "label": message("Won in the period"),
            **measured.money(line["won_amount"], money),
            "detail": message_of_count(
                "{count} opportunity", "{count} opportunities", int(line["won_deals"])
            ),
        },
    ]
    if line["target_state"] != "none":
        out.append(
            {
                "label": message("Coverage of the target"),
                "value": states[line["target_state"]],
                "raw": measured.number(line["coverage"])["raw"],
                "detail": message(
                    "{rest} open for the rest / {to_win} still to win",
                    rest=numbers.money(line["rest_amount"], money),
                    to_win=numbers.money(line["to_win"], money),
                ),
            }
        )
    return key_figures(out)
