"""Which opportunity belongs to which group."""

from __future__ import annotations

import pandas as pd

from workbench.journeys.lines import at_keys
from workbench.journeys.records import Deals, people
from workbench.workspace import Workspace


def linked(
    workspace: Workspace, found: Deals, groups: pd.DataFrame, ever: pd.DataFrame
) -> pd.DataFrame:
    """Opportunity and group: opportunity_id, key.

    An opportunity that names its group goes there. Any other goes to the group of its account
    that shares most people with it, to several where they share equally many, and to every group
    of the account where nobody is shared.
    """
    frame = found.frame[["opportunity_id", "account_id", "group_id"]]
    named = frame[frame["group_id"].isin(groups["key"])]
    named = named.rename(columns={"group_id": "key"})[["opportunity_id", "key"]]
    rest = frame[~frame["opportunity_id"].isin(named["opportunity_id"])]
    pairs = rest[rest["account_id"].notna()].merge(groups[["key", "account_id"]], on="account_id")
    shared = _shared(workspace, ever)
    pairs = pairs[["opportunity_id", "key"]].merge(shared, on=["opportunity_id", "key"], how="left")
    pairs["shared"] = pairs["shared"].fillna(0)
    best = pairs.groupby("opportunity_id")["shared"].transform("max")
    chosen = pairs.loc[pairs["shared"] == best, ["opportunity_id", "key"]]
    out = pd.concat([named, chosen], ignore_index=True).astype("str")
    return out.sort_values(["opportunity_id", "key"], ignore_index=True)


def _shared(workspace: Workspace, ever: pd.DataFrame) -> pd.DataFrame:
    """People that an opportunity and a group have in common."""
    names = ["opportunity_id", "key", "shared"]
    if not workspace.has("opportunity_people", "opportunity_id", "person_id"):
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in names})
        return empty.astype({"shared": float})
    part = workspace.sql(
        "SELECT DISTINCT opportunity_id::VARCHAR AS opportunity_id, "
        "person_id::VARCHAR AS person_id FROM opportunity_people WHERE person_id IS NOT NULL"
    )
    same = at_keys(people(workspace).set_index("person_id")["same_id"], part["person_id"])
    part["person_id"] = same.where(same.notna(), part["person_id"]).astype("str")
    both = part.drop_duplicates().merge(
        ever[["key", "person_id"]].drop_duplicates(), on="person_id"
    )
    return both.groupby(["opportunity_id", "key"], as_index=False).agg(shared=("person_id", "size"))
