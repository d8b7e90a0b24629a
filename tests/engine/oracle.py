"""The slow and obvious matcher: tries every choice of rows, straight from the definition.

Two rows may follow each other when the first is earlier, or when both have one instant and their
sequence numbers do not forbid it. Everything else is checked pair by pair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True)
class Row:
    time: int
    event: str
    number: int | None = None
    place: int = 0


@dataclass(frozen=True)
class Rule:
    events: frozenset[str]
    link: str = "eventual"
    within: int | None = None
    after: int = 0
    without: frozenset[str] = field(default_factory=frozenset)
    among: frozenset[str] | None = None


def ordered(a: Row, b: Row, rows: list[Row], ties: str) -> bool:
    """Whether a stands before b under every order of the tied rows."""
    if ties == "stable":
        return a.place < b.place
    if a.time != b.time:
        return a.time < b.time
    instant = [r for r in rows if r.time == a.time]
    return all(r.number is not None for r in instant) and a.number < b.number


def may_follow(a: Row, b: Row, rows: list[Row], ties: str) -> bool:
    if ties == "stable":
        return a.place < b.place
    if a.time != b.time:
        return a.time < b.time
    return a.number is None or b.number is None or a.number <= b.number


def linked(a: Row, b: Row, rule: Rule, rows: list[Row], ties: str) -> bool:
    gap = b.time - a.time
    if not may_follow(a, b, rows, ties) or gap < rule.after:
        return False
    if rule.within is not None and gap > rule.within:
        return False
    for m in rows:
        if m in (a, b) or not (ordered(a, m, rows, ties) and ordered(m, b, rows, ties)):
            continue
        neighbour = rule.link == "next" and (rule.among is None or m.event in rule.among)
        if neighbour or m.event in rule.without:
            return False
    return True


def opens(r: Row, rule: Rule, rows: list[Row], ties: str) -> bool:
    """Whether a container may enter with r: "next" after the baseline is its first row."""
    if rule.link != "next":
        return True
    neighbours = [m for m in rows if rule.among is None or m.event in rule.among]
    return not any(ordered(m, r, rows, ties) for m in neighbours if m != r)


def chains(rows: list[Row], rules: list[Rule], total: int | None, ties: str):
    """Every choice of rows for steps 1..k, for every k."""
    level = [(r,) for r in rows if r.event in rules[0].events and opens(r, rules[0], rows, ties)]
    yield from level
    for rule in rules[1:]:
        level = [
            (*chain, r)
            for chain in level
            for r in rows
            if r.event in rule.events
            and r not in chain
            and linked(chain[-1], r, rule, rows, ties)
            and (total is None or r.time - chain[0].time <= total)
        ]
        yield from level


def depth(rows: list[Row], rules: list[Rule], total: int | None, ties: str) -> int:
    return max((len(chain) for chain in chains(rows, rules, total, ties)), default=0)


def witness_times(rows: list[Row], rules: list[Rule], total: int | None, ties: str) -> list[int]:
    """Earliest completion of the deepest step, then the latest predecessors from the back."""
    found = list(chains(rows, rules, total, ties))
    if not found:
        return []
    deepest = max(map(len, found))
    full = [chain for chain in found if len(chain) == deepest]
    ends = {chain[-1] for chain in full}
    first = {r for r in ends if not any(ordered(o, r, rows, ties) for o in ends)}
    earliest = min(r.time for r in first)
    candidates = [
        [r.time for r in chain]
        for chain in full
        if chain[-1] in first and chain[-1].time == earliest
    ]
    return max(candidates, key=lambda times: times[::-1])


def is_chain(
    chosen: list[Row], rows: list[Row], rules: list[Rule], total: int | None, ties: str
) -> bool:
    """Whether a given choice of rows satisfies every condition."""
    steps = all(r.event in rule.events for r, rule in zip(chosen, rules, strict=False))
    links = all(
        linked(a, b, rule, rows, ties)
        for (a, b), rule in zip(pairwise(chosen), rules[1:], strict=False)
    )
    steps = steps and (not chosen or opens(chosen[0], rules[0], rows, ties))
    span = total is None or not chosen or chosen[-1].time - chosen[0].time <= total
    return steps and links and span and len(set(chosen)) == len(chosen)
