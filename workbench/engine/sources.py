"""Several encoded columns looked at together, as one code a row.

Of each column only the classes of values matter that some condition tells apart, mostly two or
three; their combinations are numbered in one pass over each column.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from workbench.engine import kernels
from workbench.engine.executors import run_rows
from workbench.engine.layout import code_type

_MOST_COMBINATIONS = 1 << 16


@dataclass(frozen=True)
class Source:
    """Codes of every row, and the marks of every code.

    Attributes
    ----------
    codes : numpy.ndarray of unsigned integers, shape (rows,)
    marks : numpy.ndarray of bool, shape (codes, marks)
    """

    codes: np.ndarray
    marks: np.ndarray

    def classes(self) -> tuple[np.ndarray, np.ndarray]:
        """Class of each code, and the marks of each class: codes with equal marks are one."""
        packed = np.packbits(self.marks, axis=1)
        if packed.shape[1] <= 8:
            wide = np.zeros((len(packed), 8), np.uint8)
            wide[:, : packed.shape[1]] = packed
            _, first, of_code = np.unique(
                wide.view(np.uint64).ravel(), return_index=True, return_inverse=True
            )
        else:
            _, first, of_code = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        return of_code.ravel(), self.marks[first]


def combined_sources(sources: list[Source], rows: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """One code a row for all sources, and the marks of all sources for each code.

    Returns
    -------
    codes : numpy.ndarray of unsigned integers, shape (rows,)
    marks : list of numpy.ndarray of bool
        One array for each mark of each source in turn; each has one place a code.
    """
    if not sources:
        return np.zeros(rows, np.uint8), []
    if len(sources) == 1:
        return sources[0].codes, list(sources[0].marks.T)
    codes = np.empty(0, np.uint8)
    marks = np.empty((1, 0), bool)
    pending: list[tuple[np.ndarray, np.ndarray]] = []
    for source in sources:
        of_code, class_marks = source.classes()
        if len(marks) * len(class_marks) > _MOST_COMBINATIONS:
            codes, marks = _renumbered(_numbered(pending, len(marks), rows), marks)
            pending = [(codes, np.arange(len(marks)))]
        pending.append((source.codes, of_code * len(marks)))
        marks = np.hstack(
            [np.tile(marks, (len(class_marks), 1)), np.repeat(class_marks, len(marks), axis=0)]
        )
    return _numbered(pending, len(marks), rows), list(marks.T)


def _numbered(
    pending: list[tuple[np.ndarray, np.ndarray]], combinations: int, rows: int
) -> np.ndarray:
    """The sum of what each source adds to the number of a row's combination."""
    kind = code_type(combinations - 1)
    out = np.empty(rows, kind)
    tables = [added.astype(kind) for _, added in pending]

    def numbered(start: int, end: int) -> None:
        for number, (codes, _) in enumerate(pending):
            kernel = kernels.add_of_code if number else kernels.put_of_code
            kernel(out[start:end], codes[start:end], tables[number])

    run_rows(numbered, rows)
    return out


def _renumbered(codes: np.ndarray, marks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keep only the combinations that occur."""
    occurring = np.flatnonzero(np.bincount(codes, minlength=len(marks)))
    number = np.zeros(len(marks), np.uint32)
    number[occurring] = np.arange(occurring.size)
    return number[codes], marks[occurring]


def marked_rows(codes: np.ndarray, marks: np.ndarray, rows: int) -> np.ndarray:
    """The mark of each row's code."""
    out = np.empty(rows, np.bool_)
    run_rows(lambda a, b: kernels.put_of_code(out[a:b], codes[a:b], marks), rows)
    return out
