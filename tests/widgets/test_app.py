"""The app: its notebook, and that it is refused before anything is served."""

from __future__ import annotations

import subprocess

import pytest

from workbench.errors import WorkbenchError
from workbench.widgets import app
from workbench.widgets.app import serving


def test_the_notebook_opens_the_workspace_where_the_command_was_given(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    book = app.app_notebook("o'urs", data="files", as_of="2026-01-31")
    first = book.cells[0].source
    assert f"os.chdir({str(tmp_path)!r})" in first
    assert """wb.open("o'urs", root='files', as_of='2026-01-31')""" in first
    sources = [cell.source for cell in book.cells]
    assert {"wb.explore(ws)", "wb.edit_canvas(ws)", "wb.edit_segment(ws)"} < set(sources)


def test_a_workspace_that_is_not_there_is_refused_before_anything_is_served(monkeypatch):
    monkeypatch.setattr(subprocess, "Popen", lambda *given, **named: pytest.fail("served"))
    with pytest.raises(WorkbenchError, match="demmo"):
        app.serve_app("demmo")


def test_without_voila_a_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    with pytest.raises(WorkbenchError, match=r"b2b-journey-workbench\[app\]"):
        app.serve_app("demo")
