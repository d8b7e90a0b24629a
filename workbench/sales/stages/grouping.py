"""Deals put into groups by a column: their owner, their product, anything of deal or company."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.deals import Deals
from workbench.vocabulary.periods import microseconds_of

OWNER = "owner"


@dataclass(frozen=True)
class Groups:
    """Group of each deal.

    Attributes
    ----------
    code : numpy.ndarray of int64
        Place in `keys`.
    keys, labels : numpy.ndarray of object
        Values, and how a reader sees them, in order of the labels. A missing value is a group.
    """

    code: np.ndarray
    keys: np.ndarray
    labels: np.ndarray


def groups_of(deals: Deals, by: str) -> Groups:
    """Group of each deal by a column.

    Raises
    ------
    AbsentError
        For a column that neither deals nor their companies have.
    """
    if by in (OWNER, "owner_id"):
        codes, keys = deals.coded("owner_id")
        named = dict(zip(keys[codes[codes >= 0]], deals.owners()[codes >= 0], strict=True))
        labels = np.array([str(named.get(key, key)) for key in keys], object)
    else:
        codes, keys = _column(deals, by)
        labels = keys.astype(str).astype(object)
    order = np.lexsort((keys.astype(str), labels.astype(str)))
    rank = np.full(keys.size + 1, keys.size, np.int64)
    rank[order] = np.arange(keys.size)
    code = rank[codes]
    keys, labels = keys[order], _apart(labels[order], keys[order])
    if (code == keys.size).any():
        keys = np.array([*keys, None], object)
        labels = np.array([*labels, message("(missing)")], object)
    return Groups(code, keys, labels)


def _apart(labels: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Labels that stand for several keys get their key behind."""
    twice = {name for name in labels if (labels == name).sum() > 1}
    return np.array(
        [
            message("{name} ({key})", name=name, key=key) if name in twice else name
            for name, key in zip(labels, keys, strict=True)
        ],
        object,
    )


def _column(deals: Deals, by: str) -> tuple[np.ndarray, np.ndarray]:
    workspace = deals.workspace
    own = workspace.columns_of("opportunities")
    columns = {name: f"t.{quoted(name)}" for name in own}
    joined = ""
    if "account_id" in own and workspace.has("accounts", "account_id"):
        joined = "LEFT JOIN accounts a ON a.account_id = t.account_id"
        for name in workspace.columns_of("accounts"):
            columns[f"accounts.{name}"] = f"a.{quoted(name)}"
            columns.setdefault(name, f"a.{quoted(name)}")
    chosen = columns.get(by) or columns.get(f"x_{by}")
    if chosen is None:
        raise AbsentError.of("by", by, [OWNER, *columns])
    until = "AND coalesce(epoch_us(t.created_at) <= ?, true) " if "created_at" in own else ""
    read = workspace.arrow(
        f"SELECT nullif(trim(min({chosen}::VARCHAR)), '') AS value FROM opportunities t {joined} "
        f"WHERE t.opportunity_id IS NOT NULL {until}"
        "GROUP BY t.opportunity_id ORDER BY t.opportunity_id",
        [microseconds_of(workspace.as_of)] if until else [],
    )
    column = read.column("value").combine_chunks().dictionary_encode()
    values = np.asarray(column.dictionary.to_numpy(zero_copy_only=False), object)
    return column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64), values
