"""What comparable customers own and a customer does not: n of m, nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.journeys.growth.question import WEEK, Question
from workbench.journeys.growth.usage import item_of
from workbench.journeys.records import Deals
from workbench.journeys.scoping import MISSING
from workbench.messages import message
from workbench.quoting import quoted
from workbench.results.intervals import wilson

_MOST_ITEMS = 60
COLUMNS = ("number", "item", "users", "comparable", "share", "low", "high", "among")


def owned_by(
    question: Question, customers: pd.DataFrame, rows: pd.DataFrame | None, found: Deals
) -> pd.DataFrame:
    """Which customer owns which item: by use within the time, or by a won opportunity."""
    parts = []
    if rows is not None:
        late = rows["time"] >= question.end - question.owned_within.microseconds
        parts.append(rows.loc[late & rows["item"].notna(), ["number", "item"]])
    # Features that are used and products that were bought are not the same kind of thing.
    bought_too = rows is None or item_of(question) != "feature"
    deals = found.frame
    won = deals[bought_too & (deals["outcome"] == "won") & deals["product"].notna()]
    if len(won):
        number = pd.Index(customers["key"].to_numpy(object)).get_indexer(
            pd.Index(won["account_id"].to_numpy(object))
        )
        bought = pd.DataFrame({"number": number, "item": won["product"].to_numpy(object)})
        parts.append(bought[bought["number"] >= 0])
    if not parts:
        return pd.DataFrame({"number": pd.Series(dtype=int), "item": pd.Series(dtype="str")})
    return pd.concat(parts, ignore_index=True).drop_duplicates().astype({"item": "str"})


def suggested(question: Question, customers: pd.DataFrame, owned: pd.DataFrame) -> pd.DataFrame:
    """Items that a customer does not own and enough comparable customers do.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: ``users`` of ``comparable`` other customers own the item; ``among`` says
        who they are: those of the same value of `comparable_by`, or all where these are too few.
        Customers that own nothing are neither compared nor offered anything; those younger than
        twice the recent weeks are compared, but had no time yet to use everything.
    """
    empty = pd.DataFrame({name: pd.Series(dtype=float) for name in COLUMNS})
    if owned.empty:
        return empty.astype({"item": "str", "among": "str"})
    frequent = owned["item"].value_counts()
    names = list(frequent.sort_index().sort_values(ascending=False, kind="stable").index)
    names = names[:_MOST_ITEMS]
    column = pd.Index(names).get_indexer(pd.Index(owned["item"].to_numpy(object)))
    has = np.zeros((len(customers), len(names)), bool)
    kept = column >= 0
    has[owned["number"].to_numpy()[kept], column[kept]] = True
    active = np.asarray(has.any(axis=1))
    settled = active & ~_young(question, customers)
    group, labels = _groups(question, customers)
    sizes = np.bincount(group[active], minlength=len(labels))
    counts = np.zeros((len(labels), len(names)), np.int64)
    np.add.at(counts, group[active], has[active].astype(np.int64))
    # The customer itself is no comparable customer.
    small = sizes[group] - active < question.least_comparable
    others = np.where(small, active.sum() - active, sizes[group] - active)
    users = np.where(small[:, None], has[active].sum(0)[None, :], counts[group]) - has
    share = np.zeros(has.shape)
    np.divide(users, others[:, None], out=share, where=others[:, None] > 0)
    enough = (others >= question.least_comparable)[:, None]
    number, item = np.nonzero(
        settled[:, None] & ~has & enough & (share >= question.comparable_share)
    )
    n, m = users[number, item], others[number]
    low, high = wilson(n, m)
    among = np.where(small, message("all customers"), np.array(labels, object)[group])
    out = pd.DataFrame(
        {
            "number": number,
            "item": np.array(names, object)[item],
            "users": n,
            "comparable": m,
            "share": n / np.maximum(m, 1),
            "low": low,
            "high": high,
            "among": among[number],
        }
    )
    out = out.astype({"item": "str", "among": "str"})
    return out.sort_values(
        ["number", "share", "item"], ascending=[True, False, True], ignore_index=True
    )


def _young(question: Question, customers: pd.DataFrame) -> np.ndarray:
    edge = pd.Timestamp(question.end - 2 * question.weeks * WEEK, unit="us", tz="UTC")
    return (customers["customer_since"] > edge).to_numpy(bool)


def _groups(question: Question, customers: pd.DataFrame) -> tuple[np.ndarray, list[str]]:
    """Number of the comparable group of each customer, and their names."""
    name = question.comparable_by
    if name is None:
        return np.zeros(len(customers), np.int64), [message("all customers")]
    values = column_of_accounts(question, name, customers["key"])
    codes, labels = pd.factorize(values, sort=True)
    return codes.astype(np.int64), [
        message("{column} {value}", column=name.replace("_", " "), value=label) for label in labels
    ]


def column_of_accounts(question: Question, name: str, keys: pd.Series) -> pd.Series:
    """A column of accounts for some keys as text; (missing) where there is no value."""
    known = question.workspace.columns_of("accounts")
    column = name if name in known else f"x_{name}"
    read = question.workspace.sql(
        f"SELECT account_id::VARCHAR AS k, min({quoted(column)}::VARCHAR) AS v FROM accounts "
        "GROUP BY ALL"
    ).set_index("k")["v"]
    found = read.reindex(keys.to_numpy(object)).set_axis(keys.index)
    return found.astype("object").astype("str").fillna(MISSING)
