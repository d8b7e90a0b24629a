"""What the tables beside the events know: people, deals in one currency, and who acted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd

from workbench.engine.store import EventStore
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.money import Conversion, conversion, target_currency
from workbench.quoting import literal
from workbench.results.audiences import column, internal, linked
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

# Rows that the own systems write about somebody: nothing that the person did.
RECORDED = frozenset(
    (
        "lead_created",
        "mql_qualified",
        "sql_qualified",
        "lead_converted",
        "score_changed",
        "opportunity_created",
        "stage_changed",
        "closed_won",
        "closed_lost",
        "event_no_show",
        "contract_started",
        "contract_ended",
        "churned",
        *(
            f"partner_lead_{state}"
            for state in ("created", "accepted", "won", "lost", "declined", "expired", "closed")
        ),
    )
)
SENT = frozenset(("email_sent", "task_done"))
MEETINGS = frozenset(("meeting",))
TALKS = frozenset(("meeting", "call", "email_received"))
DEAL_COLUMNS = (
    "opportunity_id",
    "account_id",
    "name",
    "stage",
    "type",
    "product",
    "owner",
    "created_at",
    "closed_at",
    "outcome",
    "amount",
    "expected_close_on",
    "next_step",
    "group_id",
)


def instant_of(workspace: Workspace, period: Period) -> datetime:
    """The last instant that is looked at: the end of the period, or `as_of`."""
    end = workspace.bounds(period)[1] - 1
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=end)


def people(workspace: Workspace) -> pd.DataFrame:
    """Everyone of the people table, each under the key that their events carry.

    Returns
    -------
    pandas.DataFrame
        ``person_id`` as written, ``same_id`` (the person that a merged one became),
        ``account_id``, ``name``, ``role_level``, ``title``, ``is_internal``; without rows where
        the workspace has no people.
    """
    names = ["person_id", "same_id", "account_id", "name", "role_level", "title", "is_internal"]
    if not workspace.has("people", "person_id"):
        return pd.DataFrame({name: pd.Series(dtype="str") for name in names})

    def text(name: str) -> str:
        return column(workspace, "people", name, "VARCHAR")

    full = f"nullif(trim(concat_ws(' ', {text('first_name')}, {text('last_name')})), '')"
    known = linked(workspace)
    account = f"coalesce({text('account_id')}, l.account_id)" if known else text("account_id")
    same = "coalesce(l.same_person_id, t.person_id)" if known else "t.person_id"
    joined = " LEFT JOIN _people l ON l.person_id = t.person_id" if known else ""
    return workspace.sql(
        f"SELECT t.person_id::VARCHAR AS person_id, {same}::VARCHAR AS same_id, "
        f"{account} AS account_id, coalesce({full}, {text('name')}) AS name, "
        f"{text('role_level')} AS role_level, {text('title')} AS title, "
        f"{internal(workspace, text('email'))} AS is_internal FROM people t{joined} "
        "WHERE t.person_id IS NOT NULL ORDER BY t.person_id"
    )


@dataclass(frozen=True)
class Deals:
    """Opportunities as they stood at an instant, their amounts in one currency.

    Attributes
    ----------
    frame : pandas.DataFrame
        The columns of `DEAL_COLUMNS`; ``outcome`` is open, won or lost at that instant.
    currency : str
        Currency of ``amount``; empty where none is known.
    notes : tuple of str
        What could not be converted.
    """

    frame: pd.DataFrame
    currency: str
    notes: tuple[str, ...] = ()

    @property
    def open(self) -> pd.DataFrame:
        """Those still open."""
        return self.frame[self.frame["outcome"] == "open"]


def deals(workspace: Workspace, at: datetime, account: str | None = None) -> Deals:
    """Opportunities that existed at an instant, of all accounts or of one.

    Notes
    -----
    Source: b2b-data-model.md, section 4, rules 3 (closing) and 9 (policies of conversion).
    Stage, amount and owner are those of today; only whether it was open is told for the instant.
    """
    if not workspace.has("opportunities", "opportunity_id", "account_id"):
        return Deals(pd.DataFrame(columns=list(DEAL_COLUMNS)), "")

    def of(name: str, kind: str = "VARCHAR") -> str:
        return column(workspace, "opportunities", name, kind)

    closed = of("closed_at", "TIMESTAMPTZ")
    ended = f"coalesce({of('is_closed', 'BOOLEAN')}, {closed} IS NOT NULL)"
    owner, users = of("owner_id"), ""
    if workspace.has("users", "user_id", "name"):
        owner, users = f"coalesce(u.name, {owner})", f"LEFT JOIN users u ON u.user_id = {owner}"
    rule = _rule(workspace)
    frame = workspace.sql(
        "WITH moment AS (SELECT ?::TIMESTAMPTZ AS i) "
        f"SELECT {of('opportunity_id')} AS opportunity_id, {of('account_id')} AS account_id, "
        f"{of('name')} AS name, {of('stage')} AS stage, {of('type')} AS type, "
        f"{of('product')} AS product, {owner} AS owner, {of('created_at', 'TIMESTAMPTZ')} AS "
        f"created_at, {closed} AS closed_at, CASE WHEN NOT ({ended} AND "
        f"coalesce({closed} <= moment.i, true)) THEN 'open' "
        f"WHEN {of('is_won', 'BOOLEAN')} THEN 'won' ELSE 'lost' END AS outcome, "
        f"{rule.sql} AS amount, {of('amount', 'DOUBLE')} AS plain, "
        f"{of('expected_close_on', 'DATE')} AS expected_close_on, {of('next_step')} AS next_step, "
        f"{of('buying_group_id')} AS group_id FROM opportunities t CROSS JOIN moment "
        f"{users} {rule.joined} WHERE {of('opportunity_id')} IS NOT NULL AND "
        f"coalesce({of('created_at', 'TIMESTAMPTZ')} <= moment.i, true) "
        + (f"AND {of('account_id')} = ? " if account is not None else "")
        + "ORDER BY opportunity_id",
        [at, *([account] if account is not None else [])],
    )
    lost = int((frame["amount"].isna() & frame["plain"].notna()).sum())
    notes = (
        (
            message(
                "{n} opportunities have an amount that could not be converted to {currency}; "
                "it counts in no sum.",
                n=f"{lost:,}",
                currency=rule.currency or message("one currency"),
            ),
        )
        if lost
        else ()
    )
    return Deals(frame[list(DEAL_COLUMNS)], rule.currency, notes)


def _rule(workspace: Workspace) -> Conversion:
    """How amounts come to one currency; no amounts where there are several and none is named."""
    plain = column(workspace, "opportunities", "amount", "DOUBLE")
    written = column(workspace, "opportunities", "currency", "VARCHAR")
    found = workspace.sql(f"SELECT DISTINCT {written} AS c FROM opportunities t")["c"].dropna()
    try:
        target = target_currency(workspace, found, "amount")
    except ArgumentError:
        return Conversion("NULL::DOUBLE", "", "")
    zone = literal(workspace.settings.report_tz)
    closed = column(workspace, "opportunities", "closed_at", "TIMESTAMPTZ")
    imported = column(workspace, "opportunities", "amount_rc", "DOUBLE")
    return conversion(
        workspace,
        amount=plain,
        currency=written,
        closed_on=f"({closed} AT TIME ZONE {zone})::DATE",
        expected_on=column(workspace, "opportunities", "expected_close_on", "DATE"),
        at=f"(moment.i AT TIME ZONE {zone})::DATE",
        imported=imported,
        target=target,
    )


@dataclass(frozen=True)
class Acts:
    """Who acted in some rows of the store.

    Attributes
    ----------
    theirs : numpy.ndarray of bool
        The person or the account did something: no record of the own systems, nothing that was
        sent to them.
    inbound, outbound : numpy.ndarray of bool
        Direction as recorded; e-mails by their name where no direction is.
    talk : numpy.ndarray of bool
        Both sides spoke: a meeting, a call, or an e-mail that came in.
    """

    theirs: np.ndarray
    inbound: np.ndarray
    outbound: np.ndarray
    talk: np.ndarray


def acts(store: EventStore, rows: np.ndarray | slice = slice(None)) -> Acts:
    """Who acted in some rows of the store, decided once a distinct event and direction."""
    events = [str(v) for v in store.dictionary("event").to_pylist()]
    codes = store.column("event")[rows]
    recorded, sent, meeting, talked = (
        np.array([name in group for name in [*events, ""]])[codes]
        for group in (RECORDED, SENT, MEETINGS, TALKS)
    )
    inbound = np.array([name == "email_received" for name in [*events, ""]])[codes]
    outbound = np.array([name == "email_sent" for name in [*events, ""]])[codes]
    if "direction" in store.columns and store.columns["direction"]["kind"] == "text":
        ways = [str(v).lower() for v in store.dictionary("direction").to_pylist()]
        way = store.column("direction")[rows]
        inbound = inbound | np.array([*(name == "in" for name in ways), False])[way]
        outbound = outbound | np.array([*(name == "out" for name in ways), False])[way]
    theirs = ~recorded & (meeting | ~(sent | outbound))
    return Acts(theirs, inbound, outbound, talked)
