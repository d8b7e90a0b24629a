"""Links for anyone: owner-bound, with an expiry, switched off, renewed, forbidden by the company.

What ends a link ends what can be reached by it: its file is taken out of the folder that is
served, and no new copy is made for it. A file that somebody has kept cannot be taken back; it
stops showing its numbers on its last day, by its own script and the clock of its reader. How often
a file is opened, and whether somebody must log in, is for the server on which it lies.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from workbench.collaboration.sharing.recipients import (
    become_owner,
    check_reports,
    owner_of,
    refuse_unless,
)
from workbench.collaboration.sharing.teams import is_admin, is_disabled
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message

ANYONE = "anyone"
LONGEST_DAYS = 366
DEFAULT_DAYS = 30
_POLICY = "sharing:policy"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}\Z")


@dataclass(frozen=True)
class Link:
    """The link of a report for anyone.

    Attributes
    ----------
    report, owner, token : str
    expires : date
        Last day.
    state : str
        ``on``, ``off``, ``expired``, ``forbidden`` or ``owner_disabled``.
    ended : tuple of str
        Tokens of earlier links, which are dead.
    """

    report: str
    owner: str
    token: str
    expires: date
    state: str
    ended: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """The file of its copy in the folder that is served."""
        return f"{self.token}.html"


def give_link(
    store: Store, report: str, *, by: str, expires: str | date | None = None,
    renew: bool = False, today: date | None = None,
) -> Link:  # fmt: skip
    """Give the link of a report for anyone, or a new one in its place.

    Parameters
    ----------
    store : Store
    report, by : str
    expires : str or date, optional
        Last day, at most a year ahead; 30 days ahead when left out.
    renew : bool
        A new token: the old link dies.
    today : date, optional
        The day from which is counted.

    Raises
    ------
    ArgumentError
        When `by` may not, when links are forbidden here, or for a day that is past or too far.

    Notes
    -----
    Source: collaboration.md, 4 (anyone link).
    """
    (report,) = check_reports([report])
    day = today or datetime.now(UTC).date()
    until = last_day(expires, day)
    with store.transaction() as now:
        if _is_forbidden(now):
            raise ArgumentError(message("Links for anyone are forbidden here by an administrator."))
        refuse_unless(now, report, by, "give_link")
        owner = become_owner(now, report, by)
        found = _record(now, report)
        old = dict(found.definition) if found else {}
        dead = list(old.get("ended", []))
        alive = old.get("state") == "on" and not renew
        token = str(old["token"]) if alive else secrets.token_urlsafe(18)
        if old and not alive and old["token"] not in dead:
            dead.append(old["token"])
        definition = {"what": "link", "token": token, "expires": until.isoformat(), "state": "on",
                      "owner": owner, "ended": dead}  # fmt: skip
        if found:
            now.change("shares", found.id, definition, by=by, version=found.version)
        else:
            now.add("shares", definition, by=by, project=report, name=ANYONE)
        return _link(now, report, day)


def end_link(store: Store, report: str, *, by: str, today: date | None = None) -> Link:
    """Switch a link off: it is dead for good, a later one has another token."""
    (report,) = check_reports([report])
    with store.transaction() as now:
        refuse_unless(now, report, by, "give_link")
        found = _record(now, report)
        if found is None:
            raise AbsentError(message("Report {report} has no link for anyone.", report=report))
        now.change("shares", found.id, {**found.definition, "state": "off"}, by=by)
        return _link(now, report, today or datetime.now(UTC).date())


def link_of(store: Store | Transaction, report: str, *, today: date | None = None) -> Link:
    """The link of a report as it stands.

    Raises
    ------
    AbsentError
        When none was ever given.
    """
    (report,) = check_reports([report])
    return _link(store, report, today or datetime.now(UTC).date())


def forbid_links(store: Store, *, by: str) -> list[str]:
    """Forbid links for anyone: those there are stop for good. Return their reports."""
    with store.transaction() as now:
        _refuse_others(now, by)
        ended = []
        for record in now.find("shares", name=ANYONE):
            if record.definition.get("state") == "on":
                now.change("shares", record.id, {**record.definition, "state": "forbidden"}, by=by)
                ended.append(record.project)
        _say(now, True, by)
        return sorted(ended)


def allow_links(store: Store, *, by: str) -> None:
    """Allow links for anyone again: new ones may be given, those that were stopped stay dead."""
    with store.transaction() as now:
        _refuse_others(now, by)
        _say(now, False, by)


def usable(link: Link) -> Link:
    """Refuse a link that is not on.

    Raises
    ------
    ArgumentError
        With the reason.
    """
    reasons = {
        "off": message("it was switched off"),
        "forbidden": message("links for anyone were forbidden by an administrator"),
        "expired": message("it expired on {day}", day=link.expires.isoformat()),
        "owner_disabled": message("the account of its owner {owner} is disabled", owner=link.owner),
    }
    if link.state in reasons:
        raise ArgumentError(
            message(
                "The link of {report} is dead: {why}. Give a new one with `workbench share "
                "copy {report}`.",
                report=link.report,
                why=reasons[link.state],
            )
        )
    return link


def is_token(text: str) -> bool:
    """Whether a text is a token of a link: it can be the name of a file and nothing else."""
    return bool(_TOKEN.match(text))


def _link(store: Store | Transaction, report: str, today: date) -> Link:
    found = _record(store, report)
    if found is None:
        raise AbsentError(message("Report {report} has no link for anyone.", report=report))
    said = found.definition
    until, state = date.fromisoformat(said["expires"]), str(said["state"])
    owner = owner_of(store, report) or str(said["owner"])
    if state == "on" and is_disabled(store, owner):
        state = "owner_disabled"
    elif state == "on" and until < today:
        state = "expired"
    return Link(report, owner, str(said["token"]), until, state, tuple(said.get("ended", ())))


def _record(store: Store | Transaction, report: str) -> Record | None:
    found = store.find("shares", project=report, name=ANYONE)
    return found[-1] if found else None


def _is_forbidden(store: Store | Transaction) -> bool:
    found = store.find("objects", project=_POLICY, name=ANYONE)
    return bool(found and found[-1].definition["forbidden"])


def _say(now: Transaction, forbidden: bool, by: str) -> None:
    found = now.find("objects", project=_POLICY, name=ANYONE)
    if found:
        now.change("objects", found[-1].id, {"forbidden": forbidden}, by=by)
    else:
        now.add("objects", {"forbidden": forbidden}, by=by, project=_POLICY, name=ANYONE)


def _refuse_others(now: Transaction, by: str) -> None:
    if not is_admin(now, by):
        raise ArgumentError(message("Only administrators may do this; {user} is none.", user=by))


def last_day(given: str | date | None, today: date | None = None) -> date:
    """The last day of a link: the one that was asked for, 30 days ahead when none was.

    Raises
    ------
    ArgumentError
        For a day that is past, or more than a year ahead.
    """
    today = today or datetime.now(UTC).date()
    last = today + timedelta(days=LONGEST_DAYS)
    if given is None:
        return today + timedelta(days=DEFAULT_DAYS)
    try:
        day = given if isinstance(given, date) else date.fromisoformat(str(given).strip())
    except ValueError:
        day = today - timedelta(days=1)
    if not today <= day <= last:
        raise ArgumentError.of(
            "expires", str(given), message("a day from {first} to {last}", first=today.isoformat(),
                                           last=last.isoformat()),
        )  # fmt: skip
    return day
