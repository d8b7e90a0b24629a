"""Sentences that tell of small groups: found by their numbers, and left out whole."""

from __future__ import annotations

import re
from collections.abc import Container

# A whole number by itself: no part of a date, a version, a decimal or a longer number.
_NUMBER = re.compile(r"(?<![\w.,:/+\-–−])(\d{1,3}(?:,\d{3})+|\d+)(?![\w:/\-–−]|[.,]\d)")
# What stands behind a number that counts no account or person.
_UNIT = re.compile(
    r"\s*(?:%|‰|points?\b|seconds?\b|minutes?\b|hours?\b|days?\b|working days?\b|weeks?\b|"
    r"months?\b|quarters?\b|years?\b|steps?\b|stages?\b|columns?\b|rows? in\b|times? as\b|"
    r"standard\b|sigma\b|decimals?\b|:\d|[A-Z]{3}\b|[€$£¥])"
)
_BEFORE = re.compile(
    r"(?:\b(?:step|stage|cell|level|week|month|quarter|day|year|version|top|first|last|within|"
    r"after|node|column|offset|decile|grade|table|chart|figure|page|k|n)|[€$£¥Q#])\s*$",
    re.IGNORECASE,
)


def tells_of_few(text: str, least: int, hidden: Container[int] = ()) -> bool:
    """Whether a sentence holds a number of 1 to `least` - 1, or a hidden one.

    Numbers of days, months, steps, per cents and the like count nobody and are passed over; of
    every other number it is taken that it counts accounts or people, in every language.

    Parameters
    ----------
    text : str
    least : int
        Size of the smallest group that may be shown.
    hidden : container of int
        Larger numbers that were hidden to keep others from being computed.
    """
    for found in _NUMBER.finditer(text):
        number = int(found[1].replace(",", ""))
        few = 0 < number < least or number in hidden
        if few and not _UNIT.match(text, found.end()) and not _BEFORE.search(text[: found.start()]):
            return True
    return False
