"""What moves between stages say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.results.intervals import wilson
from workbench.sales.stages.common import mix_in_words, question_in_words

if TYPE_CHECKING:
    from workbench.sales.stages.moves import StageMoves


def _counts(result: StageMoves) -> dict[str, int]:
    return dict(zip(result.kinds["move"], result.kinds["moves"], strict=True))


def headline(result: StageMoves) -> str:
    """How many moves led on, back and out."""
    if not result.found.has_history:
        return mix_in_words(result.found)
    counts = _counts(result)
    total = sum(n for name, n in counts.items() if name != "start")
    if not total:
        return message("No deal moved from one stage to another.")
    on = counts["advance"] + counts["skip"]
    text = message(
        "{on} of {total} moves led on to a later open stage ({share})",
        on=numbers.count(on),
        total=numbers.count(total),
        share=numbers.share(on / total),
    )
    if counts["skip"]:
        text += message(", {n} of them over stages in between", n=numbers.count(counts["skip"]))
    text += message(
        "; {back} led back and {closed} closed a deal",
        back=numbers.count(counts["regress"]),
        closed=numbers.count(counts["close"]),
    )
    if counts["reopen"]:
        text += message(", {n} opened one again", n=numbers.count(counts["reopen"]))
    if counts["transfer"]:
        text += message(", {n} went to another pipeline", n=numbers.count(counts["transfer"]))
    return text + "."


def reading(result: StageMoves) -> str:
    """What rows and columns are."""
    if result.frame.empty:
        return ""
    text = message(
        "A row is the stage that was left, a column the one that was entered; each cell says how "
        "often, and its blue how large its share of all moves out of the row is. Deals that still "
        "stand in a stage have not left it."
    )
    drawn, there = result.drawn_pipelines, result.frame["pipeline"].nunique()
    if drawn < there:
        text += " " + message("{n} of {total} pipelines are drawn.", n=drawn, total=there)
    return text


def definitions(result: StageMoves) -> list[str]:
    """What each kind of move is."""
    return [
        message(
            "Advance: to the next open stage. Skip: over one or more, which are implied and not "
            "observed. Regress: back to an earlier open stage, no loss. Close: won or lost from "
            "the last open stage. Reopen: from won or lost to open, the outcome is withdrawn until "
            "it closes again. Transfer: to another pipeline, no conversion."
        ),
        *question_in_words(result.found),
    ]


def figures(result: StageMoves) -> Block:
    """Moves on, skips, moves back, deals opened again."""
    counts = _counts(result)
    total = sum(n for name, n in counts.items() if name != "start")
    labels = {
        "advance": message("Moves to the next stage"),
        "skip": message("Moves over a stage"),
        "regress": message("Moves back"),
        "reopen": message("Opened again"),
    }
    out = []
    for name, label in labels.items():
        low, high = wilson([counts[name]], [total])  # type: ignore[arg-type]
        out.append(
            {
                "label": label,
                **measured.share(counts[name], total),
                "detail": message_of_count(
                    "{n} of {count} move",
                    "{n} of {count} moves",
                    total,
                    n=numbers.count(counts[name]),
                ),
                "interval": numbers.between(low[0], high[0]),
            }
        )
    return key_figures(out)
