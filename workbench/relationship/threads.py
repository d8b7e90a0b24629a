"""Mails that belong together: by their thread, else by subject and pair of people.

Source: relationship-analytics.md, section 3 (turn rule).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.relationship.participants import Present
from workbench.relationship.sorting import by_appearance

TOGETHER = 30 * 86_400_000_000


def threads_of(
    table: pa.Table, row: np.ndarray, at: np.ndarray, is_mail: np.ndarray, present: Present
) -> np.ndarray:
    """Code of the thread of each mail; -1 for everything else.

    A mail without a thread joins the one before it with the same subject, marks of answers and
    forwards taken away, between the same two people, at most 30 days later. Without a subject it
    stands alone.

    Parameters
    ----------
    table : pyarrow.Table
        With ``thread_id`` and the plain subject ``plain``.
    row : numpy.ndarray of int64
        Row of the table of each activity.
    at : numpy.ndarray of int64
        In order.
    is_mail : numpy.ndarray of bool
    present : Present
    """
    size = at.size
    named = _coded(table.column("thread_id"), row)
    out = np.full(size, -1, np.int64)
    has = is_mail & (named >= 0)
    out[has] = named[has]
    first = int(named.max(initial=-1)) + 1
    rest = np.flatnonzero(is_mail & (named < 0))
    if not rest.size:
        return out
    subject = _coded(table.column("plain"), row)
    ours, theirs = present.first
    alone = subject[rest] < 0
    keys = np.stack([subject[rest], ours[rest], theirs[rest], np.where(alone, rest, -1)])
    order = np.lexsort((rest, *keys[::-1]))
    sorted_keys, when = keys[:, order], at[rest][order]
    begins = np.ones(rest.size, bool)
    begins[1:] = (sorted_keys[:, 1:] != sorted_keys[:, :-1]).any(axis=0)
    begins[1:] |= (when[1:] - when[:-1]) > TOGETHER
    out[rest[order]] = first + np.cumsum(begins) - 1
    return out


def _coded(column: pa.ChunkedArray, row: np.ndarray) -> np.ndarray:
    """Codes of texts in the order of the activities; -1 for an empty one and for none."""
    encoded = column.combine_chunks().dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    empty = pc.index(encoded.dictionary, pa.scalar("", encoded.dictionary.type)).as_py()
    if empty >= 0:
        codes[codes == empty] = -1
    return by_appearance(codes[row], len(encoded.dictionary))
