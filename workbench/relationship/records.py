"""The records that relationships are kept with: accounts, opportunities, people and leads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.filtering import compiled
from workbench.messages import message
from workbench.quoting import quoted
from workbench.vocabulary.conditions import condition_from
from workbench.workspace import Workspace

NEVER = np.iinfo(np.int64).min
KINDS = ("opportunity", "account", "person", "lead")
TABLES = {
    "opportunity": ("opportunities", "opportunity_id"),
    "account": ("accounts", "account_id"),
    "person": ("people", "person_id"),
    "lead": ("leads", "lead_id"),
}
_INSTANTS = ("created_at", "closed_at", "converted_at", "last_stage_change_at")


@dataclass(frozen=True)
class Records:
    """Records of one kind in the order of their keys; one place a record.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    keys, names, account, owner, currency : numpy.ndarray of object
        Texts; None where unknown. The account and the owner are keys.
    person : numpy.ndarray of object
        Key of a lead's person.
    created_at, closed_at, stage_at : numpy.ndarray of int64
        Microseconds since 1970 in UTC; `NEVER` where unknown.
    closed, won : numpy.ndarray of bool
        As the table says now; of a lead, whether it was converted or turned down.
    amount : numpy.ndarray of float
        In the own currency; NaN where unknown.
    chosen : numpy.ndarray of bool
        Whether the condition holds that was asked for.
    """

    kind: str
    keys: np.ndarray
    names: np.ndarray
    account: np.ndarray
    owner: np.ndarray
    person: np.ndarray
    currency: np.ndarray
    created_at: np.ndarray
    closed_at: np.ndarray
    stage_at: np.ndarray
    closed: np.ndarray
    won: np.ndarray
    amount: np.ndarray
    chosen: np.ndarray

    def __len__(self) -> int:
        return self.keys.size

    def open_at(self, instant: int) -> np.ndarray:
        """Whether each record was there and not closed at an instant."""
        since = (self.closed_at != NEVER) & (self.closed_at > instant)
        return self.there_at(instant) & (~self.closed | since)

    def there_at(self, instant: int) -> np.ndarray:
        """Whether each record had been created by an instant; unknown counts as yes."""
        return (self.created_at == NEVER) | (self.created_at <= instant)


_kept: WeakKeyDictionary[Workspace, dict[str, Records]] = WeakKeyDictionary()


def check_kind(of: Any) -> str:
    """Refuse a kind of record that is not known."""
    if of not in KINDS:
        raise ArgumentError.of("of", of, KINDS)
    return str(of)


def records_of(workspace: Workspace, kind: str, where: Any = None) -> Records:
    """The records of one kind, own staff and merged people left out; all of them are read once.

    Raises
    ------
    AbsentError
        When the workspace has none of them, or `where` names a column that is not there.
    """
    known = _kept.setdefault(workspace, {})
    if where is not None:
        return _read(workspace, kind, where)
    if kind not in known:
        known[kind] = _read(workspace, kind, None)
    return known[kind]


def _read(workspace: Workspace, kind: str, where: Any) -> Records:
    table, key = TABLES[kind]
    if not workspace.has(table, key):
        raise AbsentError.of(
            "of",
            kind,
            [name for name, (other, own) in TABLES.items() if workspace.has(other, own)],
            message("Name the table {table} under tables: in the workspace file.", table=table),
        )
    columns = workspace.columns_of(table)

    def of(name: str, kind: str = "VARCHAR") -> str:
        for candidate in (name, f"x_{name}"):
            if candidate in columns:
                return f"t.{quoted(candidate)}::{kind}"
        return f"NULL::{kind}"

    values: list[Any] = []
    chosen, joined = _chosen(workspace, table, where, values)
    read = workspace.arrow(
        f"SELECT t.{quoted(key)}::VARCHAR AS key, min({_name(kind, of)}) AS name, "
        f"min({of('account_id')}) AS account, min({of('owner_id')}) AS owner, "
        f"min({of('person_id') if kind == 'lead' else 'NULL::VARCHAR'}) AS person, "
        f"min({of('currency')}) AS currency, min({of('amount', 'DOUBLE')}) AS amount, "
        + ", ".join(f"min(epoch_us({of(n, 'TIMESTAMPTZ')})) AS {n}" for n in _INSTANTS)
        + f", bool_or(coalesce({_closed(kind, of)}, false)) AS closed, "
        f"bool_or(coalesce({_won(kind, of)}, false)) AS won, "
        f"coalesce(bool_or({chosen}), false) AS chosen FROM {table} t {joined} "
        f"WHERE t.{quoted(key)} IS NOT NULL{_left_out(kind, columns)} GROUP BY 1 ORDER BY 1",
        values,
    )

    def texts(name: str) -> np.ndarray:
        return np.asarray(read.column(name).to_numpy(zero_copy_only=False), object)

    def instants(name: str) -> np.ndarray:
        return read.column(name).fill_null(int(NEVER)).to_numpy().astype(np.int64)

    def marks(name: str) -> np.ndarray:
        return read.column(name).to_numpy(zero_copy_only=False).astype(bool)

    keys, names = texts("key"), texts("name")
    return Records(
        kind=kind,
        keys=keys,
        names=np.array([n or k for n, k in zip(names, keys, strict=True)], object),
        account=keys if kind == "account" else texts("account"),
        owner=texts("owner"),
        person=keys if kind == "person" else texts("person"),
        currency=texts("currency"),
        created_at=instants("created_at"),
        closed_at=instants("converted_at" if kind == "lead" else "closed_at"),
        stage_at=instants("last_stage_change_at"),
        closed=marks("closed"),
        won=marks("won"),
        amount=read.column("amount").fill_null(float("nan")).to_numpy().astype(float),
        chosen=marks("chosen"),
    )


def _name(kind: str, of: Any) -> str:
    if kind == "person":
        parts = f"nullif(trim(concat_ws(' ', {of('first_name')}, {of('last_name')})), '')"
        return f"coalesce({parts}, {of('name')}, {of('email')})"
    return str(of("company_text") if kind == "lead" else of("name"))


def _closed(kind: str, of: Any) -> str:
    if kind == "opportunity":
        return f"coalesce({of('is_closed', 'BOOLEAN')}, {of('closed_at')} IS NOT NULL)"
    if kind == "lead":
        return f"({of('converted_at')} IS NOT NULL OR {of('disqualify_reason')} IS NOT NULL)"
    return "false"


def _won(kind: str, of: Any) -> str:
    if kind == "lead":
        return f"{of('converted_at')} IS NOT NULL"
    return str(of("is_won", "BOOLEAN")) if kind == "opportunity" else "false"


def _left_out(kind: str, columns: dict[str, str]) -> str:
    if kind != "person":
        return ""
    out = " AND NOT coalesce(t.is_internal, false)" if "is_internal" in columns else ""
    return out + (" AND t.merged_into_id IS NULL" if "merged_into_id" in columns else "")


def _chosen(workspace: Workspace, table: str, where: Any, values: list[Any]) -> tuple[str, str]:
    """The condition as SQL on ``t``, and the join that it needs."""
    if where is None:
        return "true", ""
    columns = {name: f"t.{quoted(name)}" for name in workspace.columns_of(table)}
    joined = ""
    if table != "accounts" and "account_id" in columns and workspace.has("accounts", "account_id"):
        joined = "LEFT JOIN accounts a ON a.account_id = t.account_id"
        for name in workspace.columns_of("accounts"):
            columns[f"accounts.{name}"] = f"a.{quoted(name)}"
            columns.setdefault(name, f"a.{quoted(name)}")

    def column(name: str) -> str:
        if name not in columns and f"x_{name}" in columns:
            return columns[f"x_{name}"]
        if name not in columns:
            raise AbsentError.of("where", name, columns)
        return columns[name]

    text = compiled(condition_from(where, "where"), column, values)
    _try(workspace, f"SELECT {text} FROM {table} t {joined} LIMIT 0", values)
    return text, joined


def _try(workspace: Workspace, query: str, values: list[Any]) -> None:
    import duckdb

    try:
        workspace.arrow(query, values)
    except duckdb.Error as problem:
        raise ArgumentError.of(
            "where",
            ", ".join(map(str, values)),
            message("values that fit their columns"),
            f"{str(problem).splitlines()[0]}.",
        ) from None
