"""What the stages say: headline, how to read the picture, definitions, key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.results.intervals import wilson
from workbench.sales.stages.common import limit_in_words, money_in_words, question_in_words

if TYPE_CHECKING:
    from workbench.sales.stages.result import Stages


def headline(result: Stages) -> str:
    """How many open deals stand where, and how many of them longer than usual."""
    frame = result.open_lines
    deals = int(frame["deals"].sum())
    if not result.frame["deals"].sum():
        return message("No deal stands in any stage.")
    if not deals:
        return message("No deal is open: all stand in won or lost stages.")
    stages = message_of_count(
        "{count} open stage", "{count} open stages", int((frame["deals"] > 0).sum())
    )
    amount = float(frame["amount"].sum()) if frame["amount"].notna().any() else np.nan
    if amount > 0:
        text = message_of_count(
            "{count} open deal worth {amount} stands in {stages}",
            "{count} open deals worth {amount} stand in {stages}",
            deals,
            amount=numbers.money(amount, result.currency),
            stages=stages,
        )
    else:
        text = message_of_count(
            "{count} open deal stands in {stages}",
            "{count} open deals stand in {stages}",
            deals,
            stages=stages,
        )
    limited = frame[frame["max_days"].notna() & (frame["dated"] > 0)]
    if limited.empty:
        return message("{text}.", text=text)
    stalled, dated = int(limited["stalled"].sum()), int(limited["dated"].sum())
    text = message(
        "{text}; {stalled} of {dated} have stood there longer than usual",
        text=text,
        stalled=numbers.count(stalled),
        dated=numbers.count(dated),
    )
    if stalled:
        worst = limited.loc[limited["stalled"].idxmax()]
        text += message(
            ", most in {stage} ({n} of {m})",
            stage=numbers.shortened(str(worst["stage"]), 40),
            n=numbers.count(worst["stalled"]),
            m=numbers.count(worst["dated"]),
        )
    return text + "."


def reading(result: Stages) -> str:
    """What the panels are."""
    frame = result.open_lines
    parts = [message("Left: open deals in each stage.")]
    if (frame["max_days"].notna() & (frame["dated"] > 0)).any():
        parts = [message("Left: open deals in each stage, in blue those longer there than usual.")]
    if frame["over"].sum():
        parts.append(
            message(
                "Middle: days in the stage, the band from the first to the third quartile of the "
                "latest finished visits, their median in blue, the longest usual stay as a dark "
                "line; deals still in the stage are not in the band."
            )
        )
    if frame["decided"].sum():
        parts.append(
            message(
                "Right: share won of the deals that were ever in the stage and are won or lost, "
                "with its 95 % interval; the dark line is the probability that the catalogue gives "
                "the stage. Open deals are apart."
            )
        )
    drawn = result.drawn
    if drawn < len(frame):
        parts.append(
            message("The first {n} of {total} stages are drawn.", n=drawn, total=len(frame))
        )
    return " ".join(parts)


def definitions(result: Stages) -> list[str]:
    """The question in sentences."""
    return [
        message(
            "A stay begins with the save that names the stage and ends with the next one that "
            "names another; saves that repeat a stage change nothing."
        ),
        limit_in_words(),
        message(
            "Share won from a stage: deals that entered it and are won, of those won or lost; "
            "deals that moved to another pipeline are apart."
        ),
        message("The probability of a deal is its own; the one of the stage does not rewrite it."),
        money_in_words(result.found),
        *question_in_words(result.found),
    ]


def figures(result: Stages) -> Block:
    """Open deals, their amount, those that stall, and how well the history is known."""
    frame = result.open_lines
    without = int(frame["without_amount"].sum())
    out = [
        {
            "label": message("Open deals"),
            **measured.count(frame["deals"].sum()),
            "detail": message(
                "{n} of {total} stages hold some",
                n=int((frame["deals"] > 0).sum()),
                total=len(frame),
            ),
        }
    ]
    if frame["amount"].notna().any():
        out.append(
            {
                "label": message("Open amount"),
                **measured.money(frame["amount"].sum(), result.currency),
                "detail": message_of_count(
                    "{count} without amount", "{count} without amount", without
                ),
            }
        )
    limited = frame[frame["max_days"].notna()]
    stalled, dated = int(limited["stalled"].sum()), int(limited["dated"].sum())
    if dated:
        low, high = wilson(np.array([stalled]), np.array([dated]))
        out.append(
            {
                "label": message("Longer in their stage than usual"),
                **measured.share(stalled, dated),
                "detail": f"{numbers.count(stalled)} / {numbers.count(dated)}",
                "interval": numbers.between(low[0], high[0]),
            }
        )
    total, full = int(result.found.chosen.sum()), int(result.quality["deals"].iloc[0])
    if total:
        out.append(
            {
                "label": message("Deals with a full history"),
                **measured.share(full, total),
                "detail": f"{numbers.count(full)} / {numbers.count(total)}",
            }
        )
    return key_figures(out)
