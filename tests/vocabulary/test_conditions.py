"""Conditions, steps and segments: one plain form that is read back to the same value."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import InSegment, Logic, Term, condition_from
from workbench.vocabulary.containers import CONTAINERS, can_be_touchpoint, container_named
from workbench.vocabulary.segments import segment, segment_from
from workbench.vocabulary.steps import combine, step, step_from, steps_from

NAMES = ("event", "channel", "amount", "会社 名", "a.b", "segment", "period", "any", "not", "label")
texts = st.text(max_size=6)
scalars = st.one_of(texts, st.integers(-9, 9), st.booleans(), st.floats(-5, 5))
values = st.one_of(scalars, st.lists(scalars, min_size=1, max_size=3))
operators = st.one_of(
    st.tuples(st.just("exists"), st.booleans()),
    st.tuples(
        st.sampled_from(["=", "!=", "<", ">=", "contains", "matches", "starts_with"]), values
    ),
)
terms = st.tuples(st.sampled_from(NAMES), operators).map(lambda t: {t[0]: {t[1][0]: t[1][1]}})
conditions = st.recursive(
    st.one_of(
        terms,
        texts.filter(bool).map(lambda name: {"event": name}),
        st.just({"period": "2026-01..2026-03"}),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        inner.map(lambda part: {"not": part}),
        inner.map(lambda part: {"segment": {"name": "s", "scope": "event", "where": part}}),
    ),
    max_leaves=6,
)


def through_files(plain):
    return yaml.safe_load(yaml.safe_dump(json.loads(json.dumps(plain)), sort_keys=False))


def flat(condition):
    """Nested ANDs say the same as one AND."""
    if isinstance(condition, Logic):
        parts = [flat(part) for part in condition.parts]
        if condition.kind == "all":
            parts = [
                q
                for p in parts
                for q in (p.parts if isinstance(p, Logic) and p.kind == "all" else [p])
            ]
        return Logic(condition.kind, tuple(parts))
    if isinstance(condition, InSegment):
        return ("segment", flat(condition.segment.where))
    return condition


@given(conditions)
def test_a_condition_is_read_back_from_its_plain_form(plain):
    condition = condition_from(plain)
    again = condition_from(through_files(condition.plain()))
    assert flat(again) == flat(condition)
    assert again.plain() == condition.plain()


durations = st.one_of(st.none(), st.sampled_from(["2h", "90d", "1.5s"]))


@st.composite
def plain_steps(draw):
    link = draw(st.sampled_from(["eventual", "next"]))
    return {
        "label": draw(texts.filter(bool)),
        "where": draw(conditions),
        "link": link,
        "within": draw(durations),
        "without": draw(st.one_of(st.none(), conditions)),
        "next_among": draw(st.one_of(st.none(), conditions)) if link == "next" else None,
    }


@given(st.lists(plain_steps(), min_size=1, max_size=3))
def test_steps_and_segments_are_read_back_from_their_plain_form(plain):
    steps = steps_from(plain)
    assert len({item.label for item in steps}) == len(steps)
    made = segment("Sequence", scope="person", steps=steps, exclude=True, total_within="30d")
    again = segment_from(through_files(made.plain()))
    assert again.plain() == made.plain()
    assert [s.label for s in again.steps] == [s.label for s in steps]
    assert [s.within for s in again.steps] == [s.within for s in steps]


def test_labels_are_unique_even_when_a_label_looks_like_a_repetition():
    labels = [item.label for item in steps_from(["a", "a (2)", "a", "a"])]
    assert labels == ["a", "a (2)", "a (3)", "a (4)"]


def test_values_become_plain():
    found = condition_from({"amount": np.float64(2.5), "closed": date(2026, 1, 31), "ok": np.True_})
    assert found.plain() == {"amount": 2.5, "closed": "2026-01-31", "ok": True}
    assert condition_from({"event": {"b", "a"}}) == Term("event", "=", ("a", "b"))
    assert condition_from({"event": ["a", "b", "a"]}) == Term("event", "=", ("a", "b"))


def test_columns_with_reserved_names_are_written_with_their_operator():
    assert condition_from({"segment": "Enterprise"}) == Term("segment", "=", ("Enterprise",))
    assert condition_from({"period": {"=": "H1"}}) == Term("period", "=", ("H1",))
    assert condition_from({"any": {"=": 1}}).plain() == {"any": {"=": 1}}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {},
            "condition={} cannot be used. Allowed: an event name or a mapping such as "
            "{'event': 'meeting'}.",
        ),
        (
            {"amount": {"=>": 5}},
            "condition.amount='=>' cannot be used. Did you mean '>' or '=' or '>='? Allowed: '=', "
            "'!=', '<', '<=', '>', '>=', 'contains', 'not_contains', 'contains_all', "
            "'not_contains_all', 'starts_with', 'not_starts_with', 'ends_with', 'not_ends_with', "
            "'matches', 'not_matches', 'exists'.",
        ),
        (
            {"channel": None},
            "condition.channel=None cannot be used. Allowed: text, a number, true or false, or a "
            "list of them. For a missing value write {'exists': false}.",
        ),
        ({"channel": []}, "condition.channel=[] cannot be used. Allowed: at least one value."),
        (
            {"channel": {"exists": "yes"}},
            "condition.channel.exists='yes' cannot be used. Allowed: true or false.",
        ),
        ({"any": []}, "condition.any=[] cannot be used. Allowed: a list of conditions."),
        (
            {"period": ""},
            "condition.period='' cannot be used. Allowed: a range of dates such as '2026-03'.",
        ),
    ],
)
def test_what_is_refused_says_what_is_meant(value, expected):
    with pytest.raises(ArgumentError) as refused:
        condition_from(value)
    assert str(refused.value) == expected


@pytest.mark.parametrize(
    "value",
    [{"amount": {}}, {"a": float("nan")}, {"a": [["x"]]}, 5, None,
     {"period": "soon"}, {"segment": 5}, {"not": {}}, [("a", 1)]],
)  # fmt: skip
def test_further_refusals(value):
    with pytest.raises(ArgumentError, match=r"cannot be used\. Allowed"):
        condition_from(value)


@pytest.mark.parametrize(
    ("parts", "logic", "expected"),
    [
        # One dimension: OR. Event with event (metrics): OR. Different dimensions: AND.
        ([{"channel": "web"}, {"channel": "mail"}], None, "channel = web or channel = mail"),
        (["mql", "sql"], None, "mql or sql"),
        (["mql", {"channel": "web"}], None, "mql and channel = web"),
        (["a", {"channel": "web"}, "b"], None, "(a or b) and channel = web"),
        ([{"event": "a", "page": "x"}, "b"], None, "(a and page = x) or b"),
        (
            [{"amount": {">": 5, "<": 9}}, {"amount": 20}],
            None,
            "(amount > 5 and amount < 9) or amount = 20",
        ),
        # A segment or a range of dates with anything: AND.
        (["a", {"period": "2026"}, {"period": "2027"}], None, "a and during 2026 and during 2027"),
        (
            ["a", {"segment": {"name": "S", "where": "b"}},
             {"segment": {"name": "T", "where": "b"}}],
            None,
            "a and in segment S and in segment T",
        ),
        # An explicit override wins.
        (["a", {"channel": "web"}], "or", "a or channel = web"),
        (["a", "b"], "and", "a and b"),
    ],
)  # fmt: skip
def test_the_combination_table(parts, logic, expected):
    assert str(combine(*parts, logic=logic).condition) == expected


def test_combining_keeps_the_one_link_and_refuses_two():
    limited = step("b", within="2d", link="next")
    for made in (combine("a", limited), "a" | limited, limited | "a", limited & {"channel": "web"}):
        assert (made.link, str(made.within)) == ("next", "2d")
    assert ("a" | limited).label == "a or b"
    assert ("a" & limited).condition == Logic(
        "all", (Term("event", "=", ("a",)), limited.condition)
    )
    with pytest.raises(ArgumentError, match="parts with the same link and limits"):
        step("a", within="1d") | limited
    with pytest.raises(ArgumentError, match="one or more event names"):
        combine()
    with pytest.raises(ArgumentError, match=r"logic='xor' cannot be used\. Did you mean 'or'"):
        combine("a", "b", logic="xor")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"label": "a", "link": "nxt"}, "link='nxt' cannot be used. Did you mean 'next'? Allowed: "
         "'eventual', 'next'."),
        ({"label": "a", "within": 5}, "within=5 cannot be used. Allowed: a number with its unit "
         "(s, min, h, d, w), such as '90d' or '1h 30min', or '13 months', '3 events', "
         "'2 sessions', '2 values of channel', or a list of them."),
        ({"label": "a", "within": "1h", "after": "2h"}, "after='2h' cannot be used. Allowed: at "
         "most within='1h'. No row could ever meet both limits."),
        ({"label": "a", "next_among": "b"}, "next_among='b' cannot be used. Allowed: only together "
         "with link='next'."),
        ({}, "label=None cannot be used. Allowed: an event name, or event=… or another dimension."),
    ],
)  # fmt: skip
def test_steps_that_are_refused(options, expected):
    with pytest.raises(ArgumentError) as refused:
        step(**options)
    assert str(refused.value) == expected


@pytest.mark.parametrize("value", ["a", {"event": "a"}, [], (), None, 5, ["a"] * 61])
def test_steps_are_a_list(value):
    with pytest.raises(ArgumentError, match="steps="):
        steps_from(value)


def test_a_step_in_words():
    made = step(
        "Booked", event=["call", "meeting"], link="next", next_among={"channel": {"exists": True}},
        within="2d", after="1h", without="closed_lost",
    )  # fmt: skip
    assert made.in_words() == (
        "call or meeting, as the next event among channel exists, after 1 hour at the earliest, "
        "within 2 days, without closed_lost in between"
    )
    assert step_from({"event": "a", "page": {"exists": False}}).label == "a and page is missing"


def test_segments_in_words_and_refusals():
    assert segment("S", industry="Software").in_words() == "accounts with industry = Software"
    made = segment("S", scope="person", steps=["a", step("b", within="1d")], total_within="9d",
                   exclude=True)  # fmt: skip
    assert made.in_words() == "people without a then b (within 1 day), all within 9 days"
    for options, sentence in [
        ({"scope": "acount", "where": "a"}, "scope='acount' cannot be used. Did you mean 'account"),
        ({}, r"where=None cannot be used\. Allowed: a condition, or steps="),
        ({"where": "a", "total_within": "3d"}, r"only together with steps=\[…\]"),
        ({"scope": "event", "steps": ["a"]}, "A sequence needs a container"),
        ({"where": "a", "exclude": "no"}, "exclude='no' cannot be used. Allowed: true or false."),
    ]:
        with pytest.raises(ArgumentError, match=sentence):
            segment("S", **options)
    with pytest.raises(ArgumentError, match="the name that the reader sees"):
        segment("", where="a")
    with pytest.raises(ArgumentError, match=r"segment='excluded' .* Did you mean 'ex"):
        segment_from({"name": "S", "where": "a", "excluded": True})


def test_ranks_of_segments_as_touchpoints():
    account, person = container_named("account"), container_named("person")
    assert can_be_touchpoint(CONTAINERS["event"], account)
    assert can_be_touchpoint(CONTAINERS["session"], CONTAINERS["opportunity"])
    assert not can_be_touchpoint(CONTAINERS["opportunity"], person)
    assert not can_be_touchpoint(account, account)
    with pytest.raises(ArgumentError, match=r"container='acount' .* Did you mean 'ac"):
        container_named("acount")
