"""When an alert fires: the worked examples, every condition, what is news and what is muted."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as wb
from tests.collaboration.alert_worlds import NOWHERE, at, definition, judged, world
from tests.house import ROOT
from workbench.collaboration.alerts.evaluating import due_period, evaluate
from workbench.collaboration.alerts.reading import alert_of, alerts_of_file, as_yaml
from workbench.collaboration.alerts.telling import parcel
from workbench.data.settings import Settings
from workbench.errors import ArgumentError


def outcome(ws, alert, now, periods=1):
    (found,) = evaluate([alert_of(alert)], ws, now=at(now), periods=periods)
    if isinstance(found, ArgumentError):
        raise found
    return found


def states(counts, *trigger, name="mql", periods=None, **keys):
    """States of the last days of one series; all but the first when left out."""
    alert = definition((name, *trigger), **keys)
    return [o.state for o in judged({name: counts}, alert, periods or len(counts) - 1)]


def test_stacked_triggers_give_one_message_with_the_true_ones():
    ws = world({"MQL": [40, 50], "SQL": [12, 11]})
    alert = definition(("MQL", "changes_by", "20 %"), ("SQL", "at_least", 12))
    (found,) = outcome(ws, alert, "2026-01-07T09:00")
    assert found.state == "fired"
    assert [v.label for v in found.true] == ["MQL"]
    assert found.true[0].deviation == pytest.approx(0.25)
    message = parcel(alert_of(alert), found, identity="alert-1", run=1)
    assert "MQL: 50 after 40 in the period before; 25 % above." in message.text
    assert "SQL" not in message.text


def test_day_5_is_evaluated_at_day_6_nine_oclock():
    alert = alert_of(definition(("MQL", "at_least", 1)))
    before, after = at("2026-01-06T08:59"), at("2026-01-06T09:00")
    assert str(due_period(alert, NOWHERE.settings, before)[0]) == "2026-01-04"
    assert str(due_period(alert, NOWHERE.settings, after)[0]) == "2026-01-05"


def test_the_clock_is_that_of_the_reporting_zone():
    tokyo = Settings(report_tz="Asia/Tokyo")
    alert = alert_of(definition(("MQL", "at_least", 1), delay="0h"))
    assert str(due_period(alert, tokyo, at("2026-01-05T14:59"))[0]) == "2026-01-04"
    assert str(due_period(alert, tokyo, at("2026-01-05T15:00"))[0]) == "2026-01-05"
    weekly = alert_of(definition(("MQL", "at_least", 1), granularity="week"))
    first, last = due_period(weekly, tokyo, at("2026-01-15T00:00"))
    assert (str(first), str(last)) == ("2026-01-05", "2026-01-11")


@pytest.mark.parametrize(
    ("counts", "trigger", "last"),
    [
        ([5, 12], ("at_least", 12), "fired"),
        ([5, 11], ("at_least", 12), "quiet"),
        ([5, 3], ("at_most", 3), "fired"),
        ([5, 4], ("at_most", 3), "quiet"),
        ([10, 12], ("changes_by", 0.2), "fired"),
        ([10, 8], ("changes_by", 0.2), "fired"),
        ([100, 119], ("changes_by", 0.2), "quiet"),
        ([10, 10], ("changes_by", 0.001), "quiet"),
        ([0, 3], ("changes_by", 0.2), "fired"),
        ([0, 0], ("changes_by", 0.2), "quiet"),
        ([None, 5], ("changes_by", 0.2), "unknown"),
        ([5, None], ("at_most", 5), "unknown"),
        ([3, 0], ("changes_by", "100 %"), "fired"),
    ],
)
def test_fixed_values_and_changes(counts, trigger, last):
    assert states(counts, *trigger)[-1] == last


def test_nothing_before_is_called_new():
    alert = definition(("MQL", "changes_by", "20 %"))
    (found,) = judged({"MQL": [0, 3]}, alert)
    assert found.true[0].new
    assert found.true[0].deviation is None
    text = parcel(alert_of(alert), found, identity="a", run=1).text
    assert "MQL: 3, new: nothing was there before." in text


@pytest.mark.parametrize(("direction", "fires"), [("up", [True, False]), ("down", [False, True]),
                                                  ("either", [True, True])])  # fmt: skip
def test_the_direction_of_a_change(direction, fires):
    trigger = {"metric": "MQL", "when": "changes_by", "value": 0.2, "direction": direction}
    found = [
        judged({"MQL": counts}, definition(triggers=[trigger]))[0].state == "fired"
        for counts in ([10, 20], [20, 10])
    ]
    assert found == fires


@pytest.mark.parametrize(("baseline", "expected"), [("previous", 8), ("same_weekday", 2),
                                                    ("last_year", 1)])  # fmt: skip
def test_what_a_change_is_compared_with(baseline, expected):
    counts = [5] * 372
    counts[371], counts[370], counts[364], counts[7] = 9, 8, 2, 1
    trigger = {"metric": "MQL", "when": "changes_by", "value": 0.01, "baseline": baseline}
    (found,) = judged({"MQL": counts}, definition(triggers=[trigger]), first="2025-01-06")
    assert found.true[0].expected == expected


def test_true_again_is_no_news_until_one_clean_period():
    assert states([1, 12, 12, 1, 12], "at_least", 10) == ["fired", "cooling", "quiet", "fired"]
    every = states([1, 12, 12, 1, 12], "at_least", 10, repeat="every")
    assert every == ["fired", "fired", "quiet", "fired"]


def test_another_trigger_that_becomes_true_is_news():
    alert = definition(("a", "at_least", 10), ("b", "at_least", 10))
    found = judged({"a": [1, 12, 12], "b": [1, 1, 12]}, alert, 2)
    assert [o.state for o in found] == ["fired", "fired"]
    assert [v.label for v in found[1].true] == ["a", "b"]
    assert found[1].news == (False, True)
    text = parcel(alert_of(alert), found[1], identity="a", run=1).text
    assert "a: 12, at least 10. Since before this period." in text


def test_what_stays_true_over_a_mute_window_is_told_afterwards():
    mute = [{"from": "2026-01-06", "to": "2026-01-07", "why": "migration"}]
    found = states([1, 12, 12, 12, 12], "at_least", 10, mute=mute)
    assert found == ["muted", "muted", "fired", "cooling"]
    weekend = states([1, 1, 1, 1, 12, 12, 12, 12], "at_least", 10,
                     mute=[{"weekdays": ["sat", "sun"]}])  # fmt: skip
    assert weekend[3:] == ["fired", "muted", "muted", "fired"]


def test_a_small_effect_is_not_worth_a_message():
    for effect, fires in ((2, True), (3, False), ("20 %", True), ("30 %", False)):
        trigger = {"metric": "MQL", "when": "changes_by", "value": 0.1, "minimum_effect": effect}
        (found,) = judged({"MQL": [10, 12]}, definition(triggers=[trigger]))
        assert (found.state == "fired") == fires, effect


def test_no_data_is_not_zero():
    """Day 4 holds nothing of any kind; day 3 has other rows, so its zero is one."""
    ws = world({"MQL": [5, 5, 0, 0, 5], "visit": [1, 1, 1, 0, 1]})
    fixed = outcome(ws, definition(("MQL", "at_most", 1)), "2026-01-10T09:00", 3)
    assert [o.state for o in fixed] == ["fired", "unknown", "quiet"]
    silent = outcome(ws, definition(("MQL", "no_data")), "2026-01-10T09:00", 3)
    assert [o.state for o in silent] == ["quiet", "fired", "quiet"]
    late = outcome(ws, definition(("MQL", "no_data")), "2026-01-11T09:00")
    assert late[0].state == "fired"
    assert late[0].true[0].actual is None


def test_no_data_is_no_clean_period():
    found = judged({"MQL": [1, 12, None, 12]}, definition(("MQL", "at_least", 10)), 3)
    assert [o.state for o in found] == ["fired", "unknown", "cooling"]


WEEK = [60, 55, 50, 50, 45, 20, 15]


def noisy(weeks, seed=3):
    return np.random.default_rng(seed).poisson(np.tile(WEEK, weeks))


@pytest.mark.parametrize(("value", "when", "state"), [
    (200, "anomaly", "fired"), (1, "anomaly", "fired"), (200, "above_expected", "fired"),
    (1, "above_expected", "quiet"), (1, "below_expected", "fired"), (60, "anomaly", "quiet"),
])  # fmt: skip
def test_conditions_on_what_was_expected(value, when, state):
    counts = [*noisy(8), value]
    assert states(counts, when, name="visit2", periods=1) == [state]


def test_a_wider_band_fires_less_often():
    counts, fired = noisy(30), []
    for confidence in (90, 95, 99, 99.75, 99.9):
        trigger = {"metric": "MQL", "when": "anomaly", "confidence": confidence}
        found = judged({"MQL": counts}, definition(triggers=[trigger]), 120)
        fired.append(sum(v.state == "true" for o in found for v in o.verdicts))
    assert fired == sorted(fired, reverse=True)
    assert fired[0] > fired[-1]


def test_too_few_events_are_refused_with_a_fixed_value(tmp_path):
    ws = world({"MQL": [1, 2, 1, 0, 1, 3, 1] * 6, "visit": [1] * 42})
    alert = definition(("MQL", "anomaly"))
    with pytest.raises(ArgumentError, match=r"1.29 a period are too few .* at least 7 would do"):
        wb.alerts(store=tmp_path / "c.db").add(alert, workspace=ws)
    found = wb.alert_preview(ws, alert=alert)
    assert {o.state for o in found.outcomes} == {"unknown"}


def test_a_preview_is_what_the_runs_would_have_said():
    """Each period alone, with data that end there, gives the verdict of the preview."""
    counts = noisy(12)
    counts[-5] = 160
    trigger = {"metric": "MQL", "when": "anomaly", "confidence": 95}
    alert = definition(triggers=[trigger])
    whole = judged({"MQL": counts}, alert, 10)
    assert sum(o.state == "fired" for o in whole) >= 1
    for back in range(10):
        (alone,) = judged({"MQL": counts[: len(counts) - back]}, alert)
        assert alone.plain() == whole[-1 - back].plain()


def test_the_sentence_of_a_preview():
    counts = [1] * 20 + [12, 12, 1, 12, 1]
    found = wb.alert_preview(world({"MQL": counts}), alert=definition(("MQL", "at_least", 10)),
                             periods=20)  # fmt: skip
    assert found.headline() == (
        "Would have fired 2 times in the last 20 days (1 more while it was still true)."
    )
    assert list(found.frame["true"]).count(True) == 3
    assert len(found.messages()) == 2


def test_a_definition_reads_back_from_yaml(tmp_path):
    alert = alert_of(
        definition(
            ("MQL", "changes_by", "20 %"), granularity="week", to=["mail:a@example.com"],
            mute=[{"from": "2026-12-24", "to": "2027-01-02"}], holidays=["JP", "quarter_end"],
            segment={"name": "Software", "scope": "account", "where": {"industry": "Software"}},
            expires="2027-03-31", tags=["weekly"],
        )
    )  # fmt: skip
    path = tmp_path / "alerts.yaml"
    path.write_text(as_yaml(alert), encoding="utf-8")
    (read,) = alerts_of_file(path)
    assert read.plain() == alert.plain()
    assert read == alert


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "name: "),
        ({"granularity": "hour"}, "Needed: 'day' or 'week' or 'month'"),
        ({"delay": "25h"}, "0 to 24 hours"),
        ({"delay": 9}, "a number with its unit"),
        ({"triggers": []}, "a length of 1 or more"),
        ({"triggers": [{"metric": "a", "when": "at_least"}]}, "at_least needs a value"),
        ({"triggers": [{"metric": "a", "when": "anomaly", "value": 3}]}, "takes no value"),
        ({"triggers": [{"metric": "a", "when": "changes_by", "value": 0}]}, "a share above 0"),
        ({"triggers": [{"metric": "a", "confidence": 99.99}]}, "'99.9 %'"),
        ({"triggers": [{"metric": {"kpi": "won_valeu"}}]}, "won_value"),
        ({"triggers": [{"metric": {"evnt": "a"}}]}, "event, kpi, pipeline, result"),
        ({"triggers": [{"metric": {"event": "a", "x": 1}}]}, "'count'"),
        ({"triggers": [{"metric": "a", "sides": 1}]}, "unknown key. Known here: metric"),
        ({"to": ["ftp://x"]}, "https://"),
        ({"to": ["https://u:secret@example.com"]}, "WORKBENCH_WEBHOOK_TOKEN"),
        ({"expires": "soon"}, "a date or instant"),
        ({"mute": [{"why": "x"}]}, "from and to, or weekdays"),
        ({"mute": [{"from": "2026-02-02", "to": "2026-01-01"}]}, "end lies after its start"),
        ({"holidays": ["XX"]}, "holidays='XX'"),
        ({"granularity": "week", "triggers": [{"metric": "a", "when": "changes_by", "value": 1,
          "baseline": "same_weekday"}]}, "same_weekday compares days"),
        ({"recipients": ["a"]}, "unknown key"),
    ],
)  # fmt: skip
def test_what_cannot_be_an_alert_is_told_with_its_place(changes, said):
    with pytest.raises(ArgumentError) as refused:
        alert_of(definition(("MQL", "anomaly")) | changes)
    assert said in str(refused.value)
    assert "secret@" not in str(refused.value)


def test_an_unknown_event_is_refused_when_its_data_are_there(tmp_path):
    ws = world({"mql": [5] * 5})
    with pytest.raises(ArgumentError, match="'mql'"):
        wb.alerts(store=tmp_path / "c.db").add(definition(("mqll", "at_least", 3)), workspace=ws)


def test_the_example_of_the_documentation_is_an_alert():
    import re

    import yaml

    text = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    (example,) = [
        part for part in re.findall(r"```yaml\n(.*?)```", text, re.S) if "triggers" in part
    ]
    found = alert_of(yaml.safe_load(example))
    assert [trigger.when for trigger in found.triggers] == ["below_expected", "changes_by"]
    assert found.triggers[0].minimum_effect.relative == 0.1
    keys = set(type(found).model_fields) | set(type(found.triggers[0]).model_fields)
    missing = {key for key in keys - {"tags", "description", "enabled", "segment"}
               if f"{key}:" not in text}  # fmt: skip
    assert missing == set()
