"""Lines of a report as a tidy frame, and as the table that a reader sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message
from workbench.results.tables import Column
from workbench.sales.reporting.groups import GroupOf
from workbench.sales.reporting.levels import Level
from workbench.sales.reporting.measures import MeasureOf

if TYPE_CHECKING:
    from workbench.sales.reporting.result import Block, TableReport

DEPTH, COLUMN_DEPTH = "depth", "column_depth"
Key = tuple[str, ...]


def block_title(block: Block, number: int) -> str:
    """What a block of a joined report is called."""
    return block.asked.title or message("Block {n}", n=number + 1)


def columns(report: TableReport) -> dict[str, str]:
    """The columns of the frame with their meaning."""
    first = report.blocks[0]
    if report.asked.kind == "table":
        return {f.name: f.name for f in first.fields} or {name: name for name in first.rows.columns}
    out = {DEPTH: message("Number of groups of rows that the line has; 0 is the total")}
    if first.statement.columns:
        out[COLUMN_DEPTH] = message("Number of groups of columns that the line has")
    for group in first.statement.groups:
        out[group.name] = message("Group; empty where the line does not have it")
    for number, block in enumerate(report.blocks):
        for measure in block.statement.measures:
            out[_title(report, number, measure)] = _meaning(measure)
    return out


def _meaning(measure: MeasureOf) -> str:
    asked = measure.asked
    text = {
        "count": message("Number of {field}", field=asked.field),
        "distinct": message("Number of different values of {field}", field=asked.field),
        "formula": message("Worked out from other figures: {field}", field=asked.field),
    }.get(asked.kind, f"{asked.kind} {asked.field}")
    return f"{text} ({measure.currency})" if measure.currency else text


def _title(report: TableReport, number: int, measure: MeasureOf) -> str:
    if len(report.blocks) == 1:
        return measure.name
    return f"{block_title(report.blocks[number], number)}: {measure.name}"


def frame(report: TableReport) -> pd.DataFrame:
    """As `TableReport.frame`."""
    first = report.blocks[0]
    if report.asked.kind == "table":
        return first.rows
    if report.asked.blocks:
        return _side_by_side(report)
    statement = first.statement
    rows = []
    for line in first.levels.lines:
        row: dict[str, Any] = {DEPTH: len(line.rows)}
        if statement.columns:
            row[COLUMN_DEPTH] = len(line.columns)
        row.update(_labels(statement.rows, line.rows))
        row.update(_labels(statement.columns, line.columns))
        row.update(zip((m.name for m in statement.measures), line.figures, strict=True))
        rows.append(row)
    return _typed(pd.DataFrame(rows, columns=list(columns(report))), report)


def _labels(groups: tuple[GroupOf, ...], values: tuple[Any, ...]) -> dict[str, str | None]:
    shown = [group.label(value) for group, value in zip(groups, values, strict=False)]
    return {g.name: shown[n] if n < len(shown) else None for n, g in enumerate(groups)}


def _side_by_side(report: TableReport) -> pd.DataFrame:
    """Blocks that share their groups, one line a group."""
    found: dict[Key, dict[str, Any]] = {}
    places: dict[Key, Any] = {}
    for number, block in enumerate(report.blocks):
        groups = block.statement.rows
        for line in block.levels.lines:
            key = tuple(g.label(v) for g, v in zip(groups, line.rows, strict=False))
            place = [(0, g.place(v)) for g, v in zip(groups, line.rows, strict=False)]
            places.setdefault(key, [*place, (1,)])
            row = found.setdefault(key, {DEPTH: len(line.rows)})
            row.update(zip((g.name for g in report.blocks[0].statement.rows), key, strict=False))
            for measure, figure in zip(block.statement.measures, line.figures, strict=True):
                row[_title(report, number, measure)] = figure
    ordered = [found[key] for key in sorted(found, key=lambda key: places[key])]
    return _typed(pd.DataFrame(ordered, columns=list(columns(report))), report)


def _typed(out: pd.DataFrame, report: TableReport) -> pd.DataFrame:
    names = [name for name in (DEPTH, COLUMN_DEPTH) if name in out.columns]
    out = out.astype(dict.fromkeys(names, "int64"))
    for group in report.blocks[0].statement.groups:
        out[group.name] = out[group.name].astype("str")
    for number, block in enumerate(report.blocks):
        for measure in block.statement.measures:
            name = _title(report, number, measure)
            values = pd.to_numeric(out[name], errors="coerce")
            if measure.unit == "count":
                out[name] = values.fillna(0).astype("int64")
            else:
                numeric = values.notna().sum() == out[name].notna().sum()
                out[name] = values.astype(float) if numeric else out[name].astype("str")
    return out


def column_keys(report: TableReport) -> list[tuple[Any, ...]]:
    """Columns of a matrix in their order, subtotals after their groups, the total last."""
    first = report.blocks[0]
    seen = {line.columns: None for line in first.levels.lines if not line.rows}
    return list(seen)


def table(report: TableReport) -> pd.DataFrame:
    """As `TableReport.table_frame`."""
    groups = report.blocks[0].statement.rows
    if not report.blocks[0].statement.columns:
        out = frame(report)
        for depth, group in enumerate(groups):
            named = out[group.name].astype(object)
            ends = out[DEPTH] == depth
            named[ends] = message("Subtotal") if depth else message("Total")
            named[out[DEPTH] < depth] = ""
            out[group.name] = named
        return out
    lines = report.blocks[0].levels
    measures = report.blocks[0].statement.measures
    keys = column_keys(report)
    rows = []
    for values in dict.fromkeys(line.rows for line in lines.lines):
        row: dict[str, Any] = dict(zip((g.name for g in groups), _named(groups, values),
                                       strict=True))  # fmt: skip
        for n, key in enumerate(keys):
            line: Level | None = lines.at(values, key)
            for k, measure in enumerate(measures):
                zero = 0 if measure.unit == "count" else None
                row[f"c{n}_{k}"] = zero if line is None else line.figures[k]
        rows.append(row)
    return pd.DataFrame(rows, columns=[c.name for c in shown(report)])


def _named(groups: tuple[GroupOf, ...], values: tuple[Any, ...]) -> list[str]:
    out = [g.label(v) for g, v in zip(groups, values, strict=False)]
    if len(out) < len(groups):
        out.append(message("Subtotal") if out else message("Total"))
    return [*out, *[""] * (len(groups) - len(out))]


def shown(report: TableReport) -> tuple[Column, ...]:
    """Columns of the table that a reader sees."""
    first = report.blocks[0].statement
    out = [Column(group.name, group.name) for group in first.rows]
    if not first.columns:
        for number, block in enumerate(report.blocks):
            for measure in block.statement.measures:
                name = _title(report, number, measure)
                out.append(Column(name, name, measure.unit, measure.currency))
        return tuple(out)
    for n, key in enumerate(column_keys(report)):
        label = " · ".join(_column_label(first.columns, key))
        for k, measure in enumerate(first.measures):
            text = label if len(first.measures) == 1 else f"{label}: {measure.name}"
            out.append(Column(f"c{n}_{k}", text, measure.unit, measure.currency))
    return tuple(out)


def _column_label(groups: tuple[GroupOf, ...], values: tuple[Any, ...]) -> list[str]:
    out = [g.label(v) for g, v in zip(groups, values, strict=False)]
    return out if len(out) == len(groups) else [*out, message("total")]
