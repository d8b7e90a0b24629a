"""Linking and key figures told slowly, in plain Python."""

from __future__ import annotations

from datetime import timedelta


def links(world, kind, mode):
    """Record key → keys of its activities."""
    out = {}
    for key, record in world[kind].items():
        out[key] = {a for a in world["acts"] if belongs(world, kind, key, record, a, mode)}
    return out


def belongs(world, kind, key, record, name, mode):
    row = world["acts"][name]
    if row[{"opportunity": "opportunity_id", "account": "account_id"}[kind]] == key:
        return True
    lines = [line for line in world["present"] if line[0] == name and line[3] != "bcc"]
    customers = {k for _, side, k, _ in lines if side == "customer"}
    team = {k for _, side, k, _ in lines if side == "team"}
    if kind == "account":
        return any(world["person"].get(p) == key for p in customers)
    if mode == "strict":
        return False
    own = {k for o, side, k in world["roles"] if o == key and side == "customer"}
    if mode == "loose":
        own.add(world["primary"].get(record["account"]))
    ours = {k for o, side, k in world["roles"] if o == key and side == "team"} | {record["owner"]}
    return bool(customers & own) and bool(team & ours)


def turns(world, names, as_of, maturity):
    """(by customer, first mail, hours or None) of every turn that counts."""
    threads = {}
    for name in names:
        row = world["acts"][name]
        if row["type"] == "email" and row["direction"] in ("in", "out"):
            threads.setdefault(row["thread_id"], []).append((row["start_at"], name))
    out = []
    for mails in threads.values():
        waiting = None
        for when, name in sorted(mails):
            side = world["acts"][name]["direction"]
            if waiting and waiting[0] != side:
                out.append((waiting[0] == "in", waiting[1], (when - waiting[2]) / HOUR))
            if not waiting or waiting[0] != side:
                waiting = (side, name, when)
        if as_of - waiting[2] > maturity:
            out.append((waiting[0] == "in", waiting[1], None))
    return out


HOUR = timedelta(hours=1)


def counts(world, names):
    """Counts of each kind and way, and minutes of both sides."""
    out = dict.fromkeys(["emails_sent", "emails_received", "calls_made", "calls_received",
                         "meetings", "activities"], 0)  # fmt: skip
    ours = theirs = 0.0
    for name in names:
        row = world["acts"][name]
        out["activities"] += 1
        minutes = row["duration_min"] or 0
        if row["type"] == "email":
            out["emails_sent" if row["direction"] == "out" else "emails_received"] += 1
            ours += 5 if row["direction"] == "out" else 2.5
            theirs += 2.5 if row["direction"] == "out" else 5
        elif row["type"] == "call":
            out["calls_made" if row["direction"] == "out" else "calls_received"] += 1
            ours, theirs = ours + minutes, theirs + minutes
        else:
            out["meetings"] += 1
            lines = {x[2] for x in world["present"] if x[0] == name and x[1] == "team"
                     and x[3] != "bcc"}  # fmt: skip
            ours, theirs = ours + minutes * len(lines), theirs + minutes
    return {**out, "team_minutes": ours, "customer_minutes": theirs}
