"""``make bench``: measure every part, print the table, keep it, and put it into the README.

``make bench BENCH="--small"`` tries everything at a small size and keeps nothing.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.lines import MILLION, Line, Plan
from benchmarks.measure import ROOT, machine
from benchmarks.parts import PARTS

RESULTS = ROOT / "benchmarks" / "results.md"
README = ROOT / "README.md"
PLACE = re.compile(r"(<!-- bench -->\n).*(\n<!-- /bench -->)", re.DOTALL)


def main() -> int:
    """Run the parts that were asked for; 1 when a bound does not hold."""
    options = _options()
    size = {"smallest": MILLION // 4, "rows": MILLION, "largest": 2 * MILLION, "slow_runs": 1}
    chosen = size if options.small else {"rows": options.events, "largest": options.largest}
    plan = Plan(options.folder.absolute(), **chosen)
    plan.folder.mkdir(parents=True, exist_ok=True)
    lines: list[Line] = []
    try:
        for name in options.only or PARTS:
            for line in PARTS[name](plan):
                print(_row(line), flush=True)
                lines.append(line)
    finally:
        if not options.keep:
            shutil.rmtree(plan.folder, ignore_errors=True)
    if not options.small:
        rows = {line.what: _row(line) for line in lines}
        keep(table({**_kept(), **rows} if options.only else rows))
    return 0 if all(line.holds for line in lines) else 1


def table(rows: Mapping[str, str]) -> str:
    """The Markdown table with the machine named."""
    head = "| what | workbench | beside | ratio | asked | holds |\n|---|--:|--:|--:|---|---|"
    return "\n".join(
        [f"{_measured()} Medians of several runs taken in turn.", "", head, *rows.values()]
    )


def keep(text: str) -> None:
    """Write the table to its file and between its marks in the README."""
    RESULTS.write_text(text + "\n", encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    README.write_text(PLACE.sub(lambda m: f"{m[1]}{text}{m[2]}", readme), encoding="utf-8")


def _kept() -> dict[str, str]:
    """Rows of the last table by what they measure; none when another machine made it."""
    first, *lines = RESULTS.read_text(encoding="utf-8").splitlines()
    if not first.startswith(_measured()):
        return {}
    return {line.split("|")[1].strip(): line for line in lines[3:] if line.startswith("|")}


def _measured() -> str:
    return f"Measured on {machine()}."


def _row(line: Line) -> str:
    cells = (line.what, line.ours, line.peer, line.ratio, line.bound, "yes" if line.holds else "no")
    return f"| {' | '.join(cells)} |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--events", type=int, default=20 * MILLION)
    parser.add_argument("--largest", type=int, default=100 * MILLION)
    parser.add_argument("--small", action="store_true", help="1 and 2 million, nothing is kept")
    parser.add_argument(
        "--only", nargs="*", choices=list(PARTS), help="some parts; the other lines stay"
    )
    parser.add_argument("--folder", type=Path, default=ROOT / "data" / "bench")
    parser.add_argument("--keep", action="store_true", help="leave the files for the next run")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
