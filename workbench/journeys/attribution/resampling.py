"""Containers drawn again: what chance alone could have changed in the shares of models.

Every container counts as often as a Poisson number with mean one says (the Poisson bootstrap),
from a fixed seed. All models see the same draws, so their differences are compared like with like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.engine.touches.credit import SETS
from workbench.journeys.attribution.counting import Lines, Pairs, Study
from workbench.journeys.attribution.games import Learned, shares_of
from workbench.journeys.attribution.models import Model
from workbench.journeys.attribution.sharing import checked_size, code_of, credited, untouched
from workbench.messages import message

SEED = 20_260
_MOST_WORK = 2e9


@dataclass(frozen=True)
class _Fixed:
    """Credit of a model that learns nothing: lines of each container."""

    group: np.ndarray
    line: np.ndarray
    credit: np.ndarray


def resampled(
    study: Study, models: Sequence[Model], lines: Lines, replicates: int
) -> tuple[np.ndarray, list[str]]:
    """Shares of every line under every model in each draw.

    Returns
    -------
    draws : numpy.ndarray of float, shape (models, replicates, lines + 1)
        Not a number for a model that takes too long to learn again.
    notes : list of str
    """
    draws = np.full((len(models), replicates, lines.none + 1), np.nan)
    notes: list[str] = []
    conversions = study.conversions
    if not replicates or conversions.groups.size + conversions.keyless.size < 2:
        return draws, notes
    by_value = study.question.by_value
    learning = [m for m in models if m.learned]
    skipped = {m.label for m in learning if _work(study, m) * replicates > _MOST_WORK}
    for label in sorted(skipped):
        notes.append(message("{model} takes too long to learn again in each draw.", model=label))
    universe = conversions.groups
    if any(m.label not in skipped for m in learning):
        universe = np.unique(study.learned(learning[0]).opportunities.container)
    known = [None if m.label in skipped else _prepared(study, m, lines, by_value) for m in models]
    ends = conversions.ends
    mass = ends.value if by_value else ends.mass
    keyless = conversions.keyless_value if by_value else np.ones(conversions.keyless.size)
    place = np.searchsorted(universe, conversions.container)
    generator = np.random.default_rng(SEED)
    for draw in range(replicates):
        counted = generator.poisson(1.0, universe.size).astype(float)
        bare = float(keyless @ generator.poisson(1.0, keyless.size)) if keyless.size else 0.0
        whole = float(mass @ counted[place]) + bare
        for number, ready in enumerate(known):
            if ready is None or whole <= 0:
                continue
            sums = _sums(study, models[number], ready, counted, universe, lines.none + 1)
            sums[-1] += bare
            draws[number, draw] = sums / whole
    return draws, notes


def _work(study: Study, model: Model) -> float:
    """Roughly how many steps learning takes."""
    learned = study.learned(model)
    if model.name == "markov":
        return float(study.by_item(model).sums[2].sum()) + learned.opportunities.won.size * 20.0
    known = learned.opportunities
    sizes = np.bitwise_count(known.sets[np.unique(known.set_of[known.won])]).astype(float)
    return float((np.minimum(2.0**sizes, known.sets.size) * np.maximum(sizes, 1)).sum())


@dataclass(frozen=True)
class _Relearned:
    """What a learned model is counted from in each draw."""

    learned: Learned
    to_line: np.ndarray
    worth: np.ndarray


def _prepared(study: Study, model: Model, lines: Lines, by_value: bool) -> _Fixed | _Relearned:
    checked_size(study, model)
    pairs = study.all_pairs(model)
    ends = study.conversions.ends
    mass = ends.value if by_value else ends.mass
    if code_of(model) == SETS:
        return _Relearned(study.learned(model), _line_parts(study, model, lines, pairs), mass)
    found = credited(study, model, lines, pairs)
    bare = untouched(study, pairs)
    end = np.append(found.end, bare)
    line = np.append(found.line, np.full(bare.size, lines.none))
    credit = np.append(found.credit, np.ones(bare.size)) * mass[end]
    size = lines.none + 1
    cell, inverse = np.unique(study.conversions.container[end] * size + line, return_inverse=True)
    return _Fixed(cell // size, cell % size, np.bincount(inverse, credit, cell.size))


def _line_parts(study: Study, model: Model, lines: Lines, pairs: Pairs) -> np.ndarray:
    """Part of each player's credit that falls to each line, shape (players, lines)."""
    learned = study.learned(model)
    player = learned.player[pairs.item]
    out = np.zeros((learned.opportunities.players, lines.none + 1))
    weight = pairs.weight * study.conversions.ends.mass[pairs.end]
    np.add.at(out, (player, lines.line_of[pairs.item]), weight)
    alone = out.sum(axis=1) <= 0
    items = np.flatnonzero(alone[learned.player])
    out[learned.player[items], lines.line_of[items]] = 1.0
    return out / out.sum(axis=1, keepdims=True).clip(min=np.finfo(float).tiny)


def _sums(
    study: Study,
    model: Model,
    ready: _Fixed | _Relearned,
    counted: np.ndarray,
    universe: np.ndarray,
    size: int,
) -> np.ndarray:
    """Credit of every line when containers count so often."""
    if isinstance(ready, _Fixed):
        weight = counted[np.searchsorted(universe, ready.group)]
        return np.bincount(ready.line, ready.credit * weight, size)
    known = ready.learned.opportunities
    often = counted[np.searchsorted(universe, known.container)]
    shares, _ = shares_of(study, model, known, often)
    own = often[known.won] * ready.worth
    of_set = np.bincount(known.set_of[known.won], own, known.sets.size)
    sums = (of_set @ shares) @ ready.to_line
    sums[-1] += of_set[known.sets == 0].sum()
    return sums
