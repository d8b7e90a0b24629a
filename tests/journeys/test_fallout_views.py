"""The views of a fallout: trend, breakdown, people, members, differences, standing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.funnels import line, world
from workbench.errors import ArgumentError


def test_trend_by_entry_adds_up_to_the_whole(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b", "c"])
    trend = result.trend(granularity="day").frame
    for position in (1, 2, 3):
        part = trend[trend["position"] == position]
        assert part["reached"].sum() == line(result, position)["reached"]
        assert part["entered"].sum() == line(result, 1)["reached"]


def test_trend_by_reach_and_activity(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b", "c"])
    reach = result.trend(granularity="day", date="reach").frame
    c = reach[reach["position"] == 3].set_index("bucket")["reached"]
    assert c.to_dict() == {pd.Timestamp("2026-01-04") + pd.Timedelta(days=n): 1 for n in range(3)}
    active = result.trend(granularity="month", date="active").frame
    assert active.set_index("position")["reached"].to_dict() == {1: 5, 2: 4, 3: 3}


def test_trend_buckets_use_the_reporting_zone():
    ws = world(("A", 0.7, "a"), report_tz="Asia/Tokyo")  # 16:48 UTC is the next day in Tokyo
    day = wb.fallout(ws, steps=["a"]).trend(granularity="day").frame["bucket"].iloc[0]
    assert day == pd.Timestamp("2026-01-02")


def test_fallthrough_counts_containers_once_an_item():
    ws = world(
        ("A", 0, "a"), ("A", 1, "x"), ("A", 2, "x"), ("A", 3, "y"), ("A", 4, "b"),
        ("B", 0, "a"), ("B", 1, "x"), ("B", 2, "b"),
    )  # fmt: skip
    frame = wb.fallout(ws, steps=["a", "b"]).breakdown(1, of="fallthrough").frame
    got = frame.set_index("item")[["containers", "rows"]].to_dict("index")
    assert got == {"x": {"containers": 2, "rows": 3}, "y": {"containers": 1, "rows": 1}}


def test_fallout_breakdown_is_one_item_a_container():
    rows = [(f"A{n}", 0, "a") for n in range(7)]
    rows += [(f"A{n}", 1, f"then {n % 3}") for n in range(6)]
    result = wb.fallout(world(*rows), steps=["a"])
    frame = result.breakdown(1, items=2).frame
    assert frame["containers"].sum() == frame["total"].iloc[0] == 7
    assert frame.set_index("item")["containers"].to_dict() == {
        "then 0": 2,
        "then 1": 2,
        "(other)": 2,
        "(no further event)": 1,
    }


def test_people_behind_the_steps():
    ws = world(
        ("A", 0, "a", {"person_id": "p1"}),
        ("A", 1, "b", {"person_id": "p2"}),
        ("B", 0, "a", {"person_id": "p3"}),
        ("B", 1, "b", {"person_id": "p3"}),
        ("C", 0, "a", {"person_id": None}),
        ("C", 1, "b", {"person_id": None}),
    )
    frame = wb.fallout(ws, steps=["a", "b"]).people().frame
    columns = ["reached", "one_person", "several_people", "nobody_known"]
    assert frame[columns].to_numpy().tolist() == [[3, 2, 0, 1], [3, 1, 1, 1]]


def test_segment_from_a_touchpoint_keeps_limits(funnel_world):
    steps = ["a", wb.step("b", within="2d"), "c"]
    result = wb.fallout(funnel_world, steps=steps, total_within="30d")
    segment = result.segment_at(2)
    assert segment.plain()["steps"][1]["within"] == "2d"
    assert segment.plain()["total_within"] == "30d"
    again = wb.fallout(funnel_world, steps=["a"], segment=segment)
    assert again.frame["reached"].iloc[0] == line(result, 2)["reached"]
    same = wb.fallout(funnel_world, steps=["a"], segment=segment.plain())
    assert same.frame.equals(again.frame)


def test_a_definition_asks_the_same_question_again(funnel_world):
    result = wb.fallout(
        funnel_world,
        steps=["a", wb.step("Bee", event="b", within="3d", without="x"), {"any": ["c", "x"]}],
        by="industry",
        total_within="9d",
        warmup="1d",
    )
    asked = dict(result.definition)
    assert asked.pop("analysis") == "fallout"
    assert wb.fallout(funnel_world, **asked).frame.equals(result.frame)


def test_members_equal_the_bar_for_every_outcome(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b", "c"], by="industry", total_within="2d")
    for group in result.groups:
        for row in result.frame[result.frame["group"] == group.name].itertuples():
            assert len(result.members(row.position, group=group.name)) == row.reached
            if row.position:
                lost = result.members(row.position, outcome="fell_out", group=group.name)
                assert len(lost) == row.fell_out
                young = result.members(row.position, outcome="open", group=group.name)
                assert set(young["key"]) <= set(lost["key"])


def test_members_can_be_saved_as_an_audience(funnel_world, tmp_path):
    members = wb.fallout(funnel_world, steps=["a", "b", "c"]).members()
    path = wb.save_csv(members, tmp_path / "audience.csv")
    read = pd.read_csv(path, encoding="utf-8-sig")
    assert read["name"].tolist() == ["Account 2", "Account 1", "Account 0"]


def test_differences_compare_with_the_complement():
    rows = [(f"N{n}", 0, "a", {"region": "north"}) for n in range(100)]
    rows += [(f"N{n}", 1, "b", {"region": "north"}) for n in range(60)]
    rows += [(f"S{n}", 0, "a", {"region": "south"}) for n in range(100)]
    rows += [(f"S{n}", 1, "b", {"region": "south"}) for n in range(30)]
    frame = wb.fallout(world(*rows), steps=["a", "b"], by="region").differences(start=1).frame
    north = frame.set_index("group").loc["north"]
    assert (north["reached"], north["total"], north["others_reached"]) == (60, 100, 30)
    # Pearson by hand: X² = 200 (60·70 - 40·30)² / (90·110·100·100) = 18.18, p = 2.01e-05
    assert north["p_value"] == pytest.approx(2.01e-05, rel=0.01)
    assert north["differs"]
    assert north["difference"] == pytest.approx(0.3)
    assert 0.16 < north["difference_low"] < 0.18 < 0.41 < north["difference_high"] < 0.43


def test_standing_tells_late_from_lost():
    rows = []
    for n in range(20):  # twenty accounts need n + 1 days from a to b
        rows += [(f"done {n:02}", 0, "a"), (f"done {n:02}", n + 1, "b")]
    for name, waiting in {"fresh": 2, "due": 12, "overdue": 17, "lapsed": 40, "lost": 12}.items():
        rows += [(name, 60 - waiting, "a"), (name, 60, "x")]
    rows += [("lost", 59, "closed_lost"), ("cold", 48, "a"), ("clock", 60, "x")]
    result = wb.fallout(world(*rows), steps=["a", "b"])
    standing = result.standing(quiet_days=5, lost=["closed_lost"])
    assert standing.set_index("key")["state"].to_dict() == {
        "fresh": "on time",
        "due": "due",
        "overdue": "overdue",
        "lapsed": "lapsed",
        "lost": "lost",
        "cold": "cold",
    }


def test_key_figures_keep_open_entries_out_of_the_loss():
    rows = [(f"won {n}", 0, "a") for n in range(4)] + [(f"won {n}", 2, "b") for n in range(4)]
    rows += [("lost", 0, "a"), ("young", 18, "a"), ("clock", 20, "x")]
    result = wb.fallout(world(*rows), steps=["a", "b"], total_within="7d")
    assert result.headline() == (
        "Most accounts fall out between “a” and “b”: 1 of 6, 17 % (1 more is still open)"
    )
    figures = {f["label"]: f for f in result.key_figures().content["figures"]}
    assert figures["Accounts in scope"]["value"] == "7"
    assert figures["Reached “b”"]["detail"] == "4 / 7"
    assert figures["Largest loss, before “b”"]["detail"] == "1 / 6"
    assert figures["Still open"]["value"] == "1"
    assert figures["Median way to “b”"]["value"] == "2.0 days"


def test_the_list_to_act_on_names_owner_and_attributes(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b", "c"])
    block = result.to_act_on(attributes=["industry", "unknown"]).content
    labels = [c["label"] for c in block["table"]["columns"]]
    assert labels[:3] == ["Account", "Industry", "Stands at"]
    assert [row[0] for row in block["table"]["rows"]] == ["Account 3", "Account 4"]


def test_compare_two_results(funnel_world):
    first = wb.fallout(funnel_world, steps=["a", "b"], period="2026-01-01..2026-01-03")
    second = wb.fallout(funnel_world, steps=["a", "b"])
    frame = wb.compare(first, second, names=("start", "all")).frame
    assert frame["label"].tolist() == ["a", "b"]
    assert frame["count_b"].tolist() == [5, 4]
    with pytest.raises(ArgumentError, match="same kind"):
        wb.compare(first, second.times())


def test_empty_scope_is_said_and_drawn(funnel_world):
    result = wb.fallout(funnel_world, steps=["a", "b"], period="2031")
    assert result.frame["reached"].tolist() == [0, 0, 0]
    assert result.frame["share_of_start"].isna().all()
    assert "nothing to count" in result.headline()
    for view in (result, result.times(), result.trend(), result.breakdown(1), result.people()):
        bundle = view._repr_mimebundle_()
        assert "<svg" in bundle["text/html"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": []}, "steps=\\[\\] cannot be used"),
        ({"steps": ["aa"]}, "event='aa' cannot be used. Did you mean 'a'"),
        ({"steps": ["a"], "container": "acount"}, "Did you mean 'account'"),
        ({"steps": ["a"], "container": "person"}, "carry no person_id"),
        ({"steps": ["a"], "by": "indutsry"}, "Did you mean 'industry'"),
        ({"steps": ["a"], "total_within": "90"}, "a number with its unit"),
        ({"steps": ["a"], "total_within": 90}, "a number with its unit"),
        ({"steps": ["a"], "period": "June"}, "'2026-Q1'"),
        ({"steps": ["a"], "filter_scope": "some"}, "'whole', 'each_step'"),
        ({"steps": ["a"], "count": "rows"}, "'containers', 'attempts'"),
        ({"steps": ["a"], "by": "industry", "compare": [{"event": "a"}]}, "not both"),
        ({"steps": ["a", wb.step("b", within="1h", after="1h")], "ties": "x"}, "'any', 'stable'"),
        ({"steps": [{"segment": {"industry": "Software"}}]}, "segments of a scope below account"),
        ({"steps": ["a", {"event": "b", "without": 3}]}, "an event name or a mapping"),
    ],
)
def test_bad_questions_are_answered_with_a_sentence(funnel_world, options, message):
    with pytest.raises(ArgumentError, match=message):
        wb.fallout(funnel_world, **options)


def test_hostile_names_stay_text():
    evil = "<script>alert(1)</script>"
    ws = world(
        ("=1+1", 0, evil, {"channel": "datum.x"}),
        ("=1+1", 1, "**b**", {"channel": "‮rtl"}),
        accounts=[{"account_id": "=1+1", "name": evil * 20, "industry": evil}],
    )
    result = wb.fallout(ws, steps=[evil, "**b**"], by="channel")
    for view in (result, result.breakdown(1), result.differences(), result.trend()):
        html = view._repr_mimebundle_()["text/html"]
        assert "<script" not in html
    assert "<script" not in result.to_act_on()._repr_mimebundle_()["text/html"]


def test_an_event_of_many_values_counts_in_each_buying_group():
    ws = world(
        ("A", 0, "a", {"buying_group_id": ["g1", "g2"]}),
        ("A", 1, "b", {"buying_group_id": ["g2"]}),
        ("A", 2, "b", {"buying_group_id": None}),
    )
    groups = wb.fallout(ws, steps=["a", "b"], container="buying_group")
    assert groups.frame["reached"].tolist() == [2, 2, 1]
    assert groups.members()["key"].tolist() == ["g2"]
    assert groups.scope.dropped_null_key == 1
    assert wb.fallout(ws, steps=["a", "b"]).frame["reached"].tolist() == [1, 1, 1]


def test_wide_funnels_draw():
    rows = [("A", n, f"step {n}") for n in range(12)]
    result = wb.fallout(world(*rows), steps=[f"step {n}" for n in range(12)])
    assert result.frame["reached"].tolist() == [1] * 13
    assert "<svg" in result._repr_mimebundle_()["text/html"]


def test_shares_are_null_where_the_denominator_is_zero():
    ws = world(("A", 0, "x"), ("A", 1, "b"), ("B", 0, "a"), ("B", 0, "x"))
    frame = wb.fallout(ws, steps=["b", "a", "x"]).frame
    assert frame["reached"].tolist() == [2, 1, 0, 0]
    assert np.isnan(frame["share_of_previous"].iloc[3])
