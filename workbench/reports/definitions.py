"""Report files: which notebook, which workspace, which parameters, one page or many."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reasons import MISSING, UNKNOWN, Reason, reasons
from workbench.reports import shelves
from workbench.reports.files import file_name
from workbench.reports.parameters import (
    Parameter,
    UsageError,
    check_values,
    read_assignments,
    read_parameters,
)

MOST_PAGES = 200


class ReportFile(BaseModel):
    """Content of ``parameters/reports/NAME.yaml``.

    Parameters
    ----------
    notebook
        Name in ``notebooks/`` or path of an ``.ipynb``.
    workspace
        Passed to the notebook as its parameter ``workspace``.
    title
        The question that the page answers; the notebook's own heading when empty.
    parameters
        Values for the notebook's parameters.
    matrix
        Values for which the report is repeated: one page for each, and an overview of all.
    needs_data
        Whether ``--all`` may pass the report over when its files are not there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    notebook: str
    workspace: str = ""
    title: str = ""
    parameters: dict[str, Any] = Field(default_factory=dict)
    matrix: dict[str, list[Any]] = Field(default_factory=dict)
    needs_data: bool = False


@dataclass(frozen=True)
class Plan:
    """One page to be made, with every parameter already checked."""

    name: str
    title: str
    notebook: Path
    known: Mapping[str, Parameter]
    values: Mapping[str, Any]
    part_of: str = ""
    part: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter of the notebook with the value it will have."""
        defaults = {name: parameter.default for name, parameter in self.known.items()}
        return {**defaults, **self.values}


@dataclass(frozen=True)
class Request:
    """What the caller of a report asked for beside its file."""

    workspace: str = ""
    data: str = ""
    as_of: str = ""
    assignments: Sequence[str] = ()

    def values(self, known: Mapping[str, Parameter]) -> dict[str, Any]:
        """Return the values asked for; they stand above those of the report file."""
        if self.as_of and not _is_instant(self.as_of):
            raise UsageError(
                message("--as-of {text} is not a date such as 2026-03-31.", text=self.as_of)
            )
        named = {"workspace": self.workspace, "data": self.data, "as_of": self.as_of}
        return {
            **{name: value for name, value in named.items() if value},
            **read_assignments(known, self.assignments),
        }


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def known_reports() -> list[str]:
    """Return the names of all report files in reach."""
    return shelves.names("parameters/reports", ".yaml")


def read_report(name: str) -> tuple[str, ReportFile, Path | None]:
    """Return the name of a report, its file's content, and the file.

    `name` is a report file, its path, a notebook, or a notebook's path.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise UsageError(message("There is no report file {path}.", path=path))
        return path.stem, _validated(path), path
    found = shelves.find("parameters/reports", name, ".yaml")
    if found:
        return name, _validated(found), found
    if path.suffix == ".ipynb" or shelves.find("notebooks", name, ".ipynb"):
        return path.stem if path.suffix == ".ipynb" else name, ReportFile(notebook=name), None
    known = sorted({*known_reports(), *shelves.names("notebooks", ".ipynb")})
    raise UsageError(
        shelves.missing(message("report or notebook"), name, known, "parameters/reports/")
    )


def plan_report(name: str, request: Request) -> list[Plan]:
    """Return the pages of one report; everything wrong with them is refused here."""
    name, report, file = read_report(name)
    notebook = shelves.find_notebook(report.notebook, file)
    known = read_parameters(_read_notebook(notebook))
    where = message("Report {name}", name=name)
    own = {**({"workspace": report.workspace} if report.workspace else {}), **report.parameters}
    asked = request.values(known)
    plans = []
    for part in _parts(name, report.matrix, asked):
        values = check_values(known, {**own, **part, **asked}, where=where)
        label = " · ".join(_plain(value) for value in part.values())
        plans.append(
            Plan(
                f"{name}--{file_name(label)}" if part else name,
                f"{report.title or name} — {label}" if part else report.title,
                notebook, known, values, name if part else "", part,
            )
        )  # fmt: skip
    return _distinct(plans)


def _parts(
    name: str, matrix: Mapping[str, list[Any]], asked: Mapping[str, Any]
) -> list[dict[str, Any]]:
    left = {key: values for key, values in matrix.items() if key not in asked}
    if any(not values for values in left.values()):
        raise ReportError(
            message("Report {name}: a list under matrix is empty. Give it values.", name=name)
        )
    if not left:
        return [{}]
    parts = [dict(zip(left, choice, strict=True)) for choice in itertools.product(*left.values())]
    if len(parts) > MOST_PAGES:
        raise ReportError(
            message(
                "Report {name}: its matrix makes {n} pages, at most {most} are allowed.",
                name=name, n=len(parts), most=MOST_PAGES,
            )
        )  # fmt: skip
    return parts


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(_plain, value))
    return str(value)


def _distinct(plans: list[Plan]) -> list[Plan]:
    """Number the pages whose values differ only in signs that a file name cannot hold."""
    seen: dict[str, int] = {}
    named = []
    for plan in plans:
        seen[plan.name] = seen.get(plan.name, 0) + 1
        count = seen[plan.name]
        named.append(plan if count == 1 else replace(plan, name=f"{plan.name}-{count}"))
    return named


def _validated(path: Path) -> ReportFile:
    try:
        return ReportFile.model_validate(shelves.read_yaml(path))
    except ValidationError as error:
        problems = "; ".join(map(_problem, reasons(error.errors())))
        known = ", ".join(ReportFile.model_fields)
        raise ReportError(
            message(
                "{path} cannot be used: {problems}. Known keys: {known}.",
                path=path, problems=problems, known=known,
            )
        ) from error  # fmt: skip


def _problem(reason: Reason) -> str:
    key = reason.path
    if reason.kind == UNKNOWN:
        close = get_close_matches(key, list(ReportFile.model_fields), n=1, cutoff=0.5)
        if close:
            return message("unknown key {key}, did you mean {close}?", key=key, close=close[0])
        return message("unknown key {key}", key=key)
    if reason.kind == MISSING:
        return message("the key {key} is missing", key=key)
    return message(
        "{key}: {given} cannot be used, {needed} is needed",
        key=key or message("file"),
        given=reason.shown,
        needed=reason.needed,
    )


def _read_notebook(path: Path) -> dict[str, Any]:
    """Return a notebook as plain JSON: enough to check parameters, and quicker than a library."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(content, dict) and isinstance(content.get("cells"), list):
            return content
        raise ValueError(message("it has no list of cells"))
    except OSError as error:
        raise ReportError(
            message("{path} cannot be read: {reason}.", path=path, reason=error.strerror)
        ) from error
    except ValueError as error:
        raise ReportError(
            message("{path} is not a notebook: {reason}.", path=path, reason=_first_line(error))
        ) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__
