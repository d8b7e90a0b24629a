"""Segments in full: one plain form, refusals before any row, and sentences that read well."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engine.segment_worlds import held_segments, walked_segments
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import Term, condition_from
from workbench.vocabulary.limits import Limit
from workbench.vocabulary.segments import segment, segment_from, stacked
from workbench.vocabulary.steps import step, step_from

LAX = settings(suppress_health_check=list(HealthCheck), deadline=None)


def through_files(plain):
    return yaml.safe_load(yaml.safe_dump(json.loads(json.dumps(plain)), sort_keys=False))


def same(first, second) -> bool:
    """Whether two segments say the same; AND within AND is written as one."""
    return first.plain() == second.plain() and first.name == second.name


@LAX
@given(st.lists(st.one_of(held_segments, walked_segments).filter(bool), min_size=1, max_size=3))
def test_segments_are_read_back_from_their_plain_form(made):
    for item in [*made, stacked(made, "all of them")]:
        again = segment_from(through_files(item.plain()))
        assert same(again, item)
        assert segment_from(again.plain()) == again
        assert again.in_words()


def test_every_option_survives_the_plain_form():
    made = segment(
        "S",
        scope="person",
        where={
            "channel": {"=": "web", "basis": "repeating"},
            "times": {"of": "a", ">=": 2},
            "each": ["a", {"segment": {"name": "i", "scope": "session", "where": "b"}}],
        },
        steps=["a", step("b", within=["24h", "3 events", "2 years"], after="1 session")],
        total_within="13 months",
        part="before",
        without_before="x",
        without_after={"each": ["x", "y"]},
        anchor="last",
    )
    plain = through_files(made.plain())
    assert segment_from(plain) == made
    assert plain["steps"][1]["within"] == ["1d", "3 events", "2 years"]
    assert plain["total_within"] == "13 months"
    assert made.steps[1].limits == (
        Limit("within", 3, "events"),
        Limit("within", 24, "months"),
        Limit("after", 1, "sessions"),
    )
    assert segment_from([made]) is made
    assert segment_from([made, {"event": "x"}]).scope == "account"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"where": {"country": "US", "event": "won"}}, "accounts with country = US and won"),
        ({"scope": "event", "where": "won", "exclude": True}, "events without won"),
        (
            {"where": {"segment": {"name": "p", "scope": "person", "steps": ["a", "b"]}}},
            "accounts with a person with a then b",
        ),
        (
            {
                "where": {
                    "all": [
                        {"segment": {"name": "p", "scope": "person", "where": "a"}},
                        {"segment": {"name": "o", "scope": "opportunity", "where": "b"}},
                        {"distinct": {"of": "person_id", "where": "a", ">=": 3}},
                    ]
                }
            },
            "accounts with (a person with a) and (an opportunity with b) and at least 3 distinct "
            "values of person_id with a",
        ),
        (
            {"where": {"each": ["a", {"any": ["b", "c"]}]}},
            "accounts with each of (a), (b or c)",
        ),
        (
            {"where": {"not": {"segment": {"name": "p", "scope": "session", "where": "a"}}}},
            "accounts with not (a session with a)",
        ),
        (
            {"scope": "person", "steps": ["a", step("b", within="3 events", without="x"), "c"]},
            "people with a then b (within 3 events, without x in between) then c",
        ),
        (
            {
                "steps": [
                    {"segment": {"name": "1", "scope": "session", "where": "a"}},
                    {"segment": {"name": "2", "scope": "session", "where": "b", "exclude": True}},
                ],
                "total_within": "1 year",
                "without_before": "x",
                "without_after": "y",
            },
            "accounts with (a session with a) then (a session without b), all within 1 year, "
            "without x before, without y after the first time",
        ),
        (
            {"steps": ["a", step("b", after="2 values of page", within="1 session")],
             "part": "after"},
            "accounts with a then b (after 2 changes of page at the earliest, within 1 session); "
            "only their rows from the end of the first time on",
        ),
        (
            {"where": {"channel": {"contains_all": ["x", "y"], "basis": "non_repeating",
                                   "per": "global_account"}}},
            "accounts with channel contains all of x and y (where it changes in the global "
            "account)",
        ),
        ({"where": {"times": {"of": None, ">": 1000, "!=": 5000}}},
         "accounts with any number but 5,000 and more than 1,000 events"),
        ({"where": {"total": {"of": "amount", "where": "won", "<=": 1e7}}},
         "accounts with amount adding up to at most 10,000,000 with won"),
    ],
)  # fmt: skip
def test_segments_in_words(options, words):
    assert segment("S", **options).in_words() == words


def test_a_stack_in_words():
    both = stacked([segment("1", where="a"), segment("2", scope="person", where="b")])
    assert both.in_words() == "rows in all of (accounts with a), (people with b)"
    assert (both.name, both.scope) == ("1 and 2", "account")


SESSION = {"segment": {"name": "in", "scope": "session", "where": "a"}}
PERSON = {"segment": {"name": "in", "scope": "person", "where": "a"}}
LATE = {"segment": {"name": "in", "scope": "session", "steps": ["a"], "part": "after"}}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"steps": ["a"], "part": "befor"}, r"part='befor' cannot be used\. Did you mean 'before'"),
        ({"steps": ["a"], "anchor": "end"}, "anchor='end' cannot be used"),
        ({"steps": ["a"], "anchor": "last"}, r"only together with without_after=…"),
        ({"where": "a", "part": "after"}, r"part='after' .* only together with steps=\[…\]"),
        ({"where": "a", "without_after": "b"}, r"without_after='b' .* only together with steps"),
        ({"steps": ["a"], "part": "after", "exclude": True}, "Who never walks the sequence"),
        ({"steps": ["a"], "total_within": "3 events"}, "calendar time such as '13 months'"),
        ({"steps": ["a"], "total_within": 90}, "a number with its unit"),
        # A segment of the wrong scope.
        ({"scope": "session", "steps": [PERSON, "a"]},
         "steps='in' cannot be used. Allowed: segments of a scope below session. This one keeps "
         "whole people, so no later step could follow it; put it into where= instead."),
        ({"scope": "person", "steps": [PERSON, "a"]}, "segments of a scope below person"),
        ({"scope": "opportunity", "steps": [{"any": ["a", PERSON]}]}, "a scope below opportunity"),
        ({"steps": [LATE, "a"]}, "nested segments that keep everyone"),
        ({"where": {"not": LATE}}, "Only the outermost segment can keep"),
        # What speaks of a whole container is decided on no single row.
        ({"scope": "event", "where": {"each": ["a", "b"]}}, "a condition on single rows"),
        ({"steps": [{"times": {"of": "a", ">=": 2}}]}, "It speaks of a whole container"),
        ({"steps": ["a", step("b", without={"all": ["x", {"each": ["y"]}]})]}, "single rows"),
        ({"steps": ["a", step("b", link="next", next_among={"each": ["x"]})]}, "single rows"),
        ({"steps": [{"each": [*"abcdef"]}]}, "at most 5 conditions in one group"),
        ({"where": {"each": [{"times": {"of": "a", ">": 1}}]}}, "Join them with all or any"),
        # Numbers that no count can be.
        ({"where": {"times": {"of": "a", "<": 0}}}, "No count could ever meet it"),
        ({"where": {"distinct": {"of": "p", ">": 2, "<": 3}}}, "No count could ever meet it"),
        ({"where": {"times": {"of": "a"}}}, "a number under one of =, !=, <"),
        ({"where": {"times": {"of": "a", ">=": "3"}}}, "where.times='3' cannot be used"),
        ({"where": {"times": {"of": "a", ">=": True}}}, "Allowed: a number"),
        ({"where": {"times": {"of": "a", "where": "b", ">": 1}}}, "the rows stand in of"),
        ({"where": {"distinct": {"of": "", ">": 1}}}, "the name of a dimension or measure"),
        ({"where": {"distinct": {"of": "p", "least": 1}}}, "distinct='least'"),
        ({"where": {"times": {"of": {"times": {"of": "a", ">": 1}}, ">": 1}}}, "on single rows"),
        # Lists as long as the specification allows.
        ({"where": {"event": [str(n) for n in range(501)]}}, "at most 500 values with '='"),
        ({"where": {"event": {"contains": [str(n) for n in range(101)]}}},
         "where.event='101 values' cannot be used. Allowed: at most 100 values with 'contains'"),
        # A basis names the container that exists for it.
        ({"where": {"channel": {"=": "x", "basis": "always"}}}, "basis='always'"),
        ({"where": {"channel": {"=": "x", "per": "person"}}}, "so it needs a basis"),
        ({"where": {"channel": {"basis": "repeating"}}}, "'contains'"),
        ({"where": {"channel": {"=": "x", "basis": "repeating", "per": "buying_group"}}},
         "per='buying_group' cannot be used"),
    ],
)  # fmt: skip
def test_what_is_refused_says_what_is_meant(options, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        segment("S", **options)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([], r"wb\.segment\(…\), its plain mapping"),
        ({"name": "S", "stack": []}, "a list of segments"),
        ({"name": "S", "stack": [{"event": "a"}], "scope": "person"}, "Allowed: 'name', 'stack'"),
        ({"name": "S", "where": "a", "wher": "b"}, "Did you mean 'where'"),
        (["a"], r"nothing in parameters/segments is called 'a'"),
    ],
)
def test_plain_forms_that_are_no_segments(value, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        segment_from(value)


@pytest.mark.parametrize(
    ("limits", "sentence"),
    [
        ({"within": "0 events"}, "Two rows are at least one event apart"),
        ({"within": "0 months"}, "1 or more"),
        ({"within": ["1d", "2h"]}, "one limit of each unit"),
        ({"within": ["1 event", "2 events"]}, "one limit of each unit"),
        ({"within": "3 events", "after": "4 events"}, "at most within='3 events'. No row could"),
        ({"within": "13 values of a", "after": "14 values of a"}, "No row could ever meet"),
        ({"within": "9999999999 events"}, "at most a thousand years"),
        ({"within": "2 even"}, r"'3 events', '2 sessions', '2 values of channel', or a list"),
        ({"after": {"days": 2}}, "a number with its unit"),
    ],
)
def test_limits_that_are_refused(limits, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        step("b", **limits)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1 event", "1 events"), ("4 quarters", "1 years"), ("1 quarter", "3 months"),
     ("2 values of 会社 名", "2 values of 会社 名"), ("1value of values", "1 values of values")],
)  # fmt: skip
def test_limits_are_read_back(text, shown):
    made = step("b", within=text)
    assert made.plain()["within"] == shown
    assert step_from(made.plain()) == made


def test_a_nested_segment_needs_no_name():
    made = segment("S", where={"segment": {"scope": "person", "steps": ["a", "b"]}})
    assert made.where.segment.name == "people with a then b"
    assert segment_from(through_files(made.plain())) == made
    assert segment_from({"where": "a"}).name == "accounts with a"
    assert segment_from({"scope": {"=": "x"}, "industry": "y"}).where.parts[0].field == "scope"


words = st.sampled_from(
    ["name", "scope", "where", "steps", "exclude", "total_within", "part", "without_after", "stack",
     "event", "all", "any", "each", "not", "segment", "period", "times", "distinct", "of", "=",
     ">=", "contains_all", "basis", "per", "label", "within", "without", "link"]
)  # fmt: skip
garbage = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.text(max_size=3), words,
              st.sampled_from(["a", "person", "3 events", "2 values of x", "last 3 days"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=4)
    ),
    max_leaves=10,
)  # fmt: skip


@LAX
@given(st.dictionaries(words, garbage, min_size=1, max_size=4), st.booleans())
def test_nothing_that_a_file_can_hold_ends_in_a_traceback(plain, named):
    try:
        made = segment_from({"name": "S", "where": "a", **plain} if named else plain)
    except ArgumentError:
        return
    assert segment_from(made.plain()).plain() == made.plain()


def test_columns_that_are_called_like_conditions():
    assert condition_from({"times": 3}) == Term("times", "=", (3,))
    assert condition_from({"distinct": {">": 3}}) == Term("distinct", ">", (3,))
    assert condition_from({"each": {"=": "x"}}).plain() == {"each": {"=": "x"}}
