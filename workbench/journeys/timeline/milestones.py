"""Which rows are milestones, and how each is called."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from workbench.journeys.timeline.rows import RECORD, THEY
from workbench.messages import marked, message

FIRST = marked("First touch")
LABELS = {
    "lead_created": marked("Lead"),
    "mql_qualified": marked("MQL"),
    "sql_qualified": marked("SQL"),
    "lead_converted": marked("Lead converted"),
    "opportunity_created": marked("Opportunity"),
    "stage_changed": marked("Stage"),
    "closed_won": marked("Won"),
    "closed_lost": marked("Lost"),
    "event_attended": marked("Attended"),
    "contract_started": marked("Contract starts"),
    "contract_ended": marked("Contract ends"),
    "churned": marked("Churned"),
    "signed_up": marked("Signed up"),
}
# Other names for the same turns, as in exports that bring their own events.
OTHERS = re.compile(
    r"(^|_)(won|lost|churn(ed)?|contract|subscription|trial|renew(ed|al)?|upgraded?|downgraded?"
    r"|mql|sql|lead|opportunity)(_|$)",
    re.IGNORECASE,
)
# The first are the last to give way where labels would run into each other.
WEIGHT = ("won", "lost", "churn", "contract", "opportunity", "sql", "mql", "first", "subscription",
          "lead", "attended", "stage")  # fmt: skip
COLUMNS = {
    "number": "Number of the milestone, in order of time",
    "at": "When (UTC); the first row where several of one day and kind stand together",
    "label": "What it is, with stage, event or plan",
    "event": "Event of its rows; 'first touch' for the first thing the account did",
    "detail": "Stage, in-person event, plan or reason",
    "rows": "Rows that stand together in it",
    "people": "People of these rows",
    "opportunity_id": "Key of its opportunity",
    "rows_before": "Rows of the account in the 30 days before",
    "rows_after": "Rows of the account in the 30 days after",
}
_SPAN = 30 * 86_400_000_000
_CLOSING = 36 * 3_600_000_000


def is_milestone(rows: pd.DataFrame, chosen: tuple[str, ...] | None) -> np.ndarray:
    """A mark for every row that is part of a milestone."""
    if chosen is not None:
        return rows["event"].isin(chosen).to_numpy(bool)
    names = [name for name in rows["event"].unique() if is_turn(str(name))]
    marks = rows["event"].isin(names).to_numpy(bool)
    return marks & ~_said_twice(rows)


def is_turn(event: str) -> bool:
    """Whether an event is a milestone by its name."""
    return event in LABELS or (bool(OTHERS.search(event)) and not event.startswith("lead_form"))


def _said_twice(rows: pd.DataFrame) -> np.ndarray:
    """Changes into a closed stage that stand beside the closing itself."""
    closed = rows[rows["event"].isin(["closed_won", "closed_lost"])]
    when = closed.groupby("opportunity_id")["time"].max()
    same = when.reindex(rows["opportunity_id"].to_numpy(object)).to_numpy(float)
    last = rows[rows["event"] == "stage_changed"].groupby("opportunity_id")["time"].max()
    newest = last.reindex(rows["opportunity_id"].to_numpy(object)).to_numpy(float)
    times = rows["time"].to_numpy(float)
    with np.errstate(invalid="ignore"):
        beside = (np.abs(times - same) <= _CLOSING) & (times == newest)
    return (rows["event"] == "stage_changed").to_numpy(bool) & beside


def milestones_of(
    rows: pd.DataFrame, day: pd.Series, chosen: tuple[str, ...] | None
) -> pd.DataFrame:
    """One line a milestone, with the columns of `COLUMNS`.

    Parameters
    ----------
    rows : pandas.DataFrame
        As `rows_of` gives them.
    day : pandas.Series
        Day of the reporting zone of each row.
    """
    marks = is_milestone(rows, chosen)
    part = rows[marks].assign(day=day[marks])
    keys = ["day", "event", "detail", "opportunity_id"]
    lines = part.groupby(keys, dropna=False, as_index=False, sort=False).agg(
        time=("time", "min"), rows=("time", "size"), people=("person_id", "nunique")
    )
    if chosen is None and len(rows):
        lines = pd.concat([_first_touch(rows), lines], ignore_index=True)
    lines = lines.sort_values(["time", "event", "opportunity_id"], kind="stable")
    lines = lines.reset_index(drop=True)
    times = np.sort(rows["time"].to_numpy(np.int64))
    at = lines["time"].to_numpy(np.int64) if len(lines) else np.empty(0, np.int64)

    def until(edge: np.ndarray, side: str) -> np.ndarray:
        return np.searchsorted(times, edge, side=side)  # type: ignore[call-overload]

    out = pd.DataFrame(
        {
            "number": np.arange(1, len(lines) + 1),
            "at": pd.to_datetime(pd.Series(at, dtype="int64"), unit="us", utc=True),
            "label": [_label(e, d) for e, d in zip(lines["event"], lines["detail"], strict=True)],
            "event": lines["event"].astype("str"),
            "detail": lines["detail"].astype("object").astype("str"),
            "rows": lines["rows"].astype(np.int64),
            "people": lines["people"].astype(np.int64),
            "opportunity_id": lines["opportunity_id"].astype("object").astype("str"),
            "rows_before": until(at, "left") - until(at - _SPAN, "left"),
            "rows_after": until(at + _SPAN, "right") - until(at, "right"),
        }
    )
    out["at"] = out["at"].astype("datetime64[us, UTC]")
    return out.astype({"label": "str"})


def _first_touch(rows: pd.DataFrame) -> pd.DataFrame:
    """The first thing that the account did, or the first row where it never did anything."""
    theirs = rows[rows["who"] == THEY]
    first = (theirs if len(theirs) else rows).iloc[[0]]
    return pd.DataFrame(
        {
            "event": "first touch",
            "detail": first["event"].to_numpy(),
            "opportunity_id": None,
            "time": first["time"].to_numpy(),
            "rows": 1,
            "people": first["person_id"].notna().to_numpy().astype(int),
        }
    )


def _label(event: str, detail: object) -> str:
    if event == "first touch":
        return message("{label}: {detail}", label=message(FIRST), detail=detail)
    label = message(LABELS[event]) if event in LABELS else event.replace("_", " ").capitalize()
    known = isinstance(detail, str) and event not in ("lead_created", "lead_converted")
    return message("{label}: {detail}", label=label, detail=detail) if known else label


def weight_of(event: str) -> int:
    """How much a milestone matters to a picture: the smaller, the more."""
    for place, word in enumerate(WEIGHT):
        if word in event:
            return place
    return len(WEIGHT)


__all__ = ["COLUMNS", "RECORD", "is_milestone", "milestones_of", "weight_of"]
