"""What changed since the last run that asked the same."""

from __future__ import annotations

from datetime import timedelta

import pytest
from bs4 import BeautifulSoup

from tests.reports.kept import figures, finding, header, keep
from workbench.reports.cells import Failure
from workbench.reports.changes import change_in_words, last_comparable
from workbench.results import measured
from workbench.results.intervals import difference

DAY = timedelta(days=1)


def words(before, after) -> str:
    """The change between two measured figures."""
    return change_in_words(before["raw"], after["raw"])[0]


def changes(run) -> list[str]:
    """Changes of the three key figures of a run."""
    return [figure["change"] for figure in run.facts["figures"]]


def test_a_difference_of_shares_has_newcombes_interval():
    # By hand: Wilson 62/540 = 9.06–14.45 %, 90/540 = 13.76–20.04 %; the squares of the distances to
    # the ends that face each other add up.
    found = difference(90, 540, 62, 540)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0103, 0.0934)
    assert words(measured.share(62, 540), measured.share(90, 540)) == (
        "+5.2 points (95 %: +1.0 to +9.3)"
    )
    assert words(measured.share(62, 540), measured.share(64, 540)) == (
        "no clear change, +0.4 points (95 %: −3.5 to +4.2)"
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (measured.count(540), measured.count(600), "+60 (+11 %)"),
        (measured.count(0), measured.count(4), "+4"),
        (measured.count(5), measured.count(5), "unchanged"),
        (measured.money(1e6, "EUR"), measured.money(9e5, "EUR"), "−EUR 100 k (−10 %)"),
        (measured.money(1e6, "EUR"), measured.money(1e6, "JPY"), ""),
        (measured.days(10), measured.days(12), "+2.0 days"),
        (measured.rate(0.5), measured.rate(0.52), "+2.0 points"),
        (measured.points(0.01), measured.points(0.03), "+2.0 points"),
        (measured.number(1.5), measured.number(1.25), "−0.25"),
        (measured.number(None), measured.number(1), ""),
        (measured.share(1, 0), measured.share(1, 2), ""),
        (measured.count(1), measured.days(1), ""),
        ({"raw": None}, measured.days(1), ""),
    ],
)
def test_a_change_is_said_in_the_unit_of_its_figure(before, after, said):
    assert words(before, after) == said


def test_the_first_run_has_nothing_to_compare_with(tmp_path):
    run = keep(tmp_path)
    assert changes(run) == ["", "", ""]
    assert run.facts["since"] == {}
    assert not BeautifulSoup(run.page.read_text(), "html.parser").select(".since")


def test_a_later_run_says_what_changed_since_which_day_and_whether_data_did(tmp_path):
    first = keep(tmp_path)
    run = keep(
        tmp_path, header("2026-03-08", rows=812, digest="bb"), figures(90, 560, 1.5e6), finding(),
        after=7 * DAY,
    )  # fmt: skip
    assert changes(run) == [
        "+4.6 points (95 %: +0.5 to +8.7) since 2026-03-01",
        "+20 (+3.7 %) since 2026-03-01",
        "+EUR 500 k (+50 %) since 2026-03-01",
    ]
    assert run.facts["since"]["run"] == first.run
    soup = BeautifulSoup(run.page.read_text(), "html.parser")
    assert [tag.text for tag in soup.select(".figure .change")] == changes(run)
    said = soup.select_one(".since").text
    assert "The definitions are the same." in said
    assert "The data changed: accounts 800 → 812 rows." in said
    assert "Newcombe" in said


def test_another_notebook_or_definition_is_said(tmp_path, monkeypatch):
    files = {"kpis/s.yaml": "1", "views/v.yaml": "1"}
    monkeypatch.setattr("workbench.reports.about.definition_files", lambda _: dict(files))
    keep(tmp_path)
    files["kpis/s.yaml"] = "2"
    run = keep(tmp_path, after=DAY, code="answer(ws, matured=True)")
    said = run.facts["since"]["sentence"]
    assert "The definitions changed: the code of mini.ipynb, kpis/s.yaml." in said
    assert "The data are the same." in said
    assert "since 2026-03-01 09:00 UTC" in changes(run)[0]


def test_the_same_again_is_passed_over_for_the_last_that_differs(tmp_path):
    keep(tmp_path)
    same = header("2026-03-08", rows=812)
    keep(tmp_path, same, figures(90), finding(), after=DAY)
    run = keep(tmp_path, same, figures(90), finding(), after=2 * DAY)
    assert "since 2026-03-01" in changes(run)[0]


def test_nothing_but_the_same_is_said_to_be_the_same(tmp_path):
    keep(tmp_path)
    run = keep(tmp_path, after=DAY)
    assert "so nothing changed" in run.facts["since"]["sentence"]
    assert changes(run) == ["", "", ""]


def test_a_run_that_was_asked_differently_is_not_compared(tmp_path):
    keep(tmp_path, segment="A", top=5)
    run = keep(tmp_path, segment="B", top=5, after=DAY)
    assert "asked differently (segment: A → B)" in run.facts["since"]["sentence"]
    back = keep(tmp_path, header("2026-03-09"), figures(70), segment="A", top=5, after=2 * DAY)
    assert "since 2026-03-01" in changes(back)[0]


def test_what_only_says_when_or_where_is_no_other_question(tmp_path):
    keep(tmp_path, as_of="2026-03-01", data="here")
    run = keep(tmp_path, header("2026-03-08"), figures(70), as_of="2026-03-08", data="there",
               after=DAY)  # fmt: skip
    assert all("since 2026-03-01" in change for change in changes(run))


def test_failed_and_later_looking_runs_are_passed_over(tmp_path):
    keep(tmp_path)
    keep(tmp_path, header("2026-04-01"), figures(99), after=DAY)
    keep(tmp_path, failure=Failure(1, 2, "x", "y"), after=2 * DAY)
    run = keep(tmp_path, header("2026-03-08"), figures(70), after=3 * DAY)
    assert "since 2026-03-01" in changes(run)[0]
    assert last_comparable(tmp_path, {"name": "other"}) == (None, "")


def test_a_change_that_the_notebook_says_itself_stays(tmp_path):
    keep(tmp_path)
    own = figures(70)
    own["figures"][0]["change"] = "+3 since the board meeting"
    run = keep(tmp_path, header("2026-03-08"), own, after=DAY)
    assert changes(run)[0] == "+3 since the board meeting"


def test_digests_of_another_duckdb_are_not_compared(tmp_path):
    keep(tmp_path)
    newer = {**header("2026-03-08", digest="bb"), "versions": {"duckdb": "2.1"}}
    run = keep(tmp_path, newer, figures(70), after=DAY)
    said = run.facts["since"]["sentence"]
    assert "The data are the same." in said
    assert "Other versions: duckdb 2.0 → 2.1." in said
