"""The event view: one row per thing that happened to an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import duckdb

from workbench.data import sql, values
from workbench.data.default_rules import EventRule, default_rules
from workbench.data.mapping import DATE_ONLY
from workbench.data.settings import Settings
from workbench.data.tables import Table
from workbench.data.workspace_file import EventColumn, Rule
from workbench.errors import WorkspaceFileError
from workbench.messages import message

VIEW = "touchpoints"
FIXED = (
    "account_id",
    "occurred_at",
    "event",
    "sequence_no",
    "event_id",
    "person_id",
    "session_id",
    "opportunity_id",
    "buying_group_id",
    "global_account_id",
    "source_table",
    "source_id",
    "date_only",
    "channel",
    "campaign_id",
)
TYPES_OF_FIXED = {
    "occurred_at": "TIMESTAMPTZ",
    "sequence_no": "BIGINT",
    "buying_group_id": "VARCHAR[]",
    "date_only": "BOOLEAN",
}


@dataclass(frozen=True)
class Model:
    """What the view is made from: tables as data, their columns and types as they are."""

    tables: Mapping[str, Table]
    columns: Mapping[str, Mapping[str, str]]
    settings: Settings

    def has(self, table: str, *columns: str) -> bool:
        """Whether a table is there with all of these columns."""
        return table in self.columns and set(columns) <= set(self.columns[table])


def rules_of(model: Model, defaults: bool, given: list[Rule]) -> list[EventRule]:
    """The built-in rules that apply, then those of the workspace file."""
    names = {table: list(columns) for table, columns in model.columns.items()}
    rules = [_with_custom(rule, model) for rule in default_rules(names)] if defaults else []
    return [*rules, *(_from_file(rule) for rule in given)]


def _with_custom(rule: EventRule, model: Model) -> EventRule:
    """Web rows bring their own dimensions along."""
    if rule.table != "web_events":
        return rule
    own = {
        _short(column): column
        for column in model.columns["web_events"]
        if column.startswith("x_") and not column.endswith(DATE_ONLY)
    }
    return replace(rule, extras={**rule.extras, **own})


def _short(column: str) -> str:
    return column.removeprefix("x_") if column.removeprefix("x_") not in FIXED else column


def _from_file(rule: Rule) -> EventRule:
    event = sql.text(rule.event) if isinstance(rule.event, str) else _event_of_column(rule.event)
    return EventRule(
        rule.table,
        event,
        (rule.at,),
        where=rule.where,
        extras=rule.extras,
        needs=(rule.at,),
    )


def _event_of_column(given: EventColumn) -> str:
    column = f"CAST(t.{sql.name(given.column)} AS VARCHAR)"
    cases = " ".join(
        f"WHEN {sql.text(value)} THEN {sql.text(name)}" for value, name in given.map.items()
    )
    other = "NULL"
    if given.other is not None:
        before, mark, after = given.other.partition("{value}")
        other = f"{sql.text(before)} || {column} || {sql.text(after)}" if mark else sql.text(before)
    return f"CASE {column} {cases} ELSE {other} END" if cases else other


def create_view(
    connection: duckdb.DuckDBPyConnection, model: Model, rules: list[EventRule]
) -> None:
    """Create the view over all rules; two views, so that unresolved rows can be counted."""
    selects = [_checked(connection, rule, _select(connection, rule, model)) for rule in rules]
    body = " UNION ALL BY NAME ".join(selects) if selects else _nothing()
    connection.execute(f"CREATE OR REPLACE VIEW _all_touchpoints AS {body}")
    found = sql.columns_of(connection, "_all_touchpoints")
    order = [name for name in FIXED if name in found]
    rest = [name for name in found if name not in FIXED and not name.startswith("_")]
    shown = ", ".join(map(sql.name, [*order, *rest]))
    connection.execute(
        f"CREATE OR REPLACE VIEW {VIEW} AS SELECT {shown} FROM _all_touchpoints "
        "WHERE account_id IS NOT NULL"
    )


def _checked(connection: duckdb.DuckDBPyConnection, rule: EventRule, select: str) -> str:
    """Refuse a rule whose condition means nothing to the database."""
    try:
        sql.columns_of(connection, f"({select})")
    except duckdb.Error as error:
        raise WorkspaceFileError(
            message(
                "touchpoints: the rule for table {table} (where: {where}) cannot be used: {why}",
                table=rule.table,
                where=rule.where,
                why=str(error).splitlines()[0],
            )
        ) from error
    return select


def _nothing() -> str:
    typed = ", ".join(
        f"CAST(NULL AS {TYPES_OF_FIXED.get(name, 'VARCHAR')}) AS {name}" for name in FIXED
    )
    return f"SELECT {typed} WHERE false"


def _select(connection: duckdb.DuckDBPyConnection, rule: EventRule, model: Model) -> str:
    source = rule.source or sql.name(rule.table)
    columns = sql.columns_of(connection, source)
    joins = _Joins(model, columns, rule.table)
    account = joins.account()
    at, date_only = _time(rule, model, columns)
    parts = {
        "account_id": account,
        "occurred_at": at,
        "event": "t._event",
        **joins.identifiers(at),
        "source_table": sql.text(rule.table),
        "source_id": joins.source_id(),
        "date_only": date_only,
        "event_id": joins.event_id(rule),
        **joins.lookups(),
    }
    for name, column in rule.extras.items():
        if column in columns:
            parts[name] = f"t.{sql.name(column)}"
    shown = ", ".join(f"{value} AS {sql.name(name)}" for name, value in parts.items() if value)
    where = f" WHERE {rule.where}" if rule.where else ""
    rows = (
        f"(SELECT *, CAST({rule.event} AS VARCHAR) AS _event "
        f"FROM {_with_missing(rule, columns, source)} AS t{where}) AS t"
    )
    # A row without the time or the name of an event is no such event, and not counted as one.
    return (
        f"SELECT {shown} FROM {rows} {joins.text()} WHERE {at} IS NOT NULL AND t._event IS NOT NULL"
    )


def _with_missing(rule: EventRule, columns: Mapping[str, str], source: str) -> str:
    """The source with the columns that a built-in rule mentions and the table lacks, as NULL."""
    known = {
        "activities": {"direction": "VARCHAR", "status": "VARCHAR"},
        "campaign_members": {"has_responded": "BOOLEAN", "first_responded_on": "DATE"},
        "partner_leads": {"substatus": "VARCHAR"},
    }.get(rule.table, {})
    extra = [
        f"CAST(NULL AS {kind}) AS {name}" for name, kind in known.items() if name not in columns
    ]
    return f"(SELECT *, {', '.join(extra)} FROM {source})" if extra else source


def _time(rule: EventRule, model: Model, columns: Mapping[str, str]) -> tuple[str, str]:
    times, flags = [], []
    for name in rule.at:
        if name not in columns:
            continue
        column = f"t.{sql.name(name)}"
        if columns[name] == "DATE":
            times.append(values.end_of_day(column, model.settings))
            flags.append(f"WHEN {column} IS NOT NULL THEN true")
        else:
            times.append(column)
            held = sql.name(name + DATE_ONLY)
            flag = f"coalesce(t.{held}, false)" if name + DATE_ONLY in columns else "false"
            flags.append(f"WHEN {column} IS NOT NULL THEN {flag}")
    time = times[0] if len(times) == 1 else f"coalesce({', '.join(times)})"
    return time, f"CASE {' '.join(flags)} END"


class _Joins:
    """Joins that lead from a row to its account, person, groups and campaign."""

    def __init__(self, model: Model, columns: Mapping[str, str], table: str) -> None:
        self.model = model
        self.columns = columns
        self.table = table
        self.joined: dict[str, str] = {}

    def text(self) -> str:
        """The joins asked for so far."""
        return " ".join(self.joined.values())

    def _join(self, alias: str, table: str, key: str, to: str) -> str:
        line = f"LEFT JOIN {sql.name(table)} AS {alias} ON {alias}.{sql.name(key)} = {to}"
        self.joined.setdefault(alias, line)
        return alias

    def account(self) -> str:
        """SQL of the account, by the row itself, person, opportunity, lead, group, references."""
        found = ["t.account_id"] if "account_id" in self.columns else []
        for column, table, key in self._ways():
            alias = self._join(f"by_{column}", table, key, f"t.{sql.name(column)}")
            found.append(f"{alias}.account_id")
        if self.model.has("_domains", "domain") and "email" in self.columns:
            domain = "lower(split_part(t.email, '@', 2))"
            found.append(f"{self._join('by_domain', '_domains', 'domain', domain)}.account_id")
        return f"coalesce({', '.join(found)})" if found else "CAST(NULL AS VARCHAR)"

    def _ways(self) -> list[tuple[str, str, str]]:
        ways = [
            ("person_id", "_people", "person_id"),
            ("opportunity_id", "opportunities", "opportunity_id"),
            ("lead_id", "_leads", "lead_id"),
            ("group_id", "buying_groups", "group_id"),
        ]
        usual = [
            (column, table, key)
            for column, table, key in ways
            if column in self.columns
            and self.model.has(table, key, "account_id")
            and (self.table, column)
            not in (("opportunities", "opportunity_id"), ("buying_groups", "group_id"))
        ]
        known = {column for column, _, _ in usual} | {"account_id"}
        return [*usual, *self._referenced(known)]

    def _referenced(self, known: set[str]) -> list[tuple[str, str, str]]:
        table = self.model.tables.get(self.table)
        found = []
        for column in table.columns.values() if table else ():
            target = self.model.tables.get(column.references or "")
            if target is None or column.name in known or column.name not in self.columns:
                continue
            if target.name == self.table or len(target.key) != 1:
                continue
            if self.model.has(target.name, target.key[0], "account_id"):
                found.append((column.name, target.name, target.key[0]))
        return [] if table and table.canonical and table.name != "leads" else found

    def identifiers(self, at: str) -> dict[str, str | None]:
        """Person, session, opportunity, groups at a time and order of the row, where they exist."""
        return {
            "sequence_no": "t.sequence_no" if "sequence_no" in self.columns else None,
            "person_id": self._person(),
            "session_id": "t.session_id" if "session_id" in self.columns else None,
            "opportunity_id": self._opportunity(),
            "buying_group_id": self._groups(at),
            "global_account_id": self._top(),
        }

    def _person(self) -> str | None:
        ways = []
        if "person_id" in self.columns:
            if self.model.has("_people", "person_id"):
                alias = self._join("by_person_id", "_people", "person_id", "t.person_id")
                ways.append(f"coalesce({alias}.same_person_id, t.person_id)")
            else:
                ways.append("t.person_id")
        if "lead_id" in self.columns and self.model.has("_leads", "lead_id", "person_id"):
            alias = self._join("by_lead_id", "_leads", "lead_id", "t.lead_id")
            ways.append(f"{alias}.person_id")
        return f"coalesce({', '.join(ways)})" if ways else None

    def _opportunity(self) -> str | None:
        if "opportunity_id" in self.columns:
            return "t.opportunity_id"
        if self.table == "leads" and "converted_opportunity_id" in self.columns:
            return "t.converted_opportunity_id"
        return None

    def _groups(self, at: str) -> str | None:
        """The row's own group, else those in which its person is a member at its time."""
        if "group_id" in self.columns:
            return "CASE WHEN t.group_id IS NOT NULL THEN [t.group_id] END"
        person = self._person()
        if person is None or not self.model.has("_groups", "person_id"):
            return None
        alias = self._join("grouped", "_groups", "person_id", person)
        held = (
            f"list_filter({alias}.spans, lambda x: coalesce({at} >= x.since, true) "
            f"AND coalesce({at} < x.until, true))"
        )
        named = f"list_sort(list_distinct(list_transform({held}, lambda x: x.g)))"
        return f"coalesce({alias}.groups, nullif({named}, CAST([] AS VARCHAR[])))"

    def _top(self) -> str | None:
        if not self.model.has("_tops", "account_id"):
            return None
        account = self.account()
        alias = self._join("top", "_tops", "account_id", account)
        return f"coalesce({alias}.global_account_id, {account})"

    def lookups(self) -> dict[str, str]:
        """Names of the campaign and of the in-person event, where the row has one."""
        found: dict[str, str] = {}
        if "campaign_id" in self.columns and self.model.has("campaigns", "campaign_id"):
            columns = self.model.columns["campaigns"]
            alias = self._join("campaign", "campaigns", "campaign_id", "t.campaign_id")
            if "name" in columns:
                found["campaign"] = f"{alias}.name"
            channels = [f"{alias}.{name}" for name in ("channel", "type") if name in columns]
            if channels and "channel" not in self.columns:
                found["channel"] = f"coalesce({', '.join(channels)})"
        if self.table == "event_attendance" and self.model.has("events", "event_id", "name"):
            alias = self._join("held", "events", "event_id", "t.event_id")
            found["in_person_event"] = f"{alias}.name"
            if self.model.has("events", "place"):
                found["place"] = f"{alias}.place"
        return found

    def source_id(self) -> str | None:
        """The row's key as one text, NULL for a table without key."""
        table = self.model.tables.get(self.table)
        key = [column for column in (table.key if table else ()) if column in self.columns]
        if not key or table is None or len(key) < len(table.key):
            return None
        if len(key) == 1:
            return f"CAST(t.{sql.name(key[0])} AS VARCHAR)"
        return "concat_ws(':', " + ", ".join(f"t.{sql.name(column)}" for column in key) + ")"

    def event_id(self, rule: EventRule) -> str | None:
        """The row's own event id, else table, key and rule together."""
        if self.table == "web_events":
            return "t.event_id" if "event_id" in self.columns else None
        source = self.source_id()
        if source is None:
            return None
        mark = rule.label or rule.at[0]
        return f"{sql.text(self.table + ':')} || {source} || {sql.text(':' + mark)}"
