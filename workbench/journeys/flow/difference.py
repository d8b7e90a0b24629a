"""Two segments of containers side by side: which paths are commoner in one of them?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.engine.segments import segment_rows
from workbench.errors import ArgumentError
from workbench.journeys.flow.counting import Tables
from workbench.journeys.flow.survey import Survey
from workbench.journeys.flow.wording import anchor_name, counted_word, scope_with
from workbench.journeys.scoping import with_a_row
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import SMALL_GROUP, holm, wilson
from workbench.results.tables import Column
from workbench.vocabulary.segments import Segment, segment_from

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.flow.result import Flow

REAL = 0.05
_NODE_KEYS = ["column", "item", "kind"]
_LINK_KEYS = ["column", "source", "source_kind", "target", "target_kind"]
_NUMBERS = {
    "path_views_a": "Path views in the first segment",
    "containers_a": "Containers in the first segment",
    "value_a": "path_views_a or containers_a, as `count` of the flow says",
    "start_a": "The same at the anchor, the denominator",
    "share_a": "value_a / start_a, 0…1",
    "path_views_b": "Path views in the second segment",
    "containers_b": "Containers in the second segment",
    "value_b": "path_views_b or containers_b, as `count` of the flow says",
    "start_b": "The same at the anchor, the denominator",
    "share_b": "value_b / start_b, 0…1",
    "difference": "share_a − share_b",
    "difference_low": "Lower end of its 95 % interval (Newcombe)",
    "difference_high": "Upper end of its 95 % interval (Newcombe)",
    "p_value": "Two-sided score test of no difference; empty at the anchor",
    "p_adjusted": "The same, adjusted for the number of lines (Holm)",
    "differs": "Whether p_adjusted is below 0.05",
}


class Difference(Result):
    """Nodes of a flow in two segments, with the difference of their shares of the start."""

    kind: ClassVar[str] = "flow_difference"
    columns: ClassVar[Mapping[str, str]] = {
        "column": "0 for the anchor, negative before it",
        "item": "Item of the node",
        "kind": "item, event, other, exit or entry",
        **_NUMBERS,
    }
    link_columns: ClassVar[Mapping[str, str]] = {
        "column": "Column of the source; the target stands in the next one",
        "source": "Item on the left",
        "source_kind": "item, event, other or entry",
        "target": "Item on the right",
        "target_kind": "item, event, other or exit",
        **_NUMBERS,
    }

    def __init__(
        self, flow: Flow, segments: tuple[Segment, Segment], sides: tuple[Tables, Tables], both: int
    ) -> None:
        self.flow = flow
        self.segments = segments
        self.sides = sides
        self._frame = _compared(flow, sides, "nodes", _NODE_KEYS, self.columns)
        self.links = _compared(flow, sides, "links", _LINK_KEYS, self.link_columns)
        note = message(
            "{n} {containers} are in both segments; the two sides are taken as independent.",
            n=numbers.count(both),
            containers=flow.question.container.plural,
        )
        self.scope = scope_with(flow, [note] if both else [])
        plain = {name: value for name, value in flow.definition.items() if name != "compare"}
        self.definition = {
            **plain,
            "view": "difference",
            "a": segments[0].plain(),
            "b": segments[1].plain(),
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a node."""
        return self._frame

    @property
    def names(self) -> tuple[str, str]:
        """What the reader calls the two."""
        return self.segments[0].name, self.segments[1].name

    def headline(self) -> str:
        """The node that differs most beyond chance."""
        a, b = self.names
        for name, side in zip(self.names, self.sides, strict=True):
            if not side.starts:
                return message(
                    "“{anchor}” does not occur in “{segment}”, so there is nothing to compare",
                    anchor=anchor_name(self.flow),
                    segment=name,
                )
        beside = self._frame[(self._frame["column"] != 0) | self._anchor_varies()]
        beside = beside.dropna(subset="difference")
        if beside.empty and self.flow.survey.multiplies:
            return message(
                "Path views that rows with several values split have no shares to compare; "
                "count='containers' has"
            )
        if beside.empty:
            return message("“{a}” and “{b}” have no path in common.", a=a, b=b)
        real = beside[beside["differs"]]
        found = beside if real.empty else real
        # of equal differences the one that is commoner in the first segment
        sizes = found["difference"].abs().round(9) + 1e-12 * (found["difference"] > 0)
        first = found.loc[sizes.idxmax()]
        values = {
            "item": first["item"],
            "place": place_name(int(first["column"])),
            "a": a,
            "b": b,
            "first": self._share(first, "a"),
            "second": self._share(first, "b"),
            "points": numbers.points(first["difference"]),
        }
        if real.empty:
            return message(
                "No path differs between “{a}” and “{b}” by more than chance; the largest "
                "difference is “{item}” {place}: {first} against {second}, {points}",
                **values,
            )
        return message(
            "“{item}” {place} differs most: {first} in “{a}” against {second} in “{b}”, {points}",
            **values,
        )

    def _anchor_varies(self) -> bool:
        return int((self._frame["column"] == 0).sum()) > 1

    def _share(self, line: pd.Series, side: str) -> str:
        return (
            f"{numbers.share(line[f'share_{side}'])} ({numbers.count(line[f'value_{side}'])} / "
            f"{numbers.count(line[f'start_{side}'])})"
        )

    def reading(self) -> str:
        """Denominators, colours, and small sides."""
        parts = [
            message(
                "Shares are of the {counted} of “{anchor}” in each segment; ribbons and bars are "
                "as wide as the mean of both.",
                counted=counted_word(self.flow),
                anchor=anchor_name(self.flow),
            )
        ]
        small = [
            name
            for name, side in zip(self.names, self.sides, strict=True)
            if side.anchored < SMALL_GROUP
        ]
        if small:
            parts.append(
                message("Fewer than {n} in: {groups}.", n=SMALL_GROUP, groups=", ".join(small))
            )
        return " ".join(parts)

    def definitions(self) -> list[str]:
        """Who is compared."""
        return [f"{item.name}: {item.in_words()}." for item in self.segments]

    def chart(self) -> alt.TopLevelMixin:
        """The picture of the flow, coloured by where a path is commoner."""
        from workbench.journeys.flow.difference_chart import draw

        return draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        a, b = self.names
        return (
            Column("column", message("Column"), "count"),
            Column("item", message("Item")),
            Column("share_a", a, "share"),
            Column("share_b", b, "share"),
            Column("difference", message("Difference"), "points"),
            Column("difference_low", message("95 % from"), "points"),
            Column("difference_high", message("95 % to"), "points"),
            Column("p_adjusted", message("p, adjusted"), "number"),
        )


def place_name(column: int) -> str:
    """Where a column lies."""
    if column == 0:
        return message("at the anchor")
    if column > 0:
        return message("{n} after", n=column)
    return message("{n} before", n=-column)


def difference(flow: Flow, a: Any = None, b: Any = None) -> Difference:
    """Compare the paths of two segments.

    Parameters
    ----------
    flow : Flow
    a, b : Segment or mapping, optional
        The two segments; those of `compare` when both are left out, and everybody outside `a`
        when only `b` is.

    Notes
    -----
    Source: journeys-flow.md, section 5. Items are those of the flow of everybody.
    """
    compare = flow.question.compare
    second: Segment | None = None
    if a is None and b is None and compare:
        first, second = compare
    elif a is None:
        raise ArgumentError.of("a", a, message("a segment, or compare=[…] in the flow itself"))
    else:
        first = segment_from(a, "a")
        second = segment_from(b, "b") if b is not None else None
    survey = flow.survey
    rows = segment_rows(survey.marker, first)
    one = survey.inside(rows, _members(survey, rows))
    if second is None:
        second = _outside(first)
        rows = ~rows
        two = survey.inside(rows, ~_members(survey, ~rows))
    else:
        rows = segment_rows(survey.marker, second)
        two = survey.inside(rows, _members(survey, rows))
    both = np.count_nonzero((one.paths.low < one.paths.high) & (two.paths.low < two.paths.high))
    return Difference(flow, (first, second), (Tables(one), Tables(two)), int(both))


def _members(survey: Survey, rows: np.ndarray) -> np.ndarray:
    """Containers with a row of a segment in the period."""
    question = survey.question
    return with_a_row(question.workspace, survey.marker, survey.stream, question.period, rows)


def _outside(segment: Segment) -> Segment:
    from dataclasses import replace

    return replace(segment, name=message("All others"), exclude=not segment.exclude)


def _compared(
    flow: Flow,
    sides: tuple[Tables, Tables],
    table: str,
    keys: list[str],
    columns: Mapping[str, str],
) -> pd.DataFrame:
    """Lines of both sides, in the order of the flow of everybody."""
    base = getattr(flow, table)[keys]
    out = base.copy()
    sizes = []
    for letter, side in zip("ab", sides, strict=True):
        frame, worth = side.with_sizes(table)
        of = frame.assign(worth=worth).set_index(keys)
        of = of.reindex(pd.MultiIndex.from_frame(base))
        for name in ("path_views", "containers", "value"):
            out[f"{name}_{letter}"] = of[name].fillna(0).to_numpy(np.int64)
        out[f"start_{letter}"] = side.start
        known = side.start > 0 and (side.by_container or not flow.survey.multiplies)
        out[f"share_{letter}"] = out[f"value_{letter}"] / (side.start if known else np.nan)
        # what occurs nowhere on a side is known from its containers
        sizes.append(of["worth"].fillna(float(side.anchored)).to_numpy(float))
    low, high, p_value = newcombe(
        out["share_a"].to_numpy(float), sizes[0], out["share_b"].to_numpy(float), sizes[1]
    )
    out["difference"] = out["share_a"] - out["share_b"]
    out["difference_low"], out["difference_high"] = low, high
    out["p_value"] = p_value
    out["p_adjusted"] = holm(p_value)
    out["differs"] = (out["p_adjusted"] < REAL).to_numpy(bool)
    return out[list(columns)]


def newcombe(
    share_a: np.ndarray, size_a: np.ndarray, share_b: np.ndarray, size_b: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Interval of each difference of two shares, and its p-value.

    Parameters
    ----------
    share_a, share_b : numpy.ndarray of float
    size_a, size_b : numpy.ndarray of float
        Independent observations behind each; they need not be whole numbers.

    Returns
    -------
    low, high, p_value : numpy.ndarray of float
        The p-value is that of the score test; not a number where both shares are 0 or both 1.
    """
    from scipy.stats import norm

    known = ~(np.isnan(share_a) | np.isnan(share_b)) & (size_a > 0) & (size_b > 0)
    size_a, size_b = np.where(known, size_a, 0), np.where(known, size_b, 0)
    low_a, high_a = wilson(share_a * size_a, size_a)
    low_b, high_b = wilson(share_b * size_b, size_b)
    found = share_a - share_b
    low = found - np.hypot(share_a - low_a, high_b - share_b)
    high = found + np.hypot(high_a - share_a, share_b - low_b)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (share_a * size_a + share_b * size_b) / (size_a + size_b)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / size_a + 1 / size_b))
        p_value = 2 * norm.sf(np.abs(found) / spread)
    return low, high, np.where(known & (spread > 0), p_value, np.nan)
