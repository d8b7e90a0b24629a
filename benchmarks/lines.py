"""The lines of the table: what, ours, the peer's, their ratio, and the bound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MILLION = 1_000_000


@dataclass(frozen=True)
class Plan:
    """Sizes and places of one run."""

    folder: Path
    smallest: int = MILLION
    rows: int = 20 * MILLION
    largest: int = 100 * MILLION
    runs: int = 7
    slow_runs: int = 3


@dataclass(frozen=True)
class Line:
    """One measured figure beside its bound."""

    what: str
    ours: str
    peer: str
    ratio: str
    bound: str
    holds: bool


def size(rows: int) -> str:
    """A number of events in words."""
    return f"{rows / MILLION:g} million"


def times(what: str, ours: float, peer: float, bound: float, words: str = "") -> Line:
    """A line of two times and their ratio beside its bound."""
    ratio = ours / peer
    said = words or (f"at most {bound:.3g}" if bound >= 1 else f"at most 1/{round(1 / bound)}")
    shown = f"{ratio:.2f}" if ratio >= 0.1 else f"1/{1 / ratio:.0f}"
    return Line(what, _seconds(ours), _seconds(peer), shown, said, ratio <= bound)


def _seconds(value: float) -> str:
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"
