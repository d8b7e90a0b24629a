"""Segments as they are computed against their slow and obvious reading."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.segment_oracle import rows_of
from tests.engine.segment_worlds import (
    held_segments,
    opened,
    rows_of_world,
    walked_segments,
)
from workbench.engine.segments import segment_rows

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
bounds = st.sampled_from([(None, None), (None, None), (1, None), (None, 30), (1, 700)])


def check(rows, numbered, bounds, asked):
    marker, world = opened(rows, numbered, bounds)
    for item in asked:
        found = set(np.flatnonzero(segment_rows(marker, item)).tolist())
        assert found == rows_of(item, world), item


@QUIET
@given(
    rows_of_world,
    st.booleans(),
    bounds,
    st.lists(held_segments.filter(bool), min_size=4, max_size=8),
)
def test_what_containers_hold(rows, numbered, bounds, asked):
    check(rows, numbered, bounds, asked)


@QUIET
@given(
    rows_of_world,
    st.booleans(),
    bounds,
    st.lists(walked_segments.filter(bool), min_size=4, max_size=8),
)
def test_what_containers_walk(rows, numbered, bounds, asked):
    check(rows, numbered, bounds, asked)
