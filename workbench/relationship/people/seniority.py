"""How senior people are, from the level or title that is written of them.

Source: relationship-analytics.md, section 3 (who knows whom), ours: the picture orders people by
seniority, so the usual words of levels in several languages get a rank.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.workspace import Workspace

LEVELS = ("staff", "manager", "director", "vp", "executive")
UNKNOWN = 0
# The first that fits wins, so that a vice president is no president.
_WORDS = (
    (1, r"(account|sales) executive"),
    (4, r"\bs?e?vp\b|vice.?president|vizepr|bereichsleit|本部長|副社長|副总裁"),
    (5, r"\bc.?(level|suite)\b|\bc[a-z]o\b|chief|president|owner|founder|executive|"
        r"managing director|geschäftsführ|vorstand|inhaber|pdg|directeur général|"
        r"社長|会長|取締役|役員|代表|总经理|总裁|董事"),
    (3, r"director|\bhead\b|abteilungsleit|(?<!team)leiter|directeur|部長|次長|总监|部长"),
    (2, r"manager|\blead\b|supervisor|teamleit|\bchef\b|responsable|課長|係長|主任|经理|主管"),
    (1, r"staff|individual|contributor|specialist|entry|junior|intern|analyst|engineer|assistant|"
        r"associate|clerk|mitarbeit|sachbearbeit|employé|担当|一般|社員|员工|专员"),
)  # fmt: skip


def rank_of(text: Any) -> int:
    """Rank of a level as written: 1 for staff to 5 for executives, 0 where nothing is known."""
    if not isinstance(text, str):
        return UNKNOWN
    plain = re.sub(r"[_\s]+", " ", text.strip().lower())
    return next((rank for rank, words in _WORDS if re.search(words, plain)), UNKNOWN)


def rank_from(name: Any) -> int:
    """Rank of one of `LEVELS`.

    Raises
    ------
    ArgumentError
    """
    if name not in LEVELS:
        raise ArgumentError.of("senior", name, LEVELS)
    return LEVELS.index(name) + 1


def said(rank: int) -> str:
    """A rank in words."""
    return [
        message("Level not known"), message("Staff"), message("Managers"), message("Directors"),
        message("Vice presidents"), message("Executives"),
    ][rank]  # fmt: skip


def levels_of(workspace: Workspace, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Level as written, else the title, and its rank, of each person.

    Parameters
    ----------
    workspace : Workspace
    keys : numpy.ndarray of object
        Keys of persons.
    """
    columns = workspace.columns_of("people") if workspace.has("people", "person_id") else {}
    names = [n for n in ("role_level", "x_role_level", "title", "x_title") if n in columns]
    if not names:
        return np.full(keys.size, None, object), np.zeros(keys.size, int)
    texts = ", ".join(f"nullif(trim({quoted(n)}::VARCHAR), '')" for n in names)
    read = workspace.sql(
        f"SELECT person_id::VARCHAR AS key, min(coalesce({texts})) AS level "
        "FROM people GROUP BY 1"
    )  # fmt: skip
    known = {k: t for k, t in zip(read["key"], read["level"], strict=True) if isinstance(t, str)}
    ranks = {text: rank_of(text) for text in set(known.values())}
    levels = [known.get(key) for key in keys]
    return np.array(levels, object), np.array([ranks[t] if t else UNKNOWN for t in levels], int)
