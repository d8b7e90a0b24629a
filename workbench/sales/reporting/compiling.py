"""A report as one statement: joined rows once, then every level of groups worked out anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.quoting import quoted
from workbench.sales.reporting.groups import GroupOf
from workbench.sales.reporting.joins import Joined
from workbench.sales.reporting.measures import MeasureOf
from workbench.sales.views.schema import ROW


@dataclass(frozen=True)
class Statement:
    """What a report asks of the database.

    Attributes
    ----------
    objects : Joined
    where : str
        Condition of the joined rows.
    rows, columns : tuple of GroupOf
        Groups of rows and of columns.
    measures : tuple of MeasureOf
    """

    objects: Joined
    where: str
    rows: tuple[GroupOf, ...]
    columns: tuple[GroupOf, ...]
    measures: tuple[MeasureOf, ...]

    @property
    def groups(self) -> tuple[GroupOf, ...]:
        """Groups of rows, then of columns."""
        return (*self.rows, *self.columns)

    def joined_rows(self) -> str:
        """The rows that take part: numbers of objects, groups, values, marks."""
        objects = self.objects
        parts = [f"{t.sql}.{quoted(ROW)} AS r{n}" for n, t in enumerate(objects.things)]
        parts += [f"{group.sql} AS g{n}" for n, group in enumerate(self.groups)]
        for n, measure in enumerate(self.measures):
            if not measure.formula:
                parts += [f"{measure.value} AS v{n}", f"{measure.marked} AS c{n}"]
        return f"SELECT {', '.join(parts)} FROM {objects.source()} WHERE {self.where}"

    def levels(self) -> list[tuple[int, int]]:
        """How many groups of rows and of columns each level has, the finest first."""
        return [
            (i, j) for i in range(len(self.rows), -1, -1) for j in range(len(self.columns), -1, -1)
        ]

    def sql(self) -> str:
        """The statement: one row a group of each level.

        Its columns are ``i, j`` (groups of rows and columns that it has), ``n`` (joined rows),
        ``g0…``, ``m0…`` (measures) and ``u0…`` (rows of a measure without a value).
        """
        levels = " UNION ALL BY NAME ".join(self._level(i, j) for i, j in self.levels())
        formulas = "".join(
            f", {measure.formula} AS m{n}"
            for n, measure in enumerate(self.measures)
            if measure.formula
        )
        return (
            f"WITH j AS MATERIALIZED ({self.joined_rows()}), "
            f"levels AS ({levels}) SELECT levels.*{formulas} FROM levels"
        )

    def _level(self, i: int, j: int) -> str:
        places = [*range(i), *range(len(self.rows), len(self.rows) + j)]
        keys = [f"g{n}" for n in places]
        grouped = f"GROUP BY {', '.join(keys)}" if keys else ""
        plain = [
            (n, measure)
            for n, measure in enumerate(self.measures)
            if not measure.formula and not measure.repeats
        ]
        own = [f"{m.aggregate(f'v{n}', f'c{n}')} AS m{n}, {_unknown(n)} AS u{n}" for n, m in plain]
        base = f"SELECT {', '.join([*keys, 'count(*) AS n', *own])} FROM j {grouped}"
        out = f"SELECT {i} AS i, {j} AS j, p.*"
        joined = ""
        for n, measure in enumerate(self.measures):
            if measure.formula or not measure.repeats:
                continue
            on = " AND ".join(f"p.{k} IS NOT DISTINCT FROM f{n}.{k}" for k in keys) or "true"
            out += f", coalesce(f{n}.m, {_nothing(measure)}) AS m{n}, coalesce(f{n}.u, 0) AS u{n}"
            joined += f" LEFT JOIN ({self._once(n, measure, keys)}) f{n} ON {on}"
        return f"{out} FROM ({base}) p{joined}"

    def _once(self, n: int, measure: MeasureOf, keys: Sequence[str]) -> str:
        """A measure over rows that repeat: each row of its object counts once in each group."""
        assert measure.thing is not None
        row = f"r{[t.sql for t in self.objects.things].index(measure.thing.sql)}"
        listed = ", ".join([*keys, f"{row} AS r", f"v{n}"])
        grouped = f"GROUP BY {', '.join(keys)}" if keys else ""
        shown = "".join(f"{key}, " for key in keys)
        return (
            f"SELECT {shown}{measure.aggregate(f'v{n}', 'true')} AS m, "
            f"count(*) - count(v{n}) AS u "
            f"FROM (SELECT DISTINCT {listed} FROM j WHERE c{n} AND {row} IS NOT NULL) {grouped}"
        )


def _unknown(n: int) -> str:
    return f"count(*) FILTER (WHERE c{n} AND v{n} IS NULL)"


def _nothing(measure: MeasureOf) -> str:
    return "0" if measure.asked.kind in ("count", "distinct") else "NULL"
