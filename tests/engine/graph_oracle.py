"""The slow and obvious walk over a graph: every path, every choice of rows, from the definition."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.engine.oracle import Row, may_follow


@dataclass(frozen=True)
class Arrow:
    source: int
    target: int
    within: int | None = None
    after: int = 0


@dataclass
class Found:
    """Rows that reach each node, and pairs of rows that take each arrow."""

    rows: dict[int, set[Row]] = field(default_factory=dict)
    pairs: dict[tuple[int, int], set[tuple[Row, Row]]] = field(default_factory=dict)


def chains(
    rows: list[Row], nodes: list[frozenset[str]], arrows: list[Arrow], ties: str
) -> Iterator[tuple[list[int], list[Row]]]:
    """Every path from a start, with every choice of distinct rows that follow one another."""
    starts = set(range(len(nodes))) - {a.target for a in arrows}
    waiting = [([n], [r]) for n in starts for r in rows if r.event in nodes[n]]
    while waiting:
        path, chosen = waiting.pop()
        yield path, chosen
        for arrow in arrows:
            if arrow.source != path[-1]:
                continue
            for row in rows:
                gap = row.time - chosen[-1].time
                if (
                    row.event in nodes[arrow.target]
                    and row not in chosen
                    and may_follow(chosen[-1], row, rows, ties)
                    and gap >= arrow.after
                    and (arrow.within is None or gap <= arrow.within)
                ):
                    waiting.append(([*path, arrow.target], [*chosen, row]))


def walked(
    rows: list[Row], nodes: list[frozenset[str]], arrows: list[Arrow], ties: str = "any"
) -> Found:
    found = Found(
        {n: set() for n in range(len(nodes))}, {(a.source, a.target): set() for a in arrows}
    )
    for path, chosen in chains(rows, nodes, arrows, ties):
        found.rows[path[-1]].add(chosen[-1])
        if len(path) > 1:
            found.pairs[path[-2], path[-1]].add((chosen[-2], chosen[-1]))
    return found
