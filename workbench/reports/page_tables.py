"""Tables read back from a page alone: one that came by mail has no kept run beside it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

from workbench.reports.kept_tables import KeptTable

_EMPTY = {"br", "img", "input", "link", "meta", "hr", "wbr", "source", "col"}
_PLAIN = re.compile(r"[-+−]?[\d,]+(?:\.\d+)?(?: %)?\Z")


def tables_of_page(html: str) -> list[KeptTable]:
    """Every table of a page with what its cells show, and the exact value where there is one.

    Parameters
    ----------
    html : str
        A page as `workbench.reports.site` writes it.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.tables


class _Reader(HTMLParser):
    """Follows sections, headings and tables; everything else is passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[KeptTable] = []
        self.sections: list[list[str]] = []  # anchor, class, heading
        self.file = ""
        self.inside = ""  # heading, label, cell
        self.text: list[str] = []
        self.columns: list[dict[str, Any]] | None = None
        self.rows: list[tuple[Any, ...]] = []
        self.row: list[Any] = []
        self.cell: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the reader is."""
        given = dict(attrs)
        names = (given.get("class") or "").split()
        if tag == "section":
            self.sections.append([given.get("id") or "", given.get("class") or "", ""])
        elif tag in ("h2", "h3") and self.sections and not self.sections[-1][2]:
            self._begin("heading")
        elif tag == "div" and "table" in names:
            self.file = (given.get("data-file") or "").removesuffix(".csv")
        elif tag == "table" and self.file:
            self.columns, self.rows = [], []
        elif self.columns is None:
            return
        elif tag == "th":
            kind = "number" if "n" in names else "text"
            self.columns.append({"name": "", "label": "", "kind": kind, "unit": ""})
            self._begin("label")
        elif tag == "tr":
            self.row = []
        elif tag == "td":
            self.cell = given
            self._begin("cell")

    def handle_endtag(self, tag: str) -> None:
        """Close what was begun."""
        if tag == "section" and self.sections:
            self.sections.pop()
        elif tag in ("h2", "h3") and self.inside == "heading":
            self.sections[-1][2] = self._end()
        elif self.columns is None:
            return
        elif tag == "th" and self.inside == "label":
            text = self._end()
            self.columns[-1] |= {"name": text, "label": text}
        elif tag == "td" and self.inside == "cell":
            self.row.append(self._value(self._end()))
        elif tag == "tr" and self.row:
            self.rows.append(tuple(self.row))
            self.row = []
        elif tag == "table":
            self._add()

    def handle_data(self, data: str) -> None:
        """Collect the text of a heading, a header or a cell."""
        if self.inside:
            self.text.append(data)

    def _begin(self, what: str) -> None:
        self.inside, self.text = what, []

    def _end(self) -> str:
        self.inside = ""
        return "".join(self.text).strip()

    def _value(self, text: str) -> Any:
        if "data-none" in self.cell:
            return None
        numeric = "n" in (self.cell.get("class") or "").split()
        shown = self.cell.get("data-v") or text
        if numeric and _PLAIN.match(shown.strip()):
            return float(shown.replace(",", "").replace("−", "-").removesuffix(" %"))
        try:
            return float(shown) if numeric else text
        except ValueError:
            return text

    def _add(self) -> None:
        anchor, kind, heading = self.sections[-1] if self.sections else ("", "", "")
        if "quality" in kind.split():
            anchor = f"{anchor}-{self.file}"
        width = len(self.columns or [])
        rows = tuple(row for row in self.rows if len(row) == width)
        self.tables.append(
            KeptTable(anchor, heading, tuple(self.columns or []), rows, total_rows=len(rows))
        )
        self.columns, self.file = None, ""
