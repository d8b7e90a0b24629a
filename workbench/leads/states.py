"""Where each lead stands at an instant: its stage, its clocks, and whether it can be contacted.

Source: partner-leads.md, section 3 (life cycle), section 4 (timers) and section 6 (spam,
contactable).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads.records import Records
from workbench.leads.terms import DAY, HOUR, NEVER
from workbench.messages import message

EXPIRY_MODES = ("exact", "utc_midnight")
HOT_HOURS = 72
DUE_SOON_HOURS = 48
DAYS_TO_ANSWER = 14
MONTHS_TO_KEEP = 6
CLOSED = ("won", "lost", "declined")


@dataclass(frozen=True)
class Rules:
    """How the clocks run.

    Attributes
    ----------
    expiry : {"exact", "utc_midnight"}
        When a lead without an own instant of expiry runs out.
    due_soon_hours : float
        Hours before the expiry from which a lead is due soon.
    unknown_counts : bool
        Whether an offer lead whose validity is unknown can be contacted.
    spam_domains : frozenset of str
        Domains, with their subdomains, whose mail is spam.
    spam_file : str
        The file that names them; empty for none.
    redact : bool
        Whether contact data of declined leads are hidden as well.
    retention_months : int
        Calendar months after which contact data of leads that only inform are hidden; 0 for never.
    """

    expiry: str = "exact"
    due_soon_hours: float = DUE_SOON_HOURS
    unknown_counts: bool = False
    spam_domains: frozenset[str] = frozenset()
    spam_file: str = ""
    redact: bool = False
    retention_months: int = MONTHS_TO_KEEP

    @classmethod
    def checked(
        cls,
        expiry: Any = "exact",
        due_soon_hours: Any = DUE_SOON_HOURS,
        unknown_counts: Any = False,
        spam_domains: Any = (),
        redact: Any = False,
        retention_months: Any = MONTHS_TO_KEEP,
    ) -> Rules:
        """The rules; refuses values that are not allowed."""
        if expiry not in EXPIRY_MODES:
            raise ArgumentError.of("expiry", expiry, EXPIRY_MODES)
        number = isinstance(due_soon_hours, int | float) and not isinstance(due_soon_hours, bool)
        if not number or not 0 < due_soon_hours <= 24 * 366:
            raise ArgumentError.of(
                "due_soon_hours", due_soon_hours, message("a number of hours above 0, up to a year")
            )
        for name, value in (("unknown_counts", unknown_counts), ("redact", redact)):
            if not isinstance(value, bool):
                raise ArgumentError.of(name, value, ["True", "False"])
        whole = isinstance(retention_months, int) and not isinstance(retention_months, bool)
        if not whole or not 0 <= retention_months <= 120:
            raise ArgumentError.of(
                "retention_months",
                retention_months,
                message("a whole number of months from 0 (never hidden) to 120"),
            )
        domains, file = listed_domains(spam_domains)
        return cls(
            expiry, float(due_soon_hours), unknown_counts, domains, file, redact, retention_months
        )


def listed_domains(given: Any) -> tuple[frozenset[str], str]:
    """Domains of a list, or of a text file with one a line, and the path of that file.

    Lines that begin with ``#`` are remarks.

    Raises
    ------
    ArgumentError
        For what is no list of domains, or a file that cannot be read.
    """
    file = ""
    if isinstance(given, str | Path):
        file = str(given)
        try:
            lines = Path(given).read_text("utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError, ValueError):
            raise ArgumentError.of(
                "spam_domains",
                file,
                message("a list of domains, or a text file in UTF-8 with one domain a line"),
            ) from None
        given = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    listed = isinstance(given, list | tuple | set | frozenset)
    if not listed or not all(isinstance(d, str) and d.strip() for d in given):
        raise ArgumentError.of("spam_domains", given, message("a list of domains"))
    return frozenset(d.strip().lower().lstrip("@.") for d in given), file


@dataclass(frozen=True)
class States:
    """The leads as they stood at an instant; one place a lead.

    Attributes
    ----------
    at : int
        Microseconds since 1970.
    exists : numpy.ndarray of bool
        Whether the lead had arrived.
    stage : numpy.ndarray of object
        One of `workbench.leads.terms.STAGES`.
    expires_at : numpy.ndarray of int64
        When it runs out without an answer; `NEVER` for leads that ask for none.
    answer_by : numpy.ndarray of int64
        End of the 72 hours of a hot lead, else its expiry; `NEVER` unless it waits.
    accepted_at, closed_at : numpy.ndarray of int64
        `NEVER` where not (yet), or where nobody knows when.
    accepted : numpy.ndarray of bool
        Ever accepted by then.
    waiting, hot, warm, due_soon : numpy.ndarray of bool
    spam, contactable : numpy.ndarray of bool
    approximate, jumped, late : numpy.ndarray of bool
        Closed at the last change of the row; won or lost without ever being accepted; accepted at
        or after its expiry.
    """

    at: int
    exists: np.ndarray
    stage: np.ndarray
    expires_at: np.ndarray
    answer_by: np.ndarray
    accepted_at: np.ndarray
    closed_at: np.ndarray
    accepted: np.ndarray
    waiting: np.ndarray
    hot: np.ndarray
    warm: np.ndarray
    due_soon: np.ndarray
    spam: np.ndarray
    contactable: np.ndarray
    approximate: np.ndarray
    jumped: np.ndarray
    late: np.ndarray


def expiry(created_at: np.ndarray, expires_at: np.ndarray, mode: str) -> np.ndarray:
    """When leads run out: as their row says, else 14 days after they arrived.

    Parameters
    ----------
    created_at, expires_at : numpy.ndarray of int64
        Microseconds since 1970 in UTC; `NEVER` for an unknown expiry.
    mode : {"exact", "utc_midnight"}
        14 times 24 hours, or the midnight of UTC that begins the day 14 days later.
    """
    start = created_at if mode == "exact" else created_at // DAY * DAY
    return np.where(expires_at != NEVER, expires_at, start + DAYS_TO_ANSWER * DAY)


def kept_until(created_at: np.ndarray, months_later: int = MONTHS_TO_KEEP) -> np.ndarray:
    """Calendar months later at the same time of day; the last day of a shorter month."""
    days = (created_at // DAY).astype("M8[D]")
    months = days.astype("M8[M]")
    into = (days - months.astype("M8[D]")).astype(np.int64)
    target = months + months_later
    first = target.astype("M8[D]")
    length = ((target + 1).astype("M8[D]") - first).astype(np.int64)
    day = first.astype(np.int64) + np.minimum(into, length - 1)
    return np.asarray(day * DAY + created_at % DAY, np.int64)


def states_at(records: Records, at: int, rules: Rules) -> States:
    """Where every lead stood at an instant.

    Parameters
    ----------
    at : int
        Microseconds since 1970.
    rules : Rules
    """
    created, requested = records["created_at"], records["contact_requested"]
    actionable, named = records.actionable, records["stage"].astype(str)
    expires = expiry(created, records["expires_at"], rules.expiry)
    accepted_at, accepted = _accepted(records, named, at)
    closed_at, approximate = _closed(records, named)
    won_or_lost = np.isin(named, CLOSED) & (closed_at <= at)
    jumped = np.isin(named, ("won", "lost")) & (records["accepted_at"] == NEVER)
    ran_out = (at >= expires) | ((named == "expired") & (closed_at != NEVER) & (closed_at <= at))
    stage = np.where(ran_out, "expired", "received").astype(object)
    stage[accepted] = "accepted"
    stage[won_or_lost] = named[won_or_lost]
    accepted = (accepted | np.isin(stage.astype(str), ("won", "lost"))) & (stage != "declined")
    quiet = np.where(at >= kept_until(created), "aged_out", "available")
    stage = np.where(actionable, stage, quiet)
    waiting = (stage == "received") & (created <= at)
    hot = waiting & requested & (at - created < HOT_HOURS * HOUR)
    left = expires - at
    spam = _spam(records, rules)
    return States(
        at=at,
        exists=created <= at,
        stage=stage,
        expires_at=np.where(actionable, expires, NEVER),
        answer_by=np.where(
            waiting,
            np.where(hot, np.minimum(created + HOT_HOURS * HOUR, expires), expires),
            NEVER,
        ),
        accepted_at=np.where(actionable & accepted, accepted_at, NEVER),
        closed_at=np.where(actionable & won_or_lost, closed_at, NEVER),
        accepted=actionable & accepted & (created <= at),
        waiting=waiting,
        hot=hot,
        warm=waiting & requested & ~hot,
        due_soon=waiting & (left > 0) & (left <= rules.due_soon_hours * HOUR),
        spam=spam,
        contactable=_contactable(records, rules) & ~spam & (stage != "expired"),
        approximate=actionable & approximate & won_or_lost,
        jumped=actionable & jumped & won_or_lost,
        late=actionable & accepted & (accepted_at != NEVER) & (accepted_at >= expires),
    )


def long_archived(records: Records, states: States) -> np.ndarray:
    """Leads that were archived six calendar months ago or earlier."""
    ended = np.select(
        [states.closed_at != NEVER, states.stage == "expired", states.stage == "aged_out"],
        [states.closed_at, states.expires_at, kept_until(records["created_at"])],
        NEVER,
    )
    known = ended != NEVER
    after = kept_until(np.where(known, ended, 0))
    return np.asarray(known & (states.at >= after), bool)


def _accepted(records: Records, named: np.ndarray, at: int) -> tuple[np.ndarray, np.ndarray]:
    """When each lead was accepted, and whether it was by an instant."""
    given = records["accepted_at"]
    silent = (given == NEVER) & (named == "accepted")
    # A row that only says that it was accepted did so by its last change.
    by_then = np.where(records["updated_at"] == NEVER, records["created_at"], records["updated_at"])
    accepted = ((given != NEVER) & (given <= at)) | (silent & (by_then <= at))
    return np.where(accepted, given, NEVER), accepted


def _closed(records: Records, named: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """When each closed lead was closed, and whether its last change stands in."""
    given, ended = records["closed_at"], np.isin(named, (*CLOSED, "expired"))
    stand_in = np.where(
        records["updated_at"] == NEVER, records["created_at"], records["updated_at"]
    )
    approximate = ended & (given == NEVER)
    return np.where(ended, np.where(approximate, stand_in, given), NEVER), approximate


def _spam(records: Records, rules: Rules) -> np.ndarray:
    told = (records["email_validity"] == "spam") | (records["quality"] == "low")
    if rules.spam_domains:
        told = told | np.array([on_list(mail, rules.spam_domains) for mail in records["email"]])
    mark = records["spam_mark"]
    return np.asarray((told | (mark > 0)) & (mark >= 0), bool)


def on_list(mail: str | None, domains: Collection[str]) -> bool:
    """Whether a mail address has a domain of a list, or a subdomain of one."""
    domain = (mail or "").rpartition("@")[2].strip().lower()
    while domain:
        if domain in domains:
            return True
        domain = domain.partition(".")[2]
    return False


def validity_rank(records: Records) -> np.ndarray:
    """0 for both mail and telephone valid, 1 for one of them, 2 for unknown, 3 for neither."""
    mail, phone = records["email_validity"], records["phone_validity"]
    valid = (mail == "valid").astype(int) + (phone == "valid").astype(int)
    unknown = (mail == "unknown") | (phone == "unknown")
    return np.select([valid == 2, valid == 1, unknown], [0, 1, 2], 3)


def _contactable(records: Records, rules: Rules) -> np.ndarray:
    mail, phone = records["email_validity"], records["phone_validity"]
    has_mail, has_phone = (pd.notna(records[n]) for n in ("email", "phone"))
    valid = (mail == "valid") | (phone == "valid")
    unjudged = pd.isna(mail) & pd.isna(phone)
    offer = np.isin(
        records["lead_class"].astype(str), ("contact_me", "informational")
    ) | (records["lead_type"] == "offer")  # fmt: skip
    present = ~offer & unjudged & (has_mail | has_phone)
    maybe = np.zeros(len(records), bool)
    if rules.unknown_counts:
        maybe = (has_mail & ((mail == "unknown") | unjudged)) | (
            has_phone & ((phone == "unknown") | unjudged)
        )
    allowed = records["lead_class"] != "do_not_contact"
    return np.asarray(allowed & (valid | present | maybe), bool)


def priority(records: Records, states: States) -> np.ndarray:
    """Places of the leads, the most pressing first.

    Hot ones that can be contacted by the hours left, then all others that wait by quality,
    validity and age, then the rest, the newest first; ties by key.
    """
    pressing = states.hot & states.contactable
    group = np.select([pressing, states.waiting], [0, 1], 2)
    quality = np.select([records["quality"] == "high", records["quality"] == "low"], [0, 2], 1)
    created = records["created_at"]
    second = group == 1
    return np.lexsort(
        (
            np.arange(len(records)),
            np.where(group == 2, -created, np.where(second, created, 0)),
            np.where(second, validity_rank(records), 0),
            np.where(second, quality, np.where(pressing, states.answer_by, 0)),
            group,
        )
    )
