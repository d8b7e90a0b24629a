"""The effect planted in the demo company is found, and no effect where there is none."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.data.demo import TRUTHS, generate
from workbench.journeys.uplift.result import FINDINGS

WITH, WITHOUT = TRUTHS.event_with_effect, TRUTHS.event_without_effect


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """Twice the accounts of the default company, with few web events."""
    folder = tmp_path_factory.mktemp("demo")
    made = generate(folder / "files", events=80_000, accounts=1_600, seed=20260)
    return made, wb.open("demo", root=folder / "files", cache=folder / "cache")


@pytest.fixture(scope="module")
def found(company):
    _, demo = company
    horizon = f"{TRUTHS.event_window_days}d"
    return {event: wb.uplift(demo, event=event, horizon=horizon) for event in (WITH, WITHOUT)}


def test_the_planted_effect_lies_inside_the_interval(company, found):
    made, _ = company
    line = found[WITH].frame.iloc[0]
    assert line["finding"] == "raised"
    assert line["of_rest_low"] <= TRUTHS.event_effect <= line["of_rest_high"]
    assert line["effect_low"] > 0
    # those who had no deal of their own and got one, of all that came
    assert line["effect_low"] <= made.realised["event_effect"] <= line["effect_high"]
    assert line["treated"] == pytest.approx(made.realised["event_attendees"], abs=3)
    assert "raised “opportunity_created” within 60 days" in found[WITH].headline()


def test_the_event_without_effect_is_not_called_effective(found):
    line = found[WITHOUT].frame.iloc[0]
    assert line["finding"] == "not shown"
    assert line["effect_low"] < 0 < line["effect_high"]
    assert line["of_rest_low"] <= 0 <= line["of_rest_high"]
    assert found[WITHOUT].headline().startswith("No effect of “Regional Dinner Chicago”")


def test_engaged_accounts_come_so_the_plain_difference_overstates(found):
    for result in found.values():
        line = result.frame.iloc[0]
        assert line["naive_difference"] > line["effect"] + 0.02
    line = found[WITH].frame.iloc[0]
    assert line["naive_difference"] / (1 - line["untreated_share"]) > TRUTHS.event_effect + 0.04


def test_matching_says_the_same(company):
    _, demo = company
    for event, truth, finding in ((WITH, TRUTHS.event_effect, "raised"), (WITHOUT, 0, "not shown")):
        line = wb.uplift(demo, event=event, method="matching").frame.iloc[0]
        assert line["finding"] == finding
        assert line["of_rest_low"] <= truth <= line["of_rest_high"]


def test_the_groups_were_made_alike(found):
    for result in found.values():
        frame = result.balance().frame
        before, after = frame["difference_before"].abs(), frame["difference_after"].abs()
        assert (before > 0.1).mean() > 0.4
        assert (after < 0.1).mean() > 0.85
        assert after.max() < 0.25 < before.max()
        grade = frame[frame["covariate"] == "latest grade (engagement) = A"].iloc[0]
        assert grade["treated_mean"] > grade["untreated_mean"] + 0.1
        assert grade["comparable_mean"] == pytest.approx(grade["compared_mean"], abs=0.05)
        assert not frame["unlike"].any()


def test_nothing_differed_before_the_events(found):
    for result in found.values():
        line = result.placebo().frame.iloc[0]
        assert not line["differs"]
        assert line["earlier_low"] <= 0 <= line["earlier_high"]
        assert "cannot have" not in result.headline()


def test_something_unmeasured_would_have_to_be_strong(found):
    line = found[WITH].sensitivity().frame.iloc[0]
    assert line["e_value"] > line["e_value_limit"] > 2
    assert found[WITHOUT].sensitivity().frame["e_value_limit"].iloc[0] == 1


def test_leaving_out_what_drives_both_moves_the_effect_up(company, found):
    """Attendance and deals both hang on engagement: without it the effect is overstated."""
    _, demo = company
    plain = wb.uplift(demo, event=WITHOUT, covariates=["country"]).frame.iloc[0]
    assert plain["effect"] == pytest.approx(plain["naive_difference"], abs=0.01)
    assert plain["effect"] > found[WITHOUT].frame["effect"].iloc[0] + 0.02


def test_several_outcomes_and_people_and_other_containers(company):
    _, demo = company
    outcomes = ["opportunity_created", "mql_qualified", "sql_qualified", "closed_won"]
    several = wb.uplift(demo, event=WITH, outcome=outcomes)
    assert several.frame["outcome"].tolist() == outcomes
    assert several.frame["finding"].tolist()[:3] == ["raised", "not shown", "not shown"]
    assert (several.frame["p_adjusted"] >= several.frame["p_value"]).all()
    for container in ("global_account", "person", "buying_group"):
        other = wb.uplift(demo, event=WITH, container=container, outcome="meeting")
        assert other.frame["treated"].iloc[0] > 15
        assert other.frame["finding"].iloc[0] in FINDINGS, container


def test_events_together_and_without_a_name(company):
    made, demo = company
    both = wb.uplift(demo, event=[WITH, "Regional Dinner Chicago"])
    line = both.frame.iloc[0]
    came = made.realised["event_attendees"]
    assert line["treated"] > came
    assert "2 events together" in both.headline()
    assert 0 < line["effect"] < TRUTHS.event_effect
    unnamed = wb.uplift(demo)
    assert unnamed.label == "Regional Dinner Chicago"
    assert any("No event was named: of 10" in note for note in unnamed.scope.notes)


def test_events_that_cannot_be_judged_say_why(company):
    _, demo = company
    few = wb.uplift(demo, event="Herbstforum München")
    assert "Too few took part" in few.headline()
    assert few.frame["finding"].tolist() == ["not answered"]
    assert few.frame["treated"].iloc[0] < 15
    young = wb.uplift(demo, event="EV-0010", horizon="90d")
    assert "2026-11-08" in young.headline()
    assert young.frame["treated"].isna().all()
    mixed = wb.uplift(demo, event=["EV-0004", "EV-0010"], horizon="90d")
    assert mixed.label == "顧客サミット 東京 2日間"
    assert any("unfinished is not lost" in note for note in mixed.scope.notes)


def test_the_events_side_by_side(company):
    made, demo = company
    frame = wb.gatherings(demo).frame.set_index("event_id")
    assert len(frame) == 10
    raw = demo.sql(
        "SELECT event_id, count(DISTINCT person_id) AS n FROM event_attendance "
        "WHERE status = 'attended' GROUP BY 1"
    ).set_index("event_id")["n"]
    # people that are one by their address count once
    assert (frame["attended"] - raw.reindex(frame.index).fillna(0)).between(-2, 0).all()
    assert frame.loc[WITH, "accounts"] == pytest.approx(made.realised["event_attendees"], abs=3)
    share = frame["share_opportunity"]
    assert share[WITH] > 2 * share[WITHOUT]
