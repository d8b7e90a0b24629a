"""Names replaced by pseudonyms wherever they stand in a text: whole, in any case, or cut."""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CUT = "…"
_STEM = 2
_SHORTEST_CUT = 3
# A name of so many signs is found inside other words too.
_DISTINCTIVE = 12
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0xA4CF),
             (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFF9D), (0x20000, 0x3FFFF))  # fmt: skip


@dataclass(frozen=True)
class Identity:
    """One account, person or record, and every text that names it.

    Attributes
    ----------
    kind : str
        As a reader sees it in the pseudonym, such as ``Account``.
    key : str
        What it is known by; the same key has the same pseudonym.
    texts : tuple of str
        Key, name, address, …
    exact : bool
        Found only in its own case, as a whole word: first and last names, which may be words.
    is_group : bool
        Stands for many accounts, as somebody who owns them does.
    """

    kind: str
    key: str
    texts: tuple[str, ...]
    exact: bool = False
    is_group: bool = False


def pseudonym(key: bytes, kind: str, identity: str, length: int = 7) -> str:
    """The pseudonym of an identity: the same for the same secret, and without it not to be guessed.

    Parameters
    ----------
    key : bytes
        The secret.
    kind, identity : str
    length : int
        Signs of the code behind the kind.
    """
    text = f"{kind}\0{unicodedata.normalize('NFC', identity)}".encode("utf-8", "replace")
    code = base64.b32encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"{kind} {code[:length]}"


class Pseudonyms:
    """Replaces known names in texts and plain values.

    Parameters
    ----------
    key : bytes
    identities : iterable of Identity
    """

    def __init__(self, key: bytes, identities: Iterable[Identity]) -> None:
        self._grouped: set[str] = set()
        self._names: dict[str, str] = {}
        self._exact: dict[str, str] = {}
        for identity, code in _coded(key, identities):
            if identity.is_group:
                self._grouped.add(code)
            for text in identity.texts:
                plain = _composed(text).strip()
                if identity.exact:
                    self._exact.setdefault(plain, code)
                elif len(plain) > 1:
                    self._names.setdefault(folded(plain), code)
        self._lengths = _by_stem(self._names)
        self._exact_lengths = _by_stem(self._exact)
        self._sorted = sorted(name for name in self._names if len(name) > _SHORTEST_CUT)
        self.used: set[str] = set()

    def is_single(self, code: str) -> bool:
        """Whether a pseudonym stands for one account, person or record, not for many."""
        return code not in self._grouped

    def __len__(self) -> int:
        return len(self._names) + len(self._exact)

    def of(self, text: str) -> str | None:
        """The pseudonym of a text that is a name as a whole."""
        plain = _composed(text).strip()
        return self._names.get(folded(plain)) or self._exact.get(plain)

    def replaced(self, text: str) -> str:
        """The text with every known name replaced."""
        text = _composed(text)
        whole = self.of(text)
        if whole:
            self.used.add(whole)
            return whole
        pieces, end = [], 0
        for begin, stop, code in self._found(text):
            pieces += [text[end:begin], code]
            self.used.add(code)
            end = stop
        return "".join([*pieces, text[end:]]) if pieces else text

    def finds(self, text: str) -> list[str]:
        """Known names that stand in a text."""
        text = _composed(text)
        return [text[begin:stop] for begin, stop, _ in self._found(text)]

    def _found(self, text: str) -> Iterator[tuple[int, int, str]]:
        low, position, last = folded(text), 0, 0
        while position < len(text):
            stop, code = self._at(text, low, position)
            if not code and text[position] == CUT:
                begin, stop, code = self._cut(low, last, position)
                if code:
                    yield begin, stop, code
                    position = last = stop
                    continue
            if code:
                yield position, stop, code
                position = last = stop
            else:
                position += 1

    def _at(self, text: str, low: str, position: int) -> tuple[int, str]:
        for source, names, lengths in (
            (low, self._names, self._lengths), (text, self._exact, self._exact_lengths),
        ):  # fmt: skip
            for length in lengths.get(source[position : position + _STEM], ()):
                stop = position + length
                code = names.get(source[position:stop])
                if (
                    code
                    and stop <= len(text)
                    and _stands_alone(text, position, stop, names is self._exact)
                ):
                    return stop, code
        return position, ""

    def _cut(self, low: str, least: int, position: int) -> tuple[int, int, str]:
        """A name of which only beginning and end are left around an ellipsis."""
        for begin in range(max(least, position - 200), position - _SHORTEST_CUT + 1):
            head = low[begin:position]
            first = bisect_left(self._sorted, head)
            for place in range(first, len(self._sorted)):
                name = self._sorted[place]
                if not name.startswith(head):
                    break
                tail = _longest_end(name[len(head) :], low[position + 1 :])
                if tail or position + 1 == len(low):
                    return begin, position + 1 + tail, self._names[name]
        return position, position, ""


def _coded(key: bytes, identities: Iterable[Identity]) -> Iterator[tuple[Identity, str]]:
    """Each identity with a code that no other has; two of one code both get a longer one."""
    kept = list(identities)
    keys: dict[str, set[tuple[str, str]]] = {}
    for one in kept:
        keys.setdefault(pseudonym(key, one.kind, one.key), set()).add((one.kind, one.key))
    for one in kept:
        short = pseudonym(key, one.kind, one.key)
        yield one, short if len(keys[short]) == 1 else pseudonym(key, one.kind, one.key, 20)


def _by_stem(names: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = {}
    for name in names:
        found.setdefault(name[:_STEM], set()).add(len(name))
    return {stem: tuple(sorted(sizes, reverse=True)) for stem, sizes in found.items()}


def _longest_end(rest: str, after: str) -> int:
    """How many signs of `after` are the end of a name of which `rest` was cut."""
    most = min(len(rest), len(after))
    return next((n for n in range(most, 1, -1) if rest.endswith(after[:n])), 0)


def folded(text: str) -> str:
    """The text without case, sign for sign."""
    whole = text.lower()
    if len(whole) == len(text):  # no sign becomes two
        return whole
    return "".join(low if len(low := sign.lower()) == 1 else sign for sign in text)


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _stands_alone(text: str, begin: int, stop: int, exact: bool) -> bool:
    if stop - begin >= _DISTINCTIVE and not exact and not text[stop - 1].isdigit():
        return True
    before = begin > 0 and _joined(text[begin - 1], text[begin])
    return not before and not (stop < len(text) and _joined(text[stop - 1], text[stop]))


def _joined(one: str, other: str) -> bool:
    return _is_letter(one) and _is_letter(other)


def _is_letter(sign: str) -> bool:
    """A sign of a script that parts its words."""
    return sign.isalnum() and not any(low <= ord(sign) <= high for low, high in _UNSPACED)


# Words of a chart's grammar, which a company may be called too.
_GRAMMAR = {
    "$schema", "type", "mark", "orient", "aggregate", "op", "interpolate", "align", "baseline",
    "anchor", "stack", "timeUnit", "shape", "cursor", "font", "color", "fill", "stroke", "format",
    "formatType", "labelAlign", "labelBaseline", "labelAnchor", "titleAnchor", "titleAlign",
    "strokeCap", "strokeJoin", "background", "direction", "order", "block", "kind", "encoding",
    "clear", "on", "bind", "projection", "scheme", "titleFont", "labelFont", "fontWeight",
    "titleFontWeight", "labelFontWeight", "labelOverlap", "resolve", "autosize", "contains",
}  # fmt: skip
_OPEN = {"values", "datasets", "rows"}


def replaced_in(value: Any, names: Pseudonyms, key: str = "") -> Any:
    """A plain value with every name in it replaced, keys of mappings too."""
    if isinstance(value, str):
        return value if key in _GRAMMAR else names.replaced(value)
    if isinstance(value, Mapping):
        data = key in _OPEN
        return {
            names.replaced(str(name)) if data or name not in _KEYS else name: replaced_in(
                one, names, key if data else str(name)
            )
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [replaced_in(one, names, key) for one in value]
    return value


_KEYS = _GRAMMAR | _OPEN | {
    "data", "title", "text", "description", "field", "name", "label", "layer", "hconcat",
    "vconcat", "concat", "facet", "spec",
    "row", "column", "columns", "x", "y", "x2", "y2", "xOffset", "yOffset", "detail", "size",
    "opacity", "tooltip", "url", "href", "angle", "radius", "theta", "key", "axis", "scale",
    "legend", "header", "config", "width", "height", "step", "view", "params", "transform",
    "filter", "calculate", "as", "groupby", "joinaggregate", "window", "fold", "sort", "domain",
    "range", "condition", "test", "value", "expr", "datum", "param", "select", "bandPosition",
    "impute", "lookup", "from", "fields", "bin", "point", "line", "bar", "area", "rule", "tick",
    "rect", "circle", "square", "trail", "arc", "image", "geoshape", "padding", "unit", "note",
    "heading", "reading", "anchor", "alt", "table", "chart", "figures", "interval", "change",
    "definition", "scope", "notes", "term", "entries", "sentence", "balance", "findings", "style",
}  # fmt: skip
