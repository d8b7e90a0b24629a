"""The compiled paths against the slow oracle, over every option."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.paths_oracle import EXIT, Asked, find
from tests.worlds import START, store_of
from workbench.engine import executors
from workbench.engine.masks import Marker
from workbench.engine.paths import followed as engine_paths
from workbench.engine.paths import parts as paths_parts
from workbench.engine.paths.followed import Paths
from workbench.engine.paths.items import dimension_of
from workbench.engine.paths.plan import Plan
from workbench.engine.paths.sums import ANCHORED, EQUAL, JOINED
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import Term
from workbench.vocabulary.steps import step

HOUR = 3_600_000_000
EPOCH = int(START.timestamp()) * 1_000_000
DIMS = ("content", "channel", "buying_group_id")
LISTS = frozenset({"buying_group_id"})

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
    """Rows of the store and of the oracle; a container of its own makes each dictionary whole."""
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


def planned(store, asked: Asked) -> Plan:
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
    return Plan(
        tuple(dimensions),
        tuple(-1 if d is None else used.index(d) for d in asked.dims),
        asked.anchor,
        anchored,
        events,
        asked.repeats,
        asked.same_event,
        asked.limit,
    )


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


def named(plan: Plan, asked: Asked, slots: int, k: int, s: int) -> str:
    if s == slots - 1:
        return EXIT
    return "event" if asked.dims[k] is None else plan.dimensions[plan.dim_of[k]].names([s])[0]


def sums_by_name(plan: Plan, asked: Asked, counted, people) -> tuple[dict, dict, dict]:
    """Nodes (views, containers, rows), links (views, containers) and people of both, by name."""
    sums, slots, columns = counted.sums, counted.slots, len(asked.dims)
    nodes, links, found_people = {}, {}, {}
    for of in map(int, np.flatnonzero(sums.views)):
        views, behind = int(sums.views[of]), int(sums.containers[of])
        if of < columns * slots:
            key = (of // slots, named(plan, asked, slots, of // slots, of % slots))
            nodes[key] = views, behind, int(sums.rows[of])
        else:
            k, a, b = np.unravel_index(of - columns * slots, (columns - 1, slots, slots))
            ends = named(plan, asked, slots, k, a), named(plan, asked, slots, k + 1, b)
            key = ("link", int(k), *ends)
            links[key] = views, behind
        found_people[key] = int(people[of])
    return nodes, links, found_people


def gaps_by_name(plan: Plan, asked: Asked, counted, medians) -> dict:
    slots, columns, out = counted.slots, len(asked.dims), {}
    for link in map(int, np.flatnonzero(counted.sums.joined)):
        k, a, b = np.unravel_index(link, (columns - 1, slots, slots))
        out[int(k), named(plan, asked, slots, k, a), named(plan, asked, slots, k + 1, b)] = medians[
            link
        ]
    return out


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(rows_of_world, st.lists(questions(), min_size=4, max_size=4))
def test_every_sum_is_that_of_the_oracle(rows, several):
    store, containers = world(rows)
    for asked in several:
        plan = planned(store, asked)
        slot, slots = slots_of(plan, asked), plan.most_items + 1
        paths, expected = opened(store, plan), find(containers, asked)
        counted = paths.count(slot, slots, "person_id")
        medians, people = paths.detail(counted, "person_id")
        nodes, links, found_people = sums_by_name(plan, asked, counted, people)
        behind, sums = expected.behind, counted.sums
        assert nodes == {
            key: (views, len(behind[key]), len(expected.rows[key]))
            for key, views in expected.nodes.items()
        }
        assert links == {
            ("link", *key): (views, len(behind["link", *key]))
            for key, views in expected.links.items()
        }
        assert found_people == {key: len(expected.people[key]) for key in [*nodes, *links]}
        assert gaps_by_name(plan, asked, counted, medians) == expected.medians()
        assert int(sums.hidden.sum()) == sum(expected.hidden.values())
        assert (sums.totals[JOINED], sums.totals[EQUAL]) == (expected.joined, expected.equal)
        in_full = paths.tally(slot, by_container=False)
        for (k, item), (views, *_) in nodes.items():
            if item not in (EXIT, "event"):
                number = plan.dimensions[plan.dim_of[k]].texts.to_pylist().index(item)
                assert in_full[k, number] == views
                assert traced_views(paths, slot, k, number) == views


def traced_views(paths: Paths, slot: np.ndarray, k: int, item: int) -> int:
    """Path views of one node, from the rows behind it."""
    chosen = np.where(slot < 0, -1, 1).astype(np.int32)
    chosen[k] = np.where(slot[k] < 0, -1, np.arange(slot.shape[1]) == item)
    wanted = np.arange(slot.shape[0]) == k
    traced = paths.trace(chosen, wanted, np.zeros(wanted.size, bool), [k])
    assert (traced.places >= 0).all()
    return int(traced.views.sum())


LONG = [("A", "p", n, "m", "abc"[n % 3], "u", "g") for n in range(7)] + [
    ("B", "q", n, "x", "ab"[n % 2], "", "gh") for n in range(6)
]
CONTENT = Asked(("content",) * 4, 1, frozenset("ab"), lists=LISTS)
MIXED = Asked(("content", "content", "channel", "content"), 1, frozenset("ab"), lists=LISTS)
LIMITS = [
    (paths_parts, "_MOST_GAPS"),
    (engine_paths, "_MOST_BYTES_OF_PEOPLE"),
    (engine_paths, "_MOST_PAIRS"),
    (engine_paths, "_MOST_WORDS"),
]


def everything(store, plan: Plan, asked: Asked):
    paths = opened(store, plan)
    counted = paths.count(slots_of(plan, asked), plan.most_items + 1, "person_id")
    return [*counted.sums, *paths.detail(counted, "person_id")]


@pytest.mark.parametrize("asked", [CONTENT, MIXED], ids=["one dimension", "two"])
def test_many_gaps_and_people_are_counted_in_several_passes(asked, monkeypatch):
    store, _ = world(LONG)
    plan = planned(store, asked)
    at_once = everything(store, plan, asked)
    for module, name in LIMITS:
        monkeypatch.setattr(module, name, 2)
    for one, other in zip(at_once, everything(store, plan, asked), strict=True):
        np.testing.assert_array_equal(one, other)


def test_slices_on_threads_change_no_number(monkeypatch):
    store, _ = world(LONG)
    plan = planned(store, CONTENT)
    alone = everything(store, plan, CONTENT)
    monkeypatch.setattr(executors, "ROWS_WORTH_A_THREAD", 2)
    monkeypatch.setenv("WORKBENCH_THREADS", "3")
    for one, other in zip(alone, everything(store, plan, CONTENT), strict=True):
        np.testing.assert_array_equal(one, other)


def test_rows_outside_the_period_are_not_read_and_cut_what_ends_there():
    store, _ = world([("A", "p", n, "x", "abc"[n], "", "") for n in range(3)])
    asked = Asked(("content",) * 3, 1, frozenset("b"))
    plan = planned(store, asked)
    low, high = EPOCH + HOUR, EPOCH + 2 * HOUR
    paths = opened(store, plan, start=low, end=high)
    sums = paths.count(slots_of(plan, asked), plan.most_items + 1).sums
    assert sums.cut.tolist() == [1, 0, 1]
    unknown = opened(store, plan, start=low, end=high, until=high)
    sums = unknown.count(slots_of(plan, asked), plan.most_items + 1).sums
    assert sums.cut.tolist() == [1, 0, 0]


def test_only_chosen_containers_are_counted():
    store, _ = world(LONG)
    plan = planned(store, CONTENT)
    chosen = np.array([False, True, False])
    sums = opened(store, plan, chosen=chosen).count(slots_of(plan, CONTENT), 4).sums
    assert sums.totals[ANCHORED] == 1
    assert sums.views[4:8].sum() == 6


def test_lists_that_multiply_beyond_counting_are_refused():
    wide = "".join(chr(ord("a") + n) for n in range(20))
    rows = [("A", "p", n, "x", "", "", wide) for n in range(12)]
    store, _ = world(rows)
    asked = Asked(("buying_group_id",) * 12, 0, frozenset("a"), lists=LISTS)
    plan = planned(store, asked)
    paths = opened(store, plan)
    slot = slots_of(plan, asked)
    with pytest.raises(ArgumentError, match="rows with several values"):
        paths.count(slot, plan.most_items + 1)
    with pytest.raises(ArgumentError, match="rows with several values"):
        paths.tally(slot, by_container=False)


def test_a_dimension_without_some_items_forgets_their_rows():
    store, _ = world(LONG)
    marker = Marker(store)
    for name, gone in (("content", "a"), ("buying_group_id", "g")):
        dimension = dimension_of(marker, name)
        without = dimension.without(dimension.marks(Term(name, "=", (gone,))))
        names = set(filter(None, without.names_at(np.arange(len(store)))))
        assert names
        assert not any(gone in text.split(" + ") for text in names)


def test_numbers_of_another_table_are_items_in_their_order():
    from workbench.engine.masks import Attribute

    store, _ = world(LONG)
    sizes = Attribute("account_id", np.array([1000.5, np.nan, 20.0]))
    marker = Marker(store, lambda name: sizes if name == "size" else None, lambda: ["size"])
    dimension = dimension_of(marker, "size")
    assert dimension.texts.to_pylist() == ["20", "1000.5"]
    assert dimension.marks(Term("size", ">", (100,))).tolist() == [False, True]
    assert dimension.names_at(np.array([0, 12])) == ["1000.5", None]
