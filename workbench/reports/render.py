"""Pages as HTML: one file each, every text escaped, nothing asked from anywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from workbench.messages import language, message
from workbench.reports.charts import packed_library
from workbench.reports.files import file_size
from workbench.reports.packing import packed_json
from workbench.reports.page import Page
from workbench.reports.tables import Table

TEMPLATE = Path(__file__).parent / "template"
FULL_ENTRIES = 60  # more reports than that are listed by title only
STYLES = ("base.css", "parts.css", "print.css")
_UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def render_page(
    page: Page, facts: Mapping[str, Any], origin: Mapping[str, Any] | None = None
) -> str:
    """Return the HTML of one report.

    Parameters
    ----------
    page : Page
    facts : mapping
        What the index and comparisons ask for; stands in the page's head.
    origin : mapping, optional
        What runs the page again; stands at its end.
    """
    drawn = page.charts
    scripts = ["page.js", "tables.js", *(["packing.js", "charts.js"] if drawn else [])]
    return _render(
        "page.html", page=page, facts=facts, origin=origin, scripts=scripts,
        library=packed_library() if drawn else "",
    )  # fmt: skip


def render_overview(
    facts: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], table: Table
) -> str:
    """Return the HTML of the page over a matrix of reports."""
    scripts = ["page.js", "tables.js"]
    return _render(
        "overview.html", facts=facts, entries=entries, table=table, scripts=scripts,
        told=any(entry["answers"] or entry["status"] == "failed" for entry in entries),
    )  # fmt: skip


def render_index(entries: Sequence[Mapping[str, Any]], runs: Mapping[str, Any]) -> str:
    """Return the HTML of the index.

    Parameters
    ----------
    entries : sequence of mapping
        The latest pages; they can be read without scripts.
    runs : mapping
        Every kept run, see `workbench.reports.listing.list_runs`.
    """
    return _render(
        "index.html", entries=entries, facts=None, runs=runs, runs_text=packed_json(runs),
        size=file_size(runs["bytes"]), full=FULL_ENTRIES, texts=_index_texts(),
        scripts=["packing.js", "index.js"],
    )  # fmt: skip


def render_comparison(**parts: Any) -> str:
    """Return the HTML of the comparison of two runs; `parts` are those of its template."""
    return _render("compared.html", facts=None, scripts=["page.js", "tables.js"], **parts)


def as_json(content: Any) -> Markup:
    """Return `content` as JSON that can stand inside a script element."""
    text = json.dumps(finite(content), ensure_ascii=False, separators=(",", ":"), default=str)
    return Markup(text.translate(_UNSAFE))


def finite(content: Any) -> Any:
    """Return `content` with NaN and infinities as null: JSON has no word for them."""
    if isinstance(content, float) and content - content != 0:
        return None
    if isinstance(content, Mapping):
        return {str(key): finite(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [finite(value) for value in content]
    return content


def _render(template: str, **values: Any) -> str:
    texts = _script_texts()
    given = {"language": language(), "texts": texts, "origin": None, **values}
    return _environment().get_template(template).render(**given)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=message, as_json=as_json, styles=_files(STYLES), script=lambda name: _files((name,))
    )
    return environment


def _files(names: Sequence[str]) -> Markup:
    texts = [(TEMPLATE / name).read_text(encoding="utf-8") for name in names]
    return Markup("\n".join(texts))


def _script_texts() -> dict[str, str]:
    """Return the sentences that scripts show."""
    return {
        "row": message("{n} row"),
        "rows": message("{n} rows"),
        "some": message("{n} of {total} rows"),
        "none": message("No row matches."),
        "csv": message("CSV of these {n} rows"),
        "csvOne": message("CSV of this row"),
        "failed": message("The interactive chart could not be drawn; the picture shows the same."),
    }


def _index_texts() -> dict[str, str]:
    """Return the sentences that the script of the index shows."""
    return {
        "run": message("{n} run"),
        "runs": message("{n} runs"),
        "some": message("{n} of {total} runs"),
        "none": message("No run matches."),
        "nothing": message("No report matches."),
        "report": message("{n} of {total} reports"),
        "more": message("Show {n} more"),
        "ok": message("ok"),
        "failed": message("failed"),
        "asOf": message("as of {instant}"),
        "every": message("all"),
        "unread": message("This browser cannot open the list of runs; the pages above are whole."),
    }
