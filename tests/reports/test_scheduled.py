"""What is scheduled is made, written, sent; tried again; told to its owner; never sent twice."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta

import pytest

from tests.collaboration.servers import mail_server
from tests.reports.blocks import FIGURES, HEADER, finding
from tests.reports.exports.conftest import kept_run
from tests.reports.notebooks import notebook, table, write
from workbench.cli import main
from workbench.collaboration import schedules
from workbench.collaboration.schedules.claiming import runs_of
from workbench.collaboration.store import open_store
from workbench.errors import ReportError
from workbench.reports.exports.ask import material_of
from workbench.reports.scheduled import is_empty, run_due
from workbench.reports.snapshots import find_snapshot

MADE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
LATER = MADE + timedelta(hours=2)
STEPS = table([("Step", "text"), ("Reached", "count")], [["Lead", 540], ["MQL", 421]])
FULL = [HEADER, FIGURES, finding("fallout", "Accounts fall out: 193 of 421", table=STEPS)]
ZERO = {"block": "figures", "figures": [{"label": "Accounts", "value": "0"}]}
EMPTY = {"block": "table", "heading": "No account", "table": table([("A", "text")], [])}
NOTHING = [HEADER, ZERO, EMPTY]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "collaboration.db"))
    made = open_store()
    yield made
    made.close()


def add(store, to=("file:out",), owner="mika@example.com", forms=("html", "xlsx", "csv")):
    return schedules.add_schedule(
        store, "monday", report="weekly", rule={"unit": "daily", "at": "08:00"}, to=list(to),
        by=owner, forms=forms, link="https://reports.example.com/weekly.html", at=MADE,
    )  # fmt: skip


def maker(blocks, failing=0):
    """Keeps a run of the report, after failing some times."""
    calls = []

    def make(schedule, folder):
        calls.append(schedule.name)
        if len(calls) <= failing:
            raise ReportError("The data are not there.")
        kept_run(folder, list(blocks), name=schedule.report)
        return find_snapshot(folder, schedule.report)

    return make, calls


def run(store, make, **more):
    asked = {"folder": "pages", "now": lambda: LATER, "pause": 0.0, "make": make, **more}
    return run_due(store, **asked)


def test_it_is_made_once_and_lies_in_the_folder_with_its_forms(store, tmp_path):
    schedule = add(store)
    make, calls = maker(FULL)
    (ran,) = run(store, make)
    assert (ran.status, ran.ok) == ("sent", True)
    (again,) = run(store, make)
    assert again.status == "idle"
    assert calls == ["monday"]
    names = sorted(path.name for path in (tmp_path / "pages" / "out").iterdir())
    assert [name.partition("Z")[2] for name in names] == [
        "-chart.png", "-weekly.html", "-weekly.xlsx", "-weekly.zip", ".html", ".md",
    ]  # fmt: skip
    (entry,) = runs_of(store, schedule)
    assert entry.content["run"].startswith("weekly/")
    assert entry.content["attempt"] == 1


def test_a_mail_carries_figures_picture_and_forms(store):
    add(store, to=["mail:boss@example.com"], forms=("csv",))
    make, _ = maker(FULL)
    with mail_server() as (box, environment):
        (ran,) = run(store, make, environment=environment)
    assert ran.ok
    ((to, content),) = box.mails
    assert to == ["boss@example.com"]
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert mail["Subject"].strip() == HEADER["title"]
    assert "540" in mail.get_body(("plain",)).get_content()
    kinds = [part.get_content_type() for part in mail.walk()]
    assert kinds.count("image/png") == 1
    assert "application/zip" in kinds


def test_what_fails_twice_is_tried_a_third_time(store):
    add(store)
    make, calls = maker(FULL, failing=2)
    (ran,) = run(store, make)
    assert ran.status == "sent"
    assert len(calls) == 3


def test_what_fails_three_times_is_failed_and_its_owner_is_told(store):
    schedule = add(store)
    make, calls = maker(FULL, failing=9)
    with mail_server() as (box, environment):
        (ran,) = run(store, make, environment=environment)
    assert (ran.status, ran.ok, len(calls)) == ("failed", False, 3)
    assert "The data are not there." in ran.sentence
    ((to, content),) = box.mails
    assert to == ["mika@example.com"]
    assert b"failed 3 times" in content
    (notice,) = store.noted("notices", of="mika@example.com")
    assert notice.status == "new"
    assert [s.name for s in schedules.schedules(store, failed=True, at=LATER)] == ["monday"]
    (idle,) = run(store, make)
    assert idle.status == "idle"
    assert runs_of(store, schedule)[-1].status == "failed"


def test_one_place_that_fails_is_tried_again_and_the_others_get_it_once(store, tmp_path):
    add(store, to=["later@example.com", "file:out", "boss@example.com"], owner="mika")
    make, calls = maker(FULL)
    with mail_server() as (box, environment):
        (ran,) = run(store, make, environment=environment)
    assert ran.ok
    assert calls == ["monday"]  # the report is not made again
    assert sorted(to[0] for to, _ in box.mails) == ["boss@example.com", "later@example.com"]
    assert (tmp_path / "pages" / "out").is_dir()


def test_empty_data_are_sent_and_flagged(store, tmp_path):
    schedule = add(store)
    make, _ = maker(NOTHING)
    (ran,) = run(store, make)
    assert (ran.status, ran.ok) == ("empty", True)
    (text,) = (tmp_path / "pages" / "out").glob("*.md")
    assert text.read_text().startswith("# No data: ")
    assert runs_of(store, schedule)[-1].status == "empty"
    assert not is_empty(material_of(find_snapshot(kept_run(tmp_path / "b", FULL), "full")))


def test_an_unforeseen_error_is_a_failed_run_and_no_traceback(store):
    add(store, owner="mika")

    def make(schedule, folder):
        raise ZeroDivisionError("division by zero")

    (ran,) = run(store, make)
    assert ran.status == "failed"
    assert "ZeroDivisionError: division by zero" in ran.sentence


def test_the_command_adds_lists_prints_runs_and_removes(store, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("workbench.shelf.shipped", lambda: tmp_path)
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    write(tmp_path, "weekly", notebook("# How?", *FULL))

    def said(*words):
        code = main(["schedule", *words])
        out = capsys.readouterr()
        return code, out.out + out.err

    code, text = said(
        "add", "monday", "--report", "weekly", "--hourly", "1", "--at", "00:00", "--to",
        "file:out", "--as", "csv", "--data", str(tmp_path),
    )  # fmt: skip
    assert code == 0, text
    assert "monday" in said("list")[1]
    assert said("list", "--expired")[1].strip() == "No schedule."
    assert "schedule run monday" in said("print", "monday", "--as", "cron")[1]
    assert said("change", "monday", "--off")[0] == 0
    assert "nothing is due" in said("run")[1]
    assert said("change", "monday", "--on", "--daily", "1", "--at", "00:00")[0] == 0
    record = store.find("schedules")[0]
    since = (datetime.now(UTC) - timedelta(days=1, minutes=1)).isoformat()
    day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    definition = {**record.definition, "since": since}
    definition["rule"] = {**definition["rule"], "start": day}
    store.change("schedules", record.id, definition, by="mika")
    code, text = said("run", "--pages", "pages", "--pause", "0")
    assert code == 0, text
    assert "weekly/" in text
    (path,) = (tmp_path / "pages" / "out").glob("*.md")
    assert "540" in path.read_text()
    code, text = said("show", "monday")
    assert code == 0
    assert "sent" in text
    assert said("add", "../x", "--report", "weekly", "--daily", "1", "--to", "file:o")[0] == 2
    assert said("add", "x", "--report", "weekly", "--to", "file:o")[0] == 2
    assert said("remove", "monday")[0] == 0
    assert said("print", "monday", "--as", "cron")[0] == 2
