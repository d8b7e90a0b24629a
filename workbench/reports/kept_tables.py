"""Tables of a page as Parquet files, with what a reader needs to show them again."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ReportError
from workbench.messages import marked, message
from workbench.reports.about import digest
from workbench.reports.files import slug
from workbench.reports.page import Page, Section
from workbench.reports.tables import NUMERIC

if TYPE_CHECKING:
    import pyarrow as pa

FOLDER = "tables"
_METADATA = b"workbench"


@dataclass(frozen=True)
class KeptTable:
    """One table of a page with its raw values.

    Attributes
    ----------
    anchor : str
        Anchor of its part on the page; the same in every run of one notebook.
    title, reading, note : str
    columns : tuple of mapping
        ``name, label, kind, unit`` of each column.
    rows : tuple of tuple
        Values before rounding; None where there is none.
    total_rows : int
        How many rows there were before the page took the first of them.
    path : pathlib.Path, optional
        The Parquet file.
    """

    anchor: str
    title: str
    columns: tuple[Mapping[str, Any], ...]
    rows: tuple[tuple[Any, ...], ...]
    reading: str = ""
    note: str = ""
    total_rows: int = 0
    path: Path | None = None

    @property
    def labels(self) -> list[str]:
        """Headers of the columns."""
        return [str(column["label"]) for column in self.columns]


def tables_of(page: Page) -> list[KeptTable]:
    """Every table of a page in its order, the ones at its end included."""
    return [table for part in [*page.sections, *page.ending] for table in _of_section(part)]


def _of_section(part: Section) -> list[KeptTable]:
    found = []
    for key in ("table", "balance", "findings"):
        block = part.block.get(key)
        if not isinstance(block, Mapping) or not isinstance(block.get("columns"), Sequence):
            continue
        columns = _columns(block["columns"])
        if not columns:
            continue
        rows = [row for row in block.get("rows") or [] if isinstance(row, Sequence)]
        filled = tuple(
            tuple(row[i] if i < len(row) else None for i in range(len(columns))) for row in rows
        )
        anchor = part.anchor if key == "table" else f"{part.anchor}-{key}"
        title = part.heading if key == "table" else message(_TITLES[key])
        total = block.get("total_rows")
        found.append(
            KeptTable(
                anchor, title, columns, filled,
                part.reading if key == "table" else "", str(block.get("note") or ""),
                total if isinstance(total, int) else len(filled),
            )
        )  # fmt: skip
    return found


_TITLES = {
    "balance": marked("Rows read, kept and set aside"),
    "findings": marked("What is odd in the data"),
}


def _columns(given: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    taken: set[str] = set()
    columns = []
    for position, column in enumerate(one for one in given if isinstance(one, Mapping)):
        name = base = str(column.get("name") or column.get("label") or f"column_{position + 1}")
        number = 2
        while name in taken:
            name, number = f"{base}_{number}", number + 1
        taken.add(name)
        columns.append(
            {
                "name": name,
                "label": str(column.get("label") or name),
                "kind": str(column.get("kind") or "text"),
                "unit": str(column.get("unit") or ""),
            }
        )
    return tuple(columns)


def write_tables(folder: Path, page: Page) -> dict[str, list[str]]:
    """Write every table of a page below `folder`; return the files by anchor of their part."""
    import pyarrow.parquet as pq

    written: dict[str, list[str]] = {}
    number = 0
    for part in [*page.sections, *page.ending]:
        for table in _of_section(part):
            number += 1
            path = folder / FOLDER / f"{number:02d}-{slug(table.anchor, longest=50)}.parquet"
            path.parent.mkdir(exist_ok=True)
            pq.write_table(_arrow(table), path, compression="zstd")
            written.setdefault(part.anchor, []).append(path.relative_to(folder).as_posix())
    return written


def _arrow(table: KeptTable) -> pa.Table:
    import pyarrow as pa

    sides = zip(*table.rows, strict=True) if table.rows else [() for _ in table.columns]
    arrays = [
        _array(side, column["kind"]) for side, column in zip(sides, table.columns, strict=True)
    ]
    about = {
        "anchor": table.anchor, "title": table.title, "reading": table.reading,
        "note": table.note, "total_rows": table.total_rows, "columns": list(table.columns),
    }  # fmt: skip
    names = [column["name"] for column in table.columns]
    text = json.dumps(about, ensure_ascii=False).encode("utf-8", "replace")
    return pa.table(arrays, names=names).replace_schema_metadata({_METADATA: text})


def _array(values: Sequence[Any], kind: str) -> pa.Array:
    """Numbers as numbers where the column is one of numbers throughout, else text."""
    import pyarrow as pa

    known = [value for value in values if value is not None]
    numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in known)
    if kind in NUMERIC and numeric:
        whole = all(isinstance(v, int) and abs(v) < 2**63 for v in known)
        if whole and (known or kind == "count"):
            return pa.array(values, pa.int64())
        numbers = [None if v is None or not math.isfinite(v) else float(v) for v in values]
        return pa.array(numbers, pa.float64())
    texts = [None if v is None else _text(v) for v in values]
    return pa.array(texts, pa.string())


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode()


def read_tables(folder: Path) -> list[KeptTable]:
    """Every table below the folder of a run, in the order of the page.

    Raises
    ------
    ReportError
        For a file that is no table of ours.
    """
    return [_read(path) for path in sorted((folder / FOLDER).glob("*.parquet"))]


def _read(path: Path) -> KeptTable:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
        about = json.loads((table.schema.metadata or {})[_METADATA])
        columns = tuple(about["columns"])
        sides = [table.column(column["name"]).to_pylist() for column in columns]
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise ReportError(
            message("{path} cannot be read: {reason}.", path=path, reason=error)
        ) from error
    return KeptTable(
        about["anchor"], about["title"], columns, tuple(zip(*sides, strict=True)),
        about.get("reading", ""), about.get("note", ""), about.get("total_rows", table.num_rows),
        path,
    )  # fmt: skip


def table_digests(tables: list[KeptTable]) -> dict[str, str]:
    """A digest of each table, the same whatever order threads added its numbers in."""
    return {table.anchor: digest([table.labels, _rounded(table.rows)]) for table in tables}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{float(value):.9g}"
    if isinstance(value, list | tuple):
        return [_rounded(one) for one in value]
    return value
