"""One line a group and stage: how its deals get on and stay, beside all the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from workbench.messages import message
from workbench.results.intervals import holm, wilson
from workbench.sales.catalogue import OPEN, WON
from workbench.sales.deals import NO_DAY
from workbench.sales.stages.comparing import longer_stays, share_differences
from workbench.sales.stages.found import HAS_LOST, HAS_WON, Found, quantiles
from workbench.sales.stages.grouping import Groups

SURE = 0.05
COLUMNS = {
    "by": "Column that the groups come from",
    "group": "Owner, product, …; small groups together have one name",
    "pipeline": "Pipeline; empty for the whole way",
    "stage": "Open stage; empty for the whole way from creation to won or lost",
    "deals": "Deals of the group that entered the stage in the period, each once",
    "decided": "Of deals: those that went on to a later open stage or were won, and those lost",
    "went_on": "Of decided: those that went on or were won; empty under the smallest number",
    "share": "went_on / decided, 0…1",
    "low": "Lower end of its 95 % Wilson interval",
    "high": "Upper end of its 95 % Wilson interval",
    "others_decided": "Decided deals of all other groups in the stage",
    "others_went_on": "Of others_decided: those that went on or were won",
    "others_share": "others_went_on / others_decided, 0…1",
    "difference": "share - others_share",
    "difference_low": "Lower end of its 95 % interval (Newcombe)",
    "difference_high": "Upper end of its 95 % interval (Newcombe)",
    "p_value": "Of the difference: Fisher's exact test or score test, two-sided",
    "adjusted_p": "p_value corrected for all comparisons of the answer (Holm)",
    "stays": "Finished stays in the stage; for the whole way won deals with known days",
    "median_days": "Their median length in days; empty under the smallest number",
    "all_stays": "Finished stays of all groups",
    "all_median_days": "Their median length in days",
    "stay_p_value": "Of own lengths beside the others': rank-sum test, two-sided",
    "stay_adjusted_p": "stay_p_value corrected for all comparisons of the answer (Holm)",
    "open": "Open deals of the group that stand in the stage now",
    "stalled": "Of open: those longer there than usual",
    "standing": "strong or weak where the corrected difference is beyond chance, else empty",
    "pace": "stuck or quick where the corrected lengths differ beyond chance, else empty",
}


@dataclass(frozen=True)
class Shown:
    """Which groups stand for themselves.

    Attributes
    ----------
    line_of : numpy.ndarray of int64
        Line of each group's code; -1 for one that is on no line.
    labels : list of str
    small : int
        Groups under the smallest number.
    small_deals : int
        Their deals.
    together : bool
        Whether they have a line together.
    """

    line_of: np.ndarray
    labels: list[str]
    small: int
    small_deals: int
    together: bool


def shown_groups(found: Found, groups: Groups, min_n: int) -> Shown:
    """Groups of at least so many deals by name; two or more smaller ones together."""
    n = np.bincount(groups.code[found.chosen], minlength=groups.keys.size)
    large, small = np.flatnonzero(n >= min_n), np.flatnonzero((n < min_n) & (n > 0))
    line_of = np.full(groups.keys.size, -1, np.int64)
    line_of[large] = np.arange(large.size)
    labels = [str(groups.labels[code]) for code in large]
    deals = int(n[small].sum())
    together = small.size > 1 and deals >= min_n
    if together:
        line_of[small] = large.size
        labels.append(message("({n} small groups together)", n=small.size))
    return Shown(line_of, labels, int(small.size), deals, together)


@dataclass(frozen=True)
class _Units:
    """What is compared: one place a deal and stage, the whole way as the stage after all others."""

    deal: np.ndarray
    stage: np.ndarray
    decided: np.ndarray
    went_on: np.ndarray
    days: np.ndarray


def units_of(found: Found) -> _Units:
    """Deals in the open stages that they entered, and on their whole way."""
    visits, state, catalogue = found.visits, found.visit_state, found.catalogue
    kept = np.flatnonzero(catalogue.kind[visits.stage] == OPEN)
    on = found.stays.further[visits.first_stay[kept]] | (state[kept] == HAS_WON)
    decided = on | (state[kept] == HAS_LOST)
    days = np.where(found.visits_over[kept], visits.latest_days[kept], np.nan)
    moment, deals = found.moment, found.deals
    whole = found.chosen & (moment.stage >= 0)
    shown = np.zeros(len(catalogue) + 1, bool)
    shown[found.codes] = True
    whole &= shown[moment.stage]
    closed = moment.kind != OPEN
    if found.question.period:
        start, end = found.question.bounds()
        whole &= ~closed | ((moment.closed_at >= start) & (moment.closed_at < end))
    at = np.flatnonzero(whole)
    closed_on, created = moment.closed_on[at], deals.created_on[at]
    known = (closed_on != NO_DAY) & (created != NO_DAY) & (moment.kind[at] == WON)
    known &= closed_on >= created
    cycle = np.where(known, closed_on.astype(float) - created, np.nan)
    end_code = np.full(at.size, len(catalogue))
    return _Units(
        np.concatenate([visits.deal[kept], at]).astype(np.int64),
        np.concatenate([visits.stage[kept], end_code]).astype(np.int64),
        np.concatenate([decided, closed[at]]),
        np.concatenate([on, moment.kind[at] == WON]),
        np.concatenate([days, cycle]),
    )


def coaching_lines(found: Found, groups: Groups, shown: Shown, by: str, min_n: int) -> pd.DataFrame:
    """The frame with the columns of `COLUMNS`: stages in order, groups by name."""
    units, size = units_of(found), len(found.catalogue) + 1
    line, n_lines = shown.line_of[groups.code[units.deal]], len(shown.labels)
    # Deals of groups on no line count among the others.
    cell = np.where(line >= 0, line, n_lines) * size + units.stage

    def table(mark: np.ndarray) -> np.ndarray:
        found_counts = np.bincount(cell[mark], minlength=(n_lines + 1) * size)
        return found_counts.reshape(n_lines + 1, size)

    own = found.catalogue.frame
    codes = [c for c in found.codes if found.catalogue.kind[c] == OPEN]
    n_stage = np.bincount(units.stage, minlength=size)
    codes = [c for c in codes if n_stage[c]] + [size - 1]
    deals = table(np.ones(cell.size, bool))
    decided, on = table(units.decided), table(units.went_on)
    timed = ~np.isnan(units.days)
    stays = table(timed)
    medians = quantiles(cell[timed], units.days[timed], (n_lines + 1) * size, (0.5,))
    everyone = quantiles(units.stage[timed], units.days[timed], size, (0.5,))[:, 0]
    group = np.where(line >= 0, line, n_lines)[timed]
    p_stay = longer_stays(group, units.stage[timed], units.days[timed], n_lines + 1, size)
    standing = _standing_now(found, groups, shown, size)
    parts = []
    for code in codes:
        whole = code == size - 1
        parts.append(
            pd.DataFrame(
                {
                    "by": by,
                    "group": shown.labels,
                    "pipeline": "" if whole else str(own["pipeline"].iloc[code]),
                    "stage": "" if whole else str(own["stage"].iloc[code]),
                    "deals": deals[:n_lines, code],
                    "decided": decided[:n_lines, code],
                    "went_on": on[:n_lines, code].astype(float),
                    "others_decided": (decided[:, code].sum() - decided[:n_lines, code]) * 1.0,
                    "others_went_on": (on[:, code].sum() - on[:n_lines, code]) * 1.0,
                    "stays": stays[:n_lines, code],
                    "median_days": medians.reshape(n_lines + 1, size)[:n_lines, code],
                    "all_stays": stays[:, code].sum(),
                    "all_median_days": everyone[code],
                    "stay_p_value": p_stay[:n_lines, code],
                    "open": standing[0][:n_lines, code],
                    "stalled": standing[1][:n_lines, code],
                }
            )
        )
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["deals"] > 0].reset_index(drop=True)
    return _compared(frame, min_n)[list(COLUMNS)]


def _standing_now(
    found: Found, groups: Groups, shown: Shown, size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Open deals of each line and stage, and those of them that stall; the last column is all."""
    n_lines = len(shown.labels)
    out = []
    for mark in (found.standing & (found.moment.kind == OPEN), found.stalled):
        at = np.flatnonzero(mark)
        line = shown.line_of[groups.code[at]]
        line = np.where(line >= 0, line, n_lines)
        counts = np.bincount(line * size + found.moment.stage[at], minlength=(n_lines + 1) * size)
        counts = counts.reshape(n_lines + 1, size)
        counts[:, -1] = counts[:, :-1].sum(1)
        out.append(counts)
    return out[0], out[1]


def _compared(frame: pd.DataFrame, min_n: int) -> pd.DataFrame:
    """Shares, differences, and p-values corrected for all comparisons; small cells stay empty."""
    few = (frame["decided"] < min_n) | (frame["others_decided"] < min_n)
    frame.loc[few, ["went_on", "others_decided", "others_went_on"]] = np.nan
    short = (frame["stays"] < min_n) | (frame["all_stays"] - frame["stays"] < min_n)
    frame.loc[short, ["median_days", "stay_p_value"]] = np.nan
    own = frame["went_on"].to_numpy(float)
    totals = np.where(few, 0, frame["decided"])
    others = np.nan_to_num(frame["others_decided"].to_numpy(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        frame["share"] = own / totals
        frame["others_share"] = frame["others_went_on"] / others
    frame["low"], frame["high"] = wilson(np.nan_to_num(own), totals)
    parts = share_differences(
        np.nan_to_num(own), totals, np.nan_to_num(frame["others_went_on"].to_numpy(float)), others
    )
    for name, values in zip(
        ("difference", "difference_low", "difference_high", "p_value"), parts, strict=True
    ):
        frame[name] = np.where(few, np.nan, values)
    p_values = np.concatenate([frame["p_value"], frame["stay_p_value"]])
    adjusted = holm(p_values)
    frame["adjusted_p"], frame["stay_adjusted_p"] = adjusted[: len(frame)], adjusted[len(frame) :]
    sure = frame["adjusted_p"] < SURE
    frame["standing"] = np.where(sure, np.where(frame["difference"] > 0, "strong", "weak"), "")
    sure = frame["stay_adjusted_p"] < SURE
    slower = frame["median_days"] > frame["all_median_days"]
    frame["pace"] = np.where(sure, np.where(slower, "stuck", "quick"), "")
    return frame
