"""The other figures of a change, and deals that flow between people, teams and periods."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.sales.pipelines import deal, pipeline
from tests.sales.test_change import asked, on, rows, save, world
from workbench.errors import AbsentError, ArgumentError
from workbench.sales.change import pipeline_change

USERS = pd.DataFrame(
    {
        "user_id": ["M", "R1", "R2", "X"],
        "name": ["Mia", "Rob", "Rob", "Xi"],
        "manager_id": [None, "M", "M", None],
    }
)


def owned(key, at, owner, amount, due="02-01", stage="S1"):
    return (key, at, stage, {"amount": amount, "expected_close_on": on(due), "owner_id": owner})


# Handed over; handed over and grown; left the team; moved to another quarter; out of the year;
# newly created; taken over from outside; won after it was handed over.
SAVES = [
    owned("a", "2025-12-01", "R1", 10.0), owned("a", "01-10", "R2", 10.0),
    owned("b", "2025-12-01", "R1", 20.0), owned("b", "01-10", "R2", 25.0),
    owned("c", "2025-12-01", "R1", 40.0), owned("c", "01-10", "X", 40.0),
    owned("d", "2025-12-01", "R2", 80.0), owned("d", "01-10", "R2", 80.0, "05-01"),
    owned("e", "2025-12-01", "R2", 160.0),
    ("e", "01-11", "S1", {"amount": 160.0, "expected_close_on": "2027-05-01", "owner_id": "R2"}),
    owned("f", "01-12", "R1", 320.0),
    owned("g", "2025-12-01", "X", 640.0), owned("g", "01-10", "R1", 640.0),
    owned("h", "2025-12-01", "R1", 1280.0), owned("h", "01-10", "R2", 1280.0),
    owned("h", "01-20", "R2", 1280.0, stage="Won"),
]  # fmt: skip


def flow(**given):
    return asked(world(SAVES, users=USERS)).flow(**given)


def amounts(result, scope, level="person"):
    lines = result.frame.query("scope == @scope and level == @level")
    return lines.set_index("category")["amount"].to_dict()


def test_a_move_inside_a_team_is_pushed_pulled_and_nothing_for_the_manager():
    result = flow()
    rob, other, mia = (amounts(result, s, lv) for s, lv in (("R1", "person"), ("R2", "person"),
                                                             ("M", "team")))  # fmt: skip
    # R1 hands over a, b, h to R2 and c to X.
    assert rob == {"start": 1350, "new": 320, "pulled": 640, "pushed": 1350, "removed": 0,
                   "changed": 0, "won": 0, "lost": 0, "end": 960}  # fmt: skip
    # d goes to another quarter of the year, e out of it.
    assert other == {"start": 240, "new": 0, "pulled": 1315, "pushed": 80, "removed": 160,
                     "changed": 0, "won": 1280, "lost": 0, "end": 35}  # fmt: skip
    # Only c, d, e leave the team; g comes from X.
    assert mia == {"start": 1590, "new": 320, "pulled": 640, "pushed": 120, "removed": 160,
                   "changed": 5, "won": 1280, "lost": 0, "end": 995}  # fmt: skip


def test_outside_of_the_hierarchy_deals_are_new_or_removed():
    mia = amounts(flow(top="M"), "M", "team")
    assert (mia["new"], mia["pulled"]) == (960, 0)
    assert (mia["pushed"], mia["removed"]) == (80, 200)
    assert "X" not in set(flow(top="M").frame["scope"])


def test_every_scope_adds_up_and_opens():
    result = flow()
    for (scope, level), part in result.frame.groupby(["scope", "level"]):
        effect = part.set_index("category")["effect"]
        assert effect.drop("end").sum() == effect["end"]
        for line in part.itertuples():
            found = result.members(scope, line.category, level=level)
            assert found["amount"].sum() == line.amount
            assert len(found) == line.deals
    assert set(result.table_frame()["name"]) == {"Mia", "Rob (R1)", "Rob (R2)", "Xi"}
    assert result.headline() == "5 of 8 deals of this period changed hands."


def test_a_wider_forecast_pushes_what_else_is_removed():
    wide = amounts(flow(within="2026..2027"), "R2")
    assert (wide["pushed"], wide["removed"]) == (240, 0)


def test_without_earlier_owners_it_says_so():
    result = asked(world(columns={"owner_id": "R1"})).flow()
    assert "hold no earlier owners" in result.headline()
    assert amounts(result, "R1")["pushed"] == 290
    with pytest.raises(AbsentError, match="owner_id"):
        asked().flow()


def test_bad_values_of_the_flow():
    for given in ({"top": "nobody"}, {"within": "2026-13"}):
        with pytest.raises(ArgumentError):
            flow(**given)
    for scope, category in (("R9", "won"), ("R1", "gained")):
        with pytest.raises(ArgumentError):
            flow().members(scope, category)


# sales-pipeline.md, section 2, forecast test: 100, 50, 20, 30, 40, 10.
FORECAST = {"Closed": 100.0, "Commit": 50.0, "MostLikely": 20.0, "Best Case": 30.0,
            "Pipeline": 40.0, "Omitted": 10.0}  # fmt: skip


def forecast_world():
    table = [
        deal(name, "Won" if name == "Closed" else "S1", "2025-12-01", amount=amount,
             forecast_category=name, expected_close_on=on("02-01"),
             **({"closed": "01-20"} if name == "Closed" else {}))
        for name, amount in FORECAST.items()
    ]  # fmt: skip
    return pipeline(table, as_of=on("01-31"))


def test_the_worked_example_of_forecasts():
    change = pipeline_change(forecast_world(), since=on("01-10"), period="2026-Q1")
    after = change.categories().frame.set_index("measure")["amount_after"]
    assert after.to_dict() == {
        "total": 250, "closed_won": 100, "commit": 150, "most_likely": 170, "best_case": 200,
        "open_pipeline": 140, "closed_lost": 0,
    }  # fmt: skip
    single = change.categories(rollup="single").frame.set_index("measure")["amount_after"]
    assert single[["commit", "most_likely", "best_case", "open_pipeline"]].tolist() == [
        50, 20, 30, 40,
    ]  # fmt: skip


def test_figures_open_at_both_instants():
    result = asked().categories()
    for line in result.frame.itertuples():
        for at, amount in (("start", line.amount_before), ("end", line.amount_after)):
            assert result.members(line.measure, at=at)["amount"].sum() == amount
    with pytest.raises(ArgumentError, match="rollup='both'"):
        asked().categories(rollup="both")
    for given in ({"measure": "commits"}, {"at": "now"}):
        with pytest.raises(ArgumentError):
            result.members(**{"measure": "total", **given})


def test_categories_are_read_in_any_spelling():
    saves = [save("o", "2025-12-01", "S1", 5.0, "02-01")]
    table = [{**row, "forecast_category": "most likely"} for row in rows(saves)]
    frame = asked(world(saves, table=table)).categories().frame.set_index("measure")
    assert frame.loc["most_likely", "deals_after"] == 1
    assert "no forecast category" not in asked(world(saves, table=table)).categories().reading()
