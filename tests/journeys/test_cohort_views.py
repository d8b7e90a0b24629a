"""Pictures, curves, lists and segments of a cohort table."""

from __future__ import annotations

import pandas as pd
import pytest

import workbench as wb
from tests.worlds import at
from workbench.journeys.cohort.chart import GREENS, REDS, _colour, _luminance, visible
from workbench.results import theme


@pytest.fixture(scope="module")
def ws():
    rows = [
        (f"A{n}", 31 * m + n % 5, "visit") for n in range(9) for m in range(6) if n % (m + 1) < 2
    ]
    frame = pd.DataFrame({"account_id": a, "occurred_at": at(d), "event": e} for a, d, e in rows)
    names = pd.DataFrame(
        {"account_id": [f"A{n}" for n in range(9)], "name": [f"Name {n}" for n in range(9)]}
    )
    return wb.from_frames(events=frame, accounts=names, as_of="2026-06-20")


@pytest.fixture(scope="module")
def table(ws):
    return wb.cohort(ws, inclusion="visit", returning="visit")


def texts_of(chart):
    spec = theme.themed(chart)
    sets = spec.get("datasets", {}).values()
    return [row for rows in sets for row in rows]


def test_cells_hold_their_numbers(table):
    rows = [r for r in texts_of(table.chart()) if r.get("fill")]
    cells = {(r["row"], r["column"]): (r["main"], r["counts"]) for r in rows}
    frame = table.frame.dropna(subset="share")
    for line in frame.itertuples():
        main, count = cells[line.cohort, f"+{line.offset}"]
        assert main == f"{line.share * 100:.0f} %"
        assert count == str(line.returned)
    # What lies beyond the range is not drawn at all.
    assert len(cells) == int(table.grid.exists.sum())


def test_only_unfinished_cells_are_hatched(table):
    rows = [r for r in texts_of(table.chart()) if r.get("fill")]
    hatched = {(r["row"], r["column"]) for r in rows if r["partial"]}
    partial = table.frame[table.frame["partial"]]
    assert hatched == {(r.cohort, f"+{r.offset}") for r in partial.itertuples()}
    assert "Hatched cells" in table.reading()
    finished = wb.cohort(
        table.question.workspace, inclusion="visit", returning="visit", period="2026-01..2026-05"
    )
    assert "Hatched" not in finished.reading()


@pytest.mark.parametrize("ramp", [GREENS, REDS])
@pytest.mark.parametrize("partial", [False, True])
def test_the_text_of_every_cell_can_be_read(ramp, partial):
    for step in range(101):
        fill, ink = _colour(step / 100, 1.0, ramp, partial)
        parts = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (fill, ink)]
        dark, light = sorted(_luminance(p) for p in parts)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (fill, ink)


@pytest.mark.parametrize("ramp", [GREENS, REDS])
def test_more_is_darker_in_grey_print_too(ramp):
    fills = [_colour(step / 50, 1.0, ramp, False)[0] for step in range(51)]
    greys = [_luminance([int(f[i : i + 2], 16) for i in (1, 3, 5)]) for f in fills]
    assert greys == sorted(greys, reverse=True)


def test_the_denominator_stands_in_every_header(ws):
    plain = wb.cohort(ws, inclusion="visit", returning="visit")
    rolling = wb.cohort(ws, inclusion="visit", returning="visit", mode="consecutive")
    lost = wb.cohort(ws, inclusion="visit", returning="visit", mode="consecutive", kind="churn")
    labels = [{c.name: c.label for c in r.shown()} for r in (plain, rolling, lost)]
    assert [n["share"] for n in labels] == [
        "Share of included", "Share of previous column", "Lost, of previous column",
    ]  # fmt: skip
    assert [n["base"] for n in labels] == ["Of included", *["In the previous column"] * 2]
    titles = [str(theme.themed(r.chart())) for r in (plain, rolling, lost)]
    assert all(n["share"] in title for n, title in zip(labels, titles, strict=True))


def test_what_is_shown_can_be_chosen(table):
    only = texts_of(table.chart(show="percent", averages=False))
    assert not [r for r in only if r.get("row") == "Mean of rows"]
    counts = [r for r in texts_of(table.chart(show="count")) if r.get("fill")]
    assert all(r["main"] == r["counts"] for r in counts)
    exact = {r["main"] for r in texts_of(table.chart(whole=False)) if r.get("fill")}
    assert "67 %" in exact or "33 %" in exact


def test_the_newest_rows_and_nearest_columns_are_drawn(ws):
    days = wb.cohort(ws, inclusion="visit", returning="visit", granularity="day", offsets=60)
    rows, offsets = visible(days)
    assert (len(rows), len(offsets)) == (40, 30)
    assert rows[-1] == len(days.grid.labels) - 1
    assert offsets == list(range(1, 31))
    assert "The picture shows 40 of 171 rows" in days.reading()


def test_curves_are_the_cells_as_lines(table):
    curves = table.curves()
    known = table.frame.dropna(subset="share")
    lines = curves.frame[~curves.frame["pooled"]]
    assert lines["share"].tolist() == known["share"].tolist()
    pooled = curves.frame[curves.frame["pooled"]].set_index("offset")["share"]
    averages = table.averages.set_index("offset")["weighted_share"].dropna()
    assert pooled.to_dict() == averages.to_dict()
    assert not [r for r in texts_of(curves.chart()) if r.get("offset") is None and "share" in r]


def test_members_of_several_cells_once_each(table):
    cells = [("2026-01", 1), ("2026-01", 3), ("2026-03", 1)]
    listed = table.members(cells=cells)
    one_by_one = {key for cell in cells for key in table.members(*cell)["key"]}
    assert set(listed["key"]) == one_by_one
    assert listed["key"].is_unique
    assert (listed["name"].str.startswith("Name")).all()
    assert len(table.members()) == table.containers


def test_a_segment_of_cells_serves_other_analyses(ws, table):
    cells = [("2026-01", 2), ("2026-02", 1)]
    segment = table.segment_of(cells, name="came back")
    assert segment.name == "came back"
    same = wb.segment(**segment.plain())
    funnel = wb.fallout(ws, steps=["visit"], segment=same)
    assert set(funnel.members()["key"]) == set(table.members(cells=cells)["key"])
    lost = wb.cohort(ws, inclusion="visit", returning="visit", kind="churn")
    gone = wb.fallout(ws, steps=["visit"], segment=lost.segment_of(cells[0]))
    assert set(gone.members()["key"]) == set(lost.members(*cells[0])["key"])
    pooled = wb.cohort(ws, inclusion="visit", returning="visit", age="own")
    with pytest.raises(wb.WorkbenchError, match="as a list instead"):
        pooled.segment_of(("2026-01", 1))


def test_two_tables_are_compared_cell_by_cell(ws, table):
    later = wb.cohort(ws, inclusion="visit", returning="visit", mode="cumulative")
    found = wb.compare(table, later).frame.set_index("label")
    assert found.loc["2026-01 +1", "difference"] == 0
    assert (found["difference"] >= 0).all()


def test_key_figures_name_their_denominator(table):
    figures = table.key_figures().content["figures"]
    assert figures[0]["value"] == str(table.containers)
    assert "Share of included, +1" in figures[1]["label"]
    assert " of " in figures[1]["detail"]
