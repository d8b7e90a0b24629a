"""Nodes and links as frames: numerators, denominators, shares and intervals."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.engine.paths.sums import ANCHORED, START_SQUARES, Sums
from workbench.journeys.flow.survey import Survey
from workbench.journeys.scoping import DAY, OTHER, shares
from workbench.results.intervals import wilson

EXIT, ENTRY = "(exit)", "(entry)"
NODE_COLUMNS = {
    "column": "0 for the anchor, negative before it",
    "dimension": "What the column follows; empty for an event",
    "item": "Value of the dimension, label of the event, (other), (exit) or (entry)",
    "kind": "item, event, other, exit or entry",
    "path_views": "Path views that reach the node",
    "containers": "Distinct containers with such a path view",
    "persons": "Distinct persons on the rows of the node, on the last row before an end; empty "
    "where no row names a person",
    "rows": "Distinct rows that stand there; none at an end",
    "value": "path_views or containers, as `count` says: the numerator of the shares",
    "start": "value of the anchor column, the denominator of share_of_start",
    "share_of_start": "value / start, 0…1; empty for path views that rows with several values "
    "split",
    "share_of_start_low": "Lower end of its 95 % Wilson interval",
    "share_of_start_high": "Upper end of its 95 % Wilson interval",
    "source": "What comes to this column from the one on the anchor's side",
    "share_of_source": "value / source, 0…1",
    "hidden": "Path views that go from here into what a filter hides",
    "cut_by_period": "Path views that end here although rows follow outside the period",
}
LINK_COLUMNS = {
    "column": "Column of the source; the target stands in the next one",
    "source": "Item on the left",
    "source_kind": "item, event, other or entry",
    "target": "Item on the right",
    "target_kind": "item, event, other or exit",
    "path_views": "Path views that run along the link",
    "containers": "Distinct containers with such a path view",
    "persons": "Distinct persons on the rows of both ends; empty where no row names a person",
    "median_days": "Median time between the two rows",
    "value": "path_views or containers, as `count` says: the numerator of the shares",
    "start": "value of the anchor column, the denominator of share_of_start",
    "share_of_start": "value / start, 0…1; empty for path views that rows with several values "
    "split",
    "source_value": "What leaves the source to the right, the denominator of share_of_source",
    "share_of_source": "value / source_value, 0…1",
    "share_of_source_low": "Lower end of its 95 % Wilson interval",
    "share_of_source_high": "Upper end of its 95 % Wilson interval",
    "target_value": "What reaches the target from the left, the denominator of share_of_target",
    "share_of_target": "value / target_value, 0…1",
}
BALANCE_COLUMNS = {
    "column": "Column of the node",
    "item": "Its item",
    "kind": "Its kind",
    "side": "after or before: the neighbour column away from the anchor",
    "path_views": "Path views that reach the node",
    "split": "Path views that are added because the next row holds several values",
    "passed_on": "Sum of the links to the neighbour column, (other) and ends included",
    "hidden": "Path views that go into what a filter hides",
}


class Tables:
    """The sums of a survey as frames.

    Parameters
    ----------
    survey : Survey
    """

    def __init__(self, survey: Survey) -> None:
        self.survey = survey
        self.question = survey.question
        self.slots = survey.slots
        self.columns = self.question.columns
        self.sums: Sums = survey.counted.sums
        size = self.columns * self.slots
        self.views = self.sums.views[:size].reshape(self.columns, self.slots)
        links = self.sums.views[size:]
        self.link_views = links.reshape(self.columns - 1, self.slots, self.slots)
        self.by_container = self.question.count == "containers"
        self.starts = int(self.views[self.question.left].sum())
        self.anchored = int(self.sums.totals[ANCHORED])
        self.start = self.anchored if self.by_container else self.starts
        self.names = [self._names(k) for k in range(self.columns)]

    def _names(self, k: int) -> list[tuple[str, str]]:
        """Name and kind of each slot of a column."""
        dimension, items = self.survey.dimension_at(k), self.survey.shown[k]
        if dimension is None:
            out = [(self.question.anchor.label, "event")]
        else:
            ours = {OTHER, EXIT, ENTRY}
            # a value that is called like one of our own nodes stays apart from it
            names = dimension.names(items)
            out = [(f"“{name}”" if name in ours else name, "item") for name in names]
        before = k < self.question.left
        out += [("", "")] * (self.slots - 2 - len(out))
        return [*out, (OTHER, "other"), (ENTRY, "entry") if before else (EXIT, "exit")]

    def nodes(self) -> pd.DataFrame:
        """One line a node, with the columns of `NODE_COLUMNS`."""
        return _typed(self._nodes[list(NODE_COLUMNS)])

    def links(self) -> pd.DataFrame:
        """One line a link, with the columns of `LINK_COLUMNS`."""
        return _typed(self._links[list(LINK_COLUMNS)])

    def with_sizes(self, table: str) -> tuple[pd.DataFrame, np.ndarray]:
        """Nodes or links, and the independent observations behind their shares of the start."""
        frame = self._nodes if table == "nodes" else self._links
        made = self.nodes() if table == "nodes" else self.links()
        return made, frame["_worth"].to_numpy(float)

    @cached_property
    def _nodes(self) -> pd.DataFrame:
        of = np.flatnonzero(self.views.ravel())
        k, s = of // self.slots, of % self.slots
        sums, left = self.sums, self.question.left
        value = sums.containers[of] if self.by_container else sums.views[of]
        arrived = self._arrived()
        ends = s == self.slots - 1
        table = pd.DataFrame(
            {
                "column": k - left,
                "dimension": [self.question.dimension_of(int(n)) or "" for n in k - left],
                "item": [self.names[a][b][0] for a, b in zip(k, s, strict=True)],
                "kind": [self.names[a][b][1] for a, b in zip(k, s, strict=True)],
                "path_views": sums.views[of],
                "containers": sums.containers[of],
                "persons": self._persons(of),
                "rows": sums.rows[of],
                "value": value,
                "start": self.start,
                "source": arrived[k],
                "share_of_source": shares(value, arrived[k]),
                "hidden": sums.hidden[:, of].sum(axis=0),
                "cut_by_period": np.where(ends, sums.cut[k], 0),
            }
        )
        self._add_share_of_start(table, of)
        table["_last"] = np.maximum(s - (self.slots - 3), 0)
        return table.sort_values(
            ["column", "_last", "value", "item"],
            ascending=[True, True, False, True],
            ignore_index=True,
        )

    def _add_share_of_start(self, table: pd.DataFrame, of: np.ndarray) -> None:
        sizes = self._start_sizes(of)
        table["_worth"] = sizes
        value = table["value"].to_numpy(float)
        known = self.by_container or not self.survey.multiplies
        share = shares(value, np.full(value.size, float(self.start if known else 0)))
        table["share_of_start"] = share
        low, high = wilson(share * sizes, np.where(np.isnan(share), 0, sizes))
        table["share_of_start_low"], table["share_of_start_high"] = low, high

    def _start_sizes(self, of: np.ndarray) -> np.ndarray:
        """Independent observations behind each share of the start."""
        if self.by_container:
            return np.full(of.size, float(self.anchored))
        sums = self.sums
        squares = int(sums.totals[START_SQUARES])
        return effective(
            sums.views[of], np.full(of.size, self.starts), sums.squares[of],
            sums.with_start[of], np.full(of.size, squares), np.full(of.size, self.anchored),
        )  # fmt: skip

    def _arrived(self) -> np.ndarray:
        """What comes to each column from the one on the anchor's side."""
        left, out = self.question.left, np.full(self.columns, self.start, np.int64)
        for k in range(self.columns):
            if k == left:
                continue
            side = 1 if k > left else 0
            near = k - 1 if side else k + 1
            if self.by_container:
                out[k] = self.sums.reached[near]
            else:
                gone = self.sums.hidden[side].reshape(self.columns, self.slots)[near].sum()
                out[k] = self.views[k].sum() + gone
        return out

    def _persons(self, of: np.ndarray) -> Any:
        if not self.survey.knows_people:
            return pd.array([None] * of.size, dtype="Int64")
        return pd.array(self.survey.detail[1][of], dtype="Int64")

    @cached_property
    def _links(self) -> pd.DataFrame:
        flat = np.flatnonzero(self.link_views.ravel())
        of = flat + self.views.size
        k, a, b = np.unravel_index(flat, self.link_views.shape)
        sums = self.sums
        value = sums.containers[of] if self.by_container else sums.views[of]
        source, target, sizes = self._ends(k, a, b, flat)
        share = shares(value, source)
        low, high = wilson(share * sizes, sizes)
        table = pd.DataFrame(
            {
                "column": k - self.question.left,
                "source": [self.names[c][s][0] for c, s in zip(k, a, strict=True)],
                "source_kind": [self.names[c][s][1] for c, s in zip(k, a, strict=True)],
                "target": [self.names[c + 1][s][0] for c, s in zip(k, b, strict=True)],
                "target_kind": [self.names[c + 1][s][1] for c, s in zip(k, b, strict=True)],
                "path_views": sums.views[of],
                "containers": sums.containers[of],
                "persons": self._persons(of),
                "median_days": self.survey.detail[0][flat] / DAY,
                "value": value,
                "start": self.start,
                "source_value": source,
                "share_of_source": share,
                "share_of_source_low": low,
                "share_of_source_high": high,
                "target_value": target,
                "share_of_target": shares(value, target),
            }
        )
        known = self.by_container or not self.survey.multiplies
        start = np.full(len(table), float(self.start if known else 0))
        table["share_of_start"] = shares(value, start)
        table["_worth"] = self._start_sizes(of)
        return table.sort_values(
            ["column", "value", "source", "target"],
            ascending=[True, False, True, True],
            ignore_index=True,
        )

    def _ends(
        self, k: np.ndarray, a: np.ndarray, b: np.ndarray, flat: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """What leaves the source, what reaches the target, and observations behind the former."""
        sums, left = self.sums, k * self.slots + a
        right = (k + 1) * self.slots + b
        if self.by_container:
            source, target = sums.containers[left], sums.containers[right]
            return source, target, source.astype(float)
        hidden = sums.hidden.reshape(2, self.columns, self.slots)
        leaving = self.link_views.sum(axis=2)
        leaving += np.where(self._after()[:, None], hidden[1, :-1], 0)
        coming = self.link_views.sum(axis=1)
        coming += np.where(self._after()[:, None], 0, hidden[0, 1:])
        source, target = leaving[k, a], coming[k, b]
        if self.survey.multiplies:
            return source, target, np.minimum(sums.containers[left], source).astype(float)
        sizes = effective(
            sums.views[flat + self.views.size], source, sums.squares[flat + self.views.size],
            sums.with_left[flat], sums.squares[left], sums.containers[left],
        )  # fmt: skip
        return source, target, sizes

    def _after(self) -> np.ndarray:
        """For each pair of neighbour columns, whether it lies after the anchor."""
        return np.arange(self.columns - 1) >= self.question.left

    def balance(self) -> pd.DataFrame:
        """One line a node and neighbour column, with the columns of `BALANCE_COLUMNS`."""
        rows = []
        hidden = self.sums.hidden.reshape(2, self.columns, self.slots)
        for k, s in np.argwhere(self.views[:, :-1] > 0):
            views = int(self.views[k, s])
            for side, word in ((1, "after"), (0, "before")):
                outwards = k >= self.question.left if side else k <= self.question.left
                if not outwards or not 0 <= k + (1 if side else -1) < self.columns:
                    continue
                line = self.link_views[k, s] if side else self.link_views[k - 1, :, s]
                passed, gone = int(line.sum()), int(hidden[side, k, s])
                rows.append(
                    (
                        int(k) - self.question.left,
                        *self.names[k][s],
                        word,
                        views,
                        passed + gone - views,
                        passed,
                        gone,
                    )
                )
        return pd.DataFrame(rows, columns=list(BALANCE_COLUMNS))


def effective(
    views: np.ndarray,
    total: np.ndarray,
    squares: np.ndarray,
    products: np.ndarray,
    total_squares: np.ndarray,
    containers: np.ndarray,
) -> np.ndarray:
    """Independent observations that a share of path views is worth.

    Path views of one container resemble each other, so their number overstates what is known.
    The variance of the share between containers says by how much; it is never taken for smaller
    than that of independent path views, and where all or none agree, containers are counted.

    Parameters
    ----------
    views, total : numpy.ndarray
        Numerator and denominator of each share.
    squares, products, total_squares : numpy.ndarray
        Over containers: sums of squared numerators, of numerators times denominators, and of
        squared denominators.
    containers : numpy.ndarray
        Containers in the denominator.
    """
    total, containers = np.asarray(total, float), np.asarray(containers, float)
    share = shares(np.asarray(views, float), total)
    spread = squares - 2 * share * products + share**2 * total_squares
    # the usual correction for few groups, none where each container has one path view
    alone = np.divide(containers, total, out=np.ones(total.size), where=total > 0)
    correction = 1 + np.divide(
        1 - alone, containers - 1, out=np.zeros(containers.size), where=containers > 1
    )
    even = share * (1 - share) * total
    times = np.divide(spread * correction, even, out=np.full(total.size, np.inf), where=even > 0)
    times[(even > 0) & (containers < 2)] = np.inf
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(
            np.isinf(times), np.minimum(containers, total), total / np.maximum(times, 1)
        )
    return np.maximum(np.nan_to_num(worth), np.minimum(1, total))


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """The same types whether there are lines or not."""
    for name in ("item", "dimension", "kind", "source_kind", "target", "target_kind"):
        if name in table:
            table[name] = table[name].astype("str")
    if "source_kind" in table:
        table["source"] = table["source"].astype("str")
    return table.reset_index(drop=True)
