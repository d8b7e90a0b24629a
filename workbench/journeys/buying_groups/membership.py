"""Which groups there are, and who was in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.journeys.buying_groups.question import Question
from workbench.journeys.lines import at_keys
from workbench.journeys.records import column, people
from workbench.messages import message
from workbench.workspace import Workspace

ADDED = ["account_id", "name", "account", "stage", "template", "owner"]


def groups_of(question: Question) -> pd.DataFrame:
    """Every group that existed: key, name, account_id, account, stage, template, owner."""
    workspace = question.workspace
    if question.container.name == "account":
        return _accounts(workspace)
    if workspace.has("buying_groups", "group_id"):
        frame = _listed(question)
    else:
        frame = workspace.sql(
            "SELECT DISTINCT group_id::VARCHAR AS key FROM buying_group_members "
            "WHERE group_id IS NOT NULL ORDER BY key"
        ).assign(**dict.fromkeys([*ADDED, "solution"]))
        frame["account_id"] = at_keys(_account_of_members(workspace), frame["key"])
    known = _accounts(workspace).set_index("key")
    frame["account"] = at_keys(known["name"], frame["account_id"])
    frame["owner"] = at_keys(known["owner"], frame["account_id"])
    frame = texts(frame)
    account = frame["account"].fillna(frame["account_id"]).fillna("")
    both = account.str.cat(frame.pop("solution").fillna(""), sep=" · ").str.strip(" ·")
    named = frame["name"].where(frame["name"].notna(), both)
    frame["name"] = named.where(named.str.strip() != "", frame["key"])
    return frame


def _listed(question: Question) -> pd.DataFrame:
    workspace = question.workspace

    def of(name: str, kind: str = "VARCHAR") -> str:
        return column(workspace, "buying_groups", name, kind)

    read = workspace.sql(
        f"SELECT t.group_id::VARCHAR AS key, {of('account_id')} AS account_id, "
        f"{of('name')} AS name, {of('solution')} AS solution, {of('stage')} AS stage, "
        f"{of('template')} AS template FROM buying_groups t WHERE t.group_id IS NOT NULL "
        f"AND coalesce({of('created_at', 'TIMESTAMPTZ')} <= ?, true) ORDER BY key, name, solution",
        [question.at],
    )
    return read.drop_duplicates("key", ignore_index=True)


def _accounts(workspace: Workspace) -> pd.DataFrame:
    """Accounts of the table, or those of the events where there is none."""
    if not workspace.has("accounts", "account_id"):
        keys = workspace.events.dictionary("account_id").to_pylist()
        frame = pd.DataFrame({"key": pd.Series(keys, dtype="object")})
        return frame.assign(
            account_id=frame["key"], name=frame["key"], account=frame["key"],
            stage=None, template=None, owner=None,
        ).pipe(texts)  # fmt: skip
    owner = column(workspace, "accounts", "owner_id", "VARCHAR")
    joined = ""
    if workspace.has("users", "user_id", "name"):
        joined = f" LEFT JOIN users u ON u.user_id = {owner}"
        owner = f"coalesce(u.name, {owner})"
    frame = workspace.sql(
        f"SELECT t.account_id::VARCHAR AS key, t.account_id::VARCHAR AS account_id, "
        f"coalesce({column(workspace, 'accounts', 'name', 'VARCHAR')}, t.account_id) AS name, "
        f"{owner} AS owner FROM accounts t{joined} WHERE t.account_id IS NOT NULL ORDER BY key"
    ).drop_duplicates("key", ignore_index=True)
    return texts(frame.assign(account=frame["name"], stage=None, template=None))


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with every column as text, also where all of it is missing."""
    return frame.astype("object").astype("str")


def _account_of_members(workspace: Workspace) -> pd.Series:
    """Account of each group that only its members name; the first where they have several."""
    members = workspace.sql(
        "SELECT group_id::VARCHAR AS key, person_id::VARCHAR AS person_id FROM buying_group_members"
    )
    joined = members.merge(people(workspace), on="person_id")
    return joined.groupby("key")["account_id"].min()


def members_of(question: Question) -> tuple[pd.DataFrame, list[str]]:
    """Everybody who ever was in a group, and whether at the instant.

    Returns
    -------
    pandas.DataFrame
        ``key, person_id, person, role, title, added_at, removed_at, present``; one line a group,
        person and role. People that were merged count once.
    notes : list of str
    """
    workspace = question.workspace
    known = people(workspace)
    if question.container.name == "account":
        return _people_of_accounts(question, known)
    frame = workspace.sql(
        "SELECT group_id::VARCHAR AS key, person_id::VARCHAR AS person_id, "
        f"{column(workspace, 'buying_group_members', 'role', 'VARCHAR')} AS role, "
        f"{column(workspace, 'buying_group_members', 'added_at', 'TIMESTAMPTZ')} AS added_at, "
        f"{column(workspace, 'buying_group_members', 'removed_at', 'TIMESTAMPTZ')} AS removed_at "
        "FROM buying_group_members t WHERE group_id IS NOT NULL AND person_id IS NOT NULL "
        "ORDER BY key, person_id, role, added_at"
        if workspace.has("buying_group_members", "group_id", "person_id")
        else "SELECT '' AS key, '' AS person_id, '' AS role, NULL::TIMESTAMPTZ AS added_at, "
        "NULL::TIMESTAMPTZ AS removed_at WHERE false"
    )
    names = known.set_index("person_id")
    same = at_keys(names["same_id"], frame["person_id"])
    frame["person_id"] = same.where(same.notna(), frame["person_id"]).astype("str")
    frame["present"] = standing(frame, pd.Timestamp(question.at))
    frame = frame.sort_values("present", ascending=False, kind="stable")
    frame = frame.drop_duplicates(["key", "person_id", "role"]).sort_values(
        ["key", "person_id", "role"], ignore_index=True
    )
    gone = int((~frame["present"]).sum())
    notes = [message("{n} memberships had ended or not begun.", n=f"{gone:,}")] if gone else []
    return _named(frame, names), notes


def standing(members: pd.DataFrame, at: pd.Timestamp | pd.Series) -> pd.Series:
    """Which memberships hold at an instant, or each at its own; the far end is outside."""
    begun = members["added_at"].isna() | (members["added_at"] <= at)
    return begun & ~(members["removed_at"].notna() & (members["removed_at"] <= at))


def _named(frame: pd.DataFrame, names: pd.DataFrame) -> pd.DataFrame:
    called = at_keys(names["name"], frame["person_id"])
    frame["person"] = called.where(called.notna(), frame["person_id"]).astype("str")
    frame["title"] = at_keys(names["title"], frame["person_id"]).astype("object")
    frame["role"] = frame["role"].astype("object").astype("str")
    return frame


def _people_of_accounts(question: Question, known: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """People of each account, with their role in its opportunities or their level."""
    workspace = question.workspace
    mine = known[~known["is_internal"].astype(bool) & known["account_id"].notna()]
    mine = mine[mine["same_id"] == mine["person_id"]]
    frame = mine[["account_id", "person_id", "role_level"]].rename(columns={"account_id": "key"})
    notes = []
    if known.empty:
        frame = _seen(workspace)
        notes.append(message("Without a table of people, those seen in events are the members."))
    frame = frame.merge(_roles_in_opportunities(workspace), on=["key", "person_id"], how="left")
    level = frame.pop("role_level").astype("object")
    held = frame["role"].astype("object")
    frame["role"] = held.where(held.notna(), level)
    never = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[us, UTC]")
    frame = frame.assign(added_at=never, removed_at=never, present=True)
    return _named(frame.reset_index(drop=True), known.set_index("person_id")), notes


def _seen(workspace: Workspace) -> pd.DataFrame:
    """Accounts and people that occur together in events."""
    store = workspace.events
    if "person" not in store.containers() or not len(store):
        return pd.DataFrame({n: pd.Series(dtype="str") for n in ("key", "person_id", "role_level")})
    people_known = store.columns["person_id"]["values"]
    person = store.column("person_id")
    pairs = store.column("account_id").astype(np.int64) * (people_known + 1) + person
    distinct = np.unique(pairs[person != people_known])
    names = [
        store.dictionary(name).to_numpy(zero_copy_only=False)
        for name in ("account_id", "person_id")
    ]
    frame = pd.DataFrame(
        {
            "key": names[0][distinct // (people_known + 1)],
            "person_id": names[1][distinct % (people_known + 1)],
        }
    )
    return frame.astype("str").assign(role_level=None)


def _roles_in_opportunities(workspace: Workspace) -> pd.DataFrame:
    """The role of each account's person in its newest opportunity: key, person_id, role."""
    known = workspace.has("opportunity_people", "opportunity_id", "person_id", "role")
    if not known or not workspace.has("opportunities", "opportunity_id", "account_id"):
        return pd.DataFrame({n: pd.Series(dtype="str") for n in ("key", "person_id", "role")})
    created = column(workspace, "opportunities", "created_at", "TIMESTAMPTZ", "o")
    return workspace.sql(
        "SELECT o.account_id::VARCHAR AS key, p.person_id::VARCHAR AS person_id, "
        f"arg_max(p.role::VARCHAR, (coalesce({created}, 'epoch'::TIMESTAMPTZ), p.role)) AS role "
        "FROM opportunity_people p JOIN opportunities o USING (opportunity_id) WHERE "
        "o.account_id IS NOT NULL AND p.person_id IS NOT NULL AND p.role IS NOT NULL GROUP BY ALL"
    )
