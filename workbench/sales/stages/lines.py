"""One line a stage: who stands there, how long deals stay, and what becomes of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.results.intervals import wilson
from workbench.sales.catalogue import OPEN
from workbench.sales.history import QUALITIES
from workbench.sales.stages.found import STATES, Found, quantiles

COLUMNS = {
    "pipeline": "Pipeline; empty where deals name none",
    "stage": "Stage",
    "kind": "open, won or lost",
    "known": "Whether the catalogue of stages holds it",
    "deals": "Deals that stand in it, at the instant that is looked from",
    "without_amount": "Of deals: those without an amount, or without one that can be converted",
    "amount": "Sum of the amounts of deals, in the currency of the result",
    "median_age_days": "Median calendar days since the deals were created",
    "dated": "Of deals: those of which is known when they entered the stage",
    "median_days_in_stage": "Median calendar days of dated since they entered the stage",
    "max_days": "Longest usual stay in days: of the catalogue, else derived from won deals",
    "max_days_source": "catalogue, derived, or empty where there is none",
    "max_days_rests_on": "Won deals that a derived limit rests on, or could",
    "stalled": "Of dated: open deals longer in the stage than max_days",
    "share_stalled": "stalled / dated, 0…1; empty without a limit",
    "share_stalled_low": "Lower end of its 95 % Wilson interval",
    "share_stalled_high": "Upper end of its 95 % Wilson interval",
    "default_probability": "Probability that the catalogue gives the stage, 0…1",
    "with_probability": "Of deals: those with a probability of their own",
    "mean_probability": "Mean of their own probabilities, 0…1",
    "probability_differs": "Of with_probability: those that differ from the stage's",
    "entered": "Deals that entered the stage in the period, each once",
    "visits": "Times they entered it",
    "revisited": "Of entered: deals that entered it more than once",
    "implied": "Times deals skipped over the stage: passed by, not observed",
    "over": "Of entered: deals whose latest visit is over; only these have a whole length",
    "latest_days_q1": "First quartile of the latest visit of over, in days",
    "latest_days_median": "Median of the latest visit of over, in days",
    "latest_days_q3": "Third quartile of the latest visit of over, in days",
    "cumulative_days_q1": "First quartile of all visits of a deal together, of over, in days",
    "cumulative_days_median": "Median of all visits of a deal together, of over, in days",
    "cumulative_days_q3": "Third quartile of all visits of a deal together, of over, in days",
    "won": "Of entered: deals that are won",
    "lost": "Of entered: deals that are lost",
    "still_open": "Of entered: deals that are open and not decided yet",
    "moved_out": "Of entered: deals that stand in another pipeline now",
    "decided": "won + lost",
    "share_won": "won / decided, 0…1",
    "share_won_low": "Lower end of its 95 % Wilson interval",
    "share_won_high": "Upper end of its 95 % Wilson interval",
    **{f"history_{name}": f"Of entered: deals with {name} history" for name in QUALITIES[:3]},
    **{
        f"history_{name}": f"Of deals: those with {name} history: they have no stays"
        for name in QUALITIES[3:]
    },
}


def lines(found: Found) -> pd.DataFrame:
    """The frame with the columns of `COLUMNS`, one line a stage that is shown."""
    catalogue, codes = found.catalogue, found.codes
    own = catalogue.frame.iloc[codes]
    out = pd.DataFrame(
        {
            "pipeline": own["pipeline"].astype("str").to_numpy(),
            "stage": own["stage"].astype("str").to_numpy(),
            "kind": own["kind"].astype("str").to_numpy(),
            "known": own["known"].to_numpy(bool),
            "default_probability": own["default_probability"].to_numpy(float),
        }
    )
    _add_board(out, found)
    _add_stays(out, found)
    _add_outcomes(out, found)
    return out[list(COLUMNS)]


def _add_board(out: pd.DataFrame, found: Found) -> None:
    moment, codes, size = found.moment, found.codes, len(found.catalogue)
    here = np.flatnonzero(found.standing)
    stage = moment.stage[here]

    def counted(mark: np.ndarray) -> np.ndarray:
        return np.bincount(stage[mark], minlength=size)[codes]

    amounts = found.money[0][here]
    named = ~np.isnan(amounts)
    out["deals"] = np.bincount(stage, minlength=size)[codes]
    out["without_amount"] = counted(~named)
    sums = np.bincount(stage[named], weights=amounts[named], minlength=size)[codes]
    out["amount"] = np.where(counted(named) + (out["deals"] == 0) > 0, sums, np.nan)
    days = found.days_in_stage[here]
    out["median_age_days"] = quantiles(stage, found.age_days[here], size, (0.5,))[codes, 0]
    out["dated"] = counted(~np.isnan(days))
    out["median_days_in_stage"] = quantiles(stage, days, size, (0.5,))[codes, 0]
    limits = found.limits.iloc[codes]
    out["max_days"] = limits["max_days"].to_numpy(float)
    out["max_days_source"] = limits["source"].astype("str").to_numpy()
    out["max_days_rests_on"] = limits["rests_on"].to_numpy(np.int64)
    out["stalled"] = counted(found.stalled[here])
    limited = np.where(out["max_days"].notna(), out["dated"], 0)
    _add_share(out, "share_stalled", out["stalled"].to_numpy(), limited)
    chances = moment.probability[here]
    known = ~np.isnan(chances)
    default = found.catalogue.frame["default_probability"].to_numpy(float)[stage]
    out["with_probability"] = counted(known)
    total = np.bincount(stage[known], weights=chances[known], minlength=size)[codes]
    with np.errstate(invalid="ignore", divide="ignore"):
        out["mean_probability"] = total / np.where(counted(known) > 0, counted(known), np.nan)
        out["probability_differs"] = counted(known & (np.abs(chances - default) > 1e-9))
    for name in QUALITIES[3:]:
        out[f"history_{name}"] = counted(found.history.quality[here] == QUALITIES.index(name))


def _add_stays(out: pd.DataFrame, found: Found) -> None:
    visits, codes, size = found.visits, found.codes, len(found.catalogue)
    over = found.visits_over
    out["entered"] = np.bincount(visits.stage, minlength=size)[codes]
    times = np.bincount(visits.stage, weights=visits.visits, minlength=size)[codes]
    out["visits"] = times.astype(np.int64)
    out["revisited"] = np.bincount(visits.stage[visits.visits > 1], minlength=size)[codes]
    out["implied"] = _implied(found)[codes]
    lasting = over & (found.catalogue.kind[visits.stage] == OPEN)
    out["over"] = np.bincount(visits.stage[over], minlength=size)[codes]
    for name in ("latest_days", "cumulative_days"):
        values = getattr(visits, name)[lasting]
        thirds = quantiles(visits.stage[lasting], values, size)[codes]
        for n, part in enumerate(("q1", "median", "q3")):
            out[f"{name}_{part}"] = thirds[:, n]
    quality = found.history.quality[visits.deal]
    for n, name in enumerate(QUALITIES[:3]):
        out[f"history_{name}"] = np.bincount(visits.stage[quality == n], minlength=size)[codes]


def _implied(found: Found) -> np.ndarray:
    """How often deals passed over each stage: it stands between the two of a skip."""
    from workbench.sales.stays import SKIP

    stays, catalogue = found.stays, found.catalogue
    taken = found.taken
    skips = taken[stays.move[taken] == SKIP]
    out = np.zeros(len(catalogue), np.int64)
    size = len(catalogue)
    times = np.bincount(stays.stage[skips] * np.int64(size) + stays.stage[skips + 1])
    for pair in np.flatnonzero(times):
        (start, end), n = divmod(int(pair), size), times[pair]
        between = (catalogue.place > catalogue.place[start]) & (
            catalogue.place < catalogue.place[end]
        )
        out[between & (found.pipeline_of_stage == found.pipeline_of_stage[start])] += n
    return out


def _add_outcomes(out: pd.DataFrame, found: Found) -> None:
    visits, codes, size = found.visits, found.codes, len(found.catalogue)
    for n, name in enumerate(STATES):
        out[name] = np.bincount(visits.stage[found.visit_state == n], minlength=size)[codes]
    out["decided"] = out["won"] + out["lost"]
    _add_share(out, "share_won", out["won"].to_numpy(), out["decided"].to_numpy())


def _add_share(out: pd.DataFrame, name: str, counts: np.ndarray, totals: np.ndarray) -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        out[name] = np.where(totals > 0, counts / totals, np.nan)
    out[f"{name}_low"], out[f"{name}_high"] = wilson(np.where(totals > 0, counts, 0), totals)
