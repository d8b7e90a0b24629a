"""Small worlds of touches, and how to read one line of an attribution."""

from __future__ import annotations

import pandas as pd

import workbench as wb
from tests.worlds import at


def world(*rows, tables=None, zone="UTC", **settings):
    """Rows are (account, day, event, {more}); their order is that of equal times."""
    frame = pd.DataFrame(
        [
            {
                "event_id": f"e{n:04d}",
                "account_id": account,
                "occurred_at": at(day) if isinstance(day, int | float) else pd.Timestamp(day),
                "event": event,
                **(more[0] if more else {}),
            }
            for n, (account, day, event, *more) in enumerate(rows)
        ]
    )
    frame["occurred_at"] = pd.to_datetime(frame["occurred_at"], utc=True)
    made = {name: pd.DataFrame(table) for name, table in (tables or {}).items()}
    return wb.from_frames(events=frame, settings={"report_tz": zone, **settings}, **made)


def credit(result, column="conversions"):
    """Credit by item, lines without any left out."""
    frame = result.frame[result.frame[column] != 0]
    return dict(zip(frame["item"], frame[column], strict=True))
