"""How a cohort table is read: denominators, unfinished cells, overlap, what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from workbench.journeys.cohort.wording import UNITS, focus, offset_name, share_title
from workbench.messages import marked, message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.results.intervals import SMALL_GROUP, wilson

if TYPE_CHECKING:
    from workbench.journeys.cohort.result import Cohort

_MODES = {
    "exact": marked("A cell counts returns in that one {unit}."),
    "consecutive": marked(
        "A cell counts those that returned in every {unit} up to it; its share is of the previous "
        "column."
    ),
    "cumulative": marked("A cell counts those that returned by then, in any {unit} up to it."),
    "unbounded": marked(
        "A cell counts those that returned then or later; the newest columns can still rise."
    ),
}


def reading(result: Cohort) -> str:
    """Denominators, unfinished and hidden cells, and how rows overlap."""
    question, grid = result.question, result.grid
    unit = message(UNITS[question.granularity]).lower()
    parts = [message(_MODES[question.mode], unit=unit)]
    if question.mode != "consecutive":
        parts.append(message("Shares are of those included in the row."))
    if question.age is not None or question.pooled:
        parts.append(message("Only containers are counted for which that time is over."))
    if grid.partial.any():
        parts.append(
            message(
                "Hatched cells are unfinished or cut by the period, so they may still change; "
                "averages leave them out."
            )
            if not question.partial_in_average
            else message("Hatched cells are unfinished or cut by the period.")
        )
    if not grid.exists.all():
        parts.append(message("Empty cells lie beyond the range: unfinished is not lost."))
    parts += _overlap(result)
    same = int(grid.sums.same.sum())
    if same and not question.zero_column and question.inclusion != question.returning:
        parts.append(
            message_of_count(
                "{count} return lies in the {unit} of inclusion itself and is not shown; "
                "zero_column=True adds it.",
                "{count} returns lie in the {unit} of inclusion itself and are not shown; "
                "zero_column=True adds them.",
                same,
                unit=unit,
            )
        )
    if result.frame["suppressed"].any():
        parts.append(message("Numbers below {n}, on either side, are hidden.", n=question.smallest))
    return " ".join([*parts, *_drawn(result)])


def _overlap(result: Cohort) -> list[str]:
    if not result.in_several_rows:
        return []
    return [
        message_of_count(
            "{count} of {total} {containers} sits in more than one row, so rows do not add up.",
            "{count} of {total} {containers} sit in more than one row, so rows do not add up.",
            result.in_several_rows,
            total=numbers.count(result.containers),
            containers=result.question.container.plural,
        )
    ]


def _drawn(result: Cohort) -> list[str]:
    from workbench.journeys.cohort.chart import visible

    parts = []
    rows, offsets = visible(result)
    total, columns = len(result.grid.labels), result.grid.offsets.size
    if len(rows) < total or len(offsets) < columns:
        parts.append(
            message(
                "The picture shows {rows} of {all_rows} rows and {columns} of {all_columns} "
                "columns; the table has all.",
                rows=len(rows),
                all_rows=total,
                columns=len(offsets),
                all_columns=columns,
            )
        )
    if result.grid.further:
        parts.append(
            message_of_count(
                "{count} further value is put together as (other).",
                "{count} further values are put together as (other).",
                result.grid.further,
            )
        )
    included = result.grid.sums.included
    small = int(np.count_nonzero((included > 0) & (included < SMALL_GROUP)))
    if small and not result.question.smallest:
        parts.append(
            message_of_count(
                "{count} row holds fewer than {n}, so its shares are rough.",
                "{count} rows hold fewer than {n}, so their shares are rough.",
                small,
                n=SMALL_GROUP,
            )
        )
    return parts


def definitions(result: Cohort) -> list[str]:
    """The question in sentences."""
    question = result.question
    settings = question.workspace.settings
    out = [
        message("Included: {words}.", words=question.inclusion.in_words()),
        message("Returned: {words}.", words=question.returning.in_words()),
        message(
            "Totals are those of one {unit}; days begin at midnight in {zone}.",
            unit=message(UNITS[question.granularity]).lower(),
            zone=settings.report_tz,
        ),
    ]
    if question.period:
        out.append(message("Period: {period}.", period=str(question.period)))
    if question.lookback:
        out.append(
            message(
                "{n} buckets before it are looked at too, for what came before inclusion.",
                n=question.lookback,
            )
        )
    if question.snap or question.lookback:
        out.append(message("The period is widened to the borders of the calendar."))
    if question.segment is not None:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    if question.first_time:
        out.append(message("Each container sits in the row of its first inclusion only."))
    elif question.dimension is None:
        out.append(message("A container sits in the row of every bucket in which it is included."))
    if question.dimension is not None:
        out.append(
            message(
                "Rows are values of {name} on the rows that include; a return may show any value.",
                name=question.dimension,
            )
        )
    if question.age is not None:
        out.append(
            message(
                "Column +1 ends {length} after the own inclusion, each further one as much later.",
                length=question.age.in_words(),
            )
        )
    if question.value is not None:
        out.append(message("Value: {words}.", words=question.value.label))
    if question.churn:
        out.append(message("Churn is 1 − retention of the same cell."))
    out.append(message("Shares carry 95 % Wilson intervals; a container is counted once a cell."))
    return out


def figures(result: Cohort) -> Block:
    """Included containers, the pooled share of one column, its spread, and the value that stays."""
    question, offset = result.question, focus(result)
    found = [
        {
            "label": message("Included {containers}", containers=question.container.plural),
            **measured.count(result.containers),
            "detail": question.inclusion.label,
        }
    ]
    if offset is None:
        return key_figures(found)
    pooled = result.averages.set_index("offset").loc[offset]
    low, high = wilson(pooled[["counted"]].to_numpy(float), pooled[["base"]].to_numpy(float))
    counts = message(
        "{n} of {base}", n=numbers.count(pooled["counted"]), base=numbers.count(pooled["base"])
    )
    found.append(
        {
            "label": f"{share_title(question)}, {offset_name(offset)}",
            **(
                measured.rate(pooled["weighted_share"])
                if result.in_several_rows
                else measured.share(pooled["counted"], pooled["base"])
            ),
            "detail": counts
            if result.in_several_rows
            else f"{counts} ({numbers.between(low[0], high[0])})",
        }
    )
    if question.value is not None:
        unit = question.workspace.settings.currency.reporting or ""
        found.append(
            {
                "label": message("Net value retention, {column}", column=offset_name(offset)),
                **measured.rate(pooled["net_value_retention"]),
                "detail": message(
                    "{value} of {begun}",
                    value=numbers.money(pooled["value"], unit),
                    begun=numbers.money(pooled["value_included"], unit),
                ),
            }
        )
    return key_figures(found)
