"""Where an export is written: inside the folder that was named, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.reports.files import safe_name


def inside(folder: Path, name: str) -> Path:
    """The path of a file that stands in `folder` and nowhere else, also behind a link.

    Raises
    ------
    ReportError
        For a name that leads elsewhere (``../x``), or that a system keeps for itself.
    ArgumentError
        Where a link stands in its place.
    """
    path = folder / safe_name(name)
    if path.is_symlink() or (folder.exists() and path.resolve().parent != folder.resolve()):
        raise ArgumentError.of("out", str(path), message("a file of its own in its folder"))
    return path


def write_bytes(path: Path, content: bytes) -> Path:
    """Replace `path` by `content` in one step."""
    part = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(part).chmod(0o644)
        Path(part).replace(path)
    except OSError as problem:
        raise ArgumentError.of(
            "out", str(path), message("a place that can be written"), f"{problem.strerror}."
        ) from None
    finally:
        if part:
            Path(part).unlink(missing_ok=True)
    return path
