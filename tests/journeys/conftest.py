"""The world that most tests of a fallout share."""

from __future__ import annotations

import pytest

from tests.journeys.funnels import TWO_INDUSTRIES, world


@pytest.fixture(scope="module")
def funnel_world():
    """A0–A2 (Software) go a→b→c, A3 goes a→b, A4 only a, A5 (Steel) only x."""
    rows = [(f"A{n}", n, "a") for n in range(5)]
    rows += [(f"A{n}", n + 1, "b", {}) for n in range(4)]
    rows += [(f"A{n}", n + 3, "c") for n in range(3)]
    return world(*rows, ("A5", 0, "x"), accounts=TWO_INDUSTRIES)
