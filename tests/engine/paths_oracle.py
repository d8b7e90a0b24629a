"""The slow and obvious paths: every chain of items is written down, straight from the definition.

A path view is a chain of items outwards from an anchor. Where a row carries several items there
is one chain for each; a node counts the chains that reach it, a link those that run along it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from statistics import median

EXIT = "(exit)"


@dataclass(frozen=True)
class Asked:
    """Columns from left to right, each with a dimension; None for an anchor that is an event."""

    dims: tuple[str | None, ...]
    anchor: int
    anchored: frozenset[str] = frozenset()
    repeats: bool = False
    same_event: bool = False
    limit: str | None = None
    hidden: frozenset[tuple[int, str]] = frozenset()
    lists: frozenset[str] = frozenset()


@dataclass
class Found:
    nodes: Counter = field(default_factory=Counter)
    links: Counter = field(default_factory=Counter)
    hidden: Counter = field(default_factory=Counter)
    behind: dict = field(default_factory=lambda: defaultdict(set))
    rows: dict = field(default_factory=lambda: defaultdict(set))
    people: dict = field(default_factory=lambda: defaultdict(set))
    gaps: dict = field(default_factory=lambda: defaultdict(list))
    equal: int = 0
    joined: int = 0

    def medians(self) -> dict:
        return {link: median(gaps) for link, gaps in self.gaps.items()}


def runs(rows: list[dict], dim: str, repeats: bool) -> list[list[int]]:
    """Rows with a value, neighbours of equal value together."""
    out: list[list[int]] = []
    for i, row in enumerate(rows):
        if not row[dim]:
            continue
        if out and not repeats and rows[out[-1][-1]][dim] == row[dim]:
            out[-1].append(i)
        else:
            out.append([i])
    return out


def repeated(asked: Asked, dim: str) -> bool:
    return asked.repeats or dim in asked.lists


def anchors(rows: list[dict], asked: Asked) -> list[int]:
    dim = asked.dims[asked.anchor]
    if dim is None:
        found = [i for i, row in enumerate(rows) if row["mark"]]
    else:
        heads = [run[0] for run in runs(rows, dim, repeated(asked, dim))]
        found = [i for i in heads if rows[i][dim] & asked.anchored]
    return {None: found, "first": found[:1], "last": found[-1:]}[asked.limit]


def neighbour(rows, asked: Asked, chain: list[tuple[int, int]], k: int, side: int) -> int | None:
    """Row of column k, for a chain of (column, row) from the anchor up to the column before."""
    before, at = chain[-1]
    dim, came = asked.dims[k], asked.dims[before]
    if dim == came:
        blocks = runs(rows, dim, repeated(asked, dim))
        here = next(n for n, block in enumerate(blocks) if at in block)
        return blocks[here + side][0] if 0 <= here + side < len(blocks) else None
    stay = asked.same_event and not any(r == at and asked.dims[c] == dim for c, r in chain)
    beyond = [
        i for i, row in enumerate(rows) if row[dim] and ((i - at) * side > 0 or (i == at and stay))
    ]
    return min(beyond, key=lambda i: abs(i - at), default=None)


def items(rows, asked: Asked, k: int, at: int) -> list[str]:
    """Items of a column that are no anchors are left out of the anchor column."""
    dim = asked.dims[k]
    if dim is None:
        return ["event"]
    found = sorted(rows[at][dim])
    return [i for i in found if i in asked.anchored] if k == asked.anchor else found


def shown(asked: Asked, k: int, found: list[str]) -> list[str]:
    return [item for item in found if (k, item) not in asked.hidden]


def find(containers: dict[str, list[dict]], asked: Asked) -> Found:
    """Rows of a container: mappings of dimension to a set of items, time, person and mark."""
    out = Found()
    for name, rows in containers.items():
        for at in anchors(rows, asked):
            _follow(out, name, rows, asked, at)
    return out


def _node(out: Found, name, rows, k, item, at, views=1):
    out.nodes[k, item] += views
    out.behind[k, item].add(name)
    out.people[k, item] |= {rows[at]["person"]} - {None}
    if item != EXIT:
        out.rows[k, item].add((name, at))


def _follow(out: Found, name, rows, asked: Asked, at: int) -> None:
    begun = shown(asked, asked.anchor, items(rows, asked, asked.anchor, at))
    for item in begun:
        _node(out, name, rows, asked.anchor, item, at)
    for side in (1, -1):
        chains = [[item] for item in begun]
        walked = [(asked.anchor, at)]
        k = asked.anchor + side
        while chains and 0 <= k < len(asked.dims):
            row = neighbour(rows, asked, walked, k, side)
            came = walked[-1][1]
            if row is None:
                for chain in chains:
                    _node(out, name, rows, k, EXIT, came)
                    _link(out, name, rows, k, side, chain[-1], EXIT, came, None)
                break
            reached = items(rows, asked, k, row)
            seen = shown(asked, k, reached)
            for chain in chains:
                out.hidden[k - side, side, chain[-1]] += len(reached) - len(seen)
            pairs = Counter()
            for chain in chains:
                for item in seen:
                    _node(out, name, rows, k, item, row)
                    pairs[chain[-1], item] += 1
            for (near, far), views in pairs.items():
                _link(out, name, rows, k, side, near, far, came, row, views)
            chains = [[*chain, item] for chain in chains for item in seen]
            walked.append((k, row))
            k += side


def _link(out: Found, name, rows, k, side, near, far, came, row, views=1) -> None:
    link = (k - 1, near, far) if side > 0 else (k, far, near)
    out.links[link] += views
    out.behind[("link", *link)].add(name)
    out.people[("link", *link)] |= {rows[came]["person"]} - {None}
    if row is not None:
        out.people[("link", *link)] |= {rows[row]["person"]} - {None}
        gap = abs(rows[row]["time"] - rows[came]["time"])
        out.gaps[link].append(gap)
        out.joined += 1
        out.equal += row != came and gap == 0
