"""Each due time of a schedule is taken by one runner, once; what became of it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from workbench.collaboration.schedules.keeping import Schedule
from workbench.collaboration.store import Entry, Store, Transaction
from workbench.messages import message

RUNS = "schedule_runs"
ATTEMPTS = 3  # the run and two more
LEASE = timedelta(hours=3)  # a runner that was silent for so long is taken for dead
_LOOK_BACK = timedelta(days=40)


@dataclass(frozen=True)
class Claim:
    """A due time that this runner has taken.

    Attributes
    ----------
    schedule : Schedule
    slot : str
        The due time in UTC.
    attempt : int
        1 at first; more when an earlier runner died on it.
    runner : str
    """

    schedule: Schedule
    slot: str
    attempt: int
    runner: str

    @property
    def due_at(self) -> datetime:
        """The due time."""
        return datetime.fromisoformat(self.slot)


def claim_due(store: Store, schedule: Schedule, moment: datetime) -> Claim | None:
    """Take the newest due time of a schedule, unless there is none or a run is under way.

    Earlier times that nobody took are kept as ``missed``; a time that comes due while another run
    is under way as ``skipped``. A run whose runner has died is taken up, as its next attempt.

    Notes
    -----
    Source: collaboration.md, 4.2 (overlapping runs skipped; failed run retried twice).
    """
    with store.transaction() as now:
        if schedule.state(now, moment) != "active" and not _ended_since_due(now, schedule, moment):
            return None
        entries = now.noted(RUNS, of=schedule.id)
        slots = _open_slots(schedule, entries, moment)
        busy = [entry for entry in entries if entry.status == "running"]
        if busy and _is_alive(busy[-1], moment):
            for slot in slots:
                now.note(RUNS, of=schedule.id, key=slot, status="skipped", at=moment,
                         content={"why": message("a run was under way")})  # fmt: skip
            return None
        if busy:
            return _taken_up(now, schedule, busy[-1], moment)
        for slot in slots[:-1]:
            now.note(RUNS, of=schedule.id, key=slot, status="missed", at=moment,
                     content={"why": message("nothing ran at that time")})  # fmt: skip
        return _taken(now, schedule, slots[-1], 1, moment) if slots else None


def settle(
    store: Store, claim: Claim, status: str, content: Mapping[str, Any], *, tell: str = ""
) -> Entry:
    """Keep what became of a claim; `tell` puts a notice for the owner in the same step."""
    with store.transaction() as now:
        if tell:
            now.note(
                "notices", of=claim.schedule.owner, key=f"{claim.schedule.id}@{claim.slot}",
                status="new", by="schedule",
                content={"text": tell, "schedule": claim.schedule.name, "slot": claim.slot},
            )  # fmt: skip
        kept = {"runner": claim.runner, "attempt": claim.attempt, **content}
        return now.settle(RUNS, of=claim.schedule.id, key=claim.slot, status=status, content=kept)


def still_running(store: Store, claim: Claim, attempt: int, moment: datetime) -> bool:
    """Say that this runner is alive and begins an attempt; False when another took over."""
    with store.transaction() as now:
        found = now.noted(RUNS, of=claim.schedule.id, key=claim.slot)
        if not found or found[0].content.get("runner") != claim.runner:
            return False
        now.settle(RUNS, of=claim.schedule.id, key=claim.slot, status="running",
                   content={"runner": claim.runner, "attempt": attempt,
                            "seen": moment.astimezone(UTC).isoformat()})  # fmt: skip
        return True


def runs_of(store: Store, schedule: Schedule) -> list[Entry]:
    """Every due time of a schedule and what became of it, oldest first."""
    return sorted(store.noted(RUNS, of=schedule.id), key=lambda entry: entry.key)


def _open_slots(schedule: Schedule, entries: list[Entry], moment: datetime) -> list[str]:
    known = {entry.key for entry in entries}
    since = max(schedule.since, moment - _LOOK_BACK)
    if known:
        since = max(since, max(map(datetime.fromisoformat, known)))
    return [slot for due in schedule.rule.times(since, moment)
            if (slot := due.astimezone(UTC).isoformat()) not in known]  # fmt: skip


def _ended_since_due(now: Transaction, schedule: Schedule, moment: datetime) -> bool:
    """Whether only its end passed after a time came due that nobody could take yet."""
    early = schedule.rule.ends_at - timedelta(seconds=1)
    return (
        moment - schedule.rule.ends_at < timedelta(days=1)
        and schedule.state(now, moment) == "expired"
        and schedule.state(now, early) == "active"
    )


def _is_alive(entry: Entry, moment: datetime) -> bool:
    seen = entry.content.get("seen")
    begun = datetime.fromisoformat(seen) if seen else entry.at
    return moment - begun < LEASE


def _taken_up(now: Transaction, schedule: Schedule, entry: Entry, moment: datetime) -> Claim | None:
    attempt = int(entry.content.get("attempt", 1)) + 1
    if attempt > ATTEMPTS:
        why = message("its runner ended without a word")
        now.settle(RUNS, of=schedule.id, key=entry.key, status="failed",
                   content={**entry.content, "why": why})  # fmt: skip
        now.note("notices", of=schedule.owner, key=f"{schedule.id}@{entry.key}", status="new",
                 by="schedule", content={"schedule": schedule.name, "slot": entry.key,
                                         "text": failed_text(schedule, entry.key, "")})  # fmt: skip
        return None
    runner = uuid4().hex
    seen = moment.astimezone(UTC).isoformat()
    now.settle(RUNS, of=schedule.id, key=entry.key, status="running",
               content={"runner": runner, "attempt": attempt, "seen": seen})  # fmt: skip
    return Claim(schedule, entry.key, attempt, runner)


def _taken(
    now: Transaction, schedule: Schedule, slot: str, attempt: int, moment: datetime
) -> Claim | None:
    runner = uuid4().hex
    content = {"runner": runner, "attempt": attempt, "seen": moment.astimezone(UTC).isoformat()}
    if now.note(RUNS, of=schedule.id, key=slot, status="running", content=content, at=moment):
        return Claim(schedule, slot, attempt, runner)
    return None


def failed_text(schedule: Schedule, slot: str, why: str) -> str:
    """What the owner is told of a run that failed."""
    return message(
        "Schedule {name} ({report}) failed {n} times at {slot}. {why}",
        name=schedule.name, report=schedule.report, n=ATTEMPTS, slot=slot, why=why,
    ).strip()  # fmt: skip
