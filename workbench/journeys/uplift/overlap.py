"""Is there anybody comparable? How the chances of taking part lie, by what was known before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.uplift import chart as drawing
from workbench.journeys.uplift.view import View
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.uplift.result import Uplift

_BINS = 20


class Overlap(View, Result):
    """Containers by their chance of taking part, those who did and those who did not."""

    kind: ClassVar[str] = "uplift_overlap"
    view: ClassVar[str] = "overlap"
    columns: ClassVar[Mapping[str, str]] = {
        "chance_from": "Lower end of the range of chances, 0…1",
        "chance_to": "Upper end of the range",
        "treated": "Containers that took part with such a chance",
        "untreated": "Containers that did not",
        "unmatched": "Of treated: those left out, because nobody is comparable",
        "weighted": "Weight of the comparable others in this range; all ranges together give the "
        "number of those compared",
    }

    def headline(self) -> str:
        """How many of those who took part have comparable others."""
        if self.refusal:
            return self.refusal
        came = int(self._frame["treated"].sum())
        lost = int(self._frame["unmatched"].sum())
        analysis = self.uplift.analysis
        assert analysis is not None
        return message(
            "{n} of {total} {who} that took part have comparable others; the others count like "
            "{effective} of equal weight",
            n=numbers.count(came - lost),
            total=numbers.count(came),
            who=self.uplift.question.container.plural,
            effective=numbers.count(analysis.comparison.effective(analysis.sample.treated)),
        )

    def reading(self) -> str:
        """What the bars are."""
        if self.refusal:
            return ""
        return message(
            "Chance of taking part by what was known before, in ranges of a twentieth: those who "
            "took part, the others by how much they count for them, and all others one by one. "
            "The first two should look alike; where one side has nobody, nothing is compared."
        )

    def chart(self) -> alt.TopLevelMixin:
        """Three histograms over one axis."""
        return drawing.draw_overlap(self._frame, self.headline())

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("chance_from", message("Chance from"), "share"),
            Column("chance_to", message("to"), "share"),
            Column("treated", message("Took part"), "count"),
            Column("unmatched", message("Of these left out"), "count"),
            Column("untreated", message("Did not"), "count"),
            Column("weighted", message("Weight of the comparable"), "number"),
        )

    def members(self, which: str = "unmatched") -> pd.DataFrame:
        """The containers behind the bars; as `Uplift.members`."""
        return self.uplift.members(which)


def overlap(result: Uplift) -> Overlap:
    """Count both groups by their chance of taking part."""
    edges = np.linspace(0, 1, _BINS + 1)
    frame = pd.DataFrame({"chance_from": edges[:-1], "chance_to": edges[1:]})
    analysis = result.analysis
    if analysis is None or np.isnan(analysis.comparison.chance).all():
        frame = frame.iloc[:0]
        for name in list(Overlap.columns)[2:]:
            frame[name] = pd.Series(dtype=float if name == "weighted" else "int64")
        return Overlap(result, frame, result.refusal)
    treated, comparison = analysis.sample.treated, analysis.comparison
    place = np.minimum((comparison.chance * _BINS).astype(int), _BINS - 1)
    others = np.where(treated, 0.0, comparison.weight)
    compared = np.count_nonzero(treated & comparison.kept)

    def counted(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(place[chosen], minlength=_BINS)

    frame["treated"] = counted(treated)
    frame["untreated"] = counted(~treated)
    frame["unmatched"] = counted(treated & ~comparison.kept)
    weight = np.bincount(place, others, minlength=_BINS)
    frame["weighted"] = weight / max(others.sum(), 1e-12) * compared
    return Overlap(result, frame, "")
