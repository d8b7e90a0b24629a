"""Alerts from mappings and from YAML files; everything that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from workbench import shelf
from workbench.collaboration.alerts.record import Alert, Mute, Trigger
from workbench.collaboration.anomalies.holiday_table import check_calendars
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.reasons import MISSING, UNKNOWN, Reason, reasons


def alert_of(definition: Any) -> Alert:
    """One alert from its mapping.

    Raises
    ------
    ArgumentError
        With everything that is wrong, each with its place.
    """
    if isinstance(definition, Alert):
        return definition
    if not isinstance(definition, Mapping):
        raise ArgumentError.of("alert", definition, message("a mapping with name and triggers"))
    try:
        found = Alert.model_validate({str(key): value for key, value in definition.items()})
    except ValidationError as error:
        raise ArgumentError(_explained(definition, error)) from None
    if found.holidays is not None:
        check_calendars(found.holidays)
    return found


def alerts_of_file(path: str | Path) -> list[Alert]:
    """Alerts of a YAML file: one mapping, a list of them, or ``alerts:`` and a list.

    Raises
    ------
    ArgumentError
        For a file that cannot be read, and for every alert that cannot be.
    """
    place = Path(path)
    if not place.is_file():
        raise ArgumentError(message("There is no file of alerts {path}.", path=path))
    content = shelf.read(place)
    if isinstance(content, Mapping) and set(content) == {"alerts"}:
        content = content["alerts"]
    given = [content] if isinstance(content, Mapping) else content
    if not isinstance(given, list):
        raise ArgumentError.of("alerts", str(path), message("a list of alerts"))
    return [alert_of(item) for item in given]


def as_yaml(alert: Alert) -> str:
    """The alert as text that `alerts_of_file` reads."""
    return shelf.as_yaml(alert.plain())


def _explained(definition: Mapping[str, Any], error: ValidationError) -> str:
    name = str(definition.get("name") or message("without a name"))
    head = message("The alert {name!r} cannot be used:", name=name)
    found = reasons([dict(problem) for problem in error.errors()])
    return "\n".join([head, *(f"- {_sentence(reason)}" for reason in found)])


def _sentence(reason: Reason) -> str:
    if reason.kind == UNKNOWN:
        known = _known(reason)
        return message("{place}: unknown key. Known here: {known}.", place=reason.path,
                       known=", ".join(known))  # fmt: skip
    if reason.kind == MISSING:
        return message("{place}: this key is needed.", place=reason.path)
    if reason.needed:
        return message("{place}: {given} cannot be used. Needed: {needed}.", place=reason.path,
                       given=reason.shown, needed=reason.needed)  # fmt: skip
    return message("{place}: {reason}.", place=reason.path or message("alert"),
                   reason=reason.said)  # fmt: skip


def _known(reason: Reason) -> list[str]:
    model: Any = Alert
    if "triggers" in reason.place:
        model = Trigger
    elif "mute" in reason.place:
        model = Mute
    return [field.alias or name for name, field in model.model_fields.items()]
