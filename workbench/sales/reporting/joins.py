"""Related objects side by side: which rows go together, and which of them repeat."""

from __future__ import annotations

from dataclasses import dataclass, field

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.reporting.model import Join
from workbench.sales.views.checking import Findings, unknown_name
from workbench.sales.views.fields import Objects
from workbench.sales.views.filters import condition
from workbench.sales.views.schema import ROW, NotKnown, Thing, key_of, references, unique_key


@dataclass(frozen=True)
class Edge:
    """How two objects hang together.

    Attributes
    ----------
    holder, target : str
        The object with the reference and the one it refers to, by their names in the SQL.
    unique : bool
        Whether the key that is referred to is unique.
    """

    holder: str
    target: str
    unique: bool


@dataclass
class Joined(Objects):
    """Objects of a report: the base, and up to three that are joined to it."""

    links: list[tuple[str, Thing, str]] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    anti: list[str] = field(default_factory=list)
    ignore_case: bool = False

    def source(self) -> str:
        """What stands after FROM; every row of every object has a number."""
        base = self.things[0]
        parts = [f"{self._numbered(base)} {base.sql}"]
        for word, thing, on in self.links:
            parts.append(f"{word} {self._numbered(thing)} {thing.sql} ON {on}")
        return " ".join([*parts, *self._lookup_joins()])

    def _numbered(self, thing: Thing) -> str:
        rows = self.relations[thing.sql]
        return f"(SELECT row_number() OVER () AS {quoted(ROW)}, q.* FROM {rows} q)"

    def repeats(self, thing: Thing) -> bool:
        """Whether a row of an object may stand in several rows of the report."""
        seen, waiting = {thing.sql}, [thing.sql]
        while waiting:
            here = waiting.pop()
            for edge in self.edges:
                ends = {edge.holder, edge.target}
                other = next(iter(ends - {here}), None) if here in ends else None
                if other is None or other in seen:
                    continue
                if here != edge.holder or not edge.unique:
                    return True
                seen.add(other)
                waiting.append(other)
        return False

    def join(self, asked: Join, place: str, findings: Findings) -> None:
        """Join an object by the references of the data model."""
        try:
            link = self._link(asked)
            if asked.without:
                self.anti.append(self._without(asked, link, findings, place))
                return
            thing = self.add(asked.table, asked.name)
        except NotKnown as problem:
            (findings.lacks if problem.absent else findings.add)(place, problem.said)
            return
        except ArgumentError as problem:
            findings.add(place, str(problem))
            return
        if len({t.name for t in self.things}) < len(self.things):
            findings.add(place, message("two objects are called {name}; give one a name",
                                        name=thing.name))  # fmt: skip
        if asked.filters or asked.logic:
            self.relations[thing.sql] = self._filtered(asked, findings, place)
        there, column, outward = link
        key = quoted(key_of(self.workspace, thing.table if outward else there.table))
        own, other = quoted(column), (there, thing) if outward else (thing, there)
        on = f"{other[0].sql}.{own}::VARCHAR = {other[1].sql}.{key}::VARCHAR"
        self.links.append(("JOIN" if asked.with_ else "LEFT JOIN", thing, on))
        self.edges.append(
            Edge(other[0].sql, other[1].sql, unique_key(self.workspace, other[1].table))
        )

    def _link(self, asked: Join) -> tuple[Thing, str, bool]:
        """The object it is joined to, the column that refers, and whether that object holds it."""
        probe = asked.table
        if probe not in self.workspace.tables:
            return self.add(probe), "", True  # refused there, with the closest names
        things = [t for t in self.things if not asked.to or t.name == asked.to]
        if not things:
            raise NotKnown(unknown_name(asked.to, [t.name for t in self.things]), False)
        for thing in things:
            ways = [
                (thing, column, True)
                for column, table in references(self.workspace, thing.table).items()
                if table == probe
            ]
            ways += [(thing, column, False) for column, table in
                     references(self.workspace, probe).items() if table == thing.table]  # fmt: skip
            ways = [way for way in ways if not asked.on or way[1] in (asked.on, f"x_{asked.on}")]
            plain = [way for way in ways if way[1] == key_of(self.workspace, way[0].table)
                     or way[1] == key_of(self.workspace, probe)]  # fmt: skip
            if len(ways) == 1 or len(plain) == 1:
                return (plain or ways)[0]
            if ways:
                raise NotKnown(message("{table} can be joined by {columns}; say which with 'on'",
                                       table=probe, columns=", ".join(w[1] for w in ways)),
                               False)  # fmt: skip
        raise NotKnown(message("no reference leads between {table} and {things}", table=probe,
                               things=", ".join(t.name for t in things)), False)  # fmt: skip

    def _alone(self, asked: Join) -> Objects:
        alone = Objects(self.workspace, self.bound, self.today, self.now)
        alone.add(asked.table)
        return alone

    def _filtered(self, asked: Join, findings: Findings, place: str) -> str:
        alone = self._alone(asked)
        text = condition(asked.filters, asked.logic, alone, findings, place=f"{place}.",
                         ignore_case=self.ignore_case)  # fmt: skip
        return f"(SELECT {alone.things[0].sql}.* FROM {alone.source()} WHERE {text})"

    def _without(
        self, asked: Join, link: tuple[Thing, str, bool], findings: Findings, place: str
    ) -> str:  # fmt: skip
        there, column, outward = link
        inner = self._filtered(asked, findings, place)
        key = quoted(key_of(self.workspace, asked.table if outward else there.table))
        mine, its = (quoted(column), key) if outward else (key, quoted(column))
        return (
            f"NOT EXISTS (SELECT 1 FROM {inner} w "
            f"WHERE w.{its}::VARCHAR = {there.sql}.{mine}::VARCHAR)"
        )
