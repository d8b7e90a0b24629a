"""What was asked about the pipeline: which deals, which days, from when it is looked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.money import rule_in_words
from workbench.results import numbers
from workbench.results.base import Scope
from workbench.sales.deals import Deals, deals_of
from workbench.sales.fiscal import FiscalPeriod, fiscal_periods
from workbench.sales.history import QUALITIES, History, history_of
from workbench.sales.pipeline.groups import Grouping, everyone, grouping
from workbench.sales.pipeline.standing import Standing, newest_of, standing_at
from workbench.sales.population import population
from workbench.sales.ranges import Range, day_of, read_range
from workbench.vocabulary.conditions import condition_from
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Question:
    """What was asked, checked and read.

    Attributes
    ----------
    analysis : str
    deals : Deals
    as_of : datetime
        The instant from which it is looked, in UTC.
    range : Range
    chosen : numpy.ndarray of bool
        Deals of the population whose history has an allowed quality.
    where, by, quality, calendar, more
        As asked; `more` holds what only this analysis takes.
    """

    analysis: str
    deals: Deals
    as_of: datetime
    range: Range
    chosen: np.ndarray
    where: Any = None
    by: str | None = None
    quality: tuple[str, ...] = ()
    calendar: tuple[FiscalPeriod, ...] = ()
    asked_calendar: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """The workspace that was asked."""
        return self.deals.workspace

    @property
    def zone(self) -> str:
        """The reporting zone."""
        return self.workspace.settings.report_tz

    @property
    def instant(self) -> int:
        """`as_of` in microseconds since 1970."""
        return microseconds_of(self.as_of)

    @property
    def day(self) -> int:
        """The day of `as_of` in the reporting zone, since 1970."""
        return day_of(self.as_of, self.zone)

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.deals.currency

    @property
    def looks_back(self) -> bool:
        """Whether the tables know more than what had been saved by `as_of`."""
        return self.instant < newest_of(self.deals)

    @cached_property
    def history(self) -> History:
        """What was saved on the deals."""
        return history_of(self.workspace)

    @cached_property
    def standing(self) -> Standing:
        """The deals as they stood at `as_of`."""
        return standing_at(self.deals, self.instant)

    @cached_property
    def taking_part(self) -> np.ndarray:
        """Chosen deals that existed at `as_of`."""
        return self.chosen & self.standing.exists

    @cached_property
    def groups(self) -> Grouping:
        """The group of each deal; one group of all where none was asked for."""
        if self.by is None:
            return Grouping(np.zeros(len(self.deals), np.int64), [everyone()])
        return grouping(self.deals, self.by, self.standing)

    def plain(self) -> dict[str, Any]:
        """The mapping that asks the same question again."""
        where = None if self.where is None else condition_from(self.where, "where").plain()
        optional = {
            "period": self.range.text or None,
            "where": where,
            "by": self.by,
            "quality": list(self.quality) or None,
            "as_of": self.as_of.isoformat() if self.as_of != self.workspace.as_of else None,
            "calendar": [p.plain() for p in self.calendar] if self.asked_calendar else None,
        }
        return {
            "analysis": self.analysis,
            **{name: value for name, value in optional.items() if value is not None},
            **self.more,
        }

    def scope(self, *notes: str) -> Scope:
        """What the numbers speak of, and what was set aside."""
        told = [*notes]
        missing = int((self.chosen & ~self.standing.exists).sum())
        if missing:
            told.append(
                message_of_count(
                    "{count} opportunity was created later, or nobody knows when.",
                    "{count} opportunities were created later, or nobody knows when.",
                    missing,
                )
            )
        stand_in = int((self.taking_part & self.standing.stand_in).sum())
        if stand_in:
            told.append(
                message_of_count(
                    "Nothing was saved on {count} opportunity by then: today's values stand in.",
                    "Nothing was saved on {count} opportunities by then: today's values stand in.",
                    stand_in,
                )
            )
        return Scope(
            container="opportunity",
            period=self.range.in_words(),
            as_of=numbers.day(self.as_of, self.zone),
            events=int(self.taking_part.sum()),
            notes=tuple(told),
        )

    def quality_note(self, taking_part: np.ndarray | None = None) -> str:
        """The mix of qualities of history, as a sentence."""
        chosen = self.taking_part if taking_part is None else taking_part
        counts = np.bincount(self.history.quality[chosen], minlength=len(QUALITIES))
        words = {
            "full": message("full"), "partial": message("partial"),
            "truncated": message("cut off"), "none": message("only the last change"),
            "absent": message("none"),
        }  # fmt: skip
        parts = [
            f"{words[name]} {numbers.count(n)}"
            for name, n in zip(QUALITIES, counts, strict=True)
            if n
        ]
        return message(
            "History of the {n} opportunities: {parts}.",
            n=numbers.count(counts.sum()),
            parts=", ".join(parts) or numbers.NOTHING,
        )

    def money_note(self) -> str:
        """Currency and rule of conversion, as a sentence."""
        if not self.currency:
            return message("Amounts carry no currency; they are added as they are.")
        return message(
            "Amounts are in {currency}, {rule}.",
            currency=self.currency,
            rule=rule_in_words(self.workspace),
        )

    def sentences(self) -> list[str]:
        """Options that every analysis of the pipeline has, in sentences."""
        out = []
        if self.where is not None:
            out.append(
                message(
                    "Only opportunities where {condition}: {n} of {total}.",
                    condition=_in_words(self.where),
                    n=numbers.count(self.chosen.sum()),
                    total=numbers.count(len(self.deals)),
                )
            )
        if self.quality:
            out.append(
                message(
                    "Only opportunities whose history is {qualities}.",
                    qualities=", ".join(self.quality),
                )
            )
        return out


def _in_words(where: Any) -> str:
    plain = condition_from(where, "where").plain()
    return ", ".join(f"{name} {_value(value)}" for name, value in plain.items())


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(f"{name} {_value(item)}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return " / ".join(_value(item) for item in value)
    return str(value)


def ask(
    analysis: str,
    workspace: Workspace,
    *,
    period: Any = None,
    where: Any = None,
    by: str | None = None,
    as_of: Any = None,
    quality: Any = None,
    calendar: Any = None,
    more: Mapping[str, Any] | None = None,
) -> Question:
    """Check what every analysis of the pipeline takes, and read it.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, before any deal is counted.
    """
    when = read_as_of(workspace, as_of)
    periods = fiscal_periods(workspace, calendar)
    asked = read_range(workspace, period, as_of=when, calendar=periods)
    qualities = _qualities(quality)
    if by is not None and not isinstance(by, str):
        raise ArgumentError.of("by", by, message("the name of one column"))
    deals = deals_of(workspace)
    chosen = population(deals, where)
    if qualities:
        places = [QUALITIES.index(name) for name in qualities]
        chosen = chosen & np.isin(history_of(workspace).quality, places)
    found = Question(
        analysis=analysis,
        deals=deals,
        as_of=when,
        range=asked,
        chosen=chosen,
        where=where,
        by=by,
        quality=qualities,
        calendar=periods,
        asked_calendar=calendar is not None,
        more=dict(more or {}),
    )
    if by is not None:
        _ = found.groups
    return found


def read_as_of(workspace: Workspace, value: Any) -> datetime:
    """The instant from which it is looked; the workspace's own when left out.

    Raises
    ------
    ArgumentError
        For what is no date or instant, or lies after the workspace's own.
    """
    if value is None or value == "":
        return workspace.as_of
    allowed = message(
        "a date such as '2026-06-30' or an instant with its zone, up to {day}",
        day=numbers.day(workspace.as_of, workspace.settings.report_tz),
    )
    try:
        read = value if isinstance(value, datetime | date) else datetime.fromisoformat(str(value))
    except ValueError:
        raise ArgumentError.of("as_of", str(value), allowed) from None
    whole_day = not isinstance(read, datetime) or (
        isinstance(value, str) and len(value.strip()) <= len("2026-06-30")
    )
    if whole_day:
        day = Period.parse(f"{read:%Y-%m-%d}", workspace.settings.report_tz, argument="as_of")
        found = (day.end or workspace.as_of) - timedelta(microseconds=1)
        last = workspace.as_of.astimezone(ZoneInfo(workspace.settings.report_tz)).date()
        found = min(found, workspace.as_of) if read.isoformat()[:10] == last.isoformat() else found
    elif isinstance(read, datetime) and read.tzinfo is not None:
        found = read
    else:
        raise ArgumentError.of("as_of", str(value), allowed)
    if found > workspace.as_of:
        raise ArgumentError.of("as_of", str(value), allowed)
    return found


def _qualities(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Iterable) or not all(name in QUALITIES for name in names):
        wrong = next((n for n in names if n not in QUALITIES), value) if names else value
        raise ArgumentError.of("quality", wrong, QUALITIES)
    return tuple(name for name in QUALITIES if name in set(names))
