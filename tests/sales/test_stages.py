"""Stages: design checks, where deals stand, how long they stay, what becomes of them."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import STAGES, deal, pipeline, stage_table
from tests.sales.test_history import SAVES
from workbench.errors import AbsentError, ArgumentError

WORDS = {"purpose": "why", "exit_criteria": "what must be true"}
SOUND = [
    {"stage": "S1", "sort": 1, "kind": "open", "default_probability": 0.1, **WORDS},
    {"stage": "S2", "sort": 2, "kind": "open", "default_probability": 0.3, **WORDS},
    {"stage": "S3", "sort": 3, "kind": "open", "default_probability": 0.3, **WORDS},
    {"stage": "Won", "sort": 4, "kind": "won", "default_probability": 1.0},
    {"stage": "Lost", "sort": 5, "kind": "lost", "default_probability": 0.0},
]


def designed(*changes, without=()):
    """The sound catalogue with some lines changed: (line, column, value)."""
    lines = [dict(line) for n, line in enumerate(SOUND) if n not in without]
    for line, column, value in changes:
        lines[line][column] = value
    return wb.stage_design(lines)


def line(result, stage):
    return result.frame.set_index("stage").loc[stage]


def test_a_sound_catalogue_has_no_findings():
    assert designed().empty


def test_the_worked_example_of_design():
    found = designed((1, "exit_criteria", None), (2, "default_probability", 0.2))
    assert list(found["level"]) == ["warning", "warning"]
    assert dict(zip(found["code"], found["stage"], strict=True)) == {
        "no_words": "S2", "chance_falls": "S3",
    }  # fmt: skip
    assert "falls from S2 (30 %) to S3 (20 %)" in found["problem"].iloc[1]


@pytest.mark.parametrize(
    ("changes", "without", "level", "code"),
    [
        ([(1, "stage", "S1")], (), "error", "twice"),
        ([(1, "stage", " ")], (), "error", "no_name"),
        ([(1, "sort", 1)], (), "error", "same_order"),
        ([(4, "sort", 7)], (), "note", "gap_in_order"),
        ([(1, "sort", None)], (), "warning", "no_order"),
        ([(3, "kind", "gewonnen")], (), "error", "kind"),
        ([], (3,), "error", "no_won"),
        ([], (4,), "error", "no_lost"),
        ([(0, "purpose", "  ")], (), "warning", "no_words"),
        ([(3, "default_probability", 0.9)], (), "error", "chance"),
        ([(4, "default_probability", 0.1)], (), "error", "chance"),
        ([(0, "default_probability", 10)], (), "error", "chance"),
        ([(3, "forecast_category", "Commit")], (), "warning", "category"),
        ([(4, "forecast_category", "Closed")], (), "warning", "category"),
        ([(0, "forecast_category", "Hope")], (), "warning", "category"),
    ],
)
def test_each_check_of_the_design(changes, without, level, code):
    found = designed(*changes, without=without)
    assert (level, code) in set(zip(found["level"], found["code"], strict=True))


@pytest.mark.parametrize(("extra", "level"), [(3, None), (4, "note"), (5, "note"), (6, "warning")])
def test_too_many_stages(extra, level):
    more = [{**SOUND[2], "stage": f"X{n}", "sort": 10 + n} for n in range(extra)]
    found = wb.stage_design([*SOUND, *more])
    levels = list(found.loc[found["code"] == "many_stages", "level"])
    assert levels == ([level] if level else [])


def test_written_categories_need_no_exact_spelling():
    assert designed((0, "forecast_category", "best case"), (3, "forecast_category", "CLOSED")).empty


def test_templates_are_catalogues_without_errors():
    for name, frame in wb.stage_templates().items():
        found = wb.stage_design(name)
        assert not (found["level"] == "error").any()
        opened = wb.from_frames(
            stages=frame, opportunities=pd.DataFrame([deal("o1", frame["stage"].iloc[1])])
        )
        assert len(wb.stages(opened).frame) >= len(frame)
    assert list(wb.stage_templates()["salesforce"]["default_probability"]) == [
        0.1, 0.1, 0.2, 0.5, 0.6, 0.7, 0.75, 0.9, 1, 0,
    ]  # fmt: skip


@pytest.mark.parametrize("value", [3, [1], "sales force", [{"stages": "S1"}]])
def test_a_catalogue_that_is_none_is_refused(value):
    with pytest.raises(ArgumentError):
        wb.stage_design(value)


def test_the_worked_example_of_lengths():
    found = wb.stages(pipeline([deal("o1", "Won", closed="02-01")], SAVES))
    s1, s2 = line(found, "S1"), line(found, "S2")
    assert (s1.visits, s1.revisited, s1.latest_days_median, s1.cumulative_days_median) == (
        2, 1, 5, 15,
    )  # fmt: skip
    assert (s2.visits, s2.latest_days_median, s2.cumulative_days_median) == (2, 12, 16)
    assert (s1.won, s1.lost, s1.share_won) == (1, 0, 1)
    assert s1.latest_days_q1 == s1.latest_days_q3 == 5


MOVES = [("o1", "06-01", "S1"), ("o1", "06-08", "S3"), ("o1", "06-10", "S1")]


@pytest.mark.parametrize(("as_of", "days", "stalls"), [("06-19", 9, 0), ("06-20", 10, 1)])
def test_the_worked_example_of_stalling(as_of, days, stalls):
    ws = pipeline([deal("o1", "S1", "06-01")], MOVES, as_of=f"2026-{as_of}")
    found = wb.stages(ws)
    s1 = line(found, "S1")
    assert (s1.median_days_in_stage, s1.max_days, s1.stalled) == (days, 9, stalls)
    assert line(found, "S2").implied == 1
    assert len(found.members("S1", "stalled")) == stalls


def test_an_earlier_look_does_not_know_the_end():
    ws = pipeline([deal("o1", "Won", "06-01", closed="06-20")], [*MOVES, ("o1", "06-20", "Won")])
    assert line(wb.stages(ws), "Won").deals == 1
    before = wb.stages(ws, as_of="2026-06-19")
    assert (line(before, "S1").deals, line(before, "Won").deals) == (1, 0)
    assert before.definition["as_of"] == "2026-06-19"
    assert line(before, "S1").still_open == 1


def won_after(days):
    """Won deals that stayed so many days in S2."""
    deals, saves = [], []
    for n, length in enumerate(days):
        key = f"w{n:02d}"
        deals.append(deal(key, "Won", closed="12-31"))
        begin = pd.Timestamp("2026-01-01")
        end = begin + pd.Timedelta(days=length)
        saves += [(key, f"{begin:%Y-%m-%d}", "S2"), (key, f"{end:%Y-%m-%d}", "Won")]
    return deals, saves


@pytest.mark.parametrize(("n", "limit", "source"), [(19, None, ""), (20, 15, "derived")])
def test_the_usual_stay_is_derived_from_twenty_won_deals(n, limit, source):
    deals, saves = won_after(range(1, n + 1))
    found = line(wb.stages(pipeline(deals, saves)), "S2")
    # 75th percentile of 1..20 is 15.25
    assert (found.max_days if limit else None) == limit
    assert (found.max_days_source, found.max_days_rests_on) == (source, n)


def test_the_usual_stay_does_not_depend_on_the_filter():
    deals, saves = won_after(range(1, 25))
    deals.append(deal("x", "S2", owner_id="U1"))
    ws = pipeline(deals, [*saves, ("x", "01-01", "S2")])
    own = wb.stages(ws, where={"owner_id": "U1"}, period="2026-02")
    assert line(own, "S2").max_days == line(wb.stages(ws), "S2").max_days == 18


def test_what_became_of_deals_and_open_ones_apart():
    deals = [deal("a", "Won", closed="03-01"), deal("b", "Lost", closed="03-01"), deal("c", "S2"),
             deal("d", "Won", closed="03-01")]  # fmt: skip
    saves = [(k, "01-01", "S1") for k in "abcd"] + [("a", "02-01", "S2"), ("c", "02-01", "S2")]
    saves += [("a", "03-01", "Won"), ("b", "03-01", "Lost"), ("d", "03-01", "Won")]
    s1 = line(wb.stages(pipeline(deals, saves)), "S1")
    assert (s1.entered, s1.won, s1.lost, s1.still_open, s1.decided) == (4, 2, 1, 1, 3)
    assert s1.share_won == pytest.approx(2 / 3)
    assert (s1.share_won_low, s1.share_won_high) == pytest.approx((0.2077, 0.9385), abs=1e-4)


def test_probabilities_of_the_stage_and_of_the_deals():
    deals = [deal("a", "S1", probability=0.1), deal("b", "S1", probability=0.5), deal("c", "S1")]
    s1 = line(wb.stages(pipeline(deals)), "S1")
    assert (s1.default_probability, s1.with_probability, s1.probability_differs) == (0.1, 2, 1)
    assert s1.mean_probability == pytest.approx(0.3)


def test_a_deal_that_went_to_another_pipeline_is_apart():
    table = pd.concat([stage_table().assign(pipeline=p) for p in ("A", "B")])
    deals = pd.DataFrame([deal("a", "Won", closed="03-01", pipeline="B")])
    saves = pd.DataFrame(
        {"history_id": ["1", "2", "3"], "opportunity_id": "a", "pipeline": ["A", "B", "B"],
         "changed_at": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-03-01"], utc=True),
         "stage": ["S1", "S1", "Won"]}
    )  # fmt: skip
    ws = wb.from_frames(opportunities=deals, opportunity_history=saves, stages=table)
    found = wb.stages(ws)
    moves = wb.stage_moves(ws).frame
    assert moves[["pipeline", "to_pipeline", "move"]].to_numpy().tolist() == [
        ["A", "A", "start"], ["A", "B", "transfer"], ["B", "B", "close"],
    ]  # fmt: skip
    lines = found.frame.set_index(["pipeline", "stage"])
    assert lines.loc[("A", "S1"), ["moved_out", "won", "decided"]].tolist() == [1, 0, 0]
    assert lines.loc[("B", "S1"), ["moved_out", "won", "decided"]].tolist() == [0, 1, 1]


def test_without_history_the_rest_works():
    ws = pipeline([deal("a", "S1", amount=5.0), deal("b", "S1", amount=None)], stages=STAGES)
    found = wb.stages(ws)
    s1 = line(found, "S1")
    assert (s1.deals, s1.amount, s1.without_amount, s1.entered, s1.history_absent) == (
        2, 5, 1, 0, 2,
    )  # fmt: skip
    assert "no history" in " ".join(found.scope.notes)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality": "good"}, {"quality": []}, {"period": "soon"}, {"as_of": "soon"},
        {"where": {"amounts": 1}}, {"where": 3},
    ],
)  # fmt: skip
def test_what_is_not_allowed_is_refused(wrong):
    with pytest.raises(ArgumentError):
        wb.stages(pipeline([deal("a")]), **wrong)


def test_an_unknown_pipeline_and_missing_deals_are_named():
    with pytest.raises(AbsentError, match="pipeline"):
        wb.stages(pipeline([deal("a")]), pipeline="X")
    with pytest.raises(ArgumentError, match="S1"):
        wb.stages(pipeline([deal("a")])).members("S11")
