"""Rows with the same key: identical ones are merged, of those that differ the fullest is kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from workbench.data import quarantine, sql
from workbench.data.findings import Finding, shortened
from workbench.data.staging import PROBLEMS, Staged
from workbench.messages import message


def ranking(relation: str, row: str, key: Sequence[str], names: Sequence[str]) -> str:
    """SQL that ranks rows with the same key: id, whether first of its kind, place of its kind.

    Which kind comes first depends on its content alone, never on its place in the file: the one
    with most values, then by hash.
    """
    by = ", ".join(map(sql.name, key))
    everything = ", ".join(map(sql.name, names))
    present = ", ".join(f"({sql.name(name)} IS NOT NULL)::INT" for name in names)
    filled = f"list_sum([{present}])"
    return (
        f"SELECT {row} AS id, first_value({row}) OVER same = {row} AS first_of_same, "
        f"dense_rank() OVER (PARTITION BY {by} ORDER BY {filled} DESC, hash({everything}) DESC, "
        f"row({everything})::VARCHAR DESC) AS place FROM {relation} "
        f"WINDOW same AS (PARTITION BY {everything} ORDER BY {row})"
    )


def key_shown(key: Sequence[str]) -> str:
    """SQL of a key as one text."""
    return "concat_ws(' · ', " + ", ".join(map(sql.name, key)) + ")"


def differs() -> str:
    """The reason written beside a row whose key stands in a fuller row."""
    return message("another row with the same key says something else; the fullest one is kept")


def merged_finding(label: str, table: str, key: Sequence[str], count: int) -> Finding:
    """Say that identical rows were merged."""
    problem = message("Identical rows with the same {key} were merged.", key=", ".join(key))
    return Finding("note", problem, file=label, table=table, column=key[0], count=count)


def differing_finding(
    label: str, table: str, key: Sequence[str], count: int, row: int | None, value: str | None
) -> Finding:
    """Say that rows with the same key contradict each other."""
    return Finding(
        "warning",
        message("Rows with the same {key} say different things.", key=", ".join(key)),
        message("The fullest row is kept; the others are in the quarantine file."),
        file=label,
        table=table,
        column=key[0],
        row=row,
        value=None if value is None else shortened(value),
        count=count,
    )


def check_duplicates(connection: duckdb.DuckDBPyConnection, staged: Staged) -> Iterator[Finding]:
    """Set copies and contradicting rows of a staged table aside."""
    key = [column for column in staged.table.key if staged.has(column)]
    if not key:
        return
    twice = _rank(connection, staged, key)
    if twice is None:
        return
    connection.execute(
        "INSERT INTO aside SELECT ?, id, NULL, CASE WHEN first_of_same THEN 'quarantined' "
        f"ELSE 'merged' END FROM {twice} WHERE place > 1 OR NOT first_of_same",
        [staged.table.name],
    )
    for place, (first, last) in enumerate(staged.ranges()):
        label = staged.plans[place].part.label
        query = (
            "SELECT count(*) FILTER (NOT first_of_same), "
            f"count(*) FILTER (first_of_same AND place > 1) FROM {twice} "
            "WHERE id >= ? AND id < ?"
        )
        merged, differing = sql.rows(connection, query, [first, last])[0]
        if merged:
            yield merged_finding(label, staged.table.name, key, merged)
        if differing:
            row, value = _quarantine(connection, staged, place, twice, key)
            yield differing_finding(label, staged.table.name, key, differing, row, value)


def _rank(connection: duckdb.DuckDBPyConnection, staged: Staged, key: list[str]) -> str | None:
    """Rank the rows whose key stands more than once; the name of that table, if there are any."""
    name = staged.table.name
    keys, twice = sql.name(f"keys_{name}"), sql.name(f"twice_{name}")
    by = ", ".join(map(sql.name, key))
    same = " AND ".join(f"t.{sql.name(k)} IS NOT DISTINCT FROM k.{sql.name(k)}" for k in key)
    usable = f"rowid NOT IN (SELECT id FROM aside WHERE tab = {sql.text(name)})"
    connection.execute(
        f"CREATE TEMP TABLE {keys} AS SELECT {by} FROM {staged.relation} "
        f"WHERE {usable} AND {sql.name(key[0])} IS NOT NULL GROUP BY ALL HAVING count(*) > 1"
    )
    if not sql.one(connection, f"SELECT count(*) FROM {keys}"):
        return None
    rows = (
        f"(SELECT t.rowid AS _id, t.* EXCLUDE ({PROBLEMS}) FROM {staged.relation} AS t "
        f"SEMI JOIN {keys} AS k ON {same} WHERE t.{usable})"
    )
    ranked = ranking(rows, "_id", key, staged.names)
    connection.execute(f"CREATE TEMP TABLE {twice} AS {ranked}")
    return twice


def _quarantine(
    connection: duckdb.DuckDBPyConnection, staged: Staged, place: int, twice: str, key: list[str]
) -> tuple[int | None, str]:
    first, last = staged.ranges()[place]
    label, table = staged.plans[place].part.label, staged.table.name
    connection.execute(
        f"INSERT INTO quarantine SELECT ?, ?, ?, rowid, NULL, ?, {key_shown(key)}, ? "
        f"FROM {staged.relation} WHERE rowid IN (SELECT id FROM {twice} "
        "WHERE first_of_same AND place > 1 AND id >= ? AND id < ?)",
        [place, label, table, ", ".join(key), differs(), first, last],
    )
    quarantine.locate(connection, staged, place)
    query = (
        'SELECT min("row"), arg_min("value", "row") FROM quarantine '
        "WHERE tab = ? AND place = ? AND reason = ?"
    )
    row, value = sql.rows(connection, query, [table, place, differs()])[0]
    return row, str(value)
