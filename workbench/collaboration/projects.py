"""Which project somebody is in: the report that runs, or the notebook that is open."""

from __future__ import annotations

import os
from pathlib import PurePath

REPORT = "WORKBENCH_REPORT"
NOTEBOOK = "WORKBENCH_NOTEBOOK"


def current_projects() -> tuple[str, ...]:
    """Names that the project has here: its report, then its notebook; none outside of both.

    Notes
    -----
    Source: collaboration.md, section 4 (a project is a notebook with its parameters).
    """
    session = os.environ.get("JPY_SESSION_NAME", "")  # JupyterLab tells kernels their notebook
    named = (
        os.environ.get(REPORT, ""),
        os.environ.get(NOTEBOOK, ""),
        PurePath(session).stem if session.endswith(".ipynb") else "",
    )
    return tuple(dict.fromkeys(name for name in named if name))


def project_named(given: str | None) -> str:
    """The project that was named, the own one with None; empty for all projects."""
    if given is None:
        return next(iter(current_projects()), "")
    return "" if given == "all" else given
