"""Writing pages and folders so that a reader sees the old or the new one, never half of one."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workbench.errors import ReportError
from workbench.messages import message


def write_whole(path: Path, text: str) -> Path:
    """Replace `path` by `text` in one step; what was there stays until the new page is whole."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.stem[:40]}-", dir=path.parent)
    except OSError as error:
        raise unwritable(path, error) from error
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)
    return path


def write_folder(target: Path, fill: Callable[[Path], None], *, most: int = 1_000) -> Path:
    """Make a folder that is there whole or not at all, and never in place of another.

    Parameters
    ----------
    target : pathlib.Path
        Where it is to stand; ``-2``, ``-3`` … is added while that name is taken.
    fill : callable
        Writes the files into the folder it is given; what it cannot write, it raises.

    Returns
    -------
    pathlib.Path
        Where it stands.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=target.parent))
    except OSError as error:
        raise unwritable(target, error) from error
    try:
        draft.chmod(0o755)
        fill(draft)
        for path in sorted(draft.rglob("*")):
            if path.is_file():
                _on_disk(path)
        for number in range(1, most):
            place = target if number == 1 else target.with_name(f"{target.name}-{number}")
            if not place.exists():
                # Of two that take the same name at once, one finds it taken and goes on.
                with suppress(OSError):
                    draft.rename(place)
                    return place
        raise unwritable(target, FileExistsError(17, message("too many of one instant")))
    except OSError as error:
        raise unwritable(target, error) from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)


DRAFT = ".draft-"


def _on_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


_RESERVED = {"con", "prn", "aux", "nul", *(f"{n}{i}" for n in ("com", "lpt") for i in range(1, 10))}
_FORBIDDEN = re.compile(r'[\x00-\x1f<>:"/\\|?*]')


def safe_name(name: str) -> str:
    """Return the name of a report when it can name a file here, on every system.

    Raises
    ------
    ReportError
        For a name that leads elsewhere (``../x``), hides the file, or is taken by the index.
    """
    stem = name.split(".")[0].strip().casefold()
    bad = (
        not name or name != name.strip() or name.startswith(".") or name.endswith(".")
        or _FORBIDDEN.search(name) or stem in _RESERVED or len(name.encode()) > 200
    )  # fmt: skip
    if bad:
        raise ReportError(
            message(
                "A report cannot be called {name}: its page and its runs are kept under this name. "
                "Use letters, digits, hyphens and underscores.",
                name=repr(name),
            )
        )
    if name.casefold() == "index":
        raise ReportError(
            message(
                "A report cannot be called {name}: index.html is the list of all reports. "
                "Give it another name.",
                name=repr(name),
            )
        )
    return name


def unwritable(path: Path, error: OSError) -> ReportError:
    """The refusal for a place that cannot be written."""
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
