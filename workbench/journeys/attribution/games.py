"""What the learned models know: touched sets with their rates, and the chain of transitions.

A conversion is an opportunity that was taken. Every container without a conversion in the period
is one that was not: its touched set is that of the window before its last touch in the period.

Source: journeys-attribution-and-segments.md, A4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.executors import run_slices
from workbench.engine.touches import sets as kernels
from workbench.engine.touches.collected import Ends, last_touches
from workbench.journeys.attribution.conversions import since
from workbench.journeys.attribution.models import Model

if TYPE_CHECKING:
    from workbench.journeys.attribution.counting import Study

_FEW_PLAYERS = 16


@dataclass(frozen=True)
class Opportunities:
    """Conversions first, then containers without one, each with its touched set.

    Attributes
    ----------
    ends : workbench.engine.touches.collected.Ends
    container : numpy.ndarray of int64
        Container of the stream of each.
    won : numpy.ndarray of bool
    player : numpy.ndarray of int64
        Player of each item; where there are more than 64 items the last player stands for the
        least touched.
    players : int
    sets : numpy.ndarray of uint64
        Distinct touched sets in order, as masks of players.
    set_of : numpy.ndarray of int64
        Place in `sets` of each.
    rows_of_code : numpy.ndarray of int64
        Rows of each code of the dimension in the windows of conversions; one place only where they
        were not counted.
    """

    ends: Ends
    container: np.ndarray
    won: np.ndarray
    player: np.ndarray
    players: int
    sets: np.ndarray
    set_of: np.ndarray
    rows_of_code: np.ndarray


@dataclass(frozen=True)
class Learned:
    """Credit of each player in every touched set.

    Attributes
    ----------
    opportunities : Opportunities
    shares : numpy.ndarray of float, shape (sets, players)
        Nothing for sets without a conversion.
    effects : numpy.ndarray of float
        Removal effect of each player; empty for Shapley values.
    """

    opportunities: Opportunities
    shares: np.ndarray
    effects: np.ndarray

    @property
    def player(self) -> np.ndarray:
        """Player of each item."""
        return self.opportunities.player

    @property
    def set_of(self) -> np.ndarray:
        """Touched set of each conversion."""
        return self.opportunities.set_of


def learn(study: Study, model: Model) -> Learned:
    """Learn the shares of a model from every container that takes part."""
    known = opportunities_of(study)
    shares, effects = shares_of(study, model, known, np.ones(known.won.size))
    return Learned(known, shares, effects)


def shares_of(
    study: Study, model: Model, known: Opportunities, counted: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Shares in each touched set, and removal effects, every opportunity counted so often.

    Parameters
    ----------
    counted : numpy.ndarray of float
        How often each opportunity counts; one each, unless containers are drawn again.
    """
    if model.name == "markov":
        effects = removal_effects(transition_counts(study, known, counted))
        return _by_effect(known.sets, effects), effects
    sets, tried, won = rates(known, counted)
    usual = won.sum() / tried.sum() if tried.sum() else 0.0
    tested = tried > 0
    worth = worths(tried[tested], won[tested], usual, model.prior)
    out = np.zeros((sets.size, known.players))
    asked = won > 0
    out[asked] = _shapley(sets[asked], sets[tested], worth, usual, known.players)
    return out, np.empty(0)


def rates(known: Opportunities, counted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Touched sets, how many opportunities touched exactly them, and how many converted.

    Returns
    -------
    sets : numpy.ndarray of uint64
        In order.
    tried, won : numpy.ndarray of float
        Zero for the empty set, which is worth nothing.
    """
    tried = np.bincount(known.set_of, counted, known.sets.size)
    won = np.bincount(known.set_of, counted * known.won, known.sets.size)
    empty = known.sets == 0
    tried[empty] = won[empty] = 0.0
    return known.sets, tried, won


def worths(tried: np.ndarray, won: np.ndarray, usual: float, prior: float) -> np.ndarray:
    """Rates drawn towards the overall one; the overall one where nothing was tried."""
    size = tried + prior
    out = np.full(tried.shape, usual)
    np.divide(won + prior * usual, size, out=out, where=size > 0)
    return out


def _shapley(
    coalitions: np.ndarray, sets: np.ndarray, worth: np.ndarray, usual: float, players: int
) -> np.ndarray:
    members = np.bitwise_count(coalitions).astype(np.int64)
    work = np.minimum(2.0**members, float(max(sets.size, 1))).astype(np.int64) * 8
    parts = run_slices(
        lambda part: kernels.shapley(
            coalitions, sets, worth, usual, players, part.start, part.stop
        ),
        work,
    )
    return np.concatenate(parts) if parts else np.zeros((0, players))


def transition_counts(study: Study, known: Opportunities, counted: np.ndarray) -> np.ndarray:
    """How often one state follows another; the last states are start, conversion, nothing."""
    parts = run_slices(
        lambda part: kernels.transitions(
            study.rows,
            known.ends,
            known.player,
            known.players,
            study.repeats,
            known.won,
            counted,
            study.items.widest,
            part.start,
            part.stop,
        ),
        np.diff(study.stream.offsets)[known.container],
    )
    states = known.players + 3
    return sum(parts, np.zeros((states, states)))


def removal_effects(counts: np.ndarray) -> np.ndarray:
    """Part of all conversions that is lost when every path through an item ends there.

    Parameters
    ----------
    counts : numpy.ndarray, shape (items + 3, items + 3)
        Transitions between items; the last three states are start, conversion, nothing.

    Returns
    -------
    numpy.ndarray of float, shape (items,)
        In 0…1; zero for all where nothing converts.

    Notes
    -----
    With N the inverse of one minus the transitions between items, s those from the start and c
    those to a conversion, s·N·c is the chance of a conversion. A path visits item i with chance
    (s·N)ᵢ / Nᵢᵢ and converts from there with chance (N·c)ᵢ: what is lost without i.
    """
    items = counts.shape[0] - 3
    leaving = counts.sum(axis=1, keepdims=True)
    chance = np.divide(counts, leaving, out=np.zeros_like(counts), where=leaving > 0)
    visits = np.linalg.inv(np.eye(items) - chance[:items, :items])
    begun = chance[items, :items] @ visits
    converts = visits @ chance[:items, items + 1]
    overall = float(chance[items, :items] @ converts)
    if overall <= 0:
        return np.zeros(items)
    return np.clip(begun * converts / np.diag(visits) / overall, 0, 1)


def _by_effect(coalitions: np.ndarray, effects: np.ndarray) -> np.ndarray:
    """Shares of the members of each coalition by their effects; equal where they have none."""
    bits = np.arange(effects.size, dtype=np.uint64)
    member = (coalitions[:, None] >> bits) & np.uint64(1) > 0
    parts = np.where(member, effects, 0.0)
    sums = parts.sum(axis=1, keepdims=True)
    equal = member / np.maximum(member.sum(axis=1, keepdims=True), 1)
    return np.divide(parts, sums, out=equal, where=sums > 0)


def opportunities_of(study: Study) -> Opportunities:
    """Every conversion, and every container without one that was touched in the period."""
    conversions, question = study.conversions, study.question
    player, players = _players(study)
    chosen = np.ones(len(study.stream), bool)
    chosen[conversions.converted] = False
    if study.taking_part is not None:
        chosen &= study.taking_part
    container, place, instants = _untaken(study, np.flatnonzero(chosen))
    begin = np.asarray(study.stream.offsets)[container].astype(np.int64)
    own = conversions.ends
    ends = Ends(
        np.concatenate([own.place, place]),
        np.concatenate([own.begin, begin]),
        np.concatenate([own.since, since(question, instants)]),
        np.concatenate([own.mass, np.ones(place.size)]),
        np.concatenate([own.value, np.zeros(place.size)]),
        np.empty(0, np.int64),
    )
    everyone = np.concatenate([conversions.container, container])
    masks = kernels.masks_of_codes(study.rows.offsets, study.rows.items, player)
    number = conversions.row.size
    parts = run_slices(
        lambda part: kernels.touched_sets(
            study.rows, ends.place, ends.begin, ends.since, masks, number, part.start, part.stop
        ),
        np.diff(study.stream.offsets)[everyone],
    )
    touched = np.concatenate([p[0] for p in parts]) if parts else np.empty(0, np.uint64)
    rows_of_code = sum((p[1] for p in parts), np.zeros(1, np.int64))
    sets, set_of = _numbered(touched, players)
    won = np.arange(everyone.size) < number
    return Opportunities(ends, everyone, won, player, players, sets, set_of, rows_of_code)


def _untaken(study: Study, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of some containers those with a touch in the period: the last one's place and time."""
    start, end = study.question.workspace.bounds(study.question.period)
    offsets = study.stream.offsets
    parts = run_slices(
        lambda part: last_touches(study.rows, offsets, chosen[part], start, end),
        np.diff(offsets)[chosen],
    )
    if not parts:
        return chosen, chosen, chosen
    place, instants = (np.concatenate(column) for column in zip(*parts, strict=True))
    touched = place >= 0
    return chosen[touched], place[touched], instants[touched]


def _numbered(touched: np.ndarray, players: int) -> tuple[np.ndarray, np.ndarray]:
    """Distinct masks in order, and the place of each mask among them."""
    if players > _FEW_PLAYERS:
        set_of, sets = pd.factorize(touched, sort=True)
        return sets, set_of.astype(np.int64)
    there = np.zeros(1 << players, bool)
    there[touched] = True
    return np.flatnonzero(there).astype(np.uint64), (np.cumsum(there) - 1)[touched]


def _players(study: Study) -> tuple[np.ndarray, int]:
    """Player of each item: itself, or the last one for all but the 63 most touched."""
    number = len(study.items)
    if number <= kernels.MOST_PLAYERS:
        return np.arange(number), number
    most = kernels.MOST_PLAYERS - 1
    order = np.argsort(-study.ranking, kind="stable")[:most]
    player = np.full(number, most, np.int64)
    player[order] = np.arange(most)
    return player, kernels.MOST_PLAYERS
