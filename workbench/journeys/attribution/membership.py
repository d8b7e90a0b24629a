"""Who holds which role in the buying groups behind conversions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.engine.store import EventStore, Stream
from workbench.journeys.attribution.conversions import Conversions
from workbench.journeys.attribution.question import Question
from workbench.workspace import Workspace

_EVER = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Membership:
    """Roles by the side of conversions and touches.

    Attributes
    ----------
    names : list of str
        Roles, the heaviest first.
    weights : numpy.ndarray of float
    held : numpy.ndarray of bool, shape (conversions, roles)
        Whether a buying group behind the conversion holds the role then.
    """

    store: EventStore
    names: list[str]
    weights: np.ndarray
    held: np.ndarray
    table: pd.DataFrame
    scope_of_end: np.ndarray
    by_group: bool

    def person_of(self, row: np.ndarray) -> np.ndarray:
        """Code of the person of each row; -1 where none is known."""
        if "person_id" not in self.store.columns:
            return np.full(row.size, -1, np.int64)
        codes = np.asarray(self.store.column("person_id")[row], np.int64)
        return np.where(codes == self.store.columns["person_id"]["values"], -1, codes)

    def role_of(self, row: np.ndarray, at: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Role of the person of each touch: the heaviest not yet taken away; -1 for none."""
        out = np.full(row.size, -1, np.int64)
        person = self.person_of(row)
        if self.by_group:
            scope = self.scope_of_end[end]
        else:
            scope = np.asarray(self.store.column("account_id")[row], np.int64)
        people = int(self.store.columns.get("person_id", {}).get("values", 0)) + 1
        key = np.where((person >= 0) & (scope >= 0), scope * people + person, -1)
        for role in range(len(self.names) - 1, -1, -1):
            own = self.table[self.table["role"] == role]
            keys = (own["scope"] * people + own["person"]).to_numpy()
            until = own["until"].to_numpy()
            order = np.argsort(keys, kind="stable")
            keys, until = keys[order], until[order]
            place = np.minimum(np.searchsorted(keys, key), max(keys.size - 1, 0))
            if keys.size:
                out[(keys[place] == key) & (at < until[place])] = role
        return out


def membership_of(question: Question, conversions: Conversions, stream: Stream) -> Membership:
    """Read members and roles, and who of them stood behind each conversion."""
    workspace, store = question.workspace, question.workspace.events
    by_group = stream.container.name == "buying_group"
    members = _members(workspace)
    if by_group:
        scopes = store.container_names(stream)[conversions.container]
        known = pd.Index(pd.unique(pd.Series(scopes, dtype=object)))
        scope_of_end = known.get_indexer(scopes) if len(known) else np.empty(0, np.int64)
        members["scope"] = known.get_indexer(members["group_id"])
    else:
        known = pd.Index(store.dictionary("account_id").to_pylist())
        scope_of_end = np.asarray(store.column("account_id")[conversions.row], np.int64)
        members["scope"] = known.get_indexer(members["account_id"])
    people = store.dictionary("person_id").to_pylist() if "person_id" in store.columns else []
    members["person"] = pd.Index(people, dtype=object).get_indexer(members["person_id"])
    members = members[members["scope"] >= 0]
    ranked = members.groupby("role")["weight"].max().reset_index()
    ranked = ranked.sort_values(["weight", "role"], ascending=[False, True], ignore_index=True)
    number = {role: n for n, role in enumerate(ranked["role"])}
    members["role"] = members["role"].map(number).astype("int64")
    once = members.groupby(["scope", "person", "role"], as_index=False)["until"].max()
    at = np.asarray(store.times[conversions.row])
    held = _held(once, scope_of_end, at, len(ranked))
    weights = ranked["weight"].to_numpy(float)
    names = [str(role) for role in ranked["role"]]
    once = once[once["person"] >= 0]
    return Membership(store, names, weights, held, once, scope_of_end, by_group)


def _held(table: pd.DataFrame, scope_of_end: np.ndarray, at: np.ndarray, roles: int) -> np.ndarray:
    out = np.zeros((scope_of_end.size, roles), bool)
    latest = table.groupby(["scope", "role"], as_index=False)["until"].max()
    for role in range(roles):
        own = latest[latest["role"] == role].set_index("scope")["until"]
        until = own.reindex(scope_of_end).fillna(-_EVER).to_numpy()
        out[:, role] = at < until
    return out


def _members(workspace: Workspace) -> pd.DataFrame:
    """Members with account, weight of the role, and the instant of their removal."""
    names = ["group_id", "account_id", "person_id", "role", "weight", "until"]
    if not (
        workspace.has("buying_group_members", "group_id", "person_id", "role")
        and workspace.has("buying_groups", "group_id", "account_id")
    ):
        return pd.DataFrame({name: pd.Series(dtype="object") for name in names})
    weighed = workspace.has("buying_group_roles", "template", "role", "weight")
    weighed = weighed and workspace.has("buying_groups", "template")
    joined = (
        "LEFT JOIN buying_group_roles r ON r.template = g.template AND r.role = m.role"
        if weighed
        else ""
    )
    merged = bool(
        workspace.sql(
            "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = '_people'"
        )["n"].iloc[0]
    )
    same = "coalesce(p.same_person_id, m.person_id)" if merged else "m.person_id"
    people = "LEFT JOIN _people p ON p.person_id = m.person_id" if merged else ""
    removed = "NULL"
    if workspace.has("buying_group_members", "removed_at"):
        removed = "epoch_us(m.removed_at)"
    return workspace.sql(
        f"SELECT DISTINCT m.group_id::VARCHAR AS group_id, g.account_id::VARCHAR AS account_id, "
        f"{same}::VARCHAR AS person_id, m.role::VARCHAR AS role, "
        f"coalesce({'r.weight' if weighed else '1'}, 0)::DOUBLE AS weight, "
        f"coalesce({removed}, {_EVER})::BIGINT AS until FROM buying_group_members m "
        f"JOIN buying_groups g ON g.group_id = m.group_id {joined} {people} "
        "WHERE m.role IS NOT NULL AND g.account_id IS NOT NULL ORDER BY ALL"
    )
