"""Partner leads as columns: one place a lead, in the order of their keys.

Source: partner-leads.md, section 1 (columns) and section 2 (classes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.data.vendors import meanings
from workbench.errors import AbsentError, DataError, either
from workbench.leads import spoken, terms
from workbench.leads.terms import NEVER
from workbench.messages import message, message_of_count
from workbench.quoting import quoted
from workbench.workspace import Workspace

TEXTS = (
    "lead_id", "engagement_id", "account_id", "direction", "lead_type", "qualification", "source",
    "call_to_action", "status", "substatus", "customer_name", "country", "size",
    "contact_first_name", "contact_last_name", "email", "phone", "title", "email_validity",
    "phone_validity", "quality",
    "deal_name", "currency", "crm_id", "campaign_id", "team", "decline_reason", "status_reason",
    "offer_id", "publisher_id", "sales_stage", "notes",
)  # fmt: skip
INSTANTS = ("created_at", "updated_at", "accepted_at", "expires_at", "closed_at")
FLAGS = ("contact_requested", "favourite")
_RULES = {
    "direction": spoken.direction_of, "lead_type": spoken.type_of,
    "email_validity": spoken.validity_of, "phone_validity": spoken.validity_of,
    "quality": spoken.quality_of, "sales_stage": spoken.co_sell_stage_of,
}  # fmt: skip
CONTACT = ("contact_first_name", "contact_last_name", "email", "phone", "title")
_kept: WeakKeyDictionary[Workspace, Records] = WeakKeyDictionary()


@dataclass(frozen=True)
class Records:
    """Incoming leads that are no tests, as their table and the decisions taken so far say.

    Attributes
    ----------
    columns : mapping
        Name to one array: `TEXTS` as objects with None, `INSTANTS` in microseconds since 1970 with
        `NEVER`, `FLAGS` as booleans, ``deal_value`` with NaN, ``expected_close_on`` as text;
        ``stage`` as the file names it (`workbench.leads.terms.stage_of`), ``lead_class``,
        ``spam_mark`` 1 for a mark of a user, -1 for one taken away, 0 for none; ``misplaced``
        where the substatus does not belong to the status.
    set_aside : mapping
        How many rows take no part, by reason: ``test``, ``outgoing``, ``undated``, ``unknown
        status``, ``no call to action``.
    remarks : tuple of str
        What the table itself leaves open, as sentences.
    """

    columns: Mapping[str, np.ndarray]
    set_aside: Mapping[str, int]
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns["lead_id"])

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    @property
    def actionable(self) -> np.ndarray:
        """Leads that wait for an answer or waited for one."""
        return np.isin(self["lead_class"].astype(str), terms.ACTIONABLE)

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of each lead by its key."""
        return {key: n for n, key in enumerate(self["lead_id"])}

    def take(self, places: np.ndarray) -> Records:
        """Some of the leads."""
        return replace(self, columns={n: values[places] for n, values in self.columns.items()})


def records_of(workspace: Workspace) -> Records:
    """The partner leads of a workspace; read once.

    Raises
    ------
    AbsentError
        When the workspace has no partner leads, or nothing says when they arrived.
    DataError
        For a status that may mean two things (section 5: asked, not guessed).
    """
    if workspace not in _kept:
        _kept[workspace] = _read(workspace)
    return _kept[workspace]


def _read(workspace: Workspace) -> Records:
    if not workspace.has("partner_leads", "lead_id", "created_at"):
        raise AbsentError.of(
            "workspace",
            workspace.name,
            message("a workspace with a table of partner leads that names their arrival"),
            message("Name it under tables: in the workspace file, with lead_id and created_at."),
        )
    known = workspace.columns_of("partner_leads")

    def of(name: str, kind: str) -> str:
        for candidate in (name, f"x_{name}"):
            if candidate in known:
                return f"{quoted(candidate)}::{kind}"
        return f"NULL::{kind}"

    texts = ", ".join(
        f"nullif(trim({of(n, 'VARCHAR')}), '') AS {n}" for n in (*TEXTS, "expected_close_on")
    )
    instants = ", ".join(f"epoch_us({of(n, 'TIMESTAMPTZ')}) AS {n}" for n in INSTANTS)
    flags = ", ".join(f"coalesce({of(n, 'BOOLEAN')}, false) AS {n}" for n in FLAGS)
    read = workspace.arrow(
        f"SELECT {texts}, {instants}, {flags}, {of('deal_value', 'DOUBLE')} AS deal_value "
        "FROM partner_leads WHERE lead_id IS NOT NULL ORDER BY lead_id, updated_at DESC NULLS LAST"
    )
    columns: dict[str, np.ndarray] = {}
    for name in (*TEXTS, "expected_close_on"):
        columns[name] = np.asarray(read.column(name).to_numpy(zero_copy_only=False), object)
    for name in INSTANTS:
        columns[name] = read.column(name).fill_null(NEVER).to_numpy().astype(np.int64)
    for name in FLAGS:
        columns[name] = read.column(name).to_numpy(zero_copy_only=False).astype(bool)
    columns["deal_value"] = read.column("deal_value").fill_null(np.nan).to_numpy().astype(float)
    columns["spam_mark"] = np.zeros(read.num_rows, np.int8)
    _ask_about(columns["status"], columns["substatus"])
    return replace(_sorted_out(_spelled(columns)), remarks=_remarks(known))


def _ask_about(status: np.ndarray, substatus: np.ndarray) -> None:
    """Refuse statuses that may mean two stages, where no substatus tells which."""
    unclear = spoken.doubtful({text for text in status if text is not None})
    if not unclear:
        return
    known = {text: terms.stage_word(text) for text in {t for t in substatus if t is not None}}
    silent = np.array([known.get(text) is None for text in substatus], bool)
    asked = []
    for word, pair in sorted(unclear.items()):
        count = int(((status == word) & silent).sum())
        if count:
            asked.append(
                message_of_count(
                    "{word!r} ({count} lead) may mean {meanings}.",
                    "{word!r} ({count} leads) may mean {meanings}.",
                    count,
                    word=word,
                    meanings=either(pair),
                )
            )
    if asked:
        raise DataError(
            message(
                "The status of partner leads is not clear: {questions} Say which under "
                "tables.partner_leads.values.status of the workspace file, as in {{{example!r}: "
                "{meaning}}}.",
                questions=" ".join(asked),
                example=next(iter(sorted(unclear))),
                meaning=unclear[min(unclear)][0],
            )
        )


def _remarks(known: Mapping[str, str]) -> tuple[str, ...]:
    """What the columns of the table leave open."""
    out = []
    if not {"call_to_action", "source"} & set(known):
        out.append(
            message(
                "The table names neither a call to action nor a source: the older interface does "
                "not answer leads of marketplaces, so some may be missing."
            )
        )
    for column in known:
        meant = meanings("partner_leads", column.removeprefix("x_"))
        free = [name for name in meant if name not in known]
        if column.startswith("x_") and free:
            out.append(
                message(
                    "The column {name} may be {columns}; nobody guesses, so it is not read. Say "
                    "which under columns: in the workspace file.",
                    name=column.removeprefix("x_"),
                    columns=either(free),
                )
            )
    return tuple(out)


def _spelled(columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The columns in one spelling, with what LeadSource says beside them."""
    given = columns["source"]
    parts = {text: terms.source_parts(text) for text in {v for v in given if v is not None}}
    nothing = (None, None, None, None)
    split = [parts.get(text, nothing) for text in given]
    columns["source_given"] = given
    columns["source"] = np.array([p[0] for p in split], object)
    for place, name in ((1, "call_to_action"), (2, "publisher_id"), (3, "offer_id")):
        told = np.array([p[place] for p in split], object)
        columns[name] = np.where(pd.isna(columns[name]), told, columns[name])
    # A mark that nobody may be called is never outdone by what the customer pressed.
    refused = np.array([p[1] == "do_not_contact" for p in split], bool)
    columns["call_to_action"] = terms.each(columns["call_to_action"], terms.action_of)
    columns["call_to_action"][refused] = "do_not_contact"
    columns["qualification"] = terms.each(columns["qualification"], terms.qualification_of)
    for name, rule in _RULES.items():
        columns[name] = terms.each(columns[name], rule)
    pairs = list(zip(columns["status"], columns["substatus"], strict=True))
    stages = {pair: (terms.stage_of(*pair), terms.misplaced(*pair)) for pair in set(pairs)}
    columns["stage"] = np.array([*(stages[pair][0] for pair in pairs), None], object)[:-1]
    columns["misplaced"] = np.array([stages[pair][1] for pair in pairs], bool)
    columns["lead_class"] = _classes(columns)
    return columns


def _classes(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    action, kind = columns["call_to_action"], columns["lead_type"]
    # Without a type, an offer or something pressed on its page tells an offer lead.
    offer = (kind == "offer") | (
        (kind != "profile") & (pd.notna(columns["offer_id"]) | pd.notna(action))
    )
    out = np.full(len(action), "profile", object)
    out[offer] = "informational"
    out[offer & (action == "contact_me")] = "contact_me"
    out[np.isin(columns["qualification"].astype(str), ("marketing", "sales"))] = "qualified"
    out[action == "do_not_contact"] = "do_not_contact"
    return out


def _sorted_out(columns: dict[str, np.ndarray]) -> Records:
    """Without tests, what was sent to others, and what nobody knows the arrival of."""
    test = np.zeros(len(columns["lead_id"]), bool)
    for name in ("customer_name", "email", "source_given"):
        test |= np.array([v is not None and terms.TEST_MARK in v.casefold() for v in columns[name]])
    outgoing = np.isin(columns["direction"].astype(str), ("out", "outgoing")) & ~test
    undated = (columns["created_at"] == NEVER) & ~test & ~outgoing
    kept = ~(test | outgoing | undated)
    unknown = (
        kept
        & (pd.isna(columns["stage"]) | (columns["stage"] == "archived"))
        & (pd.notna(columns["status"]) | pd.notna(columns["substatus"]))
    )
    silent = kept & (columns["lead_class"] == "informational") & pd.isna(columns["call_to_action"])
    counts = {
        "test": test, "outgoing": outgoing, "undated": undated,
        "unknown status": unknown, "no call to action": silent,
    }  # fmt: skip
    return Records(
        columns={name: values[kept] for name, values in columns.items()},
        set_aside={name: int(mask.sum()) for name, mask in counts.items()},
    )
