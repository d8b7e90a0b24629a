"""Pipeline numbers over plain rows: slow and obvious, with nothing of the product in it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from statistics import median

STAGES = ("S1", "S2", "S3", "Won", "Lost")
OPEN_STAGES = STAGES[:3]


def rows_until(deal, saves, moment):
    """Saves of a deal up to a moment, oldest first."""
    return [s for s in sorted(saves, key=lambda s: s["at"])
            if s["key"] == deal["key"] and s["at"] <= moment]  # fmt: skip


def state(deal, saves, moment):
    """How a deal stood: its last save; a save that names nothing keeps what was known."""
    known = rows_until(deal, saves, moment)
    if not known:
        return None
    out = {"stage": known[-1]["stage"], "amount": None, "due": None, "chance": None}
    for save in known:
        for name in ("amount", "due", "chance"):
            if save[name] is not None:
                out[name] = save[name]
    out["closed"] = None
    if out["stage"] in ("Won", "Lost"):
        run = len(known) - 1
        while run and known[run - 1]["stage"] in ("Won", "Lost"):
            run -= 1
        out["closed"] = known[run]["at"]
    return out


def open_pipeline(deals, saves, moment, first, after, group=None):
    """Number, sum, without amount, weighted sum of open deals due in [first, after)."""
    count, total, unknown, weighted = 0, 0.0, 0, 0.0
    for deal in deals:
        now = state(deal, saves, moment)
        if now is None or now["closed"] or (group and deal["owner"] != group):
            continue
        if first is not None and (now["due"] is None or not first <= now["due"] < after):
            continue
        count += 1
        if now["amount"] is None:
            unknown += 1
            continue
        total += now["amount"]
        if now["chance"] is not None:
            weighted += now["amount"] * now["chance"]
    return count, round(total, 2), unknown, round(weighted, 2)


def win_rates(deals, saves, moment, first, after):
    """(won, total) of the closed cohort, of the created one to date, and of its resolved ones."""
    closed, created, resolved = [0, 0], [0, 0], [0, 0]
    for deal in deals:
        now = state(deal, saves, moment)
        if now is None:
            continue
        won = now["stage"] == "Won"
        if now["closed"] and first <= now["closed"].date() < after:
            closed[0] += won
            closed[1] += 1
        if first <= deal["created"].date() < after:
            created[0] += won
            created[1] += 1
            if now["closed"]:
                resolved[0] += won
                resolved[1] += 1
    return [tuple(closed), tuple(created), tuple(resolved)]


def conversions(deals, saves, moment, first, after, horizon, implied):
    """(entered, matured, reached) for each pair of a stage and what can follow it."""
    out = {}
    for deal in deals:
        entries = []
        for save in rows_until(deal, saves, moment):
            if not entries or entries[-1][1] != save["stage"]:
                entries.append((save["at"], save["stage"]))
        for place, stage in enumerate(OPEN_STAGES):
            own = [n for n, (at, s) in enumerate(entries)
                   if s == stage and first <= at.date() < after]  # fmt: skip
            if not own:
                continue
            begun, later = entries[own[0]][0], entries[own[0] + 1 :]
            for to in (*OPEN_STAGES[place + 1 :], "won", "lost", "onward"):
                line = out.setdefault((stage, to), [0, 0, 0])
                line[0] += 1
                if horizon is not None and begun + horizon > moment:
                    continue
                line[1] += 1
                seen = seen_at(later, to, place, implied)
                limit = timedelta.max if horizon is None else horizon
                line[2] += seen is not None and seen - begun <= limit
    return {pair: tuple(line) for pair, line in out.items()}


def seen_at(later, to, place, implied):
    """When a deal was first seen in a place after an entry; won and lost must be final."""
    final = None
    for at, stage in reversed(later):
        if stage not in ("Won", "Lost"):
            break
        final = {} if final is None else final
        final[stage] = at
    final = final or {}
    if to in ("won", "lost"):
        return final.get(to.capitalize())
    wanted = {to}
    if to == "onward":
        wanted = set(OPEN_STAGES[place + 1 :])
    elif implied:
        wanted = set(OPEN_STAGES[OPEN_STAGES.index(to) :])
    times = [at for at, stage in later if stage in wanted]
    if (to == "onward" or implied) and "Won" in final:
        times.append(final["Won"])
    return min(times, default=None)


def cycles(deals, saves, moment, first, after):
    """Median, mean and number of days of won deals, and of those that are negative."""
    days, negative = [], 0
    for deal in deals:
        now = state(deal, saves, moment)
        if now and now["stage"] == "Won" and first <= now["closed"].date() < after:
            length = (now["closed"] - deal["created"]).total_seconds() / 86_400
            negative += length < 0
            if length >= 0:
                days.append(length)
    if not days:
        return 0, None, None, negative
    return len(days), median(days), sum(days) / len(days), negative


def moved(deal, saves, moment, first, after, month):
    """(pushes, pulls, net days) of a deal in a period."""
    pushes = pulls = net = 0
    known: date | None = None
    for save in rows_until(deal, saves, moment):
        due = save["due"]
        if due is None:
            continue
        inside = first <= save["at"].date() < after and save["stage"] not in ("Won", "Lost")
        if known is not None and inside:
            net += (due - known).days
            a, b = (known, due) if not month else (known.replace(day=1), due.replace(day=1))
            pushes += b > a
            pulls += b < a
        known = due
    return pushes, pulls, net


def slipped(deals, saves, first, after, moment):
    """(due, slipped) of a period."""
    due = late = 0
    for deal in deals:
        start = state(deal, saves, midnight(first) - timedelta(microseconds=1))
        if not start or start["closed"] or not start["due"]:
            continue
        if first <= start["due"] < after:
            due += 1
            end = state(deal, saves, min(midnight(after) - timedelta(microseconds=1), moment))
            late += end is not None and end["closed"] is None
    return due, late


def midnight(day):
    """The first instant of a day in UTC."""
    from datetime import UTC

    return datetime(day.year, day.month, day.day, tzinfo=UTC)
