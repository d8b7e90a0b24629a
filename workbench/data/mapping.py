"""Which column of a file fills which column of a table, and the SQL that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

import duckdb

from workbench.data import sql, values, vendors
from workbench.data.settings import Settings
from workbench.data.sources import Part
from workbench.data.tables import TYPES, Column, Table, canonical_tables
from workbench.data.workspace_file import TableFile
from workbench.errors import WorkspaceFileError
from workbench.messages import message

DATE_ONLY = "_date_only"


@dataclass(frozen=True)
class Field:
    """One column of the result: SQL of the value as found, and how it becomes typed.

    `typed` is the DuckDB type the value has already, None where it is read from cleaned text.
    """

    column: Column
    raw: str
    source: str
    typed: str | None = None
    formats: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether its values are read from text."""
        return self.typed is None

    @property
    def identifies(self) -> bool:
        """Whether its values are written identifiers."""
        column = self.column
        written = self.is_text or self.typed == "VARCHAR"
        return written and column.type == "text" and (column.key or column.references is not None)

    def parsed(self, raw: str, settings: Settings, *, words: bool = True) -> values.Parsed:
        """SQL of the typed value, where `raw` names the value as found.

        `words` may say that no identifier is a word for nothing, where that is known.
        """
        if self.identifies and words:
            given = raw if self.is_text else f"nullif({raw}, '')"
            return values.Parsed(values.identifier(given))
        if self.typed == "VARCHAR":
            return values.Parsed(f"nullif({raw}, '')")
        if self.typed is not None:
            direct = values.from_typed(raw, self.column.type, self.typed, settings)
            assert direct is not None
            return direct
        return values.from_text(raw, self.column.type, self.formats, settings)

    @property
    def fatal(self) -> bool:
        """Whether a row without a usable value is set aside."""
        return self.column.required


@dataclass(frozen=True)
class Plan:
    """How one file becomes rows of one table."""

    part: Part
    fields: tuple[Field, ...]
    unmatched: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def in_place(self) -> bool:
        """Whether every column can be read where it lies, without a value that may fail."""
        return self.part.kind == "file" and not any(field.is_text for field in self.fields)


def table_of(name: str, entry: TableFile) -> Table:
    """The table as data: canonical, or made from what the workspace file says."""
    known = canonical_tables().get(name)
    if known is None:
        table = Table(name, entry.meaning, entry.keys)
        for column in dict.fromkeys([*entry.keys, *entry.types, *entry.references]):
            table = table.with_column(
                Column(
                    column,
                    entry.types.get(column, "text"),
                    key=column in entry.keys,
                    required=column in entry.keys,
                    references=entry.references.get(column),
                )
            )
        return table
    table = replace(known, key=entry.keys or known.key)
    for name in [*entry.types, *entry.references]:
        spec = table.columns.get(name)
        if spec is not None:
            table = table.with_column(
                replace(
                    spec,
                    type=entry.types.get(name, spec.type),
                    references=entry.references.get(name, spec.references),
                )
            )
    return table


def check_entry(name: str, entry: TableFile, table: Table, tables: Mapping[str, Any]) -> list[str]:
    """Sentences about names in the entry that mean nothing."""
    wrong = []
    if entry.vendor is not None and entry.vendor not in vendors.vendors():
        wrong.append(unknown_name(f"tables.{name}.vendor", entry.vendor, list(vendors.vendors())))
    if table.canonical:
        for part in ("columns", "derive"):
            for column in getattr(entry, part):
                if column not in table.columns and not column.startswith("x_"):
                    wrong.append(unknown_name(f"tables.{name}.{part}", column, list(table.columns)))
    for column, target in entry.references.items():
        if target not in tables:
            wrong.append(unknown_name(f"tables.{name}.references.{column}", target, list(tables)))
    return wrong


def unknown_name(place: str, value: str, known: list[str]) -> str:
    """A sentence about a name that means nothing, with the closest known one."""
    close = get_close_matches(value, known, n=1, cutoff=0.5)
    hint = message(" Did you mean {name!r}?", name=close[0]) if close else ""
    return message(
        "{place}: {value!r} is not known.{hint} Known: {known}.",
        place=place,
        value=value,
        hint=hint,
        known=", ".join(known),
    )


def plan(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    entry: TableFile,
    part: Part,
    settings: Settings,
) -> Plan:
    """Match the columns of a file and make the SQL of each."""
    found = list(part.columns)
    given = _given(table, entry, found, part.label)
    derived = _derivations(table, entry, found)
    matched = vendors.match_columns(
        table.name,
        [column for column in table.columns if column not in derived],
        found,
        given,
        entry.vendor,
    )
    fields = []
    for column in table.columns.values():
        if column.name in derived:
            fields.append(_derived(connection, column, derived[column.name], part, settings))
        elif column.name in matched:
            fields.append(_field(column, matched[column.name], table, entry, part, settings))
    used = set(matched.values())
    rest = [header for header in found if header not in used]
    taken = {name.casefold() for name in (*table.columns, *matched, *derived)}
    own = {name: header for name, header in matched.items() if name not in table.columns}
    for header in rest:
        own[_spare(header, taken, table.canonical)] = header
    for name, header in own.items():
        column = _own_column(name, header, entry)
        fields.append(_field(column, header, table, entry, part, settings))
    for name, expression in derived.items():
        if name not in table.columns:
            kind = entry.types.get(name) or _guess(connection, expression, part)
            column = replace(_own_column(name, name, entry), type=kind)
            fields.append(_derived(connection, column, expression, part, settings))
    missing = tuple(
        column.name
        for column in table.columns.values()
        if column.required and column.name not in {field.column.name for field in fields}
    )
    return Plan(part, tuple(fields), tuple(rest) if table.canonical else (), missing)


def _own_column(name: str, header: str, entry: TableFile) -> Column:
    """A column that the data model does not know, as far as the workspace file describes it."""
    return Column(
        name,
        entry.types.get(name) or entry.types.get(header, "text"),
        references=entry.references.get(name) or entry.references.get(header),
    )


def _given(table: Table, entry: TableFile, found: list[str], label: str) -> dict[str, str]:
    chosen = {}
    plain = {vendors.plain(column): column for column in reversed(found)}
    for name, column in entry.columns.items():
        if column in found:
            chosen[name] = column
        elif vendors.plain(column) in plain:
            chosen[name] = plain[vendors.plain(column)]
        else:
            place = f"tables.{table.name}.columns.{name} ({label})"
            refusal = unknown_name(place, column, found)
            if any("\ufffd" in name for name in found):
                refusal += " " + message("The header is in another encoding: correct encoding:.")
            raise WorkspaceFileError(refusal)
    return chosen


def _derivations(table: Table, entry: TableFile, found: list[str]) -> dict[str, str]:
    rules = vendors.vendor_rules(entry.vendor, table.name, "derive")
    chosen = {name: rule for name, (needs, rule) in rules.items() if needs in found}
    return {**chosen, **entry.derive}


def _spare(header: str, taken: set[str], canonical: bool) -> str:
    """A name that is not taken for a column the data model does not know; it is taken then."""
    base = f"x_{header}" if canonical and not header.startswith("x_") else header
    name, number = base, 2
    while name.casefold() in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name.casefold())
    return name


def _field(
    column: Column, source: str, table: Table, entry: TableFile, part: Part, settings: Settings
) -> Field:
    kind = part.columns[source]
    raw = sql.name(source)
    mapped = _value_map(table, entry, column.name, source)
    formats = _formats(entry, column.name, source)
    if not mapped and _reads_as_it_is(column, kind, part, settings):
        return Field(column, raw, source, typed=kind)
    text = _cleaned(raw if kind == "VARCHAR" else f"CAST({raw} AS VARCHAR)", part)
    text = _mapped(text, mapped)
    if "days" in part.extra and column.type in ("date", "instant") and not formats:
        text = f"wb_counted_day({text})"
    if column.type == "text" and _word_is_null(entry):
        text = f"nullif({text}, 'null')"
    if _salesforce_id(entry, column):
        text = f"wb_salesforce_id({text})"
    return Field(column, text, source, formats=tuple(formats))


def _cleaned(text: str, part: Part) -> str:
    """The text without blanks around it, as far as the survey of the file saw any."""
    if part.text is None:
        return values.cleaned(text)
    if part.text.surveyed.nul_bytes:
        return values.cleaned(f"replace({text}, chr(0), '')")
    if part.text.tidy:
        return text
    return values.cleaned_of_line_ends(text) if part.text.trimmed else values.cleaned(text)


def _reads_as_it_is(column: Column, kind: str, part: Part, settings: Settings) -> bool:
    if kind == "VARCHAR":
        return part.kind == "file" and column.type == "text"
    return values.from_typed("r", column.type, kind, settings) is not None


def _value_map(table: Table, entry: TableFile, column: str, source: str) -> dict[str, Any]:
    vendor = vendors.vendor_rules(entry.vendor, table.name, "values").get(column, {})
    return {**vendor, **(entry.values.get(column) or entry.values.get(source, {}))}


def _mapped(text: str, mapped: Mapping[str, Any]) -> str:
    if not mapped:
        return text
    cases = " ".join(
        f"WHEN {sql.text(old)} THEN {sql.text(None if new is None else _plain_text(new))}"
        for old, new in mapped.items()
    )
    return f"(CASE {text} {cases} ELSE {text} END)"


def _plain_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _formats(entry: TableFile, column: str, source: str) -> list[str]:
    return entry.formats_of(column) or entry.formats_of(source)


def _word_is_null(entry: TableFile) -> bool:
    return entry.vendor is not None and bool(vendors.vendors()[entry.vendor].get("null_words"))


def _salesforce_id(entry: TableFile, column: Column) -> bool:
    if entry.vendor is None or not vendors.vendors()[entry.vendor].get("salesforce_ids"):
        return False
    return column.key or column.references is not None


def _guess(connection: duckdb.DuckDBPyConnection, expression: str, part: Part) -> str:
    kind = _type_of(connection, expression, part, "derive")
    if kind in ("TINYINT", "SMALLINT", "INTEGER", "HUGEINT"):
        return "integer"
    if kind == "FLOAT" or kind.startswith("DECIMAL"):
        return "number"
    return next((name for name, known in TYPES.items() if known == kind), "text")


def _type_of(connection: duckdb.DuckDBPyConnection, expression: str, part: Part, place: str) -> str:
    empty = ", ".join(
        f"CAST(NULL AS {kind}) AS {sql.name(column)}" for column, kind in part.columns.items()
    )
    try:
        found = sql.columns_of(connection, f"(SELECT ({expression}) AS d FROM (SELECT {empty}))")
    except duckdb.Error as error:
        raise WorkspaceFileError(
            message(
                "{place}: the expression {expression!r} cannot be used: {why}",
                place=place,
                expression=expression,
                why=str(error).splitlines()[0],
            )
        ) from error
    kind = found["d"]
    return {"TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ"}.get(kind, kind)


def _derived(
    connection: duckdb.DuckDBPyConnection,
    column: Column,
    expression: str,
    part: Part,
    settings: Settings,
) -> Field:
    kind = _type_of(connection, expression, part, f"derive.{column.name} ({part.label})")
    raw = f"({expression})"
    typed = "TIMESTAMP WITH TIME ZONE" if kind == "TIMESTAMPTZ" else kind
    if typed != "VARCHAR" and values.from_typed("r", column.type, typed, settings) is not None:
        return Field(column, raw, "derive", typed=typed)
    return Field(column, values.cleaned(f"CAST({raw} AS VARCHAR)"), "derive")
