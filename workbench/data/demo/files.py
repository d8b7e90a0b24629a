"""Writing tables block by block: CSV of several habits, Parquet, and nothing half-done."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from workbench.data.demo.broken import BROKEN, COPIES, with_broken_rows
from workbench.errors import DataError
from workbench.messages import message


@dataclass(frozen=True)
class Habit:
    """How one export writes its text files."""

    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: bytes = b"\n"
    mark: bytes = b""


HABITS = {
    "accounts.csv": Habit(mark=b"\xef\xbb\xbf"),
    "leads.csv": Habit(delimiter=";", line_end=b"\r\n"),
    "opportunities.csv": Habit(encoding="cp932", line_end=b"\r\n"),
    "contracts.csv": Habit(delimiter="\t"),
}
_PLAIN = Habit()


class Folder:
    """Open files of one folder; the first block of a file brings its header and broken rows."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows: dict[str, int] = {}
        self._texts: dict[str, BinaryIO] = {}
        self._tables: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> Folder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for text in self._texts.values():
            text.close()
        for table in self._tables.values():
            table.close()

    def csv(self, name: str, table: pa.Table) -> None:
        """Add a block to a CSV file."""
        habit = HABITS.get(name, _PLAIN)
        first = name not in self._texts
        if first:
            self._texts[name] = (self.directory / name).open("wb")
            self._texts[name].write(habit.mark)
            self.rows[name] = 0
        content = _text_of(table, habit, header=first)
        if first and (name in COPIES or any(row.file == name for row in BROKEN)):
            lines = with_broken_rows(
                name, content.splitlines(), delimiter=habit.delimiter, encoding="utf-8"
            )
            self.rows[name] += len(lines) - 1 - len(table)
            content = b"\n".join(lines) + b"\n"
        if habit.line_end != b"\n":
            content = content.replace(b"\n", habit.line_end)
        if habit.encoding != "utf-8":
            content = content.decode("utf-8").encode(habit.encoding)
        self._texts[name].write(content)
        self.rows[name] += len(table)

    def parquet(self, name: str, table: pa.Table) -> None:
        """Add a block to a Parquet file, as a row group of its own."""
        if name not in self._tables:
            self._tables[name] = pq.ParquetWriter(
                self.directory / name, table.schema, compression="zstd"
            )
            self.rows[name] = 0
        self._tables[name].write_table(table)
        self.rows[name] += len(table)

    def whole_parquet(self, name: str, table: pa.Table) -> None:
        """Write a Parquet file that no later block adds to."""
        pq.write_table(table, self.directory / name, compression="zstd")
        self.rows[name] = len(table)


def _text_of(table: pa.Table, habit: Habit, *, header: bool) -> bytes:
    sink = io.BytesIO()
    options = pa_csv.WriteOptions(include_header=header, delimiter=habit.delimiter)
    pa_csv.write_csv(table, sink, options)
    return sink.getvalue()


@contextmanager
def replaced_folder(directory: Path, is_ours: Callable[[str], bool]) -> Iterator[Path]:
    """A temporary sibling whose files take their place in `directory` only when all are whole.

    Files in `directory` that are not ours are left alone.
    """
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise _unwritable(directory, error) from error
    try:
        yield staging
        directory.mkdir(exist_ok=True)
        for old in directory.iterdir():
            if is_ours(old.name) and not (staging / old.name).exists():
                old.unlink(missing_ok=True)
        for new in sorted(staging.iterdir()):
            new.replace(directory / new.name)
    except OSError as error:
        raise _unwritable(directory, error) from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _unwritable(directory: Path, error: OSError) -> DataError:
    return DataError(
        message(
            "The demo data cannot be written to {directory}: {reason}. "
            "Choose a folder that can be written to, with room for the files.",
            directory=directory,
            reason=error.strerror or error,
        )
    )
