"""Where in the journeys an item stands: the only touch, the first, between, the last."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.attribution import pictures as drawing
from workbench.journeys.attribution.lines import ITEM_LINE, NONE_LINE
from workbench.journeys.attribution.sharing import checked_size, first_of_each, times_of
from workbench.journeys.scoping import DAY, shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.attribution.counting import Pairs
    from workbench.journeys.attribution.result import Attribution

PLACES = ("only", "first", "middle", "last")


class Positions(Result):
    """Conversions in which an item stands at each place of the window, whatever the model."""

    kind: ClassVar[str] = "attribution_positions"
    columns: ClassVar[Mapping[str, str]] = {
        "item": "Value of the dimension; '(other)' for the folded",
        "line": "item or other",
        "touched_conversions": "Conversions with a touch of the item: denominator of the shares",
        "only": "Those in which it is the only touch",
        "first": "Those in which it is the first of several touches",
        "middle": "Those in which it stands between the first and the last touch",
        "last": "Those in which it is the last of several touches",
        "share_only": "only / touched_conversions, 0…1",
        "share_first": "first / touched_conversions, 0…1",
        "share_middle": "middle / touched_conversions, 0…1",
        "share_last": "last / touched_conversions, 0…1",
        "touches": "Touches of the item in all windows",
        "total_conversions": "All conversions",
        "median_days_before": "Median days from touch to conversion",
    }

    def __init__(self, result: Attribution, frame: pd.DataFrame) -> None:
        self.result = result
        self._frame = frame
        self.scope = result.scope
        self.definition = {**result.definition, "view": "positions"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line an item, in the order of the attribution."""
        return self._frame

    def headline(self) -> str:
        """The item that opens most journeys and the one that ends most."""
        items = self._frame[self._frame["line"] == ITEM_LINE]
        if items.empty or not items["touched_conversions"].sum():
            return message("No conversion has a touch, so no place can be told.")
        if not items["first"].sum():
            return message(
                "Every window holds one touch only: {n} of {total} conversions have one.",
                n=numbers.count(items["only"].sum()),
                total=numbers.count(self.result.total),
            )
        opens, ends = items.loc[items["first"].idxmax()], items.loc[items["last"].idxmax()]
        return message(
            "“{first}” opens most journeys ({a} of the {b} that it touches), “{last}” ends most "
            "({c} of {d})",
            first=opens["item"],
            a=numbers.count(opens["first"]),
            b=numbers.count(opens["touched_conversions"]),
            last=ends["item"],
            c=numbers.count(ends["last"]),
            d=numbers.count(ends["touched_conversions"]),
        )

    def reading(self) -> str:
        """What the percentages are of."""
        return message(
            "Percentages are of the conversions that the item touched; an item can stand at "
            "several places of one window, so they do not add up to 100 %."
        )

    def chart(self) -> alt.TopLevelMixin:
        """A small panel a place, items in one order."""
        return drawing.draw_positions(self._frame)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("item", self.result.question.dimension),
            Column("touched_conversions", message("Conversions it touched"), "count"),
            Column("share_first", message("First of several"), "share"),
            Column("share_middle", message("Between"), "share"),
            Column("share_last", message("Last of several"), "share"),
            Column("share_only", message("Only touch"), "share"),
            Column("touches", message("Touches"), "count"),
            Column("median_days_before", message("Median time before"), "duration", "days"),
        )


def positions(result: Attribution) -> Positions:
    """Count the conversions in which each item stands at each place.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B5 (position tables).
    """
    study, model, lines = result.study, result.question.model, result.lines
    checked_size(study, model)
    pairs = study.all_pairs(model)
    size = lines.none + 1
    line = lines.line_of[pairs.item]
    counts = _counts(pairs, line, size)
    at = times_of(study, study.stream.row_at(pairs.place))
    days = (times_of(study, study.conversions.row[pairs.end]) - at) / DAY
    median = pd.Series(days).groupby(line).median().reindex(range(size)).to_numpy(float)
    kept = result.frame[result.frame["line"] != NONE_LINE]
    own = [k if kind == ITEM_LINE else lines.other for k, kind in enumerate(kept["line"])]
    touched = np.bincount(line[first_of_each(pairs.end, line)], minlength=size)[own]
    frame = pd.DataFrame(
        {"item": kept["item"], "line": kept["line"], "touched_conversions": touched}
    )
    for k, name in enumerate(PLACES):
        frame[name] = counts[own, k]
    for k, name in enumerate(PLACES):
        frame[f"share_{name}"] = shares(counts[own, k], touched)
    frame["touches"] = np.bincount(line, minlength=size)[own]
    frame["total_conversions"] = result.total
    frame["median_days_before"] = median[own]
    return Positions(result, frame.reset_index(drop=True))


def _counts(pairs: Pairs, line: np.ndarray, size: int) -> np.ndarray:
    """Conversions of each line at each of `PLACES`."""
    alone, first = pairs.touches == 1, pairs.touch == 0
    last = pairs.touch == pairs.touches - 1
    place = np.select([alone, first, last], [0, 1, 3], default=2)
    once = first_of_each(pairs.end, line, place)
    return np.bincount(line[once] * 4 + place[once], minlength=size * 4).reshape(size, 4)
