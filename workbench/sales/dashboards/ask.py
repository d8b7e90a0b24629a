"""The question: some saved reports side by side, with filters that hold for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.dashboards.component import Component
from workbench.sales.dashboards.model import ComponentFile, DashboardFile, Target
from workbench.sales.dashboards.result import Dashboard
from workbench.sales.dashboards.targets import target_of
from workbench.sales.reporting import TableReport, table_report
from workbench.sales.reporting.model import Group, Measure, TableFile
from workbench.sales.views.checking import Findings, keys_of, unknown_name, validated
from workbench.sales.views.expressions import FormulaError, parse_formula
from workbench.sales.views.model import Asked, Filter
from workbench.sales.views.owners import person_of, refuse_private
from workbench.sales.views.schema import NotKnown
from workbench.sales.views.shelf import read_definition
from workbench.workspace import Workspace

KEYS = keys_of(DashboardFile, ComponentFile, Target, Filter)


@dataclass(frozen=True)
class Asking:
    """What holds for all components of one dashboard."""

    workspace: Workspace
    user: str | None
    scope: str
    filters: tuple[Filter, ...]


def dashboard(
    workspace: Workspace,
    definition: str | Path | Mapping[str, Any],
    *,
    filters: Mapping[str, Any] | Sequence[Any] = (),
    scope: str | None = None,
    user: str | None = None,
    as_of: str | date | None = None,
) -> Dashboard:
    """A grid of components, each bound to one saved report.

    Parameters
    ----------
    workspace : Workspace
    definition : str, pathlib.Path or mapping
        A name (``parameters/dashboards/NAME.yaml``), a path, or a mapping with the keys of
        `DashboardFile`.
    filters : mapping or list, optional
        ``{"owner_id": ["U-001", "U-002"]}``, or ``[field, operator, value]`` for each. They apply
        to every component whose report has the field; the others say "not filtered".
    scope : {"all", "mine", "team"}, optional
        Whose rows, instead of what the definition says.
    user : str, optional
        Key, name or mail address of the user for ``mine`` and ``team``.
    as_of : str or date, optional
        Look from an earlier day, as `table_report` does.

    Returns
    -------
    Dashboard
        Same parameters and same files give the same bytes.

    Raises
    ------
    ArgumentError
        With everything that is wrong with the definition. A component that these data cannot
        answer stands in its place and says so.

    Notes
    -----
    Source: sales-pipeline.md, section 6.
    """
    name, content = read_definition(definition, "dashboard")
    findings = Findings()
    what = message("The dashboard {name!r}", name=name or message("without a title"))
    asked = validated(DashboardFile, content, findings, KEYS)
    if asked is None:
        findings.stop(what)
    workspace = workspace.seen_at(as_of)
    person = person_of(workspace, user)
    refuse_private(_keeper(asked), person, name)
    if scope not in (None, "all", "mine", "team"):
        raise ArgumentError.of("scope", scope, ["all", "mine", "team"])
    further = (*asked.filters, *_given(filters, findings))
    asking = Asking(workspace, user, scope or asked.scope, further)
    if asking.scope != "all" and person is None:
        findings.add("scope", message("{scope!r} needs user=, the key of a user",
                                      scope=asking.scope))  # fmt: skip
    findings.stop(what)
    made, applied = [], [0] * len(further)
    for number, item in enumerate(asked.components, 1):
        component = _component(item, number, asking, findings)
        if component is not None:
            made.append(component)
            applied = [n + (f not in component.not_filtered and not component.absent)
                       for n, f in zip(applied, further, strict=True)]  # fmt: skip
    _check_filters(further, applied, made, findings)
    names = [component.name for component in made]
    for twice in sorted({n for n in names if names.count(n) > 1}):
        findings.add("components", message("two components are called {name}; give them an id",
                                           name=twice))  # fmt: skip
    findings.stop(what)
    return Dashboard(workspace=workspace, asked=asked, name=name, components=tuple(made),
                     filters=further, scope_asked=asking.scope)  # fmt: skip


def _keeper(asked: DashboardFile) -> Asked:
    return Asked.model_construct(
        object="", sharing=asked.sharing, owner=asked.owner, groups=asked.groups
    )


def _given(filters: Any, findings: Findings) -> list[Filter]:
    if isinstance(filters, Mapping):
        filters = [
            [name, "in" if isinstance(value, list | tuple) else "=", value]
            for name, value in filters.items()
        ]
    if isinstance(filters, str) or not isinstance(filters, Sequence):
        findings.add("filters", message("a mapping of field to value, or a list, is needed"))
        return []
    out = []
    for number, item in enumerate(filters, 1):
        inner = Findings()
        found = item if isinstance(item, Filter) else validated(Filter, item, inner, KEYS)
        for line in inner.wrong:
            findings.add(f"filters.{number}", line)
        out += [found] if found is not None else []
    return out


def _check_filters(
    filters: tuple[Filter, ...], applied: list[int], made: list[Component], findings: Findings
) -> None:  # fmt: skip
    """A filter that no report has the field of is a mistake."""
    if not made or all(component.absent for component in made):
        return
    for item, count in zip(filters, applied, strict=True):
        if not count:
            findings.add("filters", message("no component has the field {field}",
                                            field=item.field))  # fmt: skip


def _component(
    item: ComponentFile, number: int, asking: Asking, findings: Findings
) -> Component | None:  # fmt: skip
    place = f"components.{number}"
    name = item.id or item.title or f"{number}"
    try:
        title, content = read_definition(item.report, "table")
        whole = validated(TableFile, content, findings, KEYS)
        if whole is None:
            return None
        shown = item.title or whole.title or title or name
        part = _bound(item, whole)
        report, left = _filtered(part, asking)
        target = None if item.target is None else target_of(asking.workspace, item.target)
        return Component(asking.workspace, item, name, shown, report, left, target)
    except AbsentError as problem:
        shown = item.title or (item.report if isinstance(item.report, str) else name)
        return Component(asking.workspace, item, name, shown, None, (), None, _in_one_line(problem))
    except (ArgumentError, ValueError) as problem:
        findings.add(place, str(problem))
        return None


def _in_one_line(problem: AbsentError) -> str:
    """Why these data cannot answer: the findings alone."""
    head, _, lines = str(problem).partition("\n- ")
    return lines.replace("\n- ", " ") or head


def _filtered(part: TableFile, asking: Asking) -> tuple[TableReport, tuple[Filter, ...]]:
    """The report with the filters whose field it has, and those that it has not."""
    plain = table_report(asking.workspace, _mapping(part), user=asking.user)
    objects = plain.blocks[0].statement.objects
    own, left = [], []
    for item in asking.filters:
        try:
            objects.find(item.field)
            own.append(item)
        except NotKnown:
            left.append(item)
    if asking.scope != "all":
        try:
            objects.find(part.owner_field or "owner_id")
            part = part.model_copy(update={"scope": asking.scope, "queue": ""})
        except NotKnown:
            left.append(Filter(field="owner_id", operator="=", value=asking.scope))
    if not own and part.scope == plain.asked.scope:
        return plain, tuple(left)
    found = table_report(asking.workspace, _mapping(part), user=asking.user, where=own)
    return found, tuple(left)


def _mapping(part: TableFile) -> dict[str, Any]:
    return part.model_dump(by_alias=True, exclude_defaults=True)


def _bound(item: ComponentFile, whole: TableFile) -> TableFile:
    """The report with only the groups and figures that the component shows."""
    if whole.blocks:
        raise ValueError(message("a component shows a report of one block"))
    values = whole.values or (Measure.model_validate("count"),)
    if item.type == "table":
        return whole.model_copy(update={"values": values if whole.rows else whole.values})
    wanted = [item.x, item.y] if item.type == "scatter" else [item.value or values[0].name]
    rows: tuple[Group, ...] = ()
    columns: tuple[Group, ...] = ()
    if item.type not in ("number", "gauge"):
        known = [*whole.rows, *(whole.columns if whole.kind == "matrix" else ())]
        rows = (_group(item.group, known, "group", 0),)
        if item.type == "stacked" or item.series:
            columns = (_group(item.series, [g for g in known if g != rows[0]], "series", 0),)
    return whole.model_copy(
        update={"rows": rows, "columns": columns, "values": _needed(wanted, values), "sort": (),
                "format": ""}
    )  # fmt: skip


def _group(name: str, known: list[Group], what: str, place: int) -> Group:
    if not name and len(known) > place:
        return known[place]
    for group in known:
        if name and name in (group.label, group.field):
            return group
    if not known:
        raise ValueError(message("the report has no further group for {what}", what=what))
    labels = [group.label for group in known]
    raise ValueError(message("{what}: {said}", what=what, said=unknown_name(name, labels)))


def _needed(wanted: list[str], values: tuple[Measure, ...]) -> tuple[Measure, ...]:
    """The figures that are shown first, and those that their formulas name before them."""
    names = {measure.name: measure for measure in values}
    needed: list[str] = []
    waiting = list(wanted)
    while waiting:
        name = waiting.pop(0)
        if name not in names:
            raise ValueError(message("value: {said}", said=unknown_name(name, names)))
        if name not in needed:
            needed.append(name)
        if names[name].kind == "formula":
            try:
                waiting += parse_formula(names[name].formula).names()
            except FormulaError as problem:
                raise ValueError(str(problem)) from None
    return tuple(measure for measure in values if measure.name in needed)
