"""Annotations: the worked example of the visibility rule, fields, rights, switches, recurrence."""

from __future__ import annotations

from datetime import date

import pytest

import workbench as wb
from tests.results.makers import MAKERS
from tests.worlds.company import HOSTILE, workspace
from workbench.collaboration.annotations import keeping
from workbench.collaboration.annotations.answering import notes_on_visual
from workbench.collaboration.annotations.looking import visual_of
from workbench.collaboration.annotations.model import Annotation, checked
from workbench.collaboration.annotations.recurring import occurrences
from workbench.collaboration.annotations.visibility import Visual, days_shown
from workbench.collaboration.sharing.teams import make_admin
from workbench.collaboration.store import open_store
from workbench.errors import ArgumentError


@pytest.fixture(scope="module")
def ws():
    return workspace()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """An own store for what is called without one."""
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "store.db"))
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    return str(tmp_path / "store.db")


def scoped(on, metrics=(), components=(), **more):
    given = {"title": "t", "on": on, "metrics": metrics, "components": components, **more}
    return checked(given, today=date(2026, 3, 1))


PANEL = Visual(
    "panel", date(2026, 3, 1), date(2026, 3, 31), frozenset({"MQL"}), frozenset({"Enterprise"})
)


@pytest.mark.parametrize(
    ("name", "annotation", "shown"),
    [
        ("a1", scoped("2026-03-05"), True),
        ("a2", scoped("2026-03-05", ["SQL"]), False),
        ("a3", scoped("2026-03-05", ["SQL", "MQL"]), True),
        ("a4", scoped("2026-03-05", ["MQL"], ["Enterprise"]), True),
        ("a5", scoped("2026-03-05", ["MQL"], ["Enterprise", "EMEA"]), False),
        ("a6", scoped("2026-02-25..2026-03-01"), True),
        ("a7", scoped("2026-04-01"), False),
        ("one day before", scoped("2026-02-28"), False),
        ("the last day", scoped("2026-03-31"), True),
    ],
)
def test_the_worked_example_of_the_rule(name, annotation, shown):
    assert bool(days_shown(annotation, PANEL)) is shown


def test_a8_a_calculated_metric_does_not_inherit():
    calculated = Visual("panel", PANEL.since, PANEL.until, frozenset({"MQL/visits"}))
    assert not days_shown(scoped("2026-03-05", ["MQL"]), calculated)
    assert days_shown(scoped("2026-03-05", ["MQL", "MQL/visits"]), calculated)


def test_project_and_view_and_item():
    visual = Visual("v", PANEL.since, PANEL.until, projects=frozenset({"weekly"}), view="demo",
                    components=frozenset({"industry", "industry=Software"}))  # fmt: skip
    assert days_shown(scoped("2026-03-05", project="weekly", view="demo"), visual)
    assert not days_shown(scoped("2026-03-05", project="monthly"), visual)
    assert not days_shown(scoped("2026-03-05", view="other"), visual)
    assert days_shown(scoped("2026-03-05", components=["industry=Software"]), visual)
    assert not days_shown(scoped("2026-03-05", components=["industry=Retail"]), visual)


@pytest.mark.parametrize(
    ("rule", "first", "found"),
    [
        ("FREQ=YEARLY", "2024-03-10", ["2026-03-10"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2025-01-31", ["2026-02-28", "2026-03-31"]),
        ("FREQ=WEEKLY;BYDAY=MO;COUNT=2", "2026-03-02", ["2026-03-02", "2026-03-09"]),
        ("FREQ=DAILY;UNTIL=20260301", "2026-02-27", ["2026-02-27", "2026-02-28", "2026-03-01"]),
        ("", "2026-03-10", ["2026-03-10"]),
    ],
)
def test_recurring_annotations(rule, first, found):
    day = date.fromisoformat(first)
    days = occurrences(day, day, rule, date(2026, 2, 20), date(2026, 3, 31))
    assert [str(begin) for begin, _ in days] == found


def test_a_recurring_range_that_reaches_into_the_period_counts():
    days = occurrences(date(2024, 2, 27), date(2024, 3, 2), "FREQ=YEARLY", date(2026, 3, 1),
                       date(2026, 3, 31))  # fmt: skip
    assert days == [(date(2026, 2, 27), date(2026, 3, 3))]


@pytest.mark.parametrize(
    "bad",
    [
        {"title": " "}, {"title": "x" * 201}, {"title": 3}, {"on": "2026-02-30"}, {"on": ""},
        {"on": "2026-03-02..2026-03-01"}, {"on": "yesterday"}, {"kind": "holliday"},
        {"colour": "red"}, {"metrics": [str(n) for n in range(11)]}, {"metrics": [""]},
        {"components": {"a": 1}}, {"repeats": "FREQ=HOURLY"}, {"repeats": "FREQ=YEARLY;BYMONTH=13"},
        {"repeats": "FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30"}, {"repeats": 3},
        {"description": "x" * 15_001}, {"tags": 3},
    ],
)  # fmt: skip
def test_fields_that_cannot_be_are_refused_before_anything_is_kept(ws, kept, bad):
    with pytest.raises(ArgumentError, match=f"{next(iter(bad))}="):
        wb.annotate(ws, **{"title": "t", "on": "today", **bad})
    assert len(wb.annotations(ws)) == 0


def test_made_listed_changed_removed(ws, kept):
    made = wb.annotate(ws, title=HOSTILE[0], on="2026-01-14", kind="campaign", project="all")
    assert isinstance(made, Annotation)
    assert (made.id, made.by, made.view, made.colour) == ("a1", "mika", ws.name, "#E69F00")
    listed = wb.annotations(ws, period="2026-01")
    assert listed.frame["title"].tolist() == [HOSTILE[0]]
    assert len(wb.annotations(ws, period="2026-02")) == 0
    changed = listed.change("a1", title="Fair", kind="holiday", version=1)
    assert (changed.title, changed.first, changed.colour) == ("Fair", made.first, "#56B4E9")
    with pytest.raises(ArgumentError, match="changed by mika"):
        listed.change("a1", title="Other", version=1)
    assert "&lt;script&gt;" in listed._repr_mimebundle_()["text/html"]
    listed.remove("a1")
    assert repr(wb.annotations(ws)) == "Annotations: 0 annotations"
    with pytest.raises(ArgumentError, match="Allowed"):
        listed.remove("a1")


def test_inside_a_project_an_annotation_is_of_that_project(ws, kept, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "/some/where/review.ipynb")
    assert wb.annotate(ws, title="own", on="2026-01-14").project == "review"
    assert wb.annotate(ws, title="all", on="2026-01-14", project="all").project == ""
    assert len(wb.annotations(ws)) == 2
    monkeypatch.setenv("JPY_SESSION_NAME", "/some/where/other.ipynb")
    assert [one.title for one in wb.annotations(ws)] == ["all"]
    with pytest.raises(ArgumentError, match="belongs to the project review only"):
        wb.annotations(ws).change("a1", title="mine", by="ken")


def test_only_those_who_may_write(ws, kept):
    wb.annotate(ws, title="x", on="2026-01-14")
    assert wb.annotations(ws).permit("ken") == ("ken", "mika")
    with pytest.raises(ArgumentError, match="may read annotations"):
        wb.annotate(ws, title="y", on="2026-01-14", by="someone")
    wb.annotate(ws, title="y", on="2026-01-14", by="ken")
    assert wb.annotations(ws).permit(by="ken") == ()
    wb.annotate(ws, title="z", on="2026-01-14", by="someone")
    make_admin(open_store(), "aoi", by="aoi")
    with pytest.raises(ArgumentError, match="those who may: aoi"):
        wb.annotate(ws, title="w", on="2026-01-14", by="someone")


def test_any_switch_hides(ws, kept, monkeypatch):
    wb.annotate(ws, title="x", on="2026-01-14")
    trend = MAKERS["trend"](("hostile", ws))
    assert [note["mark"] for note in trend.block()["annotations"]] == ["a1"]
    listed = wb.annotations(ws)
    monkeypatch.setenv("WORKBENCH_REPORT", "weekly")
    for level, name in (("visual", "fallout_trend"), ("project", "weekly"), ("user", "mika")):
        listed.switch(level, name, on=False)
        assert trend.block()["annotations"] == []
        listed.switch(level, name, on=True)
        assert len(trend.block()["annotations"]) == 1
    monkeypatch.setenv("WORKBENCH_ANNOTATIONS", "off")
    assert trend.block()["annotations"] == []
    with pytest.raises(ArgumentError, match="level"):
        listed.switch("page", "x", on=False)


def test_what_an_answer_shows_is_read_from_it(ws):
    fallout = visual_of(MAKERS["fallout compare"](("hostile", ws)))
    assert {"lead", HOSTILE[0], "won", "fallout"} <= fallout.metrics
    assert {"Software", "segment:Software", "industry", "industry=Software"} <= fallout.components
    assert (fallout.view, fallout.until) == (ws.name, date(2026, 3, 1))
    by = visual_of(MAKERS["fallout by"](("hostile", ws)))
    assert {"channel", f"channel={HOSTILE[1]}"} <= by.components
    period = visual_of(MAKERS["fallout period"](("hostile", ws)))
    assert (period.since, period.until) == (date(2026, 1, 1), date(2026, 1, 31))


def test_several_on_one_day_stand_in_the_order_of_days_then_of_creation(kept):
    store = open_store()
    for title, on in (("late", "2026-03-09"), ("wide", "2026-03-02..2026-03-20"),
                      ("same", "2026-03-09")):  # fmt: skip
        keeping.keep(store, {"title": title, "on": on}, by="mika", today=date(2026, 3, 1))
    assert [note.title for note in notes_on_visual(store, PANEL)] == ["wide", "late", "same"]


def test_a_store_that_cannot_be_read_stops_no_answer(ws, tmp_path, monkeypatch):
    broken = tmp_path / "broken.db"
    broken.write_text("no database " * 100)
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(broken))
    trend = MAKERS["trend"](("hostile", ws))
    with pytest.warns(UserWarning, match="no store of this workbench"):
        assert trend.block()["annotations"] == []
