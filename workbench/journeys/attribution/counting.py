"""One question made ready for the compiled passes, and what the passes answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, partial

import numpy as np

from workbench.engine.executors import run_slices
from workbench.engine.store import Stream
from workbench.engine.touches import credit as kernels
from workbench.engine.touches import few, single
from workbench.engine.touches.collected import CONSECUTIVE, EVERY, UNIQUE, Rows, beside
from workbench.journeys.attribution.conversions import Conversions
from workbench.journeys.attribution.games import Learned, learn
from workbench.journeys.attribution.items import Items
from workbench.journeys.attribution.models import LEARNED, Model, model_from
from workbench.journeys.attribution.question import Question
from workbench.results.intervals import wilson

REPEATS = {None: EVERY, "consecutive": CONSECUTIVE, "unique": UNIQUE}
_AT_ONCE = 50_000
_MANY_ITEMS = 10_000
_ROWS_OF_ONE = 8
ALL_SUMS, FEW_SUMS = 9, 4


@dataclass(frozen=True)
class Credits:
    """Sums of one pass, a column a line and the last one for conversions without a touch.

    Attributes
    ----------
    sums : numpy.ndarray of float, shape (9, lines + 1)
        As `workbench.engine.touches.credit.credits` gives them.
    totals : numpy.ndarray of float
        Conversions, value, and the sums of their squares over containers.
    containers : int
        Containers with a conversion.
    """

    sums: np.ndarray
    totals: np.ndarray
    containers: int

    def intervals(self, of_value: bool) -> tuple[np.ndarray, np.ndarray]:
        """The 95 % interval of each line's share of all credit.

        Containers are taken as drawn independently. The variance of a share, a ratio of two sums
        over containers, is that of its linear part; Wilson's formula gets as many conversions as
        have this variance. The variance is never taken below what one container decides, so that
        a few containers that happen to agree make no certainty.
        """
        credit, square, cross = (
            self.sums[k]
            for k in (
                (kernels.VALUE, kernels.YY, kernels.YV)
                if of_value
                else (kernels.CREDIT, kernels.XX, kernels.XN)
            )
        )
        total, squares = (self.totals[1], self.totals[3]) if of_value else self.totals[[0, 2]]
        if total <= 0 or (credit < 0).any():
            return np.full((2, credit.size), np.nan)[0], np.full(credit.size, np.nan)
        share = np.clip(credit / total, 0, 1)
        spread = np.maximum(square - 2 * share * cross + share**2 * squares, 0) / total**2
        inner = share * (1 - share)
        with np.errstate(divide="ignore", invalid="ignore"):
            size = np.where(inner > 0, inner / spread, self.containers)
        size = np.minimum(size, np.where(inner > 0, float(self.containers) ** 2, self.containers))
        return wilson(share * size, size)


@dataclass(frozen=True)
class Lines:
    """Which line each item is counted in.

    Attributes
    ----------
    shown : numpy.ndarray of int64
        Items with a line of their own, in order.
    line_of : numpy.ndarray of int64
        Line of each item: its place in `shown`, then the folded, then the hidden.
    folded, hidden : numpy.ndarray of int64
        Items that were touched and share a line, or are not asked for.
    """

    shown: np.ndarray
    line_of: np.ndarray
    folded: np.ndarray
    hidden: np.ndarray

    @property
    def other(self) -> int:
        """Number of the line of the folded."""
        return self.shown.size

    @property
    def none(self) -> int:
        """Number of the line of conversions without a touch."""
        return self.shown.size + 2


@dataclass(frozen=True)
class Pairs:
    """Every value of every touch, with its part of the credit.

    Attributes
    ----------
    end : numpy.ndarray of int64
        Conversion, as a place in `Conversions`.
    place, item : numpy.ndarray of int64
    touch, touches : numpy.ndarray of int64
        Number of the touch in its window, and how many there are.
    weight : numpy.ndarray of float
        Part of the conversion; all values of a touch have the whole of it.
    """

    end: np.ndarray
    place: np.ndarray
    item: np.ndarray
    touch: np.ndarray
    touches: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class Study:
    """Everything that the passes of one question need.

    Attributes
    ----------
    question : Question
    stream : Stream
    items : Items
    conversions : Conversions
    rows : workbench.engine.touches.collected.Rows
    taking_part : numpy.ndarray of bool, or None
        Containers of the segment; None where every one takes part.
    """

    question: Question
    stream: Stream
    items: Items
    conversions: Conversions
    rows: Rows
    taking_part: np.ndarray | None
    _learned: dict[tuple[str, float], Learned] = field(default_factory=dict)
    _by_item: dict[Model, Credits] = field(default_factory=dict)

    @property
    def repeats(self) -> int:
        """Which repeated items are left out."""
        return REPEATS[self.question.dedupe]

    @cached_property
    def ranking(self) -> np.ndarray:
        """Conversions touched by each item, whatever the model."""
        identity = np.arange(len(self.items))
        found = self._pass(model_from("linear"), identity, len(self.items), FEW_SUMS)
        return found.sums[kernels.TOUCHED, :-1]

    def by_item(self, model: Model) -> Credits:
        """Sums of a model with a line for each item; all of them unless there are very many."""
        if model not in self._by_item:
            number = len(self.items)
            sums = ALL_SUMS if number <= _MANY_ITEMS else FEW_SUMS
            self._by_item[model] = self._pass(model, np.arange(number), number, sums)
        return self._by_item[model]

    def learned(self, model: Model) -> Learned:
        """What a model learns from all containers; learned once."""
        key = (model.name, model.prior)
        if key not in self._learned:
            self._learned[key] = learn(self, model)
        return self._learned[key]

    def rule(self, model: Model) -> kernels.Rule:
        """A model as the passes take it."""
        repeats = self.repeats
        if model.name not in LEARNED:
            nothing = np.empty(0, np.int64)
            return model.rule(repeats, nothing, nothing, np.empty((0, 0)))
        learned = self.learned(model)
        return model.rule(repeats, learned.player, learned.set_of, learned.shares)

    def credits(self, model: Model, lines: Lines) -> Credits:
        """All sums of a model for some lines."""
        found = self.by_item(model)
        if lines.folded.size or lines.hidden.size or len(found.sums) < ALL_SUMS:
            return self._pass(model, lines.line_of, lines.none, ALL_SUMS)
        sums = np.zeros((ALL_SUMS, lines.none + 1))
        sums[:, : lines.shown.size] = found.sums[:, lines.shown]
        sums[:, -1] = found.sums[:, -1]
        return Credits(sums, found.totals, found.containers)

    def _pass(self, model: Model, line_of: np.ndarray, lines: int, sums: int) -> Credits:
        groups, rule = self.conversions.groups, self.rule(model)
        known = self._of_sets(model, rule, line_of, lines, sums)
        if known is not None:
            return self._with_keyless(known)
        kernel = self._one_each(rule, line_of, lines, sums) or partial(
            kernels.credits,
            self.rows,
            self.conversions.ends,
            rule,
            line_of,
            lines,
            self.items.widest,
            sums,
        )
        sizes = np.diff(self.stream.offsets)[groups]
        parts = run_slices(lambda part: kernel(part.start, part.stop), sizes)
        acc = sum((part[0] for part in parts), np.zeros((sums, lines + 1)))
        totals = sum((part[1] for part in parts), np.zeros(4))
        return self._with_keyless(Credits(acc, totals, groups.size))

    def _of_sets(
        self, model: Model, rule: kernels.Rule, line_of: np.ndarray, lines: int, sums: int
    ) -> Credits | None:
        """Credit by touched sets, without another walk, where learning has counted the touches."""
        players = rule.shares.shape[1]
        every_item = np.array_equal(line_of, np.arange(len(self.items))) and lines == players
        if rule.model != kernels.SETS or not every_item or players > few.MOST_LINES:
            return None
        known, codes = self.learned(model).opportunities, self.items.offsets.size - 1
        if self.items.widest > 1 or self.repeats != EVERY or known.rows_of_code.size != codes:
            return None
        groups, ends = self.conversions.groups, self.conversions.ends
        parts = run_slices(
            lambda part: few.credits_of_sets(
                ends, known.sets, rule.set_of, rule.shares, sums, part.start, part.stop
            ),
            np.full(groups.size, _ROWS_OF_ONE),
        )
        acc = sum((part[0] for part in parts), np.zeros((sums, lines + 1)))
        has = np.diff(self.items.offsets) > 0
        np.add.at(acc[kernels.TOUCHES], self.items.places, known.rows_of_code[has])
        totals = sum((part[1] for part in parts), np.zeros(4))
        return Credits(acc, totals, groups.size)

    def _one_each(
        self, rule: kernels.Rule, line_of: np.ndarray, lines: int, sums: int
    ) -> Callable[[int, int], tuple[np.ndarray, np.ndarray]] | None:
        """The quick pass, where a row has one item at most and no repeats are left out."""
        items = self.items
        number = len(items)
        players = rule.model != kernels.SETS or (
            number == rule.shares.shape[1] and np.array_equal(line_of, np.arange(number))
        )
        if items.widest > 1 or self.repeats != EVERY or not players:
            return None
        rows = self.rows
        every = not rows.usable.size and not rows.session.size and rule.model != kernels.DECAY
        is_few = every and lines <= few.MOST_LINES
        line_of_code = np.full(
            items.offsets.size - 1,
            lines if is_few else -1,
            np.uint64 if is_few else np.int64,
        )
        line_of_code[np.diff(items.offsets) > 0] = line_of[items.places]
        kernel = few.credits if is_few else single.credits
        return partial(kernel, rows, self.conversions.ends, rule, line_of_code, lines, sums)

    def _with_keyless(self, credits: Credits) -> Credits:
        """Conversions without a key have no touch; each stands for a container of its own."""
        keyless, value = self.conversions.keyless, self.conversions.keyless_value
        if not keyless.size:
            return credits
        n, v, squares = keyless.size, value.sum(), (value**2).sum()
        added = [n, v, 0, n, n, n, n, squares, squares]
        sums = credits.sums.copy()
        sums[:, -1] += np.array(added, float)[: len(sums)]
        totals = credits.totals + np.array([n, v, n, squares], float)
        return Credits(sums, totals, credits.containers + n)

    def lines(self, shown: np.ndarray, hidden: np.ndarray, touched: np.ndarray) -> Lines:
        """Lines for some items; touched items that are neither shown nor hidden are folded."""
        line_of = np.full(len(self.items), shown.size, np.int64)
        line_of[hidden] = shown.size + 1
        line_of[shown] = np.arange(shown.size)
        folded = np.flatnonzero(touched & (line_of == shown.size))
        return Lines(shown, line_of, folded, hidden[touched[hidden]])

    def pairs(self, model: Model) -> Iterator[Pairs]:
        """Every value of every touch, some thousands of conversions at a time."""
        rule, number = self.rule(model), self.conversions.row.size
        for start in range(0, number, _AT_ONCE):
            end = min(number, start + _AT_ONCE)
            table, weight = kernels.pairs_of(
                self.rows, self.conversions.ends, rule, self.items.widest, start, end
            )
            yield Pairs(table[0], table[1], table[2], table[3], table[4], weight)

    def all_pairs(self, model: Model) -> Pairs:
        """Every value of every touch at once."""
        parts = list(self.pairs(model))
        if not parts:
            nothing = np.empty(0, np.int64)
            return Pairs(nothing, nothing, nothing, nothing, nothing, np.empty(0))
        columns = zip(*(vars(part).values() for part in parts), strict=True)
        return Pairs(*(np.concatenate(column) for column in columns))

    def beside(self) -> tuple[int, int]:
        """Conversions whose own row is a touch, and touches of their instant that come after."""
        offsets, conversions = self.stream.offsets, self.conversions
        parts = run_slices(
            lambda part: beside(
                self.rows,
                offsets,
                conversions.container,
                conversions.ends.place,
                part.start,
                part.stop,
            ),
            np.full(conversions.row.size, _ROWS_OF_ONE),
        )
        return sum(own for own, _ in parts), sum(tied for _, tied in parts)
