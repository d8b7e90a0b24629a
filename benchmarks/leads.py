"""Partner leads: asking for all of them, and matching them with the accounts of a CRM."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.lines import Line, Plan

if TYPE_CHECKING:
    from workbench.workspace import Workspace

MOST_LEADS = 200_000
MATCH_SECONDS, LIST_SECONDS = 10, 5
AS_OF = pd.Timestamp("2026-06-30", tz="UTC")
_PARTS = (
    "ka", "to", "ri", "mon", "ber", "sol", "ven", "tor", "lux", "pra", "des", "min", "al", "or",
    "zen", "fi", "gra", "hol", "nex", "um", "bra", "cor", "dal", "es",
)  # fmt: skip


def leads(plan: Plan) -> Iterator[Line]:
    """Leads listed with clocks, order, duplicates and matches; and the match alone."""
    import workbench as wb
    from workbench.leads.crm import crm_matches
    from workbench.leads.records import records_of

    most = min(MOST_LEADS, plan.rows)
    accounts = companies(max(most // 4, 1))
    label = f"{most:,} partner leads"
    ws = opened(most, accounts)
    records = records_of(ws)
    began = perf_counter()
    found = crm_matches(ws, records)
    seconds = perf_counter() - began
    # Mail domains alone, without names, keys or mails: what SQL says in one line.
    peer, known = _joined(ws, plan.runs)
    same = int(pd.Series(found.found_by).isin(["domain and name", "domain"]).sum())
    if same != known:
        raise SystemExit(f"{same} leads found by their domain, {known} in SQL")
    yield Line(
        f"{label} matched with {len(accounts):,} accounts by key, mail, domain and name, beside "
        "DuckDB joining mail domains alone",
        f"{seconds:.2f} s", f"{peer * 1000:.3g} ms", f"{seconds / peer:.0f}",
        f"under {MATCH_SECONDS} s", seconds < MATCH_SECONDS,
    )  # fmt: skip

    def asked() -> pd.DataFrame:
        return wb.partner_leads(ws).frame

    taken = min(_timed(asked) for _ in range(max(plan.slow_runs, 2)))
    yield Line(
        f"{label} listed with clocks, priority, duplicates and matches",
        f"{taken:.2f} s", "", "", f"under {LIST_SECONDS} s", taken < LIST_SECONDS,
    )  # fmt: skip


def _timed(ask: Any) -> float:
    began = perf_counter()
    ask()
    return perf_counter() - began


def _joined(ws: Workspace, runs: int) -> tuple[float, int]:
    query = (
        "SELECT count(DISTINCT lead_id) AS n FROM partner_leads p JOIN accounts a ON "
        "split_part(lower(p.email), '@', 2) = a.domain"
    )
    counts: list[int] = []
    seconds = min(_timed(lambda: counts.append(int(ws.sql(query)["n"].iloc[0])))
                  for _ in range(max(runs, 2)))  # fmt: skip
    return seconds, counts[0]


def opened(count: int, accounts: pd.DataFrame) -> Workspace:
    """A workspace of leads: some known by domain, some by name, some misspelt, some by nothing."""
    import workbench as wb

    rng = np.random.default_rng(7)
    who, kind = rng.integers(0, len(accounts), count), rng.integers(0, 5, count)
    names, domains = accounts["name"].to_numpy(), accounts["domain"].to_numpy()
    strangers = companies(count, seed=11)["name"].to_numpy()
    mails = [
        f"p{n}@{domains[w]}" if k < 2 else f"p{n}@gmail.com" if k < 4 else None
        for n, (w, k) in enumerate(zip(who, kind, strict=True))
    ]
    written = [
        names[w].replace(" GmbH", " AG") if k in (0, 2) else f"{names[w][:-6]}x" if k == 3 else s
        for w, k, s in zip(who, kind, strangers, strict=True)
    ]
    ago = pd.to_timedelta(rng.integers(0, 400 * 86_400, count), unit="s")
    table = pd.DataFrame(
        {
            "lead_id": [f"L{n:07d}" for n in range(count)], "created_at": AS_OF - ago,
            "lead_type": rng.choice(["offer", "profile"], count),
            "call_to_action": rng.choice(["contact_me", "get_it_now"], count),
            "customer_name": written, "country": rng.choice(["DE", "JP"], count), "email": mails,
            "phone": [f"+49 30 {n:07d}" for n in range(count)], "status": "New",
            "quality": rng.choice(["high", "low"], count),
            "email_validity": rng.choice(["valid", "unknown"], count),
            "contact_requested": rng.random(count) < 0.3,
        }
    )  # fmt: skip
    return wb.from_frames(partner_leads=table, accounts=accounts, as_of=str(AS_OF.date()))


def companies(count: int, seed: int = 3) -> pd.DataFrame:
    """Accounts with names of five parts, each with a domain of its own."""
    drawn = np.random.default_rng(seed).integers(0, len(_PARTS), (count, 5))
    words = np.array(_PARTS)[drawn]
    names = ["".join(row[:3]).title() + " " + "".join(row[3:]).title() for row in words]
    return pd.DataFrame(
        {
            "account_id": [f"A{n:06d}" for n in range(count)],
            "name": [f"{name} GmbH" for name in names],
            "domain": [f"{name.replace(' ', '').lower()}{n}.com" for n, name in enumerate(names)],
            "country": "DE",
        }
    )
