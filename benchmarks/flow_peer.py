"""Transitions and a centred Sankey asked of retentioneering, in an environment of its own.

It needs many packages that nothing else here does, and reports its use to a server; so it is
installed beside the other files of a run, and its reporting is kept from loading. Run as a script
by that environment's interpreter it prints the seconds and the numbers.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Any

PACKAGE = "retentioneering==5.2.4"
ENDS = ("path_start", "path_end")


def interpreter(folder: Path) -> Path | None:
    """The interpreter with the package, installed when it is not yet; None where it cannot be."""
    home = folder / "retentioneering"
    python, ready = home / "bin" / "python", home / "ready"
    if not ready.exists():
        venv.create(home, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "-q", PACKAGE]
        if subprocess.run(command, check=False).returncode:
            return None
        ready.touch()
    return python


def ask(python: Path, rows: Path, anchor: str, steps: int, runs: int) -> dict[str, Any]:
    """Median seconds of both questions; ``transitions`` are counts, ``steps`` shares of paths."""
    done = subprocess.run(
        [str(python), __file__, str(rows), anchor, str(steps), str(runs)],
        stdout=subprocess.PIPE,
        check=True,
    )
    answer = json.loads(done.stdout.splitlines()[-1])
    for name in ("transitions", "steps"):
        answer[name] = {(a, b): value for a, b, value in answer[name]}
    return answer


def main(rows: str, anchor: str, steps: str, runs: str) -> None:
    """Measure and print."""
    sys.modules["posthog"] = None  # type: ignore[assignment]
    import pandas as pd
    from retentioneering.eventstream.eventstream import Eventstream

    schema = {"path_cols": ["account"], "event_col": "event", "timestamp_col": "at"}
    stream = Eventstream(pd.read_parquet(rows), schema=schema)
    first = {"pattern": anchor, "occurrence": "first"}
    asked = {
        "transitions": lambda: stream.transition_graph_data(edge_weight="count"),
        "steps": lambda: stream.step_sankey_data(max_steps=int(steps), anchor=first)[0],
    }
    answer: dict[str, Any] = {}
    for name, question in asked.items():
        taken = []
        for _ in range(int(runs) + 1):
            start = time.perf_counter()
            frame = question()
            taken.append(time.perf_counter() - start)
        answer[f"seconds_{name}"] = statistics.median(taken[1:])
        answer[name] = [
            (str(a), str(b), float(value))
            for a, row in frame.iterrows()
            for b, value in row.items()
            if value and a != "path_start" and (name == "transitions" or a not in ENDS)
        ]
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:5])
