"""Sentences of dashboards: findings of components, and what stands below each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.sales.reporting.wording import ADDED, figure

if TYPE_CHECKING:
    from workbench.sales.dashboards.component import Component


def headline(component: Component) -> str:
    """As `Component.headline`."""
    if component.report is None:
        return message("{title}: these data cannot answer it", title=component.title)
    measures = component.shown_measures
    total = component.report.blocks[0].levels.at(())
    if not measures or total is None:
        return component.report.headline()
    place, measure = measures[0]
    of_all = figure(total.figures[place], measure)
    values = {"title": component.title, "total": of_all, "measure": measure.name}
    sized = [m for m in component.marks if isinstance(m.line.figures[place], int | float)]
    if component.asked.type in ("number", "gauge") or not sized or not sized[0].group:
        if component.target:
            part = numbers.share(_ratio(total.figures[place], component.target))
            goal = figure(component.target, measure)
            return message("{title}: {total} of {goal}, {part} of the target", goal=goal,
                           part=part, **values)  # fmt: skip
        return message("{title}: {total} from {n}", n=message_of_count(
            "{count} row", "{count} rows", total.n), **values)  # fmt: skip
    if component.report.blocks[0].asked.trend:
        return component.report.headline().replace(component.report.title, component.title, 1)
    if component.has_other and len(sized) > 1:
        sized = [m for m in sized if m.line.rows[0] != component.other]
    top = max(sized, key=lambda m: m.line.figures[place])
    shown = figure(top.line.figures[place], measure)
    if measure.asked.kind in ADDED:
        return message("{title}: {mark} has most, {shown} of {total}", mark=top.name, shown=shown,
                       **values)  # fmt: skip
    return message("{title}: {mark} is highest with {shown}, all together {total}",
                   mark=top.name, shown=shown, **values)  # fmt: skip


def _ratio(value: object, target: float) -> float | None:
    return float(value) / target if isinstance(value, int | float) and target else None


def footing(component: Component) -> list[str]:
    """Day, rows used, rule of conversion, and filters that do not apply; in this order."""
    day = numbers.day(component.workspace.as_of, component.workspace.settings.report_tz)
    if component.report is None:
        return [message("As of {day}.", day=day), component.absent]
    rows = component.report.blocks[0].levels.rows
    out = [
        message_of_count("As of {day}, {count} row used.", "As of {day}, {count} rows used.", rows,
                         day=day)
    ]  # fmt: skip
    if component.policy:
        out.append(message("Amounts in {policy}.", policy=component.policy))
    if component.not_filtered:
        fields = ", ".join(dict.fromkeys(f.field for f in component.not_filtered))
        out.append(message("Not filtered by {fields}: the report has no such field.",
                           fields=fields))  # fmt: skip
    if component.target is not None and component.shown_measures:
        shown = figure(component.target, component.shown_measures[0][1])
        out.append(message("Target {target}; filters do not change it.", target=shown))
    return out
