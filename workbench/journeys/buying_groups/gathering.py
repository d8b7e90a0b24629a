"""Groups, their members, roles and opportunities put side by side, as they stood at an instant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.journeys.buying_groups.contact import contact_of
from workbench.journeys.buying_groups.membership import groups_of, members_of
from workbench.journeys.buying_groups.opportunities import linked
from workbench.journeys.buying_groups.question import Question
from workbench.journeys.lines import at_keys, joined_by, texts_at
from workbench.journeys.records import Deals, deals
from workbench.journeys.scoping import readable, shares, taking_part
from workbench.messages import message
from workbench.quoting import quoted

BY_TABLES = ("buying_groups", "accounts")
MISSING_ROLE, SILENT, ENGAGED = "missing", "silent", "engaged"


@dataclass(frozen=True)
class Gathered:
    """Everything that the answers are made of.

    Attributes
    ----------
    groups : pandas.DataFrame
        One line a group.
    members : pandas.DataFrame
        One line a group, person and role.
    roles : pandas.DataFrame
        One line a group and role that somebody has.
    wanted : pandas.DataFrame
        Roles that each template needs: template, role, required, weight, counts.
    deals : Deals
    links : pandas.DataFrame
        Opportunity and group.
    decisive : tuple of str
        Roles without which nothing is decided.
    notes : tuple of str
    """

    groups: pd.DataFrame
    members: pd.DataFrame
    roles: pd.DataFrame
    wanted: pd.DataFrame
    deals: Deals
    links: pd.DataFrame
    decisive: tuple[str, ...]
    notes: tuple[str, ...]


def gathered(question: Question) -> Gathered:
    """Read the tables and the events once."""
    workspace = question.workspace
    groups = groups_of(question)
    groups = groups[groups["account_id"].isin(_accounts(question))] if question.segment else groups
    groups = groups.assign(
        group=_by_values(question, groups), template=groups["template"].fillna("")
    )
    ever, notes = members_of(question)
    ever = ever[ever["key"].isin(groups["key"])]
    members = ever[ever["present"]].drop(columns="present")
    contact = contact_of(question, "person", members["person_id"].unique())
    members = members.merge(contact, left_on="person_id", right_on="key_of_contact", how="left")
    members = members.drop(columns="key_of_contact")
    for name in ("events", "inbound", "outbound", "points"):
        members[name] = members[name].fillna(0).astype(np.int64)
    members["engaged"] = members["events"] > 0
    wanted, decisive, more = _wanted(question, groups)
    roles = _roles(wanted, members)
    found = deals(workspace, question.at)
    links = linked(workspace, found, groups, ever)
    out = _with_members(question, groups, members)
    out = _with_roles(out, roles, members, wanted, set(decisive))
    out = _with_deals(out, found, links)
    notes = [*notes, *more, *found.notes]
    if not workspace.has("opportunities", "opportunity_id", "account_id"):
        notes.append(message("Without opportunities no group can be told to have one open."))
    return Gathered(out, members, roles, wanted, found, links, tuple(decisive), tuple(notes))


def _accounts(question: Question) -> np.ndarray:
    """Keys of the accounts of the segment."""
    workspace = question.workspace
    stream = workspace.events.stream("account")
    _, members = taking_part(
        workspace, workspace.marker(question.period), stream, question.period, question.segment
    )
    assert members is not None
    return workspace.events.container_names(stream)[members]


def _by_values(question: Question, groups: pd.DataFrame) -> pd.Series:
    """The value of `by` of each group; what all are called without it."""
    if question.by is None:
        everyone = message("All {containers}", containers=question.container.plural)
        return pd.Series(everyone, index=groups.index, dtype="str")
    workspace = question.workspace
    keys = {"buying_groups": ("group_id", "key"), "accounts": ("account_id", "account_id")}
    tables = BY_TABLES if question.container.name == "buying_group" else BY_TABLES[1:]
    for table in tables:
        for name in (question.by, f"x_{question.by}"):
            if name in workspace.columns_of(table):
                key, own = keys[table]
                read = workspace.sql(
                    f"SELECT {key}::VARCHAR AS k, min({quoted(name)}::VARCHAR) AS v "
                    f"FROM {quoted(table)} GROUP BY ALL"
                )
                found = at_keys(read.set_index("k")["v"], groups[own]).astype("object")
                return found.where(found.notna(), None).map(readable).astype("str")
    raise AssertionError(question.by)


def _wanted(question: Question, groups: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[str]]:
    """Roles that each template needs: template, role, required, weight; and the deciding ones."""
    workspace, notes = question.workspace, []
    names = ["template", "role", "required", "weight", "counts"]
    wanted = pd.DataFrame({name: pd.Series(dtype="object") for name in names})
    if question.required is not None:
        wanted = pd.DataFrame(
            [("", role, number, 100.0, True) for role, number in question.required.items()],
            columns=names,
        )
        wanted = (
            groups[["template"]]
            .drop_duplicates()
            .merge(wanted.drop(columns="template"), how="cross")
        )
    elif workspace.has("buying_group_roles", "template", "role"):
        known = workspace.columns_of("buying_group_roles")
        number = "members_required" if "members_required" in known else "1"
        weight = "weight" if "weight" in known else "100"
        counts = "counts_for_completeness" if "counts_for_completeness" in known else "true"
        wanted = workspace.sql(
            "SELECT template::VARCHAR AS template, role::VARCHAR AS role, "
            f"max(coalesce({number}, 1))::BIGINT AS required, "
            f"max(coalesce({weight}, 100))::DOUBLE AS weight, "
            f"bool_or(coalesce({counts}, true)) AS counts FROM buying_group_roles GROUP BY ALL "
            "ORDER BY template, weight DESC, role"
        )
        only = wanted["template"].unique()
        bare = ~groups["template"].isin(only)
        if bare.any() and len(only) == 1:
            groups.loc[bare, "template"] = only[0]
    else:
        notes.append(
            message(
                "No table says which roles a group needs, so completeness is not known; "
                "required={'Decision Maker': 1} names them."
            )
        )
    wanted = wanted.astype({"template": "str", "role": "str"})
    needed = wanted[wanted["counts"].astype(bool) & (wanted["required"].astype(float) > 0)]
    if question.decision_roles is not None:
        decisive = list(question.decision_roles)
    elif len(needed):
        heaviest = needed.groupby("template")["weight"].transform("max")
        decisive = list(dict.fromkeys(needed.loc[needed["weight"] == heaviest, "role"]))
        if question.required is not None:
            named = [role for role in decisive if "decision" in role.lower()]
            decisive = named or decisive[:1]
    else:
        decisive = []
    return wanted, decisive, notes


def _roles(wanted: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Assigned and engaged people of each group and role: key, role, assigned, engaged."""
    distinct = members.drop_duplicates(["key", "role", "person_id"])
    out = distinct.groupby(["key", "role"], as_index=False, dropna=False).agg(
        assigned=("person_id", "size"),
        engaged=("engaged", "sum"),
        points=("points", "sum"),
        last_engaged_at=("last_engaged_at", "max"),
    )
    return out.astype({"assigned": np.int64, "engaged": np.int64, "points": np.int64})


def _with_members(question: Question, groups: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    people = members.drop_duplicates(["key", "person_id"])
    counted = people.groupby("key").agg(
        members=("person_id", "size"),
        members_engaged=("engaged", "sum"),
        events=("events", "sum"),
        inbound=("inbound", "sum"),
        outbound=("outbound", "sum"),
        last_touch_at=("last_touch_at", "max"),
        last_engaged_at=("last_engaged_at", "max"),
    )
    if question.container.name == "account":
        # Events of an account need no person, so they are counted where they all lie.
        own = contact_of(question, "account", groups["key"].to_numpy())
        own = own.set_index("key_of_contact").drop(columns="points")
        counted = counted[["members", "members_engaged"]].join(own, how="outer")
    out = groups.merge(counted, left_on="key", right_index=True, how="left")
    for name in ("members", "members_engaged", "events", "inbound", "outbound"):
        out[name] = out[name].fillna(0).astype(np.int64)
    out["share_engaged"] = shares(out["members_engaged"].to_numpy(), out["members"].to_numpy())
    for name in ("last_touch_at", "last_engaged_at"):
        out[name] = pd.to_datetime(out[name], utc=True)
    since = pd.Timestamp(question.at) - out["last_touch_at"]
    out["days_since_last_touch"] = since / pd.Timedelta(days=1)
    return out


def _with_roles(
    groups: pd.DataFrame,
    roles: pd.DataFrame,
    members: pd.DataFrame,
    wanted: pd.DataFrame,
    decisive: set[str],
) -> pd.DataFrame:
    """Completeness (rule 11), engagement (rule 12) and the state of the deciding roles."""
    needed = wanted[wanted["counts"].astype(bool) & (wanted["required"].astype(float) > 0)]
    grid = groups[["key", "template"]].merge(needed, on="template")
    grid = grid.merge(roles, on=["key", "role"], how="left")
    grid["assigned"] = grid["assigned"].astype(float).fillna(0)
    grid["filled"] = np.minimum(1.0, grid["assigned"] / grid["required"].astype(float))
    grid["weighted"] = grid["filled"] * grid["weight"].astype(float)
    lacking = grid[grid["filled"] < 1].copy()
    lacking["words"] = [
        role if not have else message("{role} ({have} of {need})", role=role, have=have, need=need)
        for role, have, need in zip(
            lacking["role"],
            lacking["assigned"].astype(int),
            lacking["required"].astype(int),
            strict=True,
        )
    ]
    counted = grid.groupby("key").agg(
        roles_required=("role", "size"),
        roles_filled=("filled", "sum"),
        weight=("weight", "sum"),
        weighted=("weighted", "sum"),
    )
    out = groups.merge(counted, left_on="key", right_index=True, how="left")
    out["roles_required"] = out["roles_required"].astype(float).fillna(0).astype(np.int64)
    out["roles_filled"] = out["roles_filled"].astype(float).fillna(0.0)
    total = out["roles_required"].to_numpy(float)
    out["share_complete"] = shares(out["roles_filled"].to_numpy(), total)
    out["share_complete_weighted"] = shares(
        out.pop("weighted").astype(float).fillna(0).to_numpy(),
        out.pop("weight").astype(float).fillna(0).to_numpy(),
    )
    words = joined_by(lacking["words"], lacking["key"], ", ")
    out["missing_roles"] = texts_at(words, out["key"])
    out["engagement"] = (
        at_keys(_engagement(groups, roles, wanted), out["key"]).astype(float).fillna(0)
    )
    return _with_decision(out, roles, decisive)


def _engagement(groups: pd.DataFrame, roles: pd.DataFrame, wanted: pd.DataFrame) -> pd.Series:
    """Points of each role times its weight, weights normalised over the roles present."""
    given = roles.merge(groups[["key", "template"]], on="key")
    given = given.merge(wanted[["template", "role", "weight"]], on=["template", "role"], how="left")
    known = given["key"].isin(given.loc[given["weight"].notna(), "key"])
    weight = given["weight"].astype(float).where(known, 1.0).fillna(0.0)
    sums = pd.DataFrame({"key": given["key"], "w": weight, "p": weight * given["points"]})
    sums = sums.groupby("key").sum()
    return pd.Series(shares(sums["p"].to_numpy(), sums["w"].to_numpy()), index=sums.index)


def _with_decision(out: pd.DataFrame, roles: pd.DataFrame, decisive: set[str]) -> pd.DataFrame:
    """Missing, silent or engaged: the worst of the deciding roles."""
    chosen = roles[roles["role"].isin(decisive)].groupby("key")
    here = at_keys(chosen["role"].nunique(), out["key"]).astype(float).fillna(0)
    active = roles[roles["role"].isin(decisive) & (roles["engaged"] > 0)].groupby("key")
    awake = at_keys(active["role"].nunique(), out["key"]).astype(float).fillna(0)
    state = np.select(
        [here < len(decisive), awake < len(decisive)], [MISSING_ROLE, SILENT], ENGAGED
    )
    out["decision"] = pd.Series(state if decisive else "", index=out.index, dtype="str")
    last = at_keys(chosen["last_engaged_at"].max(), out["key"])
    out["decision_engaged_at"] = pd.to_datetime(last, utc=True)
    return out


def _with_deals(out: pd.DataFrame, found: Deals, links: pd.DataFrame) -> pd.DataFrame:
    """Number, amount and the largest of the open opportunities of each group."""
    still = links.merge(found.open, on="opportunity_id", suffixes=("", "_deal"))
    still = still.sort_values(
        ["amount", "opportunity_id"], ascending=[False, True], na_position="last"
    )
    counted = still.groupby("key").agg(
        open_opportunities=("opportunity_id", "size"),
        opportunity=("name", "first"),
        opportunity_stage=("stage", "first"),
        next_step=("next_step", "first"),
        deal_owner=("owner", "first"),
        next_close_on=("expected_close_on", "min"),
    )
    counted["open_amount"] = still.groupby("key")["amount"].sum(min_count=1)
    out = out.merge(counted, left_on="key", right_index=True, how="left")
    out["open_opportunities"] = out["open_opportunities"].fillna(0).astype(np.int64)
    out["open_amount"] = out["open_amount"].astype(float)
    owner = out.pop("deal_owner").astype("object")
    out["owner"] = owner.where(owner.notna(), out["owner"]).astype("object")
    stage = out.pop("opportunity_stage").astype("object")
    out["stage"] = out["stage"].astype("object").where(out["stage"].notna(), stage)
    return out
