"""Lines of text for the picture of a canvas: how wide they are, and how they are made to fit."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MARK = 13
_NARROW_SIGNS = frozenset("iIjlt.,:;'|!()[]{}fr ·")
_WIDE_SIGNS = frozenset("mwMW%@—→")


@dataclass(frozen=True)
class Text:
    """One line of text.

    Attributes
    ----------
    text : str
    kind : {"bold", "plain", "soft"}
    mark : str
        Sign that is drawn before it: ``fallout``, or the number of the compared group that it
        speaks of; empty for none.
    more : str
        A second part behind a sign for fallout; empty for none.
    """

    text: str
    kind: str = "plain"
    mark: str = ""
    more: str = ""

    @property
    def width(self) -> float:
        """Pixels that it takes, with its signs."""
        own = text_width(self.text, bold=self.kind == "bold") + (MARK if self.mark else 0)
        return own + (2 * MARK + text_width(self.more) if self.more else 0)


def text_width(text: str, size: float = 12, bold: bool = False) -> float:
    """About how many pixels a text takes, generous enough for other fonts than ours."""
    total = 0.0
    for sign in text:
        if unicodedata.combining(sign):
            continue
        if unicodedata.east_asian_width(sign) in "WF":
            total += 1.05
        elif sign in _NARROW_SIGNS:
            total += 0.36
        elif sign in _WIDE_SIGNS:
            total += 0.95
        elif sign.isupper():
            total += 0.70
        else:
            total += 0.61
    return total * size * (1.13 if bold else 1.0)


def fitted(text: str, width: float, size: float = 12, bold: bool = False) -> str:
    """A text cut in the middle until it fits."""
    text = " ".join(text.split())
    if text_width(text, size, bold) <= width:
        return text
    keep = len(text)
    while keep > 2:
        keep -= 1
        cut = f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}"
        if text_width(cut, size, bold) <= width:
            return cut
    return "…"


def wrapped(text: str, width: float, lines: int = 2, size: float = 12) -> tuple[str, ...]:
    """A label broken between words into at most some lines; what does not fit is cut."""
    words = [word for word in re.split(r"(?<=[_/.:-])|(?<=\s)", " ".join(text.split())) if word]
    out: list[str] = []
    line = ""
    for number, word in enumerate(words):
        if text_width((line + word).strip(), size, bold=True) <= width or not line:
            line += word
            continue
        if len(out) == lines - 1:
            line += "".join(words[number:])
            break
        out.append(line)
        line = word
    return tuple(fitted(part, width, size, bold=True) for part in (*out, line))
