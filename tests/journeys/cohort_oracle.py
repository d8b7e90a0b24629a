"""The slow and obvious cohort table: sets of containers, day by day, straight from the definition.

Every row is looked at again for every question; days are stepped through one by one, so that no
calendar arithmetic is shared with the code under test.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Metric:
    events: frozenset[str]
    least: float = 1
    most: float = float("inf")
    summed: bool = False

    def total(self, rows):
        rows = [r for r in rows if r["event"] in self.events]
        if not self.summed:
            return len(rows)
        return sum(r["amount"] for r in rows if r["amount"] is not None)

    def met(self, rows):
        return self.least <= self.total(rows) <= self.most


@dataclass(frozen=True)
class Criterion:
    metrics: tuple[Metric, ...]
    operator: str = "and"

    def met(self, rows):
        return (all if self.operator == "and" else any)(m.met(rows) for m in self.metrics)


@dataclass(frozen=True)
class Asked:
    zone: str
    week_start: str
    first_month: int
    as_of: date
    inclusion: Criterion
    returning: Criterion
    container: str = "account"
    period: tuple[date, date] | None = None
    granularity: str = "month"
    mode: str = "exact"
    first_time: bool = False
    latency: bool = False
    lookback: int = 0
    zero: bool = False
    snap: bool = False
    offsets: int = 5
    dimension: bool = False
    pooled: bool = False

    def begins(self, day):
        return {
            "day": True,
            "week": day.weekday() == (0 if self.week_start == "mon" else 6),
            "month": day.day == 1,
            "quarter": day.day == 1 and (day.month - self.first_month) % 3 == 0,
            "year": day.day == 1 and day.month == self.first_month,
        }[self.granularity]

    def first_day(self, day):
        while not self.begins(day):
            day -= DAY
        return day


@dataclass
class Table:
    """Cells by (name of the row, offset): denominator and returned as sets of keys."""

    included: dict = field(default_factory=dict)
    cells: dict = field(default_factory=dict)
    partial: set = field(default_factory=set)
    value: dict = field(default_factory=dict)
    in_rows: dict = field(default_factory=dict)


def keys_of(row, container):
    if container == "buying_group":
        return row["buying_group_id"] or []
    key = row[f"{container}_id"]
    return [] if key is None else [key]


def table_of(rows, asked: Asked) -> Table:
    zone = ZoneInfo(asked.zone)
    rows = [{**r, "day": r["time"].astimezone(zone).date()} for r in rows]
    rows = [r for r in rows if r["day"] <= asked.as_of]
    if not rows:
        return Table()
    earliest = min(r["day"] for r in rows)
    begin, end = (earliest, asked.as_of) if asked.period is None else asked.period
    end = min(end, asked.as_of)
    if begin > end:
        return Table()
    firsts = [asked.first_day(begin)]
    while (day := _after(firsts[-1], asked)) <= end:
        firsts.append(day)
    cut_low = firsts[0] if asked.period is None or asked.snap or asked.lookback else begin
    cut_high = end
    if asked.snap or asked.lookback:
        cut_high = min(asked.as_of, _after(firsts[-1], asked) - DAY)
    behind = []
    for _ in range(asked.lookback):
        day = asked.first_day((behind[0] if behind else firsts[0]) - DAY)
        if _after(day, asked) <= earliest:
            break
        behind.insert(0, day)
    low = behind[0] if behind else cut_low
    rows = [r for r in rows if low <= r["day"] <= cut_high]
    buckets = [*behind, *firsts]
    ends = [_after(b, asked) - DAY for b in buckets]
    cut = {
        b
        for b, last in zip(buckets, ends, strict=True)
        if (b < cut_low and b not in behind) or last > cut_high
    }
    return _filled(rows, asked, buckets, len(behind), cut)


def _after(first, asked):
    day = first + DAY
    while not asked.begins(day):
        day += DAY
    return day


def _filled(rows, asked, buckets, skipped, cut):
    of = {}
    for r in rows:
        for key in keys_of(r, asked.container):
            of.setdefault(key, []).append({**r, "bucket": asked.first_day(r["day"])})
    table = Table(in_rows={key: set() for key in of})
    for name, key, _ in _instances(of, asked, buckets, skipped):
        table.included.setdefault(name, set()).add(key)
        table.in_rows[key].add(name)
    for name in [b.isoformat() for b in buckets[skipped:]] if not asked.dimension else []:
        table.included.setdefault(name, set())
    columns = [*range(-asked.offsets, 0)] if asked.latency else []
    columns += range(0 if asked.zero else 1, asked.offsets + 1)
    for name, key, origin in _instances(of, asked, buckets, skipped):
        for offset in columns:
            _cell(table, of[key], asked, buckets, cut, name, key, origin, offset)
    for name in table.included:
        for offset in columns:
            where = 0 if asked.dimension else [b.isoformat() for b in buckets].index(name)
            _exists(table, asked, buckets, cut, name, where, offset)
    return table


def _instances(of, asked, buckets, skipped):
    """Name of the row, container, and number of the bucket of inclusion."""
    found = []
    for key, rows in of.items():
        if not asked.dimension:
            inside = [n for n in range(len(buckets)) if _included(rows, asked, buckets[n])]
            inside = inside[:1] if asked.first_time else inside
            found += [(buckets[n].isoformat(), key, n) for n in inside if n >= skipped]
            continue
        for item in {r["channel"] for r in rows}:
            own = [r for r in rows if r["channel"] == item]
            inside = [n for n in range(len(buckets)) if _included(own, asked, buckets[n])]
            inside = [n for n in inside if asked.pooled or n == 0][:1]
            found += [(item or "(none)", key, n) for n in inside]
    return found


def _included(rows, asked, bucket):
    inside = [r for r in rows if r["bucket"] == bucket]
    return bool(inside) and asked.inclusion.met(inside)


def _did(rows, asked, buckets, n):
    return asked.returning.met([r for r in rows if r["bucket"] == buckets[n]])


def _outwards(offset, asked):
    """Offsets from inclusion to a column, in the order in which they are walked."""
    step = 1 if offset >= 0 else -1
    first = 0 if asked.zero and step > 0 else 1
    return [step * k for k in range(first, abs(offset) + 1)]


def _last(asked, buckets, cut):
    """The last bucket that tells anything: pooled rows leave an unfinished one out."""
    return len(buckets) - 1 - (asked.pooled and buckets[-1] in cut)


def _cell(table, rows, asked, buckets, cut, name, key, origin, offset):
    last, seen = _last(asked, buckets, cut), origin + offset
    base, back = table.cells.setdefault((name, offset), (set(), set()))
    value = table.value.setdefault((name, offset), [0.0, 0.0])
    if not 0 <= seen <= last:
        return
    path = [_did(rows, asked, buckets, origin + k) for k in _outwards(offset, asked)]
    later = range(seen, last + 1) if offset >= 0 else range(seen + 1)
    hit = {
        "exact": path[-1],
        "consecutive": all(path),
        "cumulative": any(path),
        "unbounded": any(_did(rows, asked, buckets, n) for n in later),
    }[asked.mode]
    if asked.mode != "consecutive" or all(path[:-1]):
        base.add(key)
        if hit:
            back.add(key)
    for place, n in ((0, origin), (1, seen)):
        value[place] += sum(r["amount"] or 0 for r in rows if r["bucket"] == buckets[n])


def _exists(table, asked, buckets, cut, name, where, offset):
    if not 0 <= where + offset <= _last(asked, buckets, cut):
        table.cells.pop((name, offset), None)
        return
    table.cells.setdefault((name, offset), (set(), set()))
    if not asked.pooled and (buckets[where] in cut or buckets[where + offset] in cut):
        table.partial.add((name, offset))


def ages(inside, every, need: int, events, back: Criterion, length: timedelta, until: datetime):
    """Whether one container met `back` in each whole length of time after its own inclusion.

    Parameters
    ----------
    inside, every : list
        Rows of the bucket of inclusion, and all rows, of one container.

    Notes
    -----
    Tries every choice of the `need` rows that included it: one row never serves twice.
    """
    serving = sorted((r for r in inside if r["event"] in events), key=lambda r: r["time"])
    if len(serving) < need:
        return []
    at = serving[need - 1]["time"]
    tied = [n for n, r in enumerate(every) if r["time"] == at and r in serving]
    used_before = sum(r["time"] < at for r in serving)
    most = (until - at) // length
    best = [False] * most
    for used in itertools.combinations(tied, need - used_before):
        left = [r for n, r in enumerate(every) if r["time"] >= at and n not in used]
        for k in range(1, most + 1):
            low, high = at + (k - 1) * length, at + k * length
            window = [r for r in left if low < r["time"] <= high or (k == 1 and r["time"] == at)]
            best[k - 1] |= back.met(window)
    return best
