"""What the kernels of cohort tables take and give: plain arrays under names."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NEVER = np.int64(-(2**62))
VALUE_PLACE = 6


class Rows(NamedTuple):
    """Rows of a stream, the bits of each row's code, and the measures that are added.

    Bit ``k`` of a row belongs to metric ``k``: first those of inclusion, then those of return.
    Places from `low` to `high` belong to a container; rows from `begin` to `end` exist.
    """

    codes: np.ndarray
    bits_of: np.ndarray
    times: np.ndarray
    rows: np.ndarray
    low: np.ndarray
    high: np.ndarray
    measures: tuple[np.ndarray, ...]
    begin: int
    end: int


class Rules(NamedTuple):
    """Bits of the rows that matter, and how the metrics of each side are joined.

    Attributes
    ----------
    in_metrics : int
        Metrics of inclusion; those of return are `out_bits`.
    in_bits, out_bits, value_bit : int
        Rows that serve inclusion (those too that let an empty total count), return, and value.
    inside : int
        Metrics whose limits hold without any row.
    enough : int
        All metrics where one row is enough for each of them, else 0.
    added : int
        Number of metrics whose totals must be kept, 0 where one row is enough.
    """

    in_metrics: np.uint64
    in_bits: np.uint64
    out_bits: np.uint64
    value_bit: np.uint64
    inside: np.uint64
    enough: np.uint64
    added: int
    any_included: bool
    any_returned: bool


class Table(NamedTuple):
    """Shape of the table: rows, columns from -`back` to `ahead`, and its mode.

    Attributes
    ----------
    skipped : int
        Buckets in front of the first row.
    first : int
        First column after inclusion, 0 or 1.
    last : int
        Last bucket that counts.
    age : int
        Length of a column in microseconds when age is counted from the own inclusion, else 0.
    until : int
        Last microsecond that was looked at.
    """

    skipped: int
    rows: int
    back: int
    ahead: int
    first: int
    last: int
    mode: int
    first_time: bool
    age: int
    until: int


class Pairs(NamedTuple):
    """Instances given from outside, grouped by container; no offsets for none."""

    offsets: np.ndarray
    row: np.ndarray
    bucket: np.ndarray
    at: np.ndarray
    skip: np.ndarray


class Wanted(NamedTuple):
    """Rows and cells whose containers are looked for; empty arrays for none."""

    rows: np.ndarray
    cells: np.ndarray
    churned: bool


class Sums(NamedTuple):
    """What is counted over all containers: one line a row of the table, one place a column.

    Attributes
    ----------
    included, same : numpy.ndarray of int64, shape (rows,)
        Containers of each row, and those that returned in the bucket of inclusion itself.
    base, hit : numpy.ndarray of int64, shape (rows, columns)
        Denominator and numerator of each cell.
    start, value, to_date : numpy.ndarray of float64, shape (rows, columns)
        Value in the inclusion bucket, in the bucket of the column, and from the one to the other;
        no rows where no value was asked for.
    told : numpy.ndarray of int64, shape (rows, columns)
        Containers whose value that is; no rows likewise.
    all_base, all_hit : numpy.ndarray of int64, shape (columns,)
        The same with every container once over all rows.
    distinct : numpy.ndarray of int64, shape (2,)
        Containers in at least one row, and in more than one.
    """

    included: np.ndarray
    same: np.ndarray
    base: np.ndarray
    hit: np.ndarray
    start: np.ndarray
    value: np.ndarray
    to_date: np.ndarray
    told: np.ndarray
    all_base: np.ndarray
    all_hit: np.ndarray
    distinct: np.ndarray


class Found(NamedTuple):
    """First wanted row of each container (-1 for none), and when it was included and returned."""

    row: np.ndarray
    included_at: np.ndarray
    returned_at: np.ndarray
