"""The people and companies behind the keys of an audience, from the tables of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.quoting import literal, quoted
from workbench.vocabulary.containers import container_named

if TYPE_CHECKING:
    from workbench.workspace import Workspace

# Where the keys of each kind stand, in the order in which an unnamed kind is looked for.
KINDS = {
    "person": ("people", "person_id"),
    "opportunity": ("opportunities", "opportunity_id"),
    "buying_group": ("buying_groups", "group_id"),
    "account": ("accounts", "account_id"),
}


def column(
    workspace: Workspace, table: str, name: str, kind: str = "VARCHAR", alias: str = "t"
) -> str:
    """SQL of a column, also under its ``x_`` name; a typed null where the table has none."""
    known = workspace.columns_of(table)
    for candidate in (name, f"x_{name}"):
        if candidate in known:
            return f"{alias}.{quoted(candidate)}::{kind}"
    return f"NULL::{kind}"


def people_of(
    workspace: Workspace, keys: list[str], container: str | None
) -> tuple[pd.DataFrame, str]:
    """Everybody behind some keys, each person once.

    Returns
    -------
    people : pandas.DataFrame
        ``key, email, phone, first_name, last_name, title, company, country, email_opt_out,
        is_internal``; somebody who opted out under any key with the same address has opted out.
    said : str
        How the keys were read.
    """
    kind = container or _kind(workspace, keys)
    chosen, said = _chosen(workspace, kind)
    known = linked(workspace)
    same = "coalesce(l.same_person_id, t.person_id)" if known else "t.person_id"
    joined = " LEFT JOIN _people l ON l.person_id = t.person_id" if known else ""
    account = f"coalesce({column(workspace, 'people', 'account_id')}" + (
        ", l.account_id)" if known else ")"
    )
    company, country = "NULL::VARCHAR", "NULL::VARCHAR"
    if workspace.has("accounts", "account_id"):
        joined += f" LEFT JOIN accounts a ON a.account_id = {account}"
        company = column(workspace, "accounts", "name", alias="a")
        country = column(workspace, "accounts", "country", alias="a")
    address = (
        f"coalesce(nullif(trim({column(workspace, 'people', 'email')}), ''), "
        f"{column(workspace, 'people', 'email_norm')})"
    )
    refused = f"coalesce({column(workspace, 'people', 'email_opt_out', 'BOOLEAN')}, false)"
    read = workspace.sql(
        "WITH keys AS (SELECT unnest(?::VARCHAR[]) AS key), everybody AS ("
        f"SELECT {same}::VARCHAR AS key, t.person_id::VARCHAR AS own, {account} AS account_id, "
        f"{address} AS email, {column(workspace, 'people', 'phone')} AS phone, "
        f"{column(workspace, 'people', 'first_name')} AS first_name, "
        f"{column(workspace, 'people', 'last_name')} AS last_name, "
        f"{column(workspace, 'people', 'title')} AS title, {company} AS company, "
        f"coalesce({column(workspace, 'people', 'country')}, {country}) AS country, "
        f"bool_or({refused}) OVER (PARTITION BY lower(trim({address}))) AND {address} IS NOT NULL "
        f"OR {refused} AS email_opt_out, {internal(workspace, address)} AS is_internal "
        f"FROM people t{joined} WHERE t.person_id IS NOT NULL) "
        f"SELECT * FROM everybody e WHERE {chosen} ORDER BY key, own = key DESC, own",
        [keys],
    )
    # What a person is refused under one key holds under all of them.
    marks = read.groupby("key")[["email_opt_out", "is_internal"]].any()
    known = read[read["email"].notna()].drop_duplicates("key")
    bare = read[~read["key"].isin(known["key"])].drop_duplicates("key")
    out = pd.concat([known, bare], ignore_index=True)
    for name in ("email_opt_out", "is_internal"):
        out[name] = marks[name].reindex(out["key"].to_numpy(object)).to_numpy(bool)
    texts = ["key", "email", "phone", "first_name", "last_name", "title", "company", "country"]
    out[texts] = out[texts].astype("object").astype("str")
    words = _read_as(keys, kind, said, read)
    return out.drop(columns=["own", "account_id"]), words


def _read_as(keys: list[str], kind: str, said: str, read: pd.DataFrame) -> str:
    """How the keys were read, and behind how many of them nobody is known."""
    out = [message("{n} keys were read as {kind}.", n=f"{len(keys):,}",
                   kind=container_named(kind).plural)]  # fmt: skip
    found = {"account": ["account_id"], "person": ["key", "own"]}.get(kind)
    bare = len(set(keys) - {k for name in found for k in read[name]}) if found else 0
    if bare:
        out.append(message("Behind {n} of them nobody is known.", n=f"{bare:,}"))
    return " ".join([*out, said] if said else out)


def companies_of(
    workspace: Workspace, keys: list[str], container: str | None
) -> tuple[pd.DataFrame, str]:
    """The companies behind some keys: key, company, website, domain, industry, city, country."""
    if not workspace.has("accounts", "account_id"):
        raise AbsentError.of(
            "workspace", workspace.name, message("a workspace with a table of accounts")
        )
    kind = container or _kind(workspace, keys)
    table, key = KINDS[kind]
    own = workspace.settings.own_domains
    domain = f"lower(trim({column(workspace, 'accounts', 'domain')}))"
    listed = ", ".join(literal(item) for item in own) or "NULL"
    inside = (
        "account_id::VARCHAR IN (SELECT key FROM keys)"
        if kind == "account"
        else f"account_id::VARCHAR IN (SELECT s.account_id::VARCHAR FROM {quoted(table)} s "
        f"WHERE s.{quoted(key)}::VARCHAR IN (SELECT key FROM keys))"
    )
    if kind != "account" and "account_id" not in workspace.columns_of(table):
        raise AbsentError.of("container", kind, message("keys whose table names the account"))
    read = workspace.sql(
        "WITH keys AS (SELECT unnest(?::VARCHAR[]) AS key) "
        "SELECT t.account_id::VARCHAR AS key, "
        f"nullif(trim({column(workspace, 'accounts', 'name')}), '') AS company, "
        f"{column(workspace, 'accounts', 'website')} AS website, {domain} AS domain, "
        f"{column(workspace, 'accounts', 'industry')} AS industry, "
        f"{column(workspace, 'accounts', 'city')} AS city, "
        f"{column(workspace, 'accounts', 'country')} AS country, "
        f"coalesce({domain} IN ({listed}), false) AS is_internal "
        f"FROM accounts t WHERE {inside} ORDER BY key",
        [keys],
    )
    out = read.drop_duplicates("key", ignore_index=True)
    texts = ["key", "company", "website", "domain", "industry", "city", "country"]
    out[texts] = out[texts].astype("object").astype("str")
    out["is_internal"] = out["is_internal"].astype(bool)
    words = message(
        "{n} keys were read as {kind}.", n=f"{len(keys):,}", kind=container_named(kind).plural
    )
    return out, words


def _kind(workspace: Workspace, keys: list[str]) -> str:
    """The kind of which most keys are known; the first of equals."""
    found = {}
    for kind, (table, key) in KINDS.items():
        if workspace.has(table, key):
            read = workspace.sql(
                f"SELECT count(DISTINCT {quoted(key)}::VARCHAR) AS n FROM {quoted(table)} "
                f"WHERE {quoted(key)}::VARCHAR IN (SELECT unnest(?::VARCHAR[]))",
                [keys],
            )
            found[kind] = int(read["n"].iloc[0])
    best = max(found, key=lambda kind: found[kind], default=None)
    if best is None or (keys and not found[best]):
        raise AbsentError.of(
            "audience",
            keys[0] if keys else "",
            message("keys of people, opportunities, buying groups or accounts of the workspace"),
        )
    return best


def _chosen(workspace: Workspace, kind: str) -> tuple[str, str]:
    """A condition on everybody ``e``, and what it means."""
    listed = "(SELECT key FROM keys)"
    if kind == "person":
        return f"e.key IN {listed} OR e.own IN {listed}", ""
    if kind == "account":
        return f"e.account_id IN {listed}", message("Everybody of these accounts is meant.")
    if kind == "buying_group":
        removed = column(workspace, "buying_group_members", "removed_at", "TIMESTAMPTZ", alias="m")
        if not workspace.has("buying_group_members", "group_id", "person_id"):
            raise AbsentError.of("container", kind, message("a table of buying group members"))
        return (
            "e.own IN (SELECT m.person_id::VARCHAR FROM buying_group_members m WHERE "
            f"m.group_id::VARCHAR IN {listed} AND {removed} IS NULL)",
            message("Their present members are meant."),
        )
    if workspace.has("opportunity_people", "opportunity_id", "person_id"):
        return (
            "e.own IN (SELECT p.person_id::VARCHAR FROM opportunity_people p WHERE "
            f"p.opportunity_id::VARCHAR IN {listed})",
            message("People with a role in them are meant."),
        )
    if workspace.has("opportunities", "opportunity_id", "account_id"):
        return (
            "e.account_id IN (SELECT o.account_id::VARCHAR FROM opportunities o WHERE "
            f"o.opportunity_id::VARCHAR IN {listed})",
            message(
                "No roles in opportunities are known, so everybody of their accounts is meant."
            ),
        )
    raise AbsentError.of("container", kind, message("opportunities that name their account"))


def internal(workspace: Workspace, address: str) -> str:
    """SQL of whether a person ``t`` is of the own company: marked so, or by the address."""
    marked = f"coalesce({column(workspace, 'people', 'is_internal', 'BOOLEAN')}, false)"
    own = [*workspace.settings.own_domains, *workspace.settings.team_addresses]
    if not own:
        return marked
    listed = ", ".join(literal(item) for item in own)
    plain = f"lower(trim({address}))"
    return (
        f"({marked} OR coalesce(split_part({plain}, '@', -1) IN ({listed}) "
        f"OR {plain} IN ({listed}), false))"
    )


def linked(workspace: Workspace) -> bool:
    """Whether loading has found out which people are one."""
    found = workspace.sql(
        "SELECT count(*) AS n FROM information_schema.tables WHERE table_name = '_people'"
    )
    return bool(found["n"].iloc[0])
