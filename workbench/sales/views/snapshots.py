"""Deals as they stood at an instant, in place of the rows of their table.

Source: sales-pipeline.md, section 5 (two histories not to mix); b2b-data-model.md, section 4.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from workbench.errors import ArgumentError
from workbench.quoting import quoted
from workbench.sales.catalogue import OPEN, WON
from workbench.sales.deals import NEVER, NO_DAY
from workbench.sales.history import History, history_of
from workbench.sales.moments import Moment, moment_at
from workbench.sales.views.schema import RATE, one_a_key
from workbench.vocabulary.periods import microseconds_of

if TYPE_CHECKING:
    from workbench.workspace import Workspace

TRACKED = (
    "stage", "is_closed", "is_won", "amount", "probability", "expected_close_on", "closed_at",
    "forecast_category", "owner_id",
)  # fmt: skip
_CHANGED = "last_stage_change_at"
_KINDS = {
    "is_closed": "BOOLEAN", "is_won": "BOOLEAN", "amount": "DOUBLE", "probability": "DOUBLE",
    "expected_close_on": "DATE", "closed_at": "TIMESTAMP WITH TIME ZONE",
    _CHANGED: "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


_kept: WeakKeyDictionary[Workspace, tuple[str, dict[str, str]]] = WeakKeyDictionary()


def rows_of(moment: Moment, there: np.ndarray) -> pa.Table:
    """Some deals as they stood.

    Returns
    -------
    pyarrow.Table
        ``opportunity_id``, the columns of `TRACKED`, and ``rate``: what an amount of the deal is
        multiplied with on that day.
    """
    deals = moment.deals
    catalogue = np.append(deals.catalogue.frame["stage"].to_numpy(object), [None])
    kind, closed_at = moment.kind[there], moment.closed_at[there]
    expected = moment.expected_on[there]
    try:
        rate = moment.rate()[there]
    except ArgumentError:
        rate = np.full(there.size, np.nan)  # several currencies: refused where they are added
    keys = deals.table.column("opportunity_id").combine_chunks().take(pa.array(there))
    numbers = {"amount": moment.amount, "probability": moment.probability}
    return pa.table(
        {
            "opportunity_id": keys.cast(pa.string()),
            "stage": pa.array(catalogue[moment.stage[there]], pa.string()),
            "is_closed": pa.array(kind != OPEN),
            "is_won": pa.array(kind == WON),
            "expected_close_on": pa.array(expected, pa.int32(), mask=expected == NO_DAY).cast(
                pa.date32()
            ),
            "closed_at": _instants(np.where(kind == OPEN, NEVER, closed_at)),
            "forecast_category": pa.array(moment.category.texts()[there], pa.string()),
            "owner_id": pa.array(moment.owner.texts()[there], pa.string()),
            "rate": pa.array(rate, from_pandas=True),
            **{
                name: pa.array(values[there].astype(float), from_pandas=True)
                for name, values in numbers.items()
            },
        }
    )


def standing(workspace: Workspace) -> tuple[str, dict[str, str]]:
    """SQL of the deals as they stood at the instant that a workspace looks from, and its columns.

    Deals created later are left out. What no save tells of, such as the next step, is that of the
    table; an instant at which the stage changed later is not told.
    """
    if workspace not in _kept:
        history = history_of(workspace)
        instant = microseconds_of(workspace.as_of)
        moment = moment_at(history, instant)
        there = np.flatnonzero(moment.begun)
        changes = _last_changes(history, instant, there)
        name = f"␟opportunities {workspace.as_of.isoformat()}"
        workspace.lay_beside(name, rows_of(moment, there).append_column(_CHANGED, changes))
        _kept[workspace] = relation(workspace, name, (*TRACKED, _CHANGED))
    return _kept[workspace]


def relation(
    workspace: Workspace,
    name: str,
    tracked: Sequence[str] = TRACKED,
    beside: Sequence[str] = (),
) -> tuple[str, dict[str, str]]:
    """SQL of the opportunities with the values of a table of `rows_of`, and the columns it has.

    Parameters
    ----------
    name : str
        Of that table.
    tracked : sequence of str
        Columns that are taken from it where the deals have them; those of `TRACKED` always.
    beside : sequence of str
        Columns that it adds.
    """
    columns = dict(workspace.columns_of("opportunities"))
    tracked = [c for c in tracked if c in TRACKED or c in columns]
    replaced = [f"m.{quoted(c)} AS {quoted(c)}" for c in tracked if c in columns]
    added = [f"m.{quoted(c)}" for c in (*beside, *tracked) if c not in columns]
    shown = f"o.* REPLACE ({', '.join(replaced)})" if replaced else "o.*"
    sql = (
        f"(SELECT {', '.join([shown, *added])}, m.rate AS {quoted(RATE)} FROM {quoted(name)} m "
        f"JOIN {one_a_key(workspace, 'opportunities')} o "
        "ON o.opportunity_id::VARCHAR = m.opportunity_id)"
    )
    for column in tracked:
        columns[column] = _KINDS.get(column, "VARCHAR")
    return sql, columns


def _last_changes(history: History, instant: int, there: np.ndarray) -> pa.Array:
    """When each deal entered the stage in which it stood."""
    entered = np.full(len(history), -1, np.int64)
    entered[history.entries] = history.entries
    saves = history.last_before(instant)[there]
    out = np.full(there.size, NEVER, np.int64)
    if len(history):
        carried = np.maximum.accumulate(entered)[np.maximum(saves, 0)]
        known = (saves >= 0) & (carried >= history.offsets[:-1][there])
        out[known] = history.at[carried[known]]
    return _instants(out)


def _instants(microseconds: np.ndarray) -> pa.Array:
    kind = pa.timestamp("us", tz="UTC")
    return pa.array(microseconds, kind, mask=microseconds == NEVER)
