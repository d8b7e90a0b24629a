"""What a report says, as plain values: the one source of every form that it leaves the house in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.messages import message
from workbench.reports.files import slug

LISTS = ("table", "balance", "findings")


@dataclass(frozen=True)
class Grid:
    """One table of a report with the values behind what is shown.

    Attributes
    ----------
    anchor : str
        Short name of plain letters, unlike that of any other table of the report.
    heading, reading, note : str
        The sentence over it, the help below that, and what was left out.
    columns : tuple of mapping
        name, label, kind and unit of each column.
    rows : tuple of tuple
        Plain values, one for each column.
    """

    anchor: str
    heading: str
    reading: str
    note: str
    columns: tuple[Mapping[str, Any], ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Picture:
    """One chart of a report: its sentence and its specification."""

    anchor: str
    heading: str
    reading: str
    block: Mapping[str, Any]


@dataclass(frozen=True)
class Material:
    """A report as plain values.

    Attributes
    ----------
    name : str
        Name of the report, also of its page.
    title : str
        The question that it answers.
    line : tuple of str
        Whose data, which period, as of when.
    blocks : tuple of mapping
        The parts in their order, as the results of a notebook give them.
    provenance : tuple of (str, str)
    comments : tuple of mapping
        End notes: ``number``, ``place``, ``value``, ``author``, ``at``, ``text``, ``depth``.
    annotations : tuple of mapping
        Notes on days: ``when``, ``title``, ``text``.
    failure : str
        Why the run stopped; empty when it is whole.
    """

    name: str
    title: str
    line: tuple[str, ...]
    blocks: tuple[Mapping[str, Any], ...]
    provenance: tuple[tuple[str, str], ...] = ()
    comments: tuple[Mapping[str, Any], ...] = ()
    annotations: tuple[Mapping[str, Any], ...] = ()
    failure: str = ""
    made_at: str = ""
    anchors: Mapping[int, str] = field(default_factory=dict)

    @property
    def figures(self) -> list[Mapping[str, Any]]:
        """The key figures: ``label``, ``value``, ``detail``, ``interval``, ``change``."""
        rows = [block.get("figures") or [] for block in self.blocks]
        return [figure for row in rows for figure in row if isinstance(figure, Mapping)]

    @property
    def sentences(self) -> list[str]:
        """The sentences over the findings."""
        return [
            str(block["heading"])
            for block in self.blocks
            if block.get("block") == "finding" and block.get("heading")
        ]

    @property
    def definitions(self) -> list[tuple[str, str]]:
        """Term and text of every definition."""
        rows = [block.get("entries") or [] for block in self.blocks]
        return [
            (str(entry.get("term", "")), str(entry.get("text", "")))
            for row in rows
            for entry in row
            if isinstance(entry, Mapping)
        ]

    @property
    def quality(self) -> str:
        """The sentence on the state of the data."""
        return " ".join(
            str(block["sentence"]) for block in self.blocks if block.get("block") == "quality"
        )

    def grids(self) -> list[Grid]:
        """Every table in the order of the page, those without a row left out."""
        taken: set[str] = set()
        return [
            grid
            for block in self.blocks
            for name in LISTS
            if (grid := _grid(block, name, taken)) is not None and grid.rows
        ]

    def pictures(self) -> list[Picture]:
        """Every chart in the order of the page."""
        taken: set[str] = set()
        return [
            Picture(
                _distinct(str(block.get("anchor") or block.get("heading") or "chart"), taken),
                str(block.get("heading") or ""),
                str(block.get("reading") or ""),
                block,
            )
            for block in self.blocks
            if isinstance(block.get("chart"), Mapping) or block.get("svg")
        ]


def _grid(block: Mapping[str, Any], name: str, taken: set[str]) -> Grid | None:
    table = block.get(name)
    if not isinstance(table, Mapping) or not isinstance(table.get("columns"), Sequence):
        return None
    columns = tuple(dict(one) for one in table["columns"] if isinstance(one, Mapping))
    rows = tuple(_filled(row, len(columns)) for row in table.get("rows") or [])
    titles = {
        "balance": message("Rows read, kept and set aside"),
        "findings": message("What is odd in the data"),
    }
    heading = titles.get(name) or str(block.get("heading") or "")
    wanted = name if name in titles else str(block.get("anchor") or heading or "table")
    total, notes = table.get("total_rows"), [str(table.get("note") or "")]
    if isinstance(total, int) and total > len(rows):
        notes.append(
            message(
                "The first {shown} of {total} rows.", shown=f"{len(rows):,}", total=f"{total:,}"
            )
        )
    return Grid(
        _distinct(wanted, taken), heading, str(block.get("reading") or ""),
        " ".join(note for note in notes if note), columns, rows,
    )  # fmt: skip


def _filled(row: Any, width: int) -> tuple[Any, ...]:
    values = list(row) if isinstance(row, list | tuple) else [row]
    return tuple((values + [None] * width)[:width])


def _distinct(wanted: str, taken: set[str]) -> str:
    base = slug(wanted)
    name, number = base, 2
    while name in taken:
        name, number = f"{base}-{number}", number + 1
    taken.add(name)
    return name


def label_of(column: Mapping[str, Any]) -> str:
    """The header of a column with its unit."""
    label = str(column.get("label") or column.get("name") or "")
    unit = str(column.get("unit") or "")
    if column.get("kind") == "points" and not unit:
        unit = message("points")
    return f"{label} ({unit})" if unit and unit.casefold() not in label.casefold() else label


def blocks_of(parts: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """The blocks among the parts of an executed notebook."""
    for part in parts:
        if part.kind == "block" and isinstance(part.content, Mapping):
            yield part.content


def header_line(header: Mapping[str, Any]) -> tuple[str, ...]:
    """Whose data, which period, as of when."""
    entries = [header.get("workspace"), header.get("period")]
    if header.get("as_of"):
        entries.append(message("as of {instant}", instant=header["as_of"]))
    return tuple(str(entry) for entry in entries if entry)
