"""What a text parameter of a report stands for, so that an impossible value is refused early.

A line of the parameters cell names it in brackets at the beginning of its comment:
``within: str = "365d"  # [duration] limit of the journey`` or
``granularity: str = "month"  # [week | month | quarter] bucket of the trend``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from workbench.errors import ArgumentError, ReportError
from workbench.messages import message

_MARK = re.compile(r"\[([^\[\]]*)\]")
# Rolling periods need a day to end with; which one makes no difference to whether they can be read.
_SOME_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def _duration(value: Any, argument: str) -> None:
    from workbench.vocabulary.durations import Duration

    Duration.parse(value, argument)


def _period(value: Any, argument: str) -> None:
    from workbench.vocabulary.fiscal import is_fiscal
    from workbench.vocabulary.periods import Period

    if not (isinstance(value, str) and is_fiscal(value)):
        Period.parse(value, "UTC", _SOME_DAY, argument)


def _container(value: Any, argument: str) -> None:
    from workbench.vocabulary.containers import container_named

    container_named(value, argument)


def _date(value: Any, argument: str) -> None:
    from workbench.vocabulary.periods import Period

    try:
        if datetime.fromisoformat(str(value).strip()).tzinfo is not None:
            return
    except ValueError:
        pass
    try:
        dated = Period.parse(str(value), argument=argument).end is not None
    except ArgumentError:
        dated = False
    if not dated:
        allowed = message("a date such as '2026-06-30', or an instant with its zone")
        raise ArgumentError.of(argument, value, allowed)


def _step(value: Any, argument: str) -> None:
    from workbench.vocabulary.steps import steps_from

    steps_from([value], argument)


_CHECKS: dict[str, Callable[[Any, str], None]] = {
    "container": _container,
    "date": _date,
    "duration": _duration,
    "period": _period,
    "step": _step,
}


def check_line(name: str, help_text: str) -> None:
    """Refuse a mark in brackets that stands for nothing.

    Raises
    ------
    ReportError
        With the kinds there are.
    """
    mark = _mark_of(help_text)
    if mark and "|" not in mark and mark not in _CHECKS:
        raise ReportError(
            message(
                "Parameter {name}: [{mark}] is no kind of value. Kinds: {known}, or choices such "
                "as [week | month].",
                name=name,
                mark=mark,
                known=", ".join(_CHECKS),
            )
        )


def impossible(name: str, help_text: str, value: Any) -> str:
    """Why a value cannot be what the comment of its line says; empty when it can.

    An empty text stands for "not set" and always can; of a list every item is looked at.
    """
    mark = _mark_of(help_text)
    if not mark:
        return ""
    try:
        for one in value if isinstance(value, list | tuple) else [value]:
            if one not in ("", None):
                _check(mark, one, name)
    except ArgumentError as error:
        return str(error)
    return ""


def _check(mark: str, value: Any, name: str) -> None:
    if "|" not in mark:
        _CHECKS[mark](value, name)
        return
    choices = [choice.strip() for choice in mark.split("|")]
    if str(value) not in choices:
        raise ArgumentError.of(name, value, choices)


def _mark_of(help_text: str) -> str:
    found = _MARK.match(help_text)
    return found[1].strip() if found else ""
