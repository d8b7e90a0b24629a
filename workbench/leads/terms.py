"""The words of partner leads: what files write, in one spelling, and what each is called here.

Source: partner-leads.md, section 1 (columns, LeadSource), section 3 (status) and section 5 (aliases
of the Japanese interface).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from workbench.messages import message

NEVER = np.iinfo(np.int64).min
HOUR = 3_600_000_000
DAY = 24 * HOUR

CLASSES = ("profile", "contact_me", "qualified", "informational", "do_not_contact")
ACTIONABLE = ("profile", "contact_me", "qualified")
STAGES = ("received", "accepted", "won", "lost", "declined", "expired", "available", "aged_out")
SCREEN_STAGES = {
    "received": ("received", "available"),
    "accepted": ("accepted",),
    "archived": ("won", "lost", "declined", "expired", "aged_out"),
}
ACTIONS = ("get_it_now", "free_trial", "test_drive", "contact_me", "create", "do_not_contact")
QUIET_ACTIONS = ("get_it_now", "free_trial", "test_drive", "create")
TABS = ("all", "marketplace", "qualified", "favourites")
TEST_MARK = "msft_test"

_CODES = {
    "ins": "get_it_now", "plt": "contact_me", "dnc": "do_not_contact", "create": "create",
    "starttestdrive": "test_drive", "今すぐ入手": "get_it_now", "今すぐ入手する": "get_it_now",
    "無料試用版": "free_trial", "体験版": "test_drive", "お問い合わせ": "contact_me",
    "お問合せ": "contact_me", "自分に問い合わせる": "contact_me", "作成": "create",
}  # fmt: skip
STATUS = {
    "received": ("received", "new", "pending", "受信", "受け取り", "受入済"),
    "accepted": ("accepted", "active", "受諾", "承認済み", "承認済", "受け入れ", "同意"),
    "archived": ("archived", "closed", "アーカイブ済み", "アーカイブ"),
    "won": ("won", "獲得", "受注"),
    "lost": ("lost", "紛失", "失注", "損失"),
    "declined": ("declined", "拒否済み", "拒否済", "辞退"),
    "expired": ("expired", "期限切れ"),
}
_STATUS_OF = {word: stage for stage, words in STATUS.items() for word in words}
# Which substatus belongs to which status.
SUBSTATUS = {
    "received": ("received",), "accepted": ("accepted",),
    "archived": ("won", "lost", "declined", "expired"),
}  # fmt: skip
_QUALIFICATION = {
    "direct": "direct", "marketing": "marketing", "marketingqualified": "marketing",
    "sales": "sales", "salesqualified": "sales", "none": "none", "直接": "direct",
    "マーケティング資格": "marketing", "マーケティング資格のあるリード": "marketing",
    "販売資格": "sales", "販売資格のあるリード": "sales",
}  # fmt: skip


def folded(text: str) -> str:
    """A text for comparing: compatible forms made one, no outer blanks, no upper case."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def each(values: np.ndarray, rule: Callable[[str], str | None]) -> np.ndarray:
    """A rule applied to a column of texts, once to each different text; None stays None."""
    known = {value: rule(value) for value in {v for v in values if v is not None}}
    return np.array([known.get(value) for value in values], object)


def squeezed(text: str) -> str:
    """A text for looking up: folded, without anything but letters and digits."""
    return re.sub(r"[\W_]+", "", folded(text))


def action_of(text: str) -> str | None:
    """A call to action in our spelling; an unknown one stays as it is."""
    key = squeezed(text)
    by_word = {squeezed(name): name for name in ACTIONS}
    return by_word.get(key) or _CODES.get(key) or (text.strip() or None)


def qualification_of(text: str) -> str | None:
    """``direct``, ``marketing``, ``sales`` or ``none``; an unknown one stays as it is."""
    return _QUALIFICATION.get(squeezed(text), text.strip() or None)


def stage_word(text: str) -> str | None:
    """What a status or substatus means; None for a word that is not known."""
    return _STATUS_OF.get(folded(text))


def stage_of(status: str | None, substatus: str | None) -> str | None:
    """The stage that a file names; the substatus says more than the status.

    Returns
    -------
    str or None
        ``received``, ``accepted``, ``won``, ``lost``, ``declined``, ``expired``, ``archived`` for
        a closed lead that does not say how, or None where neither word is known.
    """
    words = [stage_word(text) for text in (substatus, status) if text]
    known = [word for word in words if word]
    return known[0] if known else None


def misplaced(status: str | None, substatus: str | None) -> bool:
    """Whether a substatus does not belong to its status (section 3)."""
    outer = stage_word(status) if status else None
    inner = stage_word(substatus) if substatus else None
    if outer is None or inner is None or inner == outer:
        return False
    return inner not in SUBSTATUS.get(outer, ())


def source_parts(text: str) -> tuple[str, str | None, str | None, str | None]:
    """LeadSource as source, call to action, publisher and offer.

    Notes
    -----
    Source: partner-leads.md, section 1: split at the first ``|``, the left part at its last ``-``;
    the offer ends at the first full stop after its publisher.
    """
    left, _, right = text.strip().partition("|")
    head, dash, code = left.rpartition("-")
    action = _CODES.get(squeezed(code)) if dash else None
    name = (head if action else left).strip()
    if squeezed(name) in ("spza", "appsource", "appsourcespza"):
        name = "AppSource"
    elif squeezed(name) in ("azuremarketplace", "azureportal"):
        name = {"m": "AzureMarketplace", "p": "AzurePortal"}[squeezed(name)[5]]
    publisher, dot, offer = right.strip().partition(".")
    return name, action, (publisher if dot else None) or None, (offer if dot else right) or None


def class_names() -> dict[str, str]:
    """Names of the classes for a reader."""
    return {
        "profile": message("Profile"),
        "contact_me": message("Contact me"),
        "qualified": message("Qualified"),
        "informational": message("Informational"),
        "do_not_contact": message("Do not contact"),
    }


def stage_names() -> dict[str, str]:
    """Names of the stages for a reader."""
    return {
        "received": message("Received"),
        "accepted": message("Accepted"),
        "won": message("Won"),
        "lost": message("Lost"),
        "declined": message("Declined"),
        "expired": message("Expired"),
        "available": message("Available"),
        "aged_out": message("Aged out"),
    }


def codes_of(values: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Place of each value in a list of names; -1 for none of them."""
    place = {name: n for n, name in enumerate(names)}
    return np.array([place.get(value, -1) for value in values], np.int64)
