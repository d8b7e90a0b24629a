"""Rows of a day, person, session, event and opportunity put together."""

from __future__ import annotations

import pandas as pd

from workbench.journeys.timeline.milestones import is_milestone

COLUMNS = {
    "day": "Day of the reporting zone",
    "from_at": "First row (UTC)",
    "to_at": "Last row (UTC)",
    "who": "Who acted: account, own side, or record that neither did",
    "person_id": "Key of the person; missing where the rows name none",
    "person": "Name of the person",
    "role": "Role in a buying group or opportunity, else the title",
    "event": "What happened",
    "detail": "Stage, in-person event, content or page; the most frequent of these rows",
    "rows": "Number of rows",
    "milestone": "Whether the rows are part of a milestone",
    "session_id": "Session of the rows; missing where they have none",
    "opportunity_id": "Opportunity of the rows; missing where they name none",
}
_KEYS = ["day", "who", "person_id", "person", "role", "event", "session_id", "opportunity_id"]


def grouped(rows: pd.DataFrame, day: pd.Series, chosen: tuple[str, ...] | None) -> pd.DataFrame:
    """One line a group, with the columns of `COLUMNS`, in order of time."""
    part = rows.assign(day=day, milestone=is_milestone(rows, chosen))
    part["detail"] = part["detail"].astype("object")
    # The most frequent detail of a group, the first by letter among equals.
    counts = part.groupby([*_KEYS, "detail"], dropna=False, as_index=False).agg(n=("time", "size"))
    counts = counts[counts["detail"].notna()].sort_values(
        ["n", "detail"], ascending=[False, True], kind="stable"
    )
    most = counts.drop_duplicates(_KEYS)[[*_KEYS, "detail"]]
    out = part.groupby(_KEYS, dropna=False, as_index=False).agg(
        from_at=("at", "min"), to_at=("at", "max"), rows=("time", "size"),
        milestone=("milestone", "any"),
    )  # fmt: skip
    out = out.merge(most, on=_KEYS, how="left") if len(out) else out.assign(detail=None)
    out = out.sort_values(
        ["from_at", "event", "person_id", "session_id", "opportunity_id"], kind="stable"
    )
    texts = ["who", "person_id", "person", "role", "event", "detail", "session_id",
             "opportunity_id"]  # fmt: skip
    out[texts] = out[texts].astype("object").astype("str")
    out = out.astype({"rows": "int64", "milestone": "bool", "day": "datetime64[us]"})
    for name in ("from_at", "to_at"):
        out[name] = pd.to_datetime(out[name], utc=True).astype("datetime64[us, UTC]")
    return out.reset_index(drop=True)[list(COLUMNS)]
