"""Small worlds of journeys on a graph, and the slow count of every number of a canvas."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pandas as pd

import workbench as wb
from tests.engine.graph_oracle import Arrow, Found, walked
from tests.engine.oracle import Row
from tests.worlds import START


@dataclass(frozen=True)
class Event(Row):
    account: str = ""
    person: str = ""
    amount: float | None = None


def events_of(rows):
    """Rows are (account, person, hour, event, sequence number or None, amount or None)."""
    return [
        Event(hour, event, number, place, account, person, amount)
        for place, (account, person, hour, event, number, amount) in enumerate(rows)
    ]


def workspace_of(events, numbered=False):
    frame = pd.DataFrame(
        {
            "event_id": f"{e.place:03d}",
            "account_id": e.account,
            "person_id": e.person or None,
            "occurred_at": START + timedelta(hours=e.time),
            "event": e.event,
            "amount": e.amount,
            **({"sequence_no": e.number} if numbered else {}),
        }
        for e in events
    )
    if numbered:
        frame["sequence_no"] = frame["sequence_no"].astype("Int64")
    return wb.from_frames(events=frame.astype({"amount": "float64", "person_id": "str"}))


def graph_of(nodes, arrows):
    """The plain graph of sets of events and arrows of the oracle."""
    return {
        "nodes": {f"n{n}": {"event": sorted(events)} for n, events in enumerate(nodes)},
        "arrows": [
            {
                "from": f"n{a.source}",
                "to": f"n{a.target}",
                **({} if a.within is None else {"within": f"{a.within}h"}),
                **({"after": f"{a.after}h"} if a.after else {}),
            }
            for a in arrows
        ],
    }


class Slow:
    """Every number of a canvas, counted one container and row at a time.

    Parameters
    ----------
    key : {"account", "person"}
        What is counted.
    """

    def __init__(self, events, nodes, arrows, *, key, ties, in_sequence, exclude=()):
        self.nodes, self.arrows, self.in_sequence = nodes, arrows, in_sequence
        own: dict[str, list[Event]] = {}
        for event in events:
            if getattr(event, key):
                own.setdefault(getattr(event, key), []).append(event)
        self.found: dict[str, Found] = {}
        self.rows: dict[str, list[Event]] = {}
        for name, rows in own.items():
            found = walked(rows, nodes, arrows, ties)
            if not any(found.rows[n] for n in exclude):
                self.found[name], self.rows[name] = found, rows

    def at(self, n):
        return {name for name, found in self.found.items() if found.rows[n]}

    def along(self, arrow: Arrow):
        pair = arrow.source, arrow.target
        return {name for name, found in self.found.items() if found.pairs[pair]}

    def fallen_out(self, n):
        further = [self.along(a) for a in self.arrows if a.source == n]
        return self.at(n) - set().union(*further) if further else None

    def counted(self, nodes):
        """Rows that count at any of some nodes."""
        out = set()
        for n in nodes:
            for name in self.at(n):
                matching = {e for e in self.rows[name] if e.event in self.nodes[n]}
                out |= self.found[name].rows[n] if self.in_sequence else matching
        return out

    def parents(self, n):
        return [a.source for a in self.arrows if a.target == n]


def metric(rows, name):
    """A metric over some rows."""
    if name == "events":
        return len(rows)
    if name == "people":
        return len({e.person for e in rows if e.person})
    if name == "accounts":
        return len({e.account for e in rows})
    return sum(e.amount for e in rows if e.amount is not None)
