"""Groups of a report: values of a field, buckets, units of the calendar; their SQL and order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from workbench.messages import message
from workbench.results import numbers
from workbench.sales.catalogue import Catalogue
from workbench.sales.reporting.model import Bucket, Group
from workbench.sales.views.amounts import converted
from workbench.sales.views.dates import calendar_of
from workbench.sales.views.fields import Objects
from workbench.sales.views.schema import FieldOf


@dataclass(frozen=True)
class GroupOf:
    """A group that was found.

    Attributes
    ----------
    name : str
        What it is called.
    sql : str
        Value of a row; null for none.
    label : callable
        A value as a reader sees it.
    known : tuple
        Values that have an order of their own, in it.
    every : tuple
        Values that are shown even without rows: those of a bucket.
    field : FieldOf or None
    following : callable or None
        For units of the calendar: the first day of the unit after the one that begins on a day.
    """

    name: str
    sql: str
    label: Callable[[Any], str]
    known: tuple[Any, ...] = ()
    every: tuple[Any, ...] = ()
    field: FieldOf | None = None
    following: Callable[[date], date] | None = None

    @property
    def known_day(self) -> bool:
        """Whether the group is the day of a trend."""
        return self.field is not None and self.field.column == "snapshot_on"

    def place(self, value: Any) -> tuple[Any, ...]:
        """Where a value stands: known ones first, empty last."""
        if value is None:
            return (2, 0, "")
        if value in self.known:
            return (0, self.known.index(value), "")
        if isinstance(value, bool | int | float):
            return (1, float(value), "")
        return (1, 0, value.isoformat() if isinstance(value, date) else str(value))


def empty_label() -> str:
    """What the group of rows without a value is called."""
    return message("(empty)")


def group_of(
    asked: Group, buckets: dict[str, Bucket], objects: Objects, where: str,
    money: dict[str, str], place: str,
) -> GroupOf:  # fmt: skip
    """The group of a definition.

    Raises
    ------
    NotKnown, ValueError, ArgumentError
        With a sentence.
    """
    if asked.field in buckets:
        return _bucketed(asked, buckets[asked.field], objects, where, money, place)
    found = objects.find(asked.field)
    if found.kind in ("date", "instant"):
        return _dated(asked, found, objects)
    if asked.by:
        raise ValueError(
            message("{field} holds {kind}, 'by' needs dates", field=asked.field, kind=found.kind)
        )
    if found.kind == "list":
        raise ValueError(message("{field} holds lists and makes no groups", field=asked.field))
    return GroupOf(asked.label, found.sql, _plain, _stages(found, objects), field=found)


def _plain(value: Any) -> str:
    if value is None:
        return empty_label()
    if isinstance(value, bool):
        return message("yes") if value else message("no")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _stages(found: FieldOf, objects: Objects) -> tuple[str, ...]:
    """Stages in the order of the catalogue."""
    if found.column != "stage" or found.table not in ("opportunities", "opportunity_history"):
        return ()
    return tuple(dict.fromkeys(Catalogue.of(objects.workspace).frame["stage"]))


def _dated(asked: Group, found: FieldOf, objects: Objects) -> GroupOf:
    unit = asked.by or "day"
    calendar = calendar_of(unit, objects.workspace.settings)
    day = f"({objects.day(found)})::DATE"
    if calendar.granularity == "week":
        shift = "isodow({0}) - 1" if calendar.week_start == "mon" else "dayofweek({0})"
        sql = f"({day} - ({shift.format(day)})::INTEGER)"
    elif calendar.granularity == "day":
        sql = day
    else:
        back = calendar.first_month - 1 if calendar.granularity != "month" else 0
        moved = f"({day} - INTERVAL {back} MONTH)" if back else day
        cut = f"date_trunc('{calendar.granularity}', {moved})"
        sql = f"({cut} + INTERVAL {back} MONTH)::DATE" if back else f"{cut}::DATE"

    def label(value: Any) -> str:
        return empty_label() if value is None else calendar.name(value)

    if found.column == "snapshot_on" and unit == "day":
        following = calendar_of("month", objects.workspace.settings).following
    else:
        following = calendar.following
    return GroupOf(asked.label, sql, label, field=found, following=following)


def _bucketed(
    asked: Group, bucket: Bucket, objects: Objects, where: str, money: dict[str, str], place: str
) -> GroupOf:  # fmt: skip
    found = objects.find(bucket.field)
    other = bucket.otherwise or message("else")
    if bucket.edges:
        if found.kind != "number":
            raise ValueError(message("{field} holds {kind}, edges need a number",
                                     field=bucket.field, kind=found.kind))  # fmt: skip
        value = converted(objects, found, where, money, place).sql
        names = [*_ranges(bucket.edges), other]
        cases = [
            f"WHEN {value} >= {objects.bound(low)}::DOUBLE AND {value} "
            f"{'<=' if n == len(bucket.edges) - 2 else '<'} {objects.bound(high)}::DOUBLE THEN {n}"
            for n, (low, high) in enumerate(pairwise(bucket.edges))
        ]
    else:
        value = f"{found.sql}::VARCHAR"
        names = [*bucket.lists, other]
        cases = [
            f"WHEN {value} IN (SELECT unnest({objects.bound(list(listed))}::VARCHAR[])) THEN {n}"
            for n, listed in enumerate(bucket.lists.values())
        ]
    sql = f"(CASE WHEN {value} IS NULL THEN NULL {' '.join(cases)} ELSE {len(names) - 1} END)"

    def label(number: Any) -> str:
        return empty_label() if number is None else names[int(number)]

    every = (*range(len(names)), None)
    return GroupOf(asked.name or asked.field, sql, label, tuple(range(len(names))), every, found)


def _ranges(edges: tuple[float, ...]) -> list[str]:
    out = []
    for n, (low, high) in enumerate(pairwise(edges)):
        values = {"low": _number(low), "high": _number(high)}
        last = n == len(edges) - 2
        out.append(message("{low} to {high}", **values) if last
                   else message("{low} to under {high}", **values))  # fmt: skip
    return out


def _number(value: float) -> str:
    short = numbers.money(value)
    units = {" k": 1e3, " m": 1e6, " bn": 1e9}
    for unit, size in units.items():
        if short.endswith(unit) and abs(float(short.removesuffix(unit)) * size - value) < 1e-6:
            return short
    return numbers.count(value) if float(value).is_integer() else f"{value:,}"
