"""What an attribution says: its headline, how to read its picture, what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.journeys.attribution.lines import ITEM_LINE, NONE_LINE
from workbench.messages import message
from workbench.money import rule_in_words
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures

if TYPE_CHECKING:
    from workbench.journeys.attribution.result import Attribution


def credit_in_words(value: float, currency: str, by_value: bool) -> str:
    """A credit as a reader sees it: money, or a number of conversions."""
    return numbers.money(value, currency) if by_value else numbers.significant(value)


def headline(result: Attribution) -> str:
    """The item with most credit."""
    question = result.question
    what = question.conversion.label
    if not result.total:
        return message("No “{conversion}” is in scope, so there is nothing to share out.",
                       conversion=what)  # fmt: skip
    items = result.frame[result.frame["line"] == ITEM_LINE]
    if items.empty or not items["conversions"].max():
        if question.display is not None:
            return message(
                "None of the lines asked for has credit of the {total} “{conversion}”.",
                total=numbers.count(result.total),
                conversion=what,
            )
        return message(
            "None of the {total} “{conversion}” has a touch with a value of {dimension} "
            "{lookback}.",
            total=numbers.count(result.total),
            conversion=what,
            dimension=question.dimension,
            lookback=question.lookback.in_words(),
        )
    first = items.iloc[0]
    if question.by_value:
        return message(
            "“{item}” gets most credit ({model}): {n} of {total} of “{conversion}”, {share}",
            item=first["item"],
            model=question.model.label,
            n=numbers.money(first["value"], result.currency),
            total=numbers.money(result.total_value, result.currency),
            conversion=what,
            share=numbers.share(first["share_of_value"]),
        )
    return message(
        "“{item}” gets most credit ({model}): {n} of {total} “{conversion}”, {share}",
        item=first["item"],
        model=question.model.label,
        n=numbers.significant(first["conversions"]),
        total=numbers.count(result.total),
        conversion=what,
        share=numbers.share(first["share"]),
    )


def reading(result: Attribution) -> str:
    """Denominators, and what the line without touch holds."""
    question = result.question
    base = (
        message("the value of all conversions, each counted once")
        if question.by_value
        else message("all conversions, each counted once")
    )
    parts = [message("A bar is the credit of an item; percentages are of {base}.", base=base)]
    none = result.frame[result.frame["line"] == NONE_LINE]
    if len(none) and none["conversions"].iloc[0]:
        parts.append(
            message(
                "Grey: {n} of {total} conversions without any touch.",
                n=numbers.count(none["conversions"].iloc[0]),
                total=numbers.count(result.total),
            )
        )
    if question.display is not None:
        parts.append(message("Other lines are hidden; nothing was shared out anew."))
    if question.model.name == "participation" or _several(result):
        parts.append(message("Lines may add up to more than the whole."))
    if question.model.learned:
        parts.append(message("No interval is drawn: compare_models() draws containers again."))
    elif 0 < result.study.conversions.groups.size < 30:
        parts.append(
            message(
                "Only {n} {containers} converted.",
                n=numbers.count(result.study.conversions.groups.size),
                containers=question.container.plural,
            )
        )
    return " ".join(parts)


def _several(result: Attribution) -> bool:
    return result.study.items.widest > 1 and not result.question.model.learned


def definitions(result: Attribution) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message("Conversion: {words}.", words=question.conversion.in_words()),
        message(
            "Touch: an event of the same {container} with a value of {dimension}, {lookback}; "
            "the row of the conversion itself counts.",
            container=question.container.singular,
            dimension=question.dimension,
            lookback=question.lookback.in_words(),
        ),
        question.model.in_words(),
    ]
    if question.touches is not None:
        out.append(message("Touches are only events with {words}.", words=question.touches))
    if question.dedupe == "consecutive":
        out.append(message("A touch that repeats the item of the one before it is left out."))
    if question.dedupe == "unique":
        out.append(message("Only the first touch of each item in a window counts."))
    if question.period:
        out.append(message("Conversions of the period {period}; touches may lie before it.",
                           period=str(question.period)))  # fmt: skip
    if question.segment:
        out.append(message("Only conversions of {segment}.", segment=question.segment.in_words()))
    if question.value is not None:
        out.append(_value_words(result, question.value))
    if not question.model.learned:
        out.append(
            message(
                "Shares carry 95 % intervals over {containers} taken as independent (Wilson, with "
                "the number of conversions that has the variance of the share).",
                containers=question.container.plural,
            )
        )
    return out


def _value_words(result: Attribution, name: str) -> str:
    currency = result.currency
    if not currency:
        return message("Value: {name}, a plain number without currency.", name=name)
    return message(
        "Value: {name} in {currency}; other currencies are {rule}.",
        name=name,
        currency=currency,
        rule=rule_in_words(result.question.workspace),
    )


def figures(result: Attribution) -> Block:
    """Conversions, those with a touch, the largest item, and what campaigns brought."""
    question, frame = result.question, result.frame
    out: list[dict[str, Any]] = [
        {
            "label": message("Conversions"),
            **measured.count(result.total),
            "detail": question.conversion.label,
        }
    ]
    if question.by_value:
        out.append(
            {
                "label": message("Value"),
                **measured.money(result.total_value, result.currency),
                "detail": question.value or "",
            }
        )
    none = frame[frame["line"] == NONE_LINE]
    if len(none) and result.total:
        touched = result.total - float(none["conversions"].iloc[0])
        out.append(
            {
                "label": message("With a touch"),
                **measured.share(touched, result.total),
                "detail": f"{numbers.count(touched)} / {numbers.count(result.total)}",
            }
        )
    items = frame[frame["line"] == ITEM_LINE]
    if len(items) and items["conversions"].iloc[0]:
        out.append(_largest(result, items.iloc[0]))
    known = frame[(frame["line"] != NONE_LINE) & frame["cost"].notna()]
    if question.by_value and len(known) and known["cost"].sum():
        out.append(
            {
                "label": message("Value per cost of campaigns"),
                **measured.number(known["value"].sum() / known["cost"].sum()),
                "detail": f"{numbers.money(known['value'].sum(), result.currency)} / "
                f"{numbers.money(known['cost'].sum(), result.currency)}",
            }
        )
    return key_figures(out)


def _largest(result: Attribution, first: pd.Series) -> dict[str, Any]:
    by_value = result.question.by_value
    share, n, total = (
        ("share_of_value", "value", "total_value")
        if by_value
        else ("share", "conversions", "total_conversions")
    )
    shown = [credit_in_words(first[name], result.currency, by_value) for name in (n, total)]
    return {
        "label": message(
            "“{item}” ({model})", item=first["item"], model=result.question.model.label
        ),
        **measured.rate(first[share], first[f"{share}_low"], first[f"{share}_high"]),
        "detail": " / ".join(shown),
        "interval": numbers.between(first[f"{share}_low"], first[f"{share}_high"]),
    }
