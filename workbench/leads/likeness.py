"""Leads beside accounts by the domain of their mail and by the name of their company.

Source: partner-leads.md, section 10 (CRM match: else domain and company name).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.leads.company import company_domain, company_key, domain_of
from workbench.leads.matches import SURE, Matches
from workbench.leads.records import Records

ALIKE = 0.6
NAME_ALIKE = 0.9
MOST_SHARING = 50
# Names that begin alike are compared in pairs, unless there are more of them than this.
MOST_PAIRS = 2_000_000
_BLOCK = 4


def by_company(records: Records, rest: np.ndarray, accounts: pd.DataFrame, out: Matches) -> None:
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
    # A domain that very many share tells no company, like free mail.
    sharing = known.groupby("domain")["account"].transform("size")
    known = known[sharing <= MOST_SHARING]
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
    pairs = pairs.sort_values(["likeness", "account"], ascending=[False, True], kind="stable")
    pairs["candidates"] = pairs.groupby("key_lead")["account"].transform("size")
    # Of many accounts of one name, the best of the lead's country, of none, and of any.
    abroad = pairs["country"].notna()
    ways = (
        (["key", "country"], pairs[abroad].drop_duplicates(["key_lead", "country"])),
        (["key"], pairs[~abroad].drop_duplicates("key_lead")),
        (["key"], pairs.drop_duplicates("key_lead")),
    )
    own = leads[["place", "key", "country"]]
    found = pd.concat(
        [
            own.merge(best.assign(key=best["key_lead"]), on=by, suffixes=("", "_account"))
            for by, best in ways
        ],
        ignore_index=True,
    )
    if found.empty:
        return
    elsewhere = found["country"].notna() & found["country_account"].notna()
    elsewhere &= found["country"] != found["country_account"]
    found["confidence"] = SURE["name"] * found["likeness"] - np.where(elsewhere, 0.2, 0.0)
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
