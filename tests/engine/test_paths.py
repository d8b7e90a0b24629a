"""The compiled paths against the slow oracle, over every option."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.paths_oracle import EXIT, Asked, find, repeated, runs
from tests.worlds import START, store_of
from workbench.engine.masks import Marker
from workbench.engine.paths import Paths
from workbench.engine.paths_items import dimension_of
from workbench.engine.paths_plan import Plan
from workbench.engine.paths_sums import EQUAL, JOINED
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import Term
from workbench.vocabulary.steps import step

HOUR = 3_600_000_000
DIMS = ("content", "channel", "buying_group_id")
LISTS = frozenset({"buying_group_id"})
# A container of its own that carries every item, so that each dictionary is whole.
WHOLE = [("Z", "z", 90, "x", "abc", "uv", "ghi")]

rows_of_world = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from("pq-"),
        st.integers(0, 6),
        st.sampled_from("mx"),
        st.sampled_from(["", "", "a", "b", "c"]),
        st.sampled_from(["", "u", "v"]),
        st.sampled_from(["", "", "g", "h", "gh", "ghi"]),
    ),
    max_size=10,
)


def world(rows):
    """Rows of the store and of the oracle; the last letters of `WHOLE` are rows of their own."""
    whole = [("Z", "z", 90 + n, "m", c, "uv"[n % 2], "ghi"[n]) for n, c in enumerate("abc")]
    listed = sorted([*rows, *whole], key=lambda row: row[2])
    store = store_of(
        [
            {
                "event_id": f"{n:03d}",
                "account_id": account,
                "person_id": None if person == "-" else person,
                "occurred_at": START + timedelta(hours=hour),
                "event": "mark" if kind == "m" else "other",
                "content": content or None,
                "channel": channel or None,
                "buying_group_id": list(groups) or None,
            }
            for n, (account, person, hour, kind, content, channel, groups) in enumerate(listed)
        ],
        Path(tempfile.mkdtemp(dir=world.folder)),
    )
    containers: dict[str, list[dict]] = {}
    for account, person, hour, kind, content, channel, groups in listed:
        containers.setdefault(account, []).append(
            {
                "time": hour * HOUR,
                "person": None if person == "-" else person,
                "mark": kind == "m",
                "content": {content} - {""},
                "channel": {channel} - {""},
                "buying_group_id": set(groups),
            }
        )
    return store, containers


@pytest.fixture(scope="module", autouse=True)
def _folder(tmp_path_factory):
    world.folder = tmp_path_factory.mktemp("paths")


ITEMS = {"content": "abc", "channel": "uv", "buying_group_id": "ghi"}


@st.composite
def questions(draw):
    columns = draw(st.integers(1, 5))
    anchor = draw(st.integers(0, columns - 1))
    main = draw(st.sampled_from(DIMS))
    dims = [main] * columns
    if draw(st.booleans()):
        dims = draw(st.lists(st.sampled_from(DIMS), min_size=columns, max_size=columns))
    if draw(st.booleans()):
        dims[anchor] = None
    named = [(k, item) for k, dim in enumerate(dims) if dim for item in ITEMS[dim]]
    hidden = draw(st.sets(st.sampled_from(named), max_size=2)) if named else set()
    dim = dims[anchor]
    sets = st.sets(st.sampled_from(ITEMS[dim]), min_size=1) if dim else st.just(set())
    return Asked(
        tuple(dims),
        anchor,
        frozenset(draw(sets)),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([None, None, "first", "last"])),
        frozenset(hidden),
        LISTS,
    )


def planned(store, asked: Asked) -> tuple[Plan, list]:
    marker = Marker(store)
    used = [d for d in DIMS if d in asked.dims] or ["content"]
    dimensions = [dimension_of(marker, name) for name in used]
    dim = asked.dims[asked.anchor]
    events, anchored = None, np.empty(0, bool)
    if dim is None:
        codes, bits, _ = marker.bits((step("mark"),))
        events = codes, bits > 0
    else:
        texts = dimensions[used.index(dim)].texts.to_pylist()
        anchored = np.array([text in asked.anchored for text in texts])
    plan = Plan(
        tuple(dimensions),
        tuple(-1 if d is None else used.index(d) for d in asked.dims),
        asked.anchor,
        anchored,
        events,
        asked.repeats,
        asked.same_event,
        asked.limit,
    )
    return plan, dimensions


def slots_of(plan: Plan, asked: Asked) -> np.ndarray:
    slot = np.full((len(plan.dim_of), max(1, plan.most_items)), -1, np.int32)
    for k, j in enumerate(plan.dim_of):
        texts = plan.dimensions[j].texts.to_pylist() if j >= 0 else ["event"]
        for item, text in enumerate(texts):
            slot[k, item] = -1 if (k, text) in asked.hidden else item
    return slot


def opened(store, plan: Plan, **options) -> Paths:
    span = {"start": -(2**62), "end": 2**62, "until": 2**62, **options}
    return Paths(store, store.stream("account"), plan, **span)


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(rows_of_world, questions())
def test_every_sum_is_that_of_the_oracle(rows, asked):
    store, containers = world(rows)
    plan, dimensions = planned(store, asked)
    slot, slots = slots_of(plan, asked), plan.most_items + 1
    paths, expected = opened(store, plan), find(containers, asked)
    counted = paths.count(slot, slots)
    medians, people = paths.detail(counted, "person_id")
    sums, columns = counted.sums, len(asked.dims)

    def name(k, s):
        if s == slots - 1:
            return EXIT
        return "event" if asked.dims[k] is None else dimensions[plan.dim_of[k]].names([s])[0]

    nodes, links, found_people, gaps = {}, {}, {}, {}
    for of in np.flatnonzero(sums.views):
        views, behind = int(sums.views[of]), int(sums.containers[of])
        if of < columns * slots:
            key = (int(of // slots), name(of // slots, of % slots))
            nodes[key] = views, behind, int(sums.rows[of])
        else:
            link = int(of - columns * slots)
            k, a, b = link // slots // slots, link // slots % slots, link % slots
            key = ("link", k, name(k, a), name(k + 1, b))
            links[key] = views, behind
            if sums.joined[link]:
                gaps[key[1:]] = medians[link]
        found_people[key] = int(people[of])
    assert nodes == {
        key: (views, len(expected.behind[key]), len(expected.rows[key]))
        for key, views in expected.nodes.items()
    }
    assert links == {
        ("link", *key): (views, len(expected.behind[("link", *key)]))
        for key, views in expected.links.items()
    }
    assert found_people == {key: len(expected.people[key]) for key in [*nodes, *links]}
    assert gaps == expected.medians()
    assert int(sums.hidden.sum()) == sum(expected.hidden.values())
    assert sums.totals[JOINED] == expected.joined
    assert sums.totals[EQUAL] == expected.equal
