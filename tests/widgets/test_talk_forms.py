"""The forms of annotations and comments, pressed as somebody would press them."""

from __future__ import annotations

from datetime import date

import pytest

import workbench as wb
from tests.results.makers import MAKERS
from tests.worlds.company import HOSTILE, workspace


@pytest.fixture(scope="module")
def ws():
    return workspace()


@pytest.fixture(scope="module")
def fallout(ws):
    return MAKERS["fallout"](("hostile", ws))


@pytest.fixture(autouse=True)
def own_store(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "store.db"))
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    monkeypatch.setenv("JPY_SESSION_NAME", "review.ipynb")


def test_an_annotation_by_hand(ws, fallout):
    form = wb.write_annotation(ws, on=fallout)
    assert (form.first.value, form.last.value) == (date(2026, 1, 1), date(2026, 3, 1))
    form.keep()
    assert "role='alert'" in form._said.value
    form.title.value = HOSTILE[0]
    form.first.value = form.last.value = date(2026, 1, 14)
    form._metric.value = "won"
    form.keep()
    assert (form.kept.metrics, form.kept.project, form.title.value) == (("won",), "review", "")
    [line] = form._list.children
    assert "<script" not in line.children[1].value
    assert len(wb.annotations(ws)) == 1
    line.children[0].click()
    assert len(wb.annotations(ws)) == 0
    form.first.value = None
    form.keep()
    assert "A day is missing." in form._said.value


def test_a_comment_by_hand(ws, fallout):
    form = wb.write_comment(ws, on=fallout)
    form.text.value = "@nobody"
    form.keep()
    assert "Nobody here" in form._said.value
    assert form.text.value == "@nobody"
    form.text.value = HOSTILE[0]
    form.row.value = form.row.options[2][1]
    form.keep()
    assert form.kept.anchor.visual == "fallout"
    assert form.kept.anchor.value
    assert "<script" not in form._list.value
    form.text.value = "because"
    form.quote.value = True
    form.reply()
    assert form.kept.quote.startswith("mika: ")
    form.thread.value = "c1"
    form._act("like")
    form.edit()
    form.text.value = "changed"
    form.keep()
    [first] = wb.comments(ws).threads
    assert (first.text, first.likes, len(first.replies)) == ("changed", ("mika",), 1)
    form._act("delete")
    assert wb.comments(ws).threads == []
    assert form._list.value == ""


def test_a_comment_needs_a_report(ws, monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME")
    with pytest.raises(wb.WorkbenchError, match="the name of a report"):
        wb.write_comment(ws)
    assert wb.write_comment(ws, project="weekly").widget
