"""Small tables that do not grow with the company: staff, stages, roles, rates, targets."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from workbench.data.demo import names
from workbench.data.demo.arrays import Calendar, Ints, hits, ids, local, pick, ragged, spread
from workbench.data.demo.companies import USERS, Companies, People
from workbench.data.demo.deals import FORECASTS, OPEN_STAGES, PROBABILITIES, STAGES, WON
from workbench.data.demo.funnel import Journeys

TEAMS = ("東京 第一営業部", "大阪 営業部", "Vertrieb DACH", "Americas", "Inside Sales")
GROUP_ROLES = ("Decision Maker", "Influencer", "Practitioner", "Champion", "Executive Sponsor")
_SOLUTIONS = ("LineWatch", "SpareHub", "CalibrationCloud")
_PURPOSES = ("案件の実在を確かめる", "Bedarf verstehen", "Offer a priced solution", None)
_EXITS = ("予算と決裁者が判明", "Requirements signed off", None, "Vertrag liegt vor")


def users_table(rng: np.random.Generator) -> pa.Table:
    """Own staff; the first five lead the teams."""
    place = np.arange(USERS, dtype=np.int64)
    given, family, start = names.person_names(rng, np.repeat(np.arange(6), USERS)[:USERS] * 0)
    full = [
        f"{last} {first}" for first, last in zip(given.to_pylist(), family.to_pylist(), strict=True)
    ]
    emails = [f"{text}{number}@hoshino.example" for number, text in enumerate(start.to_pylist())]
    return pa.table(
        {
            "user_id": ids("U-", place, 3),
            "name": full,
            "email": emails,
            "team": pick(TEAMS, place % len(TEAMS)),
            "manager_id": ids("U-", np.where(place < len(TEAMS), -1, place % len(TEAMS)), 3),
            "is_active": pick(("No", "Yes"), (place % 13 > 0).astype(np.int64)),
        }
    )


def stages_table() -> pa.Table:
    """The stage catalogue of both pipelines."""
    rows = []
    for pipeline in ("国内営業", "海外営業"):
        for place, stage in enumerate(STAGES):
            is_open = place < OPEN_STAGES
            rows.append(
                {
                    "pipeline": pipeline,
                    "stage": stage,
                    "sort": place + 1,
                    "kind": "open" if is_open else "won" if place == WON else "lost",
                    "default_probability": float(PROBABILITIES[place]),
                    "forecast_category": FORECASTS[place],
                    "purpose": _PURPOSES[place] if is_open else None,
                    "exit_criteria": _EXITS[place] if is_open else None,
                    "max_days": 45 if is_open else None,
                    "is_active": "Yes",
                }
            )
    return pa.Table.from_pylist(rows)


def rates_table(rng: np.random.Generator, calendar: Calendar) -> pa.Table:
    """Monthly rates: units of the currency for one yen."""
    months = _months(calendar)
    drift = np.exp(np.cumsum(rng.normal(0, 0.012, (len(months), 2)), axis=0))
    rows = [
        {"currency": currency, "valid_from": month, "rate": round(base * drift[place, column], 7)}
        for column, (currency, base) in enumerate((("EUR", 0.00612), ("USD", 0.00671)))
        for place, month in enumerate(months)
    ]
    return pa.Table.from_pylist(rows)


def targets_table(calendar: Calendar) -> pa.Table:
    """Quarterly won-value targets of the teams, in yen."""
    months = _months(calendar)
    rows = []
    for start, after in zip(months[::3], [*months[3::3], None], strict=False):
        closing = date.fromordinal(after.toordinal() - 1) if after else calendar.last_day
        for place, team in enumerate(TEAMS):
            rows.append(
                {
                    "kpi_id": "won_value",
                    "team": team,
                    "period_start_on": start,
                    "period_end_on": closing,
                    "target": 30_000_000 + 5_000_000 * place,
                }
            )
    return pa.Table.from_pylist(rows)


def roles_table() -> pa.Table:
    """Roles a buying group of the standard template should hold."""
    return pa.table(
        {
            "template": ["standard"] * len(GROUP_ROLES),
            "role": list(GROUP_ROLES),
            "members_required": [1, 2, 1, 1, 0],
            "weight": [100, 80, 60, 60, 40],
            "counts_for_completeness": ["Yes", "Yes", "Yes", "No", "No"],
        }
    )


def buying_groups(
    rng: np.random.Generator, companies: Companies, people: People, journeys: Journeys,
    calendar: Calendar, first: int,
) -> tuple[pa.Table, pa.Table]:  # fmt: skip
    """Buying groups of accounts with an MQL, and their members; a person may be in several."""
    account, turn = ragged(
        np.where((journeys.mql >= 0) & hits(rng, 0.8, len(companies)),
                 rng.integers(1, 4, len(companies)), 0)
    )  # fmt: skip
    number = len(account)
    place = np.arange(number, dtype=np.int64)
    begun = np.maximum(journeys.mql[account], calendar.start)
    stage_at = spread(rng, begun, calendar.end, number)
    groups = pa.table(
        {
            "group_id": ids("G-", first + place, 8),
            "account_id": companies.ids(account),
            "solution": pick(_SOLUTIONS, turn),
            "stage": pick(("Discovery", "Evaluation", "Decision"), rng.integers(0, 3, number)),
            "stage_at": local(stage_at),
            "template": pick(("standard",), place * 0),
        }
    )
    return groups, _members(rng, people, account, begun, calendar, first)


def _members(
    rng: np.random.Generator, people: People, account: Ints, begun: Ints, calendar: Calendar,
    first: int,
) -> pa.Table:  # fmt: skip
    group, turn = ragged(rng.integers(2, 5, len(account)))
    start = rng.integers(0, 9, len(account))
    added = spread(rng, begun[group], calendar.end, len(group))
    left = spread(rng, added, calendar.end, len(group))
    gone = hits(rng, 0.06, len(group))
    return pa.table(
        {
            "group_id": ids("G-", first + group, 8),
            "person_id": people.ids(people.of(account[group], start[group] + turn)),
            "role": pick(GROUP_ROLES, (start[group] + turn) % len(GROUP_ROLES)),
            "added_by": pick(("manual", "journey", "rule"), rng.integers(0, 3, len(group))),
            "added_at": local(added),
            "removed_at": local(np.where(gone, left, -1)),
        }
    )


def _months(calendar: Calendar) -> list[date]:
    last = calendar.last_day.year * 12 + calendar.last_day.month - 1
    from workbench.data.demo.arrays import DAY, TOKYO

    begin = date.fromordinal(date(1970, 1, 1).toordinal() + (calendar.start + TOKYO) // DAY)
    first = begin.year * 12 + begin.month - 1
    return [date(month // 12, month % 12 + 1, 1) for month in range(first, last + 1)]
