"""Change of the pipeline: the worked examples, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.sales.pipelines import deal, pipeline
from workbench.errors import AbsentError, ArgumentError, DataError
from workbench.sales.change import counting, pipeline_change

Q1 = "2026-Q1"


def on(text):
    return f"2026-{text}"


def save(key, at, stage, amount, due):
    return (key, at, stage, {"amount": amount, "expected_close_on": on(due)})


# sales-pipeline.md, section 2: P = Q1, t0 01-01, t1 01-31.
SAVES = [
    save("A", "2025-11-01", "S1", 100.0, "03-01"), save("A", "01-10", "S2", 120.0, "03-01"),
    save("B", "2025-11-01", "S1", 200.0, "02-01"), save("B", "01-12", "S1", 200.0, "05-10"),
    save("C", "2025-11-01", "S1", 50.0, "01-20"), save("C", "01-20", "Won", 40.0, "01-20"),
    save("D", "01-05", "S1", 80.0, "03-10"),
    save("E", "2025-11-01", "S1", 300.0, "06-30"), save("E", "01-15", "S1", 300.0, "03-30"),
    save("F", "2025-11-01", "S1", 60.0, "02-20"), save("F", "01-21", "Lost", 60.0, "02-20"),
    save("G", "01-06", "S1", 30.0, "01-25"), save("G", "01-25", "Won", 30.0, "01-25"),
    save("H", "2025-11-01", "S1", 90.0, "03-05"), save("H", "01-22", "S1", 70.0, "12-15"),
]  # fmt: skip
ENDS = {"A": "S2", "C": "Won", "F": "Lost", "G": "Won"}


def rows(saves, **more):
    """The table of deals as their last save leaves them."""
    out: dict[str, dict] = {}
    for key, at, stage, values in saves:
        first = out.get(key, {"created": at})["created"]
        closed = {"closed": at} if stage in ("Won", "Lost") else {}
        out[key] = {"created": first, "stage": stage, **values, **closed}
    return [deal(key, **{**more, **row}) for key, row in out.items()]


def world(saves=SAVES, more=(), table=None, columns=None, **given):
    """A workspace of saves and of deals that have none, known until the end of February."""
    found = rows(saves, **(columns or {})) if table is None else table
    return pipeline([*found, *more], saves, as_of=on("02-28"), **given)


def asked(ws=None, **more):
    given = {"since": on("01-01"), "until": on("01-31"), "period": Q1, **more}
    return pipeline_change(ws or world(), **given)


def test_the_worked_example():
    amounts = asked().bars["amount"]
    assert amounts.to_dict() == {
        "start": 500, "new": 110, "moved_in": 300, "reopened": 0, "increased": 20,
        "decreased": 10, "moved_out": 290, "won": 70, "lost": 60, "deleted": 0, "fx": 0,
        "end": 500,
    }  # fmt: skip


def test_deals_that_moved_beyond_six_months_stand_in_a_line_of_their_own():
    parts = asked().parts.set_index(["bar", "part"])["amount"]
    assert parts["moved_out"].to_dict() == {"within_3_months": 200, "beyond_6_months": 90}
    assert parts["moved_in"].to_dict() == {"within_3_months": 300}
    assert parts["won"].to_dict() == {"start": 40, "new": 30}
    assert list(asked().members("moved_out", part="beyond_6_months")["name"].isna()) == [True]


def test_the_deals_behind_each_bar_add_up_to_it():
    result = asked()
    assert list(result.members("new")["opportunity_id"]) == ["D", "G"]
    assert list(result.members("won")["opportunity_id"]) == ["C", "G"]
    for bar, line in result.bars.iterrows():
        found = result.members(bar)
        assert found["amount"].sum() == line["amount"]
        assert len(found) == line["deals"]
    moved = result.members("moved_out").set_index("opportunity_id").loc["H"]
    assert (moved["amount"], moved["amount_before"], moved["amount_after"]) == (90, 90, 70)


def test_a_sentence_names_both_ends():
    assert asked().headline() == (
        "Open pipeline stayed at 500 (5 deals before, 3 deals now), 2026-01-01..2026-01-31; most "
        "by: moved in, 300 (1 deal)."
    )


def fx_world(policy="close_date"):
    saves = [
        save("o", "2025-12-01", "S1", 10_000.0, "01-31"),
        save("o", "01-15", "S1", 10_000.0, "02-01"),
    ]
    rates = pd.DataFrame(
        {"currency": "EUR", "valid_from": [on("01-01"), on("02-01")], "rate": [0.8, 0.9]}
    )
    settings = {"currency": {"reporting": "USD", "policy": policy}}
    return world(saves, columns={"currency": "EUR"}, settings=settings, fx_rates=rates)


def test_the_effect_of_exchange_rates_stands_apart():
    # b2b-data-model.md, section 4, rule 9.
    bars = asked(fx_world()).bars["effect"]
    assert bars["start"] == 12_500
    assert bars["end"] == 11_111.11
    assert bars["fx"] == -1_388.89
    assert bars[["increased", "decreased", "moved_in", "moved_out"]].eq(0).all()


def test_an_amount_without_a_rate_is_counted_and_never_added():
    saves = [save("o", "2025-12-01", "S1", 10.0, "01-31")]
    settings = {"currency": {"reporting": "USD"}}
    ws = world(saves, columns={"currency": "EUR"}, settings=settings)
    start = asked(ws).bars.loc["start"]
    assert (start["deals"], start["amount"], start["deals_without_rate"]) == (1, 0, 1)


def test_reopened_and_won_again():
    saves = [
        save("r", "2025-10-01", "S1", 10.0, "02-01"),
        save("r", "2025-11-01", "Lost", 10.0, "02-01"), save("r", "01-10", "S2", 15.0, "02-01"),
        save("w", "2025-10-01", "Lost", 7.0, "02-01"), save("w", "01-10", "S2", 7.0, "02-01"),
        save("w", "01-20", "Won", 8.0, "02-01"),
        save("x", "2025-10-01", "Lost", 5.0, "02-01"), save("x", "01-10", "Won", 5.0, "02-01"),
    ]  # fmt: skip
    result = asked(world(saves))
    amounts = result.bars["amount"]
    assert amounts[["start", "reopened", "won", "end"]].tolist() == [0, 23, 8, 15]
    assert "1 deal went between won and lost" in result.explain()


def test_deals_without_history_stand_as_in_the_table_and_are_counted_apart():
    plain = [
        deal("n", created="01-10", amount=5.0, expected_close_on=on("02-01")),
        deal("w", "Won", "2025-12-01", closed="01-20", amount=7.0, expected_close_on=on("02-01")),
        deal("q", "Won", "2025-12-01", amount=9.0),
    ]
    result = asked(world(more=plain))
    bars = result.bars
    assert bars["amount"][["start", "new", "won", "end"]].tolist() == [507, 115, 77, 505]
    assert bars["amount_assumed"][["start", "new", "won"]].tolist() == [7, 0, 7]
    assert "1 deal without a day of creation, or closed without a day" in result.explain()
    full = asked(world(more=plain), history="full")
    assert full.bars["amount"].tolist() == asked().bars["amount"].tolist()


def test_without_any_history_created_and_closed_days_are_enough():
    plain = [deal("o", created="2025-12-01"), deal("w", "Won", "01-05", closed="01-20")]
    result = pipeline_change(pipeline(plain), since=on("01-01"), until=on("01-31"))
    assert result.bars["amount"][["start", "new", "won", "end"]].tolist() == [100, 100, 100, 100]
    assert "These data hold no history" in result.explain()


def test_deleted_deals_by_a_mark_with_a_time():
    gone = {"is_deleted": True, "deleted_at": pd.Timestamp(on("01-15"), tz="UTC")}
    kept = {"is_deleted": False, "deleted_at": pd.NaT}
    table = [{**row, **(gone if row["opportunity_id"] == "A" else kept)} for row in rows(SAVES)]
    bars = asked(world(table=table)).bars["amount"]
    assert (bars["deleted"], bars["increased"], bars["end"]) == (100, 0, 380)


def test_deleted_deals_by_two_exports():
    old = pipeline(
        [deal("A", amount=10.0, owner_id="U"), deal("B", amount=20.0, owner_id="U")],
        as_of=on("01-05"),
    )
    new = pipeline([deal("B", "Won", amount=25.0, closed="01-10"), deal("C", created="01-08")])
    result = pipeline_change(new, earlier=old)
    bars = result.bars["amount"]
    assert bars[["start", "new", "increased", "won", "deleted", "end"]].tolist() == [
        30, 100, 5, 25, 10, 100,
    ]  # fmt: skip
    assert list(result.members("deleted")["opportunity_id"]) == ["A"]


def test_groups_add_up():
    table = [{**r, "type": "x" if r["opportunity_id"] < "F" else None} for r in rows(SAVES)]
    result = asked(world(table=table), by="type")
    frame = result.frame.pivot(index="bar", columns="group", values="effect")
    assert result.groups == ["All deals", "x", "(missing)"]
    assert (frame["x"] + frame["(missing)"]).equals(frame["All deals"].rename(None))
    assert set(result.members("start", group="x")["opportunity_id"]) == {"A", "B", "C"}


def test_what_does_not_add_up_is_refused_with_its_deals():
    result = asked()
    found = result.tables.found
    broken = counting.Fates(**{**found.__dict__, "fx": found.fx + np.eye(8, dtype=np.int64)[0]})
    with pytest.raises(DataError, match="does not add up for 1 deals: A"):
        counting.checked(result.both, broken)
    huge = [save("o", "2025-12-01", "S1", 1e15, "01-31")]
    with pytest.raises(DataError, match=r"amounts of 1 deals are too large .*: o"):
        asked(world(huge))


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"history": "ful"}, "history='ful'.* 'full'"),
        ({"since": "2026-02-30"}, "since"),
        ({"since": on("02-01")}, "a day before the end"),
        ({"earlier": 3}, "earlier=3"),
        ({"period": "2026-Q9"}, "period='2026-Q9'"),
    ],
)
def test_bad_values_are_refused_in_words(given, what):
    with pytest.raises(ArgumentError, match=what):
        asked(**given)


def test_what_the_data_do_not_have_is_absent():
    for given in ({"by": "industri"}, {"where": {"colour": "red"}}):
        with pytest.raises(AbsentError):
            asked(**given)


def test_no_deals_at_all_is_a_sentence():
    result = asked(where={"account_id": "nobody"})
    assert result.headline().startswith("No deal was open in this period")
    assert result.chart().to_dict()


def test_the_end_is_the_open_pipeline_of_that_day():
    for until in ("01-31", "01-15"):
        end = asked(until=on(until)).bars.loc["end"]
        found = wb.pipeline(world(), period=Q1, as_of=on(until))
        pipeline_then = found.frame.iloc[0]
        assert (
            end[["deals", "amount"]].tolist()
            == pipeline_then[["open_deals", "open_amount"]].tolist()
        )
