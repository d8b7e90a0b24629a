"""Where slices of containers run: the only place that knows.

A kernel gets a half-open range of containers and gives arrays with one line a container, or
sums; the parts are put together in container order, so threads never change a number.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np

ROWS_WORTH_A_THREAD = 200_000
_pools: dict[int, ThreadPoolExecutor] = {}
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)


def workers() -> int:
    """Threads to use: ``WORKBENCH_THREADS``, else the processors that this process may use."""
    wanted = os.environ.get("WORKBENCH_THREADS", "")
    if wanted.isdigit() and int(wanted) > 0:
        return int(wanted)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_rows(kernel: Callable[[int, int], Any], rows: int) -> list[Any]:
    """Call `kernel` for ranges of rows that together are all rows; its answers in order."""
    parts = min(workers(), max(1, rows // ROWS_WORTH_A_THREAD))
    edges = [rows * part // parts for part in range(parts + 1)]
    if parts == 1:
        return [kernel(0, rows)]
    return list(_pool().map(kernel, edges[:-1], edges[1:]))


def run_slices(kernel: Callable[[slice], Any], row_counts: np.ndarray) -> list[Any]:
    """Call `kernel` for slices of containers that hold about equally many rows.

    Parameters
    ----------
    kernel : callable
        Takes a slice of containers.
    row_counts : numpy.ndarray of int64
        Rows of each container.

    Returns
    -------
    list
        The kernel's answers in container order.
    """
    total = np.cumsum(row_counts)
    rows = int(total[-1]) if total.size else 0
    parts = min(4 * workers(), max(1, rows // ROWS_WORTH_A_THREAD)) if workers() > 1 else 1
    cuts = np.searchsorted(total, np.linspace(0, rows, parts + 1)[1:-1])
    edges = [0, *(int(cut) for cut in cuts), row_counts.size]
    slices = [slice(a, b) for a, b in pairwise(edges) if b > a or parts == 1]
    if len(slices) <= 1:
        return [kernel(part) for part in slices]
    return list(_pool().map(kernel, slices))


def _pool() -> ThreadPoolExecutor:
    """Threads that stay: starting them anew costs more than many a question."""
    number = workers()
    if number not in _pools:
        _pools[number] = ThreadPoolExecutor(number, "slices")
    return _pools[number]
