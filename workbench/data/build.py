"""From the files of a workspace to a database of checked tables, in one folder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from workbench.data import checks, links, outcomes, quarantine, relations, sql, values
from workbench.data.building import Build
from workbench.data.checked import DATABASE, Description
from workbench.data.describe import describe
from workbench.data.findings import Finding, UnusableDataError
from workbench.data.in_place import view_in_place
from workbench.data.mapping import Plan, check_entry, plan, table_of, unknown_name
from workbench.data.notes import label_of, mapped_values, plan_findings
from workbench.data.sources import Reading, SourceError, parts_of
from workbench.data.staging import Staged, stage
from workbench.data.tables import Table
from workbench.data.touchpoints import VIEW, Model, create_view, rules_of
from workbench.data.workspace_file import Rule, WorkspaceFile
from workbench.errors import WorkspaceFileError
from workbench.messages import message


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
        # The tables are written once and read in whole: packing them takes as long as reading
        # the files, and saves only disk.
        connection.execute("PRAGMA force_compression = 'uncompressed'")
        # Nor are the row groups that several threads left half full worth writing a second time.
        connection.execute("SET max_vacuum_tasks = 0")
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
            build.findings.extend(replace(one, table=name) for one in error.findings)
            fatal = True
            continue
        plans[name] = [plan(build.connection, table, entry, part, build.settings) for part in parts]
        build.tables[name] = table
        for one in plans[name]:
            build.findings.extend(replace(found, table=name) for found in one.part.findings)
            fatal = fatal or bool(one.missing)
        build.findings.extend(plan_findings(table, plans[name]))
    if fatal:
        raise UnusableDataError.of(file.name, build.findings)
    for name, ready in plans.items():
        add_table(build, build.tables[name], ready)
        build.findings.extend(mapped_values(build.connection, name, file.tables[name], ready))
    if any(finding.problem == checks.no_zone() for finding in build.findings):
        raise UnusableDataError.of(file.name, build.findings)


def add_table(build: Build, table: Table, plans: list[Plan]) -> None:
    """Read the rows of one table, check them, and write its lines of the balance."""
    if view_in_place(build.connection, table, plans, build.settings, build.balance, build.findings):
        columns = [one.column for one in plans[0].fields]
        build.findings.extend(
            checks.negatives(build.connection, table.name, columns, label_of(plans))
        )
        return
    staged = stage(build.connection, table, plans, build.settings)
    build.findings.extend(checks.check_rows(build.connection, staged))
    build.staged[table.name] = staged
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


def finish(build: Build, file: WorkspaceFile, directory: Path) -> Description:
    """Everything between the tables: links, events, checks across tables, what is kept."""
    connection = build.connection
    model = link_tables(build)
    given = file.touchpoints.rules
    check_rules(model, given)
    create_view(connection, model, rules_of(model, file.touchpoints.defaults, given))
    build.findings.extend(relations.check_references(connection, model))
    build.findings.extend(relations.check_accounts_missing(connection, model))
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
    build.findings.extend(links.link_tops(connection, build.model(), build.staged))
    links.link_domains(connection, build.model())
    return build.model()


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
