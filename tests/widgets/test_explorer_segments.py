"""Segments of rows in an explorer: whom they mean, a comparison, and another workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import workbench as wb
from tests.widgets.worlds import company
from workbench import shelf
from workbench.vocabulary.kept import save_segment
from workbench.widgets.explorer.finder import Finder


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    return company()


def told(messages: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = [message for message in messages if message["say"] == kind]
    assert len(found) == 1, messages
    return found[0]


@pytest.mark.parametrize(
    "split", [{}, {"by": "industry"}, {"compare": [{"where": {"event": "b"}}]}]
)
@pytest.mark.parametrize("outcome", ["reached", "fell_out", "stopped_here"])
def test_the_segment_of_a_row_means_the_members_of_the_row(world, split, outcome):
    explorer = wb.explore(world, steps=["a", "b"], **split)
    for place, row in explorer.result.table_frame().reset_index().iterrows():
        which = {"rows": [place], "outcome": outcome}
        opened = explorer.heard({"do": "open", **which})
        made = [m for m in explorer.heard({"do": "segment", **which}) if m["say"] == "segment"]
        if not made:  # everybody, or a group that is put together
            assert row["position"] == 0 or row["group"] == "(other)"
            continue
        met = told(explorer.heard({"do": "audience", "yaml": made[0]["yaml"]}), "audience")
        if row["position"] > 0 or outcome == "reached":
            assert met["rows"] == told(opened, "members")["rows"], (dict(row), outcome)


def test_a_segment_of_a_fallout_is_compared_in_the_place_of_the_split(world):
    explorer = wb.explore(world, steps=["a", "b"], by="industry")
    made = told(explorer.heard({"do": "segment", "rows": [2], "outcome": "fell_out"}), "segment")
    told(explorer.heard({"do": "compare", "yaml": made["yaml"]}), "answer")
    assert "by" not in explorer.definition
    assert set(explorer.result.frame["group"]) == {"All accounts", made["name"]}


def test_one_step_of_a_path_is_a_segment_with_its_anchor_and_compared_with_the_rest(world):
    explorer = wb.explore(world, "flow", starts_with="a", dimension="event", columns=3)
    frame = explorer.result.table_frame().reset_index(drop=True)
    place = int(frame.index[(frame["column"] == 1) & (frame["item"] == "b")][0])
    made = told(explorer.heard({"do": "segment", "rows": [place]}), "segment")
    assert [step["label"] for step in yaml.safe_load(made["yaml"])["steps"]] == ["a", "b"]
    told(explorer.heard({"do": "compare", "yaml": made["yaml"]}), "answer")
    segment, rest = explorer.definition["compare"]
    both = [wb.audience(world, segment=one).members()["key"].tolist() for one in (segment, rest)]
    assert not set(both[0]) & set(both[1])
    assert len(both[0]) + len(both[1]) == 40


def test_cells_are_compared_as_steps(world):
    explorer = wb.explore(world, "cohort", inclusion="a", returning="b", granularity="day")
    made = [
        m for place in range(len(explorer.result.table_frame()))
        for m in explorer.heard({"do": "segment", "rows": [place]}) if m["say"] == "segment"
    ]  # fmt: skip
    told(explorer.heard({"do": "compare", "yaml": made[0]["yaml"]}), "answer")
    assert explorer.definition["steps"] == ["a", "b"]
    told(explorer.heard({"do": "undo"}), "answer")
    assert explorer.definition["analysis"] == "cohort"


def test_the_same_is_asked_of_another_workspace_and_one_that_is_gone_changes_nothing(
    world, tmp_path, monkeypatch
):
    folder = tmp_path / "parameters" / "workspaces"
    folder.mkdir(parents=True)
    rows = "opportunity_id,account_id,stage,created_at\n1,X,Open,2026-01-01\n2,Y,Open,2026-01-02\n"
    (tmp_path / "deals.csv").write_text(rows, encoding="utf-8")
    held = {"name": "other", "title": "Other", "root": str(tmp_path),
            "tables": {"opportunities": {"file": "deals.csv"}}}  # fmt: skip
    (folder / "other.yaml").write_text(yaml.safe_dump(held), encoding="utf-8")
    (folder / "broken.yaml").write_text("name: broken\ntables: 7\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    explorer = wb.explore(world, steps=["a"])
    before = explorer.result.headline()
    said = explorer.heard({"do": "workspace", "name": "workspace", "called": "broken"})
    assert told(said, "problem")["sentence"]
    assert told(said, "offer")["offer"]["workspace"] == world.name
    said = explorer.heard({"do": "workspace", "name": "workspace", "called": "other"})
    assert told(said, "cleared")
    assert explorer.result is None
    steps = [{"lines": [{"field": "event", "operator": "=", "values": ["opportunity_created"]}]}]
    told(explorer.heard({"do": "set", "name": "steps", "value": steps}), "answer")
    assert explorer.result.frame["reached"].tolist() == [2, 2]
    explorer.heard({"do": "undo"})
    explorer.heard({"do": "workspace", "name": "workspace", "called": world.name})
    assert explorer.result.headline() == before


def test_what_is_kept_from_a_folder_below_lands_in_the_project(tmp_path, monkeypatch):
    (tmp_path / "parameters").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    path = save_segment({"where": {"event": "a"}}, name="early")
    assert path == Path(tmp_path, "parameters", "segments", "early.yaml")
    assert shelf.definitions("segments")["early"] == path


@pytest.mark.parametrize("typed", ["A", "b", " B "])
def test_words_are_found_in_any_case(world, typed):
    found = Finder(world).find("event", typed)
    assert typed.strip().lower() in [item["value"].lower() for item in found["items"]]
    assert Finder(world).find("event", "no such words")["found"] == 0
