"""Pieces of work that are measured in a process of their own: time and peak memory of one thing.

``python -m benchmarks.tasks TASK JSON`` prints one line of JSON.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.events import STEPS, WITHIN_DAYS

ROOT = Path(__file__).parents[1]


def build_from_frames(parquet: str, cache: str) -> dict[str, Any]:
    """Build the event store of a Parquet file through `wb.from_frames`."""
    import workbench as wb

    shutil.rmtree(cache, ignore_errors=True)
    start = time.perf_counter()
    opened = wb.from_frames(events=parquet, cache=cache)
    rows = len(opened.events)
    return {"seconds": time.perf_counter() - start, "rows": rows, **_peak()}


def build_workspace(path: str, cache: str) -> dict[str, Any]:
    """Read, check and build a workspace whose web events are one file, through `wb.open`."""
    import workbench as wb

    shutil.rmtree(cache, ignore_errors=True)
    start = time.perf_counter()
    rows = len(wb.open(path, cache=cache).events)
    return {"seconds": time.perf_counter() - start, "rows": rows, **_peak()}


def copy_sorted(source: str, target: str) -> dict[str, Any]:
    """DuckDB's own sort of a file into Parquet by account and time."""
    import duckdb

    reader = "read_parquet" if source.endswith(".parquet") else "read_csv"
    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        start = time.perf_counter()
        connection.execute(
            f"COPY (SELECT * FROM {reader}('{source}') ORDER BY account_id, occurred_at) "
            f"TO '{target}' (FORMAT parquet)"
        )
        seconds = time.perf_counter() - start
    Path(target).unlink()
    return {"seconds": seconds, **_peak()}


def open_store(directory: str, runs: int) -> dict[str, Any]:
    """Open a built store and its accounts, again and again."""
    from workbench.engine.store import EventStore

    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        store = EventStore(Path(directory))
        store.column("event")
        store.times  # noqa: B018
        store.stream("account")
        taken.append(time.perf_counter() - start)
    return {"seconds": statistics.median(taken[1:]), "rows": len(store)}


def open_workspace(path: str, cache: str, runs: int) -> dict[str, Any]:
    """Open a built workspace by its file, again and again."""
    import workbench as wb

    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        opened = wb.open(path, cache=cache)
        rows = len(opened.events)
        taken.append(time.perf_counter() - start)
    return {"seconds": statistics.median(taken[1:]), "rows": rows}


def warm_fallout(parquet: str, cache: str, runs: int) -> dict[str, Any]:
    """Time of a warm fallout, and what it adds to the memory in use while it runs."""
    import workbench as wb

    opened = wb.from_frames(events=parquet, cache=cache)
    ask = lambda: wb.fallout(opened, steps=list(STEPS), total_within=f"{WITHIN_DAYS}d").frame  # noqa: E731
    frame = ask()
    taken, added = [], []
    for _ in range(runs):
        before = _forget_peak()
        start = time.perf_counter()
        frame = ask()
        taken.append(time.perf_counter() - start)
        added.append(_status("VmHWM") - before)
    return {
        "seconds": statistics.median(taken),
        "added_mb": max(added) / 1e6,
        "rows": len(opened.events),
        "counts": [int(n) for n in frame["reached"].iloc[1:]],
    }


def plain_cells(notebook: str) -> dict[str, Any]:
    """Run the code cells of a notebook one after another in one plain interpreter."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    code = [c for c in cells if c["cell_type"] == "code"]
    program = (
        "import json, sys; from IPython.core.interactiveshell import InteractiveShell as S; "
        "shell = S.instance(); shown = shell.display_formatter; "
        "shown.active_types = shown.format_types; "
        "[shell.run_cell(c).raise_error() for c in json.load(sys.stdin)]"
    )
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(["".join(cell["source"]) for cell in code]),
        text=True,
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    return {"seconds": time.perf_counter() - start}


def made_report(name: str) -> dict[str, Any]:
    """Make one report page with the command line."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "workbench.cli", "report", name, "--out", folder],
            check=True,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        return {"seconds": time.perf_counter() - start}


def first_change(folder: str, deals: int, since: str, until: str, period: str) -> dict[str, Any]:
    """The change of the pipeline asked for the first time: everything is read for it."""
    import workbench as wb
    from benchmarks.deals import opened

    workspace = opened(Path(folder), deals)
    _forget_peak()
    start = time.perf_counter()
    frame = wb.pipeline_change(workspace, since=since, until=until, period=period).frame
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "rows": len(frame), "peak_gb": _status("VmHWM") / 1e9}


def ask_stages(path: str, cache: str, runs: int) -> dict[str, Any]:
    """Stages, moves and coaching of a workspace: the first time, then again and again."""
    import workbench as wb
    from workbench.sales.history import history_of

    opened = wb.open(path, cache=cache)
    if not runs:
        return {}
    start = time.perf_counter()
    frame = wb.stages(opened).frame
    first, peak = time.perf_counter() - start, _peak()
    asks = {
        "stages": lambda: wb.stages(opened).frame,
        "moves": lambda: wb.stage_moves(opened).frame,
        "by": lambda: wb.coaching(opened, by="owner").frame,
    }
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for _ in range(runs + 1):
        for name, ask in asks.items():
            start = time.perf_counter()
            ask()
            taken[name].append(time.perf_counter() - start)
    own = frame[frame["kind"] == "open"]
    days = [f"{m}_days_{q}" for m in ("latest", "cumulative") for q in ("q1", "median", "q3")]
    return {
        "first": first,
        "warm": {name: statistics.median(seconds[1:]) for name, seconds in taken.items()},
        "saves": len(history_of(opened)),
        "lines": [
            [*map(int, line[:3]), *(round(d, 5) for d in line[3:])]
            for line in own[["entered", "visits", "over", *days]].to_numpy().tolist()
        ],
        "all_peak_gb": _peak()["peak_gb"],
        **peak,
    }


def stage_sql(path: str, cache: str, runs: int) -> dict[str, Any]:
    """The intervals of stages by hand-written SQL over the same tables."""
    import workbench as wb
    from benchmarks.stages import SQL

    opened, taken = wb.open(path, cache=cache), []
    for _ in range(runs + 1):
        start = time.perf_counter()
        rows = opened.arrow(SQL).to_pylist()
        taken.append(time.perf_counter() - start)
    day = 86_400_000_000
    return {
        "seconds": statistics.median(taken[1:]),
        "lines": [
            [r["entered"], r["visits"], r["over"]]
            + [round(value / day, 5) for value in (*r["latest"], *r["total"])]
            for r in rows
        ],
    }


def first_relationships(folder: str) -> dict[str, Any]:
    """All key figures and health of relationships, asked for the first time."""
    import workbench as wb

    opened = wb.from_frames(**_tables(folder))
    start = time.perf_counter()
    asked = wb.relationships(opened)
    rows = len(asked.frame) + len(asked.health().frame)
    return {"seconds": time.perf_counter() - start, "rows": rows, **_peak()}


def first_similar_won(folder: str) -> dict[str, Any]:
    """Similar won deals and every comparison, asked for the first time; then some of them again."""
    import workbench as wb
    from benchmarks.similar_won import checked

    opened = wb.from_frames(**_tables(folder))
    start = time.perf_counter()
    asked = wb.relationships(opened).similar_won()
    rows = len(asked.frame)
    seconds, peak = time.perf_counter() - start, _peak()
    checked(asked)
    return {"seconds": seconds, "rows": rows, **peak}


def _tables(folder: str) -> dict[str, Path]:
    paths = sorted(Path(folder).glob("*.parquet"))
    return {path.stem: path for path in paths if path.stem != "drawn"}


def _peak() -> dict[str, float]:
    if sys.platform == "linux":
        # What getrusage says begins with the memory of the process that started this one.
        return {"peak_gb": _status("VmHWM") / 1e9}
    unit = 1 if sys.platform == "darwin" else 1024
    return {"peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9}


def _forget_peak() -> int:
    """Bytes in use now; the peak is counted anew from here (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name + ":"))


TASKS = {
    task.__name__: task
    for task in (
        build_from_frames,
        build_workspace,
        copy_sorted,
        open_store,
        open_workspace,
        warm_fallout,
        first_change,
        first_relationships,
        first_similar_won,
        ask_stages,
        stage_sql,
        plain_cells,
        made_report,
    )
}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](**json.loads(sys.argv[2]))))
