"""One run over all alerts that are due: evaluated once a period, delivered until it has arrived.

What is to be sent stands in the store before anything is sent, in the same transaction as the
evaluation; it is marked as delivered after it was. A run that dies between the two is made good by
the next one: a message may come twice, with the same key, and is never lost.

Source: collaboration.md, sections 2.1 and 2.2.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from workbench.collaboration.alerts import telling
from workbench.collaboration.alerts.evaluating import (
    COOLING,
    FIRED,
    NOT_KNOWN,
    Outcome,
    due_period,
    evaluate,
)
from workbench.collaboration.alerts.judging import TRUE
from workbench.collaboration.alerts.reading import alert_of
from workbench.collaboration.alerts.record import Alert
from workbench.collaboration.delivery import Parcel, Receipt, deliver
from workbench.collaboration.store import RECORDS, Entry, Record, Store, Transaction
from workbench.errors import ArgumentError, WorkbenchError
from workbench.messages import message
from workbench.workspace import Workspace

PENDING, SENDING, DELIVERED, FAILED = "pending", "sending", "delivered", "failed"
MOST_ATTEMPTS = 12
# Deliveries of other things stand in the same table.
PREFIX = RECORDS["alerts"]
# A run that has begun to send and not said how it ended is taken for dead after this time.
_DEAD_AFTER = timedelta(minutes=15)
# Evaluations that are kept in one transaction.
_TOGETHER = 50


@dataclass
class Run:
    """What a run did.

    Attributes
    ----------
    fired, quiet, skipped : list of str
        Sentences; ``skipped`` holds alerts that are switched off, over, or done for the period.
    failed : list of str
        What could not be evaluated or not be delivered.
    delivered : list of str
    """

    fired: list[str] = field(default_factory=list)
    quiet: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    delivered: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0: nothing fired; 1: something fired; 2: something could not be evaluated or sent."""
        return 2 if self.failed else 1 if self.fired else 0

    def __str__(self) -> str:
        lines = [*self.fired, *self.delivered, *self.failed]
        lines.append(
            message(
                "{fired} fired, {quiet} quiet, {skipped} not due, {failed} failed.",
                fired=len(self.fired), quiet=len(self.quiet), skipped=len(self.skipped),
                failed=len(self.failed),
            )
        )  # fmt: skip
        return "\n".join(lines)


@dataclass(frozen=True)
class Options:
    """What a run is told.

    Attributes
    ----------
    store : Store
    now : datetime
    opened : callable
        Name or path of a workspace to the workspace.
    only : tuple of str
        Ids of alerts; all when empty.
    root : Path
        Where folders of ``file:`` targets lie.
    environment : mapping
        Servers and credentials of deliveries.
    by : str
    """

    store: Store
    now: datetime
    opened: Callable[[str], Workspace]
    only: tuple[str, ...] = ()
    root: Path = Path()
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    by: str = ""


def run_all(options: Options) -> Run:
    """Evaluate what is due and deliver everything that waits."""
    run = Run()
    records = options.store.find("alerts")
    if options.only:
        for identity in options.only:
            options.store.get("alerts", identity)
        records = [record for record in records if record.id in options.only]
    by_workspace: dict[str, list[tuple[Record, Alert]]] = {}
    for record in records:
        try:
            alert = alert_of(record.definition)
        except ArgumentError as refused:
            run.failed.append(f"{record.id}: {refused}")
            continue
        reason = idle(alert, options.now)
        if reason:
            run.skipped.append(f"{record.id} {alert.name}: {reason}")
        else:
            by_workspace.setdefault(alert.workspace, []).append((record, alert))
    for name, members in by_workspace.items():
        try:
            _of_workspace(options.opened(name), members, options, run)
        except WorkbenchError as refused:
            run.failed += [f"{record.id} {alert.name}: {refused}" for record, alert in members]
    send_waiting(options, run, {record.id for record in records} if options.only else None)
    return run


def idle(alert: Alert, now: datetime) -> str:
    """Why an alert is not looked at; empty where it is."""
    if not alert.enabled:
        return message("switched off")
    if alert.expires and expiry(alert) <= now:
        return message("expired {day}: renew it to go on", day=alert.expires[:10])
    return ""


def expiry(alert: Alert) -> datetime:
    """The instant from which an alert is over; a date ends with its day in UTC."""
    found = datetime.fromisoformat(alert.expires)
    if len(alert.expires) <= 10:
        found += timedelta(days=1)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _of_workspace(
    workspace: Workspace, members: Sequence[tuple[Record, Alert]], options: Options, run: Run
) -> None:
    due = []
    noted = options.store.noted("alert_runs", of=[record.id for record, _ in members])
    done = {(entry.of, entry.key) for entry in noted}
    last = {entry.of: entry.status for entry in noted}
    for record, alert in members:
        first, _ = due_period(alert, workspace.settings, options.now)
        if (record.id, first.isoformat()) in done:
            run.skipped.append(f"{record.id} {alert.name}: {message('done for this period')}")
        else:
            due.append((record, alert))
    found = evaluate([alert for _, alert in due], workspace, now=options.now)
    judged = list(zip(due, found, strict=True))
    for begin in range(0, len(judged), _TOGETHER):
        with options.store.transaction() as now:
            for (record, alert), outcomes in judged[begin : begin + _TOGETHER]:
                if isinstance(outcomes, WorkbenchError):
                    run.failed.append(f"{record.id} {alert.name}: {outcomes}")
                else:
                    told = last.get(record.id) in (FIRED, COOLING)
                    _keep(record, alert, _as_news(outcomes[-1], told), options, run, now)


def _as_news(outcome: Outcome, told: bool) -> Outcome:
    """What is still true, but became so while nobody ran the alerts, is news now."""
    if outcome.state != COOLING or told:
        return outcome
    true = tuple(verdict.state == TRUE for verdict in outcome.verdicts)
    return replace(outcome, state=FIRED, news=true)


def _keep(
    record: Record, alert: Alert, outcome: Outcome, options: Options, run: Run, now: Transaction
) -> None:  # fmt: skip
    """Note an evaluation with what is to be sent, in one transaction."""
    head = f"{record.id} {alert.name} ({telling.period_words(outcome)})"
    if outcome.state == NOT_KNOWN:
        # It is not noted, so that the period is evaluated when its data have come.
        why = "; ".join(dict.fromkeys(f"{v.label}: {v.why}" for v in outcome.verdicts if v.why))
        run.failed.append(f"{head}: {why}")
        return
    period = outcome.start.isoformat()
    number = now.count("alert_evaluations")
    made = telling.parcel(alert, outcome, identity=record.id, run=number)
    content = {"evaluation": number, **outcome.plain()}
    if outcome.state == FIRED:
        content["message"] = telling.as_plain(made)
    first = now.note("alert_runs", of=record.id, key=period, status=outcome.state,
                     by=options.by, content=content)  # fmt: skip
    if first and outcome.state == FIRED:
        for target in alert.to:
            now.note(
                "deliveries", of=f"{record.id}/{period}", key=target, status=PENDING,
                by=options.by, content={"attempts": 0, "digest": alert.digest},
            )  # fmt: skip
    if not first:
        run.skipped.append(f"{head}: {message('done for this period')}")
    elif outcome.state == FIRED:
        said = " ".join(telling.sentence(v, t, n) for v, t, n in
                        zip(outcome.verdicts, alert.triggers, outcome.news, strict=True)
                        if v.state == "true")  # fmt: skip
        run.fired.append(f"{head}: {said}")
    else:
        run.quiet.append(f"{head}: {outcome.state}")


def send_waiting(options: Options, run: Run, only: set[str] | None = None) -> None:
    """Deliver what waits, of this run and of those before; digests of a place come as one."""
    store = options.store
    noted = [entry for s in (PENDING, SENDING) for entry in store.noted("deliveries", status=s)]
    waiting = [
        entry
        for entry in noted
        if entry.of.startswith(PREFIX) and (only is None or entry.of.partition("/")[0] in only)
    ]
    together: dict[tuple[str, str], list[Entry]] = {}
    for entry in waiting:
        claimed = _claimed(options, entry)
        if claimed is not None:
            kind = "digest" if claimed.content.get("digest") else claimed.of
            together.setdefault((claimed.key, kind), []).append(claimed)
    for (target, _), entries in together.items():
        parcels = [made for entry in entries if (made := _message(store, entry)) is not None]
        if not parcels:
            continue
        made = parcels[0] if len(parcels) == 1 else telling.digest(parcels, _digest_key(entries))
        try:
            (receipt,) = deliver(made, [target], root=options.root, environment=options.environment)
        except WorkbenchError as refused:
            receipt = Receipt(target, False, str(refused), True)
        for entry in entries:
            _settled(options, entry, receipt)
        words = f"{made.key} → {target}: {receipt.said}"
        (run.delivered if receipt.delivered else run.failed).append(words)


def _claimed(options: Options, entry: Entry) -> Entry | None:
    """The delivery as ours, unless another run is at it."""
    now = datetime.now(UTC)
    with options.store.transaction() as inside:
        (found,) = inside.noted("deliveries", of=entry.of, key=entry.key)
        begun = found.content.get("begun")
        if found.status == SENDING and begun and now - datetime.fromisoformat(begun) < _DEAD_AFTER:
            return None
        if found.status not in (PENDING, SENDING):
            return None
        return inside.settle("deliveries", of=entry.of, key=entry.key, status=SENDING,
                             content={**found.content, "begun": now.isoformat()})  # fmt: skip


def _settled(options: Options, entry: Entry, receipt: Receipt) -> None:
    attempts = int(entry.content.get("attempts", 0)) + 1
    status = DELIVERED if receipt.delivered else PENDING
    if not receipt.delivered and (receipt.lasting or attempts >= MOST_ATTEMPTS):
        status = FAILED
    content = {**entry.content, "attempts": attempts, "said": receipt.said}
    options.store.settle("deliveries", of=entry.of, key=entry.key, status=status, content=content)


def _message(store: Store, entry: Entry) -> Parcel | None:
    identity, _, period = entry.of.partition("/")
    found = store.noted("alert_runs", of=identity, key=period)
    if not found or "message" not in found[0].content:
        return None
    return telling.from_plain(found[0].content["message"])


def _digest_key(entries: Sequence[Entry]) -> str:
    import hashlib

    said = "|".join(sorted(entry.of for entry in entries))
    return f"alerts-{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def as_rows(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Deliveries as rows of a table."""
    return [
        {"of": e.of, "to": e.key, "status": e.status, "attempts": e.content.get("attempts", 0),
         "said": e.content.get("said", ""), "at": e.at}
        for e in entries
    ]  # fmt: skip


def run_safely(run: Callable[[], Run]) -> Run:
    """A run whose failure is told as what could not be evaluated: a traceback would end with 1,
    which means that something fired.
    """
    try:
        return run()
    except WorkbenchError as refused:
        return Run(failed=[str(refused)])
    except Exception as problem:
        said = message("The run ended early, by {kind}: {reason}", kind=type(problem).__name__,
                       reason=problem)  # fmt: skip
        return Run(failed=[said])
