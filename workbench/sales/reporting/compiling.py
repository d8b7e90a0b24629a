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
        plain = [n for n, m in enumerate(self.measures) if not m.formula and not m.repeats]
        base = (
            f"SELECT {', '.join([*keys, 'count(*) AS n', *self._figures(plain)])} FROM j {grouped}"
        )
        out = f"SELECT {i} AS i, {j} AS j, p.*"
        joined = ""
        for row, measures in self._repeated().items():
            on = " AND ".join(f"p.{k} IS NOT DISTINCT FROM f{row}.{k}" for k in keys) or "true"
            for n in measures:
                nothing = _nothing(self.measures[n])
                out += (
                    f", coalesce(f{row}.m{n}, {nothing}) AS m{n}, coalesce(f{row}.u{n}, 0) AS u{n}"
                )
            joined += f" LEFT JOIN ({self._once(row, measures, keys)}) f{row} ON {on}"
        return f"{out} FROM ({base}) p{joined}"

    def _figures(self, numbers: Sequence[int]) -> list[str]:
        """Aggregates of measures and how many of their rows have no value."""
        return [
            f"{self.measures[n].aggregate(f'v{n}', f'c{n}')} AS m{n}, "
            f"count(*) FILTER (WHERE c{n} AND v{n} IS NULL) AS u{n}"
            for n in numbers
        ]

    def _repeated(self) -> dict[str, list[int]]:
        """Measures over rows that repeat, by the number of their object."""
        order = [thing.sql for thing in self.objects.things]
        out: dict[str, list[int]] = {}
        for n, measure in enumerate(self.measures):
            if not measure.formula and measure.repeats and measure.thing is not None:
                out.setdefault(f"r{order.index(measure.thing.sql)}", []).append(n)
        return out

    def _once(self, row: str, measures: Sequence[int], keys: Sequence[str]) -> str:
        """Measures over rows that repeat: each row of the object counts once in each group."""
        values = [f"any_value(v{n}) AS v{n}, bool_or(c{n}) AS c{n}" for n in measures]
        grouped = f"GROUP BY {', '.join(keys)}" if keys else ""
        return (
            f"SELECT {', '.join([*keys, *self._figures(measures)])} FROM ("
            f"SELECT {', '.join([*keys, row, *values])} FROM j WHERE {row} IS NOT NULL "
            f"GROUP BY {', '.join([*keys, row])}) {grouped}"
        )


def _nothing(measure: MeasureOf) -> str:
    return "0" if measure.asked.kind in ("count", "distinct") else "NULL"
