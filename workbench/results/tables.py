"""Tables as plain data: columns with a kind and a unit, rows of plain values."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers

_UNITS = {"duration": "days"}
KINDS = ("text", "count", "number", "share", "points", "money", "date", "duration")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Column:
    """One column of a table that a reader sees.

    Attributes
    ----------
    name : str
        Column of the frame.
    label : str
        Header, with numerator and denominator or unit.
    kind : str
        One of `KINDS`.
    """

    name: str
    label: str
    kind: str = "text"
    unit: str = ""


def plain_table(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    zone: str = "UTC",
    file_name: str = "table.csv",
    most: int = 1_000,
    note: str = "",
) -> dict[str, Any]:
    """The table as a mapping of plain values, for the report and for widgets.

    Parameters
    ----------
    frame : pandas.DataFrame
    columns : sequence of Column
    zone : str
        Reporting zone in which instants are shown.
    most : int
        Rows kept; the mapping says how many there were.
    """
    shown = frame.head(most)
    values = [[_plain(value, c.kind, zone) for value in shown[c.name]] for c in columns]
    return {
        "columns": [
            {
                "name": c.name,
                "label": c.label,
                "kind": c.kind,
                **({"unit": unit} if (unit := c.unit or _UNITS.get(c.kind, "")) else {}),
            }
            for c in columns
        ],
        "rows": [list(row) for row in zip(*values, strict=True)],
        "file_name": file_name,
        "total_rows": len(frame),
        "note": note,
    }


def _plain(value: Any, kind: str, zone: str) -> Any:
    if numbers.absent(value):
        return None
    if isinstance(value, datetime | date):
        return numbers.day(value, zone)
    if isinstance(value, np.generic):
        value = value.item()
    if kind == "text" or not isinstance(value, int | float | Decimal):
        return str(value)
    if not math.isfinite(value):
        return None
    return int(value) if kind == "count" or isinstance(value, int) else float(value)


def as_text(value: Any, kind: str, unit: str = "") -> str:
    """One cell as a reader sees it."""
    forms: Mapping[str, Any] = {
        "count": numbers.count,
        "number": numbers.significant,
        "share": numbers.share,
        "points": numbers.points,
        "duration": numbers.days,
        "date": numbers.day,
    }
    if numbers.absent(value):
        return numbers.NOTHING
    if isinstance(value, str):
        return value
    if kind == "money":
        return numbers.money(value, unit)
    return forms[kind](value) if kind in forms else str(value)


def defused(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets a leading apostrophe."""
    if isinstance(value, str) and value.lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA_STARTS):
        return f"'{value}"
    return value


def save_csv(frame: pd.DataFrame, path: str | Path) -> Path:
    """Write a frame as CSV (UTF-8 with BOM) whose cells no spreadsheet runs as a formula.

    Parameters
    ----------
    frame : pandas.DataFrame
    path : str or pathlib.Path
        Written whole or not at all.

    Returns
    -------
    pathlib.Path
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise ArgumentError.of("path", str(path), message("a file in a folder that exists"))
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("w", encoding="utf-8-sig", errors="replace", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow([defused(str(name)) for name in frame.columns])
            for row in frame.itertuples(index=False):
                writer.writerow(["" if numbers.absent(v) else defused(v) for v in row])
        part.replace(target)
    except OSError as problem:
        raise ArgumentError.of(
            "path", str(path), message("a place that can be written"), f"{problem.strerror}."
        ) from None
    finally:
        part.unlink(missing_ok=True)
    return target
