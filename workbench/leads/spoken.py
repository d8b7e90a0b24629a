"""What files call things: words of several languages and translations, in one spelling.

Source: partner-leads.md, section 5 (aliases of the Japanese interface, whose translations are
inconsistent) and section 11 (what is not defined is kept as text).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbench.leads.terms import STATUS, folded, squeezed

# Each word means both, and nothing in the file tells which.
_DOUBTFUL: Mapping[str, tuple[str, str]] = {
    "受入済み": ("received", "accepted"),
    "受け入れ済み": ("received", "accepted"),
    "受け付け済み": ("received", "accepted"),
    "アクティブ": ("received", "accepted"),
    "有効": ("received", "accepted"),
    "終了": ("won", "lost"),
    "完了": ("won", "lost"),
}
_IN_THE_FILTER = "受入済"
_TYPES = {
    "offer": ("offer", "offer lead", "オファー", "オファー リード"),
    "profile": ("profile", "profile lead", "プロファイル", "プロファイル リード"),
}
# Of the interface: who sees a referral, which says nothing of offer or profile.
_SHARING = ("independent", "shared")
_VALIDITY = {
    "valid": ("valid", "有効", "有効です"),
    "invalid": ("invalid", "無効", "無効です"),
    "spam": ("spam", "スパム"),
    "unknown": ("unknown", "不明"),
}
_QUALITY = {"high": ("high", "高", "高い"), "low": ("low", "低", "低い")}
_DIRECTION = {
    "in": ("in", "incoming", "inbound", "受信"),
    "out": ("out", "outgoing", "outbound", "送信"),
}
_CO_SELL = {
    "accepted": ("created", "accepted", "作成済み", "承認済み", "受諾"),
    "qualified": ("qualified", "qualify", "認定済み"),
    "develop": ("develop", "developing"),
    "proposed": ("proposed", "propose", "proposal"),
    "negotiate": ("negotiate", "negotiation", "negotiating"),
    "won": ("won", "close", "closed", "獲得", "受注"),
}
CO_SELL_SHARES = {
    "accepted": 0.10, "qualified": 0.20, "develop": 0.40, "proposed": 0.60, "negotiate": 0.80,
    "won": 1.00,
}  # fmt: skip


def _by_word(words: Mapping[str, Iterable[str]]) -> dict[str, str]:
    return {squeezed(word): name for name, known in words.items() for word in known}


_TYPE_OF, _VALIDITY_OF = _by_word(_TYPES), _by_word(_VALIDITY)
_QUALITY_OF, _DIRECTION_OF = _by_word(_QUALITY), _by_word(_DIRECTION)
_CO_SELL_OF = _by_word(_CO_SELL)


def type_of(text: str) -> str | None:
    """``offer`` or ``profile``; an unknown one as it is, nothing for how it is shared."""
    found = _TYPE_OF.get(squeezed(text))
    return None if folded(text) in _SHARING else found or text.strip() or None


def validity_of(text: str) -> str | None:
    """``valid``, ``invalid``, ``spam`` or ``unknown``; another word as it is."""
    return _VALIDITY_OF.get(squeezed(text)) or text.strip() or None


def quality_of(text: str) -> str | None:
    """``high`` or ``low``; another word as it is."""
    return _QUALITY_OF.get(squeezed(text)) or text.strip() or None


def direction_of(text: str) -> str | None:
    """``in`` or ``out``; another word as it is."""
    return _DIRECTION_OF.get(squeezed(text)) or text.strip() or None


def co_sell_stage_of(text: str) -> str | None:
    """A stage of `CO_SELL_SHARES`; another word as it is."""
    return _CO_SELL_OF.get(squeezed(text)) or text.strip() or None


def doubtful(words: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The statuses of a file that may mean two stages, with both.

    Parameters
    ----------
    words : iterable of str
        Every status of the file.

    Notes
    -----
    One page writes 受入済 for leads that came in, where another translation of it writes 受信; the
    same word is commonly used for accepted ones. It stands for received, unless the file writes
    that in another way and has no other word for accepted.
    """
    told = {folded(word): word for word in words}
    found = {word: _DOUBTFUL[key] for key, word in told.items() if key in _DOUBTFUL}
    others = set(told) - {_IN_THE_FILTER}
    unclear = others & set(STATUS["received"]) and not others & set(STATUS["accepted"])
    if _IN_THE_FILTER in told and unclear:
        found[told[_IN_THE_FILTER]] = ("received", "accepted")
    return found
