"""How far a share found in data may lie from its true value before it is wrong.

Four standard errors: a right generator fails such a check once in 16,000 seeds, and the seed is
fixed, so a failure is a change of behaviour.
"""

from __future__ import annotations

from math import sqrt

ERRORS = 4.0


def share_agrees(hits: float, total: float, truth: float) -> bool:
    """Whether `hits` of `total` is what a true share of `truth` gives."""
    return total > 0 and abs(hits / total - truth) <= ERRORS * sqrt(truth * (1 - truth) / total)


def ratio_agrees(upper: float, lower: float, truth: float) -> bool:
    """Whether the ratio of two counts is what a true ratio gives, both being Poisson counts."""
    if min(upper, lower) <= 0:
        return False
    ratio = upper / lower
    return abs(ratio - truth) <= ERRORS * ratio * sqrt(1 / upper + 1 / lower)
