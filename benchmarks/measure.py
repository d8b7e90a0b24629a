"""Medians of several runs taken in turn, work in a process of its own, and the machine's name."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def in_turn(asks: Mapping[str, Callable[[], Any]], runs: int) -> dict[str, float]:
    """Median seconds of each, called in turn so that a slow minute hits all alike; once before."""
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for ask in asks.values():
        ask()
    for _ in range(runs):
        for name, ask in asks.items():
            start = time.perf_counter()
            ask()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def apart(task: str, **given: Any) -> dict[str, Any]:
    """What a task of `benchmarks.tasks` answers, run in a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.tasks", task, json.dumps(given)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"The task {task} of the benchmark failed; the reason stands above.")
    return json.loads(done.stdout.splitlines()[-1])


def apart_in_turn(tasks: Mapping[str, tuple[str, dict[str, Any]]], runs: int) -> dict[str, float]:
    """Median of the `seconds` that each task answers, run in turn."""
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, (task, given) in tasks.items():
            taken[name].append(apart(task, **given)["seconds"])
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def machine() -> str:
    """Processor, cores, memory and the versions that matter, in one sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    named = ("duckdb", "numba", "numpy", "pandas", "chdb")
    versions = ", ".join(f"{name} {version(name)}" for name in named)
    return (
        f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
