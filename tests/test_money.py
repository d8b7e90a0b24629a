"""Amounts in one currency: the worked example of the rates, every policy, and what has no rate."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.worlds import at
from workbench import money
from workbench.errors import ArgumentError

RATES = pd.DataFrame(
    {
        "currency": ["EUR", "EUR"],
        "valid_from": [date(2026, 1, 1), date(2026, 2, 1)],
        "rate": [0.80, 0.90],
    }
)


def opened(policy="close_date", reporting="USD", rates=RATES, deals=()):
    events = pd.DataFrame({"account_id": ["A"], "occurred_at": [at(45)], "event": ["x"]})
    frame = pd.DataFrame(deals, columns=["id", "amount", "currency", "closed", "expected"])
    tables = {} if rates is None else {"fx_rates": rates}
    ws = wb.from_frames(
        events=events,
        settings={"currency": {"reporting": reporting, "policy": policy}},
        **tables,
    )
    return ws, frame


def converted(ws, frame, target="USD", imported=""):
    listed = ", ".join(
        f"('{r.id}', {r.amount}, {'NULL' if pd.isna(r.currency) else repr(r.currency)}, "
        f"{'NULL' if pd.isna(r.closed) else repr(str(r.closed))}::DATE, "
        f"{'NULL' if pd.isna(r.expected) else repr(str(r.expected))}::DATE, 7.0)"
        for r in frame.itertuples()
    )
    how = money.conversion(
        ws, amount="t.amount", currency="t.currency", closed_on="t.closed",
        expected_on="t.expected", at="DATE '2026-02-15'", imported=imported, target=target,
    )  # fmt: skip
    found = ws.sql(
        f"SELECT {how.sql} AS value FROM (VALUES {listed}) "
        f"t(id, amount, currency, closed, expected, imported) {how.joined} ORDER BY id"
    )
    return found["value"].astype("Float64").to_numpy(float, na_value=np.nan).tolist()


JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 1)


def test_the_worked_example():
    deals = [("a", 10_000, "EUR", None, JANUARY), ("b", 10_000, "EUR", None, FEBRUARY)]
    ws, frame = opened(deals=deals)
    assert converted(ws, frame) == pytest.approx([12_500.0, 11_111.11], abs=0.01)


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("close_date", [1250.0, 1111.1111, 500.0]),
        ("latest", [1111.1111, 1111.1111, 500.0]),
        ("frozen_at_close", [1250.0, 1111.1111, 500.0]),
        ("as_imported", [7.0, 7.0, 7.0]),
    ],
)
def test_policies(policy, expected):
    deals = [
        ("a", 1_000, "EUR", JANUARY, FEBRUARY),
        ("b", 1_000, "EUR", None, FEBRUARY),
        ("c", 500, None, None, JANUARY),
    ]
    ws, frame = opened(policy, deals=deals)
    assert converted(ws, frame, imported="t.imported") == pytest.approx(expected, abs=1e-3)


def test_without_a_rate_nothing_is_made_up():
    deals = [
        ("a", 10, "GBP", None, JANUARY),
        ("b", 10, "EUR", None, date(2025, 12, 31)),
        ("c", 10, "USD", None, None),
    ]
    ws, frame = opened(deals=deals)
    first, second, own = converted(ws, frame)
    assert np.isnan(first)
    assert np.isnan(second)
    assert own == 10
    ws, frame = opened(rates=None, deals=deals)
    assert np.isnan(converted(ws, frame)[0])


def test_arrays_and_sql_agree():
    ws, _ = opened()
    days = np.array(["2026-01-31", "2026-02-01", "2025-01-01", "2026-02-01"], "M8[D]")
    found = money.factors(ws, np.array(["EUR", "EUR", "EUR", "USD"]), days, "USD")
    assert found == pytest.approx([1.25, 1 / 0.9, np.nan, 1.0], nan_ok=True)


def test_several_currencies_need_a_reporting_one():
    ws, _ = opened(reporting=None)
    with pytest.raises(ArgumentError, match="EUR, USD"):
        money.target_currency(ws, ["EUR", "USD", None], "value")
    assert money.target_currency(ws, ["EUR", None], "value") == "EUR"
    assert money.target_currency(ws, [], "value") == ""


def test_every_policy_has_words():
    for policy in money.RULES:
        ws, _ = opened(policy)
        assert money.rule_in_words(ws)
