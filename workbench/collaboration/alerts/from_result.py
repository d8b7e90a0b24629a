"""An alert on a number of a result: a step of a fallout, a node, a link, a cell, any row.

Source: collaboration.md, sections 2.1 (not available elsewhere) and 5 (``alert_from``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.asking import ANALYSES
from workbench.collaboration.alerts.reading import alert_of
from workbench.collaboration.alerts.record import Alert
from workbench.collaboration.metrics.asked import picked
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Result

_COLUMN = {"step": "share_of_start", "node": "containers", "cell": "share", "link": "containers"}


def alert_from(
    result: Result,
    *,
    name: str,
    step: str | int | None = None,
    node: str | None = None,
    cell: tuple[Any, int] | None = None,
    link: tuple[Any, ...] | None = None,
    number: Mapping[str, Any] | None = None,
    column: str | None = None,
    group: str | None = None,
    window: str = "same",
    label: str | None = None,
    granularity: str = "week",
    when: str = "changes_by",
    value: Any = None,
    **more: Any,
) -> Alert:
    """An alert on one number of a result, which is asked again every period by its definition.

    Parameters
    ----------
    result : Result
    name : str
        Of the alert.
    step : str or int, optional
        A step of a fallout by label or position.
    node : str, optional
        A node of a canvas by its id.
    cell : tuple, optional
        Cohort and offset of a cohort table; ``"last"`` means the newest cohort whose cell is known
        then.
    link : tuple, optional
        ``(source, target)`` or ``(column, source, target)`` of a flow; ``(from, to)`` of a canvas.
    number : mapping, optional
        Any other one: ``{"table": "frame", "where": {column: value}, "column": name}``.
    column : str, optional
        Which figure of the row; a share or a number of containers when left out.
    group : str, optional
        Of a fallout or cohort table with several; the first when left out.
    window : {"same", "period", "all"}
        A period as long as that of the result, ending with the one judged; that one alone; or
        everything up to it.
    label : str, optional
    granularity, when, value
        As in an alert; ``when="changes_by"`` takes 20 % when no value is given.
    **more
        Other keys of an alert or of its trigger, such as ``to``, ``direction``, ``confidence``.

    Returns
    -------
    Alert
        For `wb.alerts().add`, `wb.alert_preview`; ``plain()`` is its mapping.

    Raises
    ------
    ArgumentError
        When the result is not known by a definition, or the number does not lead to one row.

    Notes
    -----
    Source: collaboration.md, section 5.
    """
    if not isinstance(result, Result) or result.definition.get("analysis") not in ANALYSES:
        raise ArgumentError.of(
            "result", type(result).__name__, message("a result of {names}",
                                                     names=", ".join(sorted(ANALYSES))),
        )  # fmt: skip
    given = {"step": step, "node": node, "cell": cell, "link": link, "number": number}
    chosen = [key for key, item in given.items() if item is not None]
    if len(chosen) != 1:
        raise ArgumentError.of("number", chosen, message("one of {names}", names=", ".join(given)))
    asked = dict(number) if number is not None else _number(result, chosen[0], given, group)
    asked.setdefault("column", column or _default(result, asked, chosen[0]))
    if column is not None:
        asked["column"] = column
    picked(result, asked)
    metric: dict[str, Any] = {
        "result": dict(result.definition), "number": asked, "window": window,
        "unit": _unit(str(asked["column"])),
    }  # fmt: skip
    if label:
        metric["label"] = label
    trigger: dict[str, Any] = {"metric": metric, "when": when}
    if value is None and when == "changes_by":
        value = 0.2
    if value is not None:
        trigger["value"] = value
    for key in ("confidence", "direction", "baseline", "minimum_effect"):
        if key in more:
            trigger[key] = more.pop(key)
    return alert_of({"name": name, "granularity": granularity, "triggers": [trigger], **more})


def _number(
    result: Result, kind: str, given: Mapping[str, Any], group: str | None
) -> dict[str, Any]:
    frame: Any = result.frame
    where: dict[str, Any] = {}
    table = "frame"
    if kind == "step":
        step = given["step"]
        where = {"position" if isinstance(step, int) else "step": step}
    elif kind == "node":
        where, table = {"node": given["node"]}, "nodes"
    elif kind == "cell":
        cohort, offset = given["cell"]
        # The newest cohort is the one whose cell at this offset is known.
        where = {"offset": offset, "cohort": cohort}
    else:
        table = "links" if hasattr(result, "links") else "arrows"
        names = ("source", "target") if table == "links" else ("from", "to")
        parts = given["link"]
        where = dict(zip(("column", *names) if len(parts) == 3 else names, parts, strict=True))
    source = frame if table == "frame" else getattr(result, table, None)
    if source is None:
        raise ArgumentError.of("result", result.kind, message("a result with {what}", what=table))
    if "group" in source.columns and len(source):
        where["group"] = group if group is not None else str(source["group"].iloc[0])
    return {"table": table, "where": where}


def _default(result: Result, asked: Mapping[str, Any], kind: str) -> str:
    table = getattr(result, str(asked.get("table", "frame")), result.frame)
    usual = (_COLUMN.get(kind, "share"), "path_views", "containers", "reached", "value")
    return next((name for name in usual if name in table.columns), usual[0])


def _unit(column: str) -> str:
    if column.startswith("share") or column.endswith("_share") or column == "rate":
        return "share"
    counts = ("containers", "reached", "path_views", "returned", "included", "deals", "fell_out")
    return "count" if column in counts or column.endswith("_deals") else "number"
