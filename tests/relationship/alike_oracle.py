"""Similar won deals told slowly, in plain Python."""

from __future__ import annotations

import math
from datetime import timedelta
from statistics import mean, median

NUMBERS, SETS = ("amount", "employees", "x_size"), ("products",)


def fields(deals, names):
    """The fields of which thirty won and thirty lost deals have a value."""
    won, lost = ([d for d in deals if d["is_closed"] and d["is_won"] is w] for w in (True, False))
    return [
        name for name in names
        if all(sum(value(d, name) is not None for d in some) >= 30 for some in (won, lost))
    ]  # fmt: skip


def value(deal, name):
    """One field of a deal as it is compared."""
    found = deal.get(name)
    if found in (None, ""):
        return None
    if name in ("amount", "employees"):
        return math.log(1 + found)
    if name in SETS:
        return frozenset(found.split(";"))
    return found


def distance(one, other, used, span):
    """Gower's distance over the fields that both have; None below three."""
    parts = []
    for name in used:
        a, b = value(one, name), value(other, name)
        if a is None or b is None:
            continue
        if name in NUMBERS:
            parts.append(min(1, abs(a - b) / span[name]) if span[name] else float(a != b))
        elif name in SETS:
            parts.append(1 - len(a & b) / len(a | b))
        else:
            parts.append(float(a != b))
    return round(mean(parts), 12) if len(parts) >= 3 else None


def nearest(deal, deals, names, options):
    """(mode, [(distance or None, key)]) of one open deal."""
    used = fields(deals, names)
    won = [d for d in deals if d["is_closed"] and d["is_won"]]
    span = {}
    for name in set(used) & set(NUMBERS):
        known = [value(d, name) for d in won if value(d, name) is not None]
        span[name] = max(known) - min(known)
    won.sort(key=lambda d: (-d["closed_at"].timestamp(), d["opportunity_id"]))
    found = []
    for number, other in enumerate(won if len(used) >= 3 else []):
        apart = distance(deal, other, used, span)
        if apart is not None and apart <= options["furthest"]:
            found.append((apart, number, other))
    found = sorted(found, key=lambda f: f[:2])[: options["most"]]
    if len(found) >= options["least"]:
        return "similar", [(apart, other) for apart, _, other in found]
    largest = sorted(won, key=lambda d: -1 if d["amount"] is None else d["amount"], reverse=True)
    return ("top_won" if won else "none"), [(None, other) for other in largest[:100]]


def measured(deal, acts, begin, end):
    """Measures of one deal from one instant to another."""
    own = sorted(
        (a for a in acts if a["opportunity_id"] == deal["opportunity_id"]),
        key=lambda a: (a["start_at"], a["activity_id"]),
    )
    inside = [a for a in own if begin <= a["start_at"] <= end]
    mails = {w: sum(a["type"] == "email" and a["direction"] == w for a in inside)
             for w in ("out", "in")}  # fmt: skip
    length = sum(a["duration_min"] for a in inside if a["type"] != "email")
    took = {True: [], False: []}
    for thread in {a["thread_id"] for a in own if a["type"] == "email"}:
        waiting = None
        for a in (a for a in own if a["type"] == "email" and a["thread_id"] == thread):
            if waiting and waiting["direction"] != a["direction"]:
                if waiting["start_at"] >= begin and a["start_at"] <= end:
                    hours = (a["start_at"] - waiting["start_at"]) / timedelta(hours=1)
                    took[waiting["direction"] == "in"].append(hours)
                waiting = a
            waiting = waiting or a
    return {
        "activities": len(inside),
        "started_by_us": sum(a["direction"] == "out" for a in inside),
        "team_hours": (length + 5 * mails["out"] + 2.5 * mails["in"]) / 60,
        "customer_hours": (length + 2.5 * mails["out"] + 5 * mails["in"]) / 60,
        "ratio_by_us": mails["out"] / mails["in"] if mails["in"] else None,
        "ratio_by_them": mails["in"] / mails["out"] if mails["out"] else None,
        "hours_by_us": mean(took[True]) if took[True] else None,
        "hours_by_them": mean(took[False]) if took[False] else None,
    }


def typical(values, kind):
    """Mean or median of the known values; None without one."""
    known = [v for v in values if v is not None]
    return (mean if kind == "mean" else median)(known) if known else None
