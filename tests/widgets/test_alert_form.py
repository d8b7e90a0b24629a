"""An alert by hand: form, text and preview are one definition, and mistakes are sentences."""

from __future__ import annotations

import pytest
import yaml

import workbench as wb
from tests.collaboration.alert_worlds import world
from workbench.collaboration.alerts import alert_preview


@pytest.fixture(scope="module")
def workspace():
    week = [20, 22, 19, 21, 20, 5, 4]
    counts = week * 12
    counts[-2] = 60
    return world({"mql": counts, "<b>lead</b>": [1] * 84})


@pytest.fixture
def editor(workspace, tmp_path):
    trigger = {"metric": {"event": "mql"}, "when": "at_least", "value": 30}
    alert = {"name": "MQL", "granularity": "day", "triggers": [trigger]}
    return wb.edit_alert(workspace, alert=alert, book=wb.alerts(store=tmp_path / "c.db"))


def test_controls_text_and_preview_follow_each_other(editor, workspace):
    assert "Would have fired 1 time in the last 30 days" in editor._said.value
    editor._value.value = "21"
    assert editor.plain["triggers"][0]["value"] == 21
    expected = alert_preview(workspace, alert=editor.alert).headline()
    assert expected in editor._said.value
    assert editor.preview.fired > 1
    editor._when.value = "anomaly"
    assert "value" not in editor.plain["triggers"][0]
    assert editor._value.layout.display == "none"
    assert editor._confidence.layout.display == ""
    editor._confidence.value = 0.9
    assert editor.plain["triggers"][0]["confidence"] == 0.9
    editor._granularity.value = "week"
    assert "12 weeks" in editor._said.value
    editor._metric.value = "<b>lead</b>"
    assert editor.plain["triggers"][0]["metric"] == {"event": "<b>lead</b>"}
    assert "<b>lead" not in editor._said.value.replace("<p><b>", "")
    assert yaml.safe_load(editor._text.value) == editor.plain


def test_a_change_by_a_share_keeps_its_sign(editor):
    editor._when.value = "changes_by"
    editor._value.value = "20 %"
    editor._effect.value = "10 %"
    assert editor.plain["triggers"][0]["value"] == 0.2
    assert editor.plain["triggers"][0]["minimum_effect"] == {"relative": 0.1}
    assert (editor._value.value, editor._effect.value) == ("20 %", "10 %")


def test_a_mistake_is_a_sentence_and_the_last_answer_stays(editor):
    before = editor.plain
    for change in (
        lambda: setattr(editor._metric, "value", "mqll"),
        lambda: setattr(editor._value, "value", "many"),
        lambda: setattr(editor._to, "value", ["nobody"]),
        lambda: setattr(editor._text, "value", "name: [x"),
        lambda: setattr(editor._text, "value", "just text"),
    ):
        change()
        assert "role='alert'" in editor._said.value
        assert editor._keep.disabled
        assert editor.plain == before
        editor._tried(lambda: editor.alert)
    assert not editor._keep.disabled


def test_the_text_changes_the_controls(editor):
    plain = editor.plain | {"name": "Other", "repeat": "every", "to": ["file:out"]}
    editor._text.value = yaml.safe_dump(plain)
    assert (editor._name.value, editor._repeat.value) == ("Other", "every")
    assert list(editor._to.value) == ["file:out"]
    plain["triggers"] = plain["triggers"] * 2
    editor._text.value = yaml.safe_dump(plain)
    assert editor._form.layout.display == "none"
    assert "edit it below" in editor._note.value
    assert len(editor.alert.triggers) == 2


def test_it_is_kept_and_can_be_run(editor):
    editor._keep.click()
    assert editor.kept.id == "alert-1"
    assert "Kept as alert-1" in editor._said.value
    assert editor._book.get("alert-1").name == "MQL"


def test_what_cannot_be_judged_is_not_kept(editor):
    editor._metric.value = "<b>lead</b>"
    editor._when.value = "anomaly"
    assert "too few" in editor._said.value
    editor._keep.click()
    assert "role='alert'" in editor._said.value
    assert editor.kept is None


def test_an_alert_of_a_result_keeps_its_metric(workspace, tmp_path):
    steps = ["<b>lead</b>", "mql"]
    funnel = wb.fallout(workspace, steps=steps)
    alert = wb.alert_from(funnel, name="step", step="mql", granularity="month")
    editor = wb.edit_alert(workspace, alert=alert)
    editor._value.value = "30 %"
    assert editor.plain["triggers"][0]["metric"] == alert.plain()["triggers"][0]["metric"]
    assert editor.plain["triggers"][0]["value"] == 0.3


def test_it_begins_with_the_commonest_event(workspace):
    assert wb.edit_alert(workspace).plain["granularity"] == "week"
