"""Compiled counting of attempts: greedy, in the order of the stream, without overlap."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def attempts(codes, bits_of, times, rows, low, high, steps, within, after, total, blocker):
    """Attempts of each container that reach each step, greedy and without overlap.

    An attempt opens at a row of step 1 and takes the next fitting row for every further step; it
    ends when it completes, when no further row fits its limits, or at a row that must not lie
    between. The next attempt opens after the last row that this one used.

    Returns
    -------
    numpy.ndarray of int64, shape (containers, steps)
    """
    out = np.zeros((low.size, steps), np.int64)
    permuted = rows.size > 0
    for c in range(low.size):
        i = low[c]
        while i < high[c]:
            row = rows[i] if permuted else i
            bits = bits_of[codes[row]]
            if not bits & np.uint64(1):
                if blocker[0] >= 0 and (bits >> np.uint64(blocker[0])) & np.uint64(1):
                    break
                i += 1
                continue
            begun = times[row]
            latest, used, k = begun, i, 1
            out[c, 0] += 1
            for j in range(i + 1, high[c]):
                if k == steps:
                    break
                row = rows[j] if permuted else j
                time = times[row]
                if time - begun > total or time - latest > within[k]:
                    break
                bits = bits_of[codes[row]]
                fits = (bits >> np.uint64(k)) & np.uint64(1)
                if fits and time - latest >= after[k]:
                    out[c, k] += 1
                    latest, used, k = time, j, k + 1
                elif blocker[k] >= 0 and (bits >> np.uint64(blocker[k])) & np.uint64(1):
                    break
            if blocker[0] >= 0:
                break
            i = used + 1
    return out
