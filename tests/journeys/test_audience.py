"""Audiences: the worked table once more, the same numbers from SQL, and every number opened."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.engine.test_segments import NAMES, ROWS, SEQUENCE, session
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError


@pytest.fixture(scope="module")
def ws():
    """The twelve rows of the specification, an hour apart."""
    rows = [
        {**dict(zip(NAMES, row, strict=True)), "occurred_at": at(n / 24)}
        for n, row in enumerate(ROWS)
    ]
    accounts = [{"account_id": name, "name": f"Company {name}"} for name in "ABCD"]
    return wb.from_frames(events=pd.DataFrame(rows), accounts=pd.DataFrame(accounts))


def person(**options):
    return {"segment": {"name": "person", "scope": "person", **options}}


def inside(result) -> list[str]:
    return sorted(result.members()["key"])


DEALS = {"segment": {"name": "deals", "scope": "opportunity", "where": "stage 5"}}


def test_the_parts_of_a_segment_and_what_is_missing(ws):
    asked = wb.segment("S", where={"all": [person(steps=SEQUENCE), DEALS]}, steps=SEQUENCE)
    result = wb.audience(ws, segment=asked)
    frame = result.frame
    assert frame["kind"].tolist() == ["all", "where", "where", "step", "step", "segment"]
    assert frame["met"].tolist() == [4, 2, 3, 4, 3, 1]
    assert frame["passed"].tolist() == [4, 2, 1, 1, 1, 1]
    assert (frame["passed"] + frame["failed"] == frame["total"]).all()
    assert frame["events_kept"].tolist() == [12, 6, 3, 3, 3, 3]
    assert inside(result) == ["A"]
    assert result.headline() == "1 of 4 accounts are in “S” (25 %)"
    assert "Only 4 in scope" in result.reading()
    out = result.members(passing=False).set_index("key")
    assert out.loc["B", "why_not"] == "nothing that meets: an opportunity with stage 5"
    assert out.loc["C", "why_not"] == "nothing that meets: a person with pricing then demo"
    assert out["parts_met"].to_dict() == {"B": 1, "C": 0, "D": 0}


def test_explain_writes_the_logic_and_samples_with_reasons(ws):
    asked = wb.segment("S", steps=[session("pricing"), session("demo"), "stage 5"])
    text = wb.audience(ws, segment=asked).explain()
    assert (
        "S: accounts with (a session with pricing) then (a session with demo) then stage 5." in text
    )
    assert "In: Company A (A), 3 events from 2026-01-01 to 2026-01-01." in text
    assert (
        "Out: Company B (B), 3 events from 2026-01-01 to 2026-01-01: step 2 is missing: a session "
        "with demo." in text
    )
    samples = wb.audience(ws, segment=asked).samples(1)
    assert samples["key"].tolist() == ["A", "B"]
    assert list(samples.columns) == list(wb.audience(ws, segment=asked).members(None).columns)


def test_a_segment_of_rows_a_stack_and_what_is_left_out(ws):
    rows = wb.audience(ws, segment=wb.segment("S", scope="event", where="pricing"))
    assert (rows.scope.container, inside(rows)) == ("account", ["A", "B", "C", "D"])
    assert rows.frame["events_kept"].tolist() == [12, 4]
    people = wb.audience(ws, segment=wb.segment("S", scope="event", where="demo"),
                         container="person")  # fmt: skip
    assert inside(people) == ["p1", "p2", "p3", "p6"]
    assert people.members(False)["why_not"].tolist() == ["no event in “S”"] * 2
    assert people.scope.dropped_null_key == 4
    stack = wb.audience(
        ws, segment=[wb.segment("US", country="US"), wb.segment("5", where="stage 5")]
    )
    assert (inside(stack), stack.frame["passed"].tolist()) == (["A", "D"], [4, 3, 2, 2])
    assert stack.members(False)["why_not"].tolist() == [
        "no event that is in “US” as well", "no event that is in “5” as well",
    ]  # fmt: skip
    left = wb.audience(ws, segment=wb.segment("S", where="stage 5", exclude=True))
    assert (inside(left), left.frame["kind"].tolist()) == (["B"], ["all", "excluded", "segment"])
    assert set(left.members(False)["why_not"]) == {"meets all that is left out"}


def test_what_follows_and_what_the_period_leaves(ws):
    asked = wb.segment("S", where="pricing", steps=["demo"], without_after="stage 5")
    result = wb.audience(ws, segment=asked)
    assert result.frame["kind"].tolist() == ["all", "where", "step", "after", "segment"]
    assert inside(result) == ["B"]
    assert result.members(False)["why_not"].tolist() == ["afterwards came: stage 5"] * 3
    part = wb.audience(ws, segment=wb.segment("S", steps=SEQUENCE, part="after"))
    assert part.frame["events_kept"].iloc[-1] == 6
    later = wb.audience(ws, segment=asked, period="2026-02")
    assert later.headline() == "No accounts are in scope, so nobody can be in a segment."
    assert later.members(None).empty
    assert "2026-02" in later.explain()
    assert later.frame["share"].isna().all()


def test_a_part_that_nobody_meets_is_named(ws):
    nobody = wb.segment("S", where={"event": "demo", "country": "FR"})
    result = wb.audience(ws, segment=nobody)
    assert result.headline() == "0 of 4 accounts are in “S”: nobody meets “demo and country = FR”"
    assert "country = FR does not occur." in result.explain()
    walked = wb.segment("S", steps=["demo", wb.step("pricing", after="5h")])
    assert wb.audience(ws, segment=walked).headline() == (
        "0 of 4 accounts are in “S”: nobody meets “then pricing (after 5 hours at the earliest)”"
    )
    both = wb.segment("S", where={"country": "DE"}, steps=SEQUENCE)
    assert wb.audience(ws, segment=both).headline() == (
        "0 of 4 accounts are in “S”: none of the 1 that get so far meets “then demo”"
    )


def test_members_are_exported_and_figures_shown(ws, tmp_path):
    result = wb.audience(ws, segment=wb.segment("=S", where="stage 5"))
    path = wb.save_csv(result.members(), tmp_path / "audience.csv")
    assert path.read_text("utf-8-sig").splitlines()[0] == (
        "key,name,in_segment,first_event_at,last_event_at,events,events_kept,parts_met,why_not"
    )
    figures = result.key_figures().content["figures"]
    assert [figure["value"] for figure in figures] == ["3", "1", "9"]
    again = wb.audience(ws, **{k: v for k, v in result.definition.items() if k != "analysis"})
    pd.testing.assert_frame_equal(again.frame, result.frame)
    found = wb.compare(result, wb.audience(ws, segment=wb.segment("=S", where="demo"))).frame
    assert found["label"].tolist() == ["=S"]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"segment": {"event": "demoo"}}, "Did you mean 'demo'"),
        ({"segment": {"contry": "US"}}, "Did you mean 'country'"),
        ({"segment": {"event": "demo"}, "container": "acount"}, "Did you mean 'account'"),
        ({"segment": 5}, r"wb\.segment\(…\), its plain mapping"),
        ({"segment": {"name": "S", "scope": "event", "where": "demo"}, "container": "event"},
         "container='event' cannot be used"),
    ],
)  # fmt: skip
def test_what_is_refused(ws, options, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        wb.audience(ws, **options)


def test_containers_without_keys_and_further_refusals(ws):
    for scope in ("buying_group", "global_account"):
        with pytest.raises(AbsentError, match=f"carry no {scope}_id"):
            wb.audience(ws, segment=wb.segment("S", scope=scope, where="demo"))
    result = wb.audience(ws, segment={"event": "demo"})
    with pytest.raises(ArgumentError, match="passing='yes'"):
        result.members(passing="yes")
    with pytest.raises(ArgumentError, match="1 or more"):
        result.samples(0)


QUERIES = {
    "times": (
        {"times": {"of": "a", ">=": 6}},
        "SELECT account_id FROM touchpoints GROUP BY ALL HAVING count(*) FILTER (event = 'a') >= 6",
    ),
    "distinct": (
        {"distinct": {"of": "person_id", "where": "b", "=": 3}},
        "SELECT account_id FROM touchpoints WHERE event = 'b' GROUP BY ALL "
        "HAVING count(DISTINCT person_id) = 3",
    ),
    "total": (
        {"total": {"of": "amount", "where": {"event": ["a", "c"]}, "<": 9}},
        "SELECT account_id FROM touchpoints GROUP BY ALL "
        "HAVING coalesce(sum(amount) FILTER (event IN ('a', 'c')), 0) < 9",
    ),
    "nested": (
        person(where={"each": ["a", {"event": "b", "amount": {">": 2}}]}),
        "SELECT DISTINCT account_id FROM touchpoints WHERE person_id IS NOT NULL "
        "GROUP BY account_id, person_id "
        "HAVING bool_or(event = 'a') AND bool_or(event = 'b' AND amount > 2)",
    ),
    "rolling": (
        {"event": "a", "period": "last 30 days"},
        "SELECT DISTINCT account_id FROM touchpoints WHERE event = 'a' AND occurred_at >= "
        "(SELECT date_trunc('day', max(occurred_at)) - INTERVAL 29 DAY FROM touchpoints)",
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_the_same_numbers_from_sql(many, name):
    where, query = QUERIES[name]
    expected = sorted(many.sql(query)["account_id"])
    result = wb.audience(many, segment=wb.segment("S", where=where))
    assert 0 < len(expected) < result.frame["total"].iloc[0]
    assert inside(result) == expected


@pytest.fixture(scope="module")
def many():
    rng, size = np.random.default_rng(7), 1_500
    people = rng.integers(0, 4, size)
    accounts = rng.integers(0, 60, size)
    events = pd.DataFrame(
        {
            "account_id": [f"A{n:02d}" for n in accounts],
            "person_id": [
                f"P{a}-{p}" if p else None for a, p in zip(accounts, people, strict=True)
            ],
            "event": np.array(list("abcde"))[rng.integers(0, 5, size)],
            "amount": rng.integers(0, 4, size).astype(float),
            "occurred_at": [at(float(day)) for day in rng.integers(0, 300, size)],
        }
    )
    return wb.from_frames(events=events)
