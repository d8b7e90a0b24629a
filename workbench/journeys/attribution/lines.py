"""The lines of an attribution: credit, shares with intervals, cost and return."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.engine.touches import credit as sums
from workbench.engine.values import text_marks
from workbench.journeys.attribution.costs import Costs
from workbench.journeys.attribution.counting import Credits, Lines, Study
from workbench.journeys.attribution.models import Model
from workbench.journeys.scoping import OTHER, shares

NONE = "(none)"
ITEM_LINE, OTHER_LINE, NONE_LINE = "item", "other", "none"
COLUMNS = {
    "item": "Value of the dimension; '(other)' for the folded, '(none)' without any touch",
    "line": "item, other or none",
    "conversions": "Conversions credited; parts of one add up, so this may be a fraction",
    "total_conversions": "All conversions, each once: the denominator of share",
    "share": "conversions / total_conversions, 0…1",
    "share_low": "Lower end of its 95 % interval over containers; empty for learned models",
    "share_high": "Upper end of its 95 % interval over containers; empty for learned models",
    "value": "Value credited, in the currency of the line; empty where no value was asked for",
    "total_value": "Value of all conversions, each once: the denominator of share_of_value",
    "share_of_value": "value / total_value, 0…1; empty where a value is negative",
    "share_of_value_low": "Lower end of its 95 % interval over containers",
    "share_of_value_high": "Upper end of its 95 % interval over containers",
    "touched_conversions": "Conversions with at least one such touch in their window",
    "touches": "Touches in all windows; one touch counts in every window that holds it",
    "containers": "Containers with credit of the item",
    "no_container_key": "Of the line without touch: conversions whose row carries no key of the "
    "container",
    "cost": "Cost of the campaign as a whole; empty where it is not known",
    "value_per_cost": "value / cost",
    "cost_per_conversion": "cost / conversions",
    "currency": "Currency of value and cost; empty for plain numbers",
}


def lines_of(study: Study, model: Model) -> Lines:
    """Which items get a line of their own: the largest, of those that are to be shown."""
    question, items = study.question, study.items
    found = study.by_item(model).sums
    touched = found[sums.TOUCHES, :-1] > 0
    hidden = np.empty(0, np.int64)
    wanted = touched
    if question.display is not None:
        asked = text_marks(items.values, question.display)
        hidden, wanted = np.flatnonzero(~asked), touched & asked
    candidates = np.flatnonzero(wanted)
    measure = found[sums.VALUE if question.by_value else sums.CREDIT, candidates]
    ordered = candidates[np.argsort(-measure, kind="stable")]
    return study.lines(ordered[: question.items], hidden, touched)


def frame_of(study: Study, model: Model, lines: Lines, costs: Costs | None) -> pd.DataFrame:
    """One line an item with the documented columns."""
    credits = study.credits(model, lines)
    kept, names, kinds = _kept(study, lines)
    acc, totals = credits.sums[:, kept], credits.totals
    valued = study.question.by_value
    fair = valued and totals[1] > 0 and bool((credits.sums[sums.VALUE] >= 0).all())
    value = acc[sums.VALUE] if valued else np.full(len(kept), np.nan)
    total_value = totals[1] if valued else np.nan
    low, high = _interval(credits, False, kept, not model.learned)
    value_low, value_high = _interval(credits, True, kept, fair and not model.learned)
    currency = costs.currency if costs else study.conversions.currency
    conversions = acc[sums.CREDIT]
    total = study.conversions.total
    cost = _cost(study, lines, costs, kept)
    keyless = study.conversions.keyless.size
    return pd.DataFrame(
        {
            "item": pd.array(names, dtype="str"),
            "line": pd.array(kinds, dtype="str"),
            "conversions": conversions,
            "total_conversions": total,
            "share": _share(conversions, total),
            "share_low": low,
            "share_high": high,
            "value": value,
            "total_value": total_value,
            "share_of_value": _share(value, total_value if fair else 0.0),
            "share_of_value_low": value_low,
            "share_of_value_high": value_high,
            "touched_conversions": acc[sums.TOUCHED],
            "touches": acc[sums.TOUCHES].round().astype(np.int64),
            "containers": acc[sums.CONTAINERS].round().astype(np.int64),
            "no_container_key": [keyless if kind == NONE_LINE else 0 for kind in kinds],
            "cost": cost,
            "value_per_cost": _ratio(value, cost),
            "cost_per_conversion": _ratio(cost, conversions),
            "currency": pd.array([currency] * len(kept), dtype="str"),
        }
    )


def _kept(study: Study, lines: Lines) -> tuple[list[int], list[str], list[str]]:
    """Columns of the sums that are shown, with their names and kinds."""
    kept = list(range(lines.shown.size))
    names, kinds = study.items.names(lines.shown), [ITEM_LINE] * len(kept)
    if lines.folded.size:
        kept, names, kinds = [*kept, lines.other], [*names, OTHER], [*kinds, OTHER_LINE]
    if study.question.display is None:
        kept, names, kinds = [*kept, lines.none], [*names, NONE], [*kinds, NONE_LINE]
    return kept, names, kinds


def _share(numerator: np.ndarray, denominator: float) -> np.ndarray:
    """Shares; sums of parts may pass the whole by a rounding error only."""
    return np.clip(shares(numerator, np.full(numerator.size, denominator)), 0, 1)


def _ratio(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    return shares(np.asarray(numerator, float), np.asarray(denominator, float))


def _interval(
    credits: Credits, of_value: bool, kept: list[int], known: bool
) -> tuple[np.ndarray, np.ndarray]:
    if not known:
        return np.full(len(kept), np.nan), np.full(len(kept), np.nan)
    low, high = credits.intervals(of_value)
    return low[kept], high[kept]


def _cost(study: Study, lines: Lines, costs: Costs | None, kept: list[int]) -> np.ndarray:
    """Cost of each line; the folded campaigns together."""
    out = np.full(len(kept), np.nan)
    if costs is None:
        return out
    for at, line in enumerate(kept):
        if line < lines.shown.size:
            out[at] = costs.by_item.get(_plain(study, lines.shown[[line]])[0], np.nan)
        elif line == lines.other:
            folded = costs.by_item.reindex(_plain(study, lines.folded))
            out[at] = folded.sum(min_count=1)
    return out


def _plain(study: Study, numbers: np.ndarray) -> list[str]:
    return study.items.values.take(numbers).to_pylist()
