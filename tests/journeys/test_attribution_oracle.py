"""The fast attribution against the slow one: every model, lookback, container, ties, lists."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys import attribution_oracle as slow
from tests.worlds import START

MODELS = (
    *slow.SHAPES, "linear", "time_decay", "participation", "same_touch", "algorithmic", "markov",
    (30, 20, 10), (0, 1, 0), (1, 0, 3),
)  # fmt: skip
COLUMNS = {
    "account": "account_id",
    "person": "person_id",
    "session": "session_id",
    "buying_group": "buying_group_id",
    "global_account": "global_account_id",
}

rows_of_world = st.lists(
    st.fixed_dictionaries(
        {
            "account": st.sampled_from("AB"),
            "person": st.sampled_from(["p", "q", ""]),
            "session": st.sampled_from(["s", "t", ""]),
            "buying_group": st.sets(st.sampled_from("uvw"), max_size=2),
            "time": st.integers(0, 6),
            "event": st.sampled_from(["won", "visit", "visit"]),
            "items": st.one_of(
                st.just(set()), st.sets(st.sampled_from("EPWX"), min_size=1, max_size=2)
            ),
            "number": st.one_of(st.none(), st.integers(0, 2)),
        }
    ),
    min_size=1,
    max_size=14,
)
questions = st.fixed_dictionaries(
    {
        "model": st.sampled_from(MODELS),
        "container": st.sampled_from(list(COLUMNS)),
        "lookback": st.sampled_from([1, 2, 4, 100]),
        "dedupe": st.sampled_from([None, None, "consecutive", "unique"]),
        "half_life": st.sampled_from([1, 3]),
        "prior": st.sampled_from([0, 2]),
    }
)


def as_rows(drawn, several):
    """Rows of the oracle; without lists each row has one item at most."""
    return [
        {
            "id": f"e{n:02d}",
            "time": row["time"],
            "event": row["event"],
            "number": row["number"],
            "items": tuple(sorted(row["items"])[: None if several else 1]),
            "account": row["account"],
            "keys": {
                "account": [row["account"]],
                "person": [row["person"]] if row["person"] else [],
                "session": [row["session"]] if row["session"] else [],
                "buying_group": sorted(row["buying_group"]),
                "global_account": ["G"],
            },
        }
        for n, row in enumerate(drawn)
    ]


def workspace_of(rows, several):
    frame = pd.DataFrame(
        {
            "event_id": [r["id"] for r in rows],
            "account_id": [r["account"] for r in rows],
            "global_account_id": "G",
            "person_id": [next(iter(r["keys"]["person"]), None) for r in rows],
            "session_id": [next(iter(r["keys"]["session"]), None) for r in rows],
            "buying_group_id": [r["keys"]["buying_group"] for r in rows],
            "occurred_at": [START + pd.Timedelta(hours=r["time"]) for r in rows],
            "sequence_no": pd.array([r["number"] for r in rows], dtype="Int64"),
            "event": [r["event"] for r in rows],
            "tag": [list(r["items"]) if several else "".join(r["items"]) or None for r in rows],
        }
    )
    return wb.from_frames(events=frame)


def asked(workspace, question):
    return wb.attribution(
        workspace,
        conversion={"event": {"starts_with": "won"}},
        dimension="tag",
        model=question["model"],
        container=question["container"],
        lookback=f"{question['lookback']}h",
        half_life=f"{question['half_life']}h",
        dedupe=question["dedupe"],
        prior=question["prior"],
    )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(rows_of_world, st.booleans(), st.lists(questions, min_size=8, max_size=8), st.randoms())
def test_the_fast_attribution_is_the_slow_one(drawn, several, asks, random):
    rows = as_rows(drawn, several)
    shuffled = list(rows)
    random.shuffle(shuffled)
    workspace = workspace_of(shuffled, several)
    if "tag" not in workspace.events.columns:
        return
    for question in asks:
        if COLUMNS[question["container"]] not in workspace.events.columns:
            continue
        found = asked(workspace, question)
        frame = found.frame
        got = {
            None if line == "none" else item: conversions
            for item, line, conversions in zip(
                frame["item"], frame["line"], frame["conversions"], strict=True
            )
            if conversions
        }
        wanted = {
            item: part
            for item, part in slow.credit(question["model"], rows, question).items()
            if part
        }
        assert got == pytest.approx(wanted, abs=1e-9), question
        check_invariants(found, rows, question, several)


def check_invariants(found, rows, question, several):
    """Nothing is credited twice or lost, and the export adds up to the lines."""
    total = sum(row["event"] == "won" for row in rows)
    frame, touches = found.frame, found.touches()
    assert found.total == total
    assert (frame["touched_conversions"] <= total + 1e-9).all()
    assert (frame["conversions"] <= frame["touched_conversions"] + 1e-9).all()
    by_item = touches.groupby("item")["weight"].sum()
    lines = frame.set_index("item")["conversions"]
    assert by_item[by_item > 0].to_dict() == pytest.approx(lines[lines > 0].to_dict())
    if question["model"] == "participation":
        return
    learned = question["model"] in ("algorithmic", "markov")
    if not several or learned:
        assert frame["conversions"].sum() == pytest.approx(total)
    once = touches if learned else touches.drop_duplicates(["conversion_id", "key", "touch_id"])
    weights = once.groupby("conversion_id")["weight"].sum()
    assert weights.to_numpy() == pytest.approx(np.ones(total))
