"""The only place that knows papermill: an engine that tells where it is and keeps what it has."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import Engine, NotebookExecutionManager, papermill_engines
from papermill.exceptions import PapermillExecutionError
from papermill.execute import ERROR_MARKER_TAG, execute_notebook

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reports.cells import cell_labels
from workbench.reports.progress import Progress

ENGINE = "workbench"
INJECTED = "injected-parameters"
BY_HAND = "explore"  # cells that are for JupyterLab only


class _Manager(NotebookExecutionManager):
    """Papermill's bookkeeping, told on to the progress line."""

    def __init__(self, nb: Any, progress: Progress) -> None:
        super().__init__(nb, progress_bar=False, autosave_cell_every=0)
        self.progress = progress
        self.labels = cell_labels(nb)
        injected = [INJECTED in cell.metadata.get("tags", []) for cell in nb.cells]
        self.numbers = [index + 1 - sum(injected[: index + 1]) for index in range(len(injected))]

    def cell_start(self, cell: Any, cell_index: int | None = None, **kwargs: Any) -> None:
        """Show the cell, then keep papermill's record."""
        position = cell_index or 0
        self.progress.cell(self.numbers[position], self.labels[position])
        super().cell_start(cell, cell_index, **kwargs)

    def cell_complete(self, cell: Any, cell_index: int | None = None, **kwargs: Any) -> None:
        """Keep papermill's record, then move the bar on."""
        super().cell_complete(cell, cell_index, **kwargs)
        self.progress.done(self.numbers[cell_index or 0])


class _WorkbenchEngine(Engine):
    """Runs the cells in the kernel that was started for them."""

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **options: Any) -> Any:
        """Run the cells and hand the notebook over even when one of them fails."""
        kept, kernel = options["kept"], options["kernel"]
        kept.append(nb)
        manager = _Manager(nb, options["progress"])
        manager.notebook_start()
        quiet = logging.getLogger("workbench.kernel")
        quiet.setLevel(logging.CRITICAL)
        client = PapermillNotebookClient(
            manager, km=kernel, timeout=None, kernel_name=kernel_name, log=quiet
        )
        try:
            client.execute(cleanup_kc=False)
        finally:
            if client.kc is not None:
                client.kc.stop_channels()
        manager.notebook_complete()
        return nb


logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what it says, the caller says better
papermill_engines.register(ENGINE, _WorkbenchEngine)


def run_cells(
    content: Any, values: Mapping[str, Any], kernel: Any, progress: Progress
) -> tuple[Any, str]:
    """Return the executed notebook and, when the kernel itself gave up, the reason."""
    kept: list[Any] = []
    broken = ""
    prepared = copy.deepcopy(content)
    try:
        execute_notebook(
            prepared, None, parameters=dict(values), engine_name=ENGINE,
            kernel_name="python3", language="python",
            progress_bar=False, request_save_on_cell_execute=False,
            kernel=kernel, kept=kept, progress=progress,
        )  # fmt: skip
    except PapermillExecutionError:
        pass  # the failing cell holds its own error output
    except KeyboardInterrupt:
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # the cut connection is no news
        raise
    except DeadKernelError:
        broken = message(
            "its process ended without a word, most often because memory ran out. "
            "Close other programs or take a shorter period."
        )
    except (CellTimeoutError, RuntimeError) as error:
        broken = str(error).strip().splitlines()[0] if str(error).strip() else repr(error)
    notebook = kept[0] if kept else prepared
    added = {ERROR_MARKER_TAG, INJECTED}
    notebook.cells = [cell for cell in notebook.cells if not added & set(cell.metadata["tags"])]
    return notebook, broken


def _by_hand(cell: Any) -> bool:
    return BY_HAND in cell.get("metadata", {}).get("tags", [])


def read_notebook(path: Path) -> Any:
    """Return a notebook with what papermill expects to find in it; cells for hands are left out."""
    try:
        notebook = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4)
    except (OSError, ValueError, AttributeError, KeyError) as error:
        raise ReportError(
            message("{path} is not a notebook: {reason}.", path=path, reason=error)
        ) from error
    notebook.cells = [cell for cell in notebook.cells if not _by_hand(cell)]
    notebook.metadata.setdefault("papermill", NotebookNode())
    notebook.metadata["papermill"].setdefault("parameters", NotebookNode())
    for cell in notebook.cells:
        cell.setdefault("metadata", NotebookNode())
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", NotebookNode())
    return notebook
