"""The page of one report: parts in the order a reader needs them, contents, provenance."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.messages import message
from workbench.reports.cells import Failure, Heading, Part, code_cells, find_failure, read_parts
from workbench.reports.charts import Chart, Panel, read_chart, read_panels
from workbench.reports.files import slug
from workbench.reports.tables import Table, read_table
from workbench.reports.talk import Badge, marks_of, notes_section

LATE = ("annotations", "comments", "definitions", "quality")


@dataclass(frozen=True)
class Section:
    """One part as the template writes it."""

    kind: str
    anchor: str = ""
    heading: str = ""
    level: int = 2
    reading: str = ""
    chart: Chart | None = None
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    content: Any = None
    folded: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    code: str = ""
    cell: int = 0
    block: Mapping[str, Any] = field(default_factory=dict)
    marks: tuple[Mapping[str, str], ...] = ()
    badge: Badge | None = None
    panels: tuple[Panel, ...] = ()


@dataclass
class Page:
    """Everything the template needs for one report."""

    name: str
    title: str = ""
    subtitle: str = ""
    line: list[str] = field(default_factory=list)
    chips: list[tuple[str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    ending: list[Section] = field(default_factory=list)
    parameters: list[dict[str, str]] = field(default_factory=list)
    provenance: list[tuple[str, str]] = field(default_factory=list)
    code: list[tuple[int, str]] = field(default_factory=list)
    failure: Failure | None = None
    header: Mapping[str, Any] = field(default_factory=dict)

    @property
    def charts(self) -> list[Chart]:
        """Every chart of the page that can be drawn live."""
        single = [section.chart for section in self.sections if section.chart]
        panels = [panel.chart for section in self.sections for panel in section.panels]
        return [chart for chart in [*single, *panels] if chart.spec]

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Anchor and text of each entry of the contents."""
        entries = [*self.sections, *self.ending]
        return [(part.anchor, part.heading) for part in entries if part.heading and part.level == 2]

    @property
    def figures(self) -> list[dict[str, Any]]:
        """The key figures of the page."""
        rows = [section.content for section in self.sections if section.kind == "figures"]
        return [figure for row in rows for figure in row]

    @property
    def answers(self) -> list[str]:
        """The sentences over the charts."""
        return [part.heading for part in self.sections if part.kind == "finding" and part.heading]


class _Reader:
    """Turns parts into sections; knows which anchors are taken and how deep headings are."""

    def __init__(self) -> None:
        self.taken = {"top", "contents", "provenance", "annotations", "comments"}
        self.charts = 0
        self.header: dict[str, Any] = {}
        self.heading = ""

    def anchor(self, wanted: Any, heading: str) -> str:
        """Return an anchor of plain letters that no other part has."""
        base = slug(str(wanted or heading or "part"))
        name, number = base, 2
        while name in self.taken:
            name, number = f"{base}-{number}", number + 1
        self.taken.add(name)
        return name

    def section(self, part: Part) -> Section | None:
        """Return the section of a part, None for one that stands elsewhere on the page."""
        if part.kind == "block":
            return self._block(part)
        if part.kind == "heading":
            heading: Heading = part.content
            text, level = heading.text, min(heading.level, 3)
            return Section("heading", self.anchor("", text), text, level, content=heading.html)
        return Section(part.kind, content=part.content, code=part.code, cell=part.cell)

    def _block(self, part: Part) -> Section | None:
        block = part.content
        kind = str(block.get("block", ""))
        if kind == "header":
            self.header = {**self.header, **block}
            return None
        reader = {
            "figures": self._figures,
            "finding": self._finding,
            "table": self._finding,
            "dashboard": self._finding,
            "definitions": self._definitions,
            "quality": self._quality,
            "text": self._text,
        }.get(kind)
        if reader is None:
            shown = json.dumps(block, ensure_ascii=False, indent=1, default=str)
            return Section("plain", content=shown, code=part.code, cell=part.cell)
        return reader(block, part)

    def _figures(self, block: Mapping[str, Any], part: Part) -> Section:
        rows = [figure for figure in _list(block.get("figures")) if isinstance(figure, Mapping)]
        keys = ("label", "value", "detail", "interval", "change")
        figures = [
            {**{key: _say(row.get(key)) for key in keys}, "raw": row.get("raw")} for row in rows
        ]
        return Section("figures", content=figures, code=part.code, cell=part.cell, block=block)

    def _finding(self, block: Mapping[str, Any], part: Part) -> Section:
        heading = _say(block.get("heading"))
        anchor = self.anchor(block.get("anchor"), heading)
        panels = read_panels(block, self.charts + 1)
        self.charts += len(panels) or 1
        chart = None if panels else read_chart(block, f"chart-{self.charts}")
        table = read_table(block.get("table"), caption=heading, file_name=anchor)
        folded = [
            (title, _pairs(block.get(key)))
            for key, title in (
                ("definition", message("How this was computed")),
                ("scope", message("What was counted and set aside")),
            )
        ]
        return Section(
            "finding", anchor, heading, 2, _say(block.get("reading")), chart,
            (table,) if table else (), tuple(_say(note) for note in _list(block.get("notes"))),
            folded=tuple(entry for entry in folded if entry[1]), code=part.code, cell=part.cell,
            block=block, marks=marks_of(block), panels=panels,
        )  # fmt: skip

    def _definitions(self, block: Mapping[str, Any], part: Part) -> Section:
        entries = [entry for entry in _list(block.get("entries")) if isinstance(entry, Mapping)]
        pairs = tuple((_say(entry.get("term")), _say(entry.get("text"))) for entry in entries)
        heading = message("Definitions")
        return Section(
            "definitions", self.anchor("definitions", ""), heading, pairs=pairs, cell=part.cell
        )

    def _quality(self, block: Mapping[str, Any], part: Part) -> Section:
        named = (
            (block.get("balance"), message("Rows read, kept and set aside"), "balance"),
            (block.get("findings"), message("What is odd in the data"), "findings"),
        )
        tables = [read_table(table, caption=title, file_name=name) for table, title, name in named]
        return Section(
            "quality", self.anchor("data-quality", ""), message("Data quality"),
            reading=_say(block.get("sentence")), cell=part.cell,
            tables=tuple(table for table in tables if table and table.columns), block=block,
        )  # fmt: skip

    def _text(self, block: Mapping[str, Any], part: Part) -> Section:
        heading = _say(block.get("heading"))
        anchor = self.anchor(block.get("anchor"), heading) if heading else ""
        paragraphs = [text for text in _say(block.get("text")).split("\n\n") if text.strip()]
        return Section("text", anchor, heading, content=paragraphs, cell=part.cell, block=block)


def read_page(name: str, notebook: Any, *, title: str = "", failure: Failure | None = None) -> Page:
    """Return the page of an executed notebook.

    Parameters
    ----------
    name : str
        Name of the report, also of its file.
    notebook : nbformat.NotebookNode
        The executed notebook.
    title : str
        The question that the page answers; the header block or first heading when empty.
    failure : Failure, optional
        Why the run stopped, when the notebook itself does not say.
    """
    reader = _Reader()
    failure = failure or find_failure(notebook)
    sections = [section for part in read_parts(notebook) if (section := reader.section(part))]
    first = next((part for part in sections if part.kind == "heading"), None)
    own = first.heading if first and first is sections[0] and first.level == 1 else ""
    if own:
        sections = sections[1:]
    header = reader.header
    page = Page(name, title or _say(header.get("title")) or own or name, header=header)
    page.failure = failure
    page.subtitle = _say(header.get("subtitle"))
    body, ending = _parted(sections)
    page.sections = _levelled(body if failure is None else _without_bare(body))
    notes = notes_section(page.sections, "annotations")
    ending += [notes] if notes else []
    page.ending = sorted(ending, key=lambda part: LATE.index(part.kind))
    page.line = _line(header)
    page.code = code_cells(notebook)
    return page


def _line(header: Mapping[str, Any]) -> list[str]:
    entries = [_say(header.get("workspace"))]
    if header.get("period"):
        entries.append(_say(header["period"]))
    if header.get("as_of"):
        entries.append(message("as of {instant}", instant=_say(header["as_of"])))
    return [entry for entry in entries if entry]


def _parted(sections: list[Section]) -> tuple[list[Section], list[Section]]:
    """Return what stands in the body and what stands at the end of the page.

    A chapter that holds only a part of the end goes there with it and gives it its heading.
    """
    body: list[Section] = []
    ending: list[Section] = []
    for section in sections:
        if section.kind not in LATE:
            body.append(section)
            continue
        if body and body[-1].kind == "heading":
            chapter = body.pop()
            section = replace(section, heading=chapter.heading, anchor=chapter.anchor)
        ending.append(section)
    return body, ending


def _levelled(sections: list[Section]) -> list[Section]:
    """Put the findings of a chapter one level below its heading, and leave no level out."""
    kept, depth, chapter = [], 1, False
    for section in sections:
        if section.heading:
            chapter = chapter or section.kind == "heading"
            wanted = 3 if chapter else 2
            if section.kind == "heading":
                wanted = max(2, section.level)
            depth = min(wanted, depth + 1)
            section = replace(section, level=depth)
        kept.append(section)
    return kept


def _without_bare(sections: list[Section]) -> list[Section]:
    """Drop the chapters that a failed run left without content."""
    kept: list[Section] = []
    for section in reversed(sections):
        bare = section.kind == "heading" and (not kept or kept[-1].kind == "heading")
        if not bare:
            kept.append(section)
    return kept[::-1]


def _pairs(content: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(content, str):
        return (("", content),)
    if not isinstance(content, Mapping):
        return ()
    return tuple(
        (str(key).replace("_", " "), _say(value))
        for key, value in content.items()
        if value not in (None, "", [], {})
    )


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value] if value else []


def _say(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return message("yes") if value else message("no")
    if isinstance(value, list | tuple) and all(
        isinstance(item, str | int | float) for item in value
    ):
        return ", ".join(map(str, value))
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)
