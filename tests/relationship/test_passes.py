"""The compiled passes beside slow, obvious ones: long lists, equal instants, every count."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, deal, world
from workbench.relationship import lines
from workbench.relationship.counting import KINDS
from workbench.relationship.lines import CUSTOMER, TEAM
from workbench.relationship.pairing import paired
from workbench.relationship.sorting import by_appearance

SEEDS = range(12)


def drawn(seed: int):
    """Participants of five activities, one of them a long list, and who they are."""
    dice = np.random.default_rng(seed)
    size, number = 5, int(dice.integers(0, 160))
    activity = np.where(dice.random(number) < 0.5, 2, dice.integers(-1, size, number))
    person, user = dice.integers(-1, 6, number), dice.integers(-1, 4, number)
    said, flags = dice.integers(0, 3, number).astype(np.int8), dice.integers(0, 128, number)
    internal = np.append(dice.random(6) < 0.3, False)
    owner, other = dice.integers(-1, 4, size), dice.integers(-1, 6, size)
    return size, activity, person, user, said, flags.astype(np.int8), internal, owner, other


@pytest.mark.parametrize("seed", SEEDS)
def test_participants_in_order(seed):
    size, activity, person, user, said, flags, internal, owner, other = drawn(seed)
    side = lines.sides_of(said, person, user, flags, internal)
    number, receivers, bits = lines.summed(size, activity, side, flags)
    found = lines.ordered(number, bits, owner, other, internal, activity, person, user, side, flags)
    wanted = []
    for n in range(size):
        own = [i for i in range(activity.size) if activity[i] == n]
        rows = []
        for i in own:
            guess = TEAM if user[i] >= 0 or flags[i] & lines.OWN or internal[person[i]] else 0
            guess = guess or (CUSTOMER if person[i] >= 0 or flags[i] & lines.ADDRESSED else 0)
            which = said[i] or guess
            rows.append((which, person[i], user[i], not flags[i] & lines.BLIND,
                         not flags[i] & lines.ABSENT))  # fmt: skip
        sides = {row[0] for row in rows}
        if TEAM not in sides and owner[n] >= 0:
            rows.append((TEAM, -1, owner[n], True, True))
        if CUSTOMER not in sides and other[n] >= 0 and not internal[other[n]]:
            rows.append((CUSTOMER, other[n], -1, True, True))
        wanted += [(n, p, u, s, a, b) for s, p, u, a, b in sorted(rows, key=lambda r: r[:3])]
        assert receivers[n] == sum(bool(flags[i] & lines.RECEIVED) for i in own)
        assert number[n] == len(own)
    assert list(zip(*(column.tolist() for column in found), strict=True)) == wanted
    for which, codes in ((TEAM, found[2]), (CUSTOMER, found[1])):
        lowest = lines.lowest_of(size, found[0], found[3], codes, which)
        for n in range(size):
            there = codes[(found[0] == n) & (found[3] == which) & (codes >= 0)]
            assert lowest[n] == min(there, default=-1)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("needs_team", [True, False])
def test_pairs_of_record_and_activity(seed, needs_team):
    dice = random.Random(seed)
    records, acts = 4, 9
    regarding = np.array([dice.choice([-1, -1, 0, 1, 2, 3]) for _ in range(acts)])
    rows = sorted(
        (n, dice.randrange(3), dice.randrange(-1, 5), dice.randrange(-1, 3), dice.random() < 0.8)
        for n in range(acts) for _ in range(dice.randrange(6))
    )  # fmt: skip
    at, side, person, user, counts = (
        np.array([row[k] for row in rows], kind)
        for k, kind in enumerate((np.int64, np.int8, np.int64, np.int64, bool))
    )
    known = sorted({(dice.randrange(5), dice.randrange(records)) for _ in range(8)})
    team = sorted({(dice.randrange(records), dice.randrange(3)) for _ in range(5)})
    begins = np.searchsorted(at, np.arange(acts + 1))
    of_person = np.searchsorted([p for p, _ in known], np.arange(6))
    of_team = np.searchsorted([r for r, _ in team], np.arange(records + 1))
    found = paired(
        records, regarding, begins, person, user, side, counts, of_person,
        np.array([r for _, r in known]), needs_team, of_team, np.array([u for _, u in team]),
    )  # fmt: skip
    wanted = []
    for r in range(records):
        for n in range(acts):
            own = [row for row in rows if row[0] == n and row[4]]
            theirs = any(row[1] == CUSTOMER and (row[2], r) in known for row in own)
            ours = any(row[1] == TEAM and (r, row[3]) in team for row in own)
            if regarding[n] == r or (theirs and (ours or not needs_team)):
                wanted.append((r, n, regarding[n] == r))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == wanted


def busy(order):
    kinds, ways = ("email", "call", "meeting", "task", "other"), ("in", "out", "none")
    rows = [
        act(f"m{n:03d}", kinds[n % 5], ways[n % 3], "06-03 09:00" if n % 4 else "06-05 10:00",
            *(["customer:P1:to", "team:U1:from"] if n % 7 else []), opportunity_id=f"O{n % 2}",
            duration_min=None if n % 6 == 0 else 10.0 + n, thread_id=f"T{n % 3}",
            followed=n % 2 == 0, opens=n % 4, clicks=n % 3, attachment_opens=n % 5)
        for n in range(90)
    ]  # fmt: skip
    random.Random(order).shuffle(rows)
    return world(
        rows, people=[("P1", "A1")], roles=[("O0", "customer", "P1"), ("O1", "customer", "P1")],
        users=["U1"], opportunities=[deal("O0"), deal("O1")],
    )  # fmt: skip


@pytest.fixture(scope="module")
def asked():
    return wb.relationships(busy(0))


def test_every_count_is_that_of_its_members(asked):
    names = (*KINDS, "unknown_direction", "without_duration", "shared")
    for name in names:
        each = asked.members(name).groupby("key").size().reindex(asked.frame["key"]).fillna(0)
        assert asked.frame[name].tolist() == each.tolist(), name
    rows = asked.members("emails_sent")["activity_id"].str[1:].astype(int)
    followed = rows[rows % 2 == 0]
    assert asked.frame["followed"].sum() == len(followed)
    assert asked.frame["opened"].sum() == (followed % 4 > 0).sum()
    assert asked.frame["clicked"].sum() == (followed % 3 > 0).sum()
    assert asked.frame["attachments_opened"].sum() == (followed % 5 > 0).sum()


def test_activities_of_one_instant_stand_by_their_keys_in_any_order_of_rows(asked):
    other = wb.relationships(busy(1))
    pd.testing.assert_frame_equal(other.frame, asked.frame)
    pd.testing.assert_frame_equal(other.members("all"), asked.members("all"))
    for _, lines_of in asked.members("all").groupby(["key", "begun_at"]):
        assert lines_of["activity_id"].is_monotonic_increasing
    acts = asked.measured.activities
    assert acts.column("activity_id").to_pylist() == list(
        acts.text_of("activity_id", np.arange(len(acts)))
    )
    assert acts.text_of("activity_id", np.array([-1])).tolist() == [None]


def test_codes_by_appearance():
    assert by_appearance(np.array([5, -1, 2, 5, 0]), 6).tolist() == [0, -1, 1, 0, 2]
