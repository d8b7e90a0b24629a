"""Random small worlds and random segments, for the store and for the oracle alike."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import strategies as st

from tests.engine.segment_oracle import Row, World
from tests.worlds import START, store_of
from workbench.engine.masks import Marker
from workbench.engine.store import EventStore
from workbench.errors import ArgumentError
from workbench.vocabulary.periods import microseconds_of
from workbench.vocabulary.segments import segment

HOURS = (0, 1, 2, 3, 4, 24 * 28, 24 * 31, 24 * 59)
EPOCH = microseconds_of(START)
NOTHING = np.iinfo(np.int64).min

rows_of_world = st.lists(
    st.fixed_dictionaries(
        {
            "account_id": st.sampled_from("AAAAB"),
            "person_id": st.sampled_from(["p", "p", "q", None]),
            "session_id": st.sampled_from(["s", "t", "u", None]),
            "opportunity_id": st.sampled_from(["o", "g", None]),
            "buying_group_id": st.sets(st.sampled_from("uv")).map(sorted),
            "hour": st.sampled_from(HOURS[:5] * 2 + HOURS[5:]),
            "event": st.sampled_from("aabbcx"),
            "channel": st.sampled_from(["m", "n", None]),
            "amount": st.sampled_from([1.0, 2.0, None]),
            "number": st.sampled_from([None, 0, 1, 2]),
        }
    ),
    min_size=2,
    max_size=9,
)
FILLER = [
    {
        "account_id": "Z", "person_id": "z", "session_id": "z", "opportunity_id": "z",
        "buying_group_id": ["z"], "hour": 2_000 + n, "event": event, "channel": channel,
        "amount": 1.0, "number": n,
    }
    for n, (event, channel) in enumerate(zip("abcx", "mnmn", strict=True))
]  # fmt: skip
TIMES = [START + timedelta(hours=hour) for hour in HOURS]


def opened(rows, numbered: bool, bounds=(None, None)) -> tuple[Marker, World]:
    """A world as a marker over its store, and as the oracle sees it."""
    store = store_of(
        {
            **{k: v for k, v in row.items() if k not in ("hour", "number")},
            "buying_group_id": row["buying_group_id"] or None,
            "occurred_at": START + timedelta(hours=row["hour"]),
            **({"sequence_no": row["number"]} if numbered else {}),
        }
        for row in [*rows, *FILLER]
    )
    low, high = (
        far if hour is None else EPOCH + hour * 3_600_000_000
        for hour, far in zip(bounds, (-(2**62), 2**62), strict=True)
    )
    return Marker(store, start=low, end=high), World(seen(store), low, high)


def seen(store: EventStore) -> list[Row]:
    """Rows of a store for the oracle."""
    places = np.arange(len(store))
    columns = {name: store.values_at(name, places) for name in store.columns}
    out = []
    for n in places:
        row = {name: values[n] for name, values in columns.items()}
        groups = row.get("buying_group_id")
        row["buying_group_id"] = groups.split("\x1f") if groups else None
        if "amount" in row:
            row["amount"] = None if np.isnan(row["amount"]) else row["amount"]
        number = int(store.sequence[n]) if store.sequence.size else NOTHING
        out.append(Row(int(n), int(store.times[n]), None if number == NOTHING else number, row))
    return out


events = st.sets(st.sampled_from("abc"), min_size=1, max_size=2).map(
    lambda names: {"event": sorted(names)}
)
on_rows = st.one_of(
    events,
    events,
    st.sampled_from([{"channel": "m"}, {"channel": {"exists": False}}, {"channel": {"!=": "n"}}]),
    st.tuples(events, st.just({"channel": "m"})).map(lambda pair: {"all": list(pair)}),
)
SCOPES = ("session", "person", "opportunity", "buying_group", "account")


def nested(scopes, inner):
    """A segment as a condition."""
    return st.fixed_dictionaries(
        {
            "name": st.just("inner"),
            "scope": st.sampled_from(scopes),
            "where": inner,
            "exclude": st.booleans(),
        }
    ).map(lambda plain: {"segment": plain})


bounds = st.sampled_from([{"=": 0}, {">=": 1}, {">=": 2}, {"<": 2}, {"!=": 1}, {">": 0, "<=": 2}])
totals = st.one_of(
    st.tuples(on_rows, bounds).map(lambda t: {"times": {"of": t[0], **t[1]}}),
    st.tuples(
        st.sampled_from(["person_id", "channel", "buying_group_id"]),
        st.one_of(st.none(), on_rows),
        bounds,
    ).map(lambda t: {"distinct": {"of": t[0], "where": t[1], **t[2]}}),
    st.tuples(on_rows, bounds).map(lambda t: {"total": {"of": "amount", "where": t[0], **t[1]}}),
)
held = st.recursive(
    st.one_of(on_rows, totals),
    lambda inner: st.one_of(
        nested(SCOPES, inner),
        nested(["event"], on_rows),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=2, max_size=2).map(lambda parts: {"any": parts}),
        st.lists(on_rows, min_size=2, max_size=2).map(lambda parts: {"each": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=4,
)
finer = nested(["session", "person"], st.one_of(on_rows, totals))
conditions = st.one_of(
    *[events] * 5,
    on_rows,
    finer,
    st.lists(st.one_of(on_rows, on_rows, finer), min_size=2, max_size=3).map(
        lambda parts: {"each": parts}
    ),
)
within = st.sampled_from(
    ["2h", "0s", "1 event", "2 events", "1 month", "0 sessions", "1 session",
     "0 values of channel", "1 value of channel", ["3h", "3 events"]]
)  # fmt: skip
after = st.sampled_from(["1h", "1 event", "2 events", "1 month", "1 session", "1 value of channel"])
unwanted = st.one_of(
    on_rows, st.lists(on_rows, min_size=2, max_size=2).map(lambda parts: {"each": parts})
)
of_step = st.one_of(
    st.fixed_dictionaries({"within": within}),
    st.fixed_dictionaries({"after": after}),
    st.fixed_dictionaries({"within": within, "after": after}),
    st.fixed_dictionaries({"without": unwanted}),
    st.fixed_dictionaries({"link": st.just("next")}),
    st.fixed_dictionaries({"link": st.just("next"), "next_among": on_rows}),
)
steps = st.one_of(
    st.fixed_dictionaries({"where": conditions}),
    st.tuples(st.fixed_dictionaries({"where": conditions}), of_step).map(lambda p: p[0] | p[1]),
)
of_sequence = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"where": held}),
    st.fixed_dictionaries({"total_within": st.sampled_from(["2h", "1 month"])}),
    st.fixed_dictionaries({"part": st.sampled_from(["before", "after"])}),
    st.fixed_dictionaries({"without_before": unwanted}),
    st.fixed_dictionaries(
        {"without_after": unwanted, "anchor": st.sampled_from(["first", "last"])}
    ),
)


def made(plain):
    """A segment, or None where it cannot be written: such plain forms are tested elsewhere."""
    try:
        return segment("S", **plain)
    except ArgumentError:
        return None


held_segments = st.fixed_dictionaries(
    {"scope": st.sampled_from(SCOPES), "where": held, "exclude": st.booleans()}
).map(made)
walked_segments = st.tuples(
    st.fixed_dictionaries(
        {
            "scope": st.sampled_from(["account", "account", "person", "buying_group"]),
            "steps": st.lists(steps, min_size=1, max_size=3),
        }
    ),
    of_sequence,
    of_sequence,
).map(lambda parts: made(parts[0] | parts[1] | parts[2]))
