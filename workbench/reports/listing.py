"""The index: the latest page of every report, and every kept run, with search and filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from workbench.reports.about import mapping, read_facts
from workbench.reports.files import file_size
from workbench.reports.snapshots import PAGE, RUNS, Snapshot, all_snapshots

MOST_ANSWERS = 6
_TEXTS = ("name", "title", "why", "workspace", "as_of", "period", "made_at", "part_of", "file",
          "failed_file", "size", "run")  # fmt: skip
BLANK: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, ""),
    "kind": "report",
    "status": "ok",
    "part": {},
    "parameters": [],
    "figures": [],
    "answers": [],
    "parts": [],
    "pages": [],
    "notebook": {},
    "since": {},
    "runs": 0,
}


def latest_pages(folder: Path) -> list[dict[str, Any]]:
    """What the index shows of each report, newest first; pages of a matrix stand in their own."""
    entries = [entry for name in _names(folder) if (entry := latest_page(folder, name))]
    entries.sort(key=lambda entry: (entry["made_at"], entry["name"]), reverse=True)
    by_name = {entry["name"]: entry for entry in entries}
    held = {name for entry in entries for name in entry["pages"]}
    shown = [entry for entry in entries if entry["name"] not in held]
    for entry in shown:
        entry["parts"] = [by_name[name] for name in entry["pages"] if name in by_name]
    return shown


def latest_page(folder: Path, name: str) -> dict[str, Any] | None:
    """What the index shows of a report: its good page, and its last failure if newer."""
    good, failed = folder / f"{name}.html", folder / f"{name}.failed.html"
    kept, broken = read_facts(good), read_facts(failed)
    found = kept or broken
    if found is None:
        return None
    path = good if kept else failed
    return {
        **BLANK,
        **found,
        "status": "failed" if broken else found["status"],
        "why": broken["why"] if broken else found["why"],
        "file": path.name,
        "failed_file": failed.name if broken else "",
        "size": file_size(path.stat().st_size),
    }


def _names(folder: Path) -> list[str]:
    pages = [path for path in folder.glob("*.html") if path.name != "index.html"]
    return sorted({path.name.removesuffix(".html").removesuffix(".failed") for path in pages})


def list_runs(folder: Path) -> tuple[dict[str, Any], dict[str, int]]:
    """Every kept run as the script of the index reads it, and how many there are of each report.

    Texts that repeat stand once in ``texts``; a run names them by their place.

    Returns
    -------
    tuple of dict and dict
        ``{"texts": [...], "runs": [[page, made_at, status, name, title, notebook, workspace,
        as_of, period, why, parameters, figures, answers]]}``, newest first; parameters are pairs,
        figures are triples of label, value and change.
    """
    places: dict[str, int] = {}
    rows, counts, size = [], dict[str, int](), 0

    def place(text: Any) -> int:
        return places.setdefault(str(text or ""), len(places))

    runs = sorted(
        all_snapshots(folder),
        key=lambda run: (str(run.facts.get("made_at")), run.name, run.order),
        reverse=True,
    )
    for run in runs:
        counts[run.name] = counts.get(run.name, 0) + 1
        size += int(run.facts.get("bytes") or 0)
        rows.append(_row(run, place))
    return {"texts": list(places), "runs": rows, "bytes": size}, counts


def _row(run: Snapshot, place: Any) -> list[Any]:
    facts = {**BLANK, **run.facts}
    return [
        f"{RUNS}/{run.run}/{PAGE}",
        facts["made_at"],
        1 if facts["status"] == "ok" else 0,
        place(run.name),
        place(facts["title"]),
        place(mapping(facts["notebook"]).get("name")),
        place(facts["workspace"]),
        place(facts["as_of"]),
        place(facts["period"]),
        place(facts["why"]),
        [[place(name), place(value)] for name, value in _pairs(facts["parameters"])],
        [
            [place(figure.get(key)) for key in ("label", "value", "change")]
            for figure in _mappings(facts["figures"])
        ],
        [place(text) for text in facts["answers"][:MOST_ANSWERS]],
    ]


def _pairs(given: Iterable[Any]) -> list[tuple[Any, Any]]:
    return [
        (pair[0], pair[1]) for pair in given if isinstance(pair, list | tuple) and len(pair) == 2
    ]


def _mappings(given: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [one for one in given if isinstance(one, Mapping)]
