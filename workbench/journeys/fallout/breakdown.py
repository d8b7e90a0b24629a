"""What happened after a step: to those who fell out, and to those who went on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.engine import around
from workbench.errors import ArgumentError
from workbench.journeys.fallout import chart as drawing
from workbench.journeys.fallout.counting import Group
from workbench.journeys.scoping import OTHER, readable
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.fallout.result import Fallout

SIDES = ("fallout", "fallthrough")
NOTHING_FURTHER = "(no further event)"


class Breakdown(Result):
    """Events directly after a step of those who fell out, or between two steps of those who went
    on."""

    kind: ClassVar[str] = "fallout_breakdown"
    columns: ClassVar[Mapping[str, str]] = {
        "item": "Value of the dimension",
        "containers": "Containers with such a row; for a fallout each is in one item",
        "rows": "Rows",
        "total": "Containers that are broken down, the denominator",
        "share": "containers / total, 0…1",
    }

    def __init__(
        self,
        fallout: Fallout,
        frame: pd.DataFrame,
        total: int,
        position: int,
        of: str,
        dimension: str,
    ) -> None:
        self.fallout = fallout
        self._frame = frame
        self.total = total
        self.position = position
        self.of = of
        self.dimension = dimension
        self.scope = fallout.scope
        self.definition = {
            **fallout.definition,
            "view": "breakdown",
            "step": position,
            "of": of,
            "dimension": dimension,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line an item, the largest first."""
        return self._frame

    def headline(self) -> str:
        """The commonest item with its numerator and denominator."""
        step = self.fallout.labels[self.position - 1]
        who = self.fallout.question.container.plural
        total = self.total
        if not total and self.of == "fallthrough":
            return message("No {containers} went on after “{step}”.", containers=who, step=step)
        if not total:
            return message("No {containers} fell out after “{step}”.", containers=who, step=step)
        known = self._frame[self._frame["item"] != NOTHING_FURTHER]
        if known.empty and self.of == "fallthrough":
            return message(
                "After “{step}”, none of the {total} {containers} that went on did anything in "
                "between",
                step=step,
                total=numbers.count(total),
                containers=who,
            )
        if known.empty:
            return message(
                "After “{step}”, none of the {total} {containers} that went no further did "
                "anything",
                step=step,
                total=numbers.count(total),
                containers=who,
            )
        first = known.iloc[0]
        values = {
            "step": step,
            "n": numbers.count(first["containers"]),
            "total": numbers.count(total),
            "containers": who,
            "item": first["item"],
        }
        if self.of == "fallout":
            return message(
                "After “{step}”, {n} of {total} {containers} that went no further did “{item}” "
                "next",
                **values,
            )
        return message(
            "After “{step}”, {n} of {total} {containers} that went on did “{item}” in between",
            **values,
        )

    def reading(self) -> str:
        """How many items a container can be in."""
        if self.of == "fallout":
            return message("Each is counted once, at the first event after the step.")
        return message("Each may be in several items: all events strictly between the two steps.")

    def chart(self) -> alt.TopLevelMixin:
        """A bar an item."""
        return drawing.draw_items(self._frame, self.fallout.question.container.plural)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("item", self.dimension),
            Column("containers", self.fallout.question.container.plural.capitalize(), "count"),
            Column("share", message("Of all broken down"), "share"),
            Column("rows", message("Events"), "count"),
        )


def breakdown(
    fallout: Fallout,
    step: int | str | None = None,
    *,
    of: str = "fallout",
    dimension: str = "event",
    group: str | None = None,
    items: int = 10,
) -> Breakdown:
    """Break a step down by what came next.

    Parameters
    ----------
    step : int or str, optional
        Position (1 or more) or label; the step before the largest loss when left out.
    of : {"fallout", "fallthrough"}
        Those who went no further, at the first row after the step; or those who reached the next
        step, at all rows strictly between.
    dimension : str
        What the rows are told apart by.
    group : str, optional
        Name of a compared group.
    items : int
        Items shown; the rest is put together.

    Notes
    -----
    Source: journeys-fallout.md, section 3; rows are those of the witness match.
    """
    position = max(1, fallout.worst_step() - 1) if step is None else fallout.position(step)
    if position < 1:
        raise ArgumentError.of("step", step, message("1 to {count}", count=len(fallout.labels)))
    if of not in SIDES:
        raise ArgumentError.of("of", of, SIDES)
    if items < 1:
        raise ArgumentError.of("items", items, message("1 or more"))
    codes, values = fallout.question.workspace.marker().lookup(dimension)
    names = [readable(v) for v in values]
    chosen = fallout.group(group)
    count = _after if of == "fallout" else _between
    frame, total = count(fallout, chosen, position, codes, names, items)
    return Breakdown(fallout, frame, total, position, of, dimension)


def _after(
    fallout: Fallout, group: Group, position: int, codes: np.ndarray, names: list[str], items: int
) -> tuple[pd.DataFrame, int]:
    walked = group.walked
    stopped = group.counted & (walked.depth == position)
    places = walked.witness[stopped, position - 1]
    following = around.directly_after(walked.high[stopped], places)
    found = following >= 0
    rows = walked.match.stream.row_at(following[found])
    counts = np.bincount(codes[rows].astype(np.int64), minlength=len(names))
    table = pd.Series(counts, index=names).groupby(level=0).sum()
    table = _largest(table[table > 0], items)
    if (~found).any():
        table[NOTHING_FURTHER] = int((~found).sum())
    total = int(stopped.sum())
    return _frame(table, table, total), total


def _between(
    fallout: Fallout, group: Group, position: int, codes: np.ndarray, names: list[str], items: int
) -> tuple[pd.DataFrame, int]:
    walked = group.walked
    went_on = group.counted & (walked.depth > position)
    following = min(position, len(fallout.labels) - 1)
    start, end = walked.witness[went_on, position - 1], walked.witness[went_on, following]
    stream = walked.match.stream
    distinct, number = np.unique(np.array(names, object).astype(str), return_inverse=True)
    _, containers = around.between(number[codes], distinct.size, stream, start, end)
    kept = [n for n in np.argsort(-containers, kind="stable") if containers[n]][:items]
    folded = np.full(distinct.size, len(kept), np.int64)
    folded[kept] = np.arange(len(kept))
    rows, containers = around.between(folded[number][codes], len(kept) + 1, stream, start, end)
    labels = [*(str(distinct[n]) for n in kept), OTHER]
    present = containers > 0
    total = int(went_on.sum())
    shown = pd.Series(containers, index=labels)[present]
    return _frame(shown, pd.Series(rows, index=labels)[present], total), total


def _largest(table: pd.Series, items: int) -> pd.Series:
    ordered = table.sort_index().sort_values(ascending=False, kind="stable")
    out = ordered.iloc[:items].copy()
    if len(ordered) > items:
        out[OTHER] = ordered.iloc[items:].sum()
    return out


def _frame(containers: pd.Series, rows: pd.Series, total: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item": containers.index.astype(str),
            "containers": containers.to_numpy(np.int64),
            "rows": rows.to_numpy(np.int64),
            "total": total,
            "share": containers.to_numpy(float) / total if total else np.nan,
        }
    )
