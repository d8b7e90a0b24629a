"""Health of a relationship: three parts that add up to a score from 0 to 100.

``activity`` compares weighted, fading contacts with one neutral contact every C days; ``recency``
is full up to C days since the last one and gone at 4 C; ``engagement`` is twice the share that the
customer started.

Source: relationship-analytics.md, section 5.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numba import njit

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.relationship.activities import IN, MEETING, TYPES, Activities
from workbench.relationship.records import NEVER
from workbench.relationship.sorting import by_time, order_of
from workbench.relationship.threads import first_of_side

DAY_US = 86_400_000_000
GOOD, FAIR, POOR, UNSURE, NOTHING_DONE, TOO_OLD = 0, 1, 2, 3, 4, 7
IMPROVING, STEADY, DECLINING, UNKNOWN, ENDED = 0, 1, 2, 3, 5
FREQUENCIES = (1, 3, 7, 14, 30)
SHARES = (0.5, 0.3, 0.2)
TREND_DAYS = (*range(7), *range(28, 35))


@dataclass(frozen=True)
class Rules:
    """Options of the formula.

    Attributes
    ----------
    every_days : int
        Expected days between contacts (C); the half-life is twice that.
    weights : mapping
        Type to a whole number from 3 to 9; 6 is neutral.
    good, fair : int
        Lowest score of the two grades.
    look_back_days, least, daily_cap : int
        Days that count, fewest activities for a score, and how many activities of one type count
        on one day between the same two people; 0 for no cap.
    """

    every_days: int = 7
    weights: dict[str, int] = field(default_factory=dict)
    good: int = 60
    fair: int = 40
    look_back_days: int = 90
    least: int = 3
    daily_cap: int = 5

    @classmethod
    def read(cls, every_days: Any, weights: Any) -> Rules:
        """Check the options that a question takes.

        Raises
        ------
        ArgumentError
        """
        if every_days not in FREQUENCIES or isinstance(every_days, bool):
            raise ArgumentError.of("every_days", every_days, FREQUENCIES)
        given = dict(weights or {}) if weights is None or isinstance(weights, dict) else None
        if given is None:
            raise ArgumentError.of(
                "weights", weights, message("a mapping of types to whole numbers from 3 to 9")
            )
        for name, value in given.items():
            if name not in TYPES:
                raise ArgumentError.of("weights", name, TYPES)
            if not isinstance(value, int) or isinstance(value, bool) or not 3 <= value <= 9:
                raise ArgumentError.of("weights", value, message("a whole number from 3 to 9"))
        return cls(every_days=every_days, weights=given)

    @property
    def expected(self) -> float:
        """Sum that one neutral activity every `every_days` days comes to."""
        return 1 / (1 - 0.5 ** (self.every_days / (2 * self.every_days)))

    def weight(self) -> np.ndarray:
        """Factor of each type; 1 for the neutral weight."""
        return np.array([self.weights.get(name, 6) / 6 for name in TYPES])

    def plain(self) -> dict[str, Any]:
        """The options as plain values."""
        return asdict(self)


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
    """

    total: np.ndarray
    number: np.ndarray
    ever: np.ndarray
    directed: np.ndarray
    started: np.ndarray
    days_since: np.ndarray


def shares_of(parts: Parts, rules: Rules) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Activity, recency and engagement, each 0…1."""
    activity = np.minimum(1.0, parts.total / rules.expected)
    gone = (parts.days_since - rules.every_days) / (3 * rules.every_days)
    recency = np.nan_to_num(np.clip(1 - gone, 0.0, 1.0))
    known = parts.directed > 0
    begun = np.divide(parts.started, parts.directed, out=np.full(known.size, 0.25), where=known)
    return activity, recency, np.minimum(1.0, 2 * begun)


def score_of(parts: Parts, rules: Rules) -> np.ndarray:
    """Scores from 0 to 100, halves rounded up; NaN where there is too little to tell."""
    weighted = sum(w * s for w, s in zip(SHARES, shares_of(parts, rules), strict=True))
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
    """

    offsets: np.ndarray
    activity: np.ndarray
    ended: np.ndarray
    weight: np.ndarray
    way: np.ndarray

    def at(self, instants: np.ndarray, rules: Rules) -> Parts:
        """The parts of each record at an instant of its own."""
        found = _parts(
            self.offsets, self.ended, self.weight, self.way, instants.astype(np.int64),
            rules.look_back_days * DAY_US, 2.0 * rules.every_days * DAY_US,
        )  # fmt: skip
        last = found[5]
        since = np.where(last == NEVER, np.nan, (instants - last) / DAY_US)
        return Parts(found[0], found[1], found[2], found[3], found[4], since)

    def trend(self, instants: np.ndarray, rules: Rules) -> np.ndarray:
        """Code of the trend: the last seven days against days 28 to 34 back, five points apart."""
        scores = np.array(
            [score_of(self.at(instants - k * DAY_US, rules), rules) for k in TREND_DAYS]
        ).reshape(2, 7, -1)
        known = (~np.isnan(scores)).sum(axis=1)
        sums = np.nan_to_num(scores).sum(axis=1)
        means = np.divide(sums, known, out=np.full(sums.shape, np.nan), where=known > 0)
        change = means[0] - means[1]
        # Means of whole numbers: what is five points apart must not fail by a rounding error.
        code = np.where(change >= 5 - 1e-9, IMPROVING, STEADY)
        code = np.where(change <= -5 + 1e-9, DECLINING, code)
        return np.where((known < 4).any(axis=0), UNKNOWN, code).astype(np.int8)


def contacts_of(
    activities: Activities, record: np.ndarray, activity: np.ndarray, size: int, rules: Rules,
    day: np.ndarray,
) -> Contacts:  # fmt: skip
    """Done links, by record, with what the daily cap leaves of their weight.

    Parameters
    ----------
    record, activity : numpy.ndarray of int64
        Done links.
    day : numpy.ndarray of int64
        Day of the reporting zone of each link.
    """
    kind = activities.kind[activity]
    weight = rules.weight()[kind]
    way = np.where(kind <= MEETING, activities.direction[activity], -1)
    if rules.daily_cap:
        total = len(activities)
        ours = first_of_side(activities.present, 1, total)[activity]
        theirs = first_of_side(activities.present, 2, total)[activity]
        busy = _busy(record, day, rules.daily_cap)
        keys = np.stack([record, kind, ours, theirs, day])[:, busy]
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
    return Contacts(
        offsets, chosen, activities.ended[chosen], weight[order], way[order].astype(np.int8)
    )


def _busy(record: np.ndarray, day: np.ndarray, cap: int) -> np.ndarray:
    """Links of records on days with more activities than the cap of one pair of people."""
    order = order_of(record, day)
    fresh = np.ones(record.size, bool)
    fresh[1:] = (record[order][1:] != record[order][:-1]) | (day[order][1:] != day[order][:-1])
    group = np.cumsum(fresh) - 1
    return order[np.bincount(group, minlength=1)[group] > cap]


@njit(cache=True, nogil=True)
def _parts(offsets, ended, weight, way, instants, look_back, half_life):
    size = offsets.size - 1
    total = np.zeros(size)
    number, ever = np.zeros(size, np.int64), np.zeros(size, np.int64)
    directed, started = np.zeros(size, np.int64), np.zeros(size, np.int64)
    last = np.full(size, NEVER)
    for r in range(size):
        now = instants[r]
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
    return total, number, ever, directed, started, last


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
        ),
        rules,
    )
