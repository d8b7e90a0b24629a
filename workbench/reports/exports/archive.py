"""A report as a zip of CSV files: one a table, and what they mean."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.messages import message
from workbench.reports.exports.material import Grid, Material, label_of
from workbench.reports.exports.places import write_bytes
from workbench.results.tables import defused

_BEGINNING = (1980, 1, 1, 0, 0, 0)


def save_archive(material: Material, path: Path) -> Path:
    """Write every table of a report as CSV (UTF-8 with BOM) into one zip.

    Cells hold the values behind what is shown (a share is 0…1); texts that a spreadsheet would
    run are defused. Beside the tables stand the key figures, definitions, comments and
    provenance. Equal reports give equal bytes.
    """
    files = [(f"{grid.anchor}.csv", _table(grid)) for grid in material.grids()]
    figures = [
        [figure.get(key) for key in ("label", "value", "detail", "interval", "change")]
        for figure in material.figures
    ]
    notes = [
        [note.get(key) for key in ("number", "place", "value", "author", "at", "text")]
        for note in material.comments
    ]
    beside: list[tuple[str, Sequence[str], Sequence[Sequence[Any]]]] = [
        ("_figures.csv", (message("Key figure"), message("Value"), message("Detail"),
                          message("Interval"), message("Change")), figures),
        ("_findings.csv", (message("Finding"),), [[text] for text in material.sentences]),
        ("_definitions.csv", (message("Term"), message("Meaning")), material.definitions),
        ("_annotations.csv", (message("When"), message("What"), message("Text")),
         [[note.get(key) for key in ("when", "title", "text")] for note in material.annotations]),
        ("_comments.csv", (message("Number"), message("At"), message("Value when written"),
                           message("Author"), message("Written"), message("Text")), notes),
        ("_provenance.csv", (message("What"), message("Value")), material.provenance),
    ]  # fmt: skip
    files += [(name, _lines(heads, rows)) for name, heads, rows in beside if rows]
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files:
            entry = zipfile.ZipInfo(name, _BEGINNING)
            archive.writestr(entry, text.encode("utf-8-sig", "replace"), zipfile.ZIP_DEFLATED)
    return write_bytes(path, raw.getvalue())


def _table(grid: Grid) -> str:
    return _lines([label_of(column) for column in grid.columns], grid.rows)


def _lines(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([defused(head) for head in heads])
    for row in rows:
        writer.writerow([_plain(value) for value in row])
    return stream.getvalue()


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        value = ", ".join(map(str, value))
    return defused(value)
