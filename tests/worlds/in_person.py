"""A company that held in-person events, as tables; names are hostile, effects are known."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import workbench as wb
from tests.worlds import at
from tests.worlds.company import HOSTILE

SIZES = {"hostile": 240, "one": 1, "empty": 0}
SUMMIT, DINNER = HOSTILE[0], HOSTILE[4]
SUMMIT_DAY, DINNER_DAY, LAST_DAY = 200, 290, 320


def tables(accounts: int, effect: float = 0.3, seed: int = 1) -> dict[str, pd.DataFrame]:
    """Engaged accounts come and buy more often anyway; the summit adds `effect` of the rest.

    Returns
    -------
    dict
        accounts, people, users, web_events, event_attendance, opportunities: two people an
        account, of whom one or both come to the summit on day 200, and some to the dinner on day
        290, whose effect is none.
    """
    draw = np.random.default_rng(seed)
    keys = [f"A{n:04d}" for n in range(accounts)]
    keen = draw.random(accounts) < 0.4
    size = np.exp(draw.normal(5, 1, accounts))
    comes = draw.random(accounts) < np.where(keen, 0.55, 0.2)
    dines = draw.random(accounts) < np.where(keen, 0.5, 0.2)
    buys = draw.random(accounts) < np.where(keen, 0.25, 0.06)
    caused = comes & ~buys & (draw.random(accounts) < effect)
    visits = draw.poisson(np.where(keen, 14, 4))
    return {
        "accounts": _accounts(keys, size),
        "users": pd.DataFrame({"user_id": ["U1", "U2"], "name": [HOSTILE[3], "Bea"]}),
        "people": _people(keys),
        "web_events": _web(keys, visits, draw),
        "event_attendance": _attendance(keys, comes, dines),
        "opportunities": _opportunities(keys, buys | caused, keen, draw),
    }


def _accounts(keys: list[str], size: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": keys,
            "name": [HOSTILE[n % len(HOSTILE)] for n in range(len(keys))],
            "industry": [["Software", HOSTILE[2], None][n % 3] for n in range(len(keys))],
            "employees": [None if n % 17 == 0 else int(v) for n, v in enumerate(size)],
            "owner_id": [["U1", "U2"][n % 2] for n in range(len(keys))],
        },
        columns=["account_id", "name", "industry", "employees", "owner_id"],
    ).astype({"account_id": "str", "name": "str", "owner_id": "str", "employees": "Int64"})


def _people(keys: list[str]) -> pd.DataFrame:
    rows = [(f"{key}-{n}", key, HOSTILE[n + 2], "x") for key in keys for n in range(2)]
    return pd.DataFrame(
        rows, columns=["person_id", "account_id", "first_name", "last_name"], dtype="str"
    )


def _web(keys: list[str], visits: np.ndarray, draw: np.random.Generator) -> pd.DataFrame:
    account = np.repeat(np.array(keys, object), visits)
    day = draw.random(account.size) * 315
    kinds = np.array(["page_viewed", HOSTILE[1], "lead_form_completed"], object)
    return _timed(
        {
            "event_id": [f"W{n}" for n in range(account.size)],
            "account_id": account,
            "person_id": [f"{key}-{n % 2}" for n, key in enumerate(account)],
            "event": kinds[draw.integers(0, 3, account.size)],
        },
        "occurred_at",
        day,
    )


def _attendance(keys: list[str], comes: np.ndarray, dines: np.ndarray) -> pd.DataFrame:
    rows = []
    for n, key in enumerate(keys):
        if comes[n]:
            rows.append((SUMMIT, f"{key}-0", "attended", SUMMIT_DAY))
            rows.append((SUMMIT, f"{key}-1", ["attended", "no_show"][n % 2], SUMMIT_DAY))
        elif n % 5 == 0:
            rows.append((SUMMIT, f"{key}-0", ["registered", "cancelled"][n % 2], SUMMIT_DAY - 9))
        if dines[n]:
            rows.append((DINNER, f"{key}-1", "attended", DINNER_DAY))
    event, person, status, day = zip(*rows, strict=True) if rows else ((), (), (), ())
    columns = {"event_id": list(event), "person_id": list(person), "status": list(status)}
    return _timed(columns, "status_at", np.array(day, float))


def _opportunities(
    keys: list[str], after: np.ndarray, keen: np.ndarray, draw: np.random.Generator
) -> pd.DataFrame:
    """Deals in the four weeks after the summit, and in the half year before it."""
    before = draw.random(len(keys)) < np.where(keen, 0.4, 0.1)
    chosen = np.concatenate([np.flatnonzero(after), np.flatnonzero(before)])
    young, old = int(after.sum()), int(before.sum())
    day = np.concatenate([SUMMIT_DAY + 1 + draw.random(young) * 28, 20 + draw.random(old) * 175])
    table = _timed(
        {
            "opportunity_id": [f"O{n}" for n in range(chosen.size)],
            "account_id": [keys[n] for n in chosen],
            "name": [HOSTILE[n % len(HOSTILE)] for n in chosen],
        },
        "created_at",
        day,
    )
    table["amount"] = np.arange(chosen.size) * 1_000.0
    table["currency"] = pd.Series("EUR", index=table.index, dtype="str")
    return table


def _timed(columns: dict[str, object], name: str, day: np.ndarray) -> pd.DataFrame:
    frame = pd.DataFrame(columns).astype("str")
    times = pd.to_datetime([at(float(d)) for d in day], utc=True)
    return frame.assign(**{name: pd.Series(times, index=frame.index, dtype="datetime64[us, UTC]")})


@cache
def workspace(name: str = "hostile") -> wb.Workspace:
    """The company at one of the sizes of the law."""
    return opened(tables(SIZES[name]))


def opened(made: dict[str, pd.DataFrame], last_day: float = LAST_DAY) -> wb.Workspace:
    """A workspace of such tables that ends on a day."""
    return wb.from_frames(**made, as_of=f"{at(last_day):%Y-%m-%d}")
