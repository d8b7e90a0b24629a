"""What is measured: each part gives lines of what, ours, the peer's, their ratio, and the bound."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from itertools import pairwise
from math import log2
from pathlib import Path

from benchmarks import events, peers
from benchmarks.alerts import alerts
from benchmarks.attribution import attribution
from benchmarks.canvas import canvas
from benchmarks.change import change
from benchmarks.cohort import cohort
from benchmarks.flow import flow
from benchmarks.leads import leads
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import ROOT, apart, apart_in_turn, in_turn
from benchmarks.pages import pages
from benchmarks.pipeline import pipeline
from benchmarks.relationships import relationships
from benchmarks.score import score
from benchmarks.segments import segments
from benchmarks.similar_won import similar_won
from benchmarks.stages import stages


def fallout(plan: Plan) -> Iterator[Line]:
    """Warm fallout beside ClickHouse and DuckDB; every count must be equal."""
    import workbench as wb

    parquet = events.write(plan.folder, plan.rows)
    opened = wb.from_frames(events=parquet, cache=plan.folder / "cache")
    steps, within = list(events.STEPS), f"{events.WITHIN_DAYS}d"

    def ours() -> peers.Counts:
        frame = wb.fallout(opened, steps=steps, total_within=within).frame
        return tuple(int(n) for n in frame["reached"].iloc[1:])

    asks = {
        "ours": ours,
        **peers.clickhouse(parquet, plan.folder),
        **peers.duckdb_windows(parquet, plan.folder),
    }
    counts = {name: tuple(map(int, ask())) for name, ask in asks.items()}
    if len(set(counts.values())) != 1:
        raise SystemExit(f"The counts differ, so their times say nothing: {counts}")
    taken = in_turn(asks, plan.runs)
    for name, seconds in taken.items():
        if name != "ours":
            bound = 1 / 20 if name.startswith("DuckDB") else 1 / 3
            label = f"Warm fallout, {size(plan.rows)} events, against {name}"
            yield times(label, taken["ours"], seconds, bound)


def opening(plan: Plan) -> Iterator[Line]:
    """Opening a built store at a small and at the largest size."""
    stores, spaces = {}, {}
    for rows in (plan.smallest, plan.largest):
        directory = _built(plan, rows)
        stores[rows] = apart("open_store", directory=str(directory), runs=21)["seconds"]
    for rows in (plan.smallest, plan.rows):
        path, cache = _workspace(plan, rows, "parquet"), str(plan.folder / f"opened-{rows}")
        apart("build_workspace", path=str(path), cache=cache)
        spaces[rows] = apart("open_workspace", path=str(path), cache=cache, runs=9)["seconds"]
        shutil.rmtree(cache)
    for what, taken in (("event store", stores), ("workspace", spaces)):
        small, large = taken.values()
        names = [size(rows) for rows in taken]
        label = f"Opening a built {what}: {names[1]} events beside {names[0]}"
        yield times(label, large, small, 2.0, "about the same")


def building(plan: Plan) -> Iterator[Line]:
    """Building a store from Parquet and from CSV beside DuckDB's own sorted copy."""
    cache, sorted_file = str(plan.folder / "built"), str(plan.folder / "sorted.parquet")
    for ending, label in (("parquet", "Parquet"), ("csv", "CSV")):
        source = str(events.write(plan.folder, plan.rows, ending))
        path = str(_workspace(plan, plan.rows, ending))
        tasks = {
            "copy": ("copy_sorted", {"source": source, "target": sorted_file}),
            "door": ("build_workspace", {"path": path, "cache": cache}),
        }
        if ending == "parquet":
            tasks["frames"] = ("build_from_frames", {"parquet": source, "cache": cache})
        taken = apart_in_turn(tasks, plan.slow_runs)
        events_read = f"{size(plan.rows)} events"
        if ending == "parquet":
            yield times(f"Building {events_read} from {label}", taken["frames"], taken["copy"], 2.0)
        yield times(
            f"Building {events_read} from {label} through a workspace file, all checks included",
            taken["door"],
            taken["copy"],
            2.0,
        )
        shutil.rmtree(cache)


def memory(plan: Plan) -> Iterator[Line]:
    """Peak memory of building the largest store, and what a warm query adds."""
    parquet, cache = str(events.write(plan.folder, plan.largest)), str(plan.folder / "built")
    built = apart("build_from_frames", parquet=parquet, cache=cache)
    shutil.rmtree(cache)
    peak = built["peak_gb"]
    what = f"Peak memory of building {size(plan.largest)} events"
    yield Line(what, f"{peak:.2f} GB", "", "", "under 4 GB", peak < 4)
    parquet, cache = str(events.write(plan.folder, plan.rows)), str(plan.folder / "cache")
    added = apart("warm_fallout", parquet=parquet, cache=cache, runs=plan.runs)["added_mb"]
    what = f"Memory that a warm fallout adds, {size(plan.rows)} events"
    yield Line(what, f"{added:.0f} MB", "", "", "under 300 MB", added < 300)


def scaling(plan: Plan) -> Iterator[Line]:
    """Warm fallout and build at doubled sizes."""
    sizes = [plan.smallest]
    while sizes[-1] * 2 <= plan.largest:
        sizes.append(sizes[-1] * 2)
    if sizes[-1] < plan.largest:
        sizes.append(plan.largest)
    answers = {}
    for rows in sizes:
        built = _built(plan, rows).parents[1]
        parquet = str(events.write(plan.folder, rows))
        answers[rows] = apart("warm_fallout", parquet=parquet, cache=str(built), runs=plan.runs)
    seconds = {rows: answer["seconds"] for rows, answer in answers.items()}
    for small, large in pairwise(sizes):
        label = f"Warm fallout, {size(large)} events beside {size(small)}"
        yield times(label, seconds[large], seconds[small], large / small)
    doublings = log2(sizes[-1] / sizes[0])
    slope = (seconds[sizes[-1]] / seconds[sizes[0]]) ** (1 / doublings)
    what = f"Warm fallout from {size(sizes[0])} to {size(sizes[-1])} events, mean of a doubling"
    yield Line(what, "", "", f"{slope:.2f}", "at most 2", slope <= 2)


def reports(plan: Plan) -> Iterator[Line]:
    """Each report of the demo company beside the same cells run one after another."""
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        tasks = {
            "page": ("made_report", {"name": notebook.stem}),
            "cells": ("plain_cells", {"notebook": str(notebook)}),
        }
        for task, given in tasks.values():
            apart(task, **given)
        taken = apart_in_turn(tasks, plan.slow_runs)
        label = f"Report {notebook.stem} beside the same cells run plainly"
        yield times(label, taken["page"], taken["cells"], 1.5)


PARTS = {
    part.__name__: part
    for part in (
        fallout,
        flow,
        canvas,
        cohort,
        attribution,
        segments,
        pipeline,
        change,
        stages,
        score,
        relationships,
        leads,
        similar_won,
        alerts,
        opening,
        building,
        memory,
        scaling,
        reports,
        pages,
    )
}


def _built(plan: Plan, rows: int) -> Path:
    """The folder of a built store of that many events."""
    cache = plan.folder / ("cache" if rows == plan.rows else f"cache-{rows}")
    ready = sorted(cache.glob("*/events/store.json"))
    if not ready:
        apart("build_from_frames", parquet=str(events.write(plan.folder, rows)), cache=str(cache))
        ready = sorted(cache.glob("*/events/store.json"))
    return ready[0].parent


def _workspace(plan: Plan, rows: int, ending: str) -> Path:
    """A workspace file whose web events are one file of that many events."""
    source = events.write(plan.folder, rows, ending)
    path = plan.folder / f"bench-{rows}-{ending}.yaml"
    path.write_text(
        f"name: bench\ntitle: Benchmark\nroot: {plan.folder}\nreport_tz: UTC\nsource_tz: UTC\n"
        f"tables:\n  web_events: {{file: {source.name}}}\n",
        encoding="utf-8",
    )
    return path
