"""Who is told about new leads: contacts of the business profile, and what overrides them.

Source: partner-leads.md, section 7 (an e-mail preference of the Action centre overrides the setting
of the profile).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message

KEYS = ("name", "email", "profile", "action_centre")


@dataclass(frozen=True)
class Recipient:
    """Somebody who is told.

    Attributes
    ----------
    name, address : str
        Empty where messages are written for nobody in particular.
    """

    name: str = ""
    address: str = ""


def recipients_of(given: Any) -> list[Recipient]:
    """The people who are told, each address once, in the order given.

    Parameters
    ----------
    given : list of mappings, or path of a YAML file with such a list, optional
        ``name`` and ``email`` as in the business profile; ``profile`` says whether it wants mails
        (true when left out); ``action_centre`` overrides it where it is set: true, false, or
        another address.

    Raises
    ------
    ArgumentError
        For an unknown key, or an address that is none.
    """
    if given is None:
        return [Recipient()]
    found: dict[str, Recipient] = {}
    for entry in _listed(given):
        for key in entry:
            if key not in KEYS:
                raise ArgumentError.of("recipients", key, KEYS)
        chosen = entry.get("action_centre")
        if chosen is None:
            chosen = entry.get("profile", True)
        if not isinstance(chosen, bool | str):
            raise ArgumentError.of(
                "action_centre", chosen, message("true, false, or a mail address")
            )
        if chosen is False:
            continue
        address = _address(entry.get("email") if chosen is True else chosen)
        found.setdefault(address.lower(), Recipient(str(entry.get("name") or address), address))
    return list(found.values())


def _listed(given: Any) -> list[Mapping[str, Any]]:
    allowed = message("a list of mappings with name and email, or a YAML file with such a list")
    if isinstance(given, str | Path):
        import yaml

        try:
            given = yaml.safe_load(Path(given).read_text("utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            raise ArgumentError.of("recipients", str(given), allowed) from None
    if not isinstance(given, list | tuple) or not all(isinstance(e, Mapping) for e in given):
        raise ArgumentError.of("recipients", given, allowed)
    return list(given)


def _address(value: Any) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(str(value or ""), check_deliverability=False).normalized
    except EmailNotValidError:
        raise ArgumentError.of("email", value, message("a mail address")) from None
