"""What every analysis does before it counts: who takes part, which rows, and in which words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench.engine import kernels
from workbench.engine.masks import Marker
from workbench.engine.match import ranges
from workbench.engine.matching.steps import NEVER
from workbench.engine.segments import segment_rows
from workbench.engine.store import Stream
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Scope
from workbench.vocabulary.containers import Container
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import Segment
from workbench.vocabulary.steps import Step, steps_from
from workbench.workspace import Workspace

MISSING = "(missing)"
OTHER = "(other)"
FILTER_SCOPES = ("whole", "each_step")
DAY = 86_400_000_000


def everyone_label(plural: str) -> str:
    """What all containers together are called."""
    return message("All {containers}", containers=plural)


def readable(value: Any) -> str:
    """A value of a dimension as a reader sees it."""
    if value is None or value != value:
        return MISSING
    if isinstance(value, float):
        return f"{value:g}"
    return str(value).replace("\x1f", " + ")


def standing_alone(values: Sequence[Any], argument: str) -> tuple[Step, ...]:
    """Read steps that stand for themselves, such as outcomes.

    Raises
    ------
    ArgumentError
        For a step with a link or a limit to a step before, which would mean nothing.
    """
    found = steps_from(values, argument)
    for item in found:
        if item != Step(item.label, item.condition):
            raise ArgumentError.of(argument, item.label, message("steps without links and limits"))
    return found


def lasting(value: Any, argument: str) -> Duration:
    """Read a length of time that is longer than nothing."""
    found = Duration.parse(value, argument)
    if not found.microseconds:
        raise ArgumentError.of(argument, str(value), message("longer than nothing, such as '60d'"))
    return found


def shares(numerators: np.ndarray, denominators: np.ndarray) -> np.ndarray:
    """Shares; not a number for a zero denominator."""
    denominators = np.asarray(denominators, float)
    out = np.full(denominators.shape, np.nan)
    np.divide(numerators, denominators, out=out, where=denominators > 0)
    return out


def instants(microseconds: np.ndarray) -> pd.Series:
    """Microseconds as UTC instants; `NEVER` becomes a missing value."""
    known = microseconds != NEVER
    out = pd.Series(pd.NaT, index=range(microseconds.size), dtype="datetime64[us, UTC]")
    out[known] = pd.to_datetime(microseconds[known], unit="us", utc=True).as_unit("us")
    return out


def with_a_row(
    workspace: Workspace, marker: Marker, stream: Stream, period: Period, rows: np.ndarray
) -> np.ndarray:
    """Containers that have at least one of the marked rows inside the period."""
    low, high = ranges(marker.store, stream, *workspace.bounds(period))
    return kernels.any_in(rows, stream.rows, low, high)


def taking_part(
    workspace: Workspace,
    marker: Marker,
    stream: Stream,
    period: Period,
    segment: Segment | None,
    filter_scope: str = "whole",
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Rows that may serve at all, and containers that may be counted, under a segment.

    Parameters
    ----------
    filter_scope : {"whole", "each_step"}
        A container needs one row in the segment, or every row that serves must be such a row.

    Returns
    -------
    rows : numpy.ndarray of bool, or None
        One mark a row of the store; None where every row may serve.
    containers : numpy.ndarray of bool, or None
        One mark a container of the stream; None where every one may be counted.
    """
    if filter_scope not in FILTER_SCOPES:
        raise ArgumentError.of("filter_scope", filter_scope, FILTER_SCOPES)
    if segment is None:
        return None, None
    rows = segment_rows(marker, segment)
    members = with_a_row(workspace, marker, stream, period, rows)
    return (rows if filter_scope == "each_step" else None), members


def scope_of(
    workspace: Workspace,
    marker: Marker,
    container: Container,
    period: Period,
    *,
    dropped_null_key: int,
    rows_read: int | None = None,
) -> Scope:
    """What a number speaks of, and what was set aside.

    Parameters
    ----------
    rows_read : int, optional
        Rows inside the period, where a period was asked for.
    """
    notes = list(marker.notes)
    dropped = marker.store.description["dropped"]
    if dropped:
        notes.append(
            message("{n} events without account or time are not in the store.", n=f"{dropped:,}")
        )
    if period and rows_read is not None:
        notes.append(
            message(
                "{n} of {total} events were read for this period; "
                "sequences that began earlier are cut.",
                n=f"{rows_read:,}",
                total=f"{len(marker.store):,}",
            )
        )
    return Scope(
        container=container.name,
        period=str(period),
        as_of=f"{workspace.as_of:%Y-%m-%d %H:%M} UTC",
        events=len(marker.store),
        dropped_null_key=dropped_null_key,
        notes=tuple(notes),
    )


def named_containers(workspace: Workspace, stream: Stream, numbers: np.ndarray) -> pd.DataFrame:
    """Key and readable name of some containers of a stream, in the given order."""
    keys = workspace.events.container_names(stream)[numbers]
    names = workspace.display_names(stream.container, keys)
    return pd.DataFrame({"key": keys, "name": names})
