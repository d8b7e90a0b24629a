"""Runs of reports made without running anything, for tests of what is kept of them."""

from __future__ import annotations

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.reports.notebooks import executed, notebook, table
from workbench.reports import site
from workbench.reports.cells import Failure
from workbench.reports.definitions import Plan
from workbench.reports.parameters import read_parameters
from workbench.reports.snapshots import Snapshot, instant_name, snapshots_of
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


def many_runs(folder: Path, *, reports: int, runs: int) -> int:
    """Keep many runs quickly: their facts only, as the index reads them.

    Every 20th failed; titles, markets and answers differ, numbers differ in every run.
    """
    draw = random.Random(1)
    first = keep(folder, header(), figures(), *(finding(f"{n} of 30 are lost") for n in range(6)))
    sample = dict(first.facts)
    for report in range(reports):
        for number in range(runs):
            made = FIRST + timedelta(days=number, seconds=report)
            facts = {
                **sample,
                "name": f"report_{report}",
                "title": f"How are things in market {report}?",
                "made_at": made.isoformat(timespec="seconds"),
                "as_of": made.strftime("%Y-%m-%d"),
                "workspace": ("demo", "maven", "ours")[report % 3],
                "notebook": {"name": ("grow.ipynb", "review.ipynb")[report % 2]},
                "parameters": [["market", f"m{report}"], ["top", "20"]],
                "answers": [
                    f"{draw.randrange(999)} of {draw.randrange(9999)} accounts of market {report} "
                    f"fall out between step {step} and step {step + 1}: {draw.randrange(100)} %"
                    for step in range(8)
                ],
                "figures": [
                    {**one, "value": f"{draw.randrange(999)}", "change": f"+{draw.randrange(9)}"}
                    for one in sample["figures"]
                ],
            }
            if (report + number) % 20 == 7:
                facts |= {"status": "failed", "why": "Cell 3 of 9 (Losses) stopped the report."}
            place = folder / "runs" / str(facts["name"]) / instant_name(made)
            place.mkdir(parents=True)
            (place / "facts.json").write_text(json.dumps(facts), encoding="utf-8")
        html = f'<script type="application/json" id="report-facts">{json.dumps(facts)}</script>'
        (folder / f"report_{report}.html").write_text(html, encoding="utf-8")
    shutil.rmtree(first.folder.parent)
    (folder / "mini.html").unlink()
    return reports * runs
