"""Who to act on now: containers that stand between two steps, and how late they are.

What is late is read from those who went on: three of four of them took the next step within the
third quartile of the wait, nineteen of twenty within its 95th percentile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench.engine import around
from workbench.engine.match import ranges
from workbench.errors import ArgumentError
from workbench.journeys.fallout.members import members
from workbench.messages import message
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import action_table, key_figures
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.vocabulary.conditions import condition_from, joined

if TYPE_CHECKING:
    from workbench.journeys.fallout.result import Fallout

_DAY = 86_400_000_000
STATES = ("overdue", "due", "on time", "no yardstick", "lapsed", "cold", "lost")
TO_ACT_ON = ("overdue", "due")
ON_THEIR_WAY = ("overdue", "due", "on time", "no yardstick")


def standing(result: Fallout, *, quiet_days: int = 30, lost: Sequence[Any] = ()) -> pd.DataFrame:
    """Every container that has taken a step and not the last one, with how late it is.

    Parameters
    ----------
    result : Fallout
    quiet_days : int
        A container without any event for this long is cold.
    lost : list of event names or conditions
        A container with such an event after its last step is lost. An event name that never
        occurs is passed over.

    Returns
    -------
    pandas.DataFrame
        The columns of `Fallout.members`, and ``next_step``, ``usual_days``, ``late_days`` and
        ``lapsed_days`` (median, third quartile and 95th percentile of the wait of those who went
        on), ``days_since_last_event``, ``state``:

        - *overdue*: longer here than three of four who went on;
        - *due*: longer here than half of them;
        - *on time*: less long;
        - *no yardstick*: fewer than five ever went on from here;
        - *lapsed*: longer here than nineteen of twenty who went on;
        - *cold*: no event for `quiet_days`;
        - *lost*: one of the events in `lost` since the last step.
    """
    if quiet_days < 1:
        raise ArgumentError.of("quiet_days", quiet_days, message("1 or more"))
    group, labels = result.groups[0], result.labels
    waits = _waits(result)
    parts = []
    for position in range(1, len(labels)):
        here = members(result, position, "stopped_here", group)
        usual, late, lapsed = waits[position]
        parts.append(
            here.assign(
                next_step=labels[position], usual_days=usual, late_days=late, lapsed_days=lapsed
            )
        )
    if not parts:
        return members(result, 0, "reached", group).iloc[:0]
    frame = pd.concat(parts, ignore_index=True)
    frame["days_since_last_event"] = _days_since(result, frame["key"], None)
    since = frame["days_since_last_step"]
    gone = _days_since(result, frame["key"], _occurring(result, lost)) <= since
    frame["state"] = np.select(
        [
            gone,
            frame["days_since_last_event"] > quiet_days,
            frame["usual_days"].isna(),
            since > frame["lapsed_days"],
            since > frame["late_days"],
            since > frame["usual_days"],
        ],
        ["lost", "cold", "no yardstick", "lapsed", "overdue", "due"],
        "on time",
    )
    frame["_rank"] = frame["state"].map({state: n for n, state in enumerate(STATES)})
    return frame.sort_values(
        ["_rank", "steps_reached", "days_since_last_step", "key"],
        ascending=[True, False, True, True],
        ignore_index=True,
    ).drop(columns="_rank")


def _waits(result: Fallout) -> dict[int, tuple[float, float, float]]:
    """Median, third quartile and 95th percentile of the days to the next step, by position."""
    group = result.groups[0]
    instants, depths = group.walked.witness_times[group.counted], group.depths()
    out = {}
    for position in range(1, len(result.labels)):
        went_on = depths > position
        gaps = (instants[went_on, position] - instants[went_on, position - 1]) / _DAY
        usual, late, lapsed = (
            np.quantile(gaps, [0.5, 0.75, 0.95]) if gaps.size >= 5 else (np.nan,) * 3
        )
        out[position] = (float(usual), float(late), float(lapsed))
    return out


def _days_since(result: Fallout, keys: pd.Series, lost: Sequence[Any] | None) -> np.ndarray:
    """Days since the last event of each container, or since the last that meets `lost`."""
    question = result.question
    store, stream = question.workspace.events, result.stream
    number = pd.Series(np.arange(len(stream)), index=store.container_names(stream))
    chosen = number.reindex(keys).to_numpy()
    low, high = ranges(store, stream, *question.workspace.bounds(question.period))
    marked = np.ones(len(store), bool)
    if lost is not None:
        conditions = [condition_from(item, "lost") for item in lost]
        if not conditions:
            return np.full(chosen.size, np.inf)
        marked = question.workspace.marker(question.period).rows(joined("any", conditions))
    last = around.last_marked(marked, stream, low[chosen], high[chosen])
    out = np.full(chosen.size, np.inf)
    found = last >= 0
    out[found] = (question.until - store.times[stream.row_at(last[found])]) / _DAY
    return out


def to_act_on(
    result: Fallout,
    *,
    attributes: Sequence[str] = (),
    quiet_days: int = 30,
    lost: Sequence[Any] = (),
    most: int = 200,
) -> Block:
    """The list to act on: who stands where, how late, and what comes next.

    Parameters
    ----------
    attributes : list of str
        Columns of the container's table to show, such as ``["industry", "owner_id"]``; those that
        the workspace does not know are left out.
    quiet_days, lost
        As in `standing`.
    most : int
        Rows shown.
    """
    workspace, who = result.question.workspace, result.question.container.plural
    frame = standing(result, quiet_days=quiet_days, lost=lost)
    warm = frame["state"].isin(TO_ACT_ON)
    on_their_way = frame["state"].isin(ON_THEIR_WAY)
    shown = frame[on_their_way].head(most).copy()
    extra = []
    for name in attributes:
        values = workspace.values_of(result.question.container, name, shown["key"].to_numpy())
        if values is not None:
            shown[name] = values
            extra.append(Column(name, _spoken(name)))
    states = frame["state"].value_counts()
    heading = message(
        "{n} of {total} {containers} on their way are due or overdue for their next step",
        n=numbers.count(warm.sum()),
        total=numbers.count(on_their_way.sum()),
        containers=who,
    )
    reading = message(
        "Due: longer at this step than half of those who went on; overdue: longer than three of "
        "four. Left out: {lapsed} longer than nineteen of twenty, {cold} without any event for "
        "{days} days, {lost} lost.",
        lapsed=numbers.count(states.get("lapsed", 0)),
        cold=numbers.count(states.get("cold", 0)),
        days=quiet_days,
        lost=numbers.count(states.get("lost", 0)),
    )
    absent = [str(item) for item in lost if item not in _occurring(result, lost)]
    if absent:
        reading += " " + message(
            "No event is called {names}, so none is lost by it.", names=", ".join(absent)
        )
    columns = (
        Column("name", result.question.container.singular.capitalize()),
        *extra,
        Column("last_step", message("Stands at")),
        Column("last_step_at", message("Since"), "date"),
        Column("days_since_last_step", message("Waiting"), "duration", "days"),
        Column("usual_days", message("Usual wait"), "duration", "days"),
        Column("next_step", message("Next step")),
        Column("state", message("State")),
        Column("days_since_last_event", message("Last event"), "duration", "days"),
        Column("key", message("Key")),
    )
    zone = workspace.settings.report_tz
    anchor = f"{result.question.container.name}s-to-act-on".replace("_", "-")
    return action_table(heading, reading, shown, columns, anchor=anchor, zone=zone)


def _occurring(result: Fallout, lost: Sequence[Any]) -> list[Any]:
    """Conditions and events of `lost`, without the events that never happen in these data."""
    store = result.question.workspace.events
    events = set(store.dictionary("event").to_pylist())
    return [item for item in lost if not isinstance(item, str) or item in events]


def _spoken(name: str) -> str:
    """A column's name for a reader: ``owner_id`` is the owner, ``x_plan_tier`` a plan tier."""
    return name.removeprefix("x_").removesuffix("_id").replace("_", " ").capitalize()


def figures(result: Fallout) -> Block:
    """In scope, how many came through, the largest loss, what is open, how long it takes."""
    frame = result.frame[result.frame["group"] == result.groups[0].name]
    first, last = frame.iloc[0], frame.iloc[-1]
    through = {
        "label": message("Reached “{step}”", step=last["step"]),
        **measured.share(last["reached"], last["start"]),
        "detail": f"{numbers.count(last['reached'])} / {numbers.count(last['start'])}",
        "interval": numbers.between(last["share_of_start_low"], last["share_of_start_high"]),
    }
    scope = {
        "label": message(
            "{containers} in scope", containers=result.question.container.plural.capitalize()
        ),
        **measured.count(first["reached"]),
        "detail": first["step"],
    }
    out = [scope, through, *_loss(result, frame)]
    still_open = sum(result.still_open(k) for k in range(2, len(result.labels) + 1))
    if still_open:
        out.append(
            {
                "label": message("Still open"),
                **measured.count(still_open),
                "detail": message("entered too recently to be lost"),
            }
        )
    times = result.times().frame
    times = times[times["group"] == result.groups[0].name]
    if len(times) and times["reached"].iloc[-1]:
        out.append(
            {
                "label": message("Median way to “{step}”", step=last["step"]),
                **measured.days(times["median_days_from_entry"].iloc[-1]),
                "detail": message("of {n} that came through", n=numbers.count(last["reached"])),
            }
        )
    return key_figures(out)


def _loss(result: Fallout, frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The largest loss between two steps; nothing where nobody is lost."""
    position = result.worst_step()
    fall = frame[frame["position"] == position]
    if position < 2 or fall.empty:
        return []
    lost = int(fall["fell_out"].iloc[0]) - result.still_open(position)
    previous = int(fall["previous"].iloc[0])
    if lost <= 0:
        return []
    low, high = wilson(np.array([lost]), np.array([previous]))
    return [
        {
            "label": message("Largest loss, before “{step}”", step=fall["step"].iloc[0]),
            **measured.share(lost, previous),
            "detail": f"{numbers.count(lost)} / {numbers.count(previous)}",
            "interval": numbers.between(low[0], high[0]),
        }
    ]
