"""Shares of customers with each reason, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.journeys.growth.signals import SIGNALS, label_of
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results.intervals import wilson

if TYPE_CHECKING:
    from workbench.journeys.growth.result import Growth

COLUMNS = ("group", "measure", "label", "count", "total", "share", "low", "high")


def summary(result: Growth) -> pd.DataFrame:
    """One line a value of `by` and reason; the denominator is who could show it at all."""
    customers = result.found.customers
    having = result.signals.groupby("signal")["key"].agg(set).to_dict()
    able = {
        "rising use": customers["usage"].isin(["rising", "steady", "falling"]),
        "seats near the limit": customers["share_of_seats"].notna(),
        "comparable customers": customers["items"] > 0,
    }
    parts = [(message("All customers"), customers.index)] if result.question.by else []
    parts += [(name, lines.index) for name, lines in customers.groupby("group")]
    rows = []
    for name, index in parts:
        keys = customers.loc[index, "key"]
        anything = set().union(*having.values()) if having else set()
        rows.append((name, "any", message("Any reason"), keys.isin(anything).sum(), len(keys)))
        for signal in SIGNALS:
            could = keys[able[signal].loc[index]]
            count = could.isin(having.get(signal, set())).sum()
            rows.append((name, signal, label_of(signal), count, len(could)))
    out = pd.DataFrame(rows, columns=list(COLUMNS[:5])).astype({"count": "int64", "total": "int64"})
    out["share"] = shares(out["count"].to_numpy(), out["total"].to_numpy())
    out["low"], out["high"] = wilson(out["count"].to_numpy(), out["total"].to_numpy())
    return out
