"""A small company whose names are hostile, as frames that a workspace is made of."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

import workbench as wb
from tests.worlds import START

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "**bold** [link](https://evil.example/)",
    "\u202edesrever\u202c العربية",
    "=cmd|' /C calc'!A0",
    "datum.x + 'vega' {{ jinja }} {% raw %}",
    "x" * 400,
    "日本の会社 🏭 & \"quotes\" 'single' \x07",
]
STEPS = ["lead", HOSTILE[0], {"event": "won", "label": HOSTILE[6]}]


def frames(accounts: int = 40) -> dict[str, pd.DataFrame]:
    """Events of accounts of which each third gets one step farther than the one before."""
    rows = []
    for n in range(accounts):
        for step, event in enumerate(["lead", HOSTILE[0], "won"][: n % 3 + 1]):
            rows.append(
                {
                    "account_id": f"A{n:03d}",
                    "person_id": f"P{n % 7}" if step else f"P{n}",
                    "occurred_at": START + timedelta(days=n + 3 * step, hours=n % 5),
                    "event": event,
                    "channel": HOSTILE[(n + step) % len(HOSTILE)],
                }
            )
        rows.append(
            {**rows[-1], "event": HOSTILE[1], "occurred_at": START + timedelta(days=n + 20)}
        )
    names = ["account_id", "person_id", "occurred_at", "event", "channel"]
    events = pd.DataFrame(rows, columns=names)
    events["occurred_at"] = pd.to_datetime(events["occurred_at"], utc=True)
    known = pd.DataFrame(
        {
            "account_id": [f"A{n:03d}" for n in range(accounts)],
            "name": [HOSTILE[n % len(HOSTILE)] for n in range(accounts)],
            "industry": [["Software", HOSTILE[2]][n % 2] for n in range(accounts)],
        }
    )
    return {"events": events.astype({n: "str" for n in names if n != "occurred_at"}),
            "accounts": known.astype("str")}  # fmt: skip


def workspace(accounts: int = 40) -> wb.Workspace:
    """The company as a workspace."""
    return wb.from_frames(**frames(accounts), settings={"report_tz": "Asia/Tokyo"})
