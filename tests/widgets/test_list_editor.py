"""A list by hand without a browser: sorted, filtered, edited beside the source."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import workbench as wb
from workbench.errors import ArgumentError
from workbench.widgets.list_editor.showing import Shown, kept_rows
from workbench.widgets.list_editor.view import script, words

VIEW = {
    "title": "Deals", "object": "opportunities",
    "columns": ["name", "stage", "amount", "expected_close_on"],
    "sort": [{"by": "amount", "order": "desc"}], "board": {"lane": "stage"},
}  # fmt: skip
HOSTILE = "<b>&amp; =1+1"


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    count = 120
    deals = pd.DataFrame(
        {
            "opportunity_id": [f"O{n:03}" for n in range(count)],
            "account_id": [f"A{n % 7}" for n in range(count)],
            "name": [HOSTILE if n == 5 else f"Deal {n}" for n in range(count)],
            "stage": [("Propose", "Qualify", "Close")[n % 3] for n in range(count)],
            "amount": [None if n == 9 else float(n * 1000) for n in range(count)],
            "currency": "EUR",
            "expected_close_on": pd.to_datetime("2026-01-01") + pd.to_timedelta(range(count), "D"),
            "created_at": pd.Timestamp("2025-12-01", tz="UTC"),
        }
    )
    events = pd.DataFrame(
        {"account_id": [f"A{n}" for n in range(7)], "event": "a",
         "occurred_at": pd.Timestamp("2026-01-01", tz="UTC")}
    )  # fmt: skip
    accounts = pd.DataFrame({"account_id": [f"A{n}" for n in range(7)]})
    return wb.from_frames(events=events, accounts=accounts, opportunities=deals)


def shown(messages) -> dict:
    (found,) = [message["shown"] for message in messages if message["say"] == "shown"]
    return found


def test_a_page_of_rows_in_the_order_of_the_view(world):
    editor = wb.edit_view(world, VIEW)
    first = shown(editor.heard({"do": "hello"}))
    assert json.loads(json.dumps(first)) == first
    assert (first["found"], first["total"], first["pages"], len(first["rows"])) == (120, 120, 3, 50)
    assert first["keys"][0] == "O119"
    assert first["editable"] == []
    last = shown(editor.heard({"do": "show", "page": 9}))
    assert (last["page"], len(last["rows"])) == (2, 20)
    assert editor.rows["name"].tolist() == wb.view(world, VIEW).frame["name"].tolist()


def test_sorting_searching_and_filtering_go_together_and_are_text(world):
    editor = wb.edit_view(world, VIEW)
    editor.heard({"do": "show", "sort": "expected_close_on"})
    editor.heard({"do": "show", "filters": {"amount": ">= 100000", "stage": "qual"}})
    found = shown(editor.heard({"do": "show", "search": "DEAL 11"}))
    assert found["keys"] == ["O112", "O115", "O118"]
    assert yaml.safe_load(editor.yaml)["filters"] == {"amount": ">= 100000", "stage": "qual"}
    assert shown(editor.heard({"do": "show", "search": "", "filters": {}}))["found"] == 120
    days = {"expected_close_on": "< 2026-01-04"}
    assert shown(editor.heard({"do": "show", "filters": days}))["found"] == 3


@pytest.mark.parametrize(
    "said",
    [{"sort": "nothing"}, {"filters": {"amount": ">= many"}}, {"filters": {"x": "y"}},
     {"filters": {"expected_close_on": "> soon"}}, {"page": "two"}],
)  # fmt: skip
def test_what_cannot_be_shown_is_a_sentence_and_leaves_the_list(world, said):
    editor = wb.edit_view(world, VIEW)
    (told,) = editor.heard({"do": "show", **said})
    assert told["say"] == "problem"
    assert shown(editor.heard({"do": "hello"}))["found"] == 120


def test_edits_are_previewed_then_kept_beside_the_source(world, tmp_path):
    path = tmp_path / "edits.jsonl"
    editor = wb.edit_view(world, VIEW, edits=path)
    assert shown(editor.heard({"do": "hello"}))["editable"] == VIEW["columns"]
    editor.heard({"do": "edit", "key": "O005", "column": "stage", "value": "Qualify"})
    editor.heard({"do": "edit", "key": "O005", "column": "amount", "value": "77"})
    told = shown(editor.heard({"do": "edit", "key": "O006", "column": "stage", "value": "Close"}))
    assert len(told["pending"]) == len(told["preview"]["rows"]) == 3
    assert not path.exists()
    told = shown(editor.heard({"do": "edit", "key": "O006", "column": "stage", "value": "Propose"}))
    assert len(told["pending"]) == 2
    messages = editor.heard({"do": "save", "by": "mika"})
    assert "2 values" in messages[-1]["sentence"]
    assert len(path.read_text("utf-8").splitlines()) == 2
    now = wb.view(world, VIEW, edits=path).members().set_index("opportunity_id")
    assert (now.loc["O005", "stage"], now.loc["O005", "amount"]) == ("Qualify", 77.0)
    assert wb.view(world, VIEW).members().set_index("opportunity_id").loc["O005", "amount"] == 5000


@pytest.mark.parametrize(
    ("key", "column", "value"),
    [("O005", "amount", "many"), ("O999", "stage", "Close"), ("O005", "owner", "x"),
     ("O005", "opportunity_id", "x")],
)  # fmt: skip
def test_an_edit_that_cannot_be_is_a_sentence(world, tmp_path, key, column, value):
    editor = wb.edit_view(world, VIEW, edits=tmp_path / "edits.jsonl")
    (told,) = editor.heard({"do": "edit", "key": key, "column": column, "value": value})
    assert told["say"] == "problem"
    assert editor.pending == {}


def test_a_card_that_is_moved_is_an_edit_of_its_lane(world, tmp_path):
    editor = wb.edit_view(world, VIEW, edits=tmp_path / "edits.jsonl")
    said = {"do": "edit", "key": "O003", "column": "stage", "value": "Close"}
    board = shown(editor.heard(said))["board"]
    assert {lane["lane"]: lane["count"] for lane in board["lanes"]} == {
        "Propose": 39, "Qualify": 40, "Close": 41,
    }  # fmt: skip
    editor.heard({"do": "discard"})
    assert editor.pending == {}


def test_a_folder_that_is_not_there_is_refused_at_once(world, tmp_path):
    with pytest.raises(ArgumentError, match="edits="):
        wb.edit_view(world, VIEW, edits=tmp_path / "no" / "edits.jsonl")


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["Aa", "ab", "B", ""]), st.integers(0, 9)), max_size=12
    ),
    search=st.sampled_from(["", "a", "B", "9"]), least=st.integers(0, 9), down=st.booleans(),
)  # fmt: skip
def test_rows_are_those_that_a_reader_would_pick(rows, search, least, down):
    frame = pd.DataFrame(rows, columns=["name", "n"]).astype({"name": "str", "n": "int64"})
    texts = frame.astype("str").apply(lambda column: column.str.casefold())
    asked = Shown("n", down, search, {"n": f">= {least}"})
    picked = [
        place for place, (name, n) in enumerate(rows)
        if n >= least and (search.casefold() in name.casefold() or search.casefold() in str(n))
    ]  # fmt: skip
    wanted = sorted(picked, key=lambda place: -rows[place][1] if down else rows[place][1])
    assert kept_rows(texts, frame, asked).tolist() == wanted


def test_the_script_knows_every_word_it_says():
    used = {part.split(",")[0].split(")")[0].split(" ")[0].split(":")[0].split(";")[0].split("}")[0]
            for part in script().split("page.words.")[1:]}  # fmt: skip
    own = {word for word in used if word.isidentifier()} - {"found", "another", "choose"}
    assert own <= set(words()), own - set(words())
    assert "innerHTML" not in script()
