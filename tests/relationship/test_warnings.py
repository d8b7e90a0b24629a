"""Warnings before the end: what is flagged, how early, and how often wrongly."""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.worlds import act, deal, world
from workbench.errors import AbsentError, ArgumentError

AS_OF = pd.Timestamp("2024-06-30 12:00", tz="UTC")


def calls(key, weeks):
    """A call of the customer in each of some weeks before as_of, three days into it."""
    return [act(f"{key}-{w}", "call", "in", str(AS_OF - pd.Timedelta(days=7 * w + 3))[:16],
                account_id=key) for w in weeks]  # fmt: skip


def accounts(**ended):
    return [{"account_id": key, "name": key, "x_churned_on": day and pd.Timestamp(day).date()}
            for key, day in ended.items()]  # fmt: skip


WORLD = world(
    [*calls("quiet", range(9, 40)), *calls("steady", range(40)), *calls("new", range(3)),
     *calls("left", range(23, 60)), *calls("sudden", range(10, 60))],
    accounts=accounts(quiet=None, steady=None, new=None, left="2024-03-20", sudden="2024-04-22"),
    as_of=AS_OF.isoformat(),
)  # fmt: skip


def test_a_customer_who_begins_less_is_flagged_by_the_binomial_test():
    found = wb.relationships(WORLD, of="account").warnings()
    lines = found.frame.set_index("key")
    assert lines["flagged"].to_dict() == {
        "left": True,
        "new": False,
        "quiet": True,
        "steady": False,
        "sudden": False,
    }
    assert lines.loc["quiet", ["recent", "before"]].tolist() == [0, 25]
    assert found.members("now")["key"].tolist() == ["quiet"]
    assert found.members("warned")["key"].tolist() == ["left"]
    assert found.members("missed")["key"].tolist() == ["sudden"]
    assert found.members("false")["key"].tolist() == ["quiet"]
    with pytest.raises(ArgumentError, match="group='late'"):
        found.members("late")


def slowly(counts, chance):
    """Flags of one record, week by week, by the sum of the binomial distribution."""
    out = []
    for week in range(len(counts) - 33):
        recent, before = sum(counts[week : week + 8]), sum(counts[week + 8 : week + 34])
        number, share = recent + before, 8 / 34
        tail = sum(comb(number, k) * share**k * (1 - share) ** (number - k)
                   for k in range(recent + 1))  # fmt: skip
        out.append(before > 0 and tail <= chance)
    return out


@pytest.mark.parametrize("chance", [0.01, 0.05, 0.2])
def test_flags_beside_the_sum_of_the_distribution(chance):
    rng = np.random.default_rng(3)
    counts = rng.poisson(0.8, 60) * (np.arange(60) > 6)
    rows = [act(f"m{w}-{i}", "email", "in", str(AS_OF - pd.Timedelta(days=7 * w + 3))[:16],
                account_id="A") for w in range(60) for i in range(counts[w])]  # fmt: skip
    rows.append(act("first", "task", "none", str(AS_OF - pd.Timedelta(days=420))[:16]))
    rows.append(act("out", "email", "out", str(AS_OF - pd.Timedelta(days=419))[:16],
                    account_id="A"))  # fmt: skip
    ws = world(rows, accounts=accounts(A=None), as_of=AS_OF.isoformat())
    weekly = wb.relationships(ws, of="account").warnings(chance=chance).weekly
    told = slowly(list(weekly.counts[0]), chance)
    assert weekly.counts[0, :60].tolist() == counts.tolist()
    assert weekly.flagged[0, : len(told)].tolist() == told
    assert not weekly.flagged[0, len(told) :].any()
    assert (weekly.known | ~weekly.flagged).all()


def test_the_lead_is_counted_in_days_before_the_end():
    found = wb.relationships(WORLD, of="account").warnings(weeks=12)
    line = found.frame.set_index("key").loc["left"]
    # Flagged from the 17th week before as_of on; it ended 102 days and a half before.
    assert line["lead_days"] == 17 * 7 - 102.5
    assert line["lead_days"] == (line["ended_at"] - line["first_flag_at"]) / pd.Timedelta(days=1)
    assert line["ended_at"] == pd.Timestamp("2024-03-20", tz="UTC")
    ended, stayed = found.worth.to_dict("records")
    assert (ended["count"], ended["total"], ended["all"]) == (1, 2, 2)
    assert stayed["count"] <= stayed["total"] <= stayed["all"]
    near = found.approach
    assert near["weeks_before"].tolist() == list(range(13))
    assert (near["count"] <= near["total"]).all()
    assert found.headline().startswith("1 of 2 accounts that ended were flagged in the 12 weeks")


def test_nothing_is_seen_of_what_comes_later():
    early = wb.relationships(WORLD, of="account", as_of="2024-03-01").warnings()
    assert early.frame["ended_at"].isna().all()
    assert "none has ended, so nobody knows what a flag is worth" in early.headline()
    later = wb.relationships(WORLD, of="account").warnings().weekly
    # 2024-06-30 is seven days after 2024-06-23: the same weeks, one place on.
    before = wb.relationships(WORLD, of="account", as_of=(AS_OF - pd.Timedelta(days=7))).warnings()
    size = before.weekly.flagged.shape[1]
    assert (later.flagged[:, 1 : size + 1] == before.weekly.flagged).all()


def test_lost_opportunities_end_when_they_close():
    rows = [act(f"m{n}", "call", "in", f"0{1 + n % 6}-{1 + n:02d}", opportunity_id="O")
            for n in range(20)]  # fmt: skip
    lost = deal("O", is_closed=True, closed_at=AS_OF - pd.Timedelta(days=20))
    ws = world(rows, opportunities=[lost, deal("W", is_closed=True, is_won=True)])
    found = wb.relationships(ws).warnings(signal="trend")
    assert found.frame.set_index("key")["ended_at"].notna().to_dict() == {"O": True, "W": False}


def test_refusals_name_what_is_there():
    asked = wb.relationships(WORLD, of="account")
    for wrong in ({"signal": "mood"}, {"weeks": 0}, {"chance": 1}, {"ended": "name"}):
        with pytest.raises(ArgumentError, match=next(iter(wrong))):
            asked.warnings(**wrong)
    with pytest.raises(AbsentError, match="ended='gone_on'"):
        asked.warnings(ended="gone_on")
    plain = world(calls("A", range(3)), accounts=["A"])
    with pytest.raises(AbsentError, match="ended='churned_on'"):
        wb.relationships(plain, of="account").warnings()
