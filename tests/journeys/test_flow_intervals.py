"""Path views of one container resemble each other, and intervals know it."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as wb
from tests.journeys.flows import link, node, paths
from workbench.journeys.flow.counting import effective
from workbench.journeys.flow.difference import newcombe
from workbench.results.intervals import wilson


def worth(shares_of_containers, views):
    """Observations behind a share, for containers with so many path views each."""
    total = np.asarray(views, float)
    reached = np.asarray(shares_of_containers, float) * total
    arguments = (
        reached.sum(), total.sum(), (reached**2).sum(), (reached * total).sum(),
        (total**2).sum(), total.size,
    )  # fmt: skip
    return effective(*(np.array([value]) for value in arguments))[0]


def test_one_path_view_a_container_is_one_observation():
    assert worth([1, 0, 1, 1], [1, 1, 1, 1]) == pytest.approx(4)


def test_containers_that_always_do_the_same_count_once_however_often():
    assert worth([1, 0] * 50, [20] * 100) == pytest.approx(100, rel=0.02)


def test_containers_that_behave_alike_are_worth_all_their_path_views():
    assert worth([0.5] * 100, [20] * 100) == pytest.approx(2_000)


def test_where_all_or_none_agree_containers_are_counted():
    assert worth([1] * 5, [10] * 5) == 5
    assert worth([0] * 5, [10] * 5) == 5
    assert worth([0.5], [10]) == 1


def test_the_interval_covers_in_nineteen_of_twenty_draws():
    drawn = np.random.default_rng(7)
    covered = plain = 0
    for _ in range(400):
        views = drawn.integers(1, 15, 80)
        of_container = drawn.beta(1.2, 1.2, 80)
        reached = drawn.binomial(views, of_container)
        size, share = worth(reached / views, views), reached.sum() / views.sum()
        low, high = wilson(np.array([share * size]), np.array([size]))
        covered += low[0] <= 0.5 <= high[0]
        low, high = wilson(np.array([reached.sum()]), np.array([views.sum()]))
        plain += low[0] <= 0.5 <= high[0]
    assert covered / 400 > 0.92
    assert plain / 400 < 0.85


def test_nodes_and_links_carry_it():
    # Ten accounts: five always go s→a, five always s→b, four times each.
    ws = paths(**{f"A{n}": ("sa" if n < 5 else "sb") * 4 for n in range(10)})
    result = wb.flow(ws, starts_with={"content": "s"}, columns=2)
    low, high = wilson(np.array([5]), np.array([10]))
    first = node(result, 1, "a")
    assert first["value"] == 20
    assert first["start"] == 40
    assert first["share_of_start_low"] == pytest.approx(low[0], abs=0.02)
    assert first["share_of_start_high"] == pytest.approx(high[0], abs=0.02)
    beside = link(result, 0, "s", "a")
    assert beside["share_of_source_low"] == pytest.approx(low[0], abs=0.02)


def test_a_difference_of_nothing_has_no_interval():
    shares, sizes = np.array([0.5, np.nan, 0.0]), np.array([10.0, 5.0, 10.0])
    low, high, p_value = newcombe(shares, sizes, np.array([0.5, 0.5, 0.0]), np.array([10, 10, 10]))
    assert low[0] == -high[0]
    assert p_value[0] == pytest.approx(1)
    assert np.isnan(low[1])
    assert np.isnan(p_value[1])
    assert np.isnan(p_value[2])
