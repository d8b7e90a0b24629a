"""Edits lie beside the source: preview, save, what the source says afterwards."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError

ASKED = {"object": "opportunities", "columns": ["opportunity_id", "name", "amount"]}
AT = datetime(2026, 6, 30, tzinfo=UTC)


def world(names=("a", "b", "c"), amounts=(1.0, 2.0, 3.0)):
    rows = [{**deal(f"O{n}", amount=amount), "name": name}
            for n, (name, amount) in enumerate(zip(names, amounts, strict=True))]  # fmt: skip
    return pipeline(rows, as_of="2026-06-30")


def names(ws, path, *filters):
    frame = wb.view(ws, {**ASKED, "filters": filters}, edits=path).frame
    return dict(zip(frame["opportunity_id"], frame["name"], strict=True))


def test_an_edit_is_shown_and_the_source_stays(tmp_path):
    path, ws = tmp_path / "edits.jsonl", world()
    edits = wb.view(ws, ASKED, edits=path).edit("O1", {"name": "new", "amount": 2})
    assert edits.frame[["column", "before", "after", "changes"]].to_numpy().tolist() == [
        ["name", "b", "new", True], ["amount", "2.0", "2.0", False],
    ]  # fmt: skip
    assert not path.exists()
    edits.save(by="U1", at=AT)
    assert names(ws, path) == {"O0": "a", "O1": "new", "O2": "c"}
    assert names(ws, path, ["name", "=", "new"]) == {"O1": "new"}
    assert ws.sql("SELECT name FROM opportunities ORDER BY name")["name"].tolist() == [*"abc"]
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == {
        "object": "opportunities", "key": "O1", "column": "name", "seen": "b", "value": "new",
        "by": "U1", "at": "2026-06-30T00:00:00+00:00",
    }  # fmt: skip


def test_the_file_only_grows_and_the_last_edit_holds(tmp_path):
    path, ws = tmp_path / "edits.jsonl", world()
    path.write_text('{"object":"people","key":"P","column":"name","seen":null,"value":"x",'
                    '"by":"","at":""}')  # fmt: skip
    for value in ("first", None, "third"):
        before = path.read_bytes()
        wb.view(ws, ASKED, edits=path).edit("O1", {"name": value}).save(at=AT)
        assert path.read_bytes().startswith(before)
    assert names(ws, path)["O1"] == "third"
    assert len(path.read_text().splitlines()) == 4


def test_many_rows_are_previewed_before_they_are_edited(tmp_path):
    path, ws = tmp_path / "edits.jsonl", world()
    view = wb.view(ws, {**ASKED, "filters": [["amount", ">", 1]]}, edits=path)
    edits = view.edit_all({"name": "b"})
    assert edits.content["heading"] == "1 value would change"
    assert edits.frame["key"].tolist() == ["O1", "O2"]
    edits.save(at=AT)
    assert names(ws, path) == {"O0": "a", "O1": "b", "O2": "b"}


def test_a_source_that_changed_wins_and_the_edit_is_a_conflict(tmp_path):
    path = tmp_path / "edits.jsonl"
    wb.view(world(), ASKED, edits=path).edit_all({"name": "new"}).save(at=AT)
    later = world(names=("a", "other", "new"))
    view = wb.view(later, ASKED, edits=path)
    assert names(later, path) == {"O0": "new", "O1": "other", "O2": "new"}
    assert dict(zip(view.edits["key"], view.edits["state"], strict=True)) == {
        "O0": "shown", "O1": "conflict", "O2": "settled",
    }  # fmt: skip
    assert view.conflicts[["key", "source", "seen", "value"]].to_numpy().tolist() == [
        ["O1", "other", "b", "new"]
    ]
    assert "1 edit is not shown" in " ".join(view.scope.notes)
    gone = wb.view(world(names=("a", "b"), amounts=(1.0, 2.0)), ASKED, edits=path)
    assert gone.conflicts["state"].tolist() == ["gone"]


def test_hostile_values_stay_values(tmp_path):
    path, ws = tmp_path / "edits.jsonl", world()
    for value in HOSTILE:
        wb.view(ws, ASKED, edits=path).edit("O1", {"name": value}).save(at=AT)
        assert names(ws, path)["O1"] == value


@pytest.mark.parametrize(
    ("key", "values", "said"),
    [
        ("O9", {"name": "x"}, "key='O9'"),
        ("O1", {"nmae": "x"}, "Did you mean 'name'"),
        ("O1", {"opportunity_id": "x"}, "column='opportunity_id'"),
        ("O1", {"amount": "ten"}, "holds DOUBLE"),
        ("O1", {"amount": -1}, "0 or more"),
        ("O1", {"is_closed": "perhaps"}, "holds BOOLEAN"),
        ("O1", {}, "a mapping of column to new value"),
    ],
)
def test_what_cannot_be_edited(tmp_path, key, values, said):
    with pytest.raises(ArgumentError, match=said):
        wb.view(world(), ASKED, edits=tmp_path / "e.jsonl").edit(key, values)


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    path = tmp_path / "edits.jsonl"
    for text in ("not json", "[1]", '{"object": "opportunities"}'):
        path.write_text(f"\n{text}\n")
        with pytest.raises(ArgumentError, match="Line 2 is none"):
            wb.view(world(), ASKED, edits=path)
    with pytest.raises(ArgumentError, match="folder that exists"):
        wb.view(world(), ASKED).edit("O1", {"name": "x"}).save()


def test_a_table_without_one_key_cannot_be_edited():
    view = wb.view(world(), {"object": "stages"})
    with pytest.raises(AbsentError, match="one key column"):
        view.edit("S1", {"purpose": "x"})
