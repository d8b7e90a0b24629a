"""Files that only grow: lines added whole, by one writer at a time, and on the disk when done."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def alone(path: Path) -> Iterator[IO[bytes]]:
    """The file opened for adding, while no other writer has it."""
    with path.open("a+b") as stream:
        if os.name == "nt":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            # Let go when the file is closed, also by a process that dies.
            fcntl.flock(stream.fileno(), fcntl.LOCK_EX)
        yield stream


def add(stream: IO[bytes], lines: str, *, errors: str = "replace") -> None:
    """Add lines at the end, on a line of their own also where a dead writer left half of one.

    Parameters
    ----------
    stream : file
        As `alone` opens it.
    lines : str
        Each with its end of line.
    errors : str
        What becomes of characters that UTF-8 does not have.
    """
    end = stream.seek(0, os.SEEK_END)
    begin = b""
    if end:
        stream.seek(end - 1)
        begin = b"" if stream.read(1) == b"\n" else b"\n"
    stream.write(begin + lines.encode("utf-8", errors))
    stream.flush()
    os.fsync(stream.fileno())
