"""What is scheduled: the report, when, in which forms, to whom, and on whose behalf."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from workbench.collaboration.delivery import check_targets
from workbench.collaboration.schedules.rules import Rule
from workbench.collaboration.sharing.recipients import check_reports, refuse_unless
from workbench.collaboration.sharing.teams import is_admin, is_disabled
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message

FORMS = ("html", "pdf", "xlsx", "csv", "png")
STATES = ("active", "off", "expired", "owner_disabled")
_NAME = re.compile(r"[\w][\w.-]{0,79}\Z")


@dataclass(frozen=True)
class Schedule:
    """A report that is made and sent by itself.

    Attributes
    ----------
    id, name, owner, report : str
    rule : Rule
    forms : tuple of str
        Files that go with the mail or lie beside it.
    to : tuple of str
        ``mail:…``, ``file:…`` or web addresses.
    workspace, data : str
    assignments : tuple of str
        Parameters of the notebook as ``key=value``.
    link : str
        Address of the page, for the mail.
    on : bool
    version : int
    since : datetime
        Times before this are not due: when it was made, or switched on again.
    """

    id: str
    name: str
    owner: str
    report: str
    rule: Rule
    forms: tuple[str, ...]
    to: tuple[str, ...]
    workspace: str
    data: str
    assignments: tuple[str, ...]
    link: str
    on: bool
    version: int
    since: datetime

    @classmethod
    def of(cls, record: Record) -> Schedule:
        """A record of the store as a schedule."""
        said = record.definition
        values = {**said["rule"], "weekdays": tuple(said["rule"].get("weekdays", ()))}
        return cls(
            record.id, record.name, said["owner"], record.project, Rule(**values),
            tuple(said["forms"]), tuple(said["to"]), said["workspace"], said["data"],
            tuple(said["assignments"]), said["link"], bool(said["on"]), record.version,
            datetime.fromisoformat(said["since"]),
        )  # fmt: skip

    def state(self, store: Store | Transaction, moment: datetime) -> str:
        """``active``, ``off``, ``expired`` or ``owner_disabled``."""
        if is_disabled(store, self.owner):
            return "owner_disabled"
        if moment >= self.rule.ends_at:
            return "expired"
        return "active" if self.on else "off"


def add_schedule(
    store: Store, name: str, *, report: str, rule: Mapping[str, Any], to: Sequence[str], by: str,
    forms: Sequence[str] = ("html",), workspace: str = "", data: str = "",
    assignments: Sequence[str] = (), link: str = "", at: datetime | None = None,
) -> Schedule:  # fmt: skip
    """Schedule a report.

    Parameters
    ----------
    store : Store
    name : str
        Letters, digits, hyphens, dots and underscores; one schedule a name.
    report : str
    rule : mapping
        As `Rule` takes it: ``{"unit": "weekly", "weekdays": ["mon"], "at": "08:00"}``.
    to : sequence of str
        ``mail:anna@example.com``, ``file:FOLDER`` or a web address.
    by : str
        Its owner: when this account is disabled, nothing is sent any more.
    forms : sequence of str
        Of ``html``, ``pdf``, ``xlsx``, ``csv``, ``png``.
    workspace, data : str
    assignments : sequence of str
    link : str
    at : datetime, optional
        The present instant.

    Raises
    ------
    ArgumentError
        For anything that cannot be, and when `by` may not schedule the report.
    """
    moment = at or datetime.now(UTC)
    _check_name(name)
    (report,) = check_reports([report])
    definition = {
        "owner": by, "since": moment.isoformat(), "on": True,
        **_checked({"rule": rule, "forms": list(forms), "to": list(to), "workspace": workspace,
                    "data": data, "assignments": list(assignments), "link": link},
                   moment.date()),
    }  # fmt: skip
    with store.transaction() as now:
        refuse_unless(now, report, by, "schedule")
        if now.find("schedules", name=name):
            raise ArgumentError.of("name", name, message("a name that no other schedule has"))
        made = now.add("schedules", definition, by=by, project=report, name=name, at=moment)
    return Schedule.of(made)


def change_schedule(
    store: Store, name: str, *, by: str, at: datetime | None = None, version: int | None = None,
    **changes: Any,
) -> Schedule:  # fmt: skip
    """Change some of a schedule: ``rule``, ``to``, ``forms``, ``on``, ``owner``, ….

    Only its owner and administrators may. Switched on again it is due from now on.
    """
    moment = at or datetime.now(UTC)
    allowed = ("rule", "to", "forms", "workspace", "data", "assignments", "link", "on", "owner")
    for key in changes:
        if key not in allowed:
            raise ArgumentError.of("schedule", key, allowed)
    with store.transaction() as now:
        record = _record(now, name)
        _refuse_others(now, record, by)
        before = dict(record.definition)
        after = {**before, **changes}
        if "rule" in changes or changes.get("on"):
            after["since"] = moment.isoformat()
        after |= _checked(after, moment.date())
        made = now.change("schedules", record.id, after, by=by, version=version, at=moment)
    return Schedule.of(made)


def remove_schedule(store: Store, name: str, *, by: str) -> None:
    """Take a schedule away; what it sent stays in the store."""
    with store.transaction() as now:
        record = _record(now, name)
        _refuse_others(now, record, by)
        now.remove("schedules", record.id, by=by)


def schedule_named(store: Store | Transaction, name: str) -> Schedule:
    """The schedule of a name.

    Raises
    ------
    AbsentError
    """
    return Schedule.of(_record(store, name))


def schedules(
    store: Store, *, state: str = "", failed: bool = False, at: datetime | None = None
) -> list[Schedule]:
    """Schedules in the order in which they were made.

    Parameters
    ----------
    store : Store
    state : str
        Only those that are ``active``, ``off``, ``expired`` or ``owner_disabled``.
    failed : bool
        Only those whose last run failed.
    at : datetime, optional
    """
    if state and state not in STATES:
        raise ArgumentError.of("state", state, STATES)
    moment = at or datetime.now(UTC)
    found = [Schedule.of(record) for record in store.find("schedules")]
    kept = [one for one in found if not state or one.state(store, moment) == state]
    return [one for one in kept if not failed or last_status(store, one) == "failed"]


def last_status(store: Store | Transaction, schedule: Schedule) -> str:
    """What became of the last run that was not passed over; empty before the first."""
    runs = [entry for entry in store.noted("schedule_runs", of=schedule.id)
            if entry.status not in ("skipped", "missed")]  # fmt: skip
    return max(runs, key=lambda entry: entry.key).status if runs else ""


def _checked(given: Mapping[str, Any], today: date) -> dict[str, Any]:
    forms = list(given["forms"])
    for form in forms:
        if form not in FORMS:
            raise ArgumentError.of("forms", form, FORMS)
    if not given["to"]:
        raise ArgumentError.of("to", "", message("at least one place to send it to"))
    for pair in given["assignments"]:
        if not re.match(r"\w+=", str(pair)):
            raise ArgumentError.of("assignments", pair, message("key=value"))
    rule = given["rule"]
    known = rule if isinstance(rule, Rule) else Rule.of(rule, today=today)
    return {
        "rule": known.plain(), "forms": list(dict.fromkeys(forms)),
        "to": check_targets(list(given["to"])), "workspace": str(given["workspace"]),
        "data": str(given["data"]), "assignments": [str(pair) for pair in given["assignments"]],
        "link": str(given["link"]),
    }  # fmt: skip


def _check_name(name: str) -> str:
    if not _NAME.match(name) or name.endswith("."):
        raise ArgumentError.of(
            "name", name, message("letters, digits, hyphens, dots and underscores, such as "
                                  "monday-review"),
        )  # fmt: skip
    return name


def _record(store: Store | Transaction, name: str) -> Record:
    found = store.find("schedules", name=name)
    if not found:
        raise AbsentError.of("name", name, [record.name for record in store.find("schedules")])
    return found[-1]


def _refuse_others(now: Transaction, record: Record, by: str) -> None:
    if by != record.definition["owner"] and not is_admin(now, by):
        raise ArgumentError(
            message("{name} belongs to {owner}; only {owner} and administrators may change it.",
                    name=record.name, owner=record.definition["owner"])
        )  # fmt: skip
