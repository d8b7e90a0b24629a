"""The worked table of segments, derived by hand from the rules and equal to the specification."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from tests.worlds import START, store_of
from workbench.engine.masks import Marker
from workbench.engine.segments import segment_rows
from workbench.vocabulary.conditions import condition_from
from workbench.vocabulary.periods import microseconds_of
from workbench.vocabulary.segments import segment
from workbench.vocabulary.steps import step

ROWS = [
    ("A", "US", "p1", "s1", None, "pricing"),
    ("A", "US", "p1", "s2", None, "demo"),
    ("A", "US", None, None, "o1", "stage 5"),
    ("B", "US", "p2", "s3", None, "pricing"),
    ("B", "US", "p2", "s3", None, "demo"),
    ("B", "US", None, None, "o2", "stage 3"),
    ("C", "DE", "p3", "s4", None, "demo"),
    ("C", "DE", "p4", "s5", None, "pricing"),
    ("C", "DE", None, None, "o3", "stage 5"),
    ("D", "US", "p5", "s6", None, "pricing"),
    ("D", "US", "p6", "s7", None, "demo"),
    ("D", "US", None, None, "o4", "stage 5"),
]
NAMES = ("account_id", "country", "person_id", "session_id", "opportunity_id", "event")


@pytest.fixture(scope="module")
def marker():
    store = store_of(
        {
            **dict(zip(NAMES, row, strict=True)),
            "occurred_at": START + timedelta(hours=n),
            "row": str(n + 1),
        }
        for n, row in enumerate(ROWS)
    )
    return Marker(store)


def kept(marker, segment) -> set[int]:
    rows = np.flatnonzero(segment_rows(marker, segment))
    return {int(number) for number in marker.store.values_at("row", rows)}


def numbers(text: str) -> set[int]:
    out: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        out |= set(range(int(first), int(last or first) + 1))
    return out


SEQUENCE = ["pricing", "demo"]
PEOPLE = {"segment": {"name": "people", "scope": "person", "steps": SEQUENCE}}
DEALS = {"segment": {"name": "deals", "scope": "opportunity", "where": "stage 5"}}


def session(event: str) -> dict:
    return {"segment": {"name": event, "scope": "session", "where": event}}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"scope": "event", "where": "pricing"}, "1,4,8,10"),
        ({"scope": "session", "where": "pricing"}, "1,4,5,8,10"),
        ({"scope": "person", "where": "pricing"}, "1,2,4,5,8,10"),
        ({"scope": "account", "where": "pricing"}, "1-12"),
        ({"scope": "opportunity", "where": "stage 5"}, "3,9,12"),
        ({"scope": "account", "where": {"country": "US", "event": "stage 5"}}, "1-3,10-12"),
        ({"scope": "event", "where": "stage 5", "exclude": True}, "1,2,4-8,10,11"),
        ({"scope": "account", "where": "stage 5", "exclude": True}, "4-6"),
        ({"scope": "session", "steps": SEQUENCE}, "4,5"),
        ({"scope": "person", "steps": SEQUENCE}, "1,2,4,5"),
        ({"scope": "account", "steps": SEQUENCE}, "1-6,10-12"),
        ({"scope": "account", "steps": [session("pricing"), session("demo")]}, "1-3,10-12"),
        ({"scope": "account", "where": {"all": [PEOPLE, DEALS]}}, "1-3"),
    ],
)
def test_the_worked_table(marker, options, expected):
    assert kept(marker, segment("S", **options)) == numbers(expected)


def test_limits_and_exclusions_inside_a_sequence(marker):
    near = segment("S", steps=["pricing", step("stage 5", within="1h")])
    assert kept(marker, near) == numbers("7-9")
    clean = segment("S", steps=["pricing", step("stage 5", without="demo")])
    assert kept(marker, clean) == numbers("7-9")
    short = segment("S", steps=["pricing", "stage 5"], total_within="1h")
    assert kept(marker, short) == numbers("7-9")


def test_a_segment_among_conditions_is_decided_row_by_row(marker):
    inside = {"event": "demo", "segment": {"name": "S", "scope": "session", "where": "pricing"}}
    rows = np.flatnonzero(marker.rows(condition_from(inside)))
    assert marker.store.values_at("row", rows).tolist() == ["5"]


def test_only_rows_of_the_period_qualify_a_container(marker):
    first_half = Marker(marker.store, end=microseconds_of(START + timedelta(hours=6)))
    asked = segment("S", where="stage 5")
    assert kept(first_half, asked) == numbers("1-3")
    assert kept(first_half, segment("S", steps=SEQUENCE)) == numbers("1-6")
    assert kept(first_half, segment("S", where="stage 5", exclude=True)) == numbers("4-12")


def test_rows_without_the_key_belong_to_no_container_and_stay_when_it_is_excluded(marker):
    asked = segment("S", scope="person", where="pricing", exclude=True)
    assert kept(marker, asked) == numbers("3,6,7,9,11,12")
