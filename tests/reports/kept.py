"""Runs of reports made without running anything, for tests of what is kept of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.reports.notebooks import executed, notebook, table
from workbench.reports import site
from workbench.reports.cells import Failure
from workbench.reports.definitions import Plan
from workbench.reports.parameters import read_parameters
from workbench.reports.snapshots import Snapshot, snapshots_of
from workbench.results import measured

FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)


def header(as_of: str = "2026-03-01", rows: int = 800, digest: str = "aa") -> dict[str, Any]:
    """The head of a page whose data are one table."""
    return {
        "block": "header", "title": "How are things?", "workspace": "demo", "as_of": as_of,
        "period": "2026-01..2026-03", "fingerprint": f"{rows}{digest}",
        "tables": {"accounts": {"rows": rows, "digest": digest}}, "versions": {"duckdb": "2.0"},
    }  # fmt: skip


def figures(won: int = 62, of: int = 540, amount: float = 1e6) -> dict[str, Any]:
    """Three key figures of three kinds."""
    return {
        "block": "figures",
        "figures": [
            {"label": "Won", **measured.share(won, of), "detail": f"{won} / {of}"},
            {"label": "Accounts", **measured.count(of), "detail": ""},
            {"label": "Open", **measured.money(amount, "EUR"), "detail": ""},
        ],
    }


def finding(heading: str = "Most are lost early: 12 of 30", **rows: int) -> dict[str, Any]:
    """A finding with a table of accounts."""
    given = rows or {"Acme": 12, "Bolt": 18}
    lines = [[name, number, number / 40] for name, number in given.items()]
    return {
        "block": "finding", "anchor": "loss", "heading": heading, "reading": "Of all.",
        "definition": {"analysis": "loss"},
        "table": table([("Account", "text"), ("Lost", "count"), ("Share", "share")], lines),
    }  # fmt: skip


def keep(
    folder: Path, *blocks: Any, name: str = "mini", after: timedelta = timedelta(),
    failure: Failure | None = None, code: str = "answer(ws)", **values: Any,
) -> Snapshot:  # fmt: skip
    """Write a report and return its kept run."""
    plan = Plan(name, "", Path(f"{name}.ipynb"), read_parameters(notebook()), values)
    content = executed(*(blocks or (header(), figures(), finding())), code=code)
    before = {run.run for run in snapshots_of(folder, name)}
    site.write_report(plan, content, failure, folder, made_at=FIRST + after)
    return next(run for run in snapshots_of(folder, name) if run.run not in before)
