"""Step two of rolling a score out: do deals in later stages score higher?

Source: sales-pipeline.md, section 7 (roll-out, step 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.sales.score import chart_parts as drawing

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.result import Score

NO_SCORE = "no score"


class StageCheck(Result):
    """Scores of the open deals by stage, with the stages whose median falls.

    Attributes
    ----------
    of : Score
    """

    kind: ClassVar[str] = "score_stages"
    columns: ClassVar[Mapping[str, str]] = {
        "pipeline": "Pipeline; empty where deals name none",
        "stage": "Open stage, in the order of the pipeline",
        "deals": "Open deals in it",
        "scored": "Of them with a score",
        "no_score": "Of them without one",
        "mean": "Mean score",
        "median": "Median score",
        "lowest": "Lowest score",
        "highest": "Highest score",
        "inverted": "Whether the median is below that of an earlier stage of the pipeline",
        "earlier": "That stage; empty where there is none",
    }

    def __init__(self, of: Score, frame: pd.DataFrame, buckets: pd.DataFrame) -> None:
        self.of = of
        self._frame = frame
        self.buckets = buckets
        self.scope = of.scope
        self.definition = {**of.definition, "view": "stages"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line an open stage, with the columns of `StageCheck.columns`.

        `buckets` has a line for each pipeline, stage and grade, or ``no score``: deals, total
        (open deals of the stage) and share.
        """
        return self._frame

    @property
    def inversions(self) -> pd.DataFrame:
        """Stages whose median is below that of an earlier one."""
        return self._frame[self._frame["inverted"]].reset_index(drop=True)

    def headline(self) -> str:
        """Whether later stages score higher."""
        scored = int(self._frame["scored"].sum())
        total = int(self._frame["deals"].sum())
        if not scored:
            reason = self.of.basis.refusal or message("no deal is open")
            return message(
                "No open deal of {total} has a score: {reason}.",
                total=numbers.count(total),
                reason=reason,
            )
        found = self.inversions
        if not len(found):
            return message(
                "Later stages score as high as earlier ones, or higher: {scored} of {total} open "
                "deals have a score.",
                scored=numbers.count(scored),
                total=numbers.count(total),
            )
        line = found.iloc[0]
        said = message(
            "“{stage}” scores lower than the earlier “{earlier}” (median {median}).",
            stage=numbers.shortened(str(line["stage"]), 40),
            earlier=numbers.shortened(str(line["earlier"]), 40),
            median=numbers.significant(line["median"]),
        )
        more = len(found) - 1
        if more:
            said += " " + message_of_count(
                "{count} more stage does so.", "{count} more stages do so.", more
            )
        return said

    def reading(self) -> str:
        """What is expected, and when not."""
        return message(
            "Dots: open deals; the line is the median of the stage. Later stages should score "
            "higher; where deals pass all stages within days they may not. A median of few deals "
            "says little: look at the number beside each stage."
        )

    def definitions(self) -> list[str]:
        """The same as of the score."""
        return self.of.definitions()

    def chart(self) -> alt.TopLevelMixin:
        """One row a stage, one dot a deal."""
        return drawing.draw_stages(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("pipeline", message("Pipeline")),
            Column("stage", message("Stage")),
            Column("deals", message("Open deals"), "count"),
            Column("no_score", message("Of them without score"), "count"),
            Column("mean", message("Mean score"), "number"),
            Column("median", message("Median score"), "number"),
            Column("lowest", message("Lowest"), "count"),
            Column("highest", message("Highest"), "count"),
            Column("earlier", message("Below the earlier stage")),
        )

    def members(
        self, stage: str, *, pipeline: str | None = None, bucket: str | None = None
    ) -> pd.DataFrame:
        """The open deals of a stage, or of one of its buckets; as `Score.members`."""
        frame = self.of.members(stage=stage)
        if pipeline is not None:
            frame = frame[frame["pipeline"] == pipeline]
        if bucket is not None:
            grades = self.of.basis.question.grades.names
            if bucket not in (*grades, NO_SCORE):
                raise ArgumentError.of("bucket", bucket, [*grades, NO_SCORE])
            frame = frame[frame["grade"].isna() if bucket == NO_SCORE else frame["grade"] == bucket]
        return frame.reset_index(drop=True)


def stage_check(result: Score) -> StageCheck:
    """Group the open deals by stage."""
    basis, deals = result.basis, result.frame
    rates = basis.rates
    stages = rates[rates["open_stage"]].sort_values(["pipeline", "place"], kind="stable")
    lines, buckets = [], []
    best: dict[str, tuple[float, str]] = {}
    for pipeline, stage in zip(stages["pipeline"], stages["stage"], strict=True):
        own = deals[(deals["pipeline"] == pipeline) & (deals["stage"] == stage)]
        if not len(own):
            continue
        known = own["score"].dropna().to_numpy(float)
        median = float(np.median(known)) if known.size else np.nan
        highest, earlier = best.get(pipeline, (-np.inf, ""))
        inverted = bool(known.size) and median < highest
        lines.append(
            (
                pipeline, stage, len(own), known.size, len(own) - known.size,
                known.mean() if known.size else np.nan, median,
                known.min() if known.size else np.nan, known.max() if known.size else np.nan,
                inverted, earlier if inverted else "",
            )
        )  # fmt: skip
        if known.size and median > highest:
            best[pipeline] = (median, stage)
        for name in (*basis.question.grades.names, NO_SCORE):
            counted = own["grade"].isna() if name == NO_SCORE else own["grade"] == name
            n = int(counted.sum())
            buckets.append((pipeline, stage, name, n, len(own), n / len(own)))
    frame = pd.DataFrame(lines, columns=list(StageCheck.columns))
    names = ["pipeline", "stage", "bucket", "deals", "total", "share"]
    frame["inverted"] = frame["inverted"].astype(bool)
    return StageCheck(result, frame, pd.DataFrame(buckets, columns=names))
