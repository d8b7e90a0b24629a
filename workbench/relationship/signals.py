"""What only some sources tell of an activity: its mood, and that it came by a social network.

Source: relationship-analytics.md, sections 4 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow.compute as pc

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.relationship.activities import activities_of
from workbench.relationship.rules import SOCIAL, Rules
from workbench.workspace import Workspace

SOCIAL_TYPES = ("social", "social mail", "social_mail", "socialmail", "inmail")
_kept: WeakKeyDictionary[Workspace, Signals] = WeakKeyDictionary()


@dataclass(frozen=True)
class Signals:
    """One place an activity.

    Attributes
    ----------
    mood : numpy.ndarray of float
        The column ``sentiment``, -1…1; NaN where it is missing or outside.
    social : numpy.ndarray of bool
        Whether its type is one of `SOCIAL_TYPES`.
    """

    mood: np.ndarray
    social: np.ndarray


def signals_for(workspace: Workspace, rules: Rules) -> Signals | None:
    """The signals that the rules ask for; None when they ask for none.

    Raises
    ------
    AbsentError
        When there is no column of sentiment, or no activity of a social network.
    """
    if not rules.sentiment and SOCIAL not in rules.weights:
        return None
    if workspace not in _kept:
        _kept[workspace] = _read(workspace)
    found = _kept[workspace]
    if rules.sentiment and np.isnan(found.mood).all():
        raise AbsentError.of(
            "health", "sentiment", message("activities with a column sentiment, from -1 to 1")
        )
    if SOCIAL in rules.weights and not found.social.any():
        raise AbsentError.of(
            "weights", SOCIAL, message("activities of a type such as {names}",
                                       names=", ".join(SOCIAL_TYPES[:2])),
        )  # fmt: skip
    return found


def _read(workspace: Workspace) -> Signals:
    columns = workspace.columns_of("activities")
    name = next((n for n in ("sentiment", "x_sentiment") if n in columns), None)
    mood = f"try_cast({name} AS DOUBLE)" if name else "NULL::DOUBLE"
    kind = "lower(trim(type::VARCHAR))" if "type" in columns else "NULL::VARCHAR"
    read = workspace.arrow(
        f"SELECT activity_id::VARCHAR AS key, CASE WHEN {mood} BETWEEN -1 AND 1 THEN {mood} END "
        f"AS mood, coalesce(list_contains($types::VARCHAR[], {kind}), false) AS social "
        "FROM activities",
        {"types": list(SOCIAL_TYPES)},
    )
    keys = activities_of(workspace).column("activity_id")
    at = pc.index_in(keys, value_set=read.column("key").combine_chunks())
    place = np.asarray(at.fill_null(read.num_rows).to_numpy(zero_copy_only=False), np.int64)
    moods = read.column("mood").fill_null(float("nan")).to_numpy(zero_copy_only=False)
    social = read.column("social").to_numpy(zero_copy_only=False).astype(bool)
    return Signals(np.append(moods, np.nan)[place], np.append(social, False)[place])
