"""Text files before they are read: line ends, delimiter, header."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from workbench.data.survey import CHUNK, DELIMITERS, SAMPLE


def transcode(path: Path, encoding: str, target: Path) -> Path:
    """Write `path` as UTF-8; bytes that do not decode stay as they are and are found later."""
    with (
        path.open("r", encoding=encoding, errors="surrogateescape", newline="") as source,
        target.open("w", encoding="utf-8", errors="surrogateescape", newline="") as written,
    ):
        while text := source.read(CHUNK):
            written.write(text)
    return target


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
