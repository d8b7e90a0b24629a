"""Groups of deals: by owner, team, product, stage, or any column of theirs or their account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.catalogue import WON
from workbench.sales.deals import NEVER, Deals
from workbench.sales.history import QUALITIES, history_of
from workbench.sales.pipeline.standing import Standing, category_names
from workbench.vocabulary.periods import microseconds_of

MISSING = "(missing)"
_KEYS = {"owner": "owner_id", "team": "owner_id", "account": "account_id"}
_NAMED = ("owner", "account", "customer", "stage", "forecast_category", "history_quality")


@dataclass(frozen=True)
class Grouping:
    """A group for every deal.

    Attributes
    ----------
    codes : numpy.ndarray of int64
        Place of each deal's group in `names`.
    names : list of str
        In order of text; stages, categories and qualities in their own order. Deals without a
        value come last, as ``(missing)``.
    ordered : bool
        Whether the order of the names means something.
    """

    codes: np.ndarray
    names: list[str]
    ordered: bool = False


def everyone() -> str:
    """What all deals together are called."""
    return message("All opportunities")


def grouping(deals: Deals, by: str, standing: Standing) -> Grouping:
    """Group deals by a column.

    Parameters
    ----------
    by : str
        ``owner``, ``team`` (of the owner), ``account``, ``customer`` (whether the account had won
        before), ``stage`` and ``forecast_category`` (as they stood), ``history_quality``, a column
        of the opportunities, or of their accounts such as ``industry`` or ``accounts.type``.

    Raises
    ------
    AbsentError
        For a column that neither has.
    """
    name = by.removeprefix("opportunities.") if isinstance(by, str) else by
    name = {"owner_id": "owner", "account_id": "account", "category": "forecast_category"}.get(
        name, name
    )
    if name == "stage":
        catalogue = deals.catalogue
        named = [str(s) for s in catalogue.frame["stage"]]
        order = [named[n] for n in np.argsort(catalogue.place, kind="stable")]
        return _merged(standing.stage.astype(np.int64), named, order)
    if name == "forecast_category":
        named = category_names()
        return _merged(standing.category.astype(np.int64), named, named)
    if name == "history_quality":
        named = list(QUALITIES)
        return _merged(history_of(deals.workspace).quality.astype(np.int64), named, named)
    if name == "customer":
        return _customers(deals, standing)
    if name in deals.table.column_names and name not in ("opportunity_id", "name"):
        codes, values = deals.coded(name)
        if values.size:
            return _merged(codes, [str(v) for v in values])
    if name in _KEYS:
        codes, values = deals.coded(_KEYS[name])
        if values.size:
            return _merged(codes, _named(deals, name, values))
    return _read(deals, name)


def _customers(deals: Deals, standing: Standing) -> Grouping:
    """Whether the account had won before the deal was created (strictly: rule 8)."""
    accounts, known = deals.coded("account_id")
    first = np.full(known.size + 1, np.iinfo(np.int64).max)
    won = (standing.outcome == WON) & (standing.closed_at != NEVER) & (accounts >= 0)
    np.minimum.at(first, accounts[won], standing.closed_at[won])
    codes = (deals.created_at > first[accounts]).astype(np.int64)
    codes[(accounts < 0) | (deals.created_at == NEVER)] = -1
    named = [message("new customer"), message("existing customer")]
    return _merged(codes, named, named)


def _merged(codes: np.ndarray, values: Sequence[str | None], order: Sequence[str] = ()) -> Grouping:
    """Groups of equal names put together, in order of text, those without one last."""
    shown = list(dict.fromkeys(order)) or sorted({v for v in values if v is not None})
    number = {v: n for n, v in enumerate(shown)}
    of_code = np.array([*(number.get(v, -1) if v is not None else -1 for v in values), -1])
    found = of_code[codes]
    used = np.unique(found[found >= 0])
    rank = np.full(len(shown) + 1, used.size, np.int64)
    rank[used] = np.arange(used.size)
    names = [_readable(shown[n]) for n in used]
    every = [*names, MISSING] if (found < 0).any() else names
    return Grouping(rank[found], every, bool(order))


def _readable(name: str) -> str:
    return name if name.strip() else message("(blank)")


def _named(deals: Deals, name: str, keys: np.ndarray) -> list[str | None]:
    """Names of keys that stay apart; teams may be the same of many owners."""
    workspace = deals.workspace
    if name == "account":
        found = [str(v) for v in workspace.display_names("account", keys)]
    elif not workspace.has("users", "user_id", "team" if name == "team" else "name"):
        if name == "team":
            raise AbsentError.of("by", name, _known(deals))
        found = [str(k) for k in keys]
    else:
        column = "team" if name == "team" else "name"
        read = workspace.sql(
            f"SELECT user_id::VARCHAR AS key, min({column}) AS name FROM users GROUP BY ALL"
        )
        known = dict(zip(read["key"], read["name"], strict=True))
        if name == "team":
            teams = [known.get(k) for k in keys]
            return [t if isinstance(t, str) and t else None for t in teams]
        found = [str(known.get(k) or k) for k in keys]
    twice = {n for n in found if found.count(n) > 1} if len(set(found)) < len(found) else set()
    return [f"{n} · {k}" if n in twice else n for n, k in zip(found, keys, strict=True)]


def _known(deals: Deals) -> list[str]:
    workspace = deals.workspace
    own = [n.removeprefix("x_") for n in workspace.columns_of("opportunities")]
    theirs = [f"accounts.{n.removeprefix('x_')}" for n in workspace.columns_of("accounts")]
    team = ["team"] if workspace.has("users", "user_id", "team") else []
    named = {n for n in _NAMED if n not in _KEYS or _KEYS[n] in own}
    return sorted({*own, *theirs, *team, *named} - {"opportunity_id"})


def _read(deals: Deals, name: str) -> Grouping:
    """Groups by a column that is not read with the deals."""
    workspace = deals.workspace
    own = workspace.columns_of("opportunities")
    theirs = workspace.columns_of("accounts") if "account_id" in own else {}
    wanted = str(name).removeprefix("accounts.")
    found = [f"t.{quoted(c)}" for c in (name, f"x_{name}") if c in own]
    found += [f"a.{quoted(c)}" for c in (wanted, f"x_{wanted}") if c in theirs]
    if not found:
        raise AbsentError.of("by", name, _known(deals))
    joined = "LEFT JOIN accounts a ON a.account_id = t.account_id" if theirs else ""
    created = "coalesce(epoch_us(t.created_at) <= $now, true)"
    read = workspace.arrow(
        f"SELECT min({found[0]}::VARCHAR) AS value FROM opportunities t {joined} "
        "WHERE t.opportunity_id IS NOT NULL AND "
        f"{created if 'created_at' in own else '$now IS NOT NULL'} "
        "GROUP BY t.opportunity_id ORDER BY t.opportunity_id",
        {"now": microseconds_of(workspace.as_of)},
    )
    column = read.column("value").combine_chunks().dictionary_encode()
    codes = column.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return _merged(codes, column.dictionary.to_pylist())
