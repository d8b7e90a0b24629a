"""Leads beside the records of the CRM: what fits, by what, and how surely; nothing is merged.

Source: partner-leads.md, section 10 (CRM match): the own key is exact; else the mail address, else
domain and company name; the confidence is shown.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.leads.likeness import by_company
from workbench.leads.matches import SURE, Matches
from workbench.leads.records import Records, records_of
from workbench.workspace import Workspace

CRM_COLUMNS = {
    "lead_id": "Key of the lead",
    "customer": "Company as the lead wrote it",
    "found_by": "crm_id, email, domain and name, domain, name; missing where nothing fits",
    "confidence": "0 to 1; see workbench.leads.matches.SURE",
    "matched": "Whether the confidence reaches 0.7: found by key, mail, or domain and name",
    "crm_table": "Table of the record",
    "crm_key": "Its key",
    "crm_name": "Name of the account or opportunity",
    "account_id": "Account of the record",
    "name_likeness": "0 to 1: how alike the two names of the company are",
    "candidates": "Accounts that fit in the same way",
}
_KEYS = (
    ("opportunities", "opportunity_id"), ("leads", "lead_id"), ("accounts", "account_id"),
    ("people", "person_id"),
)  # fmt: skip
_kept: WeakKeyDictionary[Workspace, Matches] = WeakKeyDictionary()


def crm_matches(workspace: Workspace, records: Records) -> Matches:
    """The record of the CRM that fits each lead best.

    Parameters
    ----------
    records : Records
        The leads of the workspace, with the decisions of a log: they may have given keys.
    """
    if workspace not in _kept:
        _kept[workspace] = _by_contact(workspace, records_of(workspace))
    out = _kept[workspace].copied()
    _by_key(workspace, records, out)
    return out


def table_of(records: Records, matches: Matches, places: np.ndarray) -> pd.DataFrame:
    """The matches of some leads, with `CRM_COLUMNS`; no contact data."""
    return pd.DataFrame(
        {
            "lead_id": records["lead_id"][places],
            "customer": records["customer_name"][places],
            "found_by": matches.found_by[places],
            "confidence": matches.confidence[places],
            "matched": matches.matched[places],
            "crm_table": matches.table[places],
            "crm_key": matches.key[places],
            "crm_name": matches.name[places],
            "account_id": matches.account[places],
            "name_likeness": matches.likeness[places],
            "candidates": matches.candidates[places],
        },
        columns=list(CRM_COLUMNS),
    )


def _accounts(workspace: Workspace) -> pd.DataFrame:
    """Account, name, domain and country; columns that are not there stay empty."""
    if not workspace.has("accounts", "account_id"):
        return pd.DataFrame(columns=["account", "name", "domain", "country"], dtype=object)
    known = workspace.columns_of("accounts")
    listed = ", ".join(
        f"{name}::VARCHAR AS {name}" if name in known else f"NULL::VARCHAR AS {name}"
        for name in ("name", "domain", "country")
    )
    return _read(
        workspace,
        f"SELECT account_id::VARCHAR AS account, {listed} FROM accounts "
        "WHERE account_id IS NOT NULL ORDER BY 1",
    )


def _read(
    workspace: Workspace, query: str, parameters: list[list[str]] | None = None
) -> pd.DataFrame:
    """A table whose missing texts are None."""
    read = workspace.arrow(query, parameters)
    columns = {name: read.column(name).to_numpy(zero_copy_only=False) for name in read.column_names}
    return pd.DataFrame(
        {
            name: pd.Series(values, dtype=object) if values.dtype == object else values
            for name, values in columns.items()
        }
    )


def _by_key(workspace: Workspace, records: Records, out: Matches) -> None:
    """Leads whose own key of the CRM is a key there."""
    given = pd.Series(records["crm_id"], dtype=object)
    open_ones = np.flatnonzero(given.notna())
    names = _accounts(workspace).set_index("account")["name"] if open_ones.size else None
    for table, key in _KEYS:
        if not open_ones.size or not workspace.has(table, key):
            continue
        known = workspace.columns_of(table)
        account = "account_id" if "account_id" in known else "NULL"
        name = "name" if "name" in known and table in ("opportunities", "accounts") else "NULL"
        wanted = sorted(set(given[open_ones]))
        held = _read(
            workspace,
            f"SELECT {key}::VARCHAR AS key, min({account})::VARCHAR AS account, "
            f"min({name})::VARCHAR AS name FROM {table} WHERE {key}::VARCHAR IN "
            "(SELECT unnest(?::VARCHAR[])) GROUP BY 1",
            [wanted],
        )
        found = held.set_index("key").reindex(given[open_ones])
        there = given[open_ones].isin(held["key"]).to_numpy()
        rows = found[there].rename_axis("key").reset_index()
        if names is not None:
            rows["name"] = rows["name"].fillna(rows["account"].map(names))
        rows = rows.assign(confidence=SURE["crm_id"], likeness=np.nan, candidates=1)
        out.put(open_ones[there], "crm_id", table, rows)
        open_ones = open_ones[~there]


def _by_contact(workspace: Workspace, records: Records) -> Matches:
    out = Matches.empty(len(records))
    accounts = _accounts(workspace)
    rest = np.arange(len(records))
    mails = pd.Series([m.strip().lower() if m else None for m in records["email"]], dtype=object)
    for table in ("people", "leads"):
        rest = _by_mail(workspace, table, mails, rest, accounts, out)
    if len(accounts) and rest.size:
        by_company(records, rest, accounts, out)
    return out


def _by_mail(
    workspace: Workspace,
    table: str,
    mails: pd.Series,
    rest: np.ndarray,
    accounts: pd.DataFrame,
    out: Matches,
) -> np.ndarray:
    """Leads whose mail address is known; those that are left."""
    key = {"people": "person_id", "leads": "lead_id"}[table]
    if not workspace.has(table, key, "email_norm"):
        return rest
    known = workspace.columns_of(table)
    account = next((c for c in ("account_id", "converted_account_id") if c in known), "NULL")
    held = _read(
        workspace,
        f"SELECT email_norm AS mail, min({key})::VARCHAR AS key, "
        f"arg_min({account}, {key})::VARCHAR AS account, count(DISTINCT {account}) AS candidates "
        f"FROM {table} WHERE email_norm IS NOT NULL GROUP BY 1",
    )
    there = mails[rest].isin(held["mail"]).to_numpy()
    rows = held.set_index("mail").reindex(mails[rest[there]]).reset_index()
    rows["name"] = rows["account"].map(accounts.set_index("account")["name"])
    several = rows["candidates"] > 1
    rows["confidence"] = np.where(several, SURE["email of several accounts"], SURE["email"])
    rows = rows.assign(likeness=np.nan, candidates=rows["candidates"].clip(lower=1))
    out.put(rest[there], "email", table, rows)
    return rest[~there]
