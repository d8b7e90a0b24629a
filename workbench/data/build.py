"""From the files of a workspace to a database of checked tables, in one folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from workbench.data import checks, links, outcomes, quarantine, relations, sql, values
from workbench.data.checked import DATABASE, DESCRIPTION, QUARANTINE, Description, newest
from workbench.data.findings import Finding, UnusableDataError, ordered
from workbench.data.in_place import view_in_place
from workbench.data.mapping import Plan, check_entry, matching_note, plan, table_of, unknown_name
from workbench.data.settings import Settings
from workbench.data.sources import Part, Reading, SourceError, parts_of
from workbench.data.staging import Staged, stage
from workbench.data.tables import Column, Table, TableInfo, canonical_tables
from workbench.data.touchpoints import VIEW, Model, create_view, rules_of
from workbench.data.workspace_file import Rule, WorkspaceFile
from workbench.errors import WorkspaceFileError
from workbench.messages import message


@dataclass
class Build:
    """What grows while a workspace is built."""

    connection: duckdb.DuckDBPyConnection
    settings: Settings
    findings: list[Finding] = field(default_factory=list)
    balance: list[dict[str, Any]] = field(default_factory=list)
    tables: dict[str, Table] = field(default_factory=dict)

    def model(self) -> Model:
        """The tables as they are now."""
        columns = {
            name: sql.columns_of(self.connection, sql.name(name)) for name in self._all_names()
        }
        return Model(self.tables, columns, self.settings)

    def _all_names(self) -> list[str]:
        query = (
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' "
            "AND table_catalog = current_database()"
        )
        return [row[0] for row in sql.rows(self.connection, query) if "touchpoints" not in row[0]]


def build_workspace(file: WorkspaceFile, root: Path, directory: Path, where: Path) -> Description:
    """Build the database, the findings and the quarantine file of a workspace in a folder.

    Raises
    ------
    WorkspaceFileError
        For names in the workspace file that mean nothing.
    UnusableDataError
        With everything found, when the data cannot be used at all.
    """
    _check_names(file, where)
    scratch = directory / "scratch"
    scratch.mkdir()
    connection = sql.connect(directory / DATABASE)
    try:
        connection.execute(f"SET temp_directory = {sql.text(str(scratch / 'spill'))}")
        values.install(connection)
        quarantine.prepare(connection)
        build = Build(connection, file.settings)
        _read_tables(build, file, Reading(connection, root, scratch))
        description = finish(build, file, directory)
        connection.execute("CHECKPOINT")
        return description
    finally:
        connection.close()


def _check_names(file: WorkspaceFile, where: Path) -> None:
    wrong = []
    for name, entry in file.tables.items():
        wrong.extend(check_entry(name, entry, table_of(name, entry), file.tables))
    if wrong:
        head = message("{path} cannot be used:", path=where)
        raise WorkspaceFileError("\n".join([head, *(f"- {line}" for line in wrong)]))


def _read_tables(build: Build, file: WorkspaceFile, reading: Reading) -> None:
    plans: dict[str, list[Plan]] = {}
    fatal = False
    for name, entry in file.tables.items():
        table = table_of(name, entry)
        try:
            parts = parts_of(reading, entry)
        except SourceError as error:
            build.findings.append(replace(error.finding, table=name))
            fatal = True
            continue
        plans[name] = [plan(build.connection, table, entry, part, build.settings) for part in parts]
        build.tables[name] = table
        fatal = _say_plans(build, table, plans[name]) or fatal
    if fatal:
        raise UnusableDataError.of(file.name, build.findings)
    for name, ready in plans.items():
        add_table(build, build.tables[name], ready)
        build.findings.extend(_mapped_values(build, name, ready, file))
    if any(finding.problem == checks.no_zone() for finding in build.findings):
        raise UnusableDataError.of(file.name, build.findings)


def _say_plans(build: Build, table: Table, plans: list[Plan]) -> bool:
    fatal = False
    for one in plans:
        build.findings.extend(replace(finding, table=table.name) for finding in one.part.findings)
        note = matching_note(one, table)
        if note is not None:
            build.findings.append(note)
        for column in one.missing:
            fatal = True
            build.findings.append(_missing_column(table, one.part, column))
    return fatal


def _missing_column(table: Table, part: Part, column: str) -> Finding:
    return Finding(
        "error",
        message(
            "No column of the file is {column}, which {table} needs.",
            column=column,
            table=table.name,
        ),
        message(
            "Name it in columns: {{{column}: …}}. The file has: {names}.",
            column=column,
            names=", ".join(list(part.columns)[:20]),
        ),
        file=part.label,
        table=table.name,
        column=column,
    )


def add_table(build: Build, table: Table, plans: list[Plan]) -> None:
    """Read the rows of one table, check them, and write its lines of the balance."""
    if view_in_place(build.connection, table, plans, build.settings, build.balance, build.findings):
        return
    staged = stage(build.connection, table, plans, build.settings)
    build.findings.extend(checks.check_rows(build.connection, staged))
    build.balance.extend(_lines(build.connection, staged))
    build.tables[table.name] = replace(
        table, columns={**table.columns, **{column.name: column for column in staged.columns}}
    )


def _lines(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Iterable[dict[str, Any]]:
    for place, one in enumerate(staged.plans):
        merged, aside = sql.rows(
            connection,
            "SELECT count(*) FILTER (why = 'merged'), count(*) FILTER (why = 'quarantined') "
            "FROM aside WHERE tab = ? AND part = ?",
            [staged.table.name, place],
        )[0]
        yield {
            "file": one.part.label,
            "table": staged.table.name,
            "read": staged.read[place],
            "kept": staged.kept[place],
            "quarantined": aside + staged.broken[place],
            "merged": merged,
        }


def _mapped_values(
    build: Build, name: str, plans: list[Plan], file: WorkspaceFile
) -> Iterable[Finding]:
    """How often each value map of the workspace file was used."""
    entry = file.tables[name]
    for column, mapped in entry.values.items():
        for one in plans:
            source = next((f.source for f in one.fields if f.column.name == column), None)
            if source is None or source == "derive":
                continue
            part = one.part
            relation = part.text.relation(rejects=False) if part.text else part.relation
            found = dict(
                sql.rows(
                    build.connection,
                    f"SELECT trim(CAST({sql.name(source)} AS VARCHAR)), count(*) FROM {relation} "
                    f"WHERE list_contains(?, trim(CAST({sql.name(source)} AS VARCHAR))) GROUP BY 1",
                    [list(mapped)],
                )
            )
            target = build.tables[name].columns.get(column)
            for old, count in sorted(found.items()):
                yield _mapped_finding(name, part.label, column, old, mapped[old], count, target)


def _mapped_finding(
    table: str, label: str, column: str, old: str, new: Any, count: int, spec: Column | None
) -> Finding:
    if spec is not None and spec.references and new is not None:
        level, problem = (
            "warning",
            message(
                "{old!r} is no key of {target}; values: reads it as {new!r}.",
                old=old,
                target=spec.references,
                new=str(new),
            ),
        )
    elif new is None:
        level, problem = "note", message("{old!r} is read as no value.", old=old)
    else:
        level, problem = "note", message("{old!r} is read as {new!r}.", old=old, new=str(new))
    return Finding(
        level,  # type: ignore[arg-type]
        problem,
        file=label,
        table=table,
        column=column,
        value=old,
        count=count,
    )


def finish(build: Build, file: WorkspaceFile, directory: Path) -> Description:
    """Everything between the tables: links, events, checks across tables, what is kept."""
    connection = build.connection
    model = link_tables(build)
    given = file.touchpoints.rules
    check_rules(model, given)
    create_view(connection, model, rules_of(model, file.touchpoints.defaults, given))
    build.findings.extend(relations.check_references(connection, model))
    build.findings.extend(relations.check_before_account(connection, model))
    _count_touchpoints(build)
    return describe(build, file.name, file.title, directory)


def link_tables(build: Build) -> Model:
    """Derive what the tables themselves say, and make the small tables beside them."""
    connection = build.connection
    outcomes.add_outcomes(connection, build.model())
    outcomes.add_addresses(connection, build.model())
    links.link_people(connection, build.model())
    links.link_leads(connection, build.model())
    links.link_groups(connection, build.model())
    build.findings.extend(links.link_tops(connection, build.model()))
    links.link_domains(connection, build.model())
    return build.model()


def describe(build: Build, name: str, title: str, directory: Path) -> Description:
    """Write the quarantine file and the description beside the database."""
    tables = {table: table_info(build, table) for table in build.tables}
    as_of = newest(build.connection, tables.values())
    tables[VIEW] = _view_info(build)
    quarantine.write(build.connection, directory / QUARANTINE)
    description = Description(
        name=name,
        title=title or name,
        settings=build.settings,
        tables=tables,
        findings=ordered(build.findings),
        balance=build.balance,
        as_of=as_of,
    )
    description.write(directory / DESCRIPTION)
    return description


def _view_info(build: Build) -> TableInfo:
    found = sql.columns_of(build.connection, VIEW)
    kinds = {"TIMESTAMP WITH TIME ZONE": "instant", "BIGINT": "integer", "VARCHAR[]": "list"}
    kinds |= {"DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date"}
    columns = tuple(
        Column(
            name, kinds.get(kind, "text"), required=name in ("account_id", "occurred_at", "event")
        )
        for name, kind in found.items()
    )
    rows = int(sql.one(build.connection, f"SELECT count(*) FROM {VIEW}"))
    return TableInfo(VIEW, message("One row per thing that happened to an account."), columns, rows)


def table_info(build: Build, name: str) -> TableInfo:
    """A table as it is in the database."""
    table = build.tables[name]
    found = sql.columns_of(build.connection, sql.name(name))
    known = (
        {**canonical_tables()[name].columns, **table.columns} if table.canonical else table.columns
    )
    types = {"TIMESTAMP WITH TIME ZONE": "instant", "BOOLEAN": "boolean", "VARCHAR": "text"}
    columns = tuple(
        known.get(column) or Column(column, types.get(kind, "text"))
        for column, kind in found.items()
    )
    rows = int(sql.one(build.connection, f"SELECT count(*) FROM {sql.name(name)}"))
    return TableInfo(name, table.meaning, columns, rows)


def check_rules(model: Model, rules: list[Rule]) -> None:
    """Refuse rules that name tables or columns which are not there."""
    wrong = []
    for position, rule in enumerate(rules):
        place = f"touchpoints.rules.{position}"
        if rule.table not in model.tables:
            wrong.append(unknown_name(f"{place}.table", rule.table, list(model.tables)))
            continue
        columns = list(model.columns[rule.table])
        named = [("at", rule.at), *(("dimensions", column) for column in rule.extras.values())]
        if not isinstance(rule.event, str):
            named.append(("event.column", rule.event.column))
        wrong.extend(
            unknown_name(f"{place}.{part}", column, columns)
            for part, column in named
            if column not in columns
        )
    if wrong:
        head = message("The touchpoints of the workspace file cannot be used:")
        raise WorkspaceFileError("\n".join([head, *(f"- {line}" for line in wrong)]))


def _count_touchpoints(build: Build) -> None:
    """A line of the balance for each source of events; rows without account are counted out."""
    found = sql.rows(
        build.connection,
        "SELECT source_table, count(*), count(*) FILTER (account_id IS NULL), "
        "count(*) FILTER (account_id IS NOT NULL AND (occurred_at IS NULL OR event IS NULL)) "
        "FROM _all_touchpoints GROUP BY 1 ORDER BY 1",
    )
    for table, read, homeless, timeless in found:
        build.balance.append(
            {
                "file": VIEW,
                "table": table,
                "read": read,
                "kept": read - homeless - timeless,
                "quarantined": homeless + timeless,
                "merged": 0,
            }
        )
        if homeless:
            build.findings.append(
                Finding(
                    "warning",
                    message("Events have no account and are left out of journeys."),
                    message("Fill account_id, or a person or opportunity that leads to one."),
                    table=table,
                    column="account_id",
                    count=homeless,
                )
            )
