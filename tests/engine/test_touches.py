"""Compiled touches: windows, exact Shapley values, removal effects, slices that merge."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.attributions import world
from workbench.engine import executors
from workbench.engine.touches import sets as touches_sets
from workbench.engine.touches.collected import Ends, Rows, beside, collect, opening

NOTHING = np.empty(0, np.int64)


def rows_of(times, codes, order=NOTHING, usable=()):
    """Rows of a dimension with the values 0 and 1; code 2 means none."""
    return Rows(
        np.array(times, np.int64),
        order,
        np.array(codes, np.uint8),
        np.array([0, 1, 2, 2], np.int64),
        np.array([0, 1], np.int64),
        np.array(usable, bool),
        np.empty(0, np.uint8),
        0,
    )


def places(rows, place, since, repeats=0):
    first = opening(rows, 0, place, since)
    pairs = np.empty((3, 20), np.int64)
    stamp, seen = np.full(2, -1, np.int64), np.zeros(2, np.int64)
    kept, touches = collect(rows, first, place, repeats, 1, stamp, seen, pairs)
    assert kept == touches
    return pairs[0, :kept].tolist()


def test_a_window_has_both_its_ends_and_stops_at_the_conversion():
    rows = rows_of([0, 5, 5, 7, 7], [0, 1, 0, 1, 0])
    assert places(rows, 3, 5) == [1, 2, 3]
    assert places(rows, 3, 6) == [3]
    assert places(rows, 3, -9) == [0, 1, 2, 3]


def test_rows_without_a_value_and_rows_that_may_not_are_no_touches():
    assert places(rows_of([0, 1, 2], [0, 2, 1]), 2, 0) == [0, 2]
    assert places(rows_of([0, 1, 2], [0, 2, 1], usable=[False, True, True]), 2, 0) == [2]


def test_a_permuted_stream_is_read_in_its_own_order():
    rows = rows_of([3, 1, 2], [0, 1, 0], order=np.array([1, 2, 0]))
    assert places(rows, 2, 2) == [1, 2]


def test_repeats_are_left_out_after_their_first():
    rows = rows_of(range(5), [0, 0, 1, 0, 2])
    assert places(rows, 4, 0, repeats=1) == [0, 2, 3]
    assert places(rows, 4, 0, repeats=2) == [0, 2]


def test_touches_of_the_instant_after_the_conversion_are_counted():
    rows = rows_of([0, 4, 4, 4, 5], [0, 2, 1, 2, 0])
    whole, place = np.array([0, 5]), np.array([1])
    assert beside(rows, whole, np.array([0]), place, 0, 1) == (0, 1)
    assert beside(rows, whole, np.array([0]), place + 1, 0, 1) == (1, 0)


def brute(whole, worth, usual):
    """Shapley values from every order of arrival."""
    players = [p for p in range(64) if whole >> p & 1]

    def v(mask):
        return 0.0 if not mask else worth.get(mask, usual)

    out = dict.fromkeys(players, 0.0)
    orders = list(permutations(players))
    for order in orders:
        mask = 0
        for player in order:
            out[player] += (v(mask | 1 << player) - v(mask)) / len(orders)
            mask |= 1 << player
    return out


def clipped(values):
    kept = {p: max(v, 0.0) for p, v in values.items()}
    total = sum(kept.values())
    return {p: v / total if total > 0 else 1 / len(kept) for p, v in kept.items()}


games = st.dictionaries(st.integers(1, 255), st.floats(0, 1, width=16), max_size=40)


@settings(max_examples=60, deadline=None)
@given(games, st.integers(1, 255).filter(lambda m: m.bit_count() <= 6), st.floats(0, 1, width=16))
def test_shapley_values_are_exact(game, whole, usual):
    expected = brute(whole, game, usual)
    values = found(game, whole, usual)
    total = sum(max(v, 0.0) for v in expected.values())
    if 0 < total < 1e-9:
        return
    wanted = clipped(expected)
    if total <= 1e-12:
        return
    assert {p: values[p] for p in wanted} == pytest.approx(wanted, abs=1e-6)
    assert values.sum() == pytest.approx(1.0)


def found(game, whole, usual, players=64):
    sets = np.array(sorted(game), np.uint64)
    worth = np.array([game[int(s)] for s in sets], float)
    coalitions = np.array([whole], np.uint64)
    return touches_sets.shapley(coalitions, sets, worth, float(usual), players, 0, 1)[0]


def test_large_sets_are_exact_too():
    # 14 items and only two observed sets: the whole is worth more, one single item less.
    whole = (1 << 14) - 1
    values = found({whole: 0.5, 1: 0.1}, whole, 0.2)
    # The equal game gives 0.2 / 14 each; the whole adds 0.3 / 14 each; item 0 alone is worth 0.1
    # less than usual, so it loses 0.1 / 14 and the 13 others share that.
    first = 0.5 / 14 - 0.1 / 14
    assert values[0] == pytest.approx(first / 0.5)
    assert values[1:14] == pytest.approx(np.full(13, (0.5 - first) / 13 / 0.5))


def test_both_ways_through_the_sets_agree():
    generator = np.random.default_rng(1)
    game = {int(m): float(v) for m, v in zip(range(1, 128), generator.random(127), strict=True)}
    few = {m: v for m, v in game.items() if m < 20}
    for whole in (0b111, 0b1011, 0b1111111):
        assert found(game, whole, 0.3)[:7] == pytest.approx(
            np.array(list(_filled(clipped(brute(whole, game, 0.3)))))
        )
        assert found(few, whole, 0.3)[:7] == pytest.approx(
            np.array(list(_filled(clipped(brute(whole, few, 0.3)))))
        )


def _filled(values):
    return (values.get(p, 0.0) for p in range(7))


def test_transitions_of_rows_with_several_values_are_shared():
    rows = Rows(
        np.arange(3),
        NOTHING,
        np.array([0, 1, 2], np.uint8),
        np.array([0, 2, 3, 3, 3]),
        np.array([0, 1, 1]),
        np.empty(0, bool),
        np.empty(0, np.uint8),
        0,
    )
    ends = Ends(
        np.array([2]), np.array([0]), np.array([0]), np.ones(1), np.zeros(1), np.array([0, 1])
    )
    counts = touches_sets.transitions(
        rows, ends, np.arange(2), 2, 0, np.array([True]), np.ones(1), 2, 0, 1
    )
    start, won, lost = 2, 3, 4
    assert counts[start, :2].tolist() == [0.5, 0.5]
    assert counts[0, 1] == 0.5
    assert counts[1, 1] == 0.5
    assert counts[1, won] == 1
    assert counts[:, lost].sum() == 0


@pytest.mark.parametrize("model", ["linear", "algorithmic", "markov", "participation"])
def test_slices_of_containers_give_the_same_sums(monkeypatch, model):
    generator = np.random.default_rng(7)
    rows = [
        (
            f"A{int(a):02d}",
            float(day),
            "won" if draw < 0.15 else "touch",
            {"channel": f"c{int(c)}", "person_id": f"p{int(a) * 3 + int(c) % 2}"},
        )
        for a, day, draw, c in zip(
            generator.integers(0, 40, 900),
            generator.random(900) * 200,
            generator.random(900),
            generator.integers(0, 5, 900),
            strict=True,
        )
    ]
    opened = world(*rows)

    def asked(container):
        return wb.attribution(
            opened, conversion="won", dimension="channel", model=model, container=container
        )

    whole = {container: asked(container).frame for container in ("account", "person")}
    monkeypatch.setattr(executors, "ROWS_WORTH_A_THREAD", 25)
    monkeypatch.setattr(executors, "workers", lambda: 3)
    for container, frame in whole.items():
        cut = asked(container)
        assert cut.frame["item"].tolist() == frame["item"].tolist()
        assert cut.frame["conversions"].to_numpy() == pytest.approx(frame["conversions"].to_numpy())
        assert cut.frame["containers"].tolist() == frame["containers"].tolist()
        assert cut.frame["share_low"].to_numpy() == pytest.approx(
            frame["share_low"].to_numpy(), nan_ok=True
        )
