"""Shares over groups and members, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results.intervals import wilson

if TYPE_CHECKING:
    from workbench.journeys.buying_groups.gathering import Gathered

COLUMNS = ("group", "measure", "label", "count", "total", "share", "low", "high")


def summary(found: Gathered) -> pd.DataFrame:
    """One line a value of `by` and measure, with the columns of `COLUMNS`."""
    lines = []
    everyone = found.groups["group"].nunique() != 1
    parts = [(message("All"), found.groups)] if everyone else []
    parts += list(found.groups.groupby("group"))
    for name, groups in parts:
        lines += [(name, *line) for line in _measures(groups)]
    out = pd.DataFrame(lines, columns=list(COLUMNS[:5]))
    out = out.astype({"count": "int64", "total": "int64"})
    out["share"] = shares(out["count"].to_numpy(), out["total"].to_numpy())
    out["low"], out["high"] = wilson(out["count"].to_numpy(), out["total"].to_numpy())
    return out


def _measures(groups: pd.DataFrame) -> list[tuple[str, str, int, int]]:
    needing = groups[groups["roles_required"] > 0]
    deciding = groups[groups["decision"] != ""]
    peopled = groups[groups["members"] > 0]
    return [
        (
            "complete",
            message("All roles filled"),
            int((needing["share_complete"] > 1 - 1e-9).sum()),
            len(needing),
        ),
        (
            "decision_filled",
            message("Deciding role filled"),
            int((deciding["decision"] != "missing").sum()),
            len(deciding),
        ),
        (
            "decision_engaged",
            message("Deciding role engaged"),
            int((deciding["decision"] == "engaged").sum()),
            len(deciding),
        ),
        (
            "any_engaged",
            message("Somebody engaged"),
            int((peopled["members_engaged"] > 0).sum()),
            len(peopled),
        ),
        (
            "several_engaged",
            message("Two or more engaged"),
            int((peopled["members_engaged"] > 1).sum()),
            len(peopled),
        ),
        (
            "members_engaged",
            message("Members engaged"),
            int(groups["members_engaged"].sum()),
            int(groups["members"].sum()),
        ),
    ]
