"""What is scheduled, who takes it, and how other systems write it: parsed back beside the rule."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
import yaml

from workbench.collaboration import schedules, sharing
from workbench.collaboration.schedules import claiming, printing
from workbench.collaboration.schedules.rules import WEEKDAYS
from workbench.collaboration.store import open_store
from workbench.errors import AbsentError, ArgumentError

MADE = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)  # a Monday
DAILY = {"unit": "daily", "at": "08:00"}


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "collaboration.db")
    yield made
    made.close()


def add(store, name="monday", rule=DAILY, **more):
    asked = {"report": "weekly", "to": ["file:out"], "by": "mika", "at": MADE, **more}
    return schedules.add_schedule(store, name, rule=rule, **asked)


def after(**more):
    return MADE + timedelta(**more)


# Kept.


def test_it_is_kept_with_all_it_says(store):
    made = add(
        store, forms=["pdf", "csv", "pdf"], assignments=["top=5"], link="https://x.example/a"
    )
    found = schedules.schedule_named(store, "monday")
    assert found == made
    assert (found.owner, found.report, found.forms) == ("mika", "weekly", ("pdf", "csv"))
    assert found.rule.start == "2026-03-02"
    with pytest.raises(ArgumentError, match="no other schedule"):
        add(store)
    with pytest.raises(AbsentError, match="monday"):
        schedules.schedule_named(store, "mondy")


@pytest.mark.parametrize(
    "bad",
    [
        {"name": "../x"}, {"name": "a/b"}, {"name": ""}, {"name": "x" * 90}, {"name": "a."},
        {"name": "-n"}, {"report": "../weekly"}, {"to": []}, {"to": ["nowhere"]},
        {"to": ["file:../out"]}, {"forms": ["exe"]}, {"assignments": ["top 5"]},
    ],
)  # fmt: skip
def test_what_cannot_be_scheduled_is_refused_and_nothing_kept(store, bad):
    with pytest.raises(ArgumentError):
        add(store, **bad)
    assert store.find("schedules") == []


def test_only_its_owner_and_administrators_change_it(store):
    sharing.make_admin(store, "ada", by="ada")
    add(store)
    with pytest.raises(ArgumentError, match="belongs to mika"):
        schedules.change_schedule(store, "monday", by="noor", on=False)
    assert not schedules.change_schedule(store, "monday", by="ada", on=False, at=MADE).on
    changed = schedules.change_schedule(store, "monday", by="mika", at=MADE,
                                        rule={"unit": "weekly", "weekdays": ["tue"]})  # fmt: skip
    assert changed.rule.weekdays == ("tuesday",)
    schedules.remove_schedule(store, "monday", by="mika")
    assert schedules.schedules(store) == []


def test_filters_for_expired_off_and_failed(store):
    add(store, "a", {**DAILY, "end": "2026-03-03"})
    add(store, "b")
    add(store, "c")
    schedules.change_schedule(store, "c", by="mika", on=False, at=MADE)
    late = after(days=5)

    def names(**asked):
        return [one.name for one in schedules.schedules(store, at=late, **asked)]

    assert names(state="expired") == ["a"]
    assert names(state="off") == ["c"]
    assert names(state="active") == ["b"]
    claim = claiming.claim_due(store, schedules.schedule_named(store, "b"), late)
    claiming.settle(store, claim, "failed", {})
    assert names(failed=True) == ["b"]
    with pytest.raises(ArgumentError, match="expired"):
        names(state="gone")


# Taken.


def test_a_due_time_is_taken_once_whoever_comes(store):
    made = add(store)
    assert claiming.claim_due(store, made, after(minutes=59)) is None
    claims = []

    def run():
        claims.append(claiming.claim_due(store, made, after(minutes=61)))

    threads = [threading.Thread(target=run) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(claim is not None for claim in claims) == 1
    (entry,) = claiming.runs_of(store, made)
    assert (entry.key, entry.status) == ("2026-03-02T08:00:00+00:00", "running")


def test_a_time_that_comes_while_a_run_is_under_way_is_skipped(store):
    made = add(store, rule={"unit": "hourly", "at": "08:00"})
    first = claiming.claim_due(store, made, after(hours=1, minutes=1))
    assert claiming.claim_due(store, made, after(hours=2, minutes=1)) is None
    claiming.settle(store, first, "sent", {})
    assert claiming.claim_due(store, made, after(hours=2, minutes=2)) is None
    third = claiming.claim_due(store, made, after(hours=3, minutes=1))
    assert [entry.status for entry in claiming.runs_of(store, made)] == [
        "sent", "skipped", "running",
    ]  # fmt: skip
    assert third.slot == "2026-03-02T10:00:00+00:00"


def test_of_times_that_nobody_took_the_newest_is_made_up_for(store):
    made = add(store)
    claim = claiming.claim_due(store, made, after(days=3, hours=5))
    assert claim.slot == "2026-03-05T08:00:00+00:00"
    assert [entry.status for entry in claiming.runs_of(store, made)] == [
        "missed", "missed", "missed", "running",
    ]  # fmt: skip


def test_a_runner_that_died_is_followed_by_another_and_at_last_the_owner_is_told(store):
    made = add(store)
    first = claiming.claim_due(store, made, after(hours=2))
    assert claiming.claim_due(store, made, after(hours=3)) is None  # it may still be at work
    second = claiming.claim_due(store, made, after(hours=6))
    assert (second.slot, second.attempt) == (first.slot, 2)
    assert not claiming.still_running(store, first, 2, after(hours=6))
    assert claiming.claim_due(store, made, after(hours=10)).attempt == 3
    assert claiming.claim_due(store, made, after(hours=14)) is None
    (entry,) = claiming.runs_of(store, made)
    assert entry.status == "failed"
    (notice,) = store.noted("notices", of="mika")
    assert "failed 3 times" in notice.content["text"]


def test_it_stops_with_the_account_of_its_owner(store):
    sharing.make_admin(store, "ada", by="ada")
    made = add(store)
    sharing.disable_user(store, "mika", by="ada")
    assert claiming.claim_due(store, made, after(hours=2)) is None
    assert [s.name for s in schedules.schedules(store, state="owner_disabled")] == ["monday"]
    sharing.disable_user(store, "mika", by="ada", is_disabled=False)
    assert claiming.claim_due(store, made, after(hours=2)) is not None


def test_switched_off_and_expired_ones_do_nothing_and_the_last_time_is_still_done(store):
    made = add(store, rule={"unit": "daily", "at": "23:50", "end": "2026-03-03"})
    off = schedules.change_schedule(store, "monday", by="mika", on=False, at=MADE)
    assert claiming.claim_due(store, off, after(days=1)) is None
    last = claiming.claim_due(store, made, datetime(2026, 3, 4, 0, 5, tzinfo=UTC))
    assert last.slot == "2026-03-03T23:50:00+00:00"
    claiming.settle(store, last, "sent", {})
    assert claiming.claim_due(store, made, after(days=9)) is None


# Written for others.

RULES = [
    DAILY,
    {"unit": "daily", "every": 3, "at": "00:05", "zone": "Asia/Tokyo"},
    {"unit": "daily", "weekdays": ["weekdays"], "at": "23:30", "zone": "America/New_York"},
    {"unit": "hourly", "every": 5, "at": "08:15", "zone": "Europe/Berlin"},
    {"unit": "weekly", "every": 2, "weekdays": ["mon", "sun"], "zone": "Europe/Berlin"},
    {"unit": "monthly", "day": 31},
    {"unit": "monthly", "day": 1, "at": "01:00", "zone": "Europe/Berlin"},
    {"unit": "monthly", "every": 3, "nth": "last", "weekday": "fri"},
    {"unit": "yearly", "month": 2, "day": 30},
    {"unit": "yearly", "month": 5, "nth": "second", "weekday": "tue", "zone": "Europe/Berlin"},
]
SPAN = (MADE, MADE + timedelta(days=365))


def values(text, low, high):
    """The values that a field of cron stands for."""
    found = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if part == "*":
            found |= set(range(low, high + 1))
        else:
            found |= set(range(int(first), int(last or first) + 1))
    assert found <= set(range(low, high + 1))
    return found


def fires(line, moment):
    """Whether a line of cron comes due at a local time."""
    minute, hour, day, month, weekday = line.split()
    day_fits = moment.day in values(day, 1, 31)
    week_fits = (moment.weekday() + 1) % 7 in values(weekday, 0, 7)
    both = day_fits and week_fits if "*" in (day, weekday) else day_fits or week_fits
    return (
        moment.minute in values(minute, 0, 59) and moment.hour in values(hour, 0, 23)
        and moment.month in values(month, 1, 12) and both
    )  # fmt: skip


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_cron_comes_due_at_every_time_of_the_rule(store, rule):
    made = add(store, rule=rule)
    text = schedules.printed(made, "cron", folder=Path("/srv/we're 100% here"))
    zone = ZoneInfo(re.search(r"^CRON_TZ=(.+)$", text, re.MULTILINE)[1])
    line, _, command = text.splitlines()[-1].partition(" cd ")
    times = [due.astimezone(zone) for due in made.rule.times(*SPAN)]
    assert times
    assert [due for due in times if not fires(line, due)] == []
    assert r"100\%" in command
    assert command.endswith("schedule run monday")


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_github_actions_comes_due_in_utc_whatever_the_clock_of_the_rule(store, rule):
    made = add(store, rule=rule)
    text = schedules.printed(made, "github-actions", folder=Path("/srv"))
    content = yaml.safe_load(text)
    triggers = content.get("on", content.get(True))["schedule"]
    lines = [entry["cron"] for entry in triggers]
    times = list(made.rule.times(*SPAN))
    assert [due for due in times if not any(fires(line, due) for line in lines)] == []
    assert content["jobs"]["report"]["steps"][-1]["run"] == "workbench schedule run monday"
    assert "PASSWORD: ${{ secrets." in text


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_task_scheduler_reads_it(store, rule):
    made = add(store, rule=rule)
    text = schedules.printed(made, "task-scheduler", folder=Path("C:/a & b"))
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert text.isascii()
    root = ElementTree.fromstring(text)
    assert root.findtext(".//t:WorkingDirectory", namespaces=space) == str(Path("C:/a & b"))
    assert root.findtext(".//t:StartBoundary", namespaces=space) == (
        f"{made.rule.start}T{made.rule.at}:00"
    )
    assert root.findtext(".//t:EndBoundary", namespaces=space).startswith(made.rule.end)
    assert root.findtext(".//t:Arguments", namespaces=space).endswith("schedule run monday")
    names = {tag.tag.partition("}")[2].lower() for tag in root.iter()}
    assert set(made.rule.weekdays) <= names
    days = [tag.text for tag in root.iterfind(".//t:Day", space)]
    if made.rule.day > 28:
        assert days == [*map(str, range(28, made.rule.day + 1)), "Last"]
    if made.rule.nth == "last":
        assert root.findtext(".//t:Week", namespaces=space) == "Last"


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_systemd_comes_due_at_every_time_of_the_rule(store, rule):
    made = add(store, rule=rule)
    text = schedules.printed(made, "systemd", folder=Path("/srv/100%"))
    assert "WorkingDirectory=/srv/100%%" in text
    (line,) = re.findall(r"^OnCalendar=(.+)$", text, re.MULTILINE)
    found = re.match(r"(?:([\w,]+) )?\*-(\*|\d+)-(\*|[\d.]+) (\*|\d+):(\d+):00 (\S+)\Z", line)
    names, month, day, hour, minute, zone = found.groups()
    for due in made.rule.times(*SPAN):
        local = due.astimezone(ZoneInfo(zone))
        assert local.month in values(month, 1, 12)
        assert local.day in values(day.replace("..", "-"), 1, 31)
        assert local.hour in values(hour, 0, 23)
        assert local.minute == int(minute)
        assert not names or WEEKDAYS[local.weekday()][:3].capitalize() in names.split(",")


def test_an_unknown_form_is_refused(store):
    with pytest.raises(ArgumentError, match="systemd"):
        schedules.printed(add(store), "launchd")
    assert printing.first_times(add(store, "b"), MADE, 2) == [
        after(hours=1),
        after(days=1, hours=1),
    ]
