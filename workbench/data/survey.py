"""One pass over the bytes of a text file: its encoding, its damage, whether its cells are tidy."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from workbench.errors import WorkspaceFileError
from workbench.messages import message

CHUNK = 8 << 20
SAMPLE = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
# Small enough that the arrays of a block stay in the cache of a processor.
_BLOCK = 256 << 10
_SPACE, _FEED, _RETURN = b" \n\r"
_DELIMITERS = tuple(delimiter.encode() for delimiter in DELIMITERS)
_WIDE_BLANKS = ("\u3000".encode(), "\u00a0".encode(), "\ufeff".encode())
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes of a text file says.

    `lines` counts line ends, and a last line without one; `spaced`, `tabbed` and `quoted` say
    whether a blank may stand beside a cell, whether there is a tab, and whether there is a
    quotation mark.
    """

    encoding: str
    nul_bytes: int
    mixed: bool
    marked: bool
    size: int
    lines: int = 0
    spaced: bool = True
    tabbed: bool = True
    quoted: bool = True

    def tidy(self, delimiter: str) -> bool:
        """Whether no cell can have blanks around it or be blank, so that none needs trimming."""
        return not self.quoted and self.trimmed(delimiter)

    def trimmed(self, delimiter: str) -> bool:
        """Whether no cell can have blanks around it, line ends in quotation marks aside."""
        if self.spaced or self.nul_bytes or self.mixed:
            return False
        return delimiter in DELIMITERS and (delimiter == "\t" or not self.tabbed)


def survey(path: Path, encoding: str | None = None) -> Survey:
    """Read a text file once and say how it is encoded.

    A byte order mark decides; else valid UTF-8 is UTF-8; else the encoding in which most of the
    lines with other than ASCII characters are valid. `mixed` says that no encoding fits all lines.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    if encoding is not None:
        return _counted(path, _known(encoding), marked=head.startswith(codecs.BOM_UTF8))
    for mark, name in _MARKS:
        if head.startswith(mark):
            return _counted(path, name, marked=True)
    if len(head) > 3 and head.count(0) * 4 > len(head):
        name = "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
        return _counted(path, name, marked=False)
    found = _counted(path, "utf-8", marked=False)
    if not found.mixed:
        return found
    name, mixed = _by_lines(path)
    return replace(found, encoding=name, mixed=mixed)


def _counted(path: Path, encoding: str, *, marked: bool) -> Survey:
    decoder = codecs.getincrementaldecoder(encoding)()
    plain = encoding in ("utf-8", "ascii")
    nul = size = 0
    valid = True
    signs = _Signs()
    for chunk in chunks(path):
        if chunk.find(0) >= 0:
            nul += chunk.count(0)
        if plain:
            signs.see(chunk.removeprefix(codecs.BOM_UTF8) if size == 0 else chunk)
        size += len(chunk)
        if valid and not (plain and chunk.isascii() and not decoder.getstate()[0]):
            valid = _decodes(decoder, chunk)
    valid = valid and _decodes(decoder, b"", final=True)
    if encoding.startswith(("utf-16", "utf-32")):
        nul = 0
    if not plain:
        return Survey(encoding, nul, not valid, marked, size)
    signs.end()
    return Survey(
        encoding,
        nul,
        not valid,
        marked,
        size,
        lines=signs.lines,
        spaced=signs.spaced,
        tabbed=signs.tabbed,
        quoted=signs.quoted,
    )


class _Signs:
    """Lines, and signs beside cells, gathered chunk by chunk."""

    def __init__(self) -> None:
        self.lines = 0
        self.spaced = self.tabbed = self.quoted = False
        self._last = b"\n"

    def see(self, chunk: bytes) -> None:
        """Take in the next bytes of the file."""
        self.tabbed = self.tabbed or chunk.find(b"\t") >= 0
        self.quoted = self.quoted or chunk.find(b'"') >= 0
        if not (self.spaced or chunk.isascii()):
            joined = self._last + chunk
            self.spaced = any(joined.find(blank) >= 0 for blank in _WIDE_BLANKS)
        beside = (*_DELIMITERS, b'"')
        signs = [sign[0] for sign in beside if chunk.find(sign) >= 0]
        for start in range(0, len(chunk), _BLOCK):
            block = chunk[start : start + _BLOCK]
            here = np.frombuffer(self._last[-1:] + block, np.uint8)
            feeds = here == _FEED
            self.lines += int(np.count_nonzero(feeds[1:]))
            self.spaced = self.spaced or _has_blank_beside_cell(here, feeds, signs)
            self._last = (self._last + block)[-2:]

    def end(self) -> None:
        """Take in the end of the file."""
        self.lines += self._last[-1:] != b"\n"
        self.spaced = self.spaced or self._last[-1:] in (b" ", b"\r")


def _has_blank_beside_cell(here: np.ndarray, feeds: np.ndarray, signs: list[int]) -> bool:
    """Whether a space touches a sign or line end, or a carriage return ends no line."""
    spaces = here == _SPACE
    edges = here == _RETURN
    lone = bool((edges[:-1] & ~feeds[1:]).any())
    edges |= feeds
    for sign in signs:
        edges |= here == sign
    return lone or bool((spaces[:-1] & edges[1:]).any() or (edges[:-1] & spaces[1:]).any())


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise WorkspaceFileError(
            message(
                "encoding {value!r} is not known. Use a name such as utf-8, cp932, utf-16, cp1252.",
                value=encoding,
            )
        ) from error


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, piece by piece."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _by_lines(path: Path) -> tuple[str, bool]:
    """The encoding that most lines fit, and whether some line does not fit it."""
    fit = {"utf-8": 0, "cp932": 0, "cp1252": 0}
    total = 0
    joined: list[str] = []
    with path.open("rb") as file:
        for line in file:
            if line.isascii():
                continue
            total += 1
            for name in fit:
                try:
                    decoded = line.decode(name)
                except UnicodeDecodeError:
                    continue
                fit[name] += 1
                if name == "cp932" and len(joined) < 2000:
                    joined.append(decoded)
    if fit["utf-8"] * 2 >= total:
        return "utf-8", True
    # Latin text read as CP932 gives lone kanji between ASCII letters; Japanese text gives runs.
    if fit["cp932"] * 2 >= total and _in_runs("".join(joined)):
        return "cp932", fit["cp932"] < total
    return ("cp1252", fit["cp1252"] < total) if fit["cp1252"] else ("cp932", True)


def _in_runs(text: str) -> bool:
    wide = [not char.isascii() for char in text]
    inside = sum(1 for before, here in pairwise(wide) if before and here)
    return inside * 2 >= sum(wide)
