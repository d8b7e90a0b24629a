"""Names of a definition as SQL: objects, their columns, columns that references lead to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

from workbench.data.tables import canonical_tables
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.views.checking import unknown_name
from workbench.sales.views.expressions import FormulaError, parse_formula, to_sql
from workbench.sales.views.schema import (
    HELD_BACK,
    Bound,
    FieldOf,
    NotKnown,
    Thing,
    columns_of,
    key_of,
    kind_of,
    kind_of_arrow,
    of_thing,
    one_a_key,
    references,
)
from workbench.sales.views.snapshots import standing

if TYPE_CHECKING:
    import pyarrow as pa

    from workbench.workspace import Workspace

DEEPEST_PATH = 4


@dataclass
class Objects:
    """The objects of one question and how their rows are joined.

    Attributes
    ----------
    workspace : Workspace
    bound : Bound
    today : date
        Day of the reporting zone that is looked at.
    now : int
        Last microsecond that is looked at; rows created later are left out.
    things : list of Thing
        The base first.
    relations : dict
        SQL of the rows of each thing, by its name in the SQL.
    rated : set of str
        Things whose rows bring the rate of their own day in a column `RATE`.
    converted : set of tuple
        Things with the columns of converted amounts that their rows have got.
    """

    workspace: Workspace
    bound: Bound
    today: date
    now: int
    things: list[Thing] = field(default_factory=list)
    relations: dict[str, str] = field(default_factory=dict)
    joins: list[str] = field(default_factory=list)
    formulas: dict[str, str] = field(default_factory=dict)
    rated: set[str] = field(default_factory=set)
    converted: set[tuple[str, str]] = field(default_factory=set)
    _lookups: dict[tuple[str, str], Thing] = field(default_factory=dict)
    _found: dict[str, FieldOf] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def add(self, table: str, name: str = "") -> Thing:
        """Let an object take part; its rows are those created by the instant looked at."""
        if table not in self.workspace.tables:
            known = [t for t in self.workspace.tables if t != "touchpoints"]
            if table in canonical_tables():
                raise NotKnown(message("these data have no table {table}", table=table), True)
            raise NotKnown(unknown_name(table, known), False)
        columns, rows = columns_of(self.workspace, table), quoted(table)
        if self._looks_back_at(table):
            rows, columns = standing(self.workspace)
        thing = Thing(name or table, table, f"o{len(self.things)}", columns)
        self.things.append(thing)
        self.relations[thing.sql] = f"(SELECT t.* FROM {rows} t WHERE {self.cut(thing)})"
        return thing

    def _looks_back_at(self, table: str) -> bool:
        """Whether the rows of a table are told as they stood earlier."""
        back = self.workspace.looks_back and table == "opportunities"
        return back and self.workspace.has(table, "opportunity_id")

    def cut(self, thing: Thing, alias: str = "t") -> str:
        """The condition that a row was there at the instant looked at."""
        out = [
            f"coalesce(epoch_us({alias}.{quoted(name)}::TIMESTAMPTZ) <= {self.bound(self.now)}, "
            "true)"
            for name in ("created_at", "changed_at")
            if kind_of(thing.columns.get(name, "")) == "instant"
        ]
        return " AND ".join(out) or "true"

    def source(self) -> str:
        """What stands after FROM."""
        base = self.things[0]
        joined = " ".join([*self.joins, *self._lookup_joins()])
        return f"{self.relations[base.sql]} {base.sql} {joined}"

    def _lookup_joins(self) -> list[str]:
        out = []
        for (own, column), thing in self._lookups.items():
            key = quoted(key_of(self.workspace, thing.table))
            rows = one_a_key(self.workspace, thing.table)
            if self._looks_back_at(thing.table):
                rows = standing(self.workspace)[0]
            out.append(
                f"LEFT JOIN {rows} {thing.sql} "
                f"ON {thing.sql}.{key}::VARCHAR = {own}.{quoted(column)}::VARCHAR"
            )
        return out

    def ask(self, query: str) -> pa.Table:
        """The answer of a query whose values are bound here.

        Raises
        ------
        ArgumentError
            When the database refuses it, such as a formula that adds text to a number.
        """
        import duckdb

        try:
            return self.workspace.arrow(query, self.bound.of(query))
        except (duckdb.Error, OverflowError) as problem:
            reason = (str(problem).splitlines() or [type(problem).__name__])[0]
            raise ArgumentError(
                message("The definition cannot be answered: {reason}", reason=reason)
            ) from None

    def find(self, name: str) -> FieldOf:
        """The field of a name.

        Raises
        ------
        NotKnown
            With the closest names.
        """
        if name not in self._found:
            found = self._formula(name) or self._column(name) or self._path(name)
            if found is None:
                raise self._refusal(name)
            self._found[name] = replace(found, name=name)
        return self._found[name]

    def _formula(self, name: str) -> FieldOf | None:
        if name not in self.formulas or name in self._open:
            return None
        self._open.append(name)
        try:
            sql = to_sql(parse_formula(self.formulas[name]), self.plain, self.bound, self.today)
        except FormulaError as problem:
            raise NotKnown(message("formula {name}: {problem}", name=name, problem=problem),
                           False) from None  # fmt: skip
        finally:
            self._open.pop()
        try:
            schema = self.ask(f"SELECT ({sql}) AS v FROM {self.source()} LIMIT 0").schema
        except ArgumentError as problem:
            raise NotKnown(message("formula {name}: {problem}", name=name, problem=problem),
                           False) from None  # fmt: skip
        return FieldOf(name, f"({sql})", kind_of_arrow(schema.field("v").type), self.carrier(name))

    def parts(self, name: str) -> list[FieldOf]:
        """The fields that a formula is made of; those that these data lack are left out."""
        out = []
        for inner in parse_formula(self.formulas[name]).names():
            try:
                out.append(self.find(inner))
            except NotKnown:
                continue
        return out

    def carrier(self, name: str) -> Thing | None:
        """The one object whose rows carry a formula; None where it mixes several."""
        things = {found.thing.sql: found.thing for found in self.parts(name) if found.thing}
        return next(iter(things.values())) if len(things) == 1 else None

    def plain(self, name: str) -> str:
        """SQL of a field inside a formula; instants are local times of the reporting zone."""
        found = self.find(name)
        return self.local(found) if found.kind == "instant" else found.sql

    def local(self, found: FieldOf) -> str:
        """An instant as a local time of the reporting zone; a column without zone is in UTC."""
        zone = self.bound(self.workspace.settings.report_tz)
        return f"timezone({zone}, {found.sql}::TIMESTAMPTZ)"

    def day(self, found: FieldOf) -> str:
        """A date, or the day of an instant in the reporting zone."""
        return f"{self.local(found)}::DATE" if found.kind == "instant" else found.sql

    def _column(self, name: str) -> FieldOf | None:
        """A column of the base, else of the only other object that has it."""
        base, *others = self.things
        if found := of_thing(base, name):
            return found
        for thing in self.things:
            rest = name.removeprefix(f"{thing.name}.")
            if rest != name and (found := of_thing(thing, rest)):
                return found
        inside = [found for thing in others if (found := of_thing(thing, name))]
        return inside[0] if len(inside) == 1 else None

    def _path(self, name: str) -> FieldOf | None:
        """A column that one or more references lead to: ``account_id.industry``."""
        for thing in self.things:
            rest = name.removeprefix(f"{thing.name}.")
            if rest != name and (found := self._led(thing, thing, rest, 0)):
                return found
        return self._led(self.things[0], self.things[0], name, 0)

    def _led(self, root: Thing, thing: Thing, name: str, depth: int) -> FieldOf | None:
        for place in (n for n, sign in enumerate(name) if sign == "." and depth < DEEPEST_PATH):
            head, rest = name[:place], name[place + 1 :]
            column = self._reference(thing, head)
            if column is None:
                continue
            target = references(self.workspace, thing.table)[column]
            probe = Thing(head, target, "", columns_of(self.workspace, target))
            if of_thing(probe, rest) is None and "." not in rest:
                continue
            linked = self._lookup(thing, column, target)
            found = of_thing(linked, rest) or self._led(root, linked, rest, depth + 1)
            if found:
                return replace(found, thing=root)
        return None

    def _reference(self, thing: Thing, head: str) -> str | None:
        """The column that a head of a path names: itself, or the only one to that table."""
        known = references(self.workspace, thing.table)
        for candidate in (head, f"x_{head}"):
            if candidate in known:
                return candidate
        to_table = [column for column, table in known.items() if table == head]
        if len(to_table) > 1 and f"{head[:-1]}_id" in to_table:
            return f"{head[:-1]}_id"
        return to_table[0] if len(to_table) == 1 else None

    def _lookup(self, thing: Thing, column: str, table: str) -> Thing:
        key = (thing.sql, column)
        if key not in self._lookups:
            columns = columns_of(self.workspace, table)
            self._lookups[key] = Thing(column, table, f"l{len(self._lookups)}", columns)
        return self._lookups[key]

    def _refusal(self, name: str) -> NotKnown:
        if name in self._open:
            return NotKnown(message("formula {name} needs itself", name=name), False)
        if self._held_back(name):
            return NotKnown(message("{name} is shown by wb.partner_leads only, which knows whose "
                                    "contact data are hidden", name=name), False)  # fmt: skip
        if self._canonical(name):
            said = message("these data do not hold {name}", name=name)
            return NotKnown(said, True)
        return NotKnown(unknown_name(name, self.known()), False)

    def _held_back(self, name: str) -> bool:
        last = name.rpartition(".")[2]
        return any(last in HELD_BACK.get(thing.table, ()) for thing in self.things)

    def _canonical(self, name: str) -> bool:
        """Whether the data model has the name, though these data do not."""
        tables = canonical_tables()
        for thing in self.things:
            rest = name.removeprefix(f"{thing.name}.")
            table = tables.get(thing.table)
            parts = rest.split(".")
            for n, part in enumerate(parts):
                column = None if table is None else table.columns.get(part)
                if column is None:
                    column_of = {c.references: c for c in table.columns.values()} if table else {}
                    column = column_of.get(part)
                if column is None:
                    break
                if n == len(parts) - 1:
                    return True
                table = tables.get(column.references or "")
        return False

    def known(self) -> list[str]:
        """Every name that can be asked for, without longer paths."""
        base, *others = self.things
        out = [*self.formulas, *base.columns]
        out += [f"{thing.name}.{column}" for thing in others for column in thing.columns]
        for column, table in references(self.workspace, base.table).items():
            out += [f"{column}.{name}" for name in columns_of(self.workspace, table)]
        return out
