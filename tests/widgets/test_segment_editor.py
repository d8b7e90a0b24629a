"""A segment by hand: form, text and call are one definition, and mistakes are sentences."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from workbench.errors import ArgumentError
from workbench.vocabulary.segments import segment_from
from workbench.widgets.segment_form import Form, Line, as_python, as_text, form_of, from_text

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    str.strip
)


@pytest.fixture
def workspace():
    rows = [(f"A{n}", "mql" if n % 3 else "lead", "web" if n % 2 else "<b>e-mail</b>")
            for n in range(12)]  # fmt: skip
    events = pd.DataFrame(rows, columns=["account_id", "event", "channel"])
    events["occurred_at"] = pd.Timestamp("2026-01-01", tz="UTC")
    return wb.from_frames(events=events)


def lines(editor):
    return [box.children for box in editor._rows.children]


def test_controls_text_and_call_follow_each_other(workspace):
    editor = wb.edit_segment(workspace, segment={"name": "MQL", "where": {"event": "mql"}})
    assert editor.audience.headline() in editor._said.value
    editor._scope.value, editor._exclude.value = "account", True
    assert editor.plain == {
        "name": "MQL", "scope": "account", "where": {"event": "mql"}, "exclude": True
    }  # fmt: skip
    editor._add.click()
    field, operator, values, *_ = lines(editor)[1]
    field.value = "channel"
    values.value = ["web"]
    assert editor.plain["where"] == {"event": "mql", "channel": "web"}
    editor._joined.value = "any"
    assert editor.plain["where"] == {"any": [{"event": "mql"}, {"channel": "web"}]}
    assert yaml.safe_load(editor._text.value) == editor.plain
    said = wb.audience(workspace, segment=editor.segment).headline()
    assert editor.audience.headline() == said
    operator.value = "!="
    assert editor.plain["where"]["any"][1] == {"channel": {"!=": "web"}}
    lines(editor)[1][-1].click()
    assert editor.plain["where"] == {"event": "mql"}


def test_suggested_values_are_those_of_the_field(workspace):
    editor = wb.edit_segment(workspace)
    field, _, values, choice, _ = lines(editor)[0]
    assert list(choice.options) == ["lead", "mql"]
    field.value = "channel"
    assert list(choice.options) == ["<b>e-mail</b>", "web"]
    choice.value = "web"
    assert "web" in values.value
    assert choice.value == ""


def test_what_only_text_holds_is_kept_and_edited_as_text(workspace):
    steps = {"name": "In order", "scope": "account", "steps": ["lead", "mql"]}
    editor = wb.edit_segment(workspace, segment=steps)
    assert editor._form.layout.display == "none"
    assert "edit it below" in editor._note.value
    assert yaml.safe_load(editor._text.value) == editor.plain == segment_from(steps).plain()
    editor._text.value = "name: Leads\nscope: account\nwhere: {event: lead}\n"
    assert editor._form.layout.display == ""
    assert editor._name.value == "Leads"
    assert [c.value for c in lines(editor)[0][:2]] == ["event", "="]


@pytest.mark.parametrize(
    "text",
    ["where: {event: leat}", "where: {", "just words: 1", "name: x\nscope: planet\nwhere: lead"],
)
def test_a_mistake_is_a_sentence_and_the_last_answer_stays(workspace, text):
    editor = wb.edit_segment(workspace, segment={"name": "L", "where": {"event": "lead"}})
    before = editor.plain
    editor._text.value = text
    assert "role='alert'" in editor._said.value
    assert editor.plain == before


def test_hostile_names_are_shown_as_text(workspace):
    hostile = {"name": "<script>x</script>", "where": {"channel": "<b>e-mail</b>"}}
    editor = wb.edit_segment(workspace, segment=hostile)
    assert "<script>" not in editor._said.value + editor._call.value
    assert "<b>e-mail" not in editor._call.value


def test_the_call_makes_the_same_segment():
    either = {"name": "M", "where": {"event": ["lead", "mql"]}, "exclude": True}
    in_order = {"name": "O", "scope": "person", "steps": ["lead", {"event": "mql"}]}
    for asked in (either, in_order):
        plain = segment_from(asked).plain()
        assert eval(as_python(plain), {"wb": wb}).plain() == plain
        assert from_text(as_text(plain)).plain() == plain


@given(
    st.sampled_from(["all", "any"]),
    st.lists(
        st.builds(
            Line,
            st.sampled_from(["event", "channel", "segment", "period", "not"]),
            st.sampled_from(["=", "!=", "contains", "starts_with"]),
            st.lists(TEXT, min_size=1, max_size=3, unique=True).map(tuple),
        ),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
    TEXT,
)
def test_every_form_comes_back_as_it_was(joined, rows, exclude, name):
    form = Form(name, "account", exclude, joined, tuple(rows))
    back = form_of(segment_from(form.plain()))
    assert back is not None
    assert (back.name, back.scope, back.exclude) == (name, "account", exclude)
    assert back.plain() == form.plain()
    assert from_text(as_text(form.plain())).plain() == form.plain()


def test_an_empty_form_says_what_it_needs():
    with pytest.raises(ArgumentError, match="at least one condition"):
        Form("x", "account", False, "all", (Line("event", "=", ()),)).plain()
