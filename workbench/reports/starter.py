"""A working folder to begin with: notebooks, parameter files, a README, a .gitignore."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.messages import message

IGNORED = "/data/\n/reports/\n.ipynb_checkpoints/\n.workbench/\n"


def lay_out(folder: str | Path) -> str:
    """Lay out a working folder and return the sentence that says what to do next.

    Parameters
    ----------
    folder : str or Path
        A folder that does not exist yet, or is empty. It appears only when it is whole.
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ArgumentError(
            message("{folder} is not empty. Name a folder that does not exist yet.", folder=target)
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".workbench-", dir=target.parent) as temporary:
            draft = Path(temporary) / "folder"
            _fill(draft)
            if target.exists():
                target.rmdir()
            draft.rename(target)
    except OSError as error:
        raise ArgumentError(
            message(
                "{folder} cannot be made: {reason}. Name another folder.",
                folder=target,
                reason=error.strerror or error,
            )
        ) from error
    return message(
        "{folder} is ready. Next:\n  cd {folder}\n  workbench demo\n  workbench report --all",
        folder=target,
    )


def _fill(draft: Path) -> None:
    source = shelf.shipped()
    for kind, pattern in (
        ("notebooks", "*.ipynb"),
        ("parameters/workspaces", "*.yaml"),
        ("parameters/reports", "*.yaml"),
        ("parameters/kpis", "*.yaml"),
        ("parameters/views", "*.yaml"),
        ("parameters/tables", "*.yaml"),
        ("parameters/dashboards", "*.yaml"),
    ):
        (draft / kind).mkdir(parents=True)
        for path in sorted((source / kind).glob(pattern)):
            shutil.copyfile(path, draft / kind / path.name)
    (draft / ".gitignore").write_text(IGNORED, encoding="utf-8")
    (draft / "README.md").write_text(_readme(), encoding="utf-8")


def _readme() -> str:
    return message(
        "# Journeys and reports\n\n"
        "- `workbench demo` writes the files of a made-up company into `data/demo`.\n"
        "- `workbench report --all` makes every report of `parameters/reports` in `reports/`; "
        "open `reports/index.html`.\n"
        "- `workbench check NAME` says what is wrong or odd in the files of "
        "`parameters/workspaces/NAME.yaml`.\n\n"
        "Your own data: copy a file of `parameters/workspaces`, name your tables and columns in "
        "it, run `workbench check` on it until you like the answer, then\n"
        "`workbench report grow_key_accounts --workspace NAME`.\n"
    )
