"""The answer: each period with what was expected of it, and the chart with its band."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.collaboration.anomalies import wording
from workbench.collaboration.anomalies.bands import COLUMNS as BAND
from workbench.collaboration.anomalies.series import Series
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "series": "What the number is called",
    "start": "First day of the period",
    "open": "Whether the period was not over: it is not judged",
    **BAND,
}


class AnomalyDetection(Result):
    """Periods beside what was expected of them.

    Attributes
    ----------
    series : tuple of Series
    confidence : float
    stretch : bool
    """

    kind: ClassVar[str] = "anomaly_detection"
    columns: ClassVar[Mapping[str, str]] = COLUMNS

    def __init__(
        self, *, series: tuple[Series, ...], places: tuple[range, ...],
        frames: tuple[pd.DataFrame, ...], confidence: float, scope: Scope, stretch: bool,
        definition: Mapping[str, Any],
    ) -> None:  # fmt: skip
        self.series = series
        self.confidence = confidence
        self.stretch = stretch
        self.scope = scope
        self.definition = dict(definition)
        self._places, self._frames = places, frames

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a series and period."""
        parts = []
        for series, places, frame in zip(self.series, self._places, self._frames, strict=True):
            if not len(places):
                continue
            at = np.asarray(places)
            parts.append(
                frame.assign(
                    series=series.name, start=series.starts[at].astype("datetime64[s]"),
                    open=at >= series.open_from, actual=series.values[at],
                )
            )  # fmt: skip
        if not parts:
            empty = {name: pd.Series(dtype=object) for name in COLUMNS}
            return pd.DataFrame(empty).astype({"start": "datetime64[s]"})
        return pd.concat(parts, ignore_index=True)[list(COLUMNS)]

    @property
    def anomalies(self) -> pd.DataFrame:
        """The lines outside their band, newest first."""
        frame = self.frame
        found = frame[frame["anomaly"].isin(["above", "below"])]
        return found.sort_values(["start", "series"], ascending=[False, True], ignore_index=True)

    def headline(self) -> str:
        """How many periods were judged, how many lie outside, and the last one."""
        return wording.headline(self)

    def reading(self) -> str:
        """How the picture is to be read."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """How the bands were made, in sentences."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """The line with its band; of several lines only the dots, and the band of one on hover."""
        from workbench.collaboration.anomalies.chart import draw

        return draw(self)

    def table_frame(self) -> pd.DataFrame:
        """Rows of the table that a reader sees, newest first, marked with % above or below."""
        frame = self.frame.sort_values(["start", "series"], ascending=[False, True])
        return frame.assign(
            marked=[wording.mark(line) for line in frame.to_dict("records")],
            made=[wording.method_word(name) for name in frame["method"]],
        ).reset_index(drop=True)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        units = {series.unit for series in self.series}
        kind = units.pop() if len(units) == 1 else "number"
        currency = self.series[0].currency if self.series and kind == "money" else ""
        named = (Column("series", message("Metric")),) if len(self.series) > 1 else ()
        figures = [("actual", message("Actual")), ("expected", message("Expected")),
                   ("low", message("From")), ("high", message("To"))]  # fmt: skip
        return (
            Column("start", message("Begins"), "date"),
            *named,
            *(
                Column(n, label, "number" if kind == "count" and n != "actual" else kind, currency)
                for n, label in figures
            ),
            Column("marked", message("Anomaly")),
            Column("holiday", message("Special day")),
            Column("made", message("Band by")),
        )

    def key_figures(self) -> Block:
        """The last period of each series beside what was expected of it."""
        return wording.key_figures(self)
