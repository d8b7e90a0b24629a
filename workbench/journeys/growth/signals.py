"""Reasons to grow a customer, each with its counts and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.journeys.growth.usage import RISING
from workbench.journeys.lines import joined_by, shown, slot, told
from workbench.messages import marked, message
from workbench.results import numbers

if TYPE_CHECKING:
    from workbench.journeys.growth.gathering import Gathered
    from workbench.journeys.growth.question import Question

USE, SEATS, ITEM = "rising use", "seats near the limit", "comparable customers"
SIGNALS = {
    USE: marked("Rising use"),
    SEATS: marked("Seats near the limit"),
    ITEM: marked("Comparable own it"),
}


def label_of(signal: str) -> str:
    """What a reader calls a reason."""
    return message(SIGNALS[signal])


KIND = {USE: "upsell", SEATS: "upsell", ITEM: "cross-sell"}
COLUMNS = {
    "key": "Key of the customer",
    "name": "Name of the customer",
    "kind": "upsell or cross-sell",
    "signal": "Rising use, seats near the limit, or comparable customers",
    "item": "What could be sold; empty for upsell",
    "count": "Uses in the recent weeks, people on seats, or comparable customers that own the item",
    "total": "Uses in the weeks before, seats, or comparable customers",
    "share": "count / total where it is a share, 0…1",
    "low": "Lower end of the 95 % Wilson interval of a share of customers",
    "high": "Upper end of it",
    "words": "The reason as a sentence",
}


def signals_of(question: Question, found: Gathered) -> pd.DataFrame:
    """Every reason of every customer, with the columns of `COLUMNS`."""
    customers = found.customers
    parts = [_use(question, customers), _seats(question, customers), _items(found)]
    out = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    out = out.merge(customers[["key", "name"]].reset_index(names="number"), on="number", how="left")
    out["kind"] = out["signal"].map(KIND)
    out = out.sort_values(["number", "kind", "signal", "share", "item"],
                          ascending=[True, False, True, False, True])  # fmt: skip
    texts = ["key", "name", "kind", "signal", "item", "words"]
    figures = ["count", "total", "share", "low", "high"]
    out[figures] = out[figures].astype(float)
    out[texts] = out[texts].astype("object").astype("str")
    return out[["number", *COLUMNS]].reset_index(drop=True)


def _frame(chosen: pd.DataFrame, signal: str) -> pd.DataFrame:
    return pd.DataFrame(
        {"number": chosen.index.to_numpy(), "signal": signal, "item": "", "low": np.nan,
         "high": np.nan}
    )  # fmt: skip


def _use(question: Question, customers: pd.DataFrame) -> pd.DataFrame:
    chosen = customers[customers["usage"] == RISING]
    out = _frame(chosen, USE)
    out["count"], out["total"] = chosen["uses_recent"].to_numpy(), chosen["uses_before"].to_numpy()
    out["share"] = np.nan
    out["words"] = told(
        message(
            "Used {n} times in the last {weeks} weeks, {m} in the {weeks} before (p {p})",
            n=slot("n"),
            m=slot("m"),
            weeks=question.weeks,
            p=slot("p"),
        ),
        n=shown(out["count"], numbers.count),
        m=shown(out["total"], numbers.count),
        p=shown(chosen["usage_p"].reset_index(drop=True), _chance),
    )
    return out


def _chance(value: float) -> str:
    text = numbers.chance(value)
    return text if text.startswith("<") else f"= {text}"


def _seats(question: Question, customers: pd.DataFrame) -> pd.DataFrame:
    chosen = customers[customers["share_of_seats"] >= question.near_limit]
    out = _frame(chosen, SEATS)
    out["count"], out["total"] = chosen["active_users"].to_numpy(), chosen["seats"].to_numpy()
    out["share"] = chosen["share_of_seats"].to_numpy()
    out["words"] = told(
        message("{n} of {m} seats in use, {share}", n=slot("n"), m=slot("m"), share=slot("share")),
        n=shown(out["count"], numbers.significant),
        m=shown(out["total"], numbers.count),
        share=shown(out["share"], numbers.share),
    )
    return out


def _items(found: Gathered) -> pd.DataFrame:
    given = found.suggestions
    out = given[["number", "item", "low", "high", "share"]].assign(signal=ITEM)
    out["count"], out["total"] = given["users"], given["comparable"]
    out["words"] = told(
        message(
            "Does not own {item}; {n} of {m} comparable customers do, {share} ({among})",
            item=slot("item"),
            n=slot("n"),
            m=slot("m"),
            share=slot("share"),
            among=slot("among"),
        ),
        item=given["item"],
        n=shown(out["count"], numbers.count),
        m=shown(out["total"], numbers.count),
        share=shown(out["share"], numbers.share),
        among=given["among"],
    )
    return out


def reasons(signals: pd.DataFrame, size: int) -> pd.DataFrame:
    """Per customer: ``candidate`` (upsell, cross-sell, both), ``reasons`` and how many."""
    every = range(size)
    words = joined_by(signals["words"], signals["number"], "; ", most=4).reindex(every)
    kinds = (
        signals[["number", "kind"]]
        .drop_duplicates()
        .sort_values(["number", "kind"], ascending=[True, False])
    )
    both = joined_by(kinds["kind"], kinds["number"], " + ").reindex(every)
    number = signals.groupby("number").size().reindex(every)
    return pd.DataFrame(
        {
            "candidate": both.fillna(""),
            "reasons": words.fillna(""),
            "signals": number.astype(float).fillna(0).astype(np.int64),
        }
    )
