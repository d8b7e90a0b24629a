"""The compiled matcher against the slow oracle, over every option."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.oracle import Row, Rule, depth, is_chain, opens, witness_times
from tests.worlds import START, store_of
from workbench.engine.masks import Marker
from workbench.engine.match import match
from workbench.engine.matching.steps import NEVER
from workbench.errors import ArgumentError
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.steps import Step, step

EVENTS = "abcx"
HOUR = 3_600_000_000
EPOCH = int(START.timestamp()) * 1_000_000

rows_of_world = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from("pq-"),
        st.sampled_from("og-"),
        st.sets(st.sampled_from("uvw"), max_size=2),
        st.integers(0, 5),
        st.sampled_from(EVENTS),
        st.one_of(st.none(), st.integers(0, 3)),
    ),
    min_size=1,
    max_size=9,
)
event_sets = st.sets(st.sampled_from("abc"), min_size=1, max_size=2).map(frozenset)


@st.composite
def rules(draw):
    link = draw(st.sampled_from(["eventual", "eventual", "next"]))
    among = draw(st.one_of(st.none(), event_sets)) if link == "next" else None
    without = draw(st.one_of(st.just(frozenset()), st.sampled_from("abcx").map(frozenset)))
    after = draw(st.sampled_from([0, 0, 1, 2]))
    within = draw(st.sampled_from([None, None, 2, 3]))
    return Rule(
        draw(event_sets), link, within, after, without if among is None else frozenset(), among
    )


def as_step(rule: Rule, number: int) -> Step:
    return step(
        f"step {number}",
        event=sorted(rule.events),
        link=rule.link,
        within=None if rule.within is None else timedelta(hours=rule.within),
        after=timedelta(hours=rule.after) if rule.after else None,
        without={"event": sorted(rule.without)} if rule.without else None,
        next_among={"event": sorted(rule.among)} if rule.among is not None else None,
    )


EVERY_EVENT = [("Z", "z", "z", {"z"}, 50 + n, event, n) for n, event in enumerate(EVENTS)]


def world(rows, numbered, folder=None):
    rows = [*rows, *EVERY_EVENT]
    return store_of(
        [
            {
                "account_id": account,
                "person_id": None if person == "-" else person,
                "opportunity_id": None if opportunity == "-" else opportunity,
                "buying_group_id": sorted(groups) or None,
                "occurred_at": START + timedelta(hours=hour),
                "event": event,
                "channel": event.upper(),
                **({"sequence_no": number} if numbered else {}),
            }
            for account, person, opportunity, groups, hour, event, number in rows
        ],
        folder,
    )


def containers_of(store, container):
    """Rows of each container in stream order, as the oracle sees them."""
    stream = store.stream(container)
    names = store.container_names(stream)
    sequence = store.sequence
    out = {}
    for c, name in enumerate(names):
        places = np.arange(stream.offsets[c], stream.offsets[c + 1])
        rows = stream.row_at(places)
        events = store.values_at("event", rows)
        hours = (store.times[rows] - EPOCH) // HOUR
        numbers = [
            None if not sequence.size or sequence[r] == np.iinfo(np.int64).min else int(sequence[r])
            for r in rows
        ]
        out[name] = [
            Row(int(h), e, n, int(p))
            for h, e, n, p in zip(hours, events, numbers, places, strict=True)
        ]
    return stream, out


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=rows_of_world,
    asked=st.lists(rules(), min_size=1, max_size=4),
    total=st.sampled_from([None, None, 2, 4]),
    ties=st.sampled_from(["any", "any", "stable"]),
    numbered=st.booleans(),
    by_column=st.sampled_from(["event", "mixed"]),
)
def test_every_option_against_the_oracle(rows, asked, total, ties, numbered, by_column):
    asked = [Rule(asked[0].events, asked[0].link, among=asked[0].among), *asked[1:]]
    steps = tuple(as_step(rule, n) for n, rule in enumerate(asked))
    if by_column == "mixed":
        steps = tuple(s & {"channel": {"exists": True}} for s in steps)
    limit = None if total is None else Duration.parse(timedelta(hours=total))
    with tempfile.TemporaryDirectory() as folder:
        store = world(rows, numbered, Path(folder))
        for container in store.containers():
            if container == "session":
                continue
            stream, expected = containers_of(store, container)
            found = match(Marker(store), stream, steps, total_within=limit, ties=ties)
            for c, own in enumerate(expected.values()):
                assert found.depth[c] == depth(own, asked, total, ties), (container, own)
                firsts = [
                    r.time
                    for r in own
                    if r.event in asked[0].events and opens(r, asked[0], own, ties)
                ]
                entry = (found.entry[c] - EPOCH) // HOUR if found.entry[c] != NEVER else None
                assert entry == (min(firsts) if firsts else None)
                times = found.witness_times[c][: found.depth[c]]
                assert [(t - EPOCH) // HOUR for t in times] == witness_times(
                    own, asked, total, ties
                )
                places = found.witness[c]
                chosen = [next(r for r in own if r.place == p) for p in places if p >= 0]
                assert is_chain(chosen, own, asked, total, ties)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=rows_of_world, numbered=st.booleans(), seed=st.randoms(use_true_random=False))
def test_the_order_of_the_file_never_changes_the_store(rows, numbered, seed):
    shuffled = list(rows)
    seed.shuffle(shuffled)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        first, second = world(rows, numbered, Path(one)), world(shuffled, numbered, Path(two))
        assert first.arrow().equals(second.arrow())


def test_slices_on_threads_give_the_same_answer(monkeypatch):
    from workbench.engine import executors

    rng = np.random.default_rng(1)
    store = store_of(
        {
            "account_id": f"A{rng.integers(40)}",
            "occurred_at": START + timedelta(hours=int(rng.integers(200))),
            "event": "abcx"[rng.integers(4)],
        }
        for _ in range(2_000)
    )
    steps = (step("a"), step("b", within="30h"), step("c"))
    stream = store.stream("account")
    whole = match(Marker(store), stream, steps)
    monkeypatch.setattr(executors, "ROWS_WORTH_A_THREAD", 50)
    monkeypatch.setenv("WORKBENCH_THREADS", "3")
    sliced = match(Marker(store), stream, steps)
    assert (whole.depth == sliced.depth).all()
    assert (whole.entry == sliced.entry).all()
    assert (whole.witness == sliced.witness).all()


def test_attempts_do_not_overlap():
    hours = [(0, "a"), (1, "b"), (2, "a"), (3, "a"), (4, "b"), (9, "a")]
    store = store_of(
        {"account_id": "A", "occurred_at": START + timedelta(hours=h), "event": e} for h, e in hours
    )
    found = match(Marker(store), store.stream("account"), (step("a"), step("b", within="3h")))
    # a0-b1, a2-b4 (the a of hour 3 lies inside), a9 alone
    assert found.attempts().tolist() == [[3, 2]]


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ({"link": "next"}, [4, 2]),  # c and x lie between
        ({"without": "x"}, [4, 3]),  # x lies between a6 and b8
        ({}, [4, 4]),
    ],
)
def test_attempts_end_at_rows_that_must_not_lie_between(second, expected):
    hours = [(0, "a"), (1, "b"), (2, "a"), (3, "c"), (3.5, "b"), (4, "a"), (5, "b"),
             (6, "a"), (7, "x"), (8, "b")]  # fmt: skip
    store = store_of(
        {"account_id": "A", "occurred_at": START + timedelta(hours=h), "event": e} for h, e in hours
    )
    steps = (step("a"), step("b", **second))
    found = match(Marker(store), store.stream("account"), steps)
    assert found.attempts().tolist() == [expected]
    entered = match(Marker(store), store.stream("account"), (step("c", link="next"), steps[1]))
    assert entered.attempts().tolist() == [[0, 0]]
    assert entered.depth.tolist() == [0]


def test_limits_of_the_first_step_are_said_to_be_left_out():
    store = store_of([{"account_id": "A", "occurred_at": START, "event": "a"}])
    marker = Marker(store)
    found = match(marker, store.stream("account"), (step("a", within="1h"),))
    assert found.depth.tolist() == [1]
    assert marker.notes == ["Limits of step 1 are left out: no step lies before it."]


@pytest.mark.parametrize("ties", ["often", "", None])
def test_unknown_ties_are_refused(ties):
    store = store_of([{"account_id": "A", "occurred_at": START, "event": "a"}])
    with pytest.raises(ArgumentError, match="Allowed: 'any', 'stable'"):
        match(Marker(store), store.stream("account"), (step("a"),), ties=ties)
