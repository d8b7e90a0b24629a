"""The key figures of a canvas, for the head of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.journeys.canvas.wording import labels_of, worst_fallout
from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.results.intervals import wilson

if TYPE_CHECKING:
    from workbench.journeys.canvas.result import Canvas


def figures(result: Canvas) -> Block:
    """In scope, best conversion, largest fallout, slowest arrow."""
    question = result.question
    total = int(np.count_nonzero(result.groups[0].counted))
    out: list[dict[str, Any]] = [
        {
            "label": message(
                "{containers} in scope", containers=question.container.plural.capitalize()
            ),
            **measured.count(total),
            "detail": "",
        }
    ]
    labels = labels_of(result)
    if question.graph.arrows:
        best = result.conversion()
        low, high = wilson(np.array([best.reached]), np.array([best.entered]))
        out.append(
            {
                "label": message(
                    "From “{start}” to “{end}”", start=labels[best.start], end=labels[best.end]
                ),
                **measured.share(best.reached, best.entered),
                "detail": f"{numbers.count(best.reached)} / {numbers.count(best.entered)}",
                "interval": numbers.between(low[0], high[0]),
            }
        )
    worst = worst_fallout(result)
    if worst is not None:
        out.append(
            {
                "label": message("Went no further than “{node}”", node=worst["label"]),
                **measured.share(worst["lost"], worst["containers"]),
                "detail": f"{numbers.count(worst['lost'])} / {numbers.count(worst['containers'])}",
                "interval": numbers.between(
                    *(end[0] for end in wilson(worst[["lost"]], worst[["containers"]]))
                ),
            }
        )
    first = result.arrows[result.arrows["group"] == result.groups[0].name]
    slow = first.dropna(subset="median_days")
    if len(slow):
        line = slow.loc[slow["median_days"].idxmax()]
        out.append(
            {
                "label": message(
                    "Slowest: “{before}” to “{after}”",
                    before=labels[line["from"]],
                    after=labels[line["to"]],
                ),
                **measured.days(line["median_days"]),
                "detail": message("median of {n}", n=numbers.count(line["containers"])),
            }
        )
    return key_figures(out)
