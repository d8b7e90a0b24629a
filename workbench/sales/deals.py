"""Opportunities as columns: one place a deal, in the order of their keys."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import pyarrow as pa

from workbench import money
from workbench.errors import AbsentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.catalogue import OPEN, WON, Catalogue
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

NEVER = np.iinfo(np.int64).min
NO_DAY = np.iinfo(np.int32).min
_TEXTS = (
    "opportunity_id", "account_id", "name", "pipeline", "stage", "currency", "forecast_category",
    "owner_id", "type", "lead_source", "campaign_id", "next_step", "loss_reason", "product",
)  # fmt: skip
_kept: WeakKeyDictionary[Workspace, Deals] = WeakKeyDictionary()


@dataclass(frozen=True)
class Deals:
    """Opportunities as they stand in their table, those created by `as_of`.

    Attributes
    ----------
    workspace : Workspace
    catalogue : Catalogue
    table : pyarrow.Table
        The text columns; null where the workspace has none.
    stage : numpy.ndarray of int32
        Code of the present stage in the catalogue; -1 for none.
    outcome : numpy.ndarray of int8
        0 open, 1 won, 2 lost, as the table says.
    created_at, closed_at : numpy.ndarray of int64
        Microseconds since 1970 in UTC; `NEVER` where unknown.
    closed_date_only : numpy.ndarray of bool
        Whether only the date of closing is known.
    created_on, closed_on, expected_on : numpy.ndarray of int32
        Days since 1970 in the reporting zone; `NO_DAY` where unknown.
    amount, imported, probability : numpy.ndarray of float
        In the currency of the deal, as the source converted it, and 0…1; NaN where unknown.
    """

    workspace: Workspace
    catalogue: Catalogue
    table: pa.Table
    stage: np.ndarray
    outcome: np.ndarray
    created_at: np.ndarray
    closed_at: np.ndarray
    closed_date_only: np.ndarray
    created_on: np.ndarray
    closed_on: np.ndarray
    expected_on: np.ndarray
    amount: np.ndarray
    imported: np.ndarray
    probability: np.ndarray

    def __len__(self) -> int:
        return self.table.num_rows

    def text(self, name: str) -> np.ndarray:
        """A text column as objects; None where missing."""
        found = self.table.column(name).to_numpy(zero_copy_only=False)
        return np.asarray(found, object)

    def coded(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Code of each deal and the text of each code, in order of text; -1 for missing."""
        column = self.table.column(name).combine_chunks().dictionary_encode()
        values = np.asarray(column.dictionary.to_numpy(zero_copy_only=False), object)
        codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
        order = np.argsort(values.astype(str), kind="stable")
        rank = np.empty(values.size + 1, np.int64)
        rank[order], rank[-1] = np.arange(values.size), -1
        return rank[codes], values[order]

    @cached_property
    def currency(self) -> str:
        """The one currency that amounts are added in; empty where none is known."""
        return money.target_currency(self.workspace, self.coded("currency")[1], "currency")

    @cached_property
    def pipeline(self) -> np.ndarray:
        """Number of each deal's pipeline in `catalogue.pipelines`; -1 for none of them."""
        codes, names = self.coded("pipeline")
        number = {name: n for n, name in enumerate(self.catalogue.pipelines)}
        of_name = np.array([*(number.get(n, -1) for n in names), number.get("", -1)], np.int64)
        return of_name[codes]

    def converted(
        self,
        amount: np.ndarray,
        *,
        at_day: int | np.ndarray,
        closed_on: np.ndarray | None = None,
        expected_on: np.ndarray | None = None,
        of: np.ndarray | None = None,
    ) -> np.ndarray:
        """Amounts of deals in one currency; NaN where no rate is known.

        Parameters
        ----------
        amount : numpy.ndarray of float
            In the currency of the deal.
        at_day : int or numpy.ndarray
            Day that is looked at, since 1970; it decides the latest rate.
        closed_on, expected_on : numpy.ndarray of int32, optional
            Days of closing as known on that day; `NO_DAY` while open. The present ones when left
            out.
        of : numpy.ndarray of int64, optional
            Number of the deal behind each amount; all deals in order when left out.
        """
        every = slice(None) if of is None else of
        currencies = self._currencies[every]
        closed = self.closed_on[every] if closed_on is None else closed_on
        expected = self.expected_on[every] if expected_on is None else expected_on
        if not self.currency:
            return amount
        policy = self.workspace.settings.currency.policy
        own = (currencies == self.currency) | (currencies == "")
        if policy == "as_imported":
            ratio = self.imported[every] / np.where(
                self.amount[every] == 0, np.nan, self.amount[every]
            )
            return np.where(np.isnan(ratio), np.where(own, amount, np.nan), amount * ratio)
        now = np.broadcast_to(np.asarray(at_day), amount.shape).astype(np.int64)
        if policy == "close_date":
            days = np.where(closed != NO_DAY, closed, np.where(expected != NO_DAY, expected, now))
        elif policy == "frozen_at_close":
            days = np.where(closed != NO_DAY, np.minimum(closed, now), now)
        else:
            days = now
        if own.all():
            return amount
        factor = money.factors(self.workspace, currencies, days.astype("M8[D]"), self.currency)
        return amount * factor

    @cached_property
    def _currencies(self) -> np.ndarray:
        codes, names = self.coded("currency")
        return np.append(names, "").astype(str)[codes]

    def owners(self) -> np.ndarray:
        """Name of each deal's owner, the key where no name is known, None without one."""
        keys = self.text("owner_id")
        if not self.workspace.has("users", "user_id", "name"):
            return keys
        read = self.workspace.sql(
            "SELECT user_id::VARCHAR AS key, min(name) AS name FROM users GROUP BY ALL"
        )
        named = dict(zip(read["key"], read["name"], strict=True))
        codes, values = self.coded("owner_id")
        shown = [named.get(key) or key for key in values]
        return np.array([*shown, None], object)[codes]


def deals_of(workspace: Workspace) -> Deals:
    """The deals of a workspace; read once.

    Raises
    ------
    AbsentError
        When the workspace has no opportunities.
    """
    if workspace not in _kept:
        _kept[workspace] = _read(workspace)
    return _kept[workspace]


def _read(workspace: Workspace) -> Deals:
    if not workspace.has("opportunities", "opportunity_id"):
        raise AbsentError.of(
            "workspace",
            workspace.name,
            message("a workspace with a table of opportunities"),
            message("Name it under tables: in the workspace file."),
        )
    columns = workspace.columns_of("opportunities")

    def of(name: str, kind: str) -> str:
        for candidate in (name, f"x_{name}"):
            if candidate in columns:
                return f"{quoted(candidate)}::{kind}"
        return f"NULL::{kind}"

    zone = workspace.settings.report_tz
    created, closed = of("created_at", "TIMESTAMPTZ"), of("closed_at", "TIMESTAMPTZ")
    texts = ", ".join(f"{of(name, 'VARCHAR')} AS {name}" for name in _TEXTS)
    read = workspace.arrow(
        f"SELECT {texts}, "
        f"epoch_us({created}) AS created_at, epoch_us({closed}) AS closed_at, "
        f"epoch(({created} AT TIME ZONE $zone)::DATE)::BIGINT // 86400 AS created_on, "
        f"epoch(({closed} AT TIME ZONE $zone)::DATE)::BIGINT // 86400 AS closed_on, "
        f"epoch({of('expected_close_on', 'DATE')})::BIGINT // 86400 AS expected_on, "
        f"coalesce({of('closed_at_date_only', 'BOOLEAN')}, false) AS date_only, "
        f"coalesce({of('is_closed', 'BOOLEAN')}, {closed} IS NOT NULL) AS is_closed, "
        f"coalesce({of('is_won', 'BOOLEAN')}, false) AS is_won, "
        f"{of('amount', 'DOUBLE')} AS amount, {of('amount_rc', 'DOUBLE')} AS imported, "
        f"{of('probability', 'DOUBLE')} AS probability FROM opportunities "
        f"WHERE opportunity_id IS NOT NULL AND coalesce(epoch_us({created}) <= $now, true) "
        "ORDER BY opportunity_id",
        {"zone": zone, "now": microseconds_of(workspace.as_of)},
    )
    catalogue = Catalogue.of(workspace)

    def numbers(name: str, nothing: int, kind: type) -> np.ndarray:
        return read.column(name).fill_null(nothing).to_numpy().astype(kind)

    def decimals(name: str) -> np.ndarray:
        return read.column(name).fill_null(float("nan")).to_numpy().astype(float)

    is_closed, is_won = (
        read.column(n).to_numpy(zero_copy_only=False) for n in ("is_closed", "is_won")
    )
    table = read.select(list(_TEXTS))
    return Deals(
        workspace=workspace,
        catalogue=catalogue,
        table=table,
        stage=stage_codes(catalogue, table.column("pipeline"), table.column("stage")),
        outcome=np.where(is_closed, np.where(is_won, WON, 2), OPEN).astype(np.int8),
        created_at=numbers("created_at", NEVER, np.int64),
        closed_at=numbers("closed_at", NEVER, np.int64),
        closed_date_only=read.column("date_only").to_numpy(zero_copy_only=False),
        created_on=numbers("created_on", NO_DAY, np.int32),
        closed_on=numbers("closed_on", NO_DAY, np.int32),
        expected_on=numbers("expected_on", NO_DAY, np.int32),
        amount=decimals("amount"),
        imported=decimals("imported"),
        probability=decimals("probability"),
    )


def stage_codes(
    catalogue: Catalogue, pipelines: pa.ChunkedArray, stages: pa.ChunkedArray
) -> np.ndarray:
    """Code of each pair of pipeline and stage in the catalogue; -1 for a missing stage."""
    first, second = (
        column.combine_chunks().fill_null(nothing).dictionary_encode()
        for column, nothing in ((pipelines, ""), (stages, "\0"))
    )
    known = {
        (p, s): n
        for n, (p, s) in enumerate(
            zip(catalogue.frame["pipeline"], catalogue.frame["stage"], strict=True)
        )
    }
    of_pair = np.array(
        [
            [known.get((p, s), -1) for s in second.dictionary.to_pylist()]
            for p in first.dictionary.to_pylist()
        ],
        np.int32,
    ).reshape(len(first.dictionary), len(second.dictionary))
    return of_pair[first.indices.to_numpy(), second.indices.to_numpy()]


def days_of(days: np.ndarray) -> pd.Series:
    """Days since 1970 as dates; `NO_DAY` becomes missing."""
    out = np.asarray(days).astype("M8[D]").astype("M8[s]")
    return pd.Series(np.where(np.asarray(days) == NO_DAY, np.datetime64("NaT"), out))
