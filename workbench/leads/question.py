"""What was asked about partner leads: which ones, from when it is looked, by which rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.leads.beside import Beside, hidden_contacts
from workbench.leads.filters import chosen, on_tab
from workbench.leads.log import DecisionLog, favourites_named, log_named
from workbench.leads.moves import HEARTS, Decision, replayed
from workbench.leads.records import Records, records_of
from workbench.leads.remarks import log_notes, long_archived_note, notes_of
from workbench.leads.states import (
    DUE_SOON_HOURS,
    MONTHS_TO_KEEP,
    Rules,
    States,
    long_archived,
    states_at,
)
from workbench.messages import message
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
        Leads whose contact data nobody sees: expired then or by now, or past their retention.
    where, tab, log, favourites
        As asked, the filters in one spelling.
    notes : tuple of str
    beside : Beside
        Duplicates and matches with the CRM, worked out when they are first needed.
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
    favourites: DecisionLog | None
    notes: tuple[str, ...]
    beside: Beside
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def zone(self) -> str:
        """The reporting zone."""
        return self.workspace.settings.report_tz

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        rules = self.rules
        optional: dict[str, Any] = {
            "tab": None if self.tab == "all" else self.tab,
            "where": dict(self.where) or None,
            "as_of": self.as_of.isoformat() if self.as_of != self.workspace.as_of else None,
            "expiry": None if rules.expiry == "exact" else rules.expiry,
            "due_soon_hours": None
            if rules.due_soon_hours == DUE_SOON_HOURS
            else rules.due_soon_hours,
            "unknown_counts": rules.unknown_counts or None,
            "spam_domains": rules.spam_file or sorted(rules.spam_domains) or None,
            "redact": rules.redact or None,
            "retention_months": None
            if rules.retention_months == MONTHS_TO_KEEP
            else rules.retention_months,
            # A file that is made with the first decision cannot be asked for before that.
            "log": str(self.log.path) if self.log and self.log.path.exists() else None,
            "favourites": None if self.favourites is None else str(self.favourites.path),
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
    favourites: Any = None,
    hide_archived: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Question:
    """Check what every analysis of partner leads takes, and read it.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, before any lead is counted.
    """
    moment = read_as_of(workspace, as_of)
    decisions_of, hearts_of = log_named(log), favourites_named(favourites)
    imported = records_of(workspace)
    made = _decisions(decisions_of, hearts_of)
    at = microseconds_of(moment)
    records, refused = replayed(imported, made, at, rules)
    states = states_at(records, at, rules)
    # What has expired by now stays hidden when somebody looks back.
    latest = max(at, microseconds_of(workspace.as_of))
    latest_records = records if latest == at else replayed(imported, made, latest, rules)[0]
    now = states if latest == at else states_at(latest_records, latest, rules)
    hidden = hidden_contacts(records, states, rules) | hidden_contacts(latest_records, now, rules)
    beside = Beside(workspace, records, states, hidden)
    mask = on_tab(records, tab)
    passed = chosen(beside, where)
    mask = passed.mask & mask
    archived_notes = []
    if hide_archived:
        gone = mask & long_archived(records, states)
        mask = mask & ~gone
        archived_notes = [long_archived_note(int(gone.sum()))] if gone.any() else []
    unreadable = 0 if decisions_of is None else decisions_of.unreadable
    return Question(
        analysis=analysis,
        workspace=workspace,
        records=records,
        states=states,
        rules=rules,
        as_of=moment,
        chosen=mask,
        hidden=hidden,
        where=passed.where,
        tab=tab,
        log=decisions_of,
        favourites=hearts_of,
        beside=beside,
        notes=(
            *passed.notes,
            *archived_notes,
            *records.remarks,
            *notes_of(records, states, mask),
            *[reason for _, reason in refused[:5]],
            *log_notes(len(refused), unreadable),
        ),
        more=dict(more or {}),
    )


def _decisions(log: DecisionLog | None, favourites: DecisionLog | None) -> list[Decision]:
    """The decisions of a log; with a file of favourites the hearts are those of that file alone."""
    made = [] if log is None else log.decisions()
    if favourites is None:
        return made
    hearts = [d for d in favourites.decisions() if d.decision in HEARTS]
    return [*(d for d in made if d.decision not in HEARTS), *hearts]


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
