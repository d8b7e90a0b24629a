"""The whole company, one block of accounts after another, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import Calendar, Ints
from workbench.data.demo.blocks import NUMBERED, Block, make_block
from workbench.data.demo.broken import COPIES
from workbench.data.demo.files import Folder, replaced_folder
from workbench.data.demo.gatherings import events_table
from workbench.data.demo.marketing import campaigns_table
from workbench.data.demo.reference import (
    rates_table,
    roles_table,
    stages_table,
    targets_table,
    users_table,
)
from workbench.data.demo.truths import TRUTHS, Truths
from workbench.errors import ArgumentError
from workbench.messages import message

END = date(2026, 9, 30)
_EVENTS, _ACCOUNTS = 300_000, 800
_BLOCK_EVENTS, _BLOCK_ACCOUNTS = 750_000, 4_000
_SHARED = 1_000_003
"""Stream of random numbers of the tables that no block owns."""

CSV_FILES = (
    "accounts.csv", "people.csv", "users.csv", "leads.csv", "buying_groups.csv",
    "buying_group_members.csv", "buying_group_roles.csv", "opportunities.csv",
    "opportunity_people.csv", "stages.csv", "activities.csv", "campaigns.csv",
    "campaign_members.csv", "events.csv", "event_attendance.csv", "partner_leads.csv",
    "fx_rates.csv", "targets.csv", "contracts.csv",
)  # fmt: skip
PARQUET_FILES = (
    "opportunity_history.parquet", "activity_participants.parquet", "product_usage.parquet",
    "scores.parquet",
)  # fmt: skip


@dataclass(frozen=True)
class DemoSummary:
    """What was written.

    Attributes
    ----------
    directory
        The folder that holds the files.
    events
        Touchpoints the default rules of the workspace make of the files, broken rows aside.
    accounts
        Number of accounts.
    rows
        Rows of each file, broken rows and copies included, headers not.
    truths
        What was planted.
    realised
        What this seed made of some of it: ``event_attendees``, ``event_caused``,
        ``event_effect`` (caused deals per attending account, the average effect on those who came)
        and ``web_rows_without_account``.
    """

    directory: Path
    events: int
    accounts: int
    rows: Mapping[str, int]
    truths: Truths = TRUTHS
    realised: Mapping[str, float] = field(default_factory=dict)


def generate(
    directory: str | Path,
    *,
    events: int = _EVENTS,
    accounts: int | None = None,
    seed: int = 20260,
    months: int = 24,
    end: date = END,
    progress: Callable[[int, int], object] | None = None,
) -> DemoSummary:
    """Write the files of the demo company.

    Parameters
    ----------
    directory
        Folder for the files. Files of an earlier run are replaced once the new ones are whole;
        other files in it are left alone.
    events
        About how many touchpoints the files give, 1,000 to 1,000,000,000. Most are web events.
    accounts
        Number of accounts; as many as go with `events` (800 for 300,000) when not given.
    seed
        The same seed gives the same bytes in every CSV and the same rows in every Parquet file.
    months
        Calendar months covered, the month of `end` being the last; 12 to 120.
    end
        Last day covered.
    progress
        Called after each block with the number of accounts done and to do.

    Returns
    -------
    DemoSummary
        Row counts, planted truths, and what the seed made of them.
    """
    number = accounts if accounts is not None else max(20, events * _ACCOUNTS // _EVENTS)
    _check(Path(directory), events, number, seed, months)
    calendar = Calendar.of(end, months)
    size = max(1, min(_BLOCK_ACCOUNTS, _BLOCK_EVENTS * number // events))
    totals: dict[str, float] = {}
    with replaced_folder(Path(directory), _is_ours) as staging, Folder(staging) as folder:
        campaigns = _write_shared(folder, np.random.default_rng([_SHARED, seed]), calendar)
        firsts = dict.fromkeys((*NUMBERED, "web", "sessions"), 0)
        for place, begin in enumerate(range(0, number, size)):
            stop = min(begin + size, number)
            block = make_block(
                np.random.default_rng([place, seed]), calendar, TRUTHS, campaigns,
                begin=begin, count=stop - begin, firsts=firsts,
                wanted=events * stop // number - events * begin // number,
            )  # fmt: skip
            _write_block(folder, block, place, parts=4 if size >= number else 1)
            firsts = block.next_firsts
            for name, value in block.realised.items():
                totals[name] = totals.get(name, 0) + value
            if progress is not None:
                progress(stop, number)
        rows = dict(folder.rows)
    touchpoints = int(totals.pop("touchpoints"))
    totals["event_effect"] = totals["event_caused"] / max(totals["event_attendees"], 1)
    return DemoSummary(Path(directory), touchpoints, number, rows, TRUTHS, totals)


def _check(directory: Path, events: int, accounts: int, seed: int, months: int) -> None:
    if directory.exists() and not directory.is_dir():
        raise ArgumentError.of(
            "directory", str(directory), message("a folder, or a name not yet taken")
        )
    for name, value, low, high in (
        ("events", events, 1_000, 1_000_000_000),
        ("accounts", accounts, 20, 9_000_000),
        ("months", months, 12, 120),
        ("seed", seed, 0, 2**63 - 1),
    ):
        if not low <= value <= high:
            allowed = message(
                "a whole number from {low} to {high}", low=f"{low:,}", high=f"{high:,}"
            )
            raise ArgumentError.of(name, value, allowed)


def _is_ours(name: str) -> bool:
    web = name.startswith("web_events-") and name.endswith(".parquet")
    return web or name in CSV_FILES or name in PARQUET_FILES


def _write_shared(folder: Folder, rng: np.random.Generator, calendar: Calendar) -> pa.Table:
    """Write the tables that do not grow; the campaigns are needed again for their members."""
    campaigns = campaigns_table(rng, calendar)
    folder.csv("campaigns.csv", campaigns)
    folder.csv("users.csv", users_table(rng))
    folder.csv("fx_rates.csv", rates_table(rng, calendar))
    folder.csv("stages.csv", stages_table())
    folder.csv("targets.csv", targets_table(calendar))
    folder.csv("buying_group_roles.csv", roles_table())
    folder.csv("events.csv", events_table(calendar))
    return campaigns


def _write_block(folder: Folder, block: Block, place: int, parts: int) -> None:
    for name, table in block.tables.items():
        if name.endswith(".csv"):
            folder.csv(name, table)
        else:
            folder.parquet(name, table)
    web = block.web
    if place == 0:
        copies = COPIES["web_events"]
        web = pa.concat_tables([web, web.slice(len(web) // 2, copies)])
    for part, (begin, stop) in enumerate(_cuts(len(web), parts)):
        number = place * parts + part + 1
        folder.whole_parquet(f"web_events-{number:05d}.parquet", web.slice(begin, stop - begin))


def _cuts(rows: int, parts: int) -> list[tuple[int, int]]:
    edges: Ints = np.linspace(0, rows, parts + 1).astype(np.int64)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
