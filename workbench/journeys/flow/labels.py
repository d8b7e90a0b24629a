"""Names beside bars: cut to the room there is, and apart from each other in the whole picture."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from workbench.results import numbers

_LETTER = 6.7
_SHORTEST = 5


def cut(texts: Iterable[str], room: float) -> dict[str, str]:
    """Names cut in the middle to a number of pixels; what tells similar names apart stays.

    Parameters
    ----------
    texts : iterable of str
    room : float
        Pixels.

    Returns
    -------
    dict of str to str
        Each name and its short form; no two are the same.
    """
    names = list(dict.fromkeys(texts))
    out: dict[str, str] = {}
    for alike in _alike(names, lambda name: _fitted(name, room)):
        same = _trimmed(alike) if len(alike) > 1 else {name: name for name in alike}
        for name in alike:
            short, number = _fitted(same[name], room), 1
            while short in out.values():
                number += 1
                mark = f" ({number})"
                short = _fitted(same[name], room - len(mark) * _LETTER) + mark
            out[name] = short
    return out


def _alike(names: list[str], short: object) -> list[list[str]]:
    """Names that would look the same, together."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(short(name), []).append(name)  # type: ignore[operator]
    return list(groups.values())


def _trimmed(names: list[str]) -> dict[str, str]:
    """Names without most of what they begin and end with in common."""
    before = _common(names)
    after = _common([name[before:][::-1] for name in names])
    out = {}
    for name in names:
        begin = _word_before(name, before)
        core = name[begin : len(name) - after] if after else name[begin:]
        head = f"{name[:4]}…" if begin > 5 else name[:begin]
        out[name] = f"{head}{core}{'…' if after else ''}"
    return out


def _common(names: list[str]) -> int:
    """Letters that all names begin with."""
    first, last = min(names), max(names)
    shortest = min(len(first), len(last))
    return next((n for n in range(shortest) if first[n] != last[n]), shortest)


def _word_before(name: str, at: int) -> int:
    """Where the word begins in which, or before which, names begin to differ."""
    space = name.rfind(" ", 0, max(0, at - 1))
    return space + 1 if 0 <= at - space <= 12 else at


def _fitted(text: str, room: float) -> str:
    """A name cut in the middle until it fits; letters of East Asia are almost twice as wide."""
    length = len(text)
    while True:
        short = numbers.shortened(text, length)
        wide = sum(1.8 if unicodedata.east_asian_width(sign) in "WF" else 1.0 for sign in short)
        if length <= _SHORTEST or wide * _LETTER <= room:
            return short
        length -= max(1, int(wide - room / _LETTER) // 2)
