"""The slow and obvious attribution: plain lists, straight from the definitions.

A row is a mapping with id, account, time (hours), number, event, items (a tuple), and keys: those
of each container it belongs to. Rows of one container stand in the order of time, sequence number,
account and event id.
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from itertools import pairwise, permutations
from typing import Any

import numpy as np

Row = dict[str, Any]
CONVERSION = "won"
SHAPES = {
    "first": (1, 0, 0),
    "last": (0, 0, 1),
    "u_shaped": (0.4, 0.2, 0.4),
    "j_shaped": (0.2, 0.2, 0.6),
    "inverse_j": (0.6, 0.2, 0.2),
}


def ordered(rows: list[Row]) -> list[Row]:
    def number(row: Row) -> int:
        return -1 if row["number"] is None else row["number"]

    return sorted(rows, key=lambda r: (r["time"], number(r), r["account"], r["id"]))


def journeys(rows: list[Row], container: str) -> dict[str, list[Row]]:
    """Rows of each container in order; a row may belong to several or to none."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in ordered(rows):
        for key in row["keys"][container]:
            found[key].append(row)
    return found


def window(journey: list[Row], end: int, hours: float) -> list[Row]:
    """Touches of the row at place `end`, itself included."""
    return [
        r for r in journey[: end + 1] if r["items"] and r["time"] >= journey[end]["time"] - hours
    ]


def without_repeats(touches: list[Row], dedupe: str | None) -> list[tuple[Row, tuple[str, ...]]]:
    """Touches with the items that stay."""
    out, seen, before = [], set(), set()
    for touch in touches:
        left_out = {None: set(), "consecutive": before, "unique": seen}[dedupe]
        items = tuple(i for i in touch["items"] if i not in left_out)
        seen, before = seen | set(touch["items"]), set(touch["items"])
        if items:
            out.append((touch, items))
    return out


def weights(model: Any, ages: list[float], half_life: float) -> list[float]:
    """Weights of touches in order of time, from the table of the specification."""
    n = len(ages)
    if n == 1:
        return [1.0]
    if model == "linear":
        return [1 / n] * n
    if model == "time_decay":
        raw = [2 ** (-age / half_life) for age in ages]
        return [w / sum(raw) for w in raw]
    first, middle, last = SHAPES.get(model, model) if isinstance(model, str) else model
    if n == 2:
        both = first + last
        return [first / both, last / both] if both else [0.5, 0.5]
    total = first + middle + last
    return [first / total, *[middle / (n - 2) / total] * (n - 2), last / total]


def credit(model: Any, rows: list[Row], question: dict[str, Any]) -> dict[str | None, float]:
    """Credit of each item in conversions; None for those without a touch."""
    out: dict[str | None, float] = defaultdict(float)
    own = journeys(rows, question["container"])
    learned = learn(model, own, question) if model in ("algorithmic", "markov") else None
    for row in rows:
        keys = row["keys"][question["container"]]
        if row["event"] != CONVERSION:
            continue
        if not keys:
            out[None] += 1
        for key in keys:
            end = own[key].index(row)
            for item, part in shared(model, own[key], end, question, learned).items():
                out[item] += part / len(keys)
    return dict(out)


def shared(
    model: Any, journey: list[Row], end: int, question: dict[str, Any], learned: Any
) -> dict[str | None, float]:
    """Credit of one conversion by item."""
    hours = -1 if model == "same_touch" else question["lookback"]
    touches = window(journey, end, hours) if hours >= 0 else [
        r for r in [journey[end]] if r["items"]
    ]  # fmt: skip
    kept = without_repeats(touches, question["dedupe"])
    if not kept:
        return {None: 1.0}
    items = sorted({i for _, several in kept for i in several})
    if model == "participation":
        return dict.fromkeys(items, 1.0)
    if learned is not None:
        return learned(frozenset(items))
    ages = [journey[end]["time"] - touch["time"] for touch, _ in kept]
    plain = "linear" if model == "same_touch" else model
    out: dict[str | None, float] = defaultdict(float)
    for part, (_, several) in zip(weights(plain, ages, question["half_life"]), kept, strict=True):
        for item in several:
            out[item] += part
    return dict(out)


def opportunities(
    own: dict[str, list[Row]], question: dict[str, Any]
) -> list[tuple[list[tuple[str, ...]], bool]]:
    """Paths of items, and whether they led to a conversion."""
    found = []
    for journey in own.values():
        ends = [n for n, row in enumerate(journey) if row["event"] == CONVERSION]
        touched = [n for n, row in enumerate(journey) if row["items"]]
        for end in ends or touched[-1:]:
            touches = without_repeats(
                window(journey, end, question["lookback"]), question["dedupe"]
            )
            found.append(([items for _, items in touches], bool(ends)))
    return found


def learn(model: str, own: dict[str, list[Row]], question: dict[str, Any]):
    paths = [(path, won) for path, won in opportunities(own, question) if path]
    if model == "markov":
        effects = removal_effects(paths)
        return lambda touched: normalised({i: effects[i] for i in touched})
    tried, won = defaultdict(int), defaultdict(int)
    for path, converted in paths:
        touched = frozenset(i for items in path for i in items)
        tried[touched] += 1
        won[touched] += converted
    usual = sum(won.values()) / sum(tried.values()) if tried else 0.0
    prior = question["prior"]

    def worth(touched: frozenset[str]) -> float:
        if not touched:
            return 0.0
        size = tried[touched] + prior
        return (won[touched] + prior * usual) / size if size else usual

    return lambda touched: normalised(shapley(touched, worth))


def shapley(players: frozenset[str], worth: Any) -> dict[str, float]:
    """Mean marginal worth over every order of arrival."""
    out = dict.fromkeys(players, 0.0)
    orders = list(permutations(sorted(players)))
    for order in orders:
        for n, player in enumerate(order):
            gained = worth(frozenset(order[: n + 1])) - worth(frozenset(order[:n]))
            out[player] += gained / len(orders)
    return out


def normalised(values: dict[str, float]) -> dict[str | None, float]:
    kept = {player: max(value, 0.0) for player, value in values.items()}
    total = sum(kept.values())
    if total <= 1e-12:
        return dict.fromkeys(kept, 1 / len(kept))
    return {player: value / total for player, value in kept.items()}


def removal_effects(paths: list[tuple[list[tuple[str, ...]], bool]]) -> dict[str, float]:
    """Part of conversions lost without each item, by asking the chain again without it."""
    counts: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for path, won in paths:
        for item in path[0]:
            counts["<start>", item] += Fraction(1, len(path[0]))
        for before, after in pairwise(path):
            for a in before:
                for b in after:
                    counts[a, b] += Fraction(1, len(before) * len(after))
        for item in path[-1]:
            counts[item, "<won>" if won else "<lost>"] += Fraction(1, len(path[-1]))
    items = sorted({a for a, _ in counts} - {"<start>"})
    whole = chance(counts, items, None)
    return {i: 1 - chance(counts, items, i) / whole if whole > 0 else 0.0 for i in items}


def chance(counts: dict, items: list[str], removed: str | None) -> float:
    """Chance of a conversion when every path into `removed` ends there."""
    states = ["<start>", *items]
    system, right = np.eye(len(states)), np.zeros(len(states))
    for row, state in enumerate(states):
        if state == removed:
            continue
        leaving = float(sum(n for (a, _), n in counts.items() if a == state))
        for (a, b), n in counts.items():
            if a != state or not leaving:
                continue
            if b == "<won>":
                right[row] += float(n) / leaving
            elif b in states and b != removed:
                system[row, states.index(b)] -= float(n) / leaving
    return float(np.linalg.solve(system, right)[0])
