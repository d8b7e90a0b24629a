"""The executed notebook, read into parts: blocks, headings, texts, pictures, code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from workbench.messages import message

BLOCK = "application/vnd.workbench.block+json"
VEGA_LITE = re.compile(r"application/vnd\.vegalite\.v\d+\+json\Z")
CODE_TAGS = {"parameters", "injected-parameters", "remove-input", "remove-cell"}
OUTPUT_TAGS = {"remove-output", "remove-cell"}  # the names that nbconvert and Jupyter Book use
_COLOUR_CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Part:
    """One thing on the page: its kind, its content, and the code cell it came from."""

    kind: str
    content: Any
    code: str = ""
    cell: int = 0


@dataclass(frozen=True)
class Failure:
    """The cell that stopped a report, and why."""

    cell: int
    cells: int
    label: str
    reason: str
    details: str = ""

    @property
    def sentence(self) -> str:
        """Which cell failed and why, in one sentence."""
        return message(
            "Cell {cell} of {cells} ({label}) stopped the report: {reason}",
            cell=self.cell,
            cells=self.cells,
            label=self.label,
            reason=self.reason,
        )


@dataclass
class Heading:
    """A heading that came from a markdown cell."""

    text: str
    level: int
    html: Markup
    anchor: str = field(default="")


def read_parts(notebook: Any) -> list[Part]:
    """Return the parts of an executed notebook in its order."""
    parts: list[Part] = []
    for number, cell in enumerate(notebook.cells, start=1):
        source = "".join(cell.get("source", ""))
        tags = set(cell.get("metadata", {}).get("tags", []))
        if tags & OUTPUT_TAGS:
            continue
        if cell.cell_type == "markdown":
            parts += [Part(kind, content, cell=number) for kind, content in markdown(source)]
        elif cell.cell_type == "code":
            shown = list(_outputs(cell))
            code = "" if tags & CODE_TAGS else source
            for position, (kind, content) in enumerate(shown):
                last = position == len(shown) - 1
                parts.append(Part(kind, content, code if last else "", number))
    return parts


def code_cells(notebook: Any) -> list[tuple[int, str]]:
    """Return number and source of every code cell that holds anything."""
    numbered = enumerate(notebook.cells, start=1)
    return [
        (number, "".join(cell.source))
        for number, cell in numbered
        if cell.cell_type == "code" and "".join(cell.source).strip()
    ]


def cell_labels(notebook: Any) -> list[str]:
    """Return for each cell what it does: its heading, its first comment, or the last heading."""
    labels, last = [], ""
    for cell in notebook.cells:
        source = "".join(cell.get("source", ""))
        if cell.cell_type == "markdown":
            heading = re.search(r"^#{1,6}\s+(.+?)\s*#*\s*$", source, re.MULTILINE)
            last = heading.group(1) if heading else last
            labels.append(last or message("text"))
            continue
        comment = re.match(r"\s*#+\s*([^\n]+)", source)
        tags = cell.get("metadata", {}).get("tags", [])
        if {"parameters", "injected-parameters"} & set(tags):
            labels.append(message("parameters"))
        else:
            labels.append((comment.group(1).strip() if comment else "") or last or message("code"))
    return labels


def find_failure(notebook: Any) -> Failure | None:
    """Return the failure of an executed notebook, or None when every cell ran."""
    labels = cell_labels(notebook)
    for number, cell in enumerate(notebook.cells, start=1):
        for output in cell.get("outputs", []):
            if output.output_type == "error" and not _clean_exit(output):
                reason = _plain(f"{output.ename}: {output.evalue}".strip().rstrip(":"))
                details = _plain("\n".join(output.get("traceback", [])))
                if details.strip() == reason.strip():
                    details = ""
                return Failure(number, len(notebook.cells), labels[number - 1], reason, details)
    return None


def _clean_exit(output: Any) -> bool:
    return output.ename == "SystemExit" and output.evalue in ("", "0", "None")


def _plain(text: str) -> str:
    return _COLOUR_CODES.sub("", text)


def _outputs(cell: Any) -> Iterator[tuple[str, Any]]:
    streams: dict[str, list[str]] = {}
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            streams.setdefault(output.name, []).append("".join(output.text))
        elif output.output_type in ("display_data", "execute_result"):
            yield _displayed(output.data)
    for name, texts in streams.items():
        text = _plain("".join(texts)).strip("\n")
        if text:
            yield ("log" if name == "stderr" else "plain"), text


def _displayed(data: Mapping[str, Any]) -> tuple[str, Any]:
    block = _as_object(data.get(BLOCK))
    if block is not None:
        return "block", block
    for mime, content in data.items():
        spec = _as_object(content) if VEGA_LITE.match(mime) else None
        if spec is not None:
            title = spec.get("title")
            alt = spec.get("description") or (title if isinstance(title, str) else "")
            return "block", {"block": "finding", "chart": spec, "alt": alt}
    for mime in ("image/png", "image/jpeg"):
        if mime in data:
            address = f"data:{mime};base64,{re.sub(r'[^A-Za-z0-9+/=]', '', ''.join(data[mime]))}"
            return "image", {"src": address, "alt": "".join(data.get("text/plain", ""))}
    text = data.get("text/plain", data.get("text/html", ""))
    return "plain", _plain("".join(text) if not isinstance(text, Mapping) else json.dumps(text))


def _as_object(content: Any) -> dict[str, Any] | None:
    if isinstance(content, str):
        try:
            content = json.loads(content)
        except ValueError:
            return None
    return dict(content) if isinstance(content, Mapping) else None


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["image", "html_block", "html_inline"])
    parser.validateLink = lambda url: bool(re.match(r"(https?://|mailto:|#)", url.strip().lower()))  # type: ignore[method-assign]
    return parser


def markdown(source: str) -> Iterator[tuple[str, Any]]:
    """Yield the headings and texts of a markdown cell; markup in it is shown, never obeyed."""
    parser = _parser()
    waiting: list[Token] = []
    tokens = parser.parse(source)
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "heading_open" and token.level == 0:
            yield from _text(waiting)
            waiting = []
            inline = tokens[position + 1]
            html = parser.renderer.render([inline], parser.options, {})
            yield "heading", Heading(_visible(inline), int(token.tag[1]), Markup(html))
            position += 3
            continue
        waiting.append(token)
        position += 1
    yield from _text(waiting)


def _text(tokens: list[Token]) -> Iterator[tuple[str, Any]]:
    if tokens:
        for token in tokens:
            for child in token.children or []:
                if child.type == "link_open":
                    child.attrSet("rel", "noopener noreferrer")
        parser = _parser()
        yield "markdown", Markup(parser.renderer.render(tokens, parser.options, {}))


def _visible(inline: Token) -> str:
    return "".join(child.content for child in inline.children or []) or inline.content
