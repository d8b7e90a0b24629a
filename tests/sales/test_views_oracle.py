"""Filters against three-valued logic in plain Python; relative dates against a slow calendar."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from workbench.data.settings import FiscalYear, Settings
from workbench.sales.views.dates import COUNTED, NAMED, date_range

VALUES = (None, 1.0, 2.0, 3.0)
TEXTS = (None, "a", "B", "b ")


@cache
def world():
    rows = [
        {**deal(f"O{n:02d}", amount=a), "name": name, "next_step": step}
        for n, (a, name, step) in enumerate(product(VALUES, TEXTS, TEXTS))
    ]
    return rows, pipeline(rows, as_of="2026-06-30")


ATOMS = st.one_of(
    st.tuples(st.just("amount"), st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
              st.sampled_from([1, 2, 2.5])),
    st.tuples(st.just("amount"), st.sampled_from(["in", "not in", "between"]), st.just([1, 2])),
    st.tuples(st.sampled_from(["name", "next_step"]),
              st.sampled_from(["=", "!=", "contains", "not contains", "starts with", "<"]),
              st.sampled_from(["a", "b", "B"])),
    st.tuples(st.sampled_from(["name", "amount"]), st.sampled_from(["empty", "not empty"]),
              st.none()),
)  # fmt: skip


def trees(numbers):
    leaves = [str(n) for n in numbers]
    if len(leaves) == 1:
        inner = st.just(leaves[0])
    else:
        cut = st.integers(1, len(leaves) - 1)
        inner = cut.flatmap(
            lambda k: st.tuples(
                trees(numbers[:k]), st.sampled_from(["AND", "OR", "and"]), trees(numbers[k:])
            ).map(lambda p: f"({p[0]} {p[1]} {p[2]})")
        )
    return st.one_of(inner, inner.map(lambda text: f"NOT {text}"))


def atom(row, filtered, fold):
    """True, False or None for unknown."""
    name, operator, value = filtered
    held = row[name]
    if operator == "empty":
        return held is None or not str(held).strip()
    if operator == "not empty":
        return not (held is None or not str(held).strip())
    if held is None:
        return None
    if isinstance(held, str) and fold and operator != "<":
        held, value = held.lower(), value.lower()
    return {
        "=": lambda: held == value, "!=": lambda: held != value, "<": lambda: held < value,
        "<=": lambda: held <= value, ">": lambda: held > value, ">=": lambda: held >= value,
        "in": lambda: held in value, "not in": lambda: held not in value,
        "between": lambda: value[0] <= held <= value[1], "contains": lambda: value in held,
        "not contains": lambda: value not in held, "starts with": lambda: held.startswith(value),
    }[operator]()  # fmt: skip


def evaluated(text, atoms):
    """The logic by Python's own parser over three values."""
    import ast

    def walk(node):
        if isinstance(node, ast.Constant):
            return atoms[node.value - 1]
        if isinstance(node, ast.UnaryOp):
            inner = walk(node.operand)
            return None if inner is None else not inner
        values = [walk(part) for part in node.values]
        least = not isinstance(node.op, ast.And)
        return least if least in values else None if None in values else not least

    words = text.replace("AND", "and").replace("OR", "or").replace("NOT", "not")
    return walk(ast.parse(words, mode="eval").body)


@settings(max_examples=40)
@given(
    st.lists(ATOMS, min_size=1, max_size=4).flatmap(
        lambda filters: st.tuples(
            st.just(filters),
            st.one_of(st.just(""), trees(tuple(range(1, len(filters) + 1)))),
        )
    ),
    st.booleans(),
    st.booleans(),
)
def test_filters_are_three_valued_logic(asked, null_is_false, fold):
    filters, logic = asked
    rows, ws = world()
    text = logic or " AND ".join(str(n + 1) for n in range(len(filters)))
    wanted = []
    for row in rows:
        atoms = [atom(row, item, fold) for item in filters]
        atoms = [bool(a) for a in atoms] if null_is_false else atoms
        if evaluated(text, atoms) is True:
            wanted.append(row["opportunity_id"])
    view = wb.view(ws, {"object": "opportunities", "columns": ["opportunity_id"],
                        "filters": [list(item) for item in filters], "logic": logic,
                        "null_is_false": null_is_false, "ignore_case": fold})  # fmt: skip
    assert list(view.frame["opportunity_id"]) == wanted
    assert view.counts["shown"] == len(wanted)


TODAY = date(2026, 5, 20)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("TODAY", "2026-05-20", "2026-05-20"),
        ("YESTERDAY", "2026-05-19", "2026-05-19"),
        ("NEXT_DAY", "2026-05-21", "2026-05-21"),
        ("LAST_N_DAYS:30", "2026-04-20", "2026-05-20"),
        ("NEXT_N_DAYS:30", "2026-05-21", "2026-06-19"),
        ("N_DAYS_AGO:2", "2026-05-18", "2026-05-18"),
        ("THIS_WEEK", "2026-05-18", "2026-05-24"),
        ("LAST_WEEK", "2026-05-11", "2026-05-17"),
        ("LAST_N_WEEKS:2", "2026-05-04", "2026-05-17"),
        ("THIS_MONTH", "2026-05-01", "2026-05-31"),
        ("next month", "2026-06-01", "2026-06-30"),
        ("LAST_N_MONTHS:3", "2026-02-01", "2026-04-30"),
        ("NEXT_N_MONTHS:3", "2026-06-01", "2026-08-31"),
        ("THIS_QUARTER", "2026-04-01", "2026-06-30"),
        ("LAST_QUARTER", "2026-01-01", "2026-03-31"),
        ("THIS_FISCAL_QUARTER", "2026-05-01", "2026-07-31"),
        ("LAST_FISCAL_QUARTER", "2026-02-01", "2026-04-30"),
        ("NEXT_N_FISCAL_QUARTERS:2", "2026-08-01", "2027-01-31"),
        ("THIS_YEAR", "2026-01-01", "2026-12-31"),
        ("THIS_FISCAL_YEAR", "2026-02-01", "2027-01-31"),
        ("LAST_N_FISCAL_YEARS:2", "2024-02-01", "2026-01-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2026-Q2", "2026-04-01", "2026-06-30"),
        ("2025..2026-01", "2025-01-01", "2026-01-31"),
        (2026, "2026-01-01", "2026-12-31"),
    ],
)
def test_dates(text, first, last):
    fiscal = Settings(fiscal_year=FiscalYear(start_month=2))
    assert [str(day) for day in date_range(text, TODAY, fiscal)] == [first, last]


def test_thirty_days_are_thirty_one_dates():
    first, last = date_range("LAST_N_DAYS:30", TODAY, Settings())
    assert (last - first).days + 1 == 31


@pytest.mark.parametrize("start", ["mon", "sun"])
@pytest.mark.parametrize("month", [1, 4, 12])
def test_units_touch_without_gap_and_hold_the_day(start, month):
    plan = Settings(week_start=start, fiscal_year=FiscalYear(start_month=month))
    for shift in range(0, 800, 13):
        today = TODAY + timedelta(days=shift)
        for unit in {name.partition("_")[2] for name in NAMED if name.startswith("THIS_")}:
            last, this, following = (
                date_range(f"{word}_{unit}", today, plan) for word in ("LAST", "THIS", "NEXT")
            )
            assert this[0] <= today <= this[1]
            assert last[1] + timedelta(days=1) == this[0]
            assert this[1] + timedelta(days=1) == following[0]
    for name in COUNTED:
        one = date_range(f"{name}:1", TODAY, plan)
        assert one[0] <= one[1]
        assert date_range(f"{name}:3", TODAY, plan)[0] <= one[0]


@pytest.mark.parametrize(
    "value", ["", "TOMOROW", "LAST_N_DAYS:0", "LAST_N_DAYS", "last 30 days", "2026-13", True, 7,
              "NEXT_N_YEARS:99999", ["2026"]],
)  # fmt: skip
def test_no_date(value):
    with pytest.raises(ValueError, match=r"\w"):
        date_range(value, TODAY, Settings())


def test_instants_fall_into_days_of_the_reporting_zone():
    import pandas as pd

    rows = [{**deal(f"O{n}"), "created_at": pd.Timestamp(text, tz="UTC")}
            for n, text in enumerate(["2026-06-29T14:59:59", "2026-06-29T15:00:00",
                                      "2026-06-30T14:59:59"])]  # fmt: skip
    ws = pipeline(rows, as_of="2026-06-30", settings={"report_tz": "Asia/Tokyo"})

    def of(operator, value):
        return list(wb.view(ws, {"object": "opportunities", "columns": ["opportunity_id"],
                                 "filters": [["created_at", operator, value]]}
                            ).frame["opportunity_id"])  # fmt: skip

    assert of("=", "TODAY") == ["O1", "O2"]
    assert of("<", "2026-06-30") == ["O0"]
    assert of("<=", "YESTERDAY") == ["O0"]
    assert of(">", "2026-06-29") == ["O1", "O2"]
    assert of("!=", "TODAY") == ["O0"]
    assert of("between", ["2026-06-29", "TODAY"]) == ["O0", "O1", "O2"]
