"""Questions collected for a report: a file of parameters that grows by one question at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.workspace import Workspace

NOTEBOOK = "saved_questions"
_APART = re.compile("[ -]+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")


def collect(workspace: Workspace, definition: Mapping[str, Any], *, report: str) -> Path:
    """Put a question at the end of a report of saved questions.

    Parameters
    ----------
    workspace : Workspace
        One that has a file, so that the report can open it again.
    definition : mapping
    report : str
        Name of the report; its file is called by its small letters, digits and ``_``. A new one
        is begun where there is none.

    Returns
    -------
    pathlib.Path
        ``parameters/reports/NAME.yaml`` of the project.

    Raises
    ------
    ArgumentError
        For a name that cannot be, a workspace without a file, and a report that is another one.
    """
    title = report.strip() if isinstance(report, str) else ""
    name = _APART.sub("_", title.lower())
    if not _NAME.fullmatch(name):
        allowed = message("letters from a to z, digits, spaces and _, beginning with a letter")
        raise ArgumentError.of("report", report, allowed)
    if workspace.name not in shelf.definitions("workspaces"):
        allowed = message("a workspace of parameters/workspaces")
        todo = message("A report opens its data by that name.")
        raise ArgumentError.of("workspace", workspace.name, allowed, todo)
    path = shelf.project() / "parameters" / "reports" / f"{name}.yaml"
    content = _begun(path, workspace, name, title)
    questions = content["parameters"]["questions"]
    if dict(definition) not in questions:
        questions.append(dict(definition))
        shelf.write(path, content, "report")
    return path


def _begun(path: Path, workspace: Workspace, name: str, title: str) -> dict[str, Any]:
    if not path.exists():
        title = name.replace("_", " ").capitalize() if title == name else title
        return {
            "notebook": NOTEBOOK, "workspace": workspace.name, "title": title,
            "parameters": {"title": title, "questions": []},
        }  # fmt: skip
    content = shelf.read_mapping(path)
    parameters = content.get("parameters")
    questions = parameters.get("questions") if isinstance(parameters, dict) else None
    if content.get("notebook") != NOTEBOOK or not isinstance(questions, list):
        raise ArgumentError.of("report", name, message("a report of saved questions"))
    if content.get("workspace") != workspace.name:
        allowed = message("a report on the workspace {name}", name=workspace.name)
        raise ArgumentError.of("report", name, allowed)
    return content
