"""Leads beside the records of the CRM: what fits, by what, and how surely; nothing is merged.

Source: partner-leads.md, section 10 (CRM match): the own key is exact; else the mail address, else
domain and company name; the confidence is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from workbench.leads.company import company_domain, company_key, domain_of
from workbench.leads.records import Records, records_of
from workbench.workspace import Workspace

FOUND_BY = ("crm_id", "email", "domain and name", "domain", "name")
CRM_COLUMNS = {
    "lead_id": "Key of the lead",
    "customer": "Company as the lead wrote it",
    "found_by": "crm_id, email, domain and name, domain, name; missing where nothing fits",
    "confidence": "0 to 1; see workbench.leads.crm.SURE",
    "matched": "Whether the confidence reaches 0.7: found by key, mail, or domain and name",
    "crm_table": "Table of the record",
    "crm_key": "Its key",
    "crm_name": "Name of the account or opportunity",
    "account_id": "Account of the record",
    "name_likeness": "0 to 1: how alike the two names of the company are",
    "candidates": "Accounts that fit in the same way",
}
# How sure each way is; of names, the likeness is added or multiplied.
SURE = {
    "crm_id": 1.0, "email": 0.95, "email of several accounts": 0.8, "domain and name": 0.7,
    "domain": 0.5, "name": 0.6,
}  # fmt: skip
MATCHED_FROM = 0.7
ALIKE = 0.6
NAME_ALIKE = 0.9
# Names that begin alike are compared in pairs, unless there are more of them than this.
MOST_PAIRS = 2_000_000
_BLOCK = 4
_KEYS = (
    ("opportunities", "opportunity_id"), ("leads", "lead_id"), ("accounts", "account_id"),
    ("people", "person_id"),
)  # fmt: skip
_kept: WeakKeyDictionary[Workspace, Matches] = WeakKeyDictionary()


@dataclass(frozen=True)
class Matches:
    """The best record of the CRM for every lead; one place a lead.

    Attributes
    ----------
    found_by, table, key, name, account : numpy.ndarray of object
        None where nothing fits.
    confidence, likeness : numpy.ndarray of float
        Zero and NaN where nothing fits.
    candidates : numpy.ndarray of int64
    """

    found_by: np.ndarray
    table: np.ndarray
    key: np.ndarray
    name: np.ndarray
    account: np.ndarray
    confidence: np.ndarray
    likeness: np.ndarray
    candidates: np.ndarray

    @property
    def matched(self) -> np.ndarray:
        """Leads found by key, mail, or domain and name."""
        return self.confidence >= MATCHED_FROM

    @classmethod
    def empty(cls, size: int) -> Matches:
        """Nothing fits."""
        a, b, c, d, e = (np.full(size, None, object) for _ in range(5))
        return cls(a, b, c, d, e, np.zeros(size), np.full(size, np.nan), np.zeros(size, np.int64))

    def copied(self) -> Matches:
        """The same in arrays of their own."""
        return Matches(*(getattr(self, name).copy() for name in self.__dataclass_fields__))

    def put(self, places: np.ndarray, found_by: str, table: str, columns: pd.DataFrame) -> None:
        """Write what was found for some leads: key, name, account, confidence, likeness."""
        self.found_by[places], self.table[places] = found_by, table
        for name in ("key", "name", "account"):
            values = columns[name].astype(object)
            getattr(self, name)[places] = values.where(values.notna(), None).to_numpy()
        self.confidence[places] = columns["confidence"].to_numpy(float)
        self.likeness[places] = columns["likeness"].to_numpy(float)
        self.candidates[places] = columns["candidates"].to_numpy(np.int64)


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
        _by_company(records, rest, accounts, out)
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


def _by_company(records: Records, rest: np.ndarray, accounts: pd.DataFrame, out: Matches) -> None:
    """Leads by the domain of their mail and the name of their company."""
    names = records["customer_name"][rest]
    keys = {name: company_key(name) for name in set(names)}
    leads = pd.DataFrame(
        {
            "place": rest,
            "domain": [company_domain(mail) for mail in records["email"][rest]],
            "key": [keys[name] for name in names],
            "country": records["country"][rest],
        }
    )
    known = pd.DataFrame(
        {
            "account": accounts["account"],
            "name": accounts["name"],
            "domain": [domain_of(domain) for domain in accounts["domain"]],
            "key": [company_key(name) for name in accounts["name"]],
            "country": accounts["country"],
        }
    )
    found = _best_of_domains(leads[leads["domain"] != ""], known[known["domain"] != ""], out)
    left = leads[~leads["place"].isin(found) & (leads["key"] != "")]
    _best_of_names(left, known[known["key"] != ""], out)


def _best_of_domains(leads: pd.DataFrame, known: pd.DataFrame, out: Matches) -> np.ndarray:
    """Of accounts with the domain of a lead, the one whose name is most alike."""
    wanted = leads[["domain", "key"]].drop_duplicates()
    pairs = wanted.merge(known, on="domain", suffixes=("_lead", "_account"))
    if pairs.empty:
        return np.zeros(0, np.int64)
    pairs["likeness"] = _likeness(pairs["key_lead"], pairs["key_account"])
    own = ["domain", "key_lead"]
    pairs["candidates"] = pairs.groupby(own)["account"].transform("size")
    pairs = pairs.sort_values([*own, "likeness", "account"], ascending=[True, True, False, True])
    best = leads.merge(
        pairs.drop_duplicates(own).drop(columns="country"),
        left_on=["domain", "key"], right_on=own,
    )  # fmt: skip
    alike = best["likeness"] >= ALIKE
    sure = SURE["domain and name"] + 0.2 * (best["likeness"] - ALIKE) / (1 - ALIKE)
    best["confidence"] = np.where(alike, sure, SURE["domain"])
    for mask, how in ((alike, "domain and name"), (~alike, "domain")):
        part = best[mask]
        part = part.assign(key=part["account"])
        out.put(part["place"].to_numpy(), how, "accounts", part)
    return best["place"].to_numpy()


def _best_of_names(leads: pd.DataFrame, known: pd.DataFrame, out: Matches) -> None:
    """Names alone, exactly or nearly alike; never sure enough to count as matched."""
    wanted = leads[["key"]].drop_duplicates()
    exact = wanted.merge(known, on="key")
    exact = exact.assign(key_lead=exact["key"], likeness=1.0)
    near = _alike(wanted[~wanted["key"].isin(exact["key"])]["key"], known)
    columns = ["key_lead", "account", "name", "country", "likeness"]
    pairs = pd.concat([exact[columns], near[columns]])
    found = leads.merge(pairs, left_on="key", right_on="key_lead", suffixes=("_lead", ""))
    if found.empty:
        return
    elsewhere = found["country_lead"].notna() & found["country"].notna()
    elsewhere &= found["country_lead"] != found["country"]
    found["confidence"] = SURE["name"] * found["likeness"] - np.where(elsewhere, 0.2, 0.0)
    found["candidates"] = found.groupby("place")["account"].transform("size")
    order = ["place", "confidence", "account"]
    best = found.sort_values(order, ascending=[True, False, True]).drop_duplicates("place")
    out.put(best["place"].to_numpy(), "name", "accounts", best.assign(key=best["account"]))


def _alike(names: pd.Series, known: pd.DataFrame) -> pd.DataFrame:
    """Accounts whose names are nearly a name: of those that begin alike, with the same digits."""
    from rapidfuzz import fuzz
    from rapidfuzz.process import cdist

    places = {block: rows.to_numpy() for block, rows in _blocks(known["key"]).items()}
    keys = known["key"].to_numpy()
    parts: list[tuple[np.ndarray, ...]] = []
    for block, rows in _blocks(names).items():
        held = places.get(block, np.zeros(0, np.int64))
        if not 0 < held.size * rows.size <= MOST_PAIRS:
            continue
        mine = names.to_numpy()[rows.to_numpy()]
        score = cdist(mine, keys[held], scorer=fuzz.ratio, score_cutoff=100 * NAME_ALIKE,
                      dtype=np.float32)  # fmt: skip
        left, right = np.nonzero(score)
        parts.append((mine[left], held[right], score[left, right] / 100))
    if not parts:
        parts = [(np.zeros(0, object), np.zeros(0, np.int64), np.zeros(0))]
    left, right, likeness = (np.concatenate(column) for column in zip(*parts, strict=True))
    return known.iloc[right].assign(key_lead=left, likeness=likeness.astype(float))


def _blocks(names: pd.Series) -> dict[str, pd.Series]:
    """Places of the names by how they begin, and every digit in them."""
    block = [f"{key[:_BLOCK]}|{''.join(c for c in key if c.isdigit())}" for key in names]
    places = pd.Series(np.arange(len(block)))
    return dict(iter(places.groupby(np.array([*block, None], object)[:-1])))


def _likeness(left: pd.Series, right: pd.Series) -> np.ndarray:
    """How alike pairs of names are, 0 to 1."""
    from rapidfuzz import fuzz
    from rapidfuzz.process import cpdist

    if not len(left):
        return np.zeros(0)
    found = cpdist(left.to_list(), right.to_list(), scorer=fuzz.ratio, workers=-1)
    return np.asarray(found, float) / 100
