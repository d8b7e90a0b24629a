"""Running reports: everything is checked first, then each notebook runs in a kernel of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.errors import ReportError
from workbench.imports import without_address_grammar
from workbench.messages import message
from workbench.reports import shelves
from workbench.reports.cells import Failure, cell_labels, find_failure
from workbench.reports.definitions import Plan, Request, known_reports, plan_report, read_report
from workbench.reports.files import file_size
from workbench.reports.kernel import started_kernel
from workbench.reports.parameters import UsageError
from workbench.reports.progress import watch


@dataclass(frozen=True)
class Made:
    """What became of one page."""

    name: str
    status: str
    sentence: str
    path: Path | None = None
    seconds: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """What became of all pages that were asked for."""

    made: tuple[Made, ...]
    index: Path | None
    skipped: tuple[str, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Whether every page that ran is whole."""
        return all(page.status == "ok" for page in self.made)


def run_reports(
    names: Sequence[str] = (),
    *,
    every: bool = False,
    workspace: str = "",
    data: str = "",
    as_of: str = "",
    assignments: Sequence[str] = (),
    out: str | Path = "reports",
    say: Callable[[str], None] = lambda _: None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Outcome:
    """Make the pages of reports and the index over all pages in `out`.

    Parameters
    ----------
    names : sequence of str
        Report files, notebooks, or their paths.
    every : bool
        Take all report files in reach; those whose files are absent are passed over.
    workspace, data, as_of : str
        Values of the notebook parameters of these names; they stand above the report file.
    assignments : sequence of str
        Further parameters as ``key=value``.
    out : str or Path
        Folder of the pages.
    say : callable
        Receives one sentence for each page as it is made or passed over.
    now : callable
        The clock that dates the pages.

    Returns
    -------
    Outcome
        `made` (one entry a page), `skipped` sentences, and the path of the index.
    """
    from workbench.reports import site

    plans, skipped = _plans(list(names), every, Request(workspace, data, as_of, assignments))
    for sentence in skipped:
        say(sentence)
    folder, made = Path(out), []
    for plan in plans:
        made.append(run_plan(plan, folder, now=now))
        say(made[-1].sentence)
    for name in dict.fromkeys(plan.part_of for plan in plans if plan.part_of):
        parts = [plan for plan in plans if plan.part_of == name]
        site.write_overview(name, parts, folder, now=now)
    index = site.write_index(folder) if plans else None
    return Outcome(tuple(made), index, tuple(skipped))


def _plans(names: list[str], every: bool, request: Request) -> tuple[list[Plan], list[str]]:
    if every and names:
        raise UsageError(message("Give report names or --all, not both."))
    chosen = known_reports() if every else list(dict.fromkeys(names))
    if not chosen:
        raise UsageError(
            message("No report was named. Known: {known}.", known=", ".join(known_reports()) or "–")
        )
    plans, skipped = [], []
    for name in chosen:
        own = _own_request(name, request) if every else request
        for plan in plan_report(name, own):
            absent = _absent(plan)
            if absent is None:
                plans.append(plan)
            elif every and read_report(name)[1].needs_data:
                skipped.append(
                    message(
                        "Report {name} was passed over: its files are not in {folder}.",
                        name=plan.name, folder=absent,
                    )
                )  # fmt: skip
            else:
                raise ReportError(_no_files(plan, absent))
    return plans, skipped


def _own_request(name: str, request: Request) -> Request:
    """With ``--all --data DIR``, a workspace whose name is a folder of DIR reads that folder."""
    if not request.data:
        return request
    workspace = request.workspace or read_report(name)[1].workspace
    folder = Path(request.data) / Path(workspace).stem
    found = str(folder) if workspace and folder.is_dir() else ""
    return Request(request.workspace, found, request.as_of, request.assignments)


def _absent(plan: Plan) -> Path | None:
    values = plan.parameters
    folder = shelves.data_folder(str(values.get("workspace", "")), str(values.get("data", "")))
    return folder if folder is not None and not folder.is_dir() else None


def _no_files(plan: Plan, folder: Path) -> str:
    todo = message("Say where they are with --data DIR.")
    if plan.parameters.get("workspace") == "demo":
        todo = message("Write them with `workbench demo`, or say where they are with --data DIR.")
    return message(
        "Report {name} was not run: there is no folder {folder} with its files. {todo}",
        name=plan.name, folder=folder, todo=todo,
    )  # fmt: skip


def run_plan(plan: Plan, folder: Path, *, now: Callable[[], datetime]) -> Made:
    """Run one notebook and write its page; the last good page stays when it fails."""
    from workbench.reports import site

    begun = time.monotonic()
    notebook, failure = execute(plan)
    path = site.write_report(plan, notebook, failure, folder, made_at=now())
    seconds = time.monotonic() - begun
    size = file_size(path.stat().st_size)
    if failure is None:
        sentence = message("{path} ({size}, {n:.1f} s)", path=path, size=size, n=seconds)
        return Made(plan.name, "ok", sentence, path, seconds)
    sentence = message(
        "{name} failed. {why}\n  What there is of it: {path}",
        name=plan.name, why=failure.sentence, path=path,
    )  # fmt: skip
    return Made(plan.name, "failed", sentence, path, seconds)


def execute(plan: Plan) -> tuple[Any, Failure | None]:
    """Run the cells of a plan through papermill; return the notebook as far as it came."""
    with started_kernel(plan.name, plan.notebook.stem) as kernel:
        papers = _papers()
        content = papers.read_notebook(plan.notebook)
        with watch(plan.name, cell_labels(content)) as progress:
            notebook, broken = papers.run_cells(content, plan.values, kernel, progress)
    failure = find_failure(notebook)
    if failure is None and broken:
        labels = cell_labels(notebook)
        stopped = [index for index, cell in enumerate(notebook.cells) if _unfinished(cell)]
        index = stopped[0] if stopped else len(labels) - 1
        failure = Failure(index + 1, len(labels), labels[index], broken)
    return notebook, failure


def _papers() -> Any:
    """Import what runs notebooks, when a notebook is to be run."""
    with without_address_grammar():
        from workbench.reports import papers
    return papers


def _unfinished(cell: Any) -> bool:
    status = cell.metadata.get("papermill", {}).get("status")
    return cell.cell_type == "code" and status not in ("completed", None)
