"""Definitions: read from YAML, everything wrong told at once, their design checked."""

from __future__ import annotations

import re

import pytest

import workbench as wb
from tests.house import ROOT
from tests.sales.kpi_worlds import kpi, nothing_special
from workbench.errors import ArgumentError
from workbench.reports.starter import lay_out
from workbench.sales.kpis.design import steps
from workbench.sales.kpis.reading import definitions_of
from workbench.sales.kpis.record import Flag, Kpi
from workbench.sales.kpis.sources import BY_NAME, Declared

GOOD = kpi({"table": "opportunities", "at": "created_at"}, how_much=3)


def refused(*records):
    with pytest.raises(ArgumentError) as caught:
        definitions_of(list(records))
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "sentences"),
    [
        ({"clas": "x"}, ["unknown key. Did you mean 'class'?"]),
        ({"class": "strategic"}, ["Did you mean 'strategy'?"]),
        ({"how_much": "many"}, ["how_much: 'many' cannot be used. Needed: a number"]),
        ({"how_much": -1}, ["how_much: -1 cannot be used. Needed: 0.0 or more"]),
        ({"amber": 2}, ["amber: 2 cannot be used"]),
        ({"source": {"measure": "vists"}}, ["'vists' is no built-in", "'visits'?"]),
        ({"source": {"measure": "unvisited_accounts", "month": 3}},
         ["source.month: unknown key. Did you mean 'months'?"]),
        ({"source": {"table": "x", "wher": {}}}, ["source.wher", "Did you mean 'where'?"]),
        ({"source": {"table": "x", "where": {"a": {"above": 3}}}}, ["source.where", "'above'"]),
        ({"source": {"table": "x", "numerator": {"a": 1}, "per": "b"}}, ["either numerator"]),
        ({"source": {"table": "x", "denominator": {"a": 1}}}, ["needs a numerator"]),
        ({"flag": {"at_most": 1, "above": 2}}, ["give one of at_most"]),
        ({"versions": [{"how_much": 3}]}, ["versions.0.valid_from: this key is needed"]),
        ({"versions": [{"valid_from": "2026-01-01", "how_mch": 3}]}, ["Did you mean 'how_much'?"]),
        ({"versions": [{"valid_from": "2026-02-01"}, {"valid_from": "2026-01-01"}]},
         ["each with a later day"]),
        ({"goal": "", "period": "day"}, ["goal", "period: 'day' cannot be used"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(change, sentences):
    said = refused({**GOOD, **change})
    assert all(sentence in said for sentence in sentences), said


def test_everything_is_told_at_once():
    said = refused({**GOOD, "amber": 2}, {**GOOD, "how_much": "x"}, {"kpi_id": "n"}, 5, GOOD)
    assert len(re.findall(r"^- ", said, re.MULTILINE)) == 6
    assert "definition 4: a mapping is needed" in said


def test_keys_are_told_apart():
    assert "kpi_id 'k' stands twice" in refused(GOOD, GOOD)


def test_a_file_a_name_and_plain_records_are_the_same(tmp_path, monkeypatch):
    folder = tmp_path / "parameters" / "kpis"
    folder.mkdir(parents=True)
    path = folder / "ours.yaml"
    path.write_text(
        "kpis:\n- {kpi_id: k, class: behaviour, goal: g, what: w, how_much: 3,\n"
        "   source: {table: opportunities, at: created_at}}\n"
    )
    monkeypatch.chdir(tmp_path)
    found = definitions_of("ours")
    assert found == definitions_of(path) == definitions_of([GOOD]) == definitions_of(GOOD)
    assert definitions_of([k.plain() for k in found]) == found
    with pytest.raises(ArgumentError, match="'sales'"):
        definitions_of("our")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"kpis: [", "not valid YAML"), (b"\xff\xfe\xfa", "not UTF-8"), (b"", "a list of"),
        (b"kpi: []", "a list of"), (b"just text", "a list of"), (b"kpis: 5", "a list of"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(ArgumentError, match=message):
        definitions_of(path)
    with pytest.raises(ArgumentError, match="no file"):
        definitions_of(tmp_path / "none.yaml")


def test_the_definition_asks_the_same_question_again():
    result = wb.kpis(nothing_special(), definitions=[GOOD], trend=2)
    options = {k: v for k, v in result.definition.items() if k != "analysis"}
    again = wb.kpis(nothing_special(), **options)
    assert again.frame.equals(result.frame)
    assert again.definition == result.definition


def test_the_shipped_set_is_well_designed():
    design = wb.kpi_design()
    assert set(design.frame["level"]) == {"info"}
    assert design.headline().startswith("2 of 2 goals have KPIs")


def test_a_goal_without_a_class_is_named():
    frame = wb.kpi_design([GOOD, {**GOOD, "kpi_id": "l", "class": "anomaly"}]).frame
    (line,) = frame[frame["kpi_id"] == ""].to_dict("records")
    assert (line["goal"], line["class"], line["level"]) == ("g", "strategy", "warning")


def test_blanks_that_are_empty_are_asked_for():
    found = steps({"class": "anomaly", "who": "reps", "what": " ", "how_much": 0})
    assert found[~found["filled"]]["blank"].tolist() == [
        "goal", "mode", "to_whom", "about_what", "what", "source",
    ]  # fmt: skip
    assert "lead you astray" in found.set_index("blank").at["mode", "question"]


def test_a_draft_is_no_error():
    design = wb.kpi_design([{"goal": "g"}, {}])
    assert design.headline().startswith("0 of 1 goals")
    assert design.steps("definition 1")["filled"].sum() == 1
    with pytest.raises(ArgumentError, match="kpi_id="):
        design.steps("other")
    with pytest.raises(ArgumentError, match="definitions=3"):
        wb.kpi_design([3])
    assert wb.kpi_design([]).headline() == "No KPI is defined."


def test_the_page_on_definitions_names_every_key_and_its_example_is_sound(tmp_path):
    text = (ROOT / "docs" / "kpi-definitions.md").read_text(encoding="utf-8")
    told = set(re.findall(r"`(\w+)`", text))
    models = [*BY_NAME.values(), Declared, Flag, Kpi]
    keys = {field.alias or name for m in models for name, field in m.model_fields.items()}
    assert sorted((keys | set(BY_NAME)) - told) == []
    (example,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    path = tmp_path / "example.yaml"
    path.write_text(example, encoding="utf-8")
    (found,) = definitions_of(path)
    assert found.versions[0].how_much == 0.6


def test_a_new_working_folder_has_the_shipped_set(tmp_path):
    lay_out(tmp_path / "ours")
    path = tmp_path / "ours" / "parameters" / "kpis" / "sales.yaml"
    assert definitions_of(path) == definitions_of(None)
