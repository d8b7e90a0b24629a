"""What was asked about partner leads: which ones, from when it is looked, by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.leads.filters import chosen, on_tab
from workbench.leads.log import DecisionLog, log_named
from workbench.leads.moves import replayed
from workbench.leads.records import Records, records_of
from workbench.leads.states import Rules, States, states_at
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Scope
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read.

    Attributes
    ----------
    analysis : str
    workspace : Workspace
    records : Records
        With the decisions of the log up to the instant.
    states : States
    rules : Rules
    as_of : datetime
        The instant from which it is looked, in UTC.
    chosen : numpy.ndarray of bool
        Leads that had arrived and pass the tab and the filters.
    hidden : numpy.ndarray of bool
        Leads whose contact data nobody sees: expired then, or by now.
    where, tab, log
        As asked, the filters in one spelling.
    notes : tuple of str
    """

    analysis: str
    workspace: Workspace
    records: Records
    states: States
    rules: Rules
    as_of: datetime
    chosen: np.ndarray
    hidden: np.ndarray
    where: Mapping[str, Any]
    tab: str
    log: DecisionLog | None
    notes: tuple[str, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """The reporting zone."""
        return self.workspace.settings.report_tz

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        optional: dict[str, Any] = {
            "tab": None if self.tab == "all" else self.tab,
            "where": dict(self.where) or None,
            "as_of": self.as_of.isoformat() if self.as_of != self.workspace.as_of else None,
            "expiry": None if self.rules.expiry == "exact" else self.rules.expiry,
            "due_soon_hours": None
            if self.rules.due_soon_hours == 48
            else self.rules.due_soon_hours,
            "unknown_counts": self.rules.unknown_counts or None,
            "spam_domains": list(self.rules.spam_domains) or None,
            "log": None if self.log is None else str(self.log.path),
        }
        given = {name: value for name, value in optional.items() if value is not None}
        return {"analysis": self.analysis, **given, **self.more}

    def scope(self, mask: np.ndarray, *notes: str, period: str = "") -> Scope:
        """What the numbers speak of, and what was set aside."""
        return Scope(
            container="partner lead",
            period=period,
            as_of=self.as_of.strftime("%Y-%m-%d %H:%M UTC"),
            events=int(mask.sum()),
            notes=(*notes, *self.notes),
        )

    def sentences(self) -> list[str]:
        """Filters and clocks, in sentences."""
        out = []
        if self.tab != "all":
            out.append(message("Only leads of the tab '{tab}'.", tab=self.tab))
        if self.where:
            parts = "; ".join(f"{name}: {_said(value)}" for name, value in self.where.items())
            out.append(
                message(
                    "Only leads with {filters}: {n} of {total}.",
                    filters=parts,
                    n=numbers.count(self.chosen.sum()),
                    total=numbers.count(self.states.exists.sum()),
                )
            )
        if self.rules.expiry == "exact":
            out.append(
                message(
                    "A lead expires as its row says; without that, 14 times 24 hours after it "
                    "arrived."
                )
            )
        else:
            out.append(
                message(
                    "A lead expires as its row says; without that, at the midnight of UTC that "
                    "begins the 14th day after it arrived."
                )
            )
        return out


def _said(value: Any) -> str:
    return " / ".join(value) if isinstance(value, list) else str(value)


def ask(
    analysis: str,
    workspace: Workspace,
    *,
    tab: Any,
    where: Any,
    as_of: Any,
    log: Any,
    rules: Rules,
    more: Mapping[str, Any] | None = None,
) -> Question:
    """Check what every analysis of partner leads takes, and read it.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, before any lead is counted.
    """
    moment = read_as_of(workspace, as_of)
    decisions_of = log_named(log)
    imported = records_of(workspace)
    made = [] if decisions_of is None else decisions_of.decisions()
    at = microseconds_of(moment)
    records, refused = replayed(imported, made, at, rules)
    states = states_at(records, at, rules)
    # What has expired by now stays hidden when somebody looks back.
    latest = max(at, microseconds_of(workspace.as_of))
    latest_records = records if latest == at else replayed(imported, made, latest, rules)[0]
    now = states_at(latest_records, latest, rules)
    hidden = (states.stage == "expired") | (now.stage == "expired")
    mask = on_tab(records, tab)
    passed = chosen(records, states, where)
    unreadable = 0 if decisions_of is None else decisions_of.unreadable
    return Question(
        analysis=analysis,
        workspace=workspace,
        records=records,
        states=states,
        rules=rules,
        as_of=moment,
        chosen=passed.mask & mask,
        hidden=hidden,
        where=passed.where,
        tab=tab,
        log=decisions_of,
        notes=(
            *passed.notes,
            *_notes(records, states, passed.mask & mask),
            *[reason for _, reason in refused[:5]],
            *_log_notes(len(refused), unreadable),
        ),
        more=dict(more or {}),
    )


def read_as_of(workspace: Workspace, value: Any) -> datetime:
    """The instant from which it is looked, also a later one than the data know: clocks run on.

    Raises
    ------
    ArgumentError
        For what is no date or instant with its zone.
    """
    if value is None or value == "":
        return workspace.as_of
    allowed = message("a date such as '2026-06-30', or an instant with its zone")
    try:
        read = value if isinstance(value, datetime | date) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ArgumentError.of("as_of", str(value), allowed) from None
    whole_day = not isinstance(read, datetime) or (
        isinstance(value, str) and len(value.strip()) <= len("2026-06-30")
    )
    if whole_day:
        zone = workspace.settings.report_tz
        end = Period.parse(f"{read:%Y-%m-%d}", zone, argument="as_of").end
        return (end or workspace.as_of) - timedelta(microseconds=1)
    if not isinstance(read, datetime) or read.tzinfo is None:
        raise ArgumentError.of("as_of", str(value), allowed)
    return read.astimezone(UTC)


def _notes(records: Records, states: States, mask: np.ndarray) -> list[str]:
    """What was set aside on reading, and what is odd about the leads that are counted."""
    aside = records.set_aside
    later = int((~states.exists).sum())
    counted = {
        _later(later): later,
        _of_test(aside["test"]): aside["test"],
        _outgoing(aside["outgoing"]): aside["outgoing"],
        _undated(aside["undated"]): aside["undated"],
        _unknown_status(aside["unknown status"]): aside["unknown status"],
        _silent(aside["no call to action"]): aside["no call to action"],
        _approximate(n := int((states.approximate & mask).sum())): n,
        _jumped(n := int((states.jumped & mask).sum())): n,
        _late(n := int((states.late & mask).sum())): n,
    }
    return [words for words, count in counted.items() if count]


def _later(n: int) -> str:
    return message_of_count(
        "{count} lead arrived later.", "{count} leads arrived later.", n
    )  # fmt: skip


def _of_test(n: int) -> str:
    return message_of_count(
        "{count} test lead is left out.", "{count} test leads are left out.", n
    )  # fmt: skip


def _outgoing(n: int) -> str:
    return message_of_count(
        "{count} lead was sent to a partner and is left out.",
        "{count} leads were sent to partners and are left out.",
        n,
    )


def _undated(n: int) -> str:
    return message_of_count(
        "Nobody knows when {count} lead arrived; it is left out.",
        "Nobody knows when {count} leads arrived; they are left out.",
        n,
    )


def _unknown_status(n: int) -> str:
    return message_of_count(
        "The status of {count} lead does not say where it stands; its instants decide.",
        "The status of {count} leads does not say where they stand; their instants decide.",
        n,
    )


def _silent(n: int) -> str:
    return message_of_count(
        "{count} offer lead names no call to action and counts as informational.",
        "{count} offer leads name no call to action and count as informational.",
        n,
    )


def _approximate(n: int) -> str:
    return message_of_count(
        "Nobody wrote when {count} lead was closed: the last change of its row stands in.",
        "Nobody wrote when {count} leads were closed: the last change of their rows stands in.",
        n,
    )


def _jumped(n: int) -> str:
    return message_of_count(
        "{count} lead was won or lost without ever being accepted.",
        "{count} leads were won or lost without ever being accepted.",
        n,
    )


def _late(n: int) -> str:
    return message_of_count(
        "{count} lead was accepted after it had expired; it stays accepted.",
        "{count} leads were accepted after they had expired; they stay accepted.",
        n,
    )


def _log_notes(refused: int, unreadable: int) -> list[str]:
    out = []
    if refused:
        out.append(
            message_of_count(
                "{count} decision of the log had no effect.",
                "{count} decisions of the log had no effect.",
                refused,
            )
        )
    if unreadable:
        out.append(
            message_of_count(
                "{count} line of the log cannot be read.",
                "{count} lines of the log cannot be read.",
                unreadable,
            )
        )
    return out
