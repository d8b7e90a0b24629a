"""Criteria: one value in Python and YAML, thresholds as closed limits, words for readers."""

from __future__ import annotations

import math

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from workbench.errors import ArgumentError
from workbench.vocabulary.criteria import THRESHOLDS, criterion_from, value_from

WEB = {"name": "web", "scope": "event", "where": {"channel": "web"}}

PLAIN = [
    ("visit", "visit"),
    ({"event": "visit", "at_least": 2}, "visit: at least 2"),
    ({"event": "order", "sum": "amount"}, "sum of amount over order: more than 0"),
    ({"sum": "amount", "at_least": 10, "less_than": 20.5},
     "sum of amount over event exists: at least 10 and fewer than 20.5"),
    (["visit", {"event": "call", "exactly": 1}], "visit and call: exactly 1"),
    ({"metrics": ["visit", "call"], "operator": "or"}, "visit or call"),
    ({"event": "visit", "segments": [WEB]}, "visit, only rows of events with channel = web"),
    (wb.step("Came", event="visit", channel="web"), "visit and channel = web"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "words"), PLAIN)
def test_one_form_in_python_and_yaml(value, words):
    read = criterion_from(value, "inclusion")
    assert read.in_words() == words
    again = yaml.safe_load(yaml.safe_dump(read.plain(), sort_keys=False))
    assert criterion_from(again, "inclusion") == read
    assert criterion_from(read, "inclusion") is read


@given(
    st.lists(st.sampled_from(THRESHOLDS), unique=True, min_size=1, max_size=2),
    st.integers(-2, 4),
    st.integers(-2, 4),
    st.floats(-5, 5),
)
def test_limits_hold_exactly_where_the_thresholds_do(names, first, second, total):
    given_ = dict(zip(names, (first, second), strict=False))
    try:
        metric = criterion_from({"sum": "amount", **given_}, "inclusion").metrics[0]
    except ArgumentError:
        metric = None  # thresholds that no total meets
    compare = {
        "at_least": total.__ge__, "more_than": total.__gt__, "at_most": total.__le__,
        "less_than": total.__lt__, "exactly": total.__eq__,
    }  # fmt: skip
    holds = all(compare[name](float(n)) for name, n in given_.items())
    assert holds == (metric is not None and metric.least <= total <= metric.most)


def test_what_an_empty_bucket_meets():
    def met(value, operator="and"):
        return criterion_from(value, "inclusion", operator).met_by_nothing

    none = {"event": "visit", "exactly": 0}
    assert met(none)
    assert not met(["call", none])
    assert met(["call", none], "or")
    assert met({"event": "visit", "at_least": 0})
    assert criterion_from("visit", "inclusion").only_grows
    assert not criterion_from({"event": "visit", "at_most": 3}, "inclusion").only_grows


def test_a_value_is_a_measure():
    assert value_from("amount").sum == "amount"
    assert math.isinf(value_from({"event": "order", "sum": "amount"}).most)
    with pytest.raises(ArgumentError, match=r"value\.sum=''"):
        value_from("")
