"""Measures of a report as SQL: each row of an object counts once, however often it repeats."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.reporting.joins import Joined
from workbench.sales.reporting.model import Measure
from workbench.sales.views.amounts import converted
from workbench.sales.views.checking import Findings, unknown_name
from workbench.sales.views.expressions import FormulaError, parse_formula, to_sql
from workbench.sales.views.filters import condition
from workbench.sales.views.schema import ROW, NotKnown, Thing

_NUMERIC = ("sum", "avg", "median", "min", "max", "percentile")


@dataclass(frozen=True)
class MeasureOf:
    """A measure that was found.

    Attributes
    ----------
    asked : Measure
    name : str
    value : str
        SQL of the value of a row of the joined objects.
    marked : str
        SQL of whether a row counts.
    thing : Thing or None
        The object whose rows are counted once; None where every joined row counts.
    repeats : bool
        Whether its rows may repeat.
    formula : str
        SQL over other measures, ``m0`` and so on; empty for the others.
    unit : str
        ``count``, ``number``, ``share``, ``duration`` or ``money``.
    currency : str
    """

    asked: Measure
    name: str
    value: str = "NULL"
    marked: str = "true"
    thing: Thing | None = None
    repeats: bool = False
    formula: str = ""
    unit: str = "number"
    currency: str = ""

    def aggregate(self, value: str, marked: str) -> str:
        """The aggregate over rows that each count once."""
        kind = self.asked.kind
        only = f"FILTER (WHERE {marked})"
        if kind == "count":
            return f"count(*) {only}"
        if kind == "distinct":
            return f"count(DISTINCT {value}) {only}"
        if kind == "percentile":
            share = (self.asked.p or 0) / 100
            return f"quantile_cont({value}, {share!r}) {only}"
        if kind in ("sum", "avg"):
            count = f"nullif(count({value}) {only}, 0)"
            return f"{_exact_sum(value, only)}{f' / {count}' if kind == 'avg' else ''}"
        return f"{kind}({value}) {only}"


def _exact_sum(value: str, only: str) -> str:
    """A sum that does not depend on the order of rows: to eight decimals, unless too large."""
    exact = f"try_cast({value} AS DECIMAL(38, 8))"
    fits = f"count({value}) {only} = count({exact}) {only}"
    return f"(CASE WHEN {fits} THEN (sum({exact}) {only})::DOUBLE ELSE sum({value}) {only} END)"


def measures_of(
    asked: tuple[Measure, ...], objects: Joined, where: str, money: dict[str, str],
    findings: Findings, place: str = "",
) -> list[MeasureOf]:  # fmt: skip
    """The measures of a definition; what is wrong is noted."""
    out: list[MeasureOf] = []
    names = [item.name for item in asked]
    for number, item in enumerate(asked, 1):
        where_it_is = f"{place}values.{number}"
        if names.count(item.name) > 1:
            findings.add(where_it_is, message("two values are called {name!r}; say 'as'",
                                              name=item.name))  # fmt: skip
        try:
            if item.kind == "formula":
                out.append(_formula(item, names, objects))
                continue
            marked = condition(
                item.filters, item.logic, objects, findings, place=f"{where_it_is}.",
                null_is_false=item.null_is_false, ignore_case=objects.ignore_case,
            )  # fmt: skip
            out.append(_measure(item, marked, objects, where, money, where_it_is))
        except NotKnown as problem:
            (findings.lacks if problem.absent else findings.add)(where_it_is, problem.said)
        except (ValueError, ArgumentError) as problem:
            findings.add(where_it_is, str(problem))
    return out


def _measure(
    item: Measure, marked: str, objects: Joined, where: str, money: dict[str, str], place: str
) -> MeasureOf:  # fmt: skip
    marked = f"coalesce({marked}, false)" if item.filters else "true"
    if item.kind == "count":
        thing = next((t for t in objects.things if t.name == item.field), None)
        if thing is None and item.field != "rows":
            known = ["rows", *(t.name for t in objects.things)]
            raise NotKnown(unknown_name(item.field, known), False)
        if thing is None:
            return MeasureOf(item, item.name, marked=marked, unit="count")
        own = f"{thing.sql}.{quoted(ROW)}"
        return MeasureOf(item, item.name, own, f"({marked} AND {own} IS NOT NULL)", thing,
                         objects.repeats(thing), unit="count")  # fmt: skip
    found = objects.find(item.field)
    if item.kind == "distinct":
        return MeasureOf(item, item.name, found.sql, marked, unit="count")
    if item.kind in _NUMERIC and found.kind != "number":
        raise ValueError(message("{kind!r} needs a number, {field} holds {held}", kind=item.kind,
                                 field=item.field, held=found.kind))  # fmt: skip
    amount = converted(objects, found, where, money, place)
    unit = "money" if amount.money else {"share": "share", "days": "duration"}.get(
        item.unit, "number")  # fmt: skip
    thing = found.thing
    if thing is not None:
        marked = f"({marked} AND {thing.sql}.{quoted(ROW)} IS NOT NULL)"
    return MeasureOf(
        item, item.name, amount.sql, marked, thing,
        thing is not None and objects.repeats(thing), unit=unit, currency=amount.currency,
    )  # fmt: skip


def _formula(item: Measure, names: list[str], objects: Joined) -> MeasureOf:
    try:
        part = parse_formula(item.formula)
    except FormulaError as problem:
        raise ValueError(str(problem)) from None

    def named(name: str) -> str:
        if name == item.name or name not in names:
            others = [n for n in names if n != item.name]
            raise NotKnown(unknown_name(name, others), False)
        return f"m{names.index(name)}"

    sql = to_sql(part, named, objects.bound, objects.today)
    later = [n for n in part.names() if names.index(n) > names.index(item.name)]
    if later:
        raise ValueError(message("{name} stands after the formula that needs it", name=later[0]))
    unit = {"share": "share", "days": "duration"}.get(item.unit, "number")
    return MeasureOf(item, item.name, formula=sql, unit=unit)
