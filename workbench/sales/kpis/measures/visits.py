"""Measures of visits: by rep, to important accounts every week, long ago, to customers.

Source: sales-pipeline.md, section 3 (exact definitions of the examples).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.sales.deals import NO_DAY
from workbench.sales.kpis import sources as s
from workbench.sales.kpis.asking import Asked
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import (
    COUNT,
    MEAN,
    SHARE,
    Goal,
    Measured,
    Window,
    day_number,
    day_of,
    joined,
    months_before,
    units_of,
)
from workbench.sales.kpis.visited import Visits as Done
from workbench.vocabulary.calendars import Calendar


def _inside(done: Done, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Lines of visit and person within a period: number of the visit, and who was there."""
    begin, end = window.days
    kept = (done.day[done.visit] >= begin) & (done.day[done.visit] < end)
    return done.visit[kept], done.user_id[kept]


def _units(
    done: Done, visit: np.ndarray, user: np.ndarray, goal: Goal, **more: object
) -> pd.DataFrame:  # fmt: skip
    if goal.listed:
        more["detail"] = [message("visit on {day}", day=day_of(d)) for d in done.day[visit]]
    return units_of(
        {
            "key": done.key[visit],
            "record_id": done.key[visit],
            "entity": "activity",
            "account_id": done.account_id[visit],
            "owner_id": user,
            "counted": 1.0,
            "on": done.day[visit],
            **more,
        }
    )


def visits(facts: Facts, source: s.Visits, window: Window, goal: Goal) -> Measured:
    """Visits: a joint one stands once for each rep and counts once in any group of them."""
    done = facts.visits(source.visit, source.all_meetings)
    visit, user = _inside(done, window)
    return Measured(_units(done, visit, user, goal), COUNT, notes=done.notes, begins=done.begins)


def visits_per_rep(facts: Facts, source: s.VisitsPerRep, window: Window, goal: Goal) -> Measured:
    """Visits of each rep, those without any included; to act on: reps below the target."""
    done = facts.visits(source.visit, source.all_meetings)
    visit, user = _inside(done, window)
    reps = _reps(facts, source, done)
    belongs = np.array([u in reps for u in user], bool)
    visit, user = visit[belongs], user[belongs]
    own = pd.Series(user, dtype=object).value_counts()
    counts = np.array([int(own.get(rep, 0)) for rep in reps], np.int64)
    each = _units(done, visit, user, goal)
    each["key"] = each["key"] + "|" + each["owner_id"]
    people = units_of(
        {
            "key": [f"rep:{rep}" for rep in reps],
            "record_id": reps,
            "entity": "person",
            "owner_id": reps,
            "account_id": [None] * len(reps),
            "of": 1.0,
            "to_do": counts < (0 if goal.target is None else goal.target),
            "detail": [message_of_count("{count} visit", "{count} visits", int(n)) for n in counts],
        }
    )
    joint = int(visit.size - np.unique(visit).size)
    notes = [*done.notes]
    if joint:
        notes.append(
            message(
                "{team} visits of the team; joint ones count for each rep who was there, which "
                "makes {all}.",
                team=f"{np.unique(visit).size:,}",
                all=f"{visit.size:,}",
            )
        )
    return Measured(joined(each, people), MEAN, message("Reps below the target"),
                    notes=tuple(notes), begins=done.begins)  # fmt: skip


def _reps(facts: Facts, source: s.VisitsPerRep, done: Done) -> list[str]:
    """Who is expected to visit: active staff who own accounts or opportunities, or visited."""
    owners = {u for u in done.user_id if u is not None}
    if facts.workspace.has("opportunities", "opportunity_id", "owner_id"):
        owners |= {u for u in facts.deals.text("owner_id") if u is not None}
    owners |= {u for u in facts.owner_of_account.values() if u is not None}
    users = facts.users
    if users.empty:
        return sorted(owners)
    active = set(users.loc[users["is_active"].astype(bool), "user_id"])
    if source.reps is None:
        return sorted(active & owners)
    asked = Asked(facts.workspace, "users", facts.today)
    text, values = asked.where(source.reps, "source.reps")
    read = facts.workspace.sql(
        f"SELECT DISTINCT t.user_id::VARCHAR AS key FROM {asked.joined} WHERE {text} "
        "AND t.user_id IS NOT NULL",
        values,
    )
    return sorted(set(read["key"]))


def visited_weekly(facts: Facts, source: s.VisitedWeekly, window: Window, goal: Goal) -> Measured:
    """Account-weeks with a visit; to act on: accounts left out in the last full week."""
    accounts = facts.accounts_of(source.accounts)
    wanted = {rank.strip().casefold() for rank in source.ranks}
    rank = [str(r or "").strip().casefold() in wanted for r in accounts["rank"]]
    accounts = accounts[np.array(rank, bool)].reset_index(drop=True)
    weeks = full_weeks(facts, window)
    starts = np.array([day_number(w) for w in weeks], np.int64)
    done = facts.visits(source.visit, source.all_meetings)
    place = pd.Index(accounts["account_id"], dtype=object).get_indexer(
        pd.Index(done.account_id, dtype=object)
    )
    visited = np.zeros((len(accounts), starts.size), bool)
    if starts.size and len(accounts):
        week = (done.day - starts[0]) // 7
        kept = (place >= 0) & (week >= 0) & (week < starts.size)
        visited[place[kept], week[kept]] = True
    created = accounts["created_on"].to_numpy(np.int64)
    there = (created[:, None] == NO_DAY) | (created[:, None] <= starts[None, :])
    account, week = np.nonzero(there)
    shown = visited[account, week]
    keys = accounts["account_id"].to_numpy(object)[account]
    missed = ~shown & (week == starts.size - 1) & goal.listed
    last = _last_visit(done, place, len(accounts))
    units = units_of(
        {
            "key": [f"{k}|{weeks[w]}" for k, w in zip(keys, week, strict=True)],
            "record_id": keys,
            "entity": "account",
            "account_id": keys,
            "owner_id": [facts.owner_of_account.get(k) for k in keys],
            "counted": shown,
            "of": 1.0,
            "to_do": missed,
            "on": starts[week],
            "detail": [
                _missed(weeks[w], last[a]) if m else ""
                for a, w, m in zip(account, week, missed, strict=True)
            ],
        }
    )
    notes = [
        *done.notes,
        message_of_count(
            "{count} full week in the period; ranks are those of today.",
            "{count} full weeks in the period; ranks are those of today.",
            starts.size,
        ),
    ]
    return Measured(units, SHARE, message("Accounts without a visit in the last full week"),
                    notes=tuple(notes), begins=done.begins)  # fmt: skip


def full_weeks(facts: Facts, window: Window) -> list[date]:
    """First days of the weeks that lie in the period as a whole and are over."""
    calendar = Calendar.of(facts.workspace.settings, "week")
    first = calendar.first_day(window.first)
    if first < window.first:
        first = calendar.following(first)
    out = []
    while calendar.following(first) <= min(window.after, window.last + timedelta(days=1)):
        out.append(first)
        first = calendar.following(first)
    return out


def _missed(week: date, last: int) -> str:
    if last == NO_DAY:
        return message("week of {week}: never visited", week=week)
    return message("week of {week}: last visit {day}", week=week, day=day_of(last))


def _last_visit(
    done: Done, place: np.ndarray, accounts: int, end: int | None = None
) -> np.ndarray:  # fmt: skip
    """Day of the last visit of each account before an end; `NO_DAY` for never."""
    last = np.full(accounts, NO_DAY, np.int64)
    kept = place >= 0
    if end is not None:
        kept &= done.day < end
    np.maximum.at(last, place[kept], done.day[kept])
    return last


def unvisited(facts: Facts, source: s.Unvisited, window: Window, goal: Goal) -> Measured:
    """Accounts not visited for some months; never visited ones are listed apart."""
    accounts = facts.accounts_of(source.accounts)
    end = window.days[1]
    created = accounts["created_on"].to_numpy(np.int64)
    accounts = accounts[(created == NO_DAY) | (created < end)].reset_index(drop=True)
    done = facts.visits(source.visit, source.all_meetings)
    place = pd.Index(accounts["account_id"], dtype=object).get_indexer(
        pd.Index(done.account_id, dtype=object)
    )
    last = _last_visit(done, place, len(accounts), end)
    edge = day_number(months_before(window.last, source.months))
    never = last == NO_DAY
    lapsed = ~never & (last <= edge)
    keys = accounts["account_id"].to_numpy(object)
    units = units_of(
        {
            "key": keys,
            "record_id": keys,
            "entity": "account",
            "account_id": keys,
            "owner_id": [facts.owner_of_account.get(k) for k in keys],
            "counted": lapsed,
            "of": 1.0,
            "to_do": lapsed,
            "apart": np.where(never, "never visited", ""),
            "on": np.where(never, 0, last),
            "detail": [
                message("never visited") if n else message("last visit {day}", day=day_of(d))
                for n, d in zip(never, last, strict=True)
            ]
            if goal.listed
            else "",
        }
    )
    notes = [*done.notes]
    if never.any():
        notes.append(
            message_of_count(
                "{count} account was never visited and is listed apart.",
                "{count} accounts were never visited and are listed apart.",
                int(never.sum()),
            )
        )
    to_do = message("Accounts not visited since {day}", day=day_of(edge))
    return Measured(units, COUNT, to_do, notes=tuple(notes), begins=done.begins)


def customer_share(
    facts: Facts, source: s.CustomerVisitShare, window: Window, goal: Goal
) -> Measured:
    """Visits to accounts that had won before ÷ visits to accounts."""
    done = facts.visits(source.visit, source.all_meetings)
    visit, user = _inside(done, window)
    known = np.array([a is not None for a in done.account_id[visit]], bool)
    left_out = np.unique(visit[~known]).size
    visit, user = visit[known], user[known]
    customer = facts.customer_at(done.account_id[visit], done.at[visit], source.flag_wins)
    units = _units(done, visit, user, goal, counted=customer, of=1.0)
    seen = set(done.account_id[visit])
    waiting = [a for a in facts.first_won.index if a not in seen] if goal.listed else []
    idle = units_of(
        {
            "key": [f"account:{a}" for a in waiting],
            "record_id": waiting,
            "entity": "account",
            "account_id": waiting,
            "owner_id": [facts.owner_of_account.get(a) for a in waiting],
            "to_do": True,
            "apart": "not visited",
            "detail": message("customer, not visited in the period"),
        }
    )
    notes = [*done.notes, *facts.notes_on_wins()]
    if left_out:
        notes.append(
            message_of_count(
                "{count} visit without an account is left out.",
                "{count} visits without an account are left out.",
                left_out,
            )
        )
    return Measured(joined(units, idle), SHARE, message("Customers not visited in the period"),
                    notes=tuple(notes), begins=done.begins)  # fmt: skip
