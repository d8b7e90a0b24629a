"""Small groups hidden, so that nothing that is left tells them: checked by trying every value."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.reports.bundles.cells import hide_small
from workbench.reports.bundles.lists import is_list, names_single
from workbench.reports.bundles.sentences import tells_of_few

GROUP, N = {"name": "segment", "kind": "text"}, {"name": "n", "kind": "count"}
SHARE, MONEY = {"name": "share", "kind": "share"}, {"name": "amount", "kind": "money"}


def possible(rows, hidden, column):
    """Values that each hidden count of a column may have, from the column and its total row."""
    last = len(rows) - 1
    unknown = sorted(r for r, c in hidden if c == column and r != last)
    told = sum(row[column] for n, row in enumerate(rows[:-1]) if n not in unknown)
    most = max(row[column] for row in rows)
    found = {n: set() for n in unknown}
    for values in itertools.product(range(most + 1), repeat=len(unknown)):
        if (last, column) in hidden or sum(values) + told == rows[-1][column]:
            for number, value in zip(unknown, values, strict=True):
                found[number].add(value)
    return found


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=2, max_size=4), st.integers(2, 6))
def test_no_small_count_follows_from_a_column_and_its_total(counts, least):
    rows = [[f"g{n}", count] for n, count in enumerate(counts)]
    rows.append(["all", sum(counts)])
    found = hide_small([GROUP, N], rows, least)
    for number, count in enumerate(counts):
        if 0 < count < least:
            assert (number, 1) in found.cells
    for number, values in possible(rows, found.cells, 1).items():
        if (number, 1) in found.small:
            assert len(values) > 1, (rows, sorted(found.cells))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=2, max_size=4))
def test_a_row_that_adds_up_does_not_tell_its_part(pairs):
    least = 4
    columns = [GROUP, {"name": "a", "kind": "count"}, {"name": "b", "kind": "count"},
               {"name": "all", "kind": "count"}]  # fmt: skip
    rows = [[f"g{n}", a, b, a + b] for n, (a, b) in enumerate(pairs)]
    found = hide_small(columns, rows, least)
    for number in range(len(rows)):
        parts = {1, 2, 3} & {c for r, c in found.cells if r == number}
        assert len(parts) != 1


def test_nothing_small_hides_nothing():
    found = hide_small([GROUP, N, SHARE], [["a", 50, 0.5], ["b", 0, 0.0], ["c", 50, 0.5]], 5)
    assert found.cells == set()


def test_one_small_count_takes_the_next_smallest_with_it_and_their_shares():
    rows = [["a", 3, 0.03, 700], ["b", 20, 0.2, 900], ["c", 77, 0.77, 5000]]
    found = hide_small([GROUP, N, SHARE, MONEY], rows, 5)
    assert found.cells == {(n, c) for n in (0, 1) for c in (1, 2, 3)}
    assert found.numbers == {3, 20}


def test_the_day_that_a_row_is_about_stays_and_days_of_few_do_not():
    columns = [{"name": "on", "kind": "date"}, N, {"name": "last_at", "kind": "date"}]
    rows = [["2026-01-01", 3, "2026-01-30"], ["2026-02-01", 20, None], ["2026-03-01", 77, "x"]]
    assert hide_small(columns, rows, 5).cells == {(0, 1), (0, 2), (1, 1)}


def test_a_share_that_comes_to_a_small_group_is_hidden():
    found = hide_small([GROUP, N, SHARE], [["a", 40, 0.05], ["b", 40, 0.5]], 5)
    assert (0, 2) in found.small
    assert (1, 2) not in found.cells


def test_a_small_step_of_a_funnel_does_not_follow_from_the_steps_around_it():
    reached = [100, 60, 57, 40, 20]
    fell = [0, 40, 3, 17, 20]
    columns = [GROUP, {"name": "reached", "kind": "count"}, {"name": "fell_out", "kind": "count"}]
    rows = [[f"s{n}", *pair] for n, pair in enumerate(zip(reached, fell, strict=True))]
    hidden = hide_small(columns, rows, 5).cells
    assert (2, 2) in hidden
    # With one step shown on either side and its loss, the small loss would be their difference.
    known = {cell for n in range(5) for cell in ((n, 1), (n, 2))} - hidden
    for n in range(1, 5):
        assert not ({(n - 1, 1), (n, 1)} <= known and (n, 2) == (2, 2))
    below = {(3, 1), (3, 2)} <= known
    assert not (below and (1, 1) in known)


def test_two_ones_that_add_up_to_two_take_a_third():
    rows = [["a", 1], ["b", 1], ["c", 30], ["all", 32]]
    found = hide_small([GROUP, N], rows, 5)
    assert {(0, 1), (1, 1), (2, 1)} <= found.cells


def test_a_table_of_two_ways_keeps_a_rectangle_hidden():
    columns = [{"name": "segment", "kind": "text"}, {"name": "step", "kind": "text"}, N]
    rows = [[s, t, 3 if (s, t) == ("a", "x") else 10 + n]
            for n, (s, t) in enumerate(itertools.product("abc", "xyz"))]  # fmt: skip
    hidden = {row for row, _ in hide_small(columns, rows, 5).cells}
    for label in (0, 1):
        groups = [rows[n][label] for n in hidden]
        assert all(groups.count(one) >= 2 for one in groups)


@pytest.mark.parametrize("value", [None, math.nan, "x", True])
def test_cells_that_are_no_count_are_passed_over(value):
    assert hide_small([GROUP, N], [["a", value], ["b", 40]], 5).cells == set()


@pytest.mark.parametrize(
    ("text", "few"),
    [
        ("3 accounts stop there", True),
        ("2 of 14 accounts, 14 %", True),
        ("312 of 540 accounts, 58 %", False),
        ("within 3 days of 120 entries", False),
        ("up 3 points", False),
        ("step 2 of the journey", False),
        ("since 2026-03-04", False),
        ("1,203 accounts", False),
        ("3.4 on average", False),
        ("企業は 3 社", True),
        ("nobody", False),
        ("4", True),
        ("first 4 weeks", False),
    ],
)
def test_sentences_that_tell_of_few(text, few):
    assert tells_of_few(text, 5) is few


def test_a_hidden_number_is_few_too():
    assert tells_of_few("20 of 100 accounts", 5, {20})
    assert not tells_of_few("20 days", 5, {20})


@pytest.mark.parametrize("name", ["account", "Account", "person_id", "e-mail", "contact_email",
                                  "deal", "opportunity_name", "First name"])  # fmt: skip
def test_columns_of_single_things_are_known(name):
    assert names_single(name)


@pytest.mark.parametrize("name", ["owner", "industry", "lead_source", "accounts", "account_type",
                                  "step", "name of the stage", "deals"])  # fmt: skip
def test_columns_of_groups_are_no_lists(name):
    assert not names_single(name)


def test_a_list_is_known_by_its_values_too():
    table = {"columns": [{"name": "who"}, {"name": "n", "kind": "count"}],
             "rows": [["Account AAA", 3], ["Account BBB", 4], ["other", 5]]}  # fmt: skip
    assert is_list({"block": "finding", "table": table}, ["Account AAA", "Account BBB"])
    assert not is_list({"block": "finding", "table": table})
    assert is_list({"block": "table", "table": table})
