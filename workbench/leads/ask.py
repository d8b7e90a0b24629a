"""The questions: which leads wait for an answer, and how fast and how well are they answered?

Source: partner-leads.md, sections 2 to 6 and 9.
"""

from __future__ import annotations

from typing import Any

from workbench.errors import ArgumentError
from workbench.leads.funnel import COUNTED, GROUPS, LeadFunnel
from workbench.leads.question import ask
from workbench.leads.result import ORDERS, Leads
from workbench.leads.states import DUE_SOON_HOURS, MONTHS_TO_KEEP, Rules
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace


def partner_leads(
    workspace: Workspace,
    *,
    tab: str = "all",
    where: Any = None,
    as_of: Any = None,
    order: str = "priority",
    expiry: str = "exact",
    due_soon_hours: float = DUE_SOON_HOURS,
    unknown_counts: bool = False,
    spam_domains: Any = (),
    hide_archived: bool = False,
    redact: bool = False,
    retention_months: int = MONTHS_TO_KEEP,
    log: Any = None,
    favourites: Any = None,
) -> Leads:
    """Partner leads with their class, stage and clocks: what must be answered when.

    Parameters
    ----------
    workspace : Workspace
    tab : {"all", "marketplace", "qualified", "favourites"}
    where : mapping, optional
        Filters such as ``{"status": "received", "country": ["DE", "JP"]}``; names stand in
        `workbench.leads.filters.FILTERS`. Values of one filter are alternatives. Choosing a
        status removes leads that only inform, choosing a validity removes leads of no offer; how
        many is told. ``search`` finds a text in keys, names, notes and contact data that are
        shown; ``older_than`` and ``younger_than`` take a duration such as ``"7d"``.
    as_of : str, date or datetime, optional
        The instant from which it is looked; clocks run on after the newest one of the data.
    order : {"priority", "created"}
        The most pressing first, or the newest first.
    expiry : {"exact", "utc_midnight"}
        When a lead without an own instant of expiry runs out: 14 times 24 hours after it arrived,
        or at the midnight of UTC that begins the 14th day after.
    due_soon_hours : float
        Hours before the expiry from which a lead is due soon.
    unknown_counts : bool
        Whether an offer lead whose validity is unknown can be contacted.
    spam_domains : list of str, or path
        Domains whose mail is spam, with their subdomains; a path names a text file with one a line.
    hide_archived : bool
        Whether leads that were archived six months ago or earlier are left out.
    redact : bool
        Whether contact data of declined leads are hidden as well; those of expired ones always are.
    retention_months : int
        Calendar months after which contact data of leads that only inform are hidden; 0: never.
    log : str, path or DecisionLog, optional
        Decisions that are replayed over the leads.
    favourites : str, path or DecisionLog, optional
        One person's own favourites, a log as well; it need not exist yet. With it, hearts of
        `log` count for nothing.

    Returns
    -------
    Leads

    Raises
    ------
    AbsentError
        Without a table of partner leads that names their arrival.
    DataError
        For a status that may mean two things: the file's owner is asked, nobody guesses.
    ArgumentError
        For a value that is not allowed.

    Notes
    -----
    Source: partner-leads.md, sections 2 to 6 and 10 to 12. Expired leads show no contact data, also
    to somebody who looks from an earlier day.
    """
    rules = Rules.checked(
        expiry, due_soon_hours, unknown_counts, spam_domains, redact, retention_months
    )
    if order not in ORDERS:
        raise ArgumentError.of("order", order, ORDERS)
    if not isinstance(hide_archived, bool):
        raise ArgumentError.of("hide_archived", hide_archived, ["True", "False"])
    more: dict[str, Any] = {} if order == "priority" else {"order": order}
    if hide_archived:
        more["hide_archived"] = True
    question = ask(
        "partner_leads",
        workspace,
        tab=tab,
        where=where,
        as_of=as_of,
        log=log,
        favourites=favourites,
        hide_archived=hide_archived,
        rules=rules,
        more=more,
    )
    return Leads(question=question, order=order)


def lead_funnel(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    by: str | None = None,
    count: str = "leads",
    tab: str = "all",
    where: Any = None,
    as_of: Any = None,
    expiry: str = "exact",
    spam_domains: Any = (),
    log: Any = None,
) -> LeadFunnel:
    """How many leads that ask for an answer got one, how fast, and what they brought.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        When the leads arrived; everything when left out.
    by : str, optional
        One of ``call_to_action``, ``country``, ``lead_class``, ``lead_type``, ``offer``,
        ``qualification``, ``quality``, ``source``.
    count : {"leads", "people"}
        Whether each lead counts, or each customer once within 180 days.
    tab, where, as_of, expiry, spam_domains, log
        As in `partner_leads`.

    Returns
    -------
    LeadFunnel

    Raises
    ------
    AbsentError, ArgumentError
        As `partner_leads`.

    Notes
    -----
    Source: partner-leads.md, sections 9 and 10.
    """
    rules = Rules.checked(expiry, spam_domains=spam_domains)
    if count not in COUNTED:
        raise ArgumentError.of("count", count, COUNTED)
    if by is not None and by not in GROUPS:
        raise ArgumentError.of("by", by, GROUPS)
    asked = workspace.period(period)
    people = None if count == "leads" else count
    named = {"period": str(asked) or None, "by": by, "count": people}
    question = ask(
        "lead_funnel", workspace, tab=tab, where=where, as_of=as_of, log=log, rules=rules,
        more={name: value for name, value in named.items() if value is not None},
    )  # fmt: skip
    return LeadFunnel(question=question, period=asked, by=by, count=count)
