"""A report as an Excel workbook: one sheet a table, values with formats, nothing that runs."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.messages import message
from workbench.reports.exports.material import Grid, Material, label_of
from workbench.reports.exports.places import write_bytes
from workbench.results.sheets import LONGEST_CELL, harmless, timeless

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

LONGEST_NAME = 31
WIDEST, NARROWEST = 60, 9
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
# A number with its sign and a unit, as "+1.8 points": a text that Excel is told to leave alone.
_SIGNED = re.compile(r"[+-]\d[\d.,]*(?: [\w %:.,;-]+)?\Z", re.ASCII)
_SECONDS = ("", "s", "seconds")
_FORMATS = {
    "count": "#,##0",
    "share": "0.0%",
    "points": "+0.0;-0.0;0.0",
    "duration": "#,##0.0",
    "date": "yyyy-mm-dd",
}
_HEADER_ROW = 4


def save_book(material: Material, path: Path) -> Path:
    """Write a report as one Excel workbook.

    Sheets: a summary with key figures and findings (each linked to its table), one sheet a table,
    definitions, comments where there are any, and where the numbers come from.
    Texts that a spreadsheet would take for a formula stay texts; equal reports give equal bytes.

    Parameters
    ----------
    material : Material
    path : Path
        Ends in ``.xlsx``; written whole or not at all.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.properties.created = book.properties.modified = datetime(1980, 1, 1)
    book.properties.title = harmless(material.title)[:200]
    names = _Names()
    summary = book.active
    summary.title = names.of(message("Summary"))
    linked = []
    for grid in material.grids():
        sheet = book.create_sheet(names.of(grid.anchor.replace("-", " ").replace("_", " ")))
        _write_grid(sheet, grid)
        linked.append((grid.heading or sheet.title, sheet.title))
    _write_summary(summary, material, linked)
    pages: list[tuple[str, Sequence[str], Sequence[Sequence[Any]]]] = [
        (message("Definitions"), (message("Term"), message("Meaning")), material.definitions),
        (message("Notes on days"), (message("When"), message("What"), message("Text")),
         [[note.get(key) for key in ("when", "title", "text")] for note in material.annotations]),
        (message("Comments"), _comment_heads(), [_comment(note) for note in material.comments]),
        (message("Provenance"), (message("What"), message("Value")), material.provenance),
    ]  # fmt: skip
    for title, heads, rows in pages:
        if rows:
            _write_texts(book.create_sheet(names.of(title)), heads, rows)
    raw = io.BytesIO()
    book.save(raw)
    return write_bytes(path, timeless(raw))


class _Names:
    """Sheet names as Excel takes them: short, without its signs, each once whatever the case."""

    def __init__(self) -> None:
        self.taken = {"history"}  # Excel keeps this one for itself

    def of(self, wanted: str) -> str:
        base = _NOT_IN_A_NAME.sub(" ", harmless(wanted)).strip(" '")[:LONGEST_NAME].strip(" '")
        base = base or message("Table")
        base = base[0].upper() + base[1:]
        name, number = base, 2
        while name.casefold() in self.taken:
            mark = f" {number}"
            name, number = base[: LONGEST_NAME - len(mark)].rstrip(" '") + mark, number + 1
        self.taken.add(name.casefold())
        return name


def _write_grid(sheet: Worksheet, grid: Grid) -> None:
    from openpyxl.utils import get_column_letter

    _say(sheet, 1, 1, grid.heading, bold=True, size=13)
    _say(sheet, 2, 1, " ".join(text for text in (grid.reading, grid.note) if text), quiet=True)
    for position, column in enumerate(grid.columns, start=1):
        kind = str(column.get("kind", "text"))
        label, factor = _scaled(column)
        _head(sheet, _HEADER_ROW, position, label, right=kind in (*_FORMATS, "money", "number"))
        longest = len(label) + 3
        for number, row in enumerate(grid.rows, start=_HEADER_ROW + 1):
            value, form = _value(row[position - 1], kind, factor)
            _put(sheet, number, position, value, form)
            longest = max(longest, min(len(str(value)) + 2, WIDEST))
        letter = get_column_letter(position)
        sheet.column_dimensions[letter].width = max(NARROWEST, min(longest, WIDEST))
    sheet.freeze_panes = f"B{_HEADER_ROW + 1}" if len(grid.columns) > 1 else f"A{_HEADER_ROW + 1}"
    last = get_column_letter(max(1, len(grid.columns)))
    sheet.auto_filter.ref = f"A{_HEADER_ROW}:{last}{_HEADER_ROW + len(grid.rows)}"
    _printed(sheet, _HEADER_ROW)


def _write_summary(sheet: Worksheet, material: Material, linked: Sequence[tuple[str, str]]) -> None:
    _say(sheet, 1, 1, material.title, bold=True, size=15)
    _say(sheet, 2, 1, " · ".join(material.line), quiet=True)
    row = 3
    if material.failure:
        _say(sheet, row, 1, message("This report did not finish. {why}", why=material.failure),
             bold=True)  # fmt: skip
        row += 1
    row += 1
    heads = (message("Key figure"), message("Value"), message("Detail"), message("Interval"),
             message("Change"))  # fmt: skip
    if material.figures:
        for position, head in enumerate(heads, start=1):
            _head(sheet, row, position, head)
        for figure in material.figures:
            row += 1
            for position, key in enumerate(
                ("label", "value", "detail", "interval", "change"), start=1
            ):
                _put(sheet, row, position, figure.get(key), "")
        row += 2
    row = _list_of(sheet, row, message("Findings"), [(text, "") for text in material.sentences])
    row = _list_of(sheet, row, message("Tables in this workbook"), linked)
    if material.quality:
        row = _list_of(sheet, row, message("Data quality"), [(material.quality, "")])
    for letter, width in zip("ABCDE", (44, 20, 44, 22, 30), strict=True):
        sheet.column_dimensions[letter].width = width
    _printed(sheet, 0)


def _list_of(sheet: Worksheet, row: int, title: str, entries: Sequence[tuple[str, str]]) -> int:
    from openpyxl.styles import Font
    from openpyxl.utils.cell import quote_sheetname
    from openpyxl.worksheet.hyperlink import Hyperlink

    if not entries:
        return row
    _head(sheet, row, 1, title)
    for text, target in entries:
        row += 1
        _say(sheet, row, 1, text)
        if target:
            cell = sheet.cell(row, 1)
            place = f"{quote_sheetname(target)}!A1"
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
            cell.font = Font(color="0072B2", underline="single")
    return row + 2


def _write_texts(sheet: Worksheet, heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    widths = [len(head) + 3 for head in heads]
    for position, head in enumerate(heads, start=1):
        _head(sheet, 1, position, head)
    for number, row in enumerate(rows, start=2):
        for position, value in enumerate(row, start=1):
            _put(sheet, number, position, value, "")
            sheet.cell(number, position).alignment = Alignment(wrap_text=True, vertical="top")
            widths[position - 1] = max(widths[position - 1], min(len(str(value or "")) + 2, 80))
    for position, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(position)].width = width
    sheet.freeze_panes = "A2"
    _printed(sheet, 1)


def _comment_heads() -> tuple[str, ...]:
    return (message("Number"), message("At"), message("Value when written"), message("Author"),
            message("Written"), message("Text"))  # fmt: skip


def _comment(note: Mapping[str, Any]) -> list[Any]:
    text = str(note.get("text") or "")
    reply = "↳ " * int(note.get("depth") or 0)
    return [note.get("number"), note.get("place"), note.get("value"), note.get("author"),
            note.get("at"), reply + text]  # fmt: skip


def _scaled(column: Mapping[str, Any]) -> tuple[str, float]:
    """Header and factor of a column: points are hundredths, seconds become days."""
    kind, label = column.get("kind"), label_of(column)
    if kind == "points":
        return label, 100.0
    if kind == "duration" and str(column.get("unit") or "") in _SECONDS:
        name = str(column.get("label") or column.get("name") or "")
        return f"{name} ({message('days')})", 1 / 86_400
    return label, 1.0


def _value(value: Any, kind: str, factor: float) -> tuple[Any, str]:
    """The value of a cell and its number format; a text where it is no number."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None, ""
    if kind == "date":
        return _day(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value, ""
    if not math.isfinite(value):
        return str(value), ""
    if kind == "money":
        return value, "#,##0" if float(value).is_integer() else "#,##0.00"
    if kind in _FORMATS:
        return (value if factor == 1.0 else value * factor), _FORMATS[kind]
    return value, "#,##0" if float(value).is_integer() else "#,##0.00"


def _day(value: Any) -> tuple[Any, str]:
    text = str(value)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return text, ""
    if instant.year < 1900 or instant.tzinfo is not None:
        return text, ""
    if len(text) <= 10 or instant.time() == datetime.min.time():
        return date(instant.year, instant.month, instant.day), _FORMATS["date"]
    return instant, "yyyy-mm-dd hh:mm"


def _put(sheet: Worksheet, row: int, position: int, value: Any, form: str) -> None:
    if value is None or value == "":
        return
    cell = sheet.cell(row, position)
    if isinstance(value, bool | int | float | date):
        cell.value = value
        cell.number_format = form or "General"
        return
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    text = str(value)
    signed = bool(_SIGNED.match(text))
    cell.value = _fitting(text if signed else harmless(text))
    cell.data_type, cell.quotePrefix = "s", signed


def _fitting(text: str) -> str:
    if len(text) < LONGEST_CELL:
        return text
    mark = message(" … ({n} signs in all)", n=f"{len(text):,}")
    return text[: LONGEST_CELL - 1 - len(mark)] + mark


def _say(
    sheet: Worksheet, row: int, position: int, text: str, *,
    bold: bool = False, size: int = 11, quiet: bool = False,
) -> None:  # fmt: skip
    from openpyxl.styles import Font

    _put(sheet, row, position, text, "")
    colour = "52606D" if quiet else "1F2933"
    sheet.cell(row, position).font = Font(bold=bold, size=size, color=colour)


def _head(sheet: Worksheet, row: int, position: int, text: str, *, right: bool = False) -> None:
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

    _put(sheet, row, position, text, "")
    cell = sheet.cell(row, position)
    cell.font = Font(bold=True, color="1F2933")
    cell.fill = PatternFill("solid", start_color="EEF1F4")
    cell.border = Border(bottom=Side(style="thin", color="9AA5B1"))
    cell.alignment = Alignment(
        horizontal="right" if right else "left", vertical="bottom", wrap_text=True
    )


def _printed(sheet: Worksheet, header: int) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if header:
        sheet.print_title_rows = f"{header}:{header}"
