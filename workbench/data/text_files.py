"""Text files before they are read: encoding, line ends, delimiter, header."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

from workbench.errors import WorkspaceFileError
from workbench.messages import message

CHUNK = 8 << 20
SAMPLE = 1 << 20
DELIMITERS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True)
class Survey:
    """What one pass over the bytes of a text file says."""

    encoding: str
    nul_bytes: int
    mixed: bool
    marked: bool
    size: int


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
    nul = size = 0
    valid = True
    for chunk in _chunks(path):
        nul += chunk.count(0)
        size += len(chunk)
        if valid:
            valid = _decodes(decoder, chunk)
    valid = valid and _decodes(decoder, b"", final=True)
    if encoding.startswith(("utf-16", "utf-32")):
        nul = 0
    return Survey(encoding, nul, not valid, marked, size)


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


def _chunks(path: Path) -> Iterator[bytes]:
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


def transcode(path: Path, encoding: str, target: Path) -> Path:
    """Write `path` as UTF-8; bytes that do not decode stay as they are and are found later."""
    with (
        path.open("r", encoding=encoding, errors="surrogateescape", newline="") as source,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as written,
    ):
        while text := source.read(CHUNK):
            written.write(text)
    return target


def count_lines(path: Path) -> int:
    """How many lines a UTF-8 file has; the last one counts without an end as well."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    return lines + (last != b"\n")


def blank_lines(path: Path) -> tuple[int, list[int]]:
    """How many lines a UTF-8 file has, and which of them are blank."""
    lines, blank = 0, []
    with path.open("rb") as file:
        for line in file:
            lines += 1
            if not line.strip(b" \t\r\n\xef\xbb\xbf"):
                blank.append(lines)
    return lines, blank


def lines_at(path: Path, offsets: list[int]) -> list[int]:
    """The line in which each byte of a file lies; `offsets` rise, and line ends are skipped."""
    found, line, at = [], 1, 0
    with path.open("rb") as file:
        for offset in offsets:
            if offset < at:
                found.append(line)
                continue
            while at < offset and (chunk := file.read(min(CHUNK, offset - at))):
                line += chunk.count(b"\n")
                at += len(chunk)
            while (byte := file.read(1)) in (b"\r", b"\n"):
                line += byte == b"\n"
                at += 1
            at += len(byte)
            found.append(line)
    return found


def with_one_line_end(path: Path, target: Path) -> Path:
    """Write a UTF-8 file whose lines all end in a line feed; other bytes stay as they are."""
    with (
        path.open("r", encoding="utf-8", errors="surrogateescape", newline=None) as source,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as written,
    ):
        while text := source.read(CHUNK):
            written.write(text)
    return target


def sample_text(path: Path) -> str:
    """The beginning of a UTF-8 file, cut at a line end where there is one."""
    with path.open("rb") as file:
        head = file.read(SAMPLE)
        whole = len(head) < SAMPLE or not file.read(1)
    if not whole:
        cut = max(head.rfind(b"\n"), head.rfind(b"\r"))
        if cut > 0:
            head = head[: cut + 1]
    return head.decode("utf-8", errors="replace").removeprefix("\ufeff")


def header_of(sample: str, delimiter: str) -> list[str]:
    """The first record of a sample."""
    return next(_records(sample, delimiter), [])


def delimiter_of(sample: str) -> str:
    """The delimiter with which most records of the sample have as many cells as the header."""
    best, best_score = ",", (0.0, 0)
    for candidate in DELIMITERS:
        counts = [len(record) for record in islice(_records(sample, candidate), 500) if record]
        if not counts or counts[0] < 2:
            continue
        score = (sum(count == counts[0] for count in counts) / len(counts), counts[0])
        if score > best_score:
            best, best_score = candidate, score
    return best


def _records(sample: str, delimiter: str) -> Iterator[list[str]]:
    try:
        yield from csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    except csv.Error:
        return


def unique_names(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Names made unique and never empty; second, those that stood more than once.

    DuckDB compares names without case, so ``Id`` and ``ID`` count as the same.
    """
    given: list[str] = []
    used: set[str] = set()
    repeated: list[str] = []
    for position, raw in enumerate(names, start=1):
        name = raw.strip().replace("\x00", "") or f"column_{position}"
        if name.casefold() in used:
            repeated.append(name)
            base, number = name, 2
            while f"{base}_{number}".casefold() in used:
                number += 1
            name = f"{base}_{number}"
        used.add(name.casefold())
        given.append(name)
    return given, repeated
