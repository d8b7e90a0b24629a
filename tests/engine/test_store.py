"""Streams of every container: which rows, in which order, kept beside the store."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.worlds import START, store_of
from workbench.engine import store as store_module
from workbench.engine.store import EventStore
from workbench.errors import ArgumentError

# Person p works for A and then B; the second row of A and the row of B lie between each other.
ROWS = [
    ("A", "p", ["g1", "g2"], "T", 0, "a"),
    ("A", "p", None, "T", 4, "b"),
    ("B", "p", ["g2"], "T", 2, "c"),
    ("B", None, [], "T", 3, "d"),
    ("C", "q", ["g1"], None, 1, "e"),
]


def made(folder: Path | None = None) -> EventStore:
    return store_of(
        [
            {
                "account_id": account,
                "person_id": person,
                "buying_group_id": groups,
                "global_account_id": top,
                "occurred_at": START + timedelta(hours=hour),
                "event": event,
            }
            for account, person, groups, top, hour, event in ROWS
        ],
        folder,
    )


def events_of(store: EventStore, container: str) -> dict[str, str]:
    stream = store.stream(container)
    names = store.container_names(stream)
    out = {}
    for number, name in enumerate(names):
        places = np.arange(stream.offsets[number], stream.offsets[number + 1])
        out[name] = "".join(store.values_at("event", stream.row_at(places)))
    return out


def test_every_container_has_its_rows_in_the_order_of_time():
    store = made()
    assert events_of(store, "account") == {"A": "ab", "B": "cd", "C": "e"}
    assert events_of(store, "person") == {"p": "acb", "q": "e"}
    assert events_of(store, "buying_group") == {"g1": "ea", "g2": "ac"} or events_of(
        store, "buying_group"
    ) == {"g1": "ae", "g2": "ac"}
    assert events_of(store, "global_account") == {"T": "acdb"}
    dropped = {name: store.stream(name).dropped_null_key for name in store.containers()}
    assert dropped == {"person": 1, "buying_group": 2, "account": 0, "global_account": 1}


@pytest.mark.parametrize("container", ["session", "opportunity", "event"])
def test_a_container_without_a_key_is_refused(container):
    with pytest.raises(ArgumentError, match="Allowed: 'person', 'buying_group', 'account', 'glob"):
        made().stream(container)
    with pytest.raises(ArgumentError, match="column='channel'"):
        made().column("channel")
    with pytest.raises(ArgumentError, match="column='occurred_at'"):
        made().dictionary("occurred_at")


def test_streams_are_kept_whole_and_made_again_when_broken(tmp_path):
    first = events_of(made(tmp_path), "person")
    kept = sorted(path.name for path in (tmp_path / "events").glob("*person*"))
    assert kept == ["person.codes.npy", "person.offsets.npy", "person.rows.npy"]
    assert events_of(EventStore(tmp_path / "events"), "person") == first
    for content in (b"", b"\x93NUMPY"):
        (tmp_path / "events" / "person.rows.npy").write_bytes(content)
        assert events_of(EventStore(tmp_path / "events"), "person") == first
    (tmp_path / "events" / "person.rows.npy").unlink()
    assert events_of(EventStore(tmp_path / "events"), "person") == first
    assert [p.name for p in (tmp_path / "events").glob(".*")] == []


def test_a_folder_that_cannot_be_written_costs_only_the_time(tmp_path, monkeypatch):
    store = made(tmp_path)

    def refused(*_, **__):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(store_module.tempfile, "mkstemp", refused)
    assert events_of(store, "person") == {"p": "acb", "q": "e"}
    assert list((tmp_path / "events").glob("*person*")) == []
    monkeypatch.undo()
    monkeypatch.setattr(store_module.np, "save", refused)
    assert events_of(EventStore(tmp_path / "events"), "person") == {"p": "acb", "q": "e"}
    assert list((tmp_path / "events").glob(".*")) == []


def test_two_processes_keep_a_stream_at_once(tmp_path):
    expected = events_of(made(tmp_path), "buying_group")
    for path in (tmp_path / "events").glob("buying_group*"):
        path.unlink()
    code = (
        "import sys; from pathlib import Path; from workbench.engine.store import EventStore\n"
        "for _ in range(40):\n"
        "    s = EventStore(Path(sys.argv[1])).stream('buying_group')\n"
        "    for p in Path(sys.argv[1]).glob('buying_group*'): p.unlink(missing_ok=True)\n"
        "    assert s.offsets.tolist() == [0, 2, 4], s\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "events")]
    root = Path(__file__).parents[2]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, cwd=root) for _ in range(2)]
    assert [p.communicate(timeout=120)[1] for p in processes] == [b"", b""]
    assert events_of(EventStore(tmp_path / "events"), "buying_group") == expected
    assert list((tmp_path / "events").glob(".*")) == []


@settings(max_examples=30)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ABC"),
            st.sampled_from(["p", "q", None]),
            st.lists(st.sampled_from(["g", "h", "日本", "", None]), max_size=3),
            st.integers(0, 5),
            st.one_of(st.none(), st.integers(0, 3)),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_streams_hold_exactly_the_rows_of_their_key(rows):
    store = store_of(
        {
            "account_id": account,
            "person_id": person,
            "buying_group_id": groups,
            "occurred_at": START + timedelta(hours=hour),
            "event": "a",
            "sequence_no": number,
            "row": str(n),
        }
        for n, (account, person, groups, hour, number) in enumerate(rows)
    )
    keys_of = {
        "account": lambda row: {row[0]},
        "person": lambda row: {row[1]} - {None},
        "buying_group": lambda row: set(row[2]) - {None, ""},
    }
    for container, keys in keys_of.items():
        expected: dict[str, set[int]] = {}
        for n, row in enumerate(rows):
            for key in keys(row):
                expected.setdefault(key, set()).add(n)
        stream = store.stream(container)
        found = {}
        for number, name in enumerate(store.container_names(stream)):
            places = np.arange(stream.offsets[number], stream.offsets[number + 1])
            numbers = [int(n) for n in store.values_at("row", stream.row_at(places))]
            order = [(rows[n][3], -1 if rows[n][4] is None else rows[n][4]) for n in numbers]
            assert order == sorted(order)
            found[name] = set(numbers)
            assert len(found[name]) == len(numbers)
        assert found == expected
        assert stream.dropped_null_key == sum(1 for row in rows if not keys(row))
