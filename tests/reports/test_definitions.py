"""Report files: what they may say, where they are found, how a matrix becomes pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reports.notebooks import notebook, write
from workbench.errors import ReportError
from workbench.reports.definitions import Request, plan_report


@pytest.fixture
def reports(folder: Path) -> Path:
    """The folder of report files, beside a notebook named mini."""
    write(folder, "mini", notebook("# How are things?"))
    path = folder / "parameters" / "reports"
    path.mkdir(parents=True)
    return path


def say(reports: Path, text: str, name: str = "one") -> None:
    """Write a report file."""
    (reports / f"{name}.yaml").write_text(text, encoding="utf-8")


def test_values_of_the_command_line_stand_above_those_of_the_file(reports):
    say(reports, "notebook: mini\nworkspace: a\nparameters: {top: 3, period: 2025-01..2025-06}\n")
    (plan,) = plan_report("one", Request(workspace="b", assignments=["top=4"]))
    assert plan.values == {"workspace": "b", "top": 4, "period": "2025-01..2025-06"}
    assert plan.parameters["share"] == 0.5


def test_a_notebook_runs_without_a_file(reports):
    (plan,) = plan_report("mini", Request())
    assert (plan.name, plan.values) == ("mini", {})


def test_a_file_is_found_by_its_path_and_a_notebook_beside_it(reports):
    other = reports.parent / "elsewhere"
    write(other, "near", notebook())
    (other / "x.yaml").write_text("notebook: notebooks/near.ipynb\n")
    (plan,) = plan_report(str(other / "x.yaml"), Request())
    assert plan.notebook.stem == "near"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("notebok: mini\n", "unknown key notebok, did you mean notebook?"),
        ("title: x\n", "the key notebook is missing"),
        (
            "notebook: mini\nparameters: [1]\n",
            "parameters: [1] cannot be used, a mapping is needed",
        ),
        ("notebook: mini\nmatrix: {top: []}\n", "a list under matrix is empty"),
        ("notebook: mini\nmatrix: {tops: [1]}\n", "unknown parameter 'tops', did you mean 'top'?"),
        ("notebook: mini\nmatrix: {top: [1, x]}\n", "top='x' is not int"),
        ("notebook: [\n", "not valid YAML in line"),
        ("", "holds no `key: value` lines"),
        ("notebook: minni\n", "No notebook is called 'minni'. Did you mean 'mini'?"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(reports, text, said):
    say(reports, text)
    with pytest.raises(ReportError) as refused:
        plan_report("one", Request())
    assert said in str(refused.value)


def test_an_unknown_report_names_the_known_ones(reports):
    say(reports, "notebook: mini\n", "funnel")
    with pytest.raises(ReportError, match=r"Did you mean 'funnel'\?.*funnel, mini"):
        plan_report("funel", Request())


def test_a_file_that_is_no_notebook_is_refused(reports):
    (reports.parents[1] / "notebooks" / "odd.ipynb").write_text('{"cells": 3}')
    with pytest.raises(ReportError, match=r"odd\.ipynb is not a notebook"):
        plan_report("odd", Request())


def test_a_matrix_makes_one_page_a_value(reports):
    say(
        reports,
        "notebook: mini\ntitle: T\nmatrix: {segment: [Auto, 自動車, 'a/b', 'a b'], top: [1, 2]}\n",
    )
    plans = plan_report("one", Request())
    assert len(plans) == len({plan.name for plan in plans}) == 8
    assert plans[0].name == "one--auto-1"
    assert plans[2].name == "one--自動車-1"
    assert plans[6].name == "one--a-b-1-2"
    assert plans[0].title == "T — Auto · 1"
    assert plans[0].values == {"segment": "Auto", "top": 1}
    assert {plan.part_of for plan in plans} == {"one"}


def test_a_value_on_the_command_line_leaves_one_page(reports):
    say(reports, "notebook: mini\nmatrix: {segment: [A, B]}\n")
    (plan,) = plan_report("one", Request(assignments=["segment=C"]))
    assert (plan.name, plan.part_of, plan.values) == ("one", "", {"segment": "C"})


def test_a_matrix_that_is_too_large_is_refused(reports):
    say(reports, f"notebook: mini\nmatrix: {{top: {list(range(201))}}}\n")
    with pytest.raises(ReportError, match="makes 201 pages, at most 200"):
        plan_report("one", Request())
