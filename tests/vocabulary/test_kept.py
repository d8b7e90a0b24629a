"""Segments under a name: asked for anywhere, never lost, never written elsewhere."""

from __future__ import annotations

import pytest

import workbench as wb
from workbench.errors import ArgumentError
from workbench.vocabulary.segments import segment_from

WEB = {"name": "Came by web", "scope": "account", "where": {"channel": "web"}}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.shelf.shipped", lambda: tmp_path)
    return tmp_path


def test_a_kept_segment_is_the_same_when_asked_for_by_its_name(here):
    path = wb.save_segment(WEB, name="web")
    assert path == here / "parameters" / "segments" / "web.yaml"
    assert segment_from("web") == segment_from(WEB)
    assert list(wb.saved_segments()["title"]) == ["Came by web"]


def test_a_segment_by_hand_needs_no_name_inside(here):
    folder = here / "parameters" / "segments"
    folder.mkdir(parents=True)
    (folder / "mail.yaml").write_text("scope: account\nwhere: {channel: mail}\n", encoding="utf-8")
    assert segment_from("mail").name == "mail"


def test_another_segment_is_not_replaced_unasked(here):
    wb.save_segment(WEB, name="web")
    wb.save_segment(WEB, name="web")
    other = {**WEB, "where": {"channel": "call"}}
    with pytest.raises(ArgumentError, match="no other segment has"):
        wb.save_segment(other, name="web")
    assert segment_from("web") == segment_from(WEB)
    wb.save_segment(other, name="web", replace=True)
    assert segment_from("web") == segment_from(other)


@pytest.mark.parametrize("name", ["", "../web", "a/b", "a\\b", ".hidden", "x" * 81, 7, None])
def test_a_name_that_is_no_file_is_refused(here, name):
    with pytest.raises(ArgumentError, match="name="):
        wb.save_segment(WEB, name=name)
    assert not list(here.rglob("*"))


def test_an_unknown_name_is_told_with_the_closest(here):
    wb.save_segment(WEB, name="came by web")
    with pytest.raises(ArgumentError, match="Did you mean 'came by web'"):
        segment_from("came by wep")


@pytest.mark.parametrize(("text", "why"), [("where: [", "line 1"), ("- a", "key: value"),
                                           ("wher: {channel: web}", "wher")])  # fmt: skip
def test_a_file_that_holds_no_segment_says_where(here, text, why):
    folder = here / "parameters" / "segments"
    folder.mkdir(parents=True)
    (folder / "odd.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ArgumentError, match=why):
        segment_from("odd")
    assert why in wb.saved_segments()["definition"][0]
