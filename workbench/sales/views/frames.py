"""Arrow tables as pandas frames that lose nothing: whole numbers stay whole, dates stay dates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from workbench.results.tables import Column
from workbench.sales.views.schema import FieldOf


def frame_of(table: pa.Table) -> pd.DataFrame:
    """The rows of a table; missing whole numbers and booleans are ``<NA>``, not numbers."""
    types: dict[Any, Any] = {
        pa.bool_(): pd.BooleanDtype(),
        **{getattr(pa, f"int{n}")(): pd.Int64Dtype() for n in (8, 16, 32, 64)},
        **{getattr(pa, f"uint{n}")(): pd.Int64Dtype() for n in (8, 16, 32)},
    }
    frame = table.to_pandas(types_mapper=types.get)
    for name, kind in zip(table.column_names, table.schema.types, strict=True):
        if pa.types.is_timestamp(kind):
            zoned = frame[name] if kind.tz else frame[name].dt.tz_localize("UTC")
            frame[name] = zoned.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
        elif pa.types.is_decimal(kind):
            frame[name] = frame[name].astype(float)
        elif pa.types.is_list(kind):
            frame[name] = [None if v is None else ", ".join(map(str, v)) for v in frame[name]]
    return frame


def local_days(frame: pd.DataFrame, zone: str) -> pd.DataFrame:
    """The frame with every instant as a date of the reporting zone."""
    instants = [n for n in frame.columns if isinstance(frame[n].dtype, pd.DatetimeTZDtype)]
    return frame.assign(**{name: frame[name].dt.tz_convert(zone).dt.date for name in instants})


def shown_columns(
    fields: Sequence[FieldOf], frame: pd.DataFrame, labels: dict[str, str] | None = None
) -> tuple[Column, ...]:
    """How fields are shown in a table."""
    named = labels or {}
    out = []
    for found in fields:
        kind = {"date": "date", "instant": "date", "number": "number"}.get(found.kind, "text")
        if kind == "number" and isinstance(frame[found.name].dtype, pd.Int64Dtype):
            kind = "count"
        label = found.name.replace("_", " ").replace(".", " · ")
        out.append(Column(found.name, named.get(found.name, label), kind))
    return tuple(out)
