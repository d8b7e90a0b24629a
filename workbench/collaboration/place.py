"""Where the store of collaboration lies and who uses it, told without opening anything."""

from __future__ import annotations

import getpass
import os
from pathlib import Path

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.messages import message

ADDRESS = "WORKBENCH_COLLABORATION"
USER = "WORKBENCH_USER"
FILE = "collaboration.db"


def user_name(given: str | None = None) -> str:
    """Who acts: the argument, ``WORKBENCH_USER``, else the name of the operating system's user."""
    if given is not None:
        if not isinstance(given, str) or not given.strip():
            raise ArgumentError.of("by", given, message("a name"))
        return _written(given)
    named = os.environ.get(USER, "").strip()
    if named:
        return _written(named)
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return message("unknown")


def store_address(given: str | Path | None = None) -> str:
    """Where the store lies: the argument, ``WORKBENCH_COLLABORATION``, else beside the project.

    The project is the nearest folder, from the working folder upwards, that holds ``parameters``.
    """
    named = str(given or os.environ.get(ADDRESS, "")).strip()
    if named:
        return named
    return str(shelf.project() / FILE)


def there_is_a_store(given: str | Path | None = None) -> bool:
    """Whether there may be something to read: a server's address, or a file that exists."""
    named = store_address(given)
    if "://" in named and not named.startswith("sqlite"):
        return True
    path = Path(named.partition(":///")[2] or named).expanduser()
    return path.is_file() or (path / FILE).is_file()


def _written(name: str) -> str:
    """A name as every database can hold it."""
    return name.strip().replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
