"""Every touch that was credited, with its part of each conversion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.engine.store import EventStore
from workbench.engine.touches.credit import PARTICIPATION, SETS
from workbench.journeys.attribution.counting import Pairs, Study
from workbench.journeys.attribution.identity import event_ids
from workbench.journeys.attribution.lines import NONE
from workbench.journeys.attribution.models import Model
from workbench.journeys.attribution.sharing import (
    checked_size,
    code_of,
    exact_parts,
    first_of_each,
    times_of,
    untouched,
)
from workbench.journeys.scoping import DAY, instants

if TYPE_CHECKING:
    from workbench.journeys.attribution.result import Attribution

COLUMNS = {
    "conversion_id": "Event id of the conversion; 'row N' where events carry none",
    "touch_id": "Event id of the touch; empty for a conversion without any",
    "key": "Key of the container; empty where the conversion carries none",
    "item": "Value of the dimension; '(none)' without any touch",
    "position": "Number of the touch in its window, from 1",
    "of_touches": "Touches in the window",
    "weight": "Part of the conversion; the touches of one add up to 1",
    "value": "Part of its value; the touches of one add up to it exactly",
    "occurred_at": "When the touch was (UTC)",
    "converted_at": "When the conversion was (UTC)",
    "days_before": "Days from touch to conversion",
    "event": "Event of the touch",
    "person_id": "Person of the touch, where known",
}


def touches(result: Attribution) -> pd.DataFrame:
    """Every touch with its part of each conversion, whatever lines are shown.

    The weights of one conversion in one container add up to 1, and the values to what it is
    worth, without rounding: each touch counted once, whatever number of items it has
    (``drop_duplicates(["conversion_id", "key", "touch_id"])``). In ``participation`` this holds
    for each item, in learned models for all lines of the conversion.

    Returns
    -------
    pandas.DataFrame
        As `workbench.journeys.attribution.export.COLUMNS`.
    """
    study, model = result.study, result.question.model
    checked_size(study, model)
    pairs = study.all_pairs(model)
    weight, value = _parts(study, model, pairs)
    conversions, store = study.conversions, result.question.workspace.events
    ends = conversions.ends
    bare = np.append(untouched(study, pairs), np.full(conversions.keyless.size, -1))
    end = np.append(pairs.end, bare)
    keyed = np.arange(end.size) < pairs.end.size
    row = np.append(conversions.row[pairs.end], _rows_of(study, bare))
    touch_row = np.append(study.stream.row_at(pairs.place), np.full(bare.size, -1))
    names = study.items.names(np.arange(len(study.items))) if pairs.item.size else []
    items = np.array([*names, NONE], object)[np.append(pairs.item, np.full(bare.size, -1))]
    converted, at = times_of(study, row), times_of(study, np.maximum(touch_row, 0))
    nothing = np.zeros(bare.size)
    frame = pd.DataFrame(
        {
            "conversion_id": _ids(result, row),
            "touch_id": _ids(result, touch_row),
            "key": _keys(study, end),
            "item": items,
            "position": _whole(np.append(pairs.touch + 1, nothing), keyed),
            "of_touches": np.append(pairs.touches, nothing).astype(np.int64),
            "weight": np.append(
                weight, _carried(ends.mass, np.ones(conversions.keyless.size), bare)
            ),
            "value": np.append(value, _carried(ends.value, conversions.keyless_value, bare)),
            "occurred_at": instants(at).where(pd.Series(keyed)),
            "converted_at": instants(converted),
            "days_before": np.where(keyed, (converted - at) / DAY, np.nan),
            "event": _values(store, "event", touch_row),
            "person_id": _values(store, "person_id", touch_row),
        }
    )
    if not result.question.by_value:
        frame["value"] = np.nan
    order = np.lexsort((np.arange(end.size), row, converted))
    return frame.iloc[order].reset_index(drop=True)


def _parts(study: Study, model: Model, pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """Weight and value of each pair, adding up exactly."""
    ends, code = study.conversions.ends, code_of(model)
    if code == PARTICIPATION:
        _, group = np.unique(np.stack([pairs.end, pairs.item]), axis=1, return_inverse=True)
        group = group.ravel()
        single = np.ones(pairs.end.size, bool)
    else:
        group = pairs.end
        single = single_touches(pairs) if code != SETS else np.ones(pairs.end.size, bool)
    number = int(group.max(initial=-1)) + 1
    end_of = np.zeros(number, np.int64)
    end_of[group] = pairs.end
    unit = np.cumsum(single) - 1
    out = []
    for total in (ends.mass, ends.value):
        parts = exact_parts(pairs.weight[single], group[single], total[end_of])
        out.append(parts[unit])
    return out[0], out[1]


def single_touches(pairs: Pairs) -> np.ndarray:
    """A mark for the first value of each touch; values of a touch stand side by side."""
    return first_of_each(pairs.end, pairs.touch)


def _rows_of(study: Study, bare: np.ndarray) -> np.ndarray:
    conversions = study.conversions
    keyless = bare < 0
    out = np.empty(bare.size, np.int64)
    out[~keyless], out[keyless] = conversions.row[bare[~keyless]], conversions.keyless
    return out


def _carried(own: np.ndarray, keyless: np.ndarray, bare: np.ndarray) -> np.ndarray:
    """What each conversion without a touch carries, those without a key (-1) in turn."""
    out = np.empty(bare.size)
    out[bare >= 0], out[bare < 0] = own[bare[bare >= 0]], keyless
    return out


def _keys(study: Study, end: np.ndarray) -> np.ndarray:
    out = np.full(end.size, None, object)
    known = end >= 0
    groups = study.conversions.groups
    if groups.size:
        names = study.question.workspace.events.container_names(study.stream)
        out[known] = names[study.conversions.container[end[known]]]
    return out


def _ids(result: Attribution, rows: np.ndarray) -> np.ndarray:
    out = np.full(rows.size, None, object)
    distinct, inverse = np.unique(rows[rows >= 0], return_inverse=True)
    out[rows >= 0] = event_ids(result.question.workspace, distinct)[inverse]
    return out


def _values(store: EventStore, name: str, rows: np.ndarray) -> np.ndarray:
    out = np.full(rows.size, None, object)
    if name in store.columns:
        out[rows >= 0] = store.values_at(name, rows[rows >= 0])
    return out


def _whole(values: np.ndarray, known: np.ndarray) -> pd.Series:
    return pd.Series(values).astype("Int64").where(pd.Series(known))
