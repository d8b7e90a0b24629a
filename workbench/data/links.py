"""Small tables beside the checked ones: whose person, lead, group and parent company is whose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb

from workbench.data import quarantine, sql
from workbench.data.findings import Finding, shortened
from workbench.data.mapping import DATE_ONLY
from workbench.data.staging import Staged
from workbench.data.touchpoints import Model
from workbench.messages import message


def link_people(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """``_people``: the account of each person, and the person that a merged one became."""
    if not model.has("people", "person_id"):
        return
    account = "account_id" if model.has("people", "account_id") else "CAST(NULL AS VARCHAR)"
    connection.execute(
        f"CREATE OR REPLACE TABLE _people AS SELECT person_id, {account} AS account_id, "
        "CAST(NULL AS VARCHAR) AS same_person_id FROM people WHERE person_id IS NOT NULL"
    )
    if model.has("leads", "person_id"):
        _accounts_from_leads(connection, model)
    edges = []
    if model.has("people", "merged_into_id"):
        edges.append("SELECT person_id, merged_into_id AS into_id, 1 AS rank FROM people")
    if model.has("leads", "person_id", "converted_person_id"):
        edges.append("SELECT person_id, converted_person_id AS into_id, 2 AS rank FROM leads")
    if model.has("people", "email_norm", "account_id"):
        edges.append(f"SELECT person_id, into_id, 3 AS rank FROM ({_SAME_ADDRESS})")
    if edges:
        _same_people(connection, " UNION ALL ".join(edges))


# One address is one person within an account; a person without account joins the only account
# that has the address.
_SAME_ADDRESS = (
    "SELECT p.person_id, coalesce(CASE WHEN p.account_id IS NOT NULL THEN min(p.person_id) OVER "
    "(PARTITION BY p.account_id, p.email_norm) END, one.person_id) AS into_id FROM people AS p "
    "LEFT JOIN (SELECT email_norm, min(person_id) AS person_id FROM people "
    "WHERE account_id IS NOT NULL GROUP BY email_norm "
    "HAVING count(DISTINCT account_id) = 1) AS one "
    "ON one.email_norm = p.email_norm WHERE p.email_norm IS NOT NULL"
)


def _accounts_from_leads(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    ways = [
        column for column in ("account_id", "converted_account_id") if model.has("leads", column)
    ]
    if ways:
        connection.execute(
            "UPDATE _people SET account_id = found.account_id FROM (SELECT person_id, "
            f"min(coalesce({', '.join(ways)})) AS account_id FROM leads GROUP BY person_id) "
            "AS found "
            "WHERE found.person_id = _people.person_id AND _people.account_id IS NULL "
            "AND found.account_id IS NOT NULL"
        )


def _same_people(connection: duckdb.DuckDBPyConnection, edges: str) -> None:
    """Follow the edges to the last person, at most twenty steps; a loop ends where it began."""
    connection.execute(
        f"CREATE TEMP TABLE person_edges AS SELECT person_id, arg_min(into_id, (rank, into_id)) "
        f"AS into_id FROM ({edges}) "
        "WHERE into_id IS NOT NULL AND into_id <> person_id GROUP BY person_id"
    )
    if not sql.one(connection, "SELECT count(*) FROM person_edges"):
        return
    connection.execute(
        "UPDATE _people SET same_person_id = last.into_id FROM ("
        "WITH RECURSIVE walk AS (SELECT person_id, into_id, 1 AS step FROM person_edges "
        "UNION ALL SELECT walk.person_id, e.into_id, step + 1 FROM walk JOIN person_edges AS e "
        "ON e.person_id = walk.into_id WHERE step < 20) "
        "SELECT person_id, arg_max(into_id, step) AS into_id, max(step) AS steps FROM walk "
        "GROUP BY person_id HAVING steps < 20) AS last WHERE last.person_id = _people.person_id"
    )
    connection.execute(
        "UPDATE _people SET account_id = other.account_id FROM _people AS other "
        "WHERE other.person_id = _people.same_person_id AND _people.account_id IS NULL"
    )


def link_leads(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """``_leads``: account and person of each lead."""
    if not model.has("leads", "lead_id"):
        return
    accounts = [
        f"t.{column}"
        for column in ("account_id", "converted_account_id")
        if model.has("leads", column)
    ]
    joins = ""
    if model.has("_people", "person_id") and model.has("leads", "person_id"):
        joins += " LEFT JOIN _people AS p ON p.person_id = t.person_id"
        accounts.append("p.account_id")
    if model.has("opportunities", "account_id") and model.has("leads", "converted_opportunity_id"):
        joins += " LEFT JOIN opportunities AS o ON o.opportunity_id = t.converted_opportunity_id"
        accounts.append("o.account_id")
    people = [
        f"t.{column}"
        for column in ("converted_person_id", "person_id")
        if model.has("leads", column)
    ]
    account = f"coalesce({', '.join(accounts)})" if accounts else "CAST(NULL AS VARCHAR)"
    person = f"coalesce({', '.join(people)})" if people else "CAST(NULL AS VARCHAR)"
    connection.execute(
        f"CREATE OR REPLACE TABLE _leads AS SELECT t.lead_id, {account} AS account_id, "
        f"{person} AS person_id FROM leads AS t{joins} WHERE t.lead_id IS NOT NULL"
    )


def link_groups(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """``_groups``: the buying groups of each person, with the span of each membership.

    What a person does belongs to a buying group while the person is a member of it: from
    `added_at` on and before `removed_at`, where these are known (b2b-data-model, section 2,
    ``buying_groups / _members``). Of a day without a time all hours belong to the membership. A
    person whose memberships have no bounds has them all in `groups`, else each in `spans`.
    """
    if not model.has("buying_group_members", "group_id", "person_id"):
        return
    person = "m.person_id"
    join = ""
    if model.has("_people", "person_id"):
        person = "coalesce(p.same_person_id, m.person_id)"
        join = " LEFT JOIN _people AS p ON p.person_id = m.person_id"
    since, until = _bound(model, "added_at", 0), _bound(model, "removed_at", 1)
    connection.execute(
        "CREATE OR REPLACE TABLE _groups AS SELECT person_id, "
        "CASE WHEN NOT bool_or(bounded) THEN list_sort(list_distinct(list(g))) END AS groups, "
        "CASE WHEN bool_or(bounded) THEN list({'g': g, 'since': since, 'until': until}) END "
        "AS spans FROM (SELECT *, since IS NOT NULL OR until IS NOT NULL AS bounded FROM ("
        f"SELECT {person} AS person_id, m.group_id AS g, {since} AS since, {until} AS until "
        f"FROM buying_group_members AS m{join} WHERE m.group_id IS NOT NULL)) GROUP BY person_id"
    )


def _bound(model: Model, column: str, days: int) -> str:
    """An end of a membership; a day alone counts whole, from its start to the next one's."""
    if not model.has("buying_group_members", column):
        return "CAST(NULL AS TIMESTAMPTZ)"
    if not model.has("buying_group_members", column + DATE_ONLY):
        return f"m.{column}"
    zone = sql.text(model.settings.report_tz)
    day = f"CAST(CAST(m.{column} AT TIME ZONE {zone} AS DATE) + {days} AS TIMESTAMP)"
    return f"CASE WHEN m.{column + DATE_ONLY} THEN {day} AT TIME ZONE {zone} ELSE m.{column} END"


def link_tops(
    connection: duckdb.DuckDBPyConnection, model: Model, staged: Mapping[str, Staged]
) -> Iterator[Finding]:
    """``_tops``: the account at the top of each parent chain; a circle is an error."""
    if not model.has("accounts", "account_id", "parent_account_id"):
        return
    connection.execute(
        "CREATE TEMP TABLE parents AS SELECT a.account_id, a.parent_account_id AS parent "
        "FROM accounts AS a SEMI JOIN accounts AS b ON b.account_id = a.parent_account_id"
    )
    connection.execute(
        "CREATE OR REPLACE TABLE _tops AS WITH RECURSIVE up AS ("
        "SELECT account_id, account_id AS top, [account_id] AS path, false AS circle FROM accounts "
        "UNION ALL SELECT up.account_id, p.parent, list_append(path, p.parent), "
        "list_contains(path, p.parent) FROM up JOIN parents AS p ON p.account_id = up.top "
        "WHERE NOT circle) "
        "SELECT account_id, arg_max(CASE WHEN circle THEN account_id ELSE top END, len(path)) "
        "AS global_account_id, bool_or(circle) AS circle, arg_max(path, len(path)) AS path "
        "FROM up GROUP BY account_id"
    )
    count, row, example = sql.rows(
        connection,
        "SELECT count(*), min(a.rowid), "
        "arg_min(list_aggregate(path, 'string_agg', ' → '), a.rowid) "
        "FROM _tops JOIN accounts AS a USING (account_id) WHERE circle",
    )[0]
    if count:
        file, line = quarantine.place_of(connection, staged["accounts"], row)
        yield Finding(
            "error",
            message("Parent accounts go in a circle."),
            message("Correct parent_account_id; until then each counts as its own top."),
            file=file,
            table="accounts",
            column="parent_account_id",
            row=line,
            value=shortened(example),
            count=count,
        )
    connection.execute("ALTER TABLE _tops DROP COLUMN path")
    connection.execute("ALTER TABLE _tops DROP COLUMN circle")


def link_domains(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """``_domains``: accounts by mail domain, where a domain belongs to one account only."""
    if not model.settings.resolve_by_domain or not model.has("accounts", "domain"):
        return
    own = ", ".join(map(sql.text, model.settings.own_domains)) or "''"
    connection.execute(
        "CREATE OR REPLACE TABLE _domains AS SELECT domain, min(account_id) AS account_id FROM ("
        "SELECT account_id, "
        "regexp_replace(lower(trim(domain)), '^(https?://)?(www\\.)?|/.*$', '', 'g') "
        f"AS domain FROM accounts) WHERE domain IS NOT NULL AND domain NOT IN ({own}) "
        "GROUP BY domain HAVING count(DISTINCT account_id) = 1"
    )
