"""The orders in which the steps of a sequence can be served, and what must not lie between them.

A logic group stands for every order of its conditions, several of them on one row included; each
order is walked as a plain sequence, so that ties, limits and distinct rows mean the same in it.

Source: journeys-attribution-and-segments.md, B2 (logic group, exclude inside a sequence).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import Condition
from workbench.vocabulary.limits import Limit
from workbench.vocabulary.nesting import is_checkpoint
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step
from workbench.vocabulary.wholes import Each

MOST_ORDERS = 600


@dataclass(frozen=True)
class Atom:
    """One condition of a step: a bit of the rows, or finer containers."""

    condition: Condition
    checkpoint: bool


@dataclass(frozen=True)
class Slot:
    """A place in one order: the atoms that one row serves, or one finer container."""

    step: int
    atoms: tuple[int, ...]
    first: bool


def is_plain(segment: Segment) -> bool:
    """Whether the steps of a segment are those that every journey knows."""
    rows = all(
        not isinstance(item.condition, Each)
        and not isinstance(item.without, Each)
        and not is_checkpoint(item.condition, segment.scope)
        and not item.limits
        for item in segment.steps
    )
    whole = segment.part == "everyone" and not isinstance(segment.total_within, Limit)
    free = segment.without_before is None and segment.without_after is None
    return rows and whole and free and segment.steps[0].without is None


def atoms_of(segment: Segment) -> tuple[list[Atom], list[tuple[int, ...]]]:
    """Every condition of the steps, and the numbers of those of each step."""
    atoms: list[Atom] = []
    numbers: list[tuple[int, ...]] = []
    for item in segment.steps:
        condition = item.condition
        parts = condition.parts if isinstance(condition, Each) else (condition,)
        numbers.append(tuple(range(len(atoms), len(atoms) + len(parts))))
        atoms += [Atom(part, is_checkpoint(part, segment.scope)) for part in parts]
    return atoms, numbers


def orders(
    name: str,
    numbers: Sequence[tuple[int, ...]],
    together: Callable[[tuple[int, ...]], bool],
) -> Iterator[tuple[Slot, ...]]:
    """Every order in which the steps can be served.

    Parameters
    ----------
    name : str
        Name of the segment, for the refusal of too many.
    numbers : list of tuple of int
        Atoms of each step.
    together : callable
        Whether one row can meet all of some atoms.
    """
    choices = [
        [
            tuple(Slot(step, block, number == 0) for number, block in enumerate(blocks))
            for blocks in _arrangements(atoms, together)
        ]
        for step, atoms in enumerate(numbers)
    ]
    if prod(map(len, choices)) > MOST_ORDERS:
        raise ArgumentError.of(
            "steps",
            name,
            message("fewer or smaller groups of conditions in any order"),
            message("They could be served in more than {n} orders.", n=MOST_ORDERS),
        )
    for chosen in product(*choices):
        yield tuple(slot for part in chosen for slot in part)


def steps_done(order: Sequence[Slot], slots: int) -> int:
    """Steps that are complete when the first `slots` places of an order are served."""
    if slots == len(order):
        return order[-1].step + 1
    return order[slots].step


def _arrangements(
    atoms: tuple[int, ...], together: Callable[[tuple[int, ...]], bool]
) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Every way to split atoms into blocks that stand one after another."""
    if not atoms:
        yield ()
        return
    for chosen in range(1, 1 << len(atoms)):
        block = tuple(atom for n, atom in enumerate(atoms) if chosen >> n & 1)
        if together(block):
            rest = tuple(atom for n, atom in enumerate(atoms) if not chosen >> n & 1)
            for following in _arrangements(rest, together):
                yield (block, *following)


def exclusions(segment: Segment) -> list[tuple[int, list[Condition | None]]]:
    """What must not lie before each step, all parts together; below zero: after the last one."""
    out: list[tuple[int, list[Condition | None]]] = []
    if segment.without_before is not None:
        out.append((0, _parts(segment.without_before)))
    for number, item in enumerate(segment.steps):
        out += [(number, parts) for parts in _barriers(item)]
    if segment.without_after is not None:
        out.append((-1, _parts(segment.without_after)))
    return out


def _barriers(item: Step) -> list[list[Condition | None]]:
    out: list[list[Condition | None]] = []
    if item.link == "next":
        out.append([item.next_among])
    if item.without is not None:
        out.append(_parts(item.without))
    return out


def _parts(condition: Condition) -> list[Condition | None]:
    return list(condition.parts) if isinstance(condition, Each) else [condition]
