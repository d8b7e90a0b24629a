"""The compiled walk over a graph against the slow oracle, over every option."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.graph_oracle import Arrow, walked
from tests.engine.oracle import may_follow
from tests.engine.test_match import EPOCH, HOUR, containers_of, world
from tests.worlds import START, store_of
from workbench.engine.graph import reach as graph
from workbench.engine.masks import Marker
from workbench.engine.match import match
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import condition_from
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import step

rows_of_world = st.lists(
    st.tuples(
        st.sampled_from("ABCDEF"),
        st.sampled_from("pq-"),
        st.sampled_from("og-"),
        st.sets(st.sampled_from("uv"), max_size=2),
        st.integers(0, 4),
        st.sampled_from("abcx"),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=30,
)
event_sets = st.sets(st.sampled_from("abc"), min_size=1, max_size=2).map(frozenset)


def hours(number):
    return Duration.parse(timedelta(hours=number))


@st.composite
def graphs(draw, limits=True, most=6):
    nodes = draw(st.lists(event_sets, min_size=1, max_size=most))
    pairs = [(s, t) for t in range(len(nodes)) for s in range(t)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=8)) if pairs else []
    arrows = []
    for source, target in sorted(chosen, key=lambda pair: (pair[1], pair[0])):
        after = draw(st.sampled_from([0, 0, 0, 1, 2])) if limits else 0
        within = draw(st.sampled_from([None, None, 1, 2, 3])) if limits else None
        arrows.append(Arrow(source, target, within, after))
    return nodes, arrows


def asked(store, stream, nodes, arrows, **options):
    return graph.reach(
        Marker(store),
        stream,
        [condition_from({"event": sorted(events)}) for events in nodes],
        [
            graph.Link(
                a.source,
                a.target,
                None if a.within is None else hours(a.within),
                hours(a.after) if a.after else None,
            )
            for a in arrows
        ],
        **options,
    )


def check(found, own, expected, c, arrows, ties):
    """One container against the oracle: nodes, arrows, first rows and the first passages."""
    for n, rows in expected.rows.items():
        assert found.at(n)[c] == bool(rows), (n, own)
        if rows:
            assert found.place_of[c, n] in {r.place for r in rows}
            first = min(r.time for r in rows)
            assert (found.times(found.place_of)[c, n] - EPOCH) // HOUR == first
        else:
            assert found.place_of[c, n] == -1
    for a, arrow in enumerate(arrows):
        pairs = expected.pairs[arrow.source, arrow.target]
        assert found.along(a)[c] == bool(pairs), (arrow, own)
        places = int(found.left_at[c, a]), int(found.came_at[c, a])
        if not pairs:
            assert places == (-1, -1)
            continue
        assert places in {(r.place, s.place) for r, s in pairs}, (arrow, own)
        left, came = (next(r for r in own if r.place == p) for p in places)
        assert came.time == min(s.time for _, s in pairs)
        first = {s for _, s in pairs if s.time == came.time and may_follow(s, came, own, ties)}
        assert left.time == max(r.time for r, s in pairs if s == came or s in first)


def reached_rows(found, c):
    """Bits of every row of a container, as the walk gives them."""
    low, high = found.walked_from[c : c + 1], found.high[c : c + 1]
    return found.compiled.walk(low, high, rows=True)[6]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=rows_of_world,
    drawn=st.one_of(graphs(), graphs(limits=False)),
    ties=st.sampled_from(["any", "any", "stable"]),
    numbered=st.booleans(),
)
def test_every_option_against_the_oracle(rows, drawn, ties, numbered):
    nodes, arrows = drawn
    with tempfile.TemporaryDirectory() as folder:
        store = world(rows, numbered, Path(folder))
        for container in ("account", "person", "opportunity", "buying_group"):
            stream, containers = containers_of(store, container)
            found = asked(store, stream, nodes, arrows, ties=ties)
            assert found.unsearched == 0
            for c, own in enumerate(containers.values()):
                expected = walked(own, nodes, arrows, ties)
                check(found, own, expected, c, arrows, ties)
                bits = reached_rows(found, c)
                for row in own:
                    at = {n for n in expected.rows if bits[row.place - own[0].place] >> n & 1}
                    assert at == {n for n, reached in expected.rows.items() if row in reached}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of_world, drawn=graphs(limits=False), numbered=st.booleans())
def test_the_quick_kernel_and_the_walk_agree(rows, drawn, numbered):
    nodes, arrows = drawn
    with tempfile.TemporaryDirectory() as folder:
        store = world(rows, numbered, Path(folder))
        found = asked(store, store.stream("account"), nodes, arrows)
        reached, taken = found.compiled.walk(found.low, found.high)[:2]
        assert (reached == found.reached).all()
        assert (taken == found.taken).all()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of_world, drawn=graphs(), data=st.data())
def test_another_arrow_between_reached_nodes_takes_nothing_away(rows, drawn, data):
    nodes, arrows = drawn
    there = {(a.source, a.target) for a in arrows}
    targets = {a.target for a in arrows}
    free = [(s, t) for t in targets for s in range(t) if (s, t) not in there]
    if not free:
        return
    more = Arrow(*data.draw(st.sampled_from(free)))
    with tempfile.TemporaryDirectory() as folder:
        store = world(rows, False, Path(folder))
        stream = store.stream("account")
        before = asked(store, stream, nodes, arrows)
        longer = sorted([*arrows, more], key=lambda a: (a.target, a.source))
        after = asked(store, stream, nodes, longer)
        assert (before.reached & ~after.reached == 0).all()


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=rows_of_world,
    events=st.lists(event_sets, min_size=1, max_size=4),
    ties=st.sampled_from(["any", "stable"]),
    numbered=st.booleans(),
    within=st.sampled_from([None, 2]),
)
def test_a_chain_is_a_sequence_of_steps(rows, events, ties, numbered, within):
    arrows = [Arrow(n, n + 1, within) for n in range(len(events) - 1)]
    limit = None if within is None else timedelta(hours=within)
    steps = tuple(step(str(n), event=sorted(names), within=limit) for n, names in enumerate(events))
    with tempfile.TemporaryDirectory() as folder:
        store = world(rows, numbered, Path(folder))
        stream = store.stream("account")
        found = asked(store, stream, events, arrows, ties=ties)
        depth = match(Marker(store), stream, steps, ties=ties).depth
        for n in range(len(events)):
            assert (found.at(n) == (depth > n)).all()


def test_slices_on_threads_give_the_same_answer(monkeypatch):
    from workbench.engine import executors

    rng = np.random.default_rng(1)
    store = store_of(
        {
            "account_id": f"A{rng.integers(40)}",
            "occurred_at": START + timedelta(hours=int(rng.integers(60))),
            "event": "abcx"[rng.integers(4)],
        }
        for _ in range(2_000)
    )
    nodes = [frozenset("a"), frozenset("ab"), frozenset("bc"), frozenset("c")]
    arrows = [Arrow(0, 1), Arrow(0, 2, 30), Arrow(1, 3, None, 2), Arrow(2, 3)]
    stream = store.stream("account")
    whole = asked(store, stream, nodes, arrows)
    monkeypatch.setattr(executors, "ROWS_WORTH_A_THREAD", 50)
    monkeypatch.setenv("WORKBENCH_THREADS", "3")
    sliced = asked(store, stream, nodes, arrows)
    for name in ("reached", "taken", "place_of", "left_at", "came_at"):
        assert (getattr(whole, name) == getattr(sliced, name)).all(), name


def test_64_nodes_of_one_instant_that_share_their_rows():
    """Twenty rows of one instant on a chain of 64 equal nodes serve twenty of them."""
    store = store_of({"account_id": "A", "occurred_at": START, "event": "a"} for _ in range(20))
    arrows = [Arrow(n, n + 1) for n in range(63)]
    found = asked(store, store.stream("account"), [frozenset("a")] * 64, arrows)
    assert [n for n in range(64) if found.at(n)[0]] == list(range(20))
    assert [a for a in range(63) if found.along(a)[0]] == list(range(19))


def layered(layers, width):
    """Every node of a layer leads to every node of the next."""
    return [
        Arrow(s, t)
        for t in range(width, layers * width)
        for s in range(t // width * width - width, t // width * width)
    ]


def test_equal_rows_of_one_instant_never_lengthen_a_search():
    """Seven rows of one instant serve seven of eight layers; there are 8**7 paths to the eighth."""
    store = store_of({"account_id": "A", "occurred_at": START, "event": "a"} for _ in range(7))
    found = asked(store, store.stream("account"), [frozenset("a")] * 64, layered(8, 8))
    assert found.unsearched == 0
    assert [n for n in range(64) if found.at(n)[0]] == list(range(56))


def test_a_search_without_end_is_given_up_and_said():
    """Twenty rows of one instant, each for a dozen of 60 nodes drawn by chance."""
    names = "abcdefghijklmnopqrst"
    store = store_of({"account_id": "A", "occurred_at": START, "event": e} for e in names)
    rng = np.random.default_rng(3)
    nodes = [frozenset(rng.choice(list(names), 4, replace=False)) for _ in range(60)]
    marker = Marker(store)
    found = graph.reach(
        marker,
        store.stream("account"),
        [condition_from({"event": sorted(events)}) for events in nodes],
        [graph.Link(a.source, a.target) for a in layered(20, 3)],
    )
    assert found.unsearched == 1
    assert all(found.at(n)[0] for n in range(57))
    assert marker.notes == [
        "In 1 groups of events with equal times not every choice of rows was tried."
    ]


def agrees_with_the_walk(found):
    low, high = found.walked_from, found.high
    reached, taken, _, *places = found.compiled.walk(low, high, places=True)
    assert (found.reached == reached).all()
    assert (found.taken == taken).all()
    for own, other in zip((found.place_of, found.left_at, found.came_at), places, strict=False):
        assert (own == other).all()


@pytest.mark.parametrize("container", ["account", "person"])
def test_more_values_than_a_byte_can_name(container):
    rng = np.random.default_rng(5)
    names = [f"e{n}" for n in range(400)]
    store = store_of(
        {
            "account_id": f"A{rng.integers(30)}",
            "person_id": f"P{rng.integers(40)}",
            "occurred_at": START + timedelta(minutes=int(rng.integers(9_000))),
            "event": names[n % 400],
        }
        for n in range(3_000)
    )
    nodes = [frozenset(names[n::4]) for n in range(4)]
    arrows = [Arrow(0, 1), Arrow(0, 2), Arrow(1, 3), Arrow(2, 3)]
    found = asked(store, store.stream(container), nodes, arrows)
    assert found.at(3).any()
    agrees_with_the_walk(found)


@pytest.mark.parametrize("shared", [False, True])
def test_hundreds_of_rows_of_one_instant(shared):
    rows = [("A", n % 2, "cba"[n % 3]) for n in range(300)] + [("B", n, "cba"[n]) for n in range(3)]
    store = store_of(
        {"account_id": k, "occurred_at": START + timedelta(hours=h), "event": e} for k, h, e in rows
    )
    nodes = [frozenset("ab" if shared else "a"), frozenset("b"), frozenset("c")]
    found = asked(store, store.stream("account"), nodes, [Arrow(0, 1), Arrow(1, 2)])
    assert found.at(2).tolist() == [True, False]
    agrees_with_the_walk(found)


def test_warm_up_serves_nodes_without_making_a_container_present():
    rows = [("A", -2, "a"), ("A", 1, "b"), ("B", -2, "a"), ("C", -9, "a"), ("C", 1, "b")]
    store = store_of(
        {"account_id": k, "occurred_at": START + timedelta(hours=h), "event": e} for k, h, e in rows
    )
    nodes, arrows = [frozenset("a"), frozenset("b")], [Arrow(0, 1)]
    for warmup, expected in ((None, []), ("3h", [0]), ("10h", [0, 2])):
        found = asked(
            store, store.stream("account"), nodes, arrows, start=EPOCH,
            warmup=Duration.parse_optional(warmup),
        )  # fmt: skip
        assert np.flatnonzero(found.at(1)).tolist() == expected
        assert found.present.tolist() == [True, False, True]


@pytest.mark.parametrize("ties", ["often", "", None])
def test_unknown_ties_are_refused(ties):
    store = store_of([{"account_id": "A", "occurred_at": START, "event": "a"}])
    with pytest.raises(ArgumentError, match="Allowed: 'any', 'stable'"):
        asked(store, store.stream("account"), [frozenset("a")], [], ties=ties)
