"""The names of accounts, people and their records that a workspace knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from workbench.messages import marked, message
from workbench.quoting import quoted
from workbench.reports.bundles.names import CUT, Identity, folded

if TYPE_CHECKING:
    from workbench.workspace import Workspace

# Of each table: its kind, its key, and what else names the same thing.
TABLES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "accounts": (marked("Account"), "account_id", ("name", "domain", "website")),
    "people": (marked("Person"), "person_id",
               ("name", "first_name", "last_name", "email", "email_norm", "phone")),
    "users": (marked("Colleague"), "user_id", ("name", "email")),
    "leads": (marked("Lead"), "lead_id", ("email", "email_norm", "company_text", "phone")),
    "opportunities": (marked("Opportunity"), "opportunity_id", ("name",)),
    "partner_leads": (marked("Partner lead"), "lead_id",
                      ("customer_name", "contact_first_name", "contact_last_name", "email",
                       "email_norm", "phone")),
    "buying_groups": (marked("Buying group"), "group_id", ()),
}  # fmt: skip
GROUPS = {"users"}  # somebody of our own has many accounts
_FIRST, _LAST = ("first_name", "contact_first_name"), ("last_name", "contact_last_name")
# First and last names that are words of every report.
_WORDS = {
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December", "Jan", "Feb", "Mar", "Apr", "Jun", "Jul", "Aug", "Sep",
    "Oct", "Nov", "Dec", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
}  # fmt: skip
_GRAM = 6
_LEAST_DIGITS = 6


def identities_of(workspace: Workspace, said: str) -> list[Identity]:
    """Every account, person and record of which a name may stand in a text.

    Parameters
    ----------
    workspace : Workspace
    said : str
        The text; names of which not even the beginning stands in it are left out.

    Returns
    -------
    list of Identity
    """
    stands = beginnings(said)
    found: list[Identity] = []
    for table, (kind, key, others) in TABLES.items():
        known = workspace.columns_of(table) if table in workspace.tables else {}
        columns = [key, *(name for name in others if name in known)]
        if key not in known:
            continue
        select = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in columns)
        rows = workspace.sql(f"SELECT DISTINCT {select} FROM {quoted(table)}")
        for row in rows.to_dict("records"):
            found += _of_row(message(kind), key, row, stands, table in GROUPS)
    return found


def beginnings(said: str) -> Callable[[str], bool]:
    """Whether the beginning of a name stands in a text, quickly asked for very many names."""
    low = folded(unicodedata.normalize("NFC", said))
    grams = {
        size: {low[i : i + size] for i in range(len(low) - size + 1)}
        for size in range(2, _GRAM + 1)
    }
    # Before an ellipsis there may stand less of a name than elsewhere.
    cut = {low[i - n : i] for i, sign in enumerate(low) if sign == CUT for n in (3, 4, 5)}

    def stands(name: str) -> bool:
        begin = folded(unicodedata.normalize("NFC", name).strip())[:_GRAM]
        return begin in grams.get(len(begin), ()) or begin[:3] in cut

    return stands


def _of_row(
    kind: str, key: str, row: Mapping[str, Any], stands: Callable[[str], bool], group: bool
) -> Iterator[Identity]:
    identity = _text(row[key])
    if not identity:
        return
    texts = [_text(value) for name, value in row.items() if name not in (*_FIRST, *_LAST)]
    texts += _spelled(_text(row.get("website")), _text(row.get("domain")))
    first, last = (
        next((text for name in names if (text := _text(row.get(name)))), "")
        for names in (_FIRST, _LAST)
    )
    if first and last:
        texts += [f"{first} {last}", f"{last} {first}", f"{last}, {first}", f"{last}{first}"]
    kept = tuple(dict.fromkeys(text for text in texts if _tells(text) and stands(text)))
    if kept:
        yield Identity(kind, identity, kept, is_group=group)
    parts = tuple(part for part in (first, last) if _is_part(part) and stands(part))
    if parts:
        yield Identity(kind, identity, parts, exact=True, is_group=group)


def _spelled(website: str, domain: str) -> list[str]:
    host = re.sub(r"^\w+://", "", website).partition("/")[0]
    return [text for text in (host, host.removeprefix("www."), domain) if "." in text]


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()


def _tells(text: str) -> bool:
    """Whether a text tells one thing from others: a short number stands for anything."""
    if len(text) < 2:
        return False
    return not text.isdecimal() or len(text) >= _LEAST_DIGITS


def _is_part(text: str) -> bool:
    if text in _WORDS or text.isdecimal():
        return False
    return len(text) > 2 or (len(text) == 2 and not text.isascii())


GROUP_KINDS = {"Colleague", "Owner", "Partner"}


def identities_from(given: Mapping[str, Iterable[Any]]) -> list[Identity]:
    """Identities from plain lists: kind to names, or to lists of names of one thing.

    Parameters
    ----------
    given : mapping
        ``{"Account": ["Acme", ["A-1", "Beta GmbH"]], "Person": […]}``.
    """
    found = []
    for kind, entries in given.items():
        for entry in entries:
            texts = tuple(map(str, entry)) if isinstance(entry, list | tuple) else (str(entry),)
            found.append(Identity(str(kind), texts[0], texts, is_group=kind in GROUP_KINDS))
    return found
