"""Features of looks beside reading every list from its start, deal by deal."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from tests.sales.pipelines import STAGES, day, deal, pipeline
from tests.sales.scores import looks
from workbench.sales.history import history_of
from workbench.sales.score.snapshots import rows_of
from workbench.vocabulary.periods import microseconds_of

COMPANIES = 60


def drawn(seed):
    """Saves and contacts of companies with two accounts and three deals each, at any instants."""
    rng = np.random.default_rng(seed)
    saves, contacts = [], []
    for n in range(COMPANIES):
        for _ in range(int(rng.integers(0, 14))):
            key, at = f"O{n:02d}-{rng.integers(1, 4)}", int(rng.integers(0, 61))
            stage = ["S1", "S2", "S3", "Won", "Lost", None][rng.integers(0, 6)]
            amount = [None, 100.0, 200.0][rng.integers(0, 3)]
            saves.append((key, at, stage, amount, [None, 70, 90][rng.integers(0, 3)]))
        for _ in range(int(rng.integers(0, 10))):
            key = [f"O{n:02d}-1", f"O{n:02d}-2", None][rng.integers(0, 3)]
            account, at = f"{'AB'[rng.integers(0, 2)]}{n:02d}", int(rng.integers(0, 61))
            direction = ["in", "out"][rng.integers(0, 2)]
            status = ["done", "done", "cancelled", "open"][rng.integers(0, 4)]
            contacts.append((key, account, at, direction, status))
    # One save an instant and deal: what several at once mean is the order of their keys.
    saves = list({(d, t): (d, t, *rest) for d, t, *rest in saves}.values())
    return saves, contacts


def account_of(key):
    return f"{'B' if key.endswith('3') else 'A'}{key[1:3]}"


def instant(days):
    return day("01-01") + timedelta(days=days)


def small(saves, contacts):
    """The drawn companies as a workspace."""
    history = pd.DataFrame(
        [
            (f"H{n:03d}", d, instant(t), s, a, None if c is None else instant(c).date())
            for n, (d, t, s, a, c) in enumerate(saves)
        ],
        columns=["history_id", "opportunity_id", "changed_at", "stage", "amount",
                 "expected_close_on"],
    )  # fmt: skip
    history["amount"] = history["amount"].astype(float)
    activities = pd.DataFrame(
        [
            (f"X{n}", "email", direction, status, instant(t), d, a)
            for n, (d, a, t, direction, status) in enumerate(contacts)
        ],
        columns=["activity_id", "type", "direction", "status", "start_at", "opportunity_id",
                 "account_id"],
    )  # fmt: skip
    keys = [f"O{n:02d}-{k}" for n in range(COMPANIES) for k in (1, 2, 3)]
    deals = [deal(key, account=account_of(key), owner_id="u") for key in keys]
    tables = {"opportunity_history": history, "activities": activities}
    return pipeline(deals, (), STAGES, as_of="2026-06-30", **tables)


def slow_look(saves, contacts, key, at, upto):
    """What was known of a deal, by reading every list from its start.

    `upto` is the number of the save that is the last one known, in order of time and key.
    """
    ordered = sorted(enumerate(saves), key=lambda s: (s[1][1], s[0]))
    own = [(n, s) for n, s in ordered if s[0] == key]
    own = own[: next(i for i, (n, _) in enumerate(own) if n == upto) + 1]
    stage, entered, amount, expected, pushes, changes = None, own[0][1][1], None, None, 0, 0
    for _, (_, t, s, a, c) in own:
        if s is not None and s != stage:
            stage, entered = s, t
        if a is not None:
            changes += amount is not None and a != amount
            amount = a
        if c is not None:
            pushes += expected is not None and c > expected
            expected = c
    seen = {"in": [], "out": []}
    for d, a, t, direction, status in contacts:
        mine = d == key or (d is None and a == account_of(key))
        if mine and status == "done" and t < at:
            seen[direction].append(t)
    record = {"Won": 0, "Lost": 0}
    siblings = {d for d, *_ in saves if account_of(d) == account_of(key)}
    for other in siblings:
        last = None
        for _, (d, t, s, _, _) in ordered:
            if d == other and s is not None and t < at:
                last = s
        if last in record:
            record[last] += 1
    return {
        "stage": stage,
        "days_in_stage": at - entered,
        "age": at - min([0, *(t for _, (_, t, _, _, _) in own)]),
        "amount": np.nan if amount is None else amount,
        "amount_changes": changes,
        "pushes": pushes,
        "inbound": sum(at - 30 <= t for t in seen["in"]),
        "outbound": sum(at - 30 <= t for t in seen["out"]),
        "last_inbound": at - max(seen["in"]) if seen["in"] else np.nan,
        "account_wins": record["Won"],
        "account_losses": record["Lost"],
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_features_beside_reading_every_list(seed):
    saves, contacts = drawn(seed)
    ws = small(saves, contacts)
    found = looks(ws, instant(120))
    rows = rows_of(history_of(ws), "both", microseconds_of(instant(120)))
    ordered = sorted(enumerate(saves), key=lambda s: (s[1][0], s[1][1]))
    start = microseconds_of(instant(0))
    assert len(found) > 300
    for line, place in zip(found.to_dict("records"), rows.place, strict=True):
        at = (line["at"] - start) / 86_400_000_000
        slow = slow_look(saves, contacts, line["deal"], at, ordered[place][0])
        assert line["stage"] == (slow.pop("stage") or "")
        assert {n: line[n] for n in slow} == pytest.approx(slow, nan_ok=True), line
