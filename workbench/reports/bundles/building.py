"""The copy of a report for anyone: what leaves, what was done to it, a last search for names."""

from __future__ import annotations

import html as markup
import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from workbench.errors import ArgumentError, ReportError
from workbench.messages import message, message_of_count
from workbench.reports.bundles.curbing import Done, without_few, without_lists
from workbench.reports.bundles.names import Identity, Pseudonyms, replaced_in
from workbench.reports.exports.material import Material
from workbench.reports.files import file_name

if TYPE_CHECKING:
    from workbench.reports.page import Page

KEY = "WORKBENCH_PSEUDONYM_KEY"
MOST_VISUALS = 50
LEAST_KEY = 16
_BLOCK = "application/vnd.workbench.block+json"
_PATH = re.compile(r"(?<![\w:/<])(?:/[\w.@~+-]+){2,}/?|\b[A-Za-z]:[\\/][^\s\"'<>]+|file:/+\S+")


# Style, scripts and the packed drawing library: the same on every page.
_NO_WORDS = re.compile(
    r"<style>.*?</style>|<script(?: type=\"text/plain\"[^>]*)?>.*?</script>", re.DOTALL
)


@dataclass(frozen=True)
class Terms:
    """How a report is given to anyone.

    Attributes
    ----------
    expires : date
        Last day on which the page shows its numbers.
    least : int
        Smallest group that is shown; 0 shows all.
    pseudonyms : bool
        Whether names of accounts, people and their records are replaced.
    visible : tuple of str, optional
        Anchors of the parts that the reader may see (``figures``, ``definitions`` and ``quality``
        too); everything when None.
    comments : bool
        Whether comments leave too.
    """

    expires: date
    least: int = 5
    pseudonyms: bool = True
    visible: tuple[str, ...] | None = None
    comments: bool = False


@dataclass(frozen=True)
class Copy:
    """A copy that is ready to leave.

    Attributes
    ----------
    name : str
        For its file.
    html : str
    said : tuple of str
        What was done, as sentences; the page shows them too.
    """

    name: str
    html: str
    said: tuple[str, ...] = field(default_factory=tuple)


def build_copy(
    material: Material,
    terms: Terms,
    *,
    identities: Callable[[str], Iterable[Identity]] | None = None,
    environment: Mapping[str, str] | None = None,
) -> Copy:
    """Make the copy of a report for anyone.

    Parameters
    ----------
    material : Material
    terms : Terms
    identities : callable, optional
        Gives for a text every account, person and record that it may name; needed when names are
        to be replaced.
    environment : mapping, optional
        ``WORKBENCH_PSEUDONYM_KEY`` makes pseudonyms the same in every copy; without it each copy
        has its own.

    Raises
    ------
    ArgumentError
        For more than 50 charts and tables, nothing that may be seen, or names that are not known.
    ReportError
        When a name is found in the finished page: it is not written.

    Notes
    -----
    Source: collaboration.md, 4 (anyone link) and its mapping (bundle without raw rows).
    """
    if material.failure:
        raise ArgumentError(
            message(
                "Report {name} did not finish; only a whole one is given away.", name=material.name
            )
        )
    material = _seen(material, terms)
    _refuse_many(material)
    done = Done()
    names: Pseudonyms | None = None
    if terms.pseudonyms:
        if identities is None:
            raise ArgumentError.of(
                "identities", None, message("names to replace, or pseudonyms=False")
            )
        names = Pseudonyms(_key(environment), identities(_everything(material)))
        material = _renamed(material, names)
    known = sorted(code for code in names.used if names.is_single(code)) if names else []
    blocks = without_lists(material.blocks, done, known)
    if terms.least > 1:
        blocks = without_few(blocks, terms.least, done, known)
    blocks = [_unplaced(_redrawn(block, bool(names))) for block in blocks]
    said = what_was_done(terms, done, names)
    if material.comments:
        blocks.append(_talk(material.comments))
    blocks.append({"block": "text", "heading": message("About this copy"),
                   "text": "\n\n".join(said)})  # fmt: skip
    html = _written(replace(material, blocks=tuple(blocks)), terms)
    if names:
        _search(html, names)
    return Copy(file_name(material.name), html, tuple(said))


def _seen(material: Material, terms: Terms) -> Material:
    """The report as the reader may see it: curated parts, no name of a file, no provenance."""
    kept = [b for b in material.blocks if terms.visible is None or _is_seen(b, terms.visible)]
    shown = [b for b in kept if b.get("block") not in ("header", "definitions", "quality")]
    if not shown:
        raise ArgumentError.of(
            "visible", terms.visible, [component_of(block) for block in material.blocks]
        )
    return replace(
        material,
        blocks=tuple({**b, "table": _named_plainly(b)} if b.get("table") else b for b in kept),
        comments=material.comments if terms.comments else (),
        provenance=(),
    )


def component_of(block: Mapping[str, Any]) -> str:
    """The name by which a part of a page is chosen: its anchor, or its kind."""
    return str(block.get("anchor") or block.get("block") or "")


def _is_seen(block: Mapping[str, Any], visible: Sequence[str]) -> bool:
    return block.get("block") == "header" or component_of(block) in visible


def _named_plainly(block: Mapping[str, Any]) -> dict[str, Any]:
    return {**block["table"], "file_name": f"{component_of(block) or 'table'}.csv"}


def _refuse_many(material: Material) -> None:
    count = len(material.pictures()) + len(material.grids())
    if count > MOST_VISUALS:
        raise ArgumentError(
            message(
                "Report {name} shows {n} charts and tables; a copy for anyone may have {most}. "
                "Take some away with `workbench share parts "
                "{name} --remove PART`.",
                name=material.name, n=count, most=MOST_VISUALS,
            )
        )  # fmt: skip


def _key(environment: Mapping[str, str] | None) -> bytes:
    given = (os.environ if environment is None else environment).get(KEY, "")
    if given and len(given) < LEAST_KEY:
        raise ArgumentError.of(
            KEY, message("a secret of {n} signs", n=len(given)),
            message("a secret of at least {n} signs", n=LEAST_KEY),
        )  # fmt: skip
    return given.encode("utf-8", "replace") if given else secrets.token_bytes(32)


def _everything(material: Material) -> str:
    kept = [material.name, material.title, *material.line, material.blocks, material.comments,
            material.annotations]  # fmt: skip
    return "\n".join(_strings(kept))


def _strings(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key != "svg":
                yield str(key)
                yield from _strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _strings(one)


def _renamed(material: Material, names: Pseudonyms) -> Material:
    return replace(
        material,
        name=names.replaced(material.name), title=names.replaced(material.title),
        line=tuple(names.replaced(entry) for entry in material.line),
        blocks=tuple(replaced_in(block, names) for block in material.blocks),
        comments=tuple(replaced_in(note, names) for note in material.comments),
        annotations=tuple(replaced_in(note, names) for note in material.annotations),
    )  # fmt: skip


def _redrawn(block: Mapping[str, Any], renamed: bool) -> dict[str, Any]:
    """The part with its picture drawn anew; a picture without its data cannot be checked."""
    return {key: value for key, value in block.items() if key != "svg" or not renamed}


def _unplaced(value: Any) -> Any:
    """A plain value without the places of files on the machine that made it."""
    if isinstance(value, str):
        return value if value.startswith("http") else _PATH.sub("…", value)
    if isinstance(value, Mapping):
        return {key: one if key == "$schema" else _unplaced(one) for key, one in value.items()}
    return [_unplaced(one) for one in value] if isinstance(value, list | tuple) else value


def what_was_done(terms: Terms, done: Done, names: Pseudonyms | None) -> list[str]:
    """What was done to the copy, as sentences for its reader."""
    said = [
        message("A copy of a report for whoever holds this file. It shows its numbers until the "
                "end of {day} (UTC) and then only this note.", day=terms.expires.isoformat()),
        message("The date is kept by the page itself: a file once given cannot be taken back, and "
                "who knows how can read it later."),
    ]  # fmt: skip
    if names is not None:
        said.append(message("Names of accounts, people and their records are replaced: the same "
                            "code is the same name. Amounts and dates are as they were and may "
                            "tell somebody who knows them."))  # fmt: skip
    if done.lists:
        said.append(message_of_count(
            "{count} list of single accounts or people is left out.",
            "{count} lists of single accounts or people are left out.", len(done.lists),
        ))  # fmt: skip
    if terms.least > 1:
        said.append(message(
            "Groups of fewer than {least} are hidden: {cells} cells, with those from which they "
            "could be computed, {pictures} pictures, {sentences} sentences or figures and {tables} "
            "tables. What two tables tell together was not looked at.",
            least=terms.least, cells=done.cells, pictures=done.pictures,
            sentences=done.sentences, tables=done.tables,
        ))  # fmt: skip
    return said


def _written(material: Material, terms: Terms) -> str:
    from workbench.reports import render
    from workbench.reports.bundles.locking import dated

    page = page_of(material)
    page.line = [*material.line, message("copy, until {day}", day=terms.expires.isoformat())]
    if material.made_at:
        page.provenance.append((message("Made at"), material.made_at[:16].replace("T", " ")))
    return dated(render.render_page(page, {}), terms.expires)


def page_of(material: Material) -> Page:
    """A page of the parts of a report: no code, no parameters, no facts."""
    from nbformat.v4 import new_code_cell, new_notebook, new_output

    from workbench.reports.page import read_page

    content = new_notebook()
    for block in material.blocks:
        output = new_output("execute_result", {"text/plain": "", _BLOCK: dict(block)})
        content.cells.append(new_code_cell("", outputs=[output], execution_count=1))
    return read_page(material.name, content, title=material.title)


def _talk(notes: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Comments as a part of a page."""
    lines = []
    for note in notes:
        head = [note.get("author"), note.get("at"), note.get("place"), note.get("value")]
        mark = f"[{note['number']}] " if note.get("number") else "↳ " * int(note.get("depth") or 0)
        said = " · ".join(str(entry) for entry in head if entry)
        lines.append(f"{mark}{said}: {note.get('text')}".replace("\n\n", "\n"))
    return {"block": "text", "heading": message("Comments"), "text": "\n\n".join(lines)}


def _search(html: str, names: Pseudonyms) -> None:
    """Refuse a finished page in which a name is found, however it is written there."""
    shown = _NO_WORDS.sub(" ", html)
    plain = markup.unescape(unquote(shown))
    for text in re.findall(r'"(?:[^"\\]|\\.)*\\u(?:[^"\\]|\\.)*"', shown):
        try:
            plain += "\n" + json.loads(text)
        except ValueError:
            continue
    found = [name for name in names.finds(plain) if _is_telling(name)]
    if found:
        raise ReportError(
            message(
                "The copy was not written: {n} names still stand in it, such as one of {signs} "
                "signs. Take the part that holds it away with `workbench share parts`.",
                n=len(set(found)),
                signs=len(found[0]),
            )
        )


def _is_telling(name: str) -> bool:
    """Whether a found name can be no word of the page itself."""
    return len(name) >= 12 or not name.isascii() or bool(re.search(r"[\d\s@.]", name))
