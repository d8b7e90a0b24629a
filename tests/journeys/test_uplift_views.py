"""What an uplift shows, opens and refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.worlds import at
from tests.worlds.company import HOSTILE
from tests.worlds.in_person import DINNER, DINNER_DAY, SUMMIT, SUMMIT_DAY, opened, tables, workspace
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.uplift.result import COLUMNS, FINDINGS


@pytest.fixture(scope="module")
def found():
    return wb.uplift(workspace(), event=SUMMIT)


def test_the_lines_add_up(found):
    line = found.frame.iloc[0]
    assert list(found.frame.columns) == list(COLUMNS)
    known = workspace().sql(
        "SELECT count(DISTINCT account_id) AS n FROM touchpoints WHERE occurred_at < ? "
        "AND in_person_event_id IS DISTINCT FROM ?",
        [at(SUMMIT_DAY), SUMMIT],
    )
    assert line["treated"] + line["untreated"] == known["n"].iloc[0]
    assert line["compared"] <= line["treated"]
    assert line["comparable"] <= line["untreated"]
    for side in ("treated", "untreated", "compared"):
        assert line[f"{side}_share"] == line[f"{side}_converted"] / line[side]
    assert line["effect"] == pytest.approx(line["compared_share"] - line["expected_share"])
    assert line["of_rest"] == pytest.approx(line["effect"] / (1 - line["expected_share"]))
    assert line["naive_difference"] == line["treated_share"] - line["untreated_share"]
    assert line["effect_low"] < line["effect"] < line["effect_high"]
    assert line["finding"] in FINDINGS


def test_the_sentence_names_numerator_and_denominator(found):
    line = found.frame.iloc[0]
    text = found.headline()
    assert f"{line['compared_converted']} of {line['compared']} accounts" in text
    assert SUMMIT in text
    assert "60 days" in text
    assert "95 %" in text


def test_every_side_can_be_opened(found):
    line = found.frame.iloc[0]
    sizes = {which: len(found.members(which)) for which in ("treated", "untreated")}
    assert sizes == {"treated": line["treated"], "untreated": line["untreated"]}
    assert len(found.members("comparison")) == line["comparable"]
    assert len(found.members("unmatched")) == line["treated"] - line["compared"]
    came = found.members()
    assert came["converted"].sum() == line["treated_converted"]
    assert came["took_part"].all()
    hours = came["converted_at"] - pd.Timestamp(at(SUMMIT_DAY))
    assert hours.dropna().between(pd.Timedelta(0), pd.Timedelta(days=60)).all()
    assert (came["converted_at"].notna() == came["converted"]).all()
    assert set(came["name"]) <= set(HOSTILE)
    others = found.members("comparison")
    assert others["weight"].is_monotonic_decreasing
    assert (others["weight"] > 0).all()


def test_the_mapping_asks_again(found):
    plain = dict(found.definition)
    assert plain.pop("analysis") == "uplift"
    again = wb.uplift(workspace(), **plain)
    pd.testing.assert_frame_equal(again.frame, found.frame)
    step = wb.uplift(
        workspace(), event={"event": "page_viewed"}, at="2026-05-01..2026-05-14", horizon="30d",
        segment=wb.segment("Software", industry="Software"), method="matching", neighbours=2,
        covariates=["recency"], stages=["lead_form_completed"], outcome=["opportunity_created"],
    )  # fmt: skip
    plain = {name: value for name, value in step.definition.items() if name != "analysis"}
    pd.testing.assert_frame_equal(wb.uplift(workspace(), **plain).frame, step.frame)
    assert plain["at"] == "2026-05-01..2026-05-14"


def test_balance_says_what_the_weights_do(found):
    balance = found.balance()
    analysis = found.analysis
    for n, line in balance.frame.set_index("covariate").iterrows():
        column = analysis.design.natural[:, analysis.design.names.index(n)]
        treated = analysis.sample.treated
        assert line["treated_mean"] == pytest.approx(column[treated].mean())
        weight = analysis.comparison.weight[~treated]
        assert line["comparable_mean"] == pytest.approx(
            np.average(column[~treated], weights=weight)
        )
    before = balance.frame["difference_before"].abs()
    assert before.is_monotonic_decreasing
    assert balance.frame["difference_after"].abs().max() < before.max()
    assert balance.members("treated").shape == found.members().shape


def test_chances_of_both_groups_fill_the_ranges(found):
    frame = found.overlap().frame
    line = found.frame.iloc[0]
    assert frame["treated"].sum() == line["treated"]
    assert frame["untreated"].sum() == line["untreated"]
    assert frame["weighted"].sum() == pytest.approx(line["compared"])
    assert frame["chance_to"].iloc[-1] == 1


def test_the_placebo_asks_the_time_before(found):
    line = found.placebo().frame.iloc[0]
    assert line["effect"] == found.frame["effect"].iloc[0]
    sample = found._earlier()
    keys = workspace().events.container_names(sample.stream)[sample.container]
    created = workspace().sql("SELECT account_id, created_at FROM opportunities")
    low, high = pd.Timestamp(at(SUMMIT_DAY - 60)), pd.Timestamp(at(SUMMIT_DAY))
    inside = created[(created["created_at"] >= low) & (created["created_at"] < high)]
    expected = set(inside["account_id"]) & set(keys)
    assert set(keys[sample.first[:, 0] > 0]) == expected


def test_a_difference_before_the_event_puts_the_finding_in_doubt():
    """Whoever comes had bought far more often before: what follows is no effect of the event."""
    made = tables(240, effect=0.5)
    came = made["event_attendance"].query("event_id == @SUMMIT and status == 'attended'")
    keys = came["person_id"].str[:5].unique()
    extra = pd.DataFrame(
        {
            "opportunity_id": [f"X{n}" for n in range(len(keys))],
            "account_id": keys,
            "created_at": [pd.Timestamp(at(SUMMIT_DAY - 3 - n % 50)) for n in range(len(keys))],
        }
    )
    made["opportunities"] = pd.concat([made["opportunities"], extra], ignore_index=True)
    doubtful = wb.uplift(opened(made), event=SUMMIT, covariates=["industry", "employees"])
    assert doubtful.placebo().frame["differs"].all()
    assert doubtful.frame["finding"].tolist() == ["in doubt"]
    assert "before the event already" in doubtful.frame["verdict"].iloc[0]
    assert "is in doubt" in doubtful.headline()


def test_groups_that_stay_unlike_put_the_finding_in_doubt():
    """Hardly anybody who did not come is large: the weights cannot make the groups alike."""
    made = tables(240, effect=0.6)
    came = made["event_attendance"].query("event_id == @SUMMIT and status == 'attended'")
    keys = set(came["person_id"].str[:5])
    own = made["accounts"]["account_id"].isin(keys).to_numpy()
    number = np.arange(len(own))
    large = np.where(own, number % 10 > 0, number % 60 == 0)
    made["accounts"]["region"] = np.where(large, "large", "small")
    result = wb.uplift(opened(made), event=SUMMIT, covariates=["region"])
    line = result.frame.iloc[0]
    assert line["finding"] in ("in doubt", "not answered")
    if line["finding"] == "in doubt":
        assert "still differ" in line["verdict"]


def test_leaving_one_thing_out_is_asked_for_everything(found):
    frame = found.sensitivity().frame
    assert frame["left_out"].tolist()[0] == ""
    groups = {name.replace("_", " ") for name in found.analysis.design.groups}
    assert set(frame["left_out"]) - {""} == groups
    assert frame["moved"].iloc[0] == 0
    assert frame["e_value"].notna().sum() == 1
    whole = frame.iloc[0]
    ratio = whole["risk_ratio"]
    assert whole["e_value"] == pytest.approx(ratio + np.sqrt(ratio * (ratio - 1)))


def test_key_figures_and_compare(found):
    figures = found.key_figures().content["figures"]
    assert 3 <= len(figures) <= 5
    assert figures[0]["value"] == f"{found.frame['treated'].iloc[0]}"
    both = wb.compare(found, wb.uplift(workspace(), event=SUMMIT, horizon="7d"))
    assert both.frame["total_a"].iloc[0] == found.frame["treated"].iloc[0]


def test_a_workspace_without_events_gives_a_sentence():
    rows = pd.DataFrame({"account_id": ["A"], "occurred_at": [at(0)], "event": ["visit"]})
    result = wb.uplift(wb.from_frames(events=rows), outcome="visit")
    assert "knows no in-person events" in result.headline()
    assert result.frame["finding"].tolist() == ["not answered"]
    assert len(result.members()) == 0
    listed = pd.DataFrame({"event_id": ["E"], "person_id": ["p"], "status": ["invited"],
                           "status_at": [at(0)]})  # fmt: skip
    invited = wb.from_frames(
        event_attendance=listed, accounts=pd.DataFrame({"account_id": ["A"]}),
        web_events=pd.DataFrame({"account_id": ["A"], "event": "visit", "occurred_at": [at(1)]}),
    )  # fmt: skip
    assert "Nobody is recorded" in wb.uplift(invited, outcome="visit").headline()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "magic"}, "method='magic'"),
        ({"horizon": "0d"}, "horizon='0d'"),
        ({"known_before": "soon"}, "known_before='soon'"),
        ({"neighbours": 0}, "neighbours=0"),
        ({"covariates": "industry"}, "covariates='industry'"),
        ({"covariates": ["shoe_size"]}, "covariates='shoe_size'"),
        ({"covariates": ["occurred_at"]}, "covariates='occurred_at'"),
        ({"event": "Sumit"}, "event='Sumit'"),
        ({"event": []}, "event="),
        ({"event": {"event": "page_viewed"}}, "at=None"),
        ({"event": ["page_viewed"], "at": "2026-05-01"}, "event="),
        ({"event": "page_viewed", "at": "May"}, "at='May'"),
        ({"event": "page_viewed", "at": "2026-05-01.."}, "at='2026-05-01..'"),
        ({"outcome": "opportunity_creatd"}, "Did you mean 'opportunity_created'"),
        ({"outcome": wb.step("x", event="page_viewed", within="3d")}, "outcome='x'"),
        ({"outcome": []}, "outcome="),
        ({"stages": ["nothing like it"]}, "event='nothing like it'"),
        ({"container": "planet"}, "container='planet'"),
        ({"container": "session"}, "container='session'"),
    ],
)
def test_a_wrong_question_is_refused_with_what_is_allowed(options, words):
    with pytest.raises(ArgumentError) as refused:
        wb.uplift(workspace(), **{"event": SUMMIT, **options})
    assert words in str(refused.value)
    assert "Allowed" in str(refused.value)


def test_what_other_data_could_answer_is_absent():
    with pytest.raises(AbsentError):
        wb.uplift(workspace(), event="another summit")
    shown = wb.where_possible(wb.uplift, workspace(), event="another summit")
    assert "another summit" in shown.headline()


@pytest.mark.parametrize("which", ["members", "outcome"])
def test_members_refuse_what_is_not_there(found, which):
    with pytest.raises(ArgumentError, match=r"which='all'|outcome='mql'"):
        found.members("all") if which == "members" else found.members(outcome="mql")


def test_an_unfinished_horizon_is_no_loss():
    made = tables(6)
    young = wb.uplift(opened(made), event=DINNER, outcome="page_viewed", horizon="60d")
    assert "unfinished is not lost" in young.headline()
    assert f"{at(DINNER_DAY + 60):%Y-%m-%d}" in young.headline()
    assert young.frame["treated"].isna().all()
