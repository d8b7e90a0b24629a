"""The records behind a figure, with names, owners and why each is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.sales.deals import days_of
from workbench.sales.kpis.counting import ALL
from workbench.workspace import Workspace

if TYPE_CHECKING:
    from workbench.sales.kpis.result import Kpis

WHAT = ("to_do", "counted", "of", "apart")
COLUMNS = {
    "record_id": "Key of the record",
    "record": "opportunity, account, activity, person or row",
    "name": "Its name, or the key where none is known",
    "account_id": "Key of the account behind it",
    "account": "Its name",
    "owner_id": "Key of the member of staff who is asked",
    "owner": "Its name",
    "stage": "Stage of an opportunity",
    "amount": "Its amount, in the currency of the workspace",
    "expected_close_on": "Its expected day of closing",
    "counted": "What the record adds to the numerator",
    "detail": "Why it is listed, in words",
}


def members(result: Kpis, kpi_id: str, group: str | None, what: str) -> pd.DataFrame:
    """Records of one KPI, those with an owner first, then by name."""
    known = [kpi.kpi_id for kpi in result.question.kpis]
    if kpi_id not in known:
        raise ArgumentError.of("kpi_id", kpi_id, known)
    if what not in WHAT:
        raise ArgumentError.of("what", what, WHAT)
    units = result.found.units[kpi_id]
    if group is not None:
        units = units[units["group"] == _group(result, kpi_id, group)]
    to_do = units["to_do"].astype(bool)
    chosen = {
        "to_do": to_do,
        "counted": units["counted"].astype(float) != 0,
        "of": units["of"].astype(float) != 0,
        "apart": (units["apart"] != "") & ~to_do,
    }[what]
    # A joint visit stands once for each who was there; the list names it once.
    found = units[chosen]
    owners = found.groupby("key", sort=False)["owner_id"].agg(_together)
    lines = found.drop_duplicates("key").copy()
    lines["owner_id"] = owners.reindex(lines["key"]).to_numpy(object)
    return named(result, lines)


def _together(owners: pd.Series) -> str | None:
    known = sorted({str(o) for o in owners if isinstance(o, str)})
    return "; ".join(known) or None


def _group(result: Kpis, kpi_id: str, group: str) -> str:
    frame = result.frame[(result.frame["kpi_id"] == kpi_id) & (result.frame["group"] != ALL)]
    for column in ("group", "label"):
        found = frame.loc[frame[column] == group, "group"]
        if len(found):
            return str(found.iloc[0])
    raise ArgumentError.of("group", group, sorted(frame["label"].unique()))


def named(result: Kpis, units: pd.DataFrame) -> pd.DataFrame:
    """Units with the names of what they stand for."""
    facts = result.question.facts
    out = pd.DataFrame({name: pd.Series(dtype=object) for name in COLUMNS})
    if units.empty:
        return _typed(out)
    workspace = facts.workspace
    out["record_id"] = units["record_id"].to_numpy(object)
    out["record"] = units["entity"].to_numpy(object)
    out["counted"] = units["counted"].to_numpy(float)
    out["detail"] = units["detail"].to_numpy(object)
    out["owner_id"] = units["owner_id"].to_numpy(object)
    out["owner"] = [_staff(facts.user_names, owner) for owner in out["owner_id"]]
    account = units["account_id"].to_numpy(object)
    out["account_id"] = account
    out["account"] = _names(workspace, "account", account)
    out["name"] = out["record_id"]
    for entity in ("account", "opportunity"):
        own = (out["record"] == entity).to_numpy()
        if own.any():
            out.loc[own, "name"] = _names(workspace, entity, out.loc[own, "record_id"])
    people = (out["record"] == "person").to_numpy()
    out.loc[people, "name"] = [facts.user_names.get(k, k) for k in out.loc[people, "record_id"]]
    deals = (out["record"] == "opportunity").to_numpy()
    if deals.any():
        _with_deals(result, out, deals)
    order = out.assign(none=out["owner"].isna(), who=out["owner"].fillna(""), of=out["name"])
    order = order.sort_values(["none", "who", "of", "record_id"], kind="stable")
    return _typed(out.loc[order.index].reset_index(drop=True))


def _staff(names: dict[str, str], owner: str | None) -> str | None:
    if not isinstance(owner, str):
        return None
    return "; ".join(names.get(one, one) for one in owner.split("; "))


def _names(workspace: Workspace, entity: str, keys: Any) -> np.ndarray:
    keys = np.asarray(keys, object)
    known = np.array([isinstance(key, str) for key in keys], bool)
    out = np.full(keys.size, None, object)
    if known.any():
        out[known] = workspace.display_names(entity, keys[known])
    return out


def _with_deals(result: Kpis, out: pd.DataFrame, chosen: np.ndarray) -> None:
    """Stage, amount and expected close of the opportunities among the records."""
    from workbench.money import as_of_day

    facts = result.question.facts
    deals = facts.deals
    place = pd.Index(deals.text("opportunity_id"), dtype=object).get_indexer(
        pd.Index(out.loc[chosen, "record_id"], dtype=object)
    )
    day = int(as_of_day(facts.workspace).astype(int))
    stages = [*deals.catalogue.frame["stage"], None]
    out.loc[chosen, "stage"] = [stages[code] for code in deals.stage[place]]
    out.loc[chosen, "amount"] = deals.converted(deals.amount, at_day=day)[place]
    expected = days_of(deals.expected_on[place])
    out.loc[chosen, "expected_close_on"] = pd.Series(
        expected.to_numpy(object), index=out.index[chosen]
    )


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    out = frame[list(COLUMNS)].copy()
    out["amount"] = pd.to_numeric(out["amount"]).astype(float)
    out["counted"] = pd.to_numeric(out["counted"]).astype(float)
    out["expected_close_on"] = pd.to_datetime(out["expected_close_on"]).astype("datetime64[s]")
    return out
