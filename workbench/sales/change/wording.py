"""Sentences of a change of the pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.sales.catalogue import OPEN
from workbench.sales.change.sides import marked_columns
from workbench.sales.history import QUALITIES

if TYPE_CHECKING:
    from workbench.sales.change.result import PipelineChange

_CAUSES = ("new", "moved_in", "reopened", "increased", "decreased", "moved_out", "won", "lost",
           "deleted", "fx")  # fmt: skip


def amount(result: PipelineChange, value: float) -> str:
    """An amount with its currency."""
    return numbers.money(value, result.currency)


def headline(result: PipelineChange) -> str:
    """How the open pipeline changed, and what changed it most."""
    bars = result.bars
    start, end = bars.loc["start"], bars.loc["end"]
    if not bars["deals"].sum():
        return message(
            "No deal was open in this period at either instant, {span}.",
            span=result.question.span(),
        )
    said = {
        "span": result.question.span(),
        "first": amount(result, start["amount"]),
        "deals": message_of_count("{count} deal", "{count} deals", int(start["deals"])),
        "last": amount(result, end["amount"]),
        "rest": message_of_count("{count} deal", "{count} deals", int(end["deals"])),
    }
    difference = end["amount"] - start["amount"]
    if difference > 0:
        text = message(
            "Open pipeline rose from {first} ({deals}) to {last} ({rest}), {span}",
            **said,
        )
    elif difference < 0:
        text = message(
            "Open pipeline fell from {first} ({deals}) to {last} ({rest}), {span}",
            **said,
        )
    else:
        text = message(
            "Open pipeline stayed at {last} ({deals} before, {rest} now), {span}", **said
        )
    return text + _cause(result) + "."


def _cause(result: PipelineChange) -> str:
    effects = result.bars.loc[list(_CAUSES), "effect"]
    if not effects.abs().max():
        return ""
    most = result.bars.loc[str(effects.abs().idxmax())]
    return message(
        "; most by: {bar}, {amount} ({deals})",
        bar=str(most["label"]).lower(),
        amount=amount(result, most["amount"]),
        deals=message_of_count("{count} deal", "{count} deals", int(most["deals"])),
    )


def reading(result: PipelineChange) -> str:
    """How the waterfall is to be read."""
    currency = result.currency or message("no currency named")
    text = message(
        "Of {deals}: start plus what came in, less what went out, is the end, to the cent. "
        "Amounts in {currency}, {rule}.",
        deals=result.question.closing(),
        currency=currency,
        rule=result.currency_rule,
    )
    assumed = result.bars.loc[["start", "new", "moved_in", "reopened"], "deals_assumed"].sum()
    if assumed:
        text += " " + message_of_count(
            "{count} deal stands as in the table or its first save: its moves and changes of "
            "amount cannot be seen.",
            "{count} deals stand as in the table or their first save: their moves and changes of "
            "amount cannot be seen.",
            int(assumed),
        )
    return text


def definitions(result: PipelineChange) -> list[str]:
    """Rules of every bar."""
    question = result.question
    out = [
        message(
            "Start: how deals stood when {first} began; end: when {last} ended (reporting zone "
            "{zone}).",
            first=question.day_in_words(question.since_day),
            last=question.day_in_words(question.until_day),
            zone=question.workspace.settings.report_tz,
        ),
        message(
            "New: created since. Moved in: open before, but not expected to close in the period. "
            "Reopened: closed before. All three with their amount at the end."
        ),
        message(
            "Moved out: still open, expected to close outside the period; with its amount at the "
            "start, its change of amount is not counted. However far it moved, it is counted."
        ),
        message(
            "Won and lost: with their amount at the end. Increased and decreased: the change of "
            "the deal's own amount at the rate of the start; exchange rates are the rest."
        ),
        message("Amounts in {currency}, {rule}.", currency=result.currency or "–",
                rule=result.currency_rule),
    ]  # fmt: skip
    if question.where is not None:
        out.append(message("Only deals that meet the condition on their present columns."))
    return out


def notes(result: PipelineChange) -> list[str]:
    """What was set aside, and what these data cannot show."""
    both, out = result.both, []
    total = both.chosen.sum()
    mix = np.bincount(both.quality[both.chosen], minlength=len(QUALITIES))
    if total:
        said = ", ".join(f"{QUALITIES[n]} {mix[n]:,}" for n in np.flatnonzero(mix))
        out.append(message("Quality of history: {mix} of {n} deals.", mix=said, n=f"{total:,}"))
    if total and not len(both.history) and both.earlier is None:
        out.append(
            message(
                "These data hold no history: deals stand as in the table, open from their "
                "creation to their closing. Amounts and expected days are those of today, at the "
                "start too; what moved, changed its amount, or was reopened cannot be seen."
            )
        )
    if both.unknown:
        out.append(
            message_of_count(
                "{count} deal without a day of creation, or closed without a day, takes no part.",
                "{count} deals without a day of creation, or closed without a day, take no part.",
                both.unknown,
            )
        )
    bars = result.bars
    for column, text in (
        ("deals_without_amount", message("deals without an amount count with 0")),
        ("deals_without_rate", message("deals whose amount no rate converts count with 0")),
    ):
        first, last = int(bars.loc["start", column]), int(bars.loc["end", column])
        if first or last:
            out.append(
                message(
                    "{first} (start) and {last} (end) {text}.",
                    first=numbers.count(first),
                    last=numbers.count(last),
                    text=text,
                )
            )
    return out + _of_the_table(result)


def _of_the_table(result: PipelineChange) -> list[str]:
    both, out = result.both, []
    outcome = both.deals.outcome[both.chosen[: len(both.deals)]]
    workspace = result.question.workspace
    if both.earlier is None and marked_columns(workspace) == (None, None) and outcome.size:
        out.append(
            message("These data mark no deleted deals; an older export (earlier=) would show them.")
        )
    if both.undated:
        out.append(
            message_of_count(
                "{count} deal is marked as deleted without a time; it counts as deleted at the "
                "newest instant only.",
                "{count} deals are marked as deleted without a time; they count as deleted at the "
                "newest instant only.",
                both.undated,
            )
        )
    before, after = both.before, both.after
    turned = both.chosen & before.closed & after.closed & (before.kind != after.kind)
    turned &= (result.tables.found.entry == 0) & (before.kind != OPEN)
    if turned.any():
        out.append(
            message_of_count(
                "{count} deal went between won and lost without being open in this period.",
                "{count} deals went between won and lost without being open in this period.",
                int(turned.sum()),
            )
        )
    return out


def figures(result: PipelineChange) -> Block:
    """Open at the start and at the end, what came in, what was won."""
    bars = result.bars
    came = bars.loc[["new", "moved_in", "reopened"]]
    lines = [
        (message("Open at the end"), bars.loc["end", "amount"], bars.loc["end", "deals"]),
        (message("Open at the start"), bars.loc["start", "amount"], bars.loc["start", "deals"]),
        (message("Came in"), came["amount"].sum(), came["deals"].sum()),
        (message("Won"), bars.loc["won", "amount"], bars.loc["won", "deals"]),
        (message("Moved out"), bars.loc["moved_out", "amount"], bars.loc["moved_out", "deals"]),
    ]
    return key_figures(
        [
            {
                "label": label,
                **measured.money(float(value), result.currency),
                "detail": message_of_count("{count} deal", "{count} deals", int(deals)),
            }
            for label, value, deals in lines
        ]
    )
