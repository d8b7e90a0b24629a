"""The parameters cell is read without a kernel, and refuses before anything runs."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.reports.notebooks import PARAMETERS, notebook
from workbench.errors import ReportError
from workbench.reports.parameters import check_values, read_assignments, read_parameters

KNOWN = read_parameters(notebook())


def test_names_types_defaults_and_help_are_read():
    assert list(KNOWN) == [line.split(":")[0] for line in PARAMETERS.strip().splitlines()]
    assert KNOWN["top"].annotation == "int"
    assert KNOWN["top"].default == 20
    assert KNOWN["top"].help == "rows in each list"
    assert KNOWN["steps"].default == ["mql", "sql"]
    assert KNOWN["share"].help == ""


def test_agrees_with_papermill_where_papermill_can_read_a_line(tmp_path):
    from papermill import inspect_notebook

    path = tmp_path / "one.ipynb"
    nbformat.write(notebook(), path)
    for name, seen in inspect_notebook(str(path)).items():
        assert KNOWN[name].annotation == seen["inferred_type_name"]
        assert KNOWN[name].help == seen["help"]


def test_texts_with_equals_and_hash_are_read_whole():
    known = read_parameters(notebook(parameters='rule: str = "a = b # c"  # a condition\n'))
    assert known["rule"].default == "a = b # c"
    assert known["rule"].help == "a condition"


def test_a_default_over_several_lines_keeps_its_help():
    known = read_parameters(notebook(parameters="steps: list = [\n  'a',\n  'b',\n]  # in order\n"))
    assert known["steps"].default == ["a", "b"]
    assert known["steps"].help == "in order"


def test_a_default_is_never_run():
    known = read_parameters(notebook(parameters="x: int = __import__('os').system('false')\n"))
    assert known["x"].default == "__import__('os').system('false')"


def test_a_notebook_without_the_cell_knows_nothing():
    assert read_parameters(notebook(parameters="")) == {}
    with pytest.raises(ReportError, match="no cell of the notebook is tagged 'parameters'"):
        check_values({}, {"top": 1}, where="Report x")


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("top=5", 5),
        ("share=1e-3", 0.001),
        ("share=1", 1.0),
        ("strict=yes", True),
        ("strict=False", False),
        ("period=2026-01..2026-06", "2026-01..2026-06"),
        ("period=2026", "2026"),
        ("period=", ""),
        ("as_of=2026-03-31", "2026-03-31"),
        ("steps=a, b", ["a", "b"]),
        ("steps=[a, 'b c']", ["a", "b c"]),
        ("segment=Electronics", "Electronics"),
        ("segment=null", None),
        ("workspace=a=b", "a=b"),
    ],
)
def test_a_value_of_the_command_line_is_read_by_its_annotation(pair: str, value: Any):
    values = check_values(KNOWN, read_assignments(KNOWN, [pair]), where="Report x")
    name = pair.split("=")[0]
    assert values[name] == value
    assert type(values[name]) is type(value)


@pytest.mark.parametrize(
    "pair", ["top=many", "top=1.5", "strict=perhaps", "share=x", "steps={a: 1}"]
)
def test_a_mistyped_value_is_refused_with_its_type(pair: str):
    name, text = pair.split("=", 1)
    with pytest.raises(ReportError) as refused:
        check_values(KNOWN, read_assignments(KNOWN, [pair]), where="Report x")
    assert f"{name}={text!r} is not {KNOWN[name].annotation}" in str(refused.value)


def test_everything_wrong_is_said_at_once_with_what_is_known():
    with pytest.raises(ReportError) as refused:
        check_values(KNOWN, {"tops": 3, "top": "x", "zzz": 1}, where="Report funnel")
    text = str(refused.value)
    assert text.startswith(
        "Report funnel was not run: unknown parameter 'tops', did you mean 'top'?"
    )
    assert "top='x' is not int" in text
    assert "unknown parameter 'zzz'." in text
    assert "  top: int = 20  # rows in each list" in text


def test_a_number_is_no_bool_and_a_bool_no_number():
    for name, value in (("strict", 1), ("top", True), ("period", 2026)):
        with pytest.raises(ReportError, match=name):
            check_values(KNOWN, {name: value}, where="x")


@pytest.mark.parametrize(
    ("mark", "right", "wrong", "allowed"),
    [
        ("duration", "2w", "3dd", "a number with its unit"),
        ("period", "last 3 months", "2026-13", "'2026-Q1'"),
        ("container", "buying_group", "acount", "Did you mean 'account' or"),
        ("date", "2026-03-31", "31.3.2026", "a date such as '2026-06-30'"),
        ("date", "2026-03-31T10:00+09:00", "2026-03-31 25:00", "a date such as '2026-06-30'"),
        ("week | month", "week", "weak", "Did you mean 'week'?"),
    ],
)
def test_a_value_of_the_right_type_can_be_impossible(
    mark: str, right: str, wrong: str, allowed: str
):
    known = read_parameters(notebook(parameters=f'one: str = "{right}"  # [{mark}] of something\n'))
    for value in (right, ""):
        assert check_values(known, {"one": value}, where="x") == {"one": value}
    with pytest.raises(ReportError) as refused:
        check_values(known, {"one": wrong}, where="Report x")
    assert f"Report x was not run: one={wrong!r} cannot be used." in str(refused.value)
    assert allowed in str(refused.value)


def test_every_item_of_a_list_is_looked_at():
    known = read_parameters(notebook(parameters='each: list = ["7d"]  # [duration] lengths\n'))
    assert check_values(known, {"each": ["1d", "2h"]}, where="x") == {"each": ["1d", "2h"]}
    with pytest.raises(ReportError, match="each='2x' cannot be used"):
        check_values(known, {"each": ["1d", "2x"]}, where="x")
    known = read_parameters(notebook(parameters='steps: list = ["a"]  # [step] the funnel\n'))
    assert check_values(known, {"steps": [{"event": "a"}]}, where="x")
    with pytest.raises(ReportError, match="nxt"):
        check_values(known, {"steps": [{"event": "a", "link": "nxt"}]}, where="x")


def test_a_mark_that_stands_for_nothing_is_refused():
    with pytest.raises(ReportError, match=r"one: \[lenght\] is no kind of value. Kinds: container"):
        read_parameters(notebook(parameters='one: str = "x"  # [lenght] of it\n'))
    assert (
        read_parameters(notebook(parameters='one: str = "x"  # a [b] c\n'))["one"].help == "a [b] c"
    )


@pytest.mark.parametrize("path", sorted(Path("notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_the_defaults_of_every_notebook_are_possible(path: Path):
    known = read_parameters(nbformat.read(path, as_version=4))
    defaults = {name: parameter.default for name, parameter in known.items()}
    assert check_values(known, defaults, where="x") == defaults
    marked = {name for name, parameter in known.items() if parameter.help.startswith("[")}
    assert marked >= {"as_of", "period", "container"} & set(known)


def test_a_date_of_yaml_becomes_text():
    assert check_values(KNOWN, {"as_of": dt.date(2026, 3, 31)}, where="x") == {
        "as_of": "2026-03-31"
    }


def test_a_pair_without_equals_is_refused():
    with pytest.raises(ReportError, match="-p top is not key=value"):
        read_assignments(KNOWN, ["top"])


def test_choices_are_checked():
    known = read_parameters(notebook(parameters='grain: Literal["week", "month"] = "month"\n'))
    assert check_values(known, {"grain": "week"}, where="x") == {"grain": "week"}
    with pytest.raises(ReportError, match="grain='year' is not Literal"):
        check_values(known, {"grain": "year"}, where="x")
