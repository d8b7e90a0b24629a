"""What stands behind a line: its containers, and what a learned model knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.attribution.counting import Study
from workbench.journeys.attribution.games import rates, worths
from workbench.journeys.attribution.models import LEARNED
from workbench.journeys.attribution.sharing import checked_size, credited, times_of, untouched
from workbench.journeys.scoping import MISSING, OTHER, instants, named_containers
from workbench.messages import message

if TYPE_CHECKING:
    from workbench.journeys.attribution.result import Attribution

COLUMNS = {
    "key": "Key of the container",
    "name": "Its name, or the key where none is known",
    "conversions": "Conversions of the container credited to the line",
    "of_conversions": "All its conversions",
    "value": "Value credited; empty where no value was asked for",
    "touches": "Touches of the line in the windows of its conversions",
    "first_touch_at": "Oldest of them (UTC)",
    "last_touch_at": "Newest of them (UTC)",
    "converted_at": "Its newest conversion (UTC)",
}


def members(result: Attribution, line: int | None) -> pd.DataFrame:
    """Containers whose conversions credit a line, those with most credit first.

    Parameters
    ----------
    result : Attribution
    line : int, optional
        All containers with a conversion when left out.

    Returns
    -------
    pandas.DataFrame
        As `workbench.journeys.attribution.members.COLUMNS`.
    """
    study, model = result.study, result.question.model
    conversions = study.conversions
    checked_size(study, model)
    pairs = study.all_pairs(model)
    found = credited(study, model, result.lines, pairs)
    chosen = np.ones(found.end.size, bool) if line is None else found.line == line
    end, credit = found.end[chosen], found.credit[chosen]
    times = times_of(study, study.stream.row_at(pairs.place[chosen]))
    if line in (None, result.lines.none):
        bare = untouched(study, pairs)
        end, credit = np.append(end, bare), np.append(credit, np.ones(bare.size))
        times = np.append(times, np.full(bare.size, np.iinfo(np.int64).min))
    ends = conversions.ends
    touched = times != np.iinfo(np.int64).min
    table = pd.DataFrame(
        {
            "container": conversions.container[end],
            "conversions": credit * ends.mass[end],
            "value": credit * ends.value[end],
            "touches": touched.astype(np.int64),
            "first": np.where(touched, times, np.iinfo(np.int64).max),
            "last": times,
        }
    )
    how = {"conversions": "sum", "value": "sum", "touches": "sum", "first": "min", "last": "max"}
    summed = table.groupby("container").agg(how)
    if line is None:
        own = pd.Series(ends.mass).groupby(conversions.container).sum()
        summed["conversions"] = own.reindex(summed.index)
        summed["value"] = pd.Series(ends.value).groupby(conversions.container).sum()
    return _named(result, summed)


def _named(result: Attribution, summed: pd.DataFrame) -> pd.DataFrame:
    study, conversions = result.study, result.study.conversions
    numbers = summed.index.to_numpy(np.int64)
    who = named_containers(result.question.workspace, study.stream, numbers)
    at = times_of(study, conversions.row)
    per = pd.DataFrame({"c": conversions.container, "n": conversions.ends.mass, "at": at})
    whole = per.groupby("c").agg({"n": "sum", "at": "max"}).reindex(numbers)
    none = summed["touches"].to_numpy() == 0
    frame = pd.DataFrame(
        {
            "key": who["key"],
            "name": who["name"],
            "conversions": summed["conversions"].to_numpy(float),
            "of_conversions": whole["n"].to_numpy(float),
            "value": summed["value"].to_numpy(float) if result.question.by_value else np.nan,
            "touches": summed["touches"].to_numpy(np.int64),
            "first_touch_at": _instants(summed["first"].to_numpy(np.int64), none),
            "last_touch_at": _instants(summed["last"].to_numpy(np.int64), none),
            "converted_at": _instants(whole["at"].to_numpy(np.int64), np.zeros(none.size, bool)),
        }
    )
    largest = "value" if result.question.by_value else "conversions"
    return frame.sort_values([largest, "key"], ascending=[False, True], ignore_index=True)


def _instants(microseconds: np.ndarray, absent: np.ndarray) -> pd.Series:
    shown = instants(np.where(absent, 0, microseconds))
    return shown.mask(absent)


def learned(result: Attribution) -> pd.DataFrame:
    """What a learned model knows.

    Returns
    -------
    pandas.DataFrame
        ``algorithmic``: each touched set with ``items, containers, conversions, rate,
        drawn_rate`` (towards the overall rate; what the set is worth in the game).
        ``markov``: ``item, removal_effect, share`` (of all removal effects).
    """
    study, model = result.study, result.question.model
    if model.name not in LEARNED:
        raise ArgumentError.of("model", model.name, LEARNED, message("Other models learn nothing."))
    known = study.learned(model)
    names = _player_names(study, known.player, known.opportunities.players)
    if model.name == "markov":
        total = known.effects.sum()
        share = known.effects / total if total > 0 else np.full(known.effects.size, np.nan)
        frame = pd.DataFrame({"item": names, "removal_effect": known.effects, "share": share})
        return frame.sort_values(["removal_effect", "item"], ascending=[False, True]).reset_index(
            drop=True
        )
    sets, tried, won = rates(known.opportunities, np.ones(known.opportunities.won.size))
    usual = won.sum() / tried.sum() if tried.sum() else 0.0
    sets, tried, won = sets[tried > 0], tried[tried > 0], won[tried > 0]
    frame = pd.DataFrame(
        {
            "items": [_members_of(mask, names) for mask in sets.tolist()],
            "containers": tried.astype(np.int64),
            "conversions": won.astype(np.int64),
            "rate": won / tried,
            "drawn_rate": worths(tried, won, usual, model.prior),
        }
    )
    return frame.sort_values("containers", ascending=False, kind="stable", ignore_index=True)


def _player_names(study: Study, player: np.ndarray, players: int) -> list[str]:
    """Name of each player; the least touched items together are one."""
    out = [MISSING] * players
    for item, name in enumerate(study.items.names(np.arange(len(study.items)))):
        out[player[item]] = name
    if len(study.items) > players:
        out[-1] = OTHER
    return out


def _members_of(mask: int, names: list[str]) -> list[str]:
    return [name for number, name in enumerate(names) if mask >> number & 1]
