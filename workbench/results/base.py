"""What every analysis returns: a frame, a chart, a sentence, and the way back to the rows."""

from __future__ import annotations

import html
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, ClassVar

from workbench.imports import without_address_grammar
from workbench.messages import message
from workbench.results import annotating, theme
from workbench.results.tables import Column, as_text, plain_table

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

BLOCK = "application/vnd.workbench.block+json"


@dataclass(frozen=True)
class Scope:
    """What a number speaks of, and what was set aside.

    Attributes
    ----------
    container : str
        What is counted.
    period : str
        Range of dates in words; empty for everything.
    as_of : str
        The instant up to which is looked.
    events : int
        Rows that could be looked at.
    dropped_null_key : int
        Rows without a key of the container.
    notes : tuple of str
        Everything else that was set aside, as sentences.
    """

    container: str
    period: str
    as_of: str
    events: int
    dropped_null_key: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    def sentences(self) -> list[str]:
        """What was set aside, one sentence each."""
        out = []
        if self.dropped_null_key:
            out.append(
                message(
                    "{n} events carry no key of this container and take no part.",
                    n=f"{self.dropped_null_key:,}",
                )
            )
        return [*out, *self.notes]

    def plain(self) -> dict[str, Any]:
        """The scope as plain values."""
        return {
            "container": self.container,
            "period": self.period,
            "as_of": self.as_of,
            "events": self.events,
            "dropped_null_key": self.dropped_null_key,
            "notes": list(self.notes),
        }


class Result(ABC):
    """Base of all results.

    A result class documents its frame in `columns`; the frame has these columns whatever was
    asked. Every one has a headline that names numerator and denominator.
    """

    columns: ClassVar[Mapping[str, str]]
    kind: ClassVar[str]

    scope: Scope
    definition: Mapping[str, Any]

    @property
    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """Tidy answer with the documented columns."""

    @abstractmethod
    def headline(self) -> str:
        """The finding as one sentence, with numerator and denominator."""

    @abstractmethod
    def chart(self) -> alt.TopLevelMixin:
        """The finding as a picture."""

    @abstractmethod
    def reading(self) -> str:
        """How the picture is to be read: denominators, and what is left out."""

    @abstractmethod
    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return []

    def table_frame(self) -> pd.DataFrame:
        """Rows of the table that a reader sees."""
        return self.frame

    def explain(self) -> str:
        """Headline, reading help, definitions, and what was set aside."""
        parts = [self.headline(), self.reading(), *self.definitions(), *self.scope.sentences()]
        return "\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.headline()}"

    @cached_property
    def _spec(self) -> dict[str, Any]:
        with without_address_grammar():
            return theme.themed(self.chart())

    def panels(self) -> list[dict[str, Any]]:
        """Charts that a page lays out by itself, side by side or below each other.

        Each as `panel` makes it; none where the chart is one picture.
        """
        return []

    def block(self) -> dict[str, Any]:
        """Everything a report needs to show this result, as plain values."""
        notes = annotating.notes_on(self)
        granularity = str(self.definition.get("granularity", ""))
        draw = partial(
            annotating.drawn_on, notes=notes, granularity=granularity,
            calendar=annotating.calendar_of(self) if notes else None,
        )  # fmt: skip
        spec, plain_panels = draw(self._spec), self.panels()
        panels = [_with_notes(one, draw) for one in plain_panels]
        marked = [a is not b for a, b in zip(panels, plain_panels, strict=True)]
        return {
            "block": "finding",
            "anchor": self.kind,
            "heading": self.headline(),
            "chart": spec,
            "svg": theme.as_svg(spec),
            "alt": self.headline(),
            "reading": self.reading(),
            "table": plain_table(
                self.table_frame(), self.shown(), file_name=f"{self.kind.replace('_', '-')}.csv"
            ),
            "notes": self.scope.sentences(),
            "annotations": [note.plain() for note in notes],
            "annotated": spec is not self._spec or any(marked),
            "definition": dict(self.definition),
            "scope": self.scope.plain(),
            **({"panels": panels} if panels else {}),
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        block = self.block()
        return {"text/plain": repr(self), "text/html": block_html(block), BLOCK: block}


def panel(
    heading: str,
    chart: alt.TopLevelMixin,
    *,
    reading: str = "",
    alternative: str = "",
    wide: int = 1,
) -> dict[str, Any]:
    """One chart among several of a result.

    Parameters
    ----------
    heading : str
        Its title; stands above the picture, so the picture needs none.
    chart : altair chart
    reading : str
        A line below the title.
    alternative : str
        What the picture says, in words; the heading when empty.
    wide : int
        How many places it takes where panels stand side by side.
    """
    with without_address_grammar():
        spec = theme.themed(chart)
    return {
        "heading": heading,
        "reading": reading,
        "chart": spec,
        "svg": theme.as_svg(spec),
        "alt": alternative or heading,
        "wide": wide,
    }


def _with_notes(one: dict[str, Any], draw: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The panel with notes on days where it has a time axis."""
    spec = draw(one["chart"])
    return one if spec is one["chart"] else {**one, "chart": spec, "svg": theme.as_svg(spec)}


@dataclass(frozen=True)
class Block:
    """A part of a page that is no analysis: key figures, a list to act on, definitions.

    Attributes
    ----------
    content : mapping
        Plain values; ``block`` names the kind of part.
    """

    content: Mapping[str, Any]

    def __repr__(self) -> str:
        heading = self.content.get("heading") or self.content.get("title")
        return f"{self.content['block']}: {heading}" if heading else str(self.content["block"])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        content = dict(self.content)
        return {"text/plain": repr(self), "text/html": block_html(content), BLOCK: content}


STYLE = (
    "font:14px/1.5 system-ui,sans-serif;max-width:1100px;overflow-x:auto;"
    "color:var(--jp-content-font-color1,#1f2933)"
)
_MOST_ROWS_IN_A_CELL = 15


def block_html(block: Mapping[str, Any]) -> str:
    """A part of a page as quiet HTML for JupyterLab: static, escaped, no script, no request."""
    parts = []
    heading = block.get("heading") or block.get("title")
    if heading:
        parts.append(f"<h3 dir='auto' style='margin:.4em 0'>{html.escape(str(heading))}</h3>")
    for name in ("subtitle", "text", "sentence"):
        if block.get(name):
            parts.append(f"<p dir='auto'>{html.escape(str(block[name]))}</p>")
    if block.get("figures"):
        parts.append(_figures_html(block["figures"]))
    if block.get("svg"):
        alt_text = html.escape(str(block.get("alt", "")), quote=True)
        parts.append(f"<div role='img' aria-label='{alt_text}'>{block['svg']}</div>")
    if block.get("reading"):
        parts.append(
            f"<p dir='auto' style='color:#52606d'>{html.escape(str(block['reading']))}</p>"
        )
    tables = [block.get(name) for name in ("table", "balance", "findings")]
    parts += [_table_html(table) for table in tables if isinstance(table, Mapping)]
    for entry in block.get("entries", []):
        term, text = html.escape(str(entry["term"])), html.escape(str(entry["text"]))
        parts.append(f"<p><b>{term}</b> {text}</p>")
    told = [f"{n['mark']} · {n['days']} · {n['title']}" for n in block.get("annotations", [])]
    listed = [*told, *map(str, block.get("notes", []))]
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in listed)
    if notes:
        parts.append(f"<ul style='color:#52606d'>{notes}</ul>")
    return f"<div style='{STYLE}'>{''.join(parts)}</div>"


def _figures_html(figures: list[Mapping[str, Any]]) -> str:
    cells = "".join(
        "<div style='min-width:150px'>"
        f"<div style='color:#52606d'>{html.escape(str(figure['label']))}</div>"
        f"<div style='font-size:26px'>{html.escape(str(figure['value']))}</div>"
        f"<div style='color:#52606d'>{html.escape(str(figure.get('detail', '')))}</div></div>"
        for figure in figures
    )
    return f"<div style='display:flex;flex-wrap:wrap;gap:24px'>{cells}</div>"


def _table_html(table: Mapping[str, Any]) -> str:
    columns, rows = table["columns"], table["rows"][:_MOST_ROWS_IN_A_CELL]
    aligned = ["left" if c["kind"] == "text" else "right" for c in columns]
    head = "".join(
        f"<th style='text-align:{side};padding:2px 12px 2px 0'>{html.escape(str(c['label']))}</th>"
        for c, side in zip(columns, aligned, strict=True)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f"<td style='text-align:{side};padding:2px 12px 2px 0'>"
            f"<bdi>{html.escape(as_text(value, c['kind'], c.get('unit', '')))}</bdi></td>"
            for value, c, side in zip(row, columns, aligned, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    total = table.get("total_rows") or len(table["rows"])
    more = ""
    if total > len(rows):
        shown = message("{shown} of {total} rows", shown=f"{len(rows):,}", total=f"{total:,}")
        more = f"<p style='color:#52606d'>{html.escape(shown)}</p>"
    return f"<table style='border-collapse:collapse'><tr>{head}</tr>{body}</table>{more}"
