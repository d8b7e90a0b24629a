"""The quick walk over arrows with one limit each: against the general walk and the slow oracle."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.graph_oracle import Arrow, walked
from tests.engine.test_graph import asked, check
from tests.engine.test_match import containers_of, world

LETTERS = "abc"
NODES = [frozenset(letter) for letter in LETTERS]
PAIRS = [(s, t) for t in range(len(NODES)) for s in range(t)]


@st.composite
def limited(draw):
    """Arrows of which each has no limit, `within`, or `after`, and at least one has one."""
    chosen = draw(st.lists(st.sampled_from(PAIRS), unique=True, min_size=1, max_size=3))
    limits = [
        draw(st.sampled_from([(None, 0), (2, 0), (5, 0), (None, 1), (None, 4)])) for _ in chosen
    ]
    limits[0] = draw(st.sampled_from([(3, 0), (None, 3)]))
    arrows = [Arrow(*pair, *limit) for pair, limit in zip(chosen, limits, strict=True)]
    return sorted(arrows, key=lambda arrow: (arrow.target, arrow.source))


rows_of_containers = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from("pq-"),
        st.just("-"),
        st.just(frozenset()),
        st.integers(0, 40),
        st.sampled_from("abcx"),
        st.none(),
    ),
    min_size=6,
    max_size=24,
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=rows_of_containers,
    arrows=limited(),
    apart=st.booleans(),
    ties=st.sampled_from(["any", "stable"]),
)
def test_one_limit_an_arrow(rows, arrows, apart, ties):
    if apart:
        rows = list({(row[0], row[4]): row for row in rows}.values())
    with tempfile.TemporaryDirectory() as folder:
        store = world(rows, False, Path(folder))
        for container in ("account", "person"):
            stream, containers = containers_of(store, container)
            found = asked(store, stream, NODES, arrows, ties=ties)
            assert found.compiled.apart
            assert found.compiled.limited
            reached, taken = found.compiled.walk(found.low, found.high)[:2]
            assert (reached == found.reached).all()
            assert (taken == found.taken).all()
            for c, own in enumerate(containers.values()):
                check(found, own, walked(own, NODES, arrows, ties), c, arrows, ties)
