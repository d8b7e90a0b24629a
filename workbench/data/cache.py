"""The folder that keeps what was built: named by a fingerprint, swapped in whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import duckdb
import platformdirs

import workbench
from workbench.data.checked import DATABASE, DESCRIPTION
from workbench.data.findings import UnusableDataError
from workbench.errors import WorkbenchError
from workbench.messages import message

FORMAT = "2"
BUILDS_KEPT = 4
DAY = 86_400


def cache_root(given: Path | None = None) -> Path:
    """Where caches lie: the argument, ``WORKBENCH_CACHE``, else the user's cache folder."""
    if given is not None:
        return Path(given).expanduser().absolute()
    named = os.environ.get("WORKBENCH_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    return Path(platformdirs.user_cache_dir("b2b-journey-workbench"))


def fingerprint(texts: Iterable[str], inputs: Iterable[Path]) -> str:
    """A short name for these texts and these states of files; no file is read."""
    seen = hashlib.sha256()
    for text in (FORMAT, workbench.__version__, duckdb.__version__, *texts):
        seen.update(text.encode("utf-8", "surrogateescape") + b"\0")
    for path in inputs:
        state = path.stat()
        line = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}\0"
        seen.update(line.encode("utf-8", "surrogateescape"))
    return seen.hexdigest()[:16]


def is_whole(directory: Path) -> bool:
    """Whether a folder holds a finished build."""
    return (directory / DESCRIPTION).is_file() and (directory / DATABASE).is_file()


def built(target: Path, build: Callable[[Path], None], *, refresh: bool = False) -> Path:
    """Make sure that `target` holds a finished build.

    The build goes into a temporary folder beside it and is renamed when whole. Whatever happens
    before that leaves nothing behind. Of two processes that build at once, the later one's result
    replaces nothing: it is thrown away and the earlier one's is used.
    """
    if is_whole(target) and not refresh:
        with suppress(OSError):
            os.utime(target)
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    except OSError as error:
        raise _no_room(target.parent, error) from error
    try:
        build(temporary)
        _swap(temporary, target, refresh=refresh)
        _prune(target)
    except OSError as error:
        raise _no_room(target.parent, error) from error
    except (duckdb.Error, RuntimeError) as error:
        if "interrupt" in str(error).lower():  # Ctrl-C during a query, which DuckDB calls an error
            raise KeyboardInterrupt from None
        if not isinstance(error, duckdb.Error):
            raise
        if _is_about_room(error):
            raise _no_room(target.parent, error) from error
        raise UnusableDataError(
            message("The files cannot be read to their end: {why}", why=str(error).splitlines()[0])
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return target


def _swap(temporary: Path, target: Path, *, refresh: bool) -> None:
    shutil.rmtree(temporary / "scratch", ignore_errors=True)
    if target.exists() and (refresh or not is_whole(target)):
        old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent))
        target.rename(old / "was")
        shutil.rmtree(old, ignore_errors=True)
    try:
        temporary.rename(target)
    except OSError:
        if not is_whole(target):
            raise


def _prune(target: Path) -> None:
    """Take away builds of older states of the same workspace; the last used ones stay."""
    name = target.name.rpartition("-")[0]
    own = re.compile(re.escape(name) + r"-[0-9a-f]{16}")
    builds = [path for path in target.parent.iterdir() if own.fullmatch(path.name)]
    builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in builds[BUILDS_KEPT:]:
        if old != target:
            shutil.rmtree(old, ignore_errors=True)
    # A process that was killed could not take its draft away; one of today may still be at work.
    for draft in target.parent.glob(f".{name}-*"):
        with suppress(OSError):
            if max(path.stat().st_mtime for path in (draft, *draft.iterdir())) < time.time() - DAY:
                shutil.rmtree(draft, ignore_errors=True)


def _is_about_room(error: duckdb.Error) -> bool:
    text = str(error).lower()
    return isinstance(error, duckdb.OutOfMemoryException) or any(
        sign in text for sign in ("no space", "could not write", "cannot write", "read-only file")
    )


class CacheError(WorkbenchError):
    """The cache folder cannot be written."""


def _no_room(folder: Path, error: Exception) -> CacheError:
    return CacheError(
        message(
            "The cache folder {folder} cannot be written: {why}. Free some room or set "
            "WORKBENCH_CACHE to a folder that can be written. Nothing half-written was left.",
            folder=folder,
            why=str(error).splitlines()[0] if str(error) else type(error).__name__,
        )
    )
