"""The log of scores: it only grows, two writers lose nothing, and a drop is told once."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import day
from tests.sales.scores import world
from workbench.errors import ArgumentError
from workbench.ledger import alone
from workbench.sales.score.drops import DROP_COLUMNS, drops_of
from workbench.sales.score.log import COLUMNS, _added, frame_of


@pytest.fixture(scope="module")
def ws():
    return world(120, 10)


def scores(*pairs, key="O1"):
    return frame_of(
        pd.DataFrame(
            [(key, day(at), score) for at, score in pairs],
            columns=["entity_id", "scored_at", "score"],
        )
    )


def test_the_drop_of_a_grade():
    found = drops_of(scores(("06-01", 72), ("06-02", 69), ("06-03", 68)))
    assert list(found.columns) == list(DROP_COLUMNS)
    assert len(found) == 1
    line = found.iloc[0]
    assert line["dropped_at"] == day("06-02")
    assert (line["score_before"], line["score"], line["grade"]) == (72, 69, "B")
    assert line["due_on"] == pd.Timestamp("2026-06-05")


def test_business_days_pass_over_weekends_and_holidays():
    # 2 May 2026 is a Saturday; 4 to 6 May are holidays in Japan.
    log = scores(("05-01", 72), ("05-02", 60))
    assert drops_of(log)["due_on"][0] == pd.Timestamp("2026-05-05")
    assert drops_of(log, business_days=True)["due_on"][0] == pd.Timestamp("2026-05-06")
    due = drops_of(log, business_days=True, holidays="JP")["due_on"][0]
    assert due == pd.Timestamp("2026-05-11")


def test_coming_back_and_falling_again_is_a_second_event_and_other_deals_are_apart():
    log = pd.concat([
        scores(("06-01", 72), ("06-02", 69), ("06-03", 75), ("06-04", 10)),
        scores(("06-05", 80), key="O2"),
        scores(("06-06", 40), key="O3"),
    ], ignore_index=True)  # fmt: skip
    found = drops_of(log)
    assert found["entity_id"].tolist() == ["O1", "O1"]
    moved = drops_of(log, grades={"A": 75, "B": 1})
    assert moved["dropped_at"].tolist() == [day("06-04")]


def test_the_day_is_that_of_the_reporting_zone():
    log = scores(("06-01", 72))
    late = pd.DataFrame(
        {"entity_id": ["O1"], "scored_at": [pd.Timestamp("2026-06-02T20:00Z")], "score": [60]}
    )
    log = pd.concat([log, frame_of(late)], ignore_index=True)
    assert drops_of(log)["due_on"][0] == pd.Timestamp("2026-06-05")
    assert drops_of(log, zone="Asia/Tokyo")["due_on"][0] == pd.Timestamp("2026-06-06")


def test_an_empty_log_has_no_drops():
    assert drops_of(scores()).empty
    assert drops_of(scores(), business_days=True, holidays="JP").empty


@pytest.mark.parametrize("options", [{"days": -1}, {"days": 1.5}, {"grades": {"A": 5}}])
def test_what_cannot_be_asked_of_drops_is_refused(options):
    with pytest.raises(ArgumentError):
        drops_of(scores(("06-01", 72)), **options)


def test_what_stands_in_the_log_stays(tmp_path, ws):
    log = wb.score_log(tmp_path / "scores.jsonl")
    assert log.frame.empty
    first = wb.score(ws)
    assert log.append(first) == len(first.members(scored=True)) > 0
    before = log.path.read_bytes()
    assert log.append(wb.score(ws, learner="trees")) == 0
    assert log.path.read_bytes() == before
    assert log.append(wb.score(ws, as_of="2026-05-31")) > 0
    assert log.path.read_bytes().startswith(before)
    frame = log.frame
    assert list(frame.columns) == list(COLUMNS)
    last = log.last().set_index("entity_id")["score"]
    now = first.members(scored=True).set_index("opportunity_id")["score"]
    assert (last[now.index] == now).all()


def test_the_last_score_of_a_closed_deal_is_frozen(tmp_path, ws):
    log = wb.score_log(tmp_path / "scores.jsonl")
    log.append(wb.score(ws, as_of="2026-04-30"))
    log.append(wb.score(ws))
    closed = set(ws.sql("SELECT opportunity_id FROM opportunities WHERE is_closed")[
        "opportunity_id"])  # fmt: skip
    last = log.last().set_index("entity_id")
    frozen = last[last.index.isin(closed)]
    assert len(frozen)
    assert (frozen["scored_at"] < pd.Timestamp("2026-05-01", tz="UTC")).all()


def _line(key, n):
    return {
        "entity_type": "opportunity", "entity_id": f"{key}-{n}", "model": "m",
        "scored_at": "2026-06-01T00:00:00+00:00", "score": 50, "grade": "B", "chance": 0.5,
        "reasons": {"raises": "日本 \"quotes\"\n", "lowers": ""},
    }  # fmt: skip


def _write(given):
    path, key = given
    for n in range(25):
        with alone(path) as stream:
            _added(stream, [_line(key, n), _line("both", n)])


def test_two_writers_at_once_lose_and_double_nothing(tmp_path):
    path = tmp_path / "scores.jsonl"
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(_write, [(path, "a"), (path, "b")]))
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    keys = [line["entity_id"] for line in lines]
    assert sorted(keys) == sorted(f"{k}-{n}" for k in ("a", "b", "both") for n in range(25))


def test_a_line_that_a_crash_cut_off_is_counted_and_the_next_begins_anew(tmp_path):
    path = tmp_path / "scores.jsonl"
    path.write_text(json.dumps(_line("a", 1)) + '\n{"entity_id": "cut', encoding="utf-8")
    with alone(path) as stream:
        _added(stream, [_line("b", 1)])
    log = wb.score_log(path)
    assert log.frame["entity_id"].tolist() == ["a-1", "b-1"]
    assert log.unreadable == 1
    assert repr(log).endswith("2 scores)")


def test_deals_to_follow_up_are_open_and_named(tmp_path, ws):
    open_now = wb.score(ws).members(scored=True)
    path = tmp_path / "scores.jsonl"
    key = open_now["opportunity_id"].iloc[0]
    with alone(path) as stream:
        for n, score in enumerate((80, 40), 1):
            at = f"2026-06-0{n}T12:00:00+00:00"
            for entity in (key, "O0001"):
                line = {**_line("x", 1), "entity_id": entity, "scored_at": at, "score": score}
                _added(stream, [line])
    block = wb.score_log(path).follow_ups(ws)
    assert block.content["heading"] == "1 open deal fell out of its best grade"
    assert block.content["table"]["rows"][0][0] == open_now["name"].iloc[0]


def test_a_log_needs_a_folder(tmp_path):
    with pytest.raises(ArgumentError, match="path="):
        wb.score_log(tmp_path / "none" / "scores.jsonl")
    with pytest.raises(ArgumentError, match="path="):
        wb.score_log(tmp_path)
    with pytest.raises(ArgumentError, match="model="):
        wb.score_log(tmp_path / "a.jsonl").append(wb.score(world(0, 1)), model=" ")
