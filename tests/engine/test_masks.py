"""Every operator on every kind of column against the plain reading of its name."""

from __future__ import annotations

import re
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.worlds import START, store_of
from workbench.engine.layout import NO_SEQUENCE
from workbench.engine.masks import Attribute, Marker
from workbench.engine.values import closest, text_marks
from workbench.errors import ArgumentError
from workbench.vocabulary.conditions import TEXT_OPERATORS, Term, condition_from
from workbench.vocabulary.steps import step

TEXTS = [
    "Web",
    "web",
    "e-mail (new)",
    "50%_off",
    "a*b",
    "a\\b",
    "日本 語",
    "",
    None,
    "x\ny",
    "true",
]
NUMBERS = [1.0, 2.5, -3.0, None, 0.0, 10.0, 2.5, None, 7.0, 1.0, 4.0]
GROUPS = [["u"], ["u", "v"], None, ["v", "w"], [], ["w"], ["u"], None, ["v"], ["u", "w"], ["w"]]
COUNTRIES = {"A": "JP", "B": "DE", "C": None}


@pytest.fixture(scope="module")
def store():
    return store_of(
        {
            "account_id": "ABC"[n % 3],
            "occurred_at": START + timedelta(hours=n),
            "event": "abcd"[n % 4],
            "channel": text,
            "amount": NUMBERS[n],
            "buying_group_id": GROUPS[n],
            "sequence_no": None if n % 5 == 0 else n,
        }
        for n, text in enumerate(TEXTS)
    )


def marker_of(store) -> Marker:
    accounts = store.dictionary("account_id").to_pylist()
    attributes = {
        "country": pa.array([COUNTRIES[a] for a in accounts], pa.string()),
        "size": np.array([{"A": 10.0, "B": np.nan, "C": 30.0}[a] for a in accounts]),
    }

    def attribute(name: str) -> Attribute | None:
        return Attribute("account_id", attributes[name]) if name in attributes else None

    return Marker(store, attribute, lambda: sorted(attributes))


def value_of(row: dict, name: str):
    if name == "country":
        return COUNTRIES[row["account_id"]]
    if name == "size":
        return {"A": 10.0, "B": None, "C": 30.0}[row["account_id"]]
    return row[name]


def plainly(value, operator, wanted) -> bool:
    """One row's value against a term, as a reader would decide it."""
    wanted = wanted if isinstance(wanted, list) else [wanted]
    items = value if isinstance(value, list) else [value]
    items = [item for item in items if item not in (None, "")]
    if operator == "exists":
        return bool(items) is wanted[0]
    if operator == "!=" or operator.startswith("not_"):
        return not plainly(value, "=" if operator == "!=" else operator[4:], wanted)
    if operator == "contains_all":
        return any(all(w in item for w in wanted) for item in items)
    decide = {
        "=": lambda v, w: v == w,
        "<": lambda v, w: v < w,
        "<=": lambda v, w: v <= w,
        ">": lambda v, w: v > w,
        ">=": lambda v, w: v >= w,
        "contains": lambda v, w: w in v,
        "starts_with": lambda v, w: v.startswith(w),
        "ends_with": lambda v, w: v.endswith(w),
        "matches": lambda v, w: re.fullmatch(
            "".join(".*" if c == "*" else re.escape(c) for c in w), v, re.DOTALL
        ),
    }[operator]
    return any(decide(item, w) for item in items for w in wanted)


def rows_of(store) -> list[dict]:
    out = []
    for n in range(len(store)):
        row = {name: store.values_at(name, np.array([n]))[0] for name in store.columns}
        groups = row["buying_group_id"]
        row["buying_group_id"] = groups.split("\x1f") if groups else None
        row["amount"] = None if np.isnan(row["amount"]) else row["amount"]
        number = row["sequence_no"]
        row["sequence_no"] = None if number == NO_SEQUENCE else int(number)
        out.append(row)
    return out


text_terms = st.one_of(
    st.tuples(
        st.sampled_from(["channel", "buying_group_id", "country"]),
        st.sampled_from(["=", "!=", *TEXT_OPERATORS]),
        st.lists(
            st.sampled_from(["Web", "web", "e", "日本", "u", "w", "50%_off", "JP", "(", "*b"]),
            min_size=1,
            max_size=2,
        ),
    ),
    st.tuples(
        st.sampled_from(["channel", "buying_group_id", "country", "amount", "size", "sequence_no"]),
        st.just("exists"),
        st.booleans(),
    ),
    st.tuples(
        st.sampled_from(["amount", "size", "sequence_no"]),
        st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
        st.lists(st.sampled_from([1, 2.5, 10, 7, 30]), min_size=1, max_size=2),
    ),
)
leaves = text_terms.map(lambda t: ({t[0]: {t[1]: t[2]}}, t))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: ({"any": [p for p, _ in parts]}, ("any", [t for _, t in parts]))
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda parts: ({"all": [p for p, _ in parts]}, ("all", [t for _, t in parts]))
        ),
        inner.map(lambda part: ({"not": part[0]}, ("not", [part[1]]))),
    ),
    max_leaves=5,
)


def met(row: dict, tree) -> bool:
    if tree[0] in ("any", "all", "not") and isinstance(tree[1], list):
        marks = [met(row, part) for part in tree[1]]
        return {"any": any(marks), "all": all(marks), "not": not marks[0]}[tree[0]]
    return plainly(value_of(row, tree[0]), tree[1], tree[2])


@given(st.lists(trees, min_size=1, max_size=3))
def test_conditions_mean_what_they_say_one_by_one_and_together(store, asked):
    rows = rows_of(store)
    expected = [[met(row, tree) for row in rows] for _, tree in asked]
    marker = marker_of(store)
    for (plain, _), marks in zip(asked, expected, strict=True):
        assert marker.rows(condition_from(plain)).tolist() == marks, plain
    steps = tuple(step(f"step {n}", where=plain) for n, (plain, _) in enumerate(asked))
    keep = np.arange(len(store)) % 2 == 0
    for kept in (None, keep):
        codes, bits_of, _ = marker.bits(steps, kept)
        for number, marks in enumerate(expected):
            found = (bits_of[codes] >> np.uint64(number)) & np.uint64(1)
            wanted = np.array(marks) & (True if kept is None else kept)
            assert found.astype(bool).tolist() == wanted.tolist()


@given(st.text("a*\\b%_.(\n", max_size=5), st.lists(st.text("a*\\b%_.(\n", max_size=4), min_size=1))
def test_a_backslash_takes_a_star_literally(pattern, values):
    pieces, n = [], 0
    while n < len(pattern):
        if pattern[n] == "\\" and n + 1 < len(pattern):
            pieces.append(re.escape(pattern[n + 1]))
            n += 1
        else:
            pieces.append(".*" if pattern[n] == "*" else re.escape(pattern[n]))
        n += 1
    expected = [bool(re.fullmatch("".join(pieces), value, re.DOTALL)) for value in values]
    found = text_marks(pa.array(values, pa.string()), Term("x", "matches", (pattern,)))
    assert found.tolist() == expected


def test_true_and_false_are_compared_as_truths(tmp_path):
    import duckdb

    from workbench.engine.build import build_store
    from workbench.engine.store import EventStore

    connection = duckdb.connect()
    connection.execute(
        "CREATE VIEW t AS SELECT * FROM (VALUES (true), (false), (NULL)) v(trial), "
        "(SELECT 'A' AS account_id, TIMESTAMPTZ '2026-01-01' AS occurred_at, 'a' AS event)"
    )
    build_store(connection, "t", tmp_path / "events")
    marker = Marker(EventStore(tmp_path / "events"))
    counts = {
        plain: int(marker.rows(condition_from({"trial": value})).sum())
        for plain, value in {"yes": True, "no": False, "not yes": {"!=": True}}.items()
    }
    assert counts == {"yes": 1, "no": 1, "not yes": 2}


def refusal(store, plain) -> str:
    with pytest.raises(ArgumentError) as refused:
        marker_of(store).rows(condition_from(plain))
    return str(refused.value)


def test_unknown_names_and_events_are_refused_with_the_closest(store):
    assert refusal(store, {"chanel": "web"}) == (
        "dimension='chanel' cannot be used. Did you mean 'channel'? Allowed: 'account_id', "
        "'amount', 'buying_group_id', 'channel', 'country', 'event', 'sequence_no', 'size'."
    )
    assert refusal(store, {"event": "A"}) == (
        "event='A' cannot be used. Allowed: 'a', 'b', 'c', 'd'."
    )
    assert refusal(store, {"witin": "2d"}).endswith(
        "Options of a step are label, link, within, after, without, next_among, where."
    )


def test_what_a_column_cannot_answer_is_refused(store):
    assert refusal(store, {"channel": {">": "a"}}) == (
        "channel='>' cannot be used. Allowed: '=', '!=', 'contains', 'not_contains', "
        "'contains_all', 'not_contains_all', 'starts_with', 'not_starts_with', 'ends_with', "
        "'not_ends_with', 'matches', 'not_matches', 'exists'. It holds text."
    )
    assert refusal(store, {"amount": {"contains": "1"}}) == (
        "amount='contains' cannot be used. Allowed: '=', '!=', '<', '<=', '>', '>=', 'exists'. "
        "It holds numbers."
    )
    assert "Allowed: numbers" in refusal(store, {"amount": "many"})
    assert "Allowed: numbers" in refusal(store, {"size": {">": ["10", "many"]}})
    assert "asked for with period" in refusal(store, {"occurred_at": "2026-01-01"})
    with pytest.raises(ArgumentError, match="compared but do not split"):
        marker_of(store).lookup("amount")


def test_a_value_that_does_not_occur_is_said_once(store):
    marker = marker_of(store)
    for _ in range(2):
        for plain in ({"channel": "webb"}, {"country": "jp"}, {"buying_group_id": ["u", "zz"]}):
            marker.rows(condition_from(plain))
    assert marker.notes == [
        "channel = webb does not occur. Closest: web, Web.",
        "country = jp does not occur.",
        "buying_group_id = zz does not occur.",
    ]


def test_ranges_of_dates_are_of_the_reporting_zone(store):
    marker = Marker(store, zone="Asia/Tokyo")
    marks = marker.rows(condition_from({"period": "2026-01-01"}))  # ends at 15:00 UTC
    assert marks.sum() == len(TEXTS)
    assert not marker.rows(condition_from({"period": "2026-01-02"})).any()


def test_many_columns_at_once_renumber_their_combinations(tmp_path):
    rng = np.random.default_rng(5)
    names = [f"flag {n}" for n in range(30)]
    rows = [
        {
            "account_id": f"A{rng.integers(5)}",
            "occurred_at": START + timedelta(hours=n),
            "event": "a",
            **{name: str(rng.integers(2)) for name in names},
        }
        for n in range(200)
    ]
    wide = store_of(rows, tmp_path)
    plain = {"all": [{"any": [{name: "1"} for name in names[:15]]}, {names[20]: "0"}]}
    plain["all"].append({"any": [{name: "0"} for name in names[15:]]})
    expected = [
        any(wide.values_at(n, np.array([i]))[0] == "1" for n in names[:15])
        and wide.values_at(names[20], np.array([i]))[0] == "0"
        for i in range(200)
    ]
    assert Marker(wide).rows(condition_from(plain)).tolist() == expected


def test_more_conditions_than_bits_are_refused(store):
    steps = tuple(step(f"s{n}", event="a", without="b") for n in range(40))
    with pytest.raises(ArgumentError, match="79 conditions"):
        marker_of(store).bits(steps)


def test_the_closest_of_very_many_values_are_looked_for_among_the_likely_ones():
    values = pa.array([f"person {n}" for n in range(30_000)])
    assert "person 199" in closest("persn 199", values)
    assert closest("PERSON 29999", values) == ["person 29999"]
