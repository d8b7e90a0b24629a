"""Rows inside windows of containers, against loops that are too simple to be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import at, store_of
from workbench.engine import windows
from workbench.engine.matching.steps import NEVER
from workbench.vocabulary.periods import microseconds_of

KINDS = ("a", "b", "c")
ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 9), st.sampled_from(KINDS), st.integers(0, 2)),
    min_size=1, max_size=30,
)  # fmt: skip


def made(rows):
    return store_of(
        {"account_id": f"A{a}", "occurred_at": at(day), "event": kind, "person_id": f"P{person}"}
        for a, day, kind, person in rows
    )


def us(day):
    return microseconds_of(at(day))


def rows_of(store, stream, container):
    """Row numbers of one container, in the order of the stream."""
    places = range(stream.offsets[container], stream.offsets[container + 1])
    return [int(stream.rows[p]) if len(stream.rows) else p for p in places]


@settings(max_examples=60)
@given(rows=ROWS, low=st.integers(0, 9), days=st.integers(0, 9), out=st.integers(0, 29),
       kind=st.sampled_from(["account", "person"]))  # fmt: skip
def test_windows_agree_with_loops(rows, low, days, out, kind):
    store = made(rows)
    stream = store.stream(kind)
    every = np.arange(len(stream))
    begin = windows.places(store, stream, every, np.full(len(stream), us(low)))
    end = windows.places(store, stream, every, np.full(len(stream), us(low + days)))
    left_out = np.zeros(len(store), bool)
    left_out[out % len(store)] = True
    codes, names = store.column("event"), store.dictionary("event").to_pylist()
    kind_of = np.array([KINDS.index(name) for name in names] + [-1])
    bits = np.array([1 << KINDS.index(name) for name in names] + [0], np.uint64)
    found = windows.counts(codes, kind_of, 3, stream, begin, end, left_out)
    first = windows.first_times(codes, bits, 3, store, stream, begin, end)
    first_place, last_place = windows.ends(stream, begin, end, left_out)
    last = windows.last_values(codes, stream, begin, end, len(names), left_out)
    spread = windows.spread(codes, len(names) + 1, stream, begin, end, left_out)
    for c in every:
        inside = [
            r for r in rows_of(store, stream, c) if us(low) <= store.times[r] < us(low + days)
        ]
        kept = [r for r in inside if not left_out[r]]
        kinds = [names[codes[r]] for r in kept]
        assert found[c].tolist() == [kinds.count(k) for k in KINDS]
        for k, name in enumerate(KINDS):
            times = [int(store.times[r]) for r in inside if names[codes[r]] == name]
            assert first[c, k] == (min(times) if times else NEVER)
        assert last[c] == (codes[kept[-1]] if kept else len(names))
        ends = [rows_of(store, stream, c)[p - stream.offsets[c]] if p >= 0 else None
                for p in (first_place[c], last_place[c])]  # fmt: skip
        assert ends == ([kept[0], kept[-1]] if kept else [None, None])
    for n, name in enumerate(names):
        assert spread[n] == np.count_nonzero(found[:, KINDS.index(name)])


def test_threads_do_not_change_a_number(monkeypatch):
    from workbench.engine import executors

    draw = np.random.default_rng(0)
    rows = [(int(a), int(d), KINDS[k], 0) for a, d, k in draw.integers(0, 3, (500, 3))]
    store = made(rows)
    stream = store.stream("account")
    codes, kind_of = store.column("event"), np.array([0, 1, 2, -1])
    args = (codes, kind_of, 3, stream, stream.offsets[:-1], stream.offsets[1:])
    whole = windows.counts(*args)
    monkeypatch.setattr(executors, "ROWS_WORTH_A_THREAD", 10)
    monkeypatch.setenv("WORKBENCH_THREADS", "4")
    np.testing.assert_array_equal(windows.counts(*args), whole)
    found = windows.spread(codes, 4, stream, *args[-2:])
    assert found.tolist() == [*(whole > 0).sum(axis=0), 0]


@pytest.mark.parametrize("kinds", [1, 64])
def test_all_sixty_four_kinds_have_a_place(kinds):
    store = made([(0, day, "a", 0) for day in range(3)])
    stream = store.stream("account")
    bits = np.array([2**kinds - 1, 0], np.uint64)
    first = windows.first_times(
        store.column("event"), bits, kinds, store, stream, stream.offsets[:-1], stream.offsets[1:]
    )
    assert first.shape == (1, kinds)
    assert (first == us(0)).all()


def test_nothing_gives_nothing():
    store = made([(0, 1, "a", 0)])
    stream = store.stream("account")
    codes, none = store.column("event"), np.empty(0, np.int64)
    counted = windows.counts(codes, np.array([0, -1]), 1, stream, none, none)
    first = windows.first_times(codes, np.array([1, 0], np.uint64), 1, store, stream, none, none)
    assert counted.shape == first.shape == (0, 1)
