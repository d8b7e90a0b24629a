"""Health of a relationship: three parts that add up to a score from 0 to 100.

``activity`` compares weighted, fading contacts with one neutral contact every C days; ``recency``
is full up to C days since the last one and gone at 4 C; ``engagement`` is twice the share that the
customer started. Where the mood of activities is known, its mean may be a fourth part.

Source: relationship-analytics.md, section 5.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit

from workbench.engine.executors import run_slices
from workbench.relationship.activities import IN, MEETING, TYPES, Activities
from workbench.relationship.records import NEVER
from workbench.relationship.rules import DAY_US, Rules
from workbench.relationship.signals import Signals
from workbench.relationship.sorting import by_time, order_of

GOOD, FAIR, POOR, UNSURE, NOTHING_DONE = 0, 1, 2, 3, 4
IMPROVING, STEADY, DECLINING, UNKNOWN, FAILED, ENDED = 0, 1, 2, 3, 4, 5
TREND_DAYS = (*range(7), *range(28, 35))


@dataclass(frozen=True)
class Parts:
    """What a score is made of, at one instant of each record.

    Attributes
    ----------
    total : numpy.ndarray of float
        Weighted, faded sum (S).
    number, ever : numpy.ndarray of int64
        Done activities in the look-back, and at any time.
    directed, started : numpy.ndarray of int64
        Mails, calls and meetings of a known direction, and those that the customer began.
    days_since : numpy.ndarray of float
        Days since the last done activity; NaN without one.
    mood : numpy.ndarray of float
        Mean mood in the look-back, -1…1; NaN where none is known or asked for.
    """

    total: np.ndarray
    number: np.ndarray
    ever: np.ndarray
    directed: np.ndarray
    started: np.ndarray
    days_since: np.ndarray
    mood: np.ndarray


def shares_of(parts: Parts, rules: Rules) -> tuple[np.ndarray, ...]:
    """Activity, recency, engagement, and mood where it is asked for, each 0…1.

    Without a known direction or mood half of that part is taken.
    """
    activity = np.minimum(1.0, parts.total / rules.expected)
    gone = (parts.days_since - rules.every_days) / (3 * rules.every_days)
    recency = np.nan_to_num(np.clip(1 - gone, 0.0, 1.0))
    known = parts.directed > 0
    begun = np.divide(parts.started, parts.directed, out=np.full(known.size, 0.25), where=known)
    shares = (activity, recency, np.minimum(1.0, 2 * begun))
    if not rules.sentiment:
        return shares
    return (*shares, np.where(np.isnan(parts.mood), 0.5, (parts.mood + 1) / 2))


def score_of(parts: Parts, rules: Rules) -> np.ndarray:
    """Scores from 0 to 100, halves rounded up; NaN where there is too little to tell."""
    weighted = sum(w * s for w, s in zip(rules.shares, shares_of(parts, rules), strict=True))
    score = np.floor(100 * np.asarray(weighted) + 0.5 + 1e-9)
    return np.where((parts.ever > 0) & (parts.number >= rules.least), score, np.nan)


def state_of(parts: Parts, score: np.ndarray, rules: Rules) -> np.ndarray:
    """Code of the state: good, fair, poor, not enough to tell, nothing done."""
    grade = np.where(score >= rules.good, GOOD, np.where(score >= rules.fair, FAIR, POOR))
    known = np.where(np.isnan(score), UNSURE, grade)
    return np.where(parts.ever == 0, NOTHING_DONE, known).astype(np.int8)


@dataclass(frozen=True)
class Contacts:
    """Done activities of every record, ready for the formula; one place a link.

    Attributes
    ----------
    offsets : numpy.ndarray of int64
        Where each record begins.
    activity, ended : numpy.ndarray of int64
    weight : numpy.ndarray of float
        0 for what is beyond the daily cap.
    way : numpy.ndarray of int8
        0 in, 1 out, -1 unknown or a task.
    mood : numpy.ndarray of float
        -1…1, NaN where unknown; empty where it is not asked for.
    """

    offsets: np.ndarray
    activity: np.ndarray
    ended: np.ndarray
    weight: np.ndarray
    way: np.ndarray
    mood: np.ndarray

    def at(self, instants: np.ndarray, rules: Rules) -> Parts:
        """The parts of each record at an instant of its own."""
        now = instants.astype(np.int64)

        def part(piece: slice) -> tuple[np.ndarray, ...]:
            return _parts(
                self.offsets[piece.start : piece.stop + 1], self.ended, self.weight, self.way,
                self.mood, now[piece], rules.look_back_days * DAY_US, rules.half_life * DAY_US,
            )  # fmt: skip

        parts = run_slices(part, np.diff(self.offsets))
        found = [np.concatenate(values) for values in zip(*parts, strict=True)]
        last = found[5]
        since = np.where(last == NEVER, np.nan, (instants - last) / DAY_US)
        return Parts(found[0], found[1], found[2], found[3], found[4], since, found[6])

    def trend(self, instants: np.ndarray, rules: Rules) -> np.ndarray:
        """Code of the trend: the last seven days against days 28 to 34 back, five points apart."""
        return trend_of([score_of(self.at(instants - k * DAY_US, rules), rules)
                         for k in TREND_DAYS])  # fmt: skip


def trend_of(scores: list[np.ndarray]) -> np.ndarray:
    """Code of the trend from the scores of the days `TREND_DAYS` back."""
    daily = np.array(scores).reshape(2, 7, -1)
    known = (~np.isnan(daily)).sum(axis=1)
    sums = np.nan_to_num(daily).sum(axis=1)
    means = np.divide(sums, known, out=np.full(sums.shape, np.nan), where=known > 0)
    change = means[0] - means[1]
    # Means of whole numbers: what is five points apart must not fail by a rounding error.
    code = np.where(change >= 5 - 1e-9, IMPROVING, STEADY)
    code = np.where(change <= -5 + 1e-9, DECLINING, code)
    return np.where((known < 4).any(axis=0), UNKNOWN, code).astype(np.int8)


def contacts_of(
    activities: Activities, record: np.ndarray, activity: np.ndarray, size: int, rules: Rules,
    day: np.ndarray, signals: Signals | None = None,
) -> Contacts:  # fmt: skip
    """Done links, by record, with what the daily cap leaves of their weight.

    Parameters
    ----------
    record, activity : numpy.ndarray of int64
        Done links.
    day : numpy.ndarray of int64
        Day of the reporting zone of each link.
    signals : Signals, optional
        Mood and messages of social networks, where the rules ask for them.
    """
    kind = activities.kind[activity]
    weight = rules.weight()[kind]
    if signals is not None and "social" in rules.weights:
        weight = np.where(signals.social[activity], rules.weights["social"] / 6, weight)
    way = np.where(kind <= MEETING, activities.direction[activity], -1)
    if rules.daily_cap:
        busy = _busy(record, day, rules.daily_cap)
        ours, theirs = (codes[activity[busy]] for codes in activities.present.first)
        keys = np.stack([record[busy], kind[busy], ours, theirs, day[busy]])
        order = np.lexsort((activity[busy], *keys[::-1]))
        keys, busy = keys[:, order], busy[order]
        fresh = np.ones(busy.size, bool)
        fresh[1:] = (keys[:, 1:] != keys[:, :-1]).any(axis=0)
        place = np.arange(busy.size)
        rank = place - np.maximum.accumulate(np.where(fresh, place, 0))
        beyond = np.zeros(record.size, bool)
        beyond[busy] = rank >= rules.daily_cap
        weight, way = np.where(beyond, 0.0, weight), np.where(beyond, -1, way)
    order = by_time(record, activities.ended[activity])
    offsets = np.append(0, np.cumsum(np.bincount(record, minlength=size))).astype(np.int64)
    chosen = activity[order]
    moods = signals.mood[chosen] if signals is not None and rules.sentiment else np.zeros(0)
    return Contacts(
        offsets, chosen, activities.ended[chosen], weight[order], way[order].astype(np.int8), moods
    )


def _busy(record: np.ndarray, day: np.ndarray, cap: int) -> np.ndarray:
    """Links of records on days with more activities than the cap of one pair of people."""
    order = order_of(record, day)
    return order[_in_long_runs(record, day, order, cap)]


@njit(cache=True, nogil=True)
def _in_long_runs(record, day, order, cap):
    out = np.zeros(order.size, np.bool_)
    begin = 0
    for n in range(1, order.size + 1):
        if n < order.size and (
            record[order[n]] == record[order[begin]] and day[order[n]] == day[order[begin]]
        ):
            continue
        if n - begin > cap:
            out[begin:n] = True
        begin = n
    return out


@njit(cache=True, nogil=True)
def _parts(offsets, ended, weight, way, mood, instants, look_back, half_life):
    size = offsets.size - 1
    total = np.zeros(size)
    number, ever = np.zeros(size, np.int64), np.zeros(size, np.int64)
    directed, started = np.zeros(size, np.int64), np.zeros(size, np.int64)
    last = np.full(size, NEVER)
    moods = np.full(size, np.nan)
    for r in range(size):
        now = instants[r]
        felt, told = 0.0, 0
        for i in range(offsets[r], offsets[r + 1]):
            if ended[i] > now:
                break
            ever[r] += 1
            last[r] = ended[i]
            age = now - ended[i]
            if age > look_back:
                continue
            number[r] += 1
            total[r] += weight[i] * 0.5 ** (age / half_life)
            if way[i] >= 0:
                directed[r] += 1
                if way[i] == 0:
                    started[r] += 1
            if mood.size and not np.isnan(mood[i]):
                felt += mood[i]
                told += 1
        if told:
            moods[r] = felt / told
    return total, number, ever, directed, started, last, moods


def with_one_more(parts: Parts, rules: Rules, kind: str, way: int) -> np.ndarray:
    """Scores as they would be after one more activity now.

    Parameters
    ----------
    kind : str
        One of the types.
    way : {0, 1}
        0 when the customer begins it, 1 when we do.
    """
    talk = TYPES.index(kind) <= MEETING
    return score_of(
        Parts(
            total=parts.total + rules.weight()[TYPES.index(kind)],
            number=parts.number + 1,
            ever=parts.ever + 1,
            directed=parts.directed + talk,
            started=parts.started + (talk and way == IN),
            days_since=np.zeros(parts.total.size),
            mood=parts.mood,
        ),
        rules,
    )
