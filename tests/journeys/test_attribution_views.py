"""What stands behind an attribution: touches, members, models, places, roles, time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.attributions import credit, world
from workbench.errors import ArgumentError
from workbench.journeys.attribution.sharing import exact_parts

LINEAR = {"conversion": "won", "dimension": "channel", "model": "linear"}


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e12), st.lists(st.floats(0.001, 1), min_size=1, max_size=30),
            st.booleans(),
        ),
        min_size=1,
        max_size=5,
    ),
    st.randoms(),
)  # fmt: skip
def test_parts_add_up_exactly_in_any_order(groups, random):
    totals = np.array([-total if negative else total for total, _, negative in groups])
    weights = np.concatenate([np.array(w) / sum(w) for _, w, _ in groups])
    group = np.repeat(np.arange(len(groups)), [len(w) for _, w, _ in groups])
    parts = exact_parts(weights, group, totals)
    for number, total in enumerate(totals):
        own = parts[group == number].tolist()
        random.shuffle(own)
        assert sum(own) == total
        assert own == pytest.approx(own)
    assert parts == pytest.approx(weights * totals[group], rel=1e-9, abs=1e-9)


def many(**more):
    """Forty accounts with three touches each; every second one converts twice."""
    generator = np.random.default_rng(3)
    rows = []
    for n in range(40):
        for day in np.sort(generator.random(3) * 20):
            channel = "abc"[int(generator.integers(0, 3))]
            rows.append((f"A{n:02d}", float(day), "touch", {"channel": channel, **more}))
        for k in range(1 + n % 2):
            amount = float(generator.integers(1, 1_000)) / 7
            rows.append((f"A{n:02d}", 25 + k, "won", {"channel": None, "amount": amount}))
    rows += [(f"B{n:02d}", 3.0, "touch", {"channel": "ab"[n % 2]}) for n in range(30)]
    return world(*rows)


@pytest.fixture(scope="module")
def opened():
    return many()


MODELS = ["last", "linear", "u_shaped", "time_decay", (3, 2, 1), "algorithmic", "markov"]


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_credits_add_up_to_the_amount_exactly(opened, model):
    found = wb.attribution(opened, **{**LINEAR, "model": model}, value="amount")
    touches = found.touches()
    amounts = opened.sql("SELECT event_id, amount FROM touchpoints WHERE event = 'won'")
    amounts = amounts.set_index("event_id")["amount"]
    summed = touches.groupby("conversion_id")["value"].sum()
    assert (summed == amounts.reindex(summed.index)).all()
    assert (touches.groupby("conversion_id")["weight"].sum() == 1).all()
    assert set(summed.index) == set(amounts.index)


def test_touches_lead_back_to_their_events(opened):
    touches = wb.attribution(opened, **LINEAR, value="amount").touches()
    events = opened.sql("SELECT event_id, account_id, occurred_at, channel, event FROM touchpoints")
    events = events.set_index("event_id")
    joined = touches.join(events.add_suffix("_of_event"), on="touch_id")
    assert (joined["channel_of_event"] == joined["item"]).all()
    assert (joined["account_id_of_event"] == joined["key"]).all()
    assert (joined["occurred_at"] == joined["occurred_at_of_event"]).all()
    assert (joined["event"] == joined["event_of_event"]).all()
    assert set(events.loc[touches["conversion_id"], "event"]) == {"won"}
    assert (touches["position"] <= touches["of_touches"]).all()


def test_events_of_one_instant_keep_their_own_ids_and_rows_without_ids_have_numbers():
    rows = [("A", 1, "touch", {"channel": c, "sequence_no": n}) for n, c in enumerate("dcba")]
    opened = world(*rows, ("A", 1, "won", {"channel": None, "sequence_no": 9}))
    touches = wb.attribution(opened, **LINEAR).touches()
    assert touches[["touch_id", "item"]].to_numpy().tolist() == [
        ["e0000", "d"], ["e0001", "c"], ["e0002", "b"], ["e0003", "a"],
    ]  # fmt: skip
    events = pd.DataFrame({
        "account_id": "A", "event": ["touch", "won"], "channel": ["x", None],
        "occurred_at": pd.to_datetime(["2026-01-01", "2026-01-02"], utc=True),
    })  # fmt: skip
    plain = wb.attribution(wb.from_frames(events=events), **LINEAR).touches()
    assert plain[["conversion_id", "touch_id"]].to_numpy().tolist() == [["row 1", "row 0"]]


def test_members_of_a_line(opened):
    found = wb.attribution(opened, **LINEAR, value="amount")
    touches = found.touches()
    line = found.members("b")
    own = touches[touches["item"] == "b"].groupby("key")
    assert line.set_index("key")["value"].to_dict() == pytest.approx(own["value"].sum().to_dict())
    assert line.set_index("key")["touches"].to_dict() == own.size().to_dict()
    assert line["value"].is_monotonic_decreasing
    every = found.members()
    assert every["conversions"].sum() == pytest.approx(found.total)
    assert every["value"].sum() == pytest.approx(found.total_value)
    assert len(found.members("(none)")) == 0
    with pytest.raises(ArgumentError, match=r"item='z'"):
        found.members("z")
    folded = wb.attribution(opened, **LINEAR, items=1)
    assert folded.members("(other)")["conversions"].sum() == pytest.approx(
        folded.frame.set_index("line").loc["other", "conversions"]
    )


def test_places_by_hand():
    rows = [
        ("A", 0, "touch", "x"), ("A", 1, "touch", "y"), ("A", 2, "touch", "x"),
        ("A", 3, "won", None), ("B", 0, "touch", "x"), ("B", 2, "touch", "x"),
        ("B", 4, "won", None),
        ("C", 3, "touch", "y"), ("C", 4, "won", None), ("D", 0, "won", None),
    ]  # fmt: skip
    opened = world(*((a, d, e, {"channel": c}) for a, d, e, c in rows))
    frame = wb.attribution(opened, **LINEAR).positions().frame.set_index("item")
    columns = ["touched_conversions", "only", "first", "middle", "last", "touches"]
    assert frame.loc["x", columns].tolist() == [2, 0, 2, 0, 2, 4]
    assert frame.loc["y", columns].tolist() == [2, 1, 0, 1, 0, 2]
    assert frame.loc["x", "median_days_before"] == 2.5  # 3 and 1, 4 and 2
    assert frame["total_conversions"].unique().tolist() == [4]
    assert frame.loc["y", "share_only"] == 0.5


def test_time_adds_up_to_the_whole(opened):
    found = wb.attribution(opened, **LINEAR, value="amount", items=2)
    for granularity in ("day", "week", "month"):
        trend = found.trend(granularity=granularity).frame
        summed = trend.groupby(["item", "line"])[["conversions", "value"]].sum()
        lines = found.frame.set_index(["item", "line"])[["conversions", "value"]]
        pd.testing.assert_frame_equal(
            summed.sort_index(), lines.sort_index(), check_dtype=False, rtol=1e-12
        )
        totals = trend.groupby("bucket")["total_conversions"].first()
        assert totals.sum() == found.total
    assert found.trend(granularity="month").frame["partial"].all()
    with pytest.raises(ArgumentError, match="granularity"):
        found.trend(granularity="decade")


def test_models_side_by_side(opened):
    found = wb.attribution(opened, **LINEAR, value="amount")
    compared = found.compare_models(["last", "algorithmic", (3, 2, 1)], replicates=100)
    frame = compared.frame
    assert list(dict.fromkeys(frame["model"])) == [
        "linear", "last touch", "algorithmic", "custom 3/2/1",
    ]  # fmt: skip
    for model, name in (("last", "last touch"), ("algorithmic", "algorithmic")):
        alone = wb.attribution(opened, **{**LINEAR, "model": model}, value="amount")
        own = frame[frame["model"] == name].set_index("item")["value"]
        values = alone.frame.set_index("item")["value"]
        assert own.to_dict() == pytest.approx(values.to_dict())
    known = frame.dropna(subset="share_low")
    assert (known["share_low"] <= known["share"] + 1e-9).all()
    assert (known["share"] <= known["share_high"] + 1e-9).all()
    first = frame[frame["model"] == "linear"]
    assert (first["difference"] == 0).all()
    assert not first["differs"].any()
    for bad in ({"models": "last"}, {"models": ["lats"]}, {"replicates": -1}):
        with pytest.raises(ArgumentError):
            found.compare_models(**bad)
    assert found.compare_models(["first"], replicates=0).frame["share_low"].isna().all()


def test_the_interval_of_a_line_is_that_of_drawing_containers_again(opened):
    found = wb.attribution(opened, **LINEAR)
    drawn = found.compare_models(["last"], replicates=1_000).frame
    drawn = drawn[drawn["model"] == "linear"].set_index("item")
    lines = found.frame.set_index("item")
    for item in "abc":
        by_formula = lines.loc[item, "share_high"] - lines.loc[item, "share_low"]
        by_draws = drawn.loc[item, "share_high"] - drawn.loc[item, "share_low"]
        assert by_formula == pytest.approx(by_draws, rel=0.15)


GROUPS = {
    "buying_groups": [
        {"group_id": "g", "account_id": "A", "template": "t"},
        {"group_id": "h", "account_id": "B", "template": "t"},
    ],
    "buying_group_members": [
        {"group_id": "g", "person_id": "p1", "role": "Decision Maker", "removed_at": None},
        {"group_id": "g", "person_id": "p2", "role": "Influencer", "removed_at": None},
        {"group_id": "g", "person_id": "p2", "role": "Champion", "removed_at": None},
        {"group_id": "h", "person_id": "p4", "role": "Decision Maker",
         "removed_at": "2026-01-03T00:00:00Z"},
        {"group_id": "h", "person_id": "p5", "role": "Influencer", "removed_at": None},
    ],
    "buying_group_roles": [
        {"template": "t", "role": "Decision Maker", "members_required": 1, "weight": 100},
        {"template": "t", "role": "Influencer", "members_required": 1, "weight": 50},
        {"template": "t", "role": "Champion", "members_required": 1, "weight": 20},
    ],
}  # fmt: skip


def test_roles_by_hand():
    rows = [
        ("A", 0, "touch", "p1"), ("A", 1, "touch", "p2"), ("A", 2, "touch", "p3"),
        ("A", 3, "touch", None), ("A", 4, "won", None),
        ("B", 4, "touch", "p4"), ("B", 5, "won", None), ("C", 5, "won", None),
    ]  # fmt: skip
    opened = world(
        *((a, d, e, {"person_id": p, "channel": "x" if e == "touch" else None})
          for a, d, e, p in rows),
        tables=GROUPS,
    )  # fmt: skip
    roles = wb.attribution(opened, **LINEAR).roles()
    frame = roles.frame.set_index("role")
    # A: four touches of a quarter each; p2 speaks as the heavier Influencer, p3 and the row
    # without person have no role. B: p4 was no member any more at the touch. C: no touch.
    assert frame["conversions"].to_dict() == pytest.approx({
        "Decision Maker": 0.25, "Influencer": 0.25, "Champion": 0, "(no role)": 1.5, "(none)": 1,
    })  # fmt: skip
    assert frame["weighted_conversions"].to_dict() == pytest.approx({
        "Decision Maker": 100 / 150, "Influencer": 50 / 150, "Champion": 0, "(no role)": 1,
        "(none)": 1,
    })  # fmt: skip
    # At the conversions A holds all three roles, B only the Influencer.
    assert frame["held"].to_dict() == {
        "Decision Maker": 1, "Influencer": 2, "Champion": 1, "(no role)": 0, "(none)": 0,
    }  # fmt: skip
    assert frame["touched"].to_dict() == {
        "Decision Maker": 1, "Influencer": 1, "Champion": 0, "(no role)": 0, "(none)": 0,
    }  # fmt: skip
    assert roles.per_conversion["roles_held"].tolist() == [3, 1, 0]
    assert roles.per_conversion["roles_touched"].tolist() == [2, 0, 0]
    assert frame["people"].tolist() == [1, 1, 0, 2, 0]
    assert "33 %" in roles.headline()


def test_roles_without_members_are_not_made_up(opened):
    roles = wb.attribution(opened, **LINEAR).roles()
    assert "knows no members of buying groups" in roles.headline()
    assert roles.frame["conversions"].sum() == pytest.approx(60)
    assert roles.block()["svg"].startswith("<svg")


def test_what_is_learned_can_be_read(opened):
    known = wb.attribution(opened, **{**LINEAR, "model": "algorithmic"}).learned()
    # Every conversion is an opportunity, and so is every container that never converted.
    assert known["conversions"].sum() == 60
    assert known["containers"].sum() == 60 + 30
    with pytest.raises(ArgumentError, match="Other models learn nothing"):
        wb.attribution(opened, **LINEAR).learned()
    assert credit(wb.attribution(opened, **{**LINEAR, "model": "markov"}))
