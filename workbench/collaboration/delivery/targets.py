"""Where a message can go: ``file:FOLDER``, ``mail:ADDRESS``, ``https://…``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from workbench.errors import ArgumentError
from workbench.messages import marked, message

FILE, MAIL, WEB = "file", "mail", "web"
FORMS = marked("'file:FOLDER', 'mail:somebody@example.com', or a web address (https://…)")


@dataclass(frozen=True)
class Target:
    """One place that a message goes to.

    Attributes
    ----------
    kind : {"file", "mail", "web"}
    place : str
        Folder, address or web address.
    text : str
        As it was written.
    """

    kind: str
    place: str
    text: str


def targets_from(given: Iterable[str], argument: str = "to") -> tuple[Target, ...]:
    """Read targets; the same one twice is one.

    Raises
    ------
    ArgumentError
        For a text that names no place, an address that cannot be one, or a web address with a
        password in it: credentials come from the environment only.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ArgumentError.of(argument, given, message("a list of {forms}", forms=message(FORMS)))
    found = [_target(item, argument) for item in given]
    return tuple({(t.kind, t.place): t for t in found}.values())


def _target(item: object, argument: str) -> Target:
    if not isinstance(item, str) or not item.strip() or "\n" in item or "\r" in item:
        raise ArgumentError.of(argument, item, message(FORMS))
    text = item.strip()
    scheme, found, rest = text.partition(":")
    kind = scheme.lower() if found else ""
    if kind == "file" and rest.strip():
        return Target(FILE, _folder(rest.strip(), argument), text)
    if kind in ("mail", "mailto") and rest.strip():
        return Target(MAIL, address(rest.strip(), argument), text)
    if kind in ("http", "https"):
        return Target(WEB, _web(text, argument), text)
    if "@" in text:
        return Target(MAIL, address(text, argument), text)
    raise ArgumentError.of(argument, item, message(FORMS))


def _folder(text: str, argument: str) -> str:
    place = text.removeprefix("//")
    if "\0" in place or ".." in re.split(r"[/\\]", place):
        raise ArgumentError.of(argument, text, message("a folder without '..' in it"))
    return place


def address(text: str, argument: str = "to") -> str:
    """An e-mail address in its plain form.

    Raises
    ------
    ArgumentError
        For a text that is none. Whether somebody reads it is not asked.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise ArgumentError.of(
            argument, text, message("an e-mail address such as 'somebody@example.com'")
        ) from None
    return found.normalized


def _web(text: str, argument: str) -> str:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, None
    if not host or parts is None:
        raise ArgumentError.of(argument, text, message("a web address with a host"))
    if parts.username or parts.password:
        raise ArgumentError(
            message(
                "The web address for {host} carries a name or password. Take it out and set "
                "WORKBENCH_WEBHOOK_TOKEN in the environment instead.",
                host=repr(host),
            )
        )
    return text


def is_here(host: str) -> bool:
    """Whether a host is this computer itself."""
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def folder_of(place: str, root: Path) -> Path:
    """The folder of a file target; one that is not absolute lies in `root`."""
    path = Path(place)
    return path if path.is_absolute() else root / path


def seconds_of(environment: Mapping[str, str], name: str, default: float) -> float:
    """A number of seconds of the environment, from 0.1 to 600.

    Raises
    ------
    ArgumentError
        For anything else.
    """
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0.1 <= found <= 600:
        raise ArgumentError.of(name, text, message("a number of seconds from 0.1 to 600"))
    return found
