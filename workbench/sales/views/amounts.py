"""Number fields that are money: in one currency by the policy of the workspace, or refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench import money
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.views.expressions import parse_formula, to_sql
from workbench.sales.views.fields import Objects
from workbench.sales.views.filters import BARE
from workbench.sales.views.model import Filter
from workbench.sales.views.schema import RATE, FieldOf, NotKnown, Thing, kind_of, one_a_key

# Amounts whose currency stands with the opportunity that they belong to.
_OF_THE_DEAL = {("opportunity_history", "amount"), ("opportunity_history", "prev_amount")}
_UNITS = {"currency": "currency", "revenue_currency": "revenue_currency"}


@dataclass(frozen=True)
class Amount:
    """A number field as it is added.

    Attributes
    ----------
    sql : str
        In `currency` where it is money; null where no rate is known.
    raw : str
        As it stands in its row.
    currency : str
        Empty for plain numbers and where no currency is known.
    money : bool
        Whether it is money.
    """

    sql: str
    raw: str
    currency: str = ""
    money: bool = False


def currency_column(objects: Objects, found: FieldOf, declared: dict[str, str]) -> str | None:
    """Column with the currency of a number column; empty for one without, None for no money."""
    if not found.table or found.kind != "number":
        return None
    if found.column in declared and found.table == objects.things[0].table:
        return declared[found.column]
    if (found.table, found.column) in _OF_THE_DEAL:
        return "opportunity_id"
    info = objects.workspace.tables[found.table].column(found.column)
    unit = (info.unit if info else "") or ""
    if unit == "reporting currency":
        return ""
    if unit not in _UNITS:
        return None
    column = _UNITS[unit]
    return column if column in objects.workspace.columns_of(found.table) else ""


def compared_as_they_are(
    objects: Objects, filters: Iterable[Filter], declared: dict[str, str]
) -> list[str]:  # fmt: skip
    """Sentences on filters that compare amounts of several currencies as they stand."""
    out = []
    for name in dict.fromkeys(f.field for f in filters if f.operator not in BARE):
        try:
            found = objects.find(name)
        except NotKnown:
            continue
        column = currency_column(objects, found, declared)
        if not column or column == "opportunity_id" or found.thing is None:
            continue
        own = found.sql.rpartition(".")[0]
        query = f"SELECT count(DISTINCT {own}.{quoted(column)}) AS n FROM {objects.source()}"
        if objects.ask(query)["n"].to_pylist()[0] > 1:
            out.append(message("The filter on {field} compares each amount in its own currency.",
                               field=name))  # fmt: skip
    return out


def converted(
    objects: Objects, found: FieldOf, where: str, declared: dict[str, str], argument: str
) -> Amount:  # fmt: skip
    """A number field ready to be added; amounts in one currency.

    Parameters
    ----------
    objects : Objects
        The relation of the object gets a further column for the converted amount.
    found : FieldOf
    where : str
        Condition of the rows that are asked about: their currencies decide.
    declared : dict
        Money columns that the definition names, with their currency.
    argument : str
        Place of the definition, for a refusal.

    Raises
    ------
    ArgumentError
        For several currencies and no policy: amounts are never added across currencies.

    Notes
    -----
    Source: sales-pipeline.md, section 5; b2b-data-model.md, section 4, rule 9.
    """
    number = f"{found.sql}::DOUBLE"
    if found.name in objects.formulas:
        return _formula(objects, found, where, declared, argument)
    column = currency_column(objects, found, declared)
    if column is None or found.thing is None:
        return Amount(number, number)
    if column == "" or found.table != found.thing.table:
        if column and found.table != found.thing.table:
            raise ArgumentError(
                message("{place}: {field} is an amount of a looked-up row; join {table} to add it",
                        place=argument, field=found.name, table=found.table)
            )  # fmt: skip
        target = objects.workspace.settings.currency.reporting or ""
        return Amount(number, number, target, True)
    target = _target(objects, found.thing, column, where, argument)
    name = f"␟{found.column}"
    _add_column(objects, found.thing, found.column, column, target, name)
    return Amount(f"{found.thing.sql}.{quoted(name)}", number, target, True)


def _formula(
    objects: Objects, found: FieldOf, where: str, declared: dict[str, str], argument: str
) -> Amount:  # fmt: skip
    """A formula whose amounts are converted before it is worked out."""
    parts = {part.name: part for part in objects.parts(found.name)}
    amounts = {
        name: converted(objects, part, where, declared, argument)
        for name, part in parts.items()
        if part.kind == "number"
    }
    money_in_it = {a.currency for a in amounts.values() if a.money}
    raw = f"{found.sql}::DOUBLE"
    if not money_in_it:
        return Amount(raw, raw)

    def field(name: str) -> str:
        return amounts[name].sql if name in amounts else objects.plain(name)

    sql = to_sql(parse_formula(objects.formulas[found.name]), field, objects.bound, objects.today)
    return Amount(f"({sql})::DOUBLE", raw, sorted(money_in_it)[-1], True)


def _target(objects: Objects, thing: Thing, column: str, where: str, argument: str) -> str:
    reporting = objects.workspace.settings.currency.reporting
    if reporting:
        return reporting
    if column == "opportunity_id" and "currency" not in objects.workspace.columns_of(
        "opportunities"
    ):
        return ""
    own = _currency_sql(thing, column)
    read = objects.ask(f"SELECT DISTINCT {own} AS c FROM {objects.source()} WHERE {where}")
    return money.target_currency(objects.workspace, read["c"].to_pylist(), argument)


def _currency_sql(thing: Thing, column: str) -> str:
    if column == "opportunity_id":
        return (
            "(SELECT min(d.currency) FROM opportunities d WHERE d.opportunity_id = "
            f"{thing.sql}.opportunity_id)"
        )
    return f"{thing.sql}.{quoted(column)}::VARCHAR"


def _add_column(
    objects: Objects, thing: Thing, amount: str, column: str, target: str, name: str
) -> None:  # fmt: skip
    relation = objects.relations[thing.sql]
    if (thing.sql, name) in objects.converted:
        return
    objects.converted.add((thing.sql, name))
    if column == "opportunity_id":
        known = "currency" in objects.workspace.columns_of("opportunities")
        currency = "d.currency::VARCHAR" if known else "NULL::VARCHAR"
        relation = (
            f'(SELECT h.*, {currency} AS "␟currency" FROM {relation} h LEFT JOIN '
            f"{one_a_key(objects.workspace, 'opportunities')} d "
            "ON d.opportunity_id = h.opportunity_id)"
        )
        column = "␟currency"
    if thing.sql in objects.rated:
        objects.relations[thing.sql] = (
            f"(SELECT m.*, m.{quoted(amount)}::DOUBLE * m.{quoted(RATE)} AS {quoted(name)} "
            f"FROM {relation} m)"
        )
        return
    day = f"{objects.bound(objects.today)}::DATE"
    imported = "amount_rc" if amount == "amount" and "amount_rc" in thing.columns else ""
    how = money.conversion(
        objects.workspace,
        amount=f"m.{quoted(amount)}::DOUBLE",
        currency=f"m.{quoted(column)}::VARCHAR",
        closed_on=_date(objects, thing, "closed_at"),
        expected_on=_date(objects, thing, "expected_close_on"),
        at=day,
        imported=f"m.{quoted(imported)}::DOUBLE" if imported else "",
        target=target,
    )
    objects.relations[thing.sql] = (
        f"(SELECT m.*, {how.sql} AS {quoted(name)} FROM {relation} m {how.joined})"
    )


def _date(objects: Objects, thing: Thing, column: str) -> str:
    kind = kind_of(thing.columns.get(column, ""))
    own = f"m.{quoted(column)}"
    if kind == "instant":
        zone = objects.bound(objects.workspace.settings.report_tz)
        return f"timezone({zone}, {own}::TIMESTAMPTZ)::DATE"
    return own if kind == "date" else "NULL::DATE"
