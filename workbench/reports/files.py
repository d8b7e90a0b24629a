"""Writing a page so that a reader sees the old one or the new one, never half of one."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import unicodedata
from pathlib import Path

from workbench.errors import ReportError
from workbench.messages import message


def write_whole(path: Path, text: str) -> Path:
    """Replace `path` by `text` in one step; what was there stays until the new page is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", dir=path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _unwritable(path: Path, error: OSError) -> ReportError:
    return ReportError(
        message(
            "{path} cannot be written: {reason}. Make room or give another folder with --out; "
            "the page that was there is unchanged.",
            path=path,
            reason=error.strerror or error,
        )
    )


def file_name(text: str, *, longest: int = 60) -> str:
    """Return `text` as a part of a file name, letters of every script kept."""
    words = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFC", text).lower()).strip("-_")
    return words[:longest].strip("-_") or slug(text)


def slug(text: str, *, fallback: str = "part", longest: int = 60) -> str:
    """Return `text` as lower-case ASCII words joined by hyphens, safe in an id or a file name.

    Texts without any ASCII letter keep a short digest, so that different texts stay different.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:longest].strip("-")
    lost = any(ord(character) > 127 and character.isalpha() for character in text)
    if words and not lost:
        return words
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{words or fallback}-{digest}"


def file_size(count: int) -> str:
    """Return `count` bytes as a reader says it."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000)):,} kB"
    return f"{count / 1_000_000:.1f} MB"
