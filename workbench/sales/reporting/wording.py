"""Sentences of a report: the largest group, objects and joins, what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import money
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.tables import as_text
from workbench.sales.reporting.levels import Level
from workbench.sales.reporting.measures import MeasureOf
from workbench.sales.views.amounts import compared_as_they_are
from workbench.sales.views.wording import (
    filter_in_words,
    logic_in_words,
    looking_back,
    scope_in_words,
)

if TYPE_CHECKING:
    from workbench.sales.reporting.result import Block, TableReport

ADDED = ("count", "sum", "distinct")
LARGE = 50_000


def figure(value: object, measure: MeasureOf) -> str:
    """A figure as a reader sees it."""
    return as_text(value, measure.unit, measure.currency)


def headline(report: TableReport) -> str:
    """As `TableReport.headline`."""
    first = report.blocks[0]
    statement, lines = first.statement, first.levels
    if report.asked.kind == "table" or not statement.measures:
        return message_of_count(
            "{title}: {count} row", "{title}: {count} rows", lines.rows, title=report.title
        )
    measure, total = statement.measures[0], lines.at(())
    of_all = figure(total.figures[0] if total else None, measure)
    if first.asked.trend and statement.rows and statement.rows[0].known_day:
        return _over_time(report.title, first, measure)
    top = largest(first)
    if top is None:
        rows = numbers.count(lines.rows)
        return message("{title}: {figure} ({measure}) of {n} rows", title=report.title,
                       figure=of_all, measure=measure.name, n=rows)  # fmt: skip
    values = {
        "title": report.title,
        "label": statement.rows[0].label(top.rows[0]),
        "figure": figure(top.figures[0], measure),
        "total": of_all,
        "measure": measure.name,
    }
    if measure.asked.kind in ADDED:
        return message("{title}: {label} has most, {figure} of {total} ({measure})", **values)
    return message("{title}: {label} is highest with {figure}, all together {total} ({measure})",
                   **values)  # fmt: skip


def _over_time(title: str, block: Block, measure: MeasureOf) -> str:
    """A trend: the last month beside the first."""
    group = block.statement.rows[0]
    lines = [x for x in block.levels.lines if len(x.rows) == 1 and not x.columns and x.rows[0]]
    if not lines:
        return message("{title}: no deal on any of these days", title=title)
    lines.sort(key=lambda line: line.rows[0])
    return message(
        "{title}: {last} on {last_day} after {first} on {first_day} ({measure})", title=title,
        last=figure(lines[-1].figures[0], measure), last_day=group.label(lines[-1].rows[0]),
        first=figure(lines[0].figures[0], measure), first_day=group.label(lines[0].rows[0]),
        measure=measure.name,
    )  # fmt: skip


def largest(block: Block) -> Level | None:
    """The outermost group with the largest first figure."""
    groups = [
        line for line in block.levels.lines
        if len(line.rows) == 1 and not line.columns and isinstance(line.figures[0], int | float)
    ]  # fmt: skip
    return max(groups, key=lambda line: line.figures[0], default=None)


def reading(report: TableReport) -> str:
    """As `TableReport.reading`."""
    if report.asked.kind == "table":
        return message("Every joined row is listed and exported.")
    text = message("Subtotals and the total are worked out from the rows, not from the groups.")
    currency = next((c for c in map(currency_of, report.blocks) if c), "")
    if currency:
        text += " " + message("Amounts are in {currency}, {rule}.", currency=currency,
                              rule=money.rule_in_words(report.workspace))  # fmt: skip
    return text


def currency_of(block: Block) -> str:
    """Currency of the amounts of a block; empty without any."""
    return next((m.currency for m in block.statement.measures if m.currency), "")


def definitions(report: TableReport) -> list[str]:
    """As `TableReport.definitions`."""
    out = []
    for block in report.blocks:
        out += [_objects(block), scope_in_words(block.asked), logic_in_words(block.asked)]
    if report.where:
        listed = " · ".join(map(filter_in_words, report.where))
        out.append(message("Also only {filters}.", filters=listed))
    return [*dict.fromkeys(s for s in [*out, report.asked.note] if s)]


def _objects(block: Block) -> str:
    parts = [block.asked.object]
    for join in block.asked.join:
        if join.with_:
            parts.append(message("with {table}", table=join.table))
        elif join.without:
            parts.append(message("without {table}", table=join.table))
        else:
            parts.append(message("with or without {table}", table=join.table))
    if block.asked.trend:
        parts.append(message("on the first day of each month of {period}",
                             period=block.asked.trend.period))  # fmt: skip
    return message("Rows: {objects}.", objects=" ".join(parts))


def notes(report: TableReport) -> list[str]:
    """What was left out, counted once or could not be added."""
    out: list[str] = []
    for block in report.blocks:
        out += block.notes
        out += _repeated(block)
        out += _unknown(block)
        out += _plain_numbers(block)
        filters = (*block.asked.filters, *report.where)
        out += compared_as_they_are(block.statement.objects, filters, dict(block.asked.money))
        if block.left_out:
            out.append(message("These data do not hold {columns}; the table is without them.",
                               columns=", ".join(block.left_out)))  # fmt: skip
        size = len(block.levels.lines)
        if size > LARGE:
            out.append(message("The report has {n} lines; fewer groups are easier to read.",
                               n=numbers.count(size)))  # fmt: skip
    if any(b.asked.trend for b in report.blocks):
        out.append(
            message("A deal counts once for each month; a total over months adds it up again.")
        )
    if any(b.asked.object == "opportunity_history" for b in report.blocks):
        out.append(message("This is a report of changes: a deal counts as often as it was saved."))
    if report.looked_back and not any(b.asked.trend for b in report.blocks):
        out.append(looking_back())
    return list(dict.fromkeys(out))


def _repeated(block: Block) -> list[str]:
    names = dict.fromkeys(
        m.thing.name for m in block.statement.measures if m.repeats and m.thing is not None
    )
    return [
        message("Joining repeats rows of {object}; its figures count each row once.", object=name)
        for name in names
    ]


def _plain_numbers(block: Block) -> list[str]:
    """Numbers beside a currency that nobody declared to be money, where it is not one currency."""
    statement = block.statement
    objects, out = statement.objects, []
    for measure in statement.measures:
        if measure.asked.kind not in ("sum", "avg") or measure.unit == "money":
            continue
        found = objects.find(measure.asked.field)
        info = objects.workspace.tables[found.table].column(found.column) if found.table else None
        undeclared = info is not None and info.unit is None and found.thing is not None
        if undeclared and found.thing and "currency" in found.thing.columns:
            query = (
                f"SELECT count(DISTINCT {found.thing.sql}.currency) AS n FROM {objects.source()} "
                f"WHERE {statement.where}"
            )
            if objects.ask(query)["n"].to_pylist()[0] > 1:
                out.append(
                    message("{field} is added as plain numbers beside several currencies; name it "
                            "under money: if it is an amount.", field=measure.asked.field)
                )  # fmt: skip
    return out


def _unknown(block: Block) -> list[str]:
    total = block.levels.at(())
    counts: dict[str, int] = {}
    for n, measure in enumerate(block.statement.measures):
        if total and measure.asked.kind not in ("count", "formula", "distinct"):
            field = measure.asked.field
            counts[field] = max(counts.get(field, 0), total.unknown[n])
    return [
        message_of_count(
            "{count} row has no {field} (or no rate of exchange) and adds nothing to its figures.",
            "{count} rows have no {field} (or no rate of exchange) and add nothing to its figures.",
            count, field=field,
        )
        for field, count in counts.items()
        if count
    ]  # fmt: skip
