"""Reading what was saved on deals: many rows with little memory, sorted by deal and time.

Source: b2b-data-model.md, section 3.2 (what an export of history holds) and section 4, rule 1
(order of the saves).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import njit

from workbench.quoting import quoted
from workbench.sales.deals import Deals
from workbench.vocabulary.periods import microseconds_of

_FEW = 64


def column_of(deals: Deals, name: str, kind: str) -> str:
    """A column of the saves as SQL; a null where they have none. ``x_`` may be left out."""
    columns = deals.workspace.columns_of("opportunity_history")
    for candidate in (name, f"x_{name}"):
        if candidate in columns:
            return f"h.{quoted(candidate)}::{kind}"
    return f"NULL::{kind}"


def read_saves(
    deals: Deals,
    wanted: Mapping[str, str],
    joined: str = "",
    values: Mapping[str, Any] | None = None,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Columns of the saves up to `as_of`, sorted by deal, time and the key of the save.

    Rows are read as they lie in the file and put in order here, because most files are nearly
    sorted; only deals with several saves at one instant are asked for again in full order.

    Parameters
    ----------
    wanted : mapping
        Name of each column and its SQL, without nulls, of the saves ``h`` and the deals ``o``.
    joined : str
        What stands after these two in ``FROM``.
    values : mapping, optional
        Values for the ``$name`` places.

    Returns
    -------
    offsets : numpy.ndarray of int64, shape (deals + 1,)
    columns : dict
        ``at`` (microseconds since 1970) and the wanted ones.
    """
    query = _query(deals, wanted, joined)
    given = {"now": microseconds_of(deals.workspace.as_of), **(values or {})}
    columns = _filled(deals, query, given)
    deal, at = columns.pop("deal"), columns["at"]
    offsets = np.append(0, np.cumsum(np.bincount(deal, minlength=len(deals)))).astype(np.int64)
    if ((deal[1:] < deal[:-1]) | ((deal[1:] == deal[:-1]) & (at[1:] < at[:-1]))).any():
        order = _order(deal, at, offsets)
        deal = deal[order]
        for name in columns:
            columns[name] = columns[name][order]
        at = columns["at"]
    tied = np.unique(deal[1:][(deal[1:] == deal[:-1]) & (at[1:] == at[:-1])])
    if tied.size:
        again = (
            f"JOIN (SELECT unnest($tied::INTEGER[]) AS deal) tied ON tied.deal = o.deal {joined}"
        )
        key, stage, amount = (
            column_of(deals, name, kind)
            for name, kind in (
                ("history_id", "VARCHAR"),
                ("stage", "VARCHAR"),
                ("amount", "DOUBLE"),
            )
        )
        last = f"ORDER BY o.deal, h.changed_at, {key}, {stage}, {amount}"
        known = {**given, "tied": tied.tolist()}
        full = deals.workspace.arrow(f"{_query(deals, wanted, again)} {last}", known)
        mark = np.zeros(len(deals), bool)
        mark[tied] = True
        places = np.flatnonzero(mark[deal])
        for name in columns:
            columns[name][places] = full.column(name).to_numpy()
    return offsets, columns


def _query(deals: Deals, wanted: Mapping[str, str], joined: str) -> str:
    known = deals.workspace.columns_of("opportunities")
    until = "AND coalesce(epoch_us(created_at) <= $now, true)" if "created_at" in known else ""
    pipeline = "pipeline" if "pipeline" in known else "NULL::VARCHAR AS pipeline"
    chosen = ", ".join(f"{text} AS {name}" for name, text in wanted.items())
    return (
        f"WITH o AS (SELECT opportunity_id, {pipeline}, "
        "(row_number() OVER (ORDER BY opportunity_id) - 1)::INTEGER AS deal "
        f"FROM opportunities WHERE opportunity_id IS NOT NULL {until}) "
        f"SELECT o.deal AS deal, epoch_us(h.changed_at) AS at, {chosen} "
        f"FROM opportunity_history h JOIN o ON o.opportunity_id = h.opportunity_id {joined} "
        "WHERE h.changed_at IS NOT NULL AND epoch_us(h.changed_at) <= $now"
    )


def _filled(deals: Deals, query: str, given: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The columns of a query, filled a part at a time."""
    most = deals.workspace.tables["opportunity_history"].rows
    columns: dict[str, np.ndarray] = {}
    filled = 0
    for batch in deals.workspace.batches(query, dict(given)):
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            part = values.to_numpy(zero_copy_only=False)
            if name not in columns:
                columns[name] = np.empty(most, part.dtype)
            columns[name][filled : filled + part.size] = part
        filled += batch.num_rows
    if not columns:
        nothing = deals.workspace.arrow(query, dict(given))
        return {name: nothing.column(name).to_numpy() for name in nothing.column_names}
    return {name: values[:filled] for name, values in columns.items()}


@njit(cache=True, nogil=True)
def _order(deal, at, offsets):
    """Places of the rows by deal and time; equal ones stay as they lie."""
    filled = offsets[:-1].copy()
    out = np.empty(deal.size, np.int64)
    for i in range(deal.size):
        out[filled[deal[i]]] = i
        filled[deal[i]] += 1
    for d in range(offsets.size - 1):
        start, end = offsets[d], offsets[d + 1]
        if end - start > _FEW:
            own = out[start:end].copy()
            out[start:end] = own[np.argsort(at[own], kind="mergesort")]
            continue
        for i in range(start + 1, end):
            row, j = out[i], i - 1
            while j >= start and at[out[j]] > at[row]:
                out[j + 1] = out[j]
                j -= 1
            out[j + 1] = row
    return out
