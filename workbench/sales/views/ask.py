"""The question: which rows of an object meet a saved description?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from workbench import money
from workbench.messages import message
from workbench.sales.views.checking import Findings, keys_of, validated
from workbench.sales.views.edits import overlaid, read_edits
from workbench.sales.views.fields import Objects
from workbench.sales.views.filters import condition
from workbench.sales.views.model import Asked, ViewFile
from workbench.sales.views.owners import owned, person_of, refuse_private
from workbench.sales.views.result import ListView
from workbench.sales.views.schema import Bound, NotKnown, keys_of_table
from workbench.sales.views.shelf import read_definition
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace


def view(
    workspace: Workspace,
    definition: str | Path | Mapping[str, Any],
    *,
    user: str | None = None,
    as_of: str | date | None = None,
    edits: str | Path | None = None,
) -> ListView:
    """Rows of one object by a saved list view: whose, which, in what columns and order.

    Parameters
    ----------
    workspace : Workspace
    definition : str, pathlib.Path or mapping
        A name (``parameters/views/NAME.yaml``), a path, or a mapping with the keys of `ViewFile`:
        ``object``, ``scope``, ``filters`` with ``logic``, ``columns``, ``sort``, ``board``,
        ``formulas``, ``sharing``, …
    user : str, optional
        Key, name or mail address of the user for ``scope: mine`` and ``team``.
    as_of : str or date, optional
        Look from an earlier day: relative dates count from it, rows created later are left out.
        All other values are those of the table now; a trend looks at the history.
    edits : str or pathlib.Path, optional
        File of edits laid over the source; it need not exist yet.

    Returns
    -------
    ListView
        Its `frame` has exactly the visible columns; there is no cap.

    Raises
    ------
    ArgumentError
        With everything that is wrong with the definition, before any row is shown.
    AbsentError
        When all that stands in the way is missing from these data.

    Notes
    -----
    Source: sales-pipeline.md, section 4.
    """
    name, content = read_definition(definition, "view")
    findings = Findings()
    what = message("The list view {name!r}", name=name or message("without a title"))
    asked = validated(ViewFile, content, findings, keys_of(ViewFile))
    if asked is None:
        findings.stop(what)
    workspace = workspace.seen_at(as_of)
    person = person_of(workspace, user)
    refuse_private(asked, person, name)
    objects = objects_of(workspace, asked, findings)
    if not objects.things:
        findings.stop(what)
    file = None if edits is None else Path(edits)
    read = {} if file is None else read_edits(file, asked.object)
    laid = overlaid(objects, objects.things[0], read)
    whose = owned(asked, person, objects, findings)
    which = condition(
        asked.filters, asked.logic, objects, findings,
        null_is_false=asked.null_is_false, ignore_case=asked.ignore_case,
    )  # fmt: skip
    shown, left_out = _columns(asked, objects, findings)
    order = _order(asked, objects, findings)
    if asked.board is not None:
        _check_board(asked, objects, findings)
    findings.stop(what)
    return ListView(
        workspace=workspace, asked=asked, name=name, objects=objects, where=f"{whose} AND {which}",
        shown_fields=shown, order=order, edits=laid, edits_path=file, user=user or "",
        left_out=tuple(left_out), given=content, looked_back=workspace.looks_back,
    )  # fmt: skip


def objects_of(workspace: Workspace, asked: Asked, findings: Findings) -> Objects:
    """The objects of a question, with its formulas and the base added."""
    objects = Objects(
        workspace,
        Bound(),
        money.as_of_day(workspace).astype(date),
        microseconds_of(workspace.as_of),
        formulas=dict(asked.formulas),
    )
    try:
        thing = objects.add(asked.object)
    except NotKnown as problem:
        (findings.lacks if problem.absent else findings.add)("object", problem.said)
        return objects
    for name, currency in asked.money.items():
        for column in (name, currency):
            if column not in thing.columns:
                said = message("{table} has no column {column}", table=thing.table, column=column)
                findings.add(f"money.{name}", said)
    return objects


def _columns(asked: ViewFile, objects: Objects, findings: Findings) -> tuple[list, list[str]]:
    """Visible fields; what the data model knows and these data do not hold is left out."""
    base = objects.things[0]
    names = asked.columns or tuple(base.columns)
    found, left_out = [], []
    for number, name in enumerate(names, 1):
        try:
            found.append(objects.find(name))
        except NotKnown as problem:
            if problem.absent:
                left_out.append(name)
            else:
                findings.add(f"columns.{number}", problem.said)
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        findings.add("columns", message("{names} stand twice", names=", ".join(twice)))
    if not found:
        found = [objects.find(name) for name in list(base.columns)[:1]]
    return found, left_out


def _order(asked: ViewFile, objects: Objects, findings: Findings) -> str:
    parts = []
    for number, item in enumerate(asked.sort, 1):
        try:
            parts.append(f"{objects.find(item.by).sql} {item.order.upper()} NULLS LAST")
        except NotKnown as problem:
            if not problem.absent:
                findings.add(f"sort.{number}", problem.said)
    base = objects.things[0]
    ties = keys_of_table(objects.workspace, base.table)
    ties = [*ties, *(column for column in base.columns if column not in ties)]
    return ", ".join([*parts, *(f"{objects.find(name).sql} NULLS LAST" for name in ties)])


def _check_board(asked: ViewFile, objects: Objects, findings: Findings) -> None:
    board = asked.board
    for place, name in (("board.lane", board.lane), ("board.sum", board.sum)) if board else ():
        if not name:
            continue
        try:
            kind = objects.find(name).kind
        except NotKnown as problem:
            (findings.lacks if problem.absent else findings.add)(place, problem.said)
            continue
        if place == "board.sum" and kind != "number":
            findings.add(place, message("{field} holds {kind}, a number is needed", field=name,
                                        kind=kind))  # fmt: skip
        if place == "board.lane" and kind not in ("text", "boolean"):
            findings.add(place, message("{field} holds {kind}, text is needed", field=name,
                                        kind=kind))  # fmt: skip
