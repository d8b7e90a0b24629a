"""Small vectorised tools: identifiers, times, draws. Instants are UTC seconds, -1 is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MISSING = -1
DAY = 86_400
TOKYO = 9 * 3_600


@dataclass(frozen=True)
class Calendar:
    """The months covered, as UTC seconds of Tokyo days: `start` inclusive, `end` exclusive."""

    start: int
    end: int
    last_day: date

    @classmethod
    def of(cls, end: date, months: int) -> Calendar:
        """The calendar of so many months, the month of `end` being the last."""
        first = end.year * 12 + end.month - months
        return cls(seconds(date(first // 12, first % 12 + 1, 1)), seconds(end + _A_DAY), end)

    @property
    def days(self) -> int:
        """Number of days covered."""
        return (self.end - self.start) // DAY

    def seen(self, instants: Ints) -> Ints:
        """Instants that lie before the end; the others have not happened yet."""
        return np.where((instants >= 0) & (instants < self.end), instants, MISSING)


_A_DAY = timedelta(days=1)


def seconds(day: date) -> int:
    """UTC seconds of the first instant of `day` in Tokyo."""
    return int((datetime(day.year, day.month, day.day) - datetime(1970, 1, 1)).total_seconds()) - (
        TOKYO
    )


def ids(prefix: str, numbers: Ints, width: int) -> pa.Array:
    """Text identifiers ``prefix`` + zero-padded number; a negative number gives null."""
    head = np.frombuffer(prefix.encode(), dtype=np.uint8)
    letters = np.empty((len(numbers), len(head) + width), dtype=np.uint8)
    letters[:, : len(head)] = head
    rest = np.maximum(numbers, 0)
    for place in range(letters.shape[1] - 1, len(head) - 1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, place] = digit + ord("0")
    offsets = np.arange(len(numbers) + 1, dtype=np.int32) * letters.shape[1]
    text = pa.StringArray.from_buffers(
        len(numbers), pa.py_buffer(offsets), pa.py_buffer(letters.tobytes())
    )
    return text if (numbers >= 0).all() else blank(text, numbers < 0)


def blank(values: pa.Array, where: Flags) -> pa.Array:
    """`values` with null at the places marked by `where`."""
    return pc.if_else(pa.array(where), pa.scalar(None, type=values.type), values)


def pick(values: Sequence[str | None], index: Ints) -> pa.Array:
    """The entry of `values` for each index; a negative index gives null."""
    place = pa.array(index, mask=index < 0)
    return pa.array(values, type=pa.string()).take(place)


def join(*parts: pa.Array | str) -> pa.Array:
    """Texts side by side, row by row."""
    return pc.binary_join_element_wise(*parts, "", null_handling="emit_null")


def integers(values: Ints | Floats, missing: Flags | None = None) -> pa.Array:
    """Whole numbers with nulls where `missing`."""
    return pa.array(np.asarray(values).astype(np.int64), mask=missing)


def utc(instants: Ints) -> pa.Array:
    """Instants as Parquet holds them: milliseconds, UTC."""
    return pa.array(instants * 1000, mask=instants < 0).cast(pa.timestamp("ms", tz="UTC"))


def local(instants: Ints) -> pa.Array:
    """Instants as a CSV export shows them: Tokyo wall time without an offset."""
    return pa.array(instants + TOKYO, mask=instants < 0).cast(pa.timestamp("s"))


def days(instants: Ints) -> pa.Array:
    """The Tokyo calendar date of each instant."""
    number = ((instants + TOKYO) // DAY).astype(np.int32)
    return pa.array(number, mask=instants < 0).cast(pa.date32())


def written(values: pa.Array, form: str) -> pa.Array:
    """Dates or wall times as text in `form`."""
    return pc.strftime(values.cast(pa.timestamp("s")), format=form)


def ragged(counts: Ints) -> tuple[Ints, Ints]:
    """For groups of the given sizes: the group of each member, and its position in the group."""
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner), dtype=np.int64) - first[owner]


def weighted(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    """Draw indices with probabilities proportional to `weights`."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.minimum(drawn, len(edges) - 1).astype(np.int64)


def hits(rng: np.random.Generator, share: float | Floats, size: int) -> Flags:
    """True with probability `share`."""
    return rng.random(size) < share


def spread(rng: np.random.Generator, low: Ints | int, high: Ints | int, size: int) -> Ints:
    """Instants drawn evenly between `low` and `high` (at least one second apart)."""
    width = np.maximum(np.asarray(high) - np.asarray(low), 1)
    return (np.asarray(low) + rng.random(size) * width).astype(np.int64)


def lags(
    rng: np.random.Generator, median: float | Floats, size: int, *, low: float, high: float
) -> Ints:
    """Waiting times in seconds: log-normal with a median in days, cut to [low, high] days."""
    drawn = np.exp(rng.normal(0.0, 0.65, size)) * median
    return (np.clip(drawn, low, high) * DAY).astype(np.int64)


def office_hours(rng: np.random.Generator, instants: Ints) -> Ints:
    """Move instants to a weekday between 8:30 and 18:30 in Tokyo, never to a later day."""
    day = (instants + TOKYO) // DAY
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    day = day - np.maximum(weekday - 4, 0)
    return day * DAY - TOKYO + (rng.uniform(8.5, 18.5, len(day)) * 60).astype(np.int64) * 60
