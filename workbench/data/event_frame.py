"""Event rows handed over as they are: typed by a view, counted in one pass, never copied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import duckdb

from workbench.data import sql, values
from workbench.data.building import Build
from workbench.data.findings import Finding, UnusableDataError, word_finding
from workbench.data.mapping import DATE_ONLY
from workbench.data.settings import Settings
from workbench.data.touchpoints import FIXED, VIEW, Model
from workbench.errors import ArgumentError
from workbench.messages import message

NEEDED = ("account_id", "occurred_at", "event")
IDENTIFIERS = ("account_id", "person_id", "opportunity_id", "global_account_id", "campaign_id")
WHOLE = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT")


def create(
    build: Build,
    model: Model,
    relation: str,
    label: str,
    counted: tuple[int, int] | None = None,
    worded: Iterable[str] = (),
) -> None:
    """Make the event view over a relation, and say what is left out of it.

    Rows read and kept are counted in one pass, and words for nothing that stand for identifiers
    are looked for, unless an earlier pass over the same file did both.
    """
    columns = sql.columns_of(build.connection, relation)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise ArgumentError(
            message(
                "events: the column {missing} is missing. Needed are account_id, occurred_at and "
                "event; the frame has: {found}.",
                missing=", ".join(missing),
                found=", ".join(columns),
            )
        )
    _check_types(columns, build.settings, label)
    if counted is None:
        words = list(_words(build.connection, relation, columns, label))
        build.findings.extend(words)
        worded = [str(one.column) for one in words]
    parts = _parts(columns, build.settings, set(worded))
    join = ""
    if model.has("_tops", "account_id") and "global_account_id" not in columns:
        parts["global_account_id"] = "coalesce(top.global_account_id, e.account_id)"
        join = " LEFT JOIN _tops AS top ON top.account_id = CAST(e.account_id AS VARCHAR)"
    order = [name for name in FIXED if name in parts]
    order += [name for name in parts if name not in order]
    shown = ", ".join(f"{parts[name]} AS {sql.name(name)}" for name in order)
    typed = f"SELECT {shown} FROM {relation} AS e{join}"
    read, kept = counted or _counts(build.connection, typed)
    needed = " AND ".join(f"{name} IS NOT NULL" for name in NEEDED)
    filtered = typed if read == kept else f"SELECT * FROM ({typed}) WHERE {needed}"
    temporary = "" if relation.startswith("read_") else "TEMP "
    build.connection.execute(f"CREATE OR REPLACE {temporary}VIEW {VIEW} AS {filtered}")
    _say(build, label, read, kept)


def _check_types(columns: Mapping[str, str], settings: Settings, label: str) -> None:
    kind = columns["occurred_at"].upper()
    naive = kind.startswith("TIMESTAMP") and kind != "TIMESTAMP WITH TIME ZONE"
    if naive and settings.source_tz is None:
        from workbench.data.frames import zone_finding

        raise UnusableDataError.of(label, [zone_finding(label)])
    if kind != "VARCHAR" and not kind.startswith("TIMESTAMP") and kind != "DATE":
        raise ArgumentError.of(
            "occurred_at",
            kind,
            message("a timestamp, a date or text"),
            message("Convert the column first."),
        )


def _parts(columns: Mapping[str, str], settings: Settings, worded: set[str]) -> dict[str, str]:
    parts: dict[str, str] = {}
    for name, kind in columns.items():
        raw = f"e.{sql.name(name)}"
        if name == "occurred_at":
            parsed = _time(raw, kind, settings)
            parts[name] = parsed.value
            if parsed.date_only and "date_only" not in columns:
                parts["date_only"] = parsed.date_only
        elif name == "buying_group_id":
            parts[name] = raw if kind == "VARCHAR[]" else _as_list(raw, kind)
        elif name == "sequence_no":
            parts[name] = raw if kind == "BIGINT" else f"TRY_CAST({raw} AS BIGINT)"
        elif name in worded:
            parts[name] = values.identifier(raw)
        elif name in FIXED and name != "date_only":
            parts[name] = raw if kind == "VARCHAR" else f"CAST({raw} AS VARCHAR)"
        elif not name.endswith(DATE_ONLY):
            parts[name] = _plain(raw, kind)
    return parts


def _time(raw: str, kind: str, settings: Settings) -> values.Parsed:
    if kind == "VARCHAR":
        return values.from_text(values.cleaned(raw), "instant", [], settings)
    parsed = values.from_typed(raw, "instant", kind, settings)
    assert parsed is not None
    return parsed


def _as_list(raw: str, kind: str) -> str:
    if kind.endswith("[]"):
        return f"CAST({raw} AS VARCHAR[])"
    return f"CASE WHEN {raw} IS NOT NULL THEN [CAST({raw} AS VARCHAR)] END"


def _plain(raw: str, kind: str) -> str:
    """A dimension as text, boolean or list of texts; a measure as number."""
    if kind in ("VARCHAR", "BOOLEAN", "VARCHAR[]", "DOUBLE", "BIGINT"):
        return raw
    if kind in WHOLE:
        return f"CAST({raw} AS BIGINT)"
    if kind == "FLOAT" or kind.startswith("DECIMAL") or kind in ("HUGEINT", "UHUGEINT"):
        return f"CAST({raw} AS DOUBLE)"
    if kind.endswith("[]"):
        return f"CAST({raw} AS VARCHAR[])"
    return f"CAST({raw} AS VARCHAR)"


def _counts(connection: duckdb.DuckDBPyConnection, typed: str) -> tuple[int, int]:
    needed = " AND ".join(f"{name} IS NOT NULL" for name in NEEDED)
    query = f"SELECT count(*), count(*) FILTER ({needed}) FROM ({typed})"
    read, kept = sql.rows(connection, query)[0]
    return int(read), int(kept)


def _words(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Mapping[str, str], label: str
) -> Iterator[Finding]:
    """Identifiers that are words for nothing."""
    names = [name for name in IDENTIFIERS if columns.get(name) == "VARCHAR"]
    if not names:
        return
    no_id = {name: values.no_id(sql.name(name)) for name in names}
    counted = ", ".join(
        f"count(*) FILTER ({no_id[name]}), min({sql.name(name)}) FILTER ({no_id[name]})"
        for name in names
    )
    found = sql.rows(connection, f"SELECT {counted} FROM {relation}")[0]
    for name, count, value in zip(names, found[::2], found[1::2], strict=True):
        if count:
            yield word_finding(label, VIEW, name, count, value)


def _say(build: Build, label: str, read: int, kept: int) -> None:
    build.balance.append(
        {
            "file": label,
            "table": VIEW,
            "read": read,
            "kept": kept,
            "quarantined": read - kept,
            "merged": 0,
        }
    )
    if kept < read:
        build.findings.append(
            Finding(
                "warning",
                message("Events without account, time or name are left out."),
                message("Fill account_id, occurred_at and event."),
                file=label,
                table=VIEW,
                count=read - kept,
            )
        )
