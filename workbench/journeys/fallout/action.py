"""Who to act on now: containers that stand between two steps, and how late they are.

What is late is read from those who went on: most of them took the next step within their third
quartile, nine of ten within the ninth decile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.fallout.members import members
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table, key_figures
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    from workbench.journeys.fallout.result import Fallout

_DAY = 86_400_000_000
STATES = ("overdue", "due", "on time", "cold", "no yardstick")


def standing(result: Fallout, *, quiet_days: int = 30) -> pd.DataFrame:
    """Every container that has taken a step and not the last one, with how late it is.

    Parameters
    ----------
    result : Fallout
    quiet_days : int
        A container without any event for this long is cold.

    Returns
    -------
    pandas.DataFrame
        The columns of `Fallout.members`, and ``next_step``, ``usual_days`` and ``late_days``
        (median and third quartile of those who went on), ``days_since_last_event``, ``state``:

        - *overdue*: longer here than three of four who went on, and still active;
        - *due*: longer here than half of them;
        - *on time*: less long;
        - *cold*: no event for `quiet_days`;
        - *no yardstick*: fewer than five ever went on from here.
    """
    if quiet_days < 1:
        raise ArgumentError.of("quiet_days", quiet_days, "1 or more")
    group, labels = result.groups[0], result.labels
    waits = _waits(result)
    parts = []
    for position in range(1, len(labels)):
        here = members(result, position, "stopped_here", group)
        usual, late = waits[position]
        here = here.assign(next_step=labels[position], usual_days=usual, late_days=late)
        parts.append(here)
    if not parts:
        return members(result, 0, "reached", group).iloc[:0]
    frame = pd.concat(parts, ignore_index=True)
    frame["days_since_last_event"] = _quiet(result, frame["key"])
    since = frame["days_since_last_step"]
    frame["state"] = np.select(
        [
            frame["days_since_last_event"] > quiet_days,
            frame["usual_days"].isna(),
            since > frame["late_days"],
            since > frame["usual_days"],
        ],
        ["cold", "no yardstick", "overdue", "due"],
        "on time",
    )
    rank = {"overdue": 0, "due": 1, "on time": 2, "no yardstick": 3, "cold": 4}
    frame["_rank"] = frame["state"].map(rank)
    return frame.sort_values(
        ["_rank", "steps_reached", "days_since_last_step", "key"],
        ascending=[True, False, True, True],
        ignore_index=True,
    ).drop(columns="_rank")


def _waits(result: Fallout) -> dict[int, tuple[float, float]]:
    """Median and third quartile of the days to the next step, by position."""
    group = result.groups[0]
    instants, depths = group.walked.witness_times[group.counted], group.depths()
    out = {}
    for position in range(1, len(result.labels)):
        went_on = depths > position
        gaps = (instants[went_on, position] - instants[went_on, position - 1]) / _DAY
        out[position] = (
            (float(np.median(gaps)), float(np.quantile(gaps, 0.75)))
            if gaps.size >= 5
            else (np.nan, np.nan)
        )
    return out


def _quiet(result: Fallout, keys: pd.Series) -> np.ndarray:
    """Days since the last event that was looked at, of each container."""
    store, stream = result.question.workspace.events, result.stream
    names = store.container_names(stream)
    number = pd.Series(np.arange(names.size), index=names).reindex(keys).to_numpy()
    from workbench.engine.match import ranges

    _, high = ranges(store, stream, *result.question.workspace.bounds(result.question.period))
    last = store.times[stream.row_at(high[number] - 1)]
    return (result.question.until - last) / _DAY


def to_act_on(
    result: Fallout, *, attributes: Sequence[str] = (), quiet_days: int = 30, most: int = 200
) -> Block:
    """The list to act on: who stands where, how late, and what comes next.

    Parameters
    ----------
    attributes : list of str
        Columns of the container's table to show, such as ``["industry", "owner_id"]``; those that
        the workspace does not know are left out.
    quiet_days : int
        As in `standing`.
    most : int
        Rows shown.
    """
    workspace, who = result.question.workspace, result.question.container.plural
    frame = standing(result, quiet_days=quiet_days)
    warm = frame[frame["state"].isin(["overdue", "due"])]
    shown = frame[frame["state"] != "cold"].head(most).copy()
    extra = []
    for name in attributes:
        values = workspace.values_of(result.question.container, name, shown["key"].to_numpy())
        if values is not None:
            shown[name] = values
            extra.append(Column(name, name.replace("_", " ").capitalize()))
    cold = int((frame["state"] == "cold").sum())
    heading = message(
        "{n} of {total} {containers} on their way are due or overdue for their next step",
        n=numbers.count(len(warm)),
        total=numbers.count(len(frame)),
        containers=who,
    )
    reading = message(
        "Due: longer at this step than half of those who went on; overdue: longer than three of "
        "four. {cold} without any event for {days} days are left out.",
        cold=numbers.count(cold),
        days=quiet_days,
    )
    columns = (
        Column("name", result.question.container.singular.capitalize()),
        *extra,
        Column("last_step", message("Stands at")),
        Column("last_step_at", message("Since"), "date"),
        Column("days_since_last_step", message("Waiting"), "duration"),
        Column("usual_days", message("Usual wait"), "duration"),
        Column("next_step", message("Next step")),
        Column("state", message("State")),
        Column("days_since_last_event", message("Last event"), "duration"),
        Column("key", message("Key")),
    )
    zone = workspace.settings.report_tz
    anchor = f"{result.question.container.name}s-to-act-on".replace("_", "-")
    return action_table(heading, reading, shown, columns, anchor=anchor, zone=zone)


def figures(result: Fallout) -> Block:
    """In scope, how many came through, the largest fall, how long it takes, who is on the way."""
    frame = result.frame[result.frame["group"] == result.groups[0].name]
    who, last = result.question.container.plural, frame.iloc[-1]
    low, high = wilson(np.array([last["reached"]]), np.array([last["start"]]))
    falls = frame.iloc[1:]
    out = [
        {
            "label": message("{containers} in scope", containers=who.capitalize()),
            "value": numbers.count(frame["reached"].iloc[0]),
            "detail": frame["step"].iloc[0],
        },
        {
            "label": message("Reached “{step}”", step=last["step"]),
            "value": numbers.share(last["share_of_start"]),
            "detail": f"{numbers.count(last['reached'])} / {numbers.count(last['start'])}",
            "interval": numbers.between(low[0], high[0]),
        },
    ]
    if len(falls) and falls["fell_out"].max() > 0:
        worst = falls.loc[falls["fell_out"].idxmax()]
        out.append(
            {
                "label": message("Largest fall, before “{step}”", step=worst["step"]),
                "value": numbers.share(worst["share_fell_out"]),
                "detail": f"{numbers.count(worst['fell_out'])} / "
                f"{numbers.count(worst['previous'])}",
                "interval": numbers.between(
                    1 - worst["share_of_previous_high"], 1 - worst["share_of_previous_low"]
                ),
            }
        )
    times = result.times().frame
    times = times[times["group"] == result.groups[0].name]
    if len(times) and times["reached"].iloc[-1]:
        out.append(
            {
                "label": message("Median way to “{step}”", step=last["step"]),
                "value": numbers.days(times["median_days_from_entry"].iloc[-1]),
                "detail": message("of {n} that came through", n=numbers.count(last["reached"])),
            }
        )
    states = standing(result)["state"] if len(result.labels) > 1 else pd.Series(dtype=str)
    out.append(
        {
            "label": message("Due or overdue for the next step"),
            "value": numbers.count(states.isin(["due", "overdue"]).sum()),
            "detail": message("of {n} on their way", n=numbers.count(len(states))),
        }
    )
    return key_figures(out)
