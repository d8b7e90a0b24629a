"""Totals in buckets: threads, thresholds and the rows that may not serve twice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import START, at, store_of
from workbench.engine.masks import Marker
from workbench.engine.tallies.buckets import MODES, tallies
from workbench.engine.tallies.items import Dimension, entry_rows, inclusions_of_items
from workbench.engine.tallies.plain import is_plain
from workbench.engine.tallies.shapes import NEVER, Sums, Table
from workbench.vocabulary.criteria import criterion_from, value_from

DAY = 86_400_000_000
EPOCH = int(START.timestamp()) * 1_000_000
EDGES = EPOCH + DAY * np.arange(0, 101, 10)


def rows_of(accounts, seed=1):
    draw = np.random.default_rng(seed)
    return [
        {
            "account_id": f"A{draw.integers(accounts):04d}",
            "person_id": f"P{draw.integers(accounts * 2)}",
            "occurred_at": at(float(draw.integers(0, 100))),
            "event": "abc"[draw.integers(3)],
            "channel": "xy"[draw.integers(2)],
            "amount": float(draw.integers(0, 5)),
        }
        for _ in range(accounts * 12)
    ]


@pytest.fixture(scope="module")
def store():
    return store_of(rows_of(300))


def table(mode="exact", **changes):
    shape = Table(0, 10, 9, 9, 1, 9, MODES.index(mode), False, 0, int(EDGES[-1]))
    return shape._replace(**changes)


def asked(store, inclusion, returning, container="account", **options):
    return tallies(
        Marker(store),
        store.stream(container),
        criterion_from(inclusion, "inclusion"),
        criterion_from(returning, "returning"),
        edges=EDGES,
        start=int(EDGES[0]),
        end=int(EDGES[-1]),
        **options,
    )


@pytest.mark.parametrize("age", [0, 7 * DAY])
@pytest.mark.parametrize("mode", MODES)
def test_threads_change_no_number(store, monkeypatch, mode, age):
    found = asked(store, "a", {"event": "b", "at_least": 2}, value=value_from("amount"))
    shape = table(mode, age=age, back=0 if age else 9)
    wanted = np.ones(10, bool), np.zeros((10, shape.back + 10), bool)
    alone = found.sums(shape), found.find(shape, *wanted)
    monkeypatch.setenv("WORKBENCH_THREADS", "3")
    monkeypatch.setattr("workbench.engine.executors.ROWS_WORTH_A_THREAD", 100)
    several = found.sums(shape), found.find(shape, *wanted)
    for one, other in zip([*alone[0], *alone[1]], [*several[0], *several[1]], strict=True):
        np.testing.assert_allclose(one, other)


def test_many_rows_of_one_container_are_one_walk(monkeypatch):
    # More rows than are walked at once, in one container and in the next.
    rows = [
        {"account_id": a, "occurred_at": at(n % 100), "event": "ab"[n % 2]}
        for a in ("A", "B", "C")
        for n in range(70_000 if a == "B" else 10)
    ]
    sums = asked(store_of(rows), "a", "b").sums(table())
    assert sums.included.tolist() == [3] + [1] * 9
    assert sums.distinct.tolist() == [3, 1]


one_row = st.fixed_dictionaries(
    {
        "metrics": st.lists(
            st.sampled_from(["a", "b", "c", {"event": "a", "channel": "x"}]), min_size=1, max_size=3
        ),
        "operator": st.sampled_from(["and", "or"]),
    }
)


@settings(max_examples=80, deadline=None)
@given(
    one_row, one_row, st.sampled_from(MODES), st.booleans(), st.integers(0, 1), st.integers(0, 3),
    st.integers(1, 9), st.integers(0, 9), st.integers(0, 60), st.integers(3, 9),
)  # fmt: skip
def test_words_of_bits_count_what_the_walk_counts(
    store, inclusion, returning, mode, first_time, first, skipped, ahead, back, begin, last
):
    found = asked(store, inclusion, returning)
    found = replace(found, rows=found.rows._replace(begin=int(EDGES[0]) + begin * DAY))
    shape = table(mode, first_time=first_time, first=first, skipped=skipped, rows=10 - skipped,
                  ahead=ahead, back=back, last=last)  # fmt: skip
    assert is_plain(found.rules, shape, EDGES)
    general = replace(found, rules=found.rules._replace(added=found.limits.shape[1]))
    assert not is_plain(general.rules, shape, EDGES)
    for name, one, other in zip(Sums._fields, found.sums(shape), general.sums(shape), strict=True):
        np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.mark.parametrize("container", ["account", "person"])
def test_modes_stand_in_their_order(store, container):
    found = asked(store, "a", "b", container)
    hits = {mode: found.sums(table(mode)).hit for mode in MODES}
    ahead = slice(10, None)
    assert (hits["consecutive"] <= hits["exact"]).all()
    assert (hits["exact"] <= hits["cumulative"]).all()
    assert (hits["exact"] <= hits["unbounded"]).all()
    for row in range(10):
        inside = hits["cumulative"][row, ahead][: 9 - row]
        assert (np.diff(inside) >= 0).all()
        falling = hits["unbounded"][row, ahead][: 9 - row]
        assert (np.diff(falling) <= 0).all()
        assert (np.diff(hits["consecutive"][row, ahead]) <= 0).all()


def test_the_middle_column_is_left_to_the_zero_column(store):
    found = asked(store, "a", "b")
    assert found.sums(table()).base[:, 9].sum() == 0
    zero = found.sums(table(first=0))
    assert zero.base[:, 9].tolist() == zero.included.tolist()
    assert zero.hit[:, 9].tolist() == zero.same.tolist()


def test_the_entry_row_is_the_one_that_included(store):
    found = asked(store, {"event": "a", "at_least": 2}, "b")
    shape = table(first_time=True)
    times = found.find(shape, np.ones(10, bool), np.zeros((10, 19), bool)).included_at
    rows = entry_rows(found, times)
    assert ((rows >= 0) == (times != NEVER)).all()
    inside = rows[rows >= 0]
    assert (store.times[inside] == times[rows >= 0]).all()
    assert set(store.values_at("event", inside)) == {"a"}


def test_items_are_the_first_inclusions_of_each_value(store):
    found = asked(store, "a", "b")
    dimension = Dimension.named(Marker(store), "channel", str, "(none)")
    items = inclusions_of_items(found, dimension, EDGES)
    marker = Marker(store)
    for number, label in enumerate(["x", "y"]):
        alone = asked(store, {"event": "a", "channel": label}, "b")
        shape = table(first_time=True)
        times = alone.find(shape, np.ones(10, bool), np.zeros((10, 19), bool)).included_at
        own = items.item == number
        assert items.container[own].tolist() == np.flatnonzero(times != NEVER).tolist()
        assert items.at[own].tolist() == times[times != NEVER].tolist()
    assert marker.notes == []
