"""The slow and obvious reading of segments: every container, every choice of rows.

Rows are compared pair by pair as `tests.engine.oracle` does. Two rows without an order between them
form one group; what is counted between two rows is counted between their groups.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import pandas as pd

from tests.engine.oracle import may_follow, ordered
from workbench.vocabulary.conditions import Condition, InSegment, Logic, Term
from workbench.vocabulary.containers import CONTAINERS, lies_under
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.nesting import is_checkpoint
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.wholes import Each, Total

ANY = "any"


@dataclass(frozen=True)
class Row:
    """A row with its place in the store; `columns` holds everything that can be compared."""

    place: int
    time: int
    number: int | None = None
    columns: dict = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Element:
    """What serves a step: one row, or all rows of a finer container."""

    rows: tuple[Row, ...]
    whole: bool = False


@dataclass(frozen=True)
class World:
    """All rows in store order, and the half-open range of times that qualifies."""

    rows: list[Row]
    start: int = -(2**62)
    end: int = 2**62

    def inside(self) -> list[Row]:
        return [r for r in self.rows if self.start <= r.time < self.end]


def keys_of(row: Row, scope: str) -> list[str]:
    key = row.columns.get(CONTAINERS[scope].key)
    return [] if key is None else list(key) if isinstance(key, list | tuple) else [key]


def containers(rows: list[Row], scope: str) -> dict[str, list[Row]]:
    out: dict[str, list[Row]] = {}
    for row in rows:
        for key in keys_of(row, scope):
            out.setdefault(key, []).append(row)
    return {key: sorted(found, key=in_time) for key, found in out.items()}


def in_time(row: Row) -> tuple:
    return row.time, row.number is not None, row.number, row.place


def rows_of(segment: Segment, world: World) -> set[int]:
    """Places of the rows that belong to a segment."""
    every = {r.place for r in world.rows}
    if segment.stack:
        return set.intersection(*(rows_of(part, world) for part in segment.stack))
    if segment.scope == "event":
        found = {r.place for r in world.rows if meets(r, segment.where, world)}
        return every - found if segment.exclude else found
    inside = world.inside()
    seen = containers(inside, segment.scope)
    found = set()
    for key, rows in containers(world.rows, segment.scope).items():
        around = [(None, inside), (segment.scope, seen.get(key, []))]
        if qualifies(segment, around, world):
            found |= part_of(segment, around, rows, world)
    return every - found if segment.exclude else found


def part_of(segment: Segment, around, rows: list[Row], world: World) -> set[int]:
    if segment.part == "everyone":
        return {r.place for r in rows}
    group = group_of(rows)
    matches = valid(segment, around, world)
    if segment.part == "after":
        border = min(max(group[r.place] for r in chain[-1][0].rows) for chain in matches)
        return {r.place for r in rows if group[r.place] >= border}
    border = max(min(group[r.place] for r in chain[0][0].rows) for chain in matches)
    return {r.place for r in rows if group[r.place] <= border}


def meets(row: Row, condition: Condition, world: World) -> bool:
    if isinstance(condition, InSegment):
        return row.place in rows_of(condition.segment, world)
    if isinstance(condition, Logic):
        found = [meets(row, part, world) for part in condition.parts]
        return {"all": all(found), "any": any(found), "not": not found[0]}[condition.kind]
    assert isinstance(condition, Term)
    value = row.columns.get(condition.field)
    items = value if isinstance(value, list | tuple) else [] if value is None else [value]
    if condition.operator == "exists":
        return bool(items) is condition.values[0]
    if condition.operator == "!=":
        return not any(item in condition.values for item in items)
    assert condition.operator == "="
    return any(item in condition.values for item in items)


def on_rows(condition: Condition) -> bool:
    if isinstance(condition, Logic):
        return all(map(on_rows, condition.parts))
    return isinstance(condition, Term)


def qualifies(segment: Segment, around, world: World) -> bool:
    where = segment.where is None or holds(segment.where, around, world)
    return where and (not segment.steps or bool(valid(segment, around, world)))


def holds(condition: Condition, around, world: World) -> bool:
    _, rows = around[-1]
    if on_rows(condition):
        return any(meets(row, condition, world) for row in rows)
    if isinstance(condition, Each):
        return all(holds(part, around, world) for part in condition.parts)
    if isinstance(condition, Total):
        return bool(rows) and bool(condition.holds(total(condition, rows, world)))
    if isinstance(condition, InSegment):
        return contains(condition.segment, around, world)
    if condition.kind == "not":
        return bool(rows) and not holds(condition.parts[0], around, world)
    parts = flat(condition, condition.kind)
    plain = [part for part in parts if on_rows(part)]
    found = [holds(part, around, world) for part in parts if not on_rows(part)]
    if plain:
        found.append(holds(Logic(condition.kind, tuple(plain)), around, world))
    return all(found) if condition.kind == "all" else any(found)


def flat(condition: Condition, kind: str) -> list[Condition]:
    if isinstance(condition, Logic) and condition.kind == kind:
        return [inner for part in condition.parts for inner in flat(part, kind)]
    return [condition]


def total(condition: Total, rows: list[Row], world: World) -> float:
    rows = [r for r in rows if condition.where is None or meets(r, condition.where, world)]
    if condition.kind == "times":
        return len(rows)
    values = [r.columns.get(condition.of) for r in rows]
    if condition.kind == "total":
        return sum(v for v in values if v is not None)
    single = [v for v in values if v is not None]
    return len({i for v in single for i in (v if isinstance(v, list) else [v])})


def one_branch(first: str, second: str) -> bool:
    return first == second or lies_under(first, second) or lies_under(second, first)


def contains(segment: Segment, around, world: World) -> bool:
    scope, rows = around[-1]
    if segment.stack or segment.scope == "event":
        found = rows_of(segment, world)
        return any(row.place in found for row in rows)
    if one_branch(segment.scope, scope):
        return any(
            qualifies(segment, [*around, inner], world) is not segment.exclude
            for inner in inside(segment.scope, around)
        )
    depth = next(
        (
            n
            for n in range(len(around) - 1, 0, -1)
            if one_branch(segment.scope, around[n][0])
            and not any(name == "buying_group" for name, _ in around[: n + 1])
        ),
        0,
    )
    for inner in inside(segment.scope, around[: depth + 1]):
        if qualifies(segment, [*around[: depth + 1], inner], world) is not segment.exclude:
            places = {r.place for r in inner[1]}
            if any(row.place in places for row in rows):
                return True
    return False


def inside(scope: str, around) -> list[tuple[str, list[Row]]]:
    if scope == around[-1][0]:
        return [around[-1]] if around[-1][1] else []
    return [(scope, rows) for rows in containers(around[-1][1], scope).values()]


def group_of(rows: list[Row]) -> dict[int, int]:
    """Number of the group of each row: rows that no order parts."""
    out: dict[int, int] = {}
    for n, row in enumerate(rows):
        fresh = n > 0 and ordered(rows[n - 1], row, rows, ANY)
        out[row.place] = (out[rows[n - 1].place] if n else 0) + fresh
    return out


def valid(segment: Segment, around, world: World):
    """Every choice of elements for all steps that the segment counts."""
    rows = around[-1][1]
    chains = [chain for chain in walk(segment, around, world) if chain[-1][1] == len(segment.steps)]
    if segment.without_after is None or not chains:
        return chains
    group = group_of(rows)
    ends = [max(group[r.place] for r in chain[-1][0].rows) for chain in chains]

    def clean(end: int) -> bool:
        later = [r for r in rows if group[r.place] > end]
        return not excluded(segment.without_after, later, world)

    if segment.anchor == "first":
        return chains if clean(min(ends)) else []
    return [chain for chain, end in zip(chains, ends, strict=True) if clean(end)]


def excluded(condition: Condition, rows: list[Row], world: World) -> bool:
    parts = condition.parts if isinstance(condition, Each) else (condition,)
    return all(any(meets(row, part, world) for row in rows) for part in parts)


def depth(segment: Segment, around, world: World) -> int:
    """Steps that the best choice reaches."""
    return max((chain[-1][1] for chain in walk(segment, around, world)), default=0)


def walk(segment: Segment, around, world: World) -> Iterator[tuple]:
    """Every chain of (element, steps done), one step after another; unfinished groups left out."""
    level: list[tuple] = [()]
    for number, step in enumerate(segment.steps):
        condition = step.condition
        parts = condition.parts if isinstance(condition, Each) else (condition,)
        level = [
            (*longer[:-1], (longer[-1][0], number + 1))
            for chain in level
            for longer in group(segment, number, parts, chain, around, world, first=True)
        ]
        yield from level


def group(segment, number, parts, chain, around, world, *, first):
    """Chains that go on with all conditions of one step, in any order."""
    if not parts:
        yield chain
        return
    for size in range(1, len(parts) + 1):
        for chosen in combinations(range(len(parts)), size):
            block = [parts[n] for n in chosen]
            rest = [part for n, part in enumerate(parts) if n not in chosen]
            for element in elements(segment.scope, block, around, world):
                if fits(segment, number, chain, element, around, world, first=first):
                    longer = (*chain, (element, number))
                    yield from group(segment, number, rest, longer, around, world, first=False)


def elements(scope: str, block, around, world: World) -> list[Element]:
    if any(is_checkpoint(part, scope) for part in block):
        if len(block) > 1:
            return []
        inner = block[0].segment
        return [
            Element(tuple(rows), True)
            for name, rows in inside(inner.scope, around)
            if qualifies(inner, [*around, (name, rows)], world) is not inner.exclude
        ]
    rows = around[-1][1]
    return [Element((r,)) for r in rows if all(meets(r, part, world) for part in block)]


def fits(segment, number, chain, element, around, world, *, first) -> bool:
    rows, step = around[-1][1], segment.steps[number]
    if any(set(element.rows) & set(other.rows) for other, _ in chain):
        return False
    last = chain[-1][0] if chain else None
    if last is not None and not follows(last, element, rows):
        return False
    begin = min(r.time for other, _ in chain for r in other.rows) if chain else None
    begin = min(r.time for r in element.rows) if begin is None else begin
    span = max(r.time for r in element.rows)
    if segment.total_within is not None:
        whole = segment.total_within
        if isinstance(whole, Duration) and span - begin > whole.microseconds:
            return False
        if not isinstance(whole, Duration) and span > shifted(begin, whole.amount):
            return False
    if not first:
        return True
    between = [
        r
        for r in rows
        if r not in element.rows
        and all(ordered(r, x, rows, ANY) for x in element.rows)
        and (
            last is None
            or (r not in last.rows and all(ordered(x, r, rows, ANY) for x in last.rows))
        )
    ]
    barriers = [step.without] if step.without is not None else []
    if number == 0 and segment.without_before is not None:
        barriers.append(segment.without_before)
    if any(excluded(barrier, between, world) for barrier in barriers):
        return False
    among = [r for r in between if step.next_among is None or meets(r, step.next_among, world)]
    if step.link == "next" and among:
        return False
    return number == 0 or near(step, last, element, rows)


def follows(a: Element, b: Element, rows: list[Row]) -> bool:
    if not a.whole and not b.whole:
        return may_follow(a.rows[0], b.rows[0], rows, ANY)
    return all(ordered(x, y, rows, ANY) for x in a.rows for y in b.rows)


def near(step, a: Element, b: Element, rows: list[Row]) -> bool:
    group = group_of(rows)
    end, begin = max(group[r.place] for r in a.rows), min(group[r.place] for r in b.rows)
    reached = max(r.time for r in a.rows)
    time = min(r.time for r in b.rows)
    if step.within is not None and time - reached > step.within.microseconds:
        return False
    if step.after is not None and time - reached < step.after.microseconds:
        return False
    for limit in step.limits or ():
        within = limit.bound == "within"
        if limit.unit == "months":
            border = shifted(reached, limit.amount)
            if (time > border) if within else (time < border):
                return False
            continue
        smallest, largest = distance(limit, end, begin, rows, group)
        if (smallest > limit.amount) if within else (largest < limit.amount):
            return False
    return True


def distance(limit, end: int, begin: int, rows: list[Row], group) -> tuple[int, int]:
    if limit.unit == "events":
        between = sum(end < g < begin for g in group.values())
        if end == begin:
            return 1, sum(g == end for g in group.values()) - 1
        return between + 1, between + sum(g in (end, begin) for g in group.values()) - 1
    values = []
    for row in rows:
        if limit.unit == "sessions":
            value = row.columns.get("session_id")
        else:
            value = row.columns.get(limit.dimension)
        values.append(tuple(value) if isinstance(value, list) else value)
    count, last, seen = 0, None, set()
    for row, value in zip(rows, values, strict=True):
        fresh = value is not None and (
            value not in seen if limit.unit == "sessions" else last not in (None, value)
        )
        if value is not None:
            seen.add(value)
            last = value
        count += fresh and end < group[row.place] <= begin
    return count, count


def shifted(time: int, months: int) -> int:
    moment = pd.Timestamp(time, unit="us") + pd.DateOffset(months=months)
    return int(moment.value // 1_000)
