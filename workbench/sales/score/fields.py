"""Columns of the opportunities as they stand now, and which of them betray the outcome.

The data keep no history of these columns. One that is filled, or gets its value, only once a deal
is closed would tell a model the answer; it is found here by comparing deals that were closed with
deals that are still open, and won with lost ones.

Source: sales-pipeline.md, section 7 (forbidden features, found automatically).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from workbench.messages import marked, message
from workbench.quoting import quoted
from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.deals import Deals
from workbench.sales.score.standing import Standing

FORBIDDEN = {
    "is_closed": marked("it is the outcome"),
    "is_won": marked("it is the outcome"),
    "closed_at": marked("it is known only after closing"),
    "closed_at_date_only": marked("it is known only after closing"),
    "loss_reason": marked("it is known only after closing"),
    "forecast_category": marked("Closed and Omitted are the outcome"),
    "probability": marked("it is 0 or 1 once a deal is closed"),
    "stage": marked("the stage after closing is the outcome; each look has its own stage"),
    "expected_close_on": marked("many systems overwrite it on closing"),
    "last_stage_change_at": marked("it is the closing of a closed deal"),
    "push_count": marked("it goes on counting; pushes are counted from the history"),
    "amount": marked("it may have changed on closing; each look has its own amount"),
    "amount_rc": marked("it may have changed on closing; each look has its own amount"),
}
_KEYS = {
    "opportunity_id", "account_id", "name", "owner_id", "campaign_id", "originating_lead_id",
    "created_at", "created_at_date_only", "currency", "next_step", "source_system", "source_id",
}  # fmt: skip
USUAL = ("type", "lead_source")
LEAST_TO_COMPARE = 20
LEAST_JUMP = 0.25
_CERTAIN = 0.001
_MOST_VALUES = 30
_FEW_VALUES = 6

LEAKS = {
    "closing": marked(
        "filled in {closed} of {all_closed} closed deals, but in {open} of {all_open} open ones"
    ),
    "outcome": marked("filled in {won} of {all_won} won deals, but in {lost} of {all_lost} lost"),
    "values": marked(
        "{closed} of {all_closed} closed deals hold a value that none of {all_open} open ones holds"
    ),
}


@dataclass(frozen=True)
class Field:
    """One column, aligned with the deals.

    Attributes
    ----------
    name : str
    number : bool
        Whether it holds numbers.
    values : numpy.ndarray
        Floats, or texts with None for empty ones.
    """

    name: str
    number: bool
    values: np.ndarray

    @property
    def filled(self) -> np.ndarray:
        """Whether each deal has a value."""
        if self.number:
            return ~np.isnan(self.values)
        return np.array([v is not None for v in self.values], bool)


def never_used_because(name: str) -> str:
    """Why a column is never allowed, as a sentence."""
    return message(FORBIDDEN[name]).capitalize() + "."


def columns_to_judge(deals: Deals) -> list[str]:
    """Columns that could be features: all but keys, and those that are never allowed."""
    known = deals.workspace.columns_of("opportunities")
    kinds = ("TIMESTAMP", "DATE", "TIME", "STRUCT", "MAP", "BLOB")
    return [
        name
        for name, kind in known.items()
        if name not in _KEYS and name not in FORBIDDEN and name != "pipeline"
        and not kind.startswith(kinds) and not kind.endswith("[]")
    ]  # fmt: skip


def read_fields(deals: Deals, names: list[str]) -> Mapping[str, Field]:
    """Read columns, aligned with the deals; empty and blank texts are missing."""
    workspace = deals.workspace
    if not names:
        return {}
    kinds = workspace.columns_of("opportunities")
    numeric = {n: _is_number(kinds[n]) for n in names}
    shown = ", ".join(
        f"{quoted(n)}::DOUBLE AS {quoted(n)}"
        if numeric[n]
        else f"nullif(trim({quoted(n)}::VARCHAR), '') AS {quoted(n)}"
        for n in names
    )
    read = workspace.arrow(
        f"SELECT opportunity_id::VARCHAR AS key, {shown} FROM opportunities "
        "WHERE opportunity_id IS NOT NULL"
    )
    place = pc.index_in(
        deals.table.column("opportunity_id").combine_chunks(),
        value_set=read.column("key").combine_chunks(),
    )
    out = {}
    for name in names:
        column = read.column(name).combine_chunks().take(place)
        values = (
            column.fill_null(float("nan")).to_numpy(zero_copy_only=False).astype(float)
            if numeric[name]
            else np.asarray(column.to_numpy(zero_copy_only=False), object)
        )
        out[name] = Field(name, numeric[name], values) if numeric[name] else _texts(name, values)
    return out


def _texts(name: str, values: np.ndarray) -> Field:
    """A column of texts; of numbers where all of them, and more than a few, read as such."""
    known = pd.Series(values).notna().to_numpy()
    read = pd.to_numeric(pd.Series(values[known]), errors="coerce").to_numpy(float)
    if np.isnan(read).any() or np.isinf(read).any() or np.unique(read).size <= _FEW_VALUES:
        return Field(name, False, values)
    out = np.full(values.size, np.nan)
    out[known] = read
    return Field(name, True, out)


def _is_number(kind: str) -> bool:
    return kind.startswith(("DOUBLE", "FLOAT", "REAL", "DECIMAL", "HUGEINT")) or kind.endswith(
        ("INT", "INTEGER")
    )


def leak_of(field: Field, standing: Standing, chosen: np.ndarray) -> str:
    """Why a column betrays the outcome, as a sentence; empty where it does not.

    Parameters
    ----------
    field : Field
    standing : Standing
    chosen : numpy.ndarray of bool
        Deals that are looked at.
    """
    groups = {
        "open": chosen & (standing.outcome == OPEN) & ~standing.disputed,
        "won": chosen & (standing.outcome == WON),
        "lost": chosen & (standing.outcome == LOST),
    }
    groups["closed"] = groups["won"] | groups["lost"]
    for filled in _ways_of_being_filled(field):
        count = {name: int((filled & who).sum()) for name, who in groups.items()}
        total = {name: int(who.sum()) for name, who in groups.items()}
        for what, first, second in (("closing", "closed", "open"), ("outcome", "won", "lost")):
            if _jumps(count[first], total[first], count[second], total[second], what):
                return message(
                    LEAKS[what],
                    **{k: f"{v:,}" for k, v in count.items()},
                    **{f"all_{k}": f"{v:,}" for k, v in total.items()},
                )
    return _new_values(field, groups)


def _ways_of_being_filled(field: Field) -> list[np.ndarray]:
    filled = field.filled
    if not field.number:
        no = np.array([v in ("false", "0", "no", "No", "False") for v in field.values], bool)
        return [filled, filled & ~no]
    return [filled, filled & (field.values != 0)]


def _jumps(count_a: int, total_a: int, count_b: int, total_b: int, what: str) -> bool:
    """Whether two shares lie far apart, and farther than chance; for closing only upwards."""
    if min(total_a, total_b) < LEAST_TO_COMPARE:
        return False
    gap = count_a / total_a - count_b / total_b
    least = LEAST_JUMP if what == "closing" else 2 * LEAST_JUMP
    if (gap if what == "closing" else abs(gap)) < least:
        return False
    from scipy.stats import fisher_exact

    table = [[count_a, total_a - count_a], [count_b, total_b - count_b]]
    return bool(fisher_exact(table).pvalue < _CERTAIN)


def _new_values(field: Field, groups: Mapping[str, np.ndarray]) -> str:
    """Whether most closed deals hold values that open ones never do, in a column of few values."""
    filled, still = field.filled, groups["open"]
    before, after = filled & still, filled & groups["closed"]
    if field.number or min(before.sum(), after.sum()) < LEAST_TO_COMPARE:
        return ""
    seen, late = pd.unique(field.values[before]), field.values[after]
    if len(seen) > _MOST_VALUES or len(pd.unique(late)) > _MOST_VALUES:
        return ""
    new = ~pd.Series(late).isin(list(seen)).to_numpy()
    if new.mean() < LEAST_JUMP:
        return ""
    return message(
        LEAKS["values"],
        closed=f"{int(new.sum()):,}",
        all_closed=f"{late.size:,}",
        all_open=f"{int(before.sum()):,}",
    )
