"""Frames as files of a spreadsheet: CSV or Excel, cells that nothing runs, always equal bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.results.tables import defused, save_csv

ENDINGS = (".csv", ".xlsx")
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 1_048_575, 16_384, 32_767
_NOT_IN_A_SHEET = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_BEGINNING = (1980, 1, 1, 0, 0, 0)


def save_table(frame: pd.DataFrame, path: str | Path, *, zone: str = "UTC") -> Path:
    """Write a frame as CSV or Excel, by the ending of the path.

    Parameters
    ----------
    frame : pandas.DataFrame
    path : str or pathlib.Path
        Ends in ``.csv`` or ``.xlsx``; written whole or not at all.
    zone : str
        Zone in which Excel shows instants; a CSV holds them with their offset.

    Returns
    -------
    pathlib.Path
    """
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        raise ArgumentError.of("path", str(path), message("a file that ends in .csv or .xlsx"))
    return save_csv(frame, path) if ending == ".csv" else save_excel(frame, path, zone=zone)


def save_excel(frame: pd.DataFrame, path: str | Path, *, zone: str = "UTC") -> Path:
    """Write a frame as one sheet of Excel whose cells no spreadsheet runs as a formula.

    Parameters
    ----------
    frame : pandas.DataFrame
    path : str or pathlib.Path
        Written whole or not at all. Equal frames give equal bytes.
    zone : str
        Zone in which instants are written: a sheet knows none.

    Raises
    ------
    ArgumentError
        When the rows, columns or texts are more than a sheet holds.
    """
    from openpyxl import Workbook

    target = Path(path)
    if not target.parent.is_dir():
        raise ArgumentError.of("path", str(path), message("a file in a folder that exists"))
    if len(frame) > MOST_ROWS or frame.shape[1] > MOST_COLUMNS:
        raise ArgumentError.of(
            "path", str(path), message("a .csv for more than {rows} rows or {columns} columns",
                                       rows=f"{MOST_ROWS:,}", columns=f"{MOST_COLUMNS:,}")
        )  # fmt: skip
    _refuse_long(frame, path)
    book = Workbook(write_only=True)
    book.properties.created = book.properties.modified = datetime(*_BEGINNING)
    sheet = book.create_sheet("Rows")
    sheet.freeze_panes = "A2"
    place = ZoneInfo(zone)
    sheet.append([_cell(str(name), place, sheet) for name in frame.columns])
    for row in frame.itertuples(index=False, name=None):
        sheet.append([_cell(value, place, sheet) for value in row])
    raw = io.BytesIO()
    book.save(raw)
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        part.write_bytes(timeless(raw))
        part.replace(target)
    except OSError as problem:
        raise ArgumentError.of(
            "path", str(path), message("a place that can be written"), f"{problem.strerror}."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return target


def _refuse_long(frame: pd.DataFrame, path: str | Path) -> None:
    for name in frame.columns:
        for value in frame[name] if frame[name].dtype.kind not in "biufM" else ():
            if isinstance(value, str) and len(value) >= LONGEST_CELL:
                raise ArgumentError.of(
                    "path", str(path),
                    message("a .csv for texts of more than {n} signs, such as one in {column}",
                            n=f"{LONGEST_CELL - 1:,}", column=name),
                )  # fmt: skip


def _cell(value: Any, zone: ZoneInfo, sheet: Any) -> Any:
    if numbers.absent(value):
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, datetime):
        return value.astimezone(zone).replace(tzinfo=None) if value.tzinfo else value
    if isinstance(value, bool | int | date):
        return value
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    return _text(harmless(value), sheet)


def harmless(value: Any) -> str:
    """A text as a cell may hold it: no sign that XML lacks, no beginning of a formula."""
    text: str = defused(_NOT_IN_A_SHEET.sub("\ufffd", str(value)))
    return text


def _text(text: str, sheet: Any) -> Any:
    """A text that stays a text: openpyxl would take one that begins with ``=`` for a formula."""
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    return cell


def timeless(raw: io.BytesIO) -> bytes:
    """The bytes of a book with one time for all its parts, so that equal books are equal files."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(raw) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for name in sorted(given.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            content = given.read(name)
            if name == "docProps/core.xml":
                stamp = f"{datetime(*_BEGINNING).isoformat()}Z"
                content = re.sub(
                    rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp.encode(),
                    content,
                )  # fmt: skip
            kept.writestr(zipfile.ZipInfo(name, _BEGINNING), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
