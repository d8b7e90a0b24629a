"""Key figures as text and as numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

from workbench.results import measured, numbers


def test_a_share_keeps_its_counts():
    said = measured.share(np.int64(62), np.float64(540))
    assert said["value"] == numbers.share(62 / 540) == "11 %"
    assert said["raw"] == {"kind": "share", "value": 62 / 540, "numerator": 62, "denominator": 540}


@pytest.mark.parametrize("whole", [0, None, math.nan, pd.NA])
def test_a_part_of_nothing_is_nothing(whole):
    said = measured.share(3, whole)
    assert said["value"] == numbers.NOTHING
    assert said["raw"]["value"] is None


@pytest.mark.parametrize(
    ("said", "value", "raw"),
    [
        (measured.count(1234), "1,234", {"kind": "count", "value": 1234}),
        (measured.number(2.5), "2.5", {"kind": "number", "value": 2.5}),
        (measured.money(1e6, "EUR"), "EUR 1 m", {"kind": "money", "value": 1000000, "unit": "EUR"}),
        (measured.days(3), numbers.days(3), {"kind": "days", "value": 3}),
        (measured.rate(0.5, 0.4, 0.6), "50 %",
         {"kind": "share", "value": 0.5, "low": 0.4, "high": 0.6}),
        (measured.points(0.02, None, math.nan), "+2.0 points", {"kind": "points", "value": 0.02}),
        (measured.count(None), "–", {"kind": "count", "value": None}),
        (measured.number(math.inf), "∞", {"kind": "number", "value": None}),
    ],
)  # fmt: skip
def test_text_and_number(said, value, raw):
    assert said == {"value": value, "raw": raw}
    json.dumps(said, allow_nan=False)


def test_kinds_of_tables_are_kinds_of_figures():
    assert measured.of_kind(3.0, "duration") == {"kind": "days", "value": 3}
    assert measured.of_kind(3, "money", "JPY") == {"kind": "money", "value": 3, "unit": "JPY"}
    assert measured.of_kind("x", "text") == {"kind": "number", "value": None}
