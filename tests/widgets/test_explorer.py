"""The explorer without a browser: what is heard, what is told, and that nothing is lost."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
import yaml

import workbench as wb
from tests.widgets.worlds import HOSTILE, company
from workbench.errors import ArgumentError
from workbench.vocabulary.segments import segment_from
from workbench.vocabulary.steps import step_from
from workbench.widgets.explorer import controls
from workbench.widgets.explorer.analyses import analyses
from workbench.widgets.explorer.fields import KINDS, Field
from workbench.widgets.explorer.finder import Finder
from workbench.widgets.explorer.view import script, words


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    return company()


def told(messages: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = [message for message in messages if message["say"] == kind]
    assert len(found) == 1, [message["say"] for message in messages]
    return found[0]


def line(*values: str, field: str = "event", operator: str = "=") -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values)}


def steps(explorer: Any, *names: str) -> list[dict[str, Any]]:
    value = [{"lines": [line(name)]} for name in names]
    return explorer.heard({"do": "set", "name": "steps", "value": value})


@pytest.mark.parametrize("analysis", analyses().values(), ids=lambda one: one.name)
def test_every_field_is_a_parameter_with_the_default_that_the_function_has(analysis):
    given = inspect.signature(analysis.function).parameters
    for field in analysis.fields:
        assert field.kind in KINDS
        default = given[field.name].default
        assert field.needed or default == field.default or (field.default, default) in (
            (None, ()), ("account", "opportunity"),
        ), field.name  # fmt: skip


def test_a_question_grows_step_by_step_and_every_number_is_that_of_the_call(world):
    explorer = wb.explore(world)
    begun = explorer.heard({"do": "hello"})
    assert told(begun, "problem")["kind"] == "waiting"
    assert told(begun, "offer")["offer"]["dimensions"][0] == "event"

    answer = told(steps(explorer, "a", "b"), "answer")["answer"]
    plain = wb.fallout(world, steps=["a", "b"])
    assert answer["headline"] == plain.headline()
    assert "15 of 40" in answer["headline"]
    assert [row[1] for row in answer["table"]["rows"]] == ["40", "40", "25"]
    assert json.loads(json.dumps(answer)) == answer
    assert explorer.result.definition == plain.definition


def test_yaml_and_python_are_the_question(world):
    explorer = wb.explore(world, steps=["a", "b"], by="industry", total_within="90d")
    assert yaml.safe_load(explorer.yaml) == explorer.definition
    again = eval(explorer.python, {"wb": wb, "ws": world})
    assert again.definition == explorer.result.definition
    assert wb.explore(world, explorer.result).result.frame.equals(explorer.result.frame)
    assert wb.explore(world, explorer.yaml).result.frame.equals(explorer.result.frame)


def test_undo_and_redo_go_back_and_forth_and_a_new_edit_forgets_what_was_undone(world):
    explorer = wb.explore(world)
    steps(explorer, "a")
    steps(explorer, "a", "b")
    explorer.heard({"do": "undo"})
    assert explorer.definition["steps"] == ["a"]
    shown = told(explorer.heard({"do": "redo"}), "shown")["shown"]
    assert explorer.definition["steps"] == ["a", "b"]
    assert (shown["undo"], shown["redo"]) == (True, False)
    explorer.heard({"do": "undo"})
    steps(explorer, "b")
    assert told(explorer.heard({"do": "redo"}), "shown")["shown"]["redo"] is False
    assert explorer.definition["steps"] == ["b"]


def test_a_refusal_is_a_sentence_beside_its_field_and_the_last_answer_stays(world):
    explorer = wb.explore(world, steps=["a", "b"])
    before = explorer.result
    said = told(explorer.heard({"do": "set", "name": "by", "value": "industri"}), "problem")
    assert said["field"] == "by"
    assert "industry" in said["sentence"]
    assert explorer.result is before
    said = told(explorer.heard({"do": "set", "name": "items", "value": "many"}), "problem")
    assert said["field"] == "items"
    explorer.heard({"do": "undo"})
    assert told(explorer.heard({"do": "hello"}), "answer")["answer"]["headline"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: [a, b", "line"),
        ("just words", "mapping"),
        ("analysis: falout", "fallout"),
        ("analysis: fallout\nstep: [a]", "steps"),
        ("analysis: fallout\nsteps: [a, gone]", "gone"),
        ("analysis: fallout\nsteps: 7", "list"),
    ],
)
def test_text_with_a_mistake_is_answered_with_a_sentence(world, text, words):
    explorer = wb.explore(world, steps=["a"])
    said = told(explorer.heard({"do": "text", "text": text}), "problem")
    assert words in said["sentence"]
    assert explorer.result.headline() == wb.fallout(world, steps=["a"]).headline()


def test_a_saved_question_that_names_an_event_no_longer_there_opens_and_says_so(world):
    explorer = wb.explore(world, steps=["a", "gone"])
    messages = explorer.heard({"do": "hello"})
    assert "gone" in told(messages, "problem")["sentence"]
    shown = told(messages, "shown")["shown"]["fields"][0]["value"]
    assert [s["lines"][0]["values"] for s in shown] == [["a"], ["gone"]]


@pytest.mark.parametrize(
    "step",
    [
        "a",
        {"event": ["a", "b"]},
        {"label": "Met", "where": {"event": "a"}, "within": "30d", "link": "next"},
        {"event": "a", "channel": "web"},
        {"where": {"any": [{"event": "a"}, {"channel": {"contains": "eb"}}]}},
        {"where": {"not": {"event": "a"}}},
        {"event": "a", "without": "b"},
        {"event": HOSTILE},
        {"where": {"channel": {"exists": False}}},
    ],
)
def test_opening_a_step_in_the_form_never_changes_it(step):
    field = Field("steps", "Steps", "steps")
    assert [step_from(s) for s in controls.read(field, controls.shown(field, [step]))] == [
        step_from(step)
    ]


@pytest.mark.parametrize(
    "segment",
    [
        {"event": "a"},
        {"name": "Web", "scope": "event", "where": {"channel": "web"}, "exclude": True},
        {"name": "Both", "where": {"all": [{"event": "a"}, {"channel": "web"}]}},
        {"name": "Order", "scope": "account", "steps": ["a", "b"]},
    ],
)
def test_opening_a_segment_in_the_form_never_changes_it(segment):
    field = Field("segment", "Segment", "segment")
    read = segment_from(controls.read(field, controls.shown(field, segment)))
    wanted = segment_from(segment)
    assert (read.scope, read.where, read.steps, read.exclude) == (
        wanted.scope, wanted.where, wanted.steps, wanted.exclude,
    )  # fmt: skip


def test_combining_makes_events_alternatives(world):
    explorer = wb.explore(world, steps=["a", "b", HOSTILE])
    explorer.heard({"do": "combine", "name": "steps", "into": 1, "other": 2})
    assert len(explorer.definition["steps"]) == 2
    assert list(explorer.result.frame["reached"]) == [40, 40, 25]


def test_values_are_found_by_a_part_of_them_the_commonest_first(world):
    finder = Finder(world)
    assert [i["value"] for i in finder.find("event", "")["items"]] == ["a", "b", HOSTILE]
    assert finder.find("event", "SCRIPT")["items"] == [{"value": HOSTILE, "rows": 10}]
    assert [i["rows"] for i in finder.find("industry", "s")["items"]] == [20, 20]
    assert finder.find("event", "zzz") == {"items": [], "found": 0, "total": 3}
    assert finder.find("occurred_at", "") == {"items": [], "found": 0, "total": 0}


def test_rows_open_to_their_members_and_to_a_segment(world):
    explorer = wb.explore(world, steps=["a", "b"])
    opened = told(explorer.heard({"do": "open", "rows": [2], "outcome": "fell_out"}), "members")
    assert opened["rows"] == 15
    assert told(explorer.heard({"do": "open", "rows": [9]}), "problem")
    made = told(explorer.heard({"do": "segment", "rows": [2], "called": "Came to b"}), "segment")
    again = wb.audience(world, segment=yaml.safe_load(made["yaml"]))
    assert "25 of 40" in again.headline()


def test_marks_of_a_chart_open_as_rows_do(world):
    explorer = wb.explore(world, steps=["a", "b"])
    spec = told(explorer.heard({"do": "hello"}), "answer")["answer"]["spec"]
    mark = next(iter(spec["datasets"].values()))[2]
    assert told(explorer.heard({"do": "open", "marks": [mark]}), "members")["rows"] == 25


@pytest.mark.parametrize(
    ("question", "given", "rows"),
    [
        ("flow", {"starts_with": {"event": "a"}, "dimension": "event"}, [0]),
        ("cohort", {"inclusion": "a", "returning": "b", "granularity": "day"}, [0]),
        ("attribution", {"conversion": "b", "dimension": "channel"}, [0]),
        ("survival", {"entered": "a", "won": "b", "container": "account"}, [0]),
    ],
)
def test_every_analysis_can_be_explored_and_opened(world, question, given, rows):
    explorer = wb.explore(world, question, **given)
    assert told(explorer.heard({"do": "hello"}), "answer")
    assert told(explorer.heard({"do": "open", "rows": rows}), "members")["rows"] >= 0


def test_another_analysis_keeps_what_both_have(world):
    explorer = wb.explore(world, steps=["a"], period="2026-01", container="account")
    explorer.heard({"do": "analysis", "name": "cohort"})
    assert explorer.definition == {
        "analysis": "cohort", "container": "account", "period": "2026-01"
    }  # fmt: skip
    explorer.heard({"do": "undo"})
    assert explorer.definition["steps"] == ["a"]


@pytest.mark.parametrize("message", [{}, {"do": "x"}, {"do": "set"}, {"do": "open", "rows": "y"},
                                     {"do": "combine", "name": "steps", "into": 0, "other": 9},
                                     {"do": "set", "name": "steps", "value": 7}])  # fmt: skip
def test_a_message_that_makes_no_sense_breaks_nothing(world, message):
    explorer = wb.explore(world, steps=["a"])
    assert all("say" in one for one in explorer.heard(message))
    assert explorer.result is not None


@pytest.mark.parametrize("question", ["falout", 7, {"analysis": "x"}])
def test_a_question_that_cannot_be_is_refused(world, question):
    with pytest.raises(ArgumentError):
        wb.explore(world, question)


def test_the_script_of_the_page_knows_every_word_it_says():
    text = script()
    used = {part.split(")")[0] for part in text.split("page.words.")[1:]}
    names = {"".join(ch for ch in one[:40] if True).split(",")[0] for one in used}
    said = {
        name.split(" ")[0].split("}")[0].split(":")[0].split(";")[0].split("]")[0] for name in names
    }
    assert said <= set(words()), said - set(words())
    assert "innerHTML" not in text


def test_a_flow_is_expanded_filtered_and_collapsed_from_its_nodes(world):
    explorer = wb.explore(world, "flow", starts_with={"event": "a"}, dimension="event", columns=2)
    spec = told(explorer.heard({"do": "hello"}), "answer")["answer"]["spec"]
    marks = [row for rows in spec["datasets"].values() for row in rows if row.get("item") == "b"]
    node = {key: value for key, value in marks[0].items() if key in ("column", "item", "kind")}
    opened = told(explorer.heard({"do": "open", "marks": [node]}), "members")
    assert opened["rows"] == 25
    assert [name for name, _ in opened["deeds"]] == ["expand", "collapse", "only", "leave_out"]
    explorer.heard({"do": "deed", "marks": [node], "deed": "expand"})
    assert explorer.definition["columns"] == 3
    explorer.heard({"do": "deed", "marks": [node], "deed": "only"})
    plain = wb.flow(
        world, starts_with={"event": "a"}, dimension="event", columns=3, filters={1: "b"}
    )
    assert explorer.result.frame.equals(plain.frame)
    assert yaml.safe_load(explorer.yaml)["filters"] == {1: "b"}
    explorer.heard({"do": "deed", "marks": [node], "deed": "collapse"})
    assert explorer.definition["columns"] == 2


def test_a_path_of_marks_is_a_segment_and_its_members_are_the_same(world):
    explorer = wb.explore(world, "flow", starts_with={"event": "a"}, dimension="event", columns=3)
    path = [{"column": 0, "item": "a"}, {"column": 1, "item": "b"}]
    assert told(explorer.heard({"do": "open", "marks": path}), "members")["rows"] == 25
    made = told(explorer.heard({"do": "segment", "marks": path, "called": "On to b"}), "segment")
    assert "25 of 40" in wb.audience(world, segment=yaml.safe_load(made["yaml"])).headline()


def test_a_segment_is_kept_and_offered(world, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.shelf.shipped", lambda: tmp_path)
    explorer = wb.explore(world, steps=["a", "b"])
    made = told(explorer.heard({"do": "segment", "rows": [2], "called": "Came on"}), "segment")
    kept = explorer.heard({"do": "keep", "called": "Came on", "yaml": made["yaml"]})
    assert "Came on.yaml" in told(kept, "kept")["sentence"]
    assert told(kept, "offer")["offer"]["segments"] == ["Came on"]
    explorer.heard({"do": "set", "name": "segment", "value": {"text": '"Came on"'}})
    assert list(explorer.result.frame["reached"]) == [25, 25, 25]
    assert told(explorer.heard({"do": "keep", "called": "../x", "yaml": made["yaml"]}), "problem")


def test_a_step_is_taken_away_from_its_bar(world):
    explorer = wb.explore(world, steps=["a", "b", HOSTILE])
    explorer.heard({"do": "deed", "rows": [2], "deed": "take_away"})
    assert explorer.definition["steps"] == ["a", HOSTILE]
    assert told(explorer.heard({"do": "deed", "rows": [0], "deed": "take_away"}), "problem")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A working folder with one workspace file and a store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.shelf.shipped", lambda: tmp_path)
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "collaboration.db"))
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    monkeypatch.setenv("WORKBENCH_NOTEBOOK", "explored")
    folder = tmp_path / "parameters" / "workspaces"
    folder.mkdir(parents=True)
    (folder / "frames.yaml").write_text("name: frames\n", encoding="utf-8")
    return tmp_path


def test_questions_are_collected_for_a_report_each_once(world, desk):
    explorer = wb.explore(world, steps=["a", "b"])
    told(explorer.heard({"do": "report", "name": "report", "called": "mine"}), "kept")
    told(explorer.heard({"do": "report", "name": "report", "called": "mine"}), "kept")
    steps(explorer, "b")
    told(explorer.heard({"do": "report", "name": "report", "called": "mine"}), "kept")
    made = yaml.safe_load((desk / "parameters" / "reports" / "mine.yaml").read_text("utf-8"))
    assert made["notebook"] == "saved_questions"
    assert [q["steps"] for q in made["parameters"]["questions"]] == [["a", "b"], ["b"]]
    assert len(wb.answers(world, made["parameters"]["questions"]).results) == 2


@pytest.mark.parametrize("name", ["", "../mine", "1st", "a/b"])
def test_a_report_is_never_written_elsewhere(world, desk, name):
    explorer = wb.explore(world, steps=["a"])
    said = told(explorer.heard({"do": "report", "name": "report", "called": name}), "problem")
    assert said["field"] == "report"
    assert not (desk / "parameters" / "reports").exists()


def test_another_report_is_left_as_it_is(world, desk):
    path = desk / "parameters" / "reports" / "mine.yaml"
    path.parent.mkdir()
    path.write_text("notebook: pipeline_review\n", encoding="utf-8")
    explorer = wb.explore(world, steps=["a"])
    assert told(explorer.heard({"do": "report", "name": "report", "called": "mine"}), "problem")
    assert path.read_text(encoding="utf-8") == "notebook: pipeline_review\n"


def test_comment_note_and_alert_are_kept_by_the_rooms_that_own_them(world, desk):
    explorer = wb.explore(world, steps=["a", "b"])
    said = {"do": "comment", "name": "comment", "rows": [2], "text": "Only **25** of them?"}
    told(explorer.heard(said), "kept")
    kept = list(wb.comments(world).threads)
    assert [(one.anchor.row, one.anchor.value) for one in kept] == [("b", "25")]

    note = {"do": "annotate", "name": "annotate", "title": "Fair", "on": "2026-01-02"}
    told(explorer.heard(note), "kept")
    assert list(wb.annotations(world).frame["title"]) == ["Fair"]

    alert = {"do": "alert", "name": "alert", "rows": [2], "called": "Few reach b",
             "when": "at_most", "value": "50 %", "granularity": "day"}  # fmt: skip
    told(explorer.heard(alert), "kept")
    assert list(wb.alerts().frame()["name"]) == ["Few reach b"]
    for wrong in ({"value": "x"}, {"rows": []}, {"called": ""}, {"when": "often"}):
        assert told(explorer.heard({**alert, **wrong}), "problem")["field"] == "alert"
    assert told(explorer.heard({"do": "comment", "name": "comment", "text": ""}), "problem")


def test_a_report_is_called_as_people_write_it(world, desk):
    explorer = wb.explore(world, steps=["a"])
    told(explorer.heard({"do": "report", "name": "report", "called": "My growth"}), "kept")
    made = yaml.safe_load((desk / "parameters" / "reports" / "my_growth.yaml").read_text("utf-8"))
    assert made["title"] == "My growth"


def test_what_is_collected_is_the_question_that_is_answered(world, desk):
    explorer = wb.explore(world, steps=["a"])
    explorer.heard({"do": "analysis", "name": "flow"})
    told(explorer.heard({"do": "report", "name": "report", "called": "mine"}), "kept")
    made = yaml.safe_load((desk / "parameters" / "reports" / "mine.yaml").read_text("utf-8"))
    assert made["parameters"]["questions"] == [{"analysis": "fallout", "steps": ["a"]}]
