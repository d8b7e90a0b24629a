"""How to read a flow in a test, and small worlds of paths."""

from __future__ import annotations

import pandas as pd

import workbench as wb
from tests.worlds import at


def columns_of(result) -> dict[int, dict[str, int]]:
    """Path views of every item, by column."""
    out: dict[int, dict[str, int]] = {}
    for line in result.nodes.itertuples():
        out.setdefault(line.column, {})[line.item] = line.path_views
    return out


def link_views(result) -> dict[tuple[int, str, str], int]:
    """Path views of every link."""
    keys = zip(result.links["column"], result.links["source"], result.links["target"], strict=True)
    return dict(zip(keys, result.links["path_views"].tolist(), strict=True))


def node(result, column: int, item: str) -> pd.Series:
    nodes = result.nodes
    return nodes[(nodes["column"] == column) & (nodes["item"] == item)].iloc[0]


def link(result, column: int, source: str, target: str) -> pd.Series:
    links = result.links
    chosen = (links["column"] == column) & (links["source"] == source)
    return links[chosen & (links["target"] == target)].iloc[0]


def paths(**accounts: str):
    """A workspace in which each account views contents named by single letters, one a day.

    A dot is an event without content, an exclamation mark a conversion.
    """
    rows = [
        {
            "account_id": account,
            "occurred_at": at(day),
            "event": {".": "note", "!": "mql"}.get(letter, "view"),
            "content": None if letter in ".!" else letter,
        }
        for account, letters in accounts.items()
        for day, letter in enumerate(letters)
    ]
    return wb.from_frames(events=pd.DataFrame(rows))
