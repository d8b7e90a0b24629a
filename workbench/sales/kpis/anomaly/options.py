"""The built-in list of anomalies: what each is called, and the options it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import marked, message


@dataclass(frozen=True)
class Check:
    """One anomaly of the list.

    Attributes
    ----------
    label : str
        What a reader calls it; options stand in braces.
    among : str
        Which deals it is looked for in.
    options : mapping
        Names and defaults of its options.
    """

    label: str
    among: str = marked("open deals")
    options: Mapping[str, Any] = field(default_factory=dict)


CHECKS: dict[str, Check] = {
    "close_date_past": Check(marked("Expected close lies in the past")),
    "stalled": Check(
        marked("No stage change for longer than usual"),
        options={"max_days": None, "percentile": 75, "least_deals": 20},
    ),
    "no_activity": Check(
        marked("No activity in {days} days and none planned"),
        options={"days": 30, "of": "opportunity"},
    ),
    "amount_missing": Check(marked("No amount, or zero")),
    "next_step_empty": Check(marked("Next step is empty")),
    "pushed": Check(
        marked("Expected close moved later {at_least} times or more"),
        options={"at_least": 3, "by": "day"},
    ),
    "probability_differs": Check(
        marked("Probability differs from that of the stage"), options={"tolerance": 0.005}
    ),
    "no_customer_person": Check(marked("No person of the customer")),
    "won_without_history": Check(marked("Won without history"), among=marked("won deals")),
    "closes_on_creation_day": Check(
        marked("Closes on the day of creation"),
        among=marked("deals"),
        options={"of": "all"},
    ),
    "owner_inactive": Check(marked("Owner is no longer active")),
    "closes_far_ahead": Check(
        marked("Expected close more than {months} months ahead"), options={"months": 18}
    ),
}
_CHOICES = {
    ("no_activity", "of"): ("opportunity", "account"),
    ("pushed", "by"): ("day", "month"),
    ("closes_on_creation_day", "of"): ("all", "open"),
}
_LIMITS: dict[str, tuple[float, float]] = {
    "max_days": (0, 100_000),
    "percentile": (1, 99),
    "least_deals": (1, 1_000_000),
    "days": (1, 100_000),
    "at_least": (1, 10_000),
    "tolerance": (0, 1),
    "months": (1, 1_200),
}


def label_of(name: str, options: Mapping[str, Any]) -> str:
    """What a reader calls a check with its options."""
    return message(CHECKS[name].label, **options) if options else message(CHECKS[name].label)


def among(name: str) -> str:
    """Which deals a check looks at, as a reader sees it."""
    return message(CHECKS[name].among)


def checks_of(given: Any) -> dict[str, dict[str, Any]]:
    """Names of the checks that are asked for, each with all of its options.

    Parameters
    ----------
    given : str, list, mapping or None
        Names, or names with options such as ``{"no_activity": {"days": 14}}``; all with their
        defaults when left out.
    """
    if given is None:
        given = list(CHECKS)
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, Mapping | Sequence) or not given:
        raise ArgumentError.of("checks", given, CHECKS)
    asked = given if isinstance(given, Mapping) else {name: {} for name in given}
    return {str(name): options_of(name, options, "checks") for name, options in asked.items()}


def options_of(name: Any, given: Any, argument: str) -> dict[str, Any]:
    """All options of a check, the given ones in place of the defaults."""
    if not isinstance(name, str) or name not in CHECKS:
        raise ArgumentError.of(argument, name, CHECKS)
    defaults = CHECKS[name].options
    if given is None:
        given = {}
    if not isinstance(given, Mapping):
        raise ArgumentError.of(f"{argument}.{name}", given, message("a mapping of options"))
    for key, value in given.items():
        if key not in defaults:
            raise ArgumentError.of(
                f"{argument}.{name}", key, defaults or message("no options for this check")
            )
        _check(name, str(key), value, f"{argument}.{name}.{key}")
    return {**defaults, **given}


def _check(name: str, key: str, value: Any, argument: str) -> None:
    if (name, key) in _CHOICES:
        if value not in _CHOICES[name, key]:
            raise ArgumentError.of(argument, value, _CHOICES[name, key])
        return
    if value is None and CHECKS[name].options[key] is None:
        return
    low, high = _LIMITS[key]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    whole = key in ("tolerance",) or float(value if number else 0).is_integer()
    if not number or not whole or not low <= value <= high:
        raise ArgumentError.of(
            argument,
            value,
            message("a number from {low} to {high}", low=f"{low:g}", high=f"{high:,.0f}"),
        )
