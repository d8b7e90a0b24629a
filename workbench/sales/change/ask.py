"""The question: how did the open pipeline change between two days, and through which deals?"""

from __future__ import annotations

from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.sales.change.question import Question
from workbench.sales.change.result import PipelineChange
from workbench.sales.change.sides import compared
from workbench.sales.fiscal import fiscal_periods
from workbench.sales.ranges import Range, as_date, day_of, midnight, read_range
from workbench.vocabulary.periods import Period, microseconds_of
from workbench.workspace import Workspace

HISTORIES = ("any", "full")
USUAL_DAYS = 7


def pipeline_change(
    workspace: Workspace,
    *,
    since: str | None = None,
    until: str | None = None,
    period: str | Period | None = None,
    where: Any = None,
    by: str | None = None,
    history: str = "any",
    earlier: Workspace | None = None,
) -> PipelineChange:
    """The open pipeline of one day and of a later one, and every deal that makes the difference.

    Start + new + moved in + reopened + increased − decreased − moved out − won − lost − deleted
    ± exchange rates = end, to the cent; anything else is refused with the deals that cause it.

    Parameters
    ----------
    workspace : Workspace
    since : str, optional
        First day of the change: the deals stand as they did when it began. The first day of
        `period` when left out, if that has come; else seven days before `until`.
    until : str, optional
        Last day of the change: the deals stand as they did when it ended. `as_of` when left out.
    period : str, optional
        Days of expected closing, such as ``"2026-Q1"``, ``"this fiscal quarter"`` or
        ``"FY2026 Q2"``; all open deals when left out.
    where : mapping, optional
        Only deals that meet this condition on their present columns.
    by : str, optional
        Column that splits the deals: ``owner``, ``pipeline``, ``type``, ``accounts.industry``, …
    history : {"any", "full"}
        ``full`` leaves out deals whose history does not begin with their creation. Else they take
        part as they stand in the table, open from creation to closing, and every bar says how
        much of it rests on them.
    earlier : Workspace, optional
        An older export of the same system: the deals stand at first as in its tables, and those
        that are gone since are deleted. Takes the place of `since`.

    Returns
    -------
    PipelineChange
        Its `frame` has the columns of `PipelineChange.columns`.

    Raises
    ------
    AbsentError
        When there are no opportunities, or no such column.
    ArgumentError
        Before any row is read, for a value that is not allowed.
    DataError
        When the identity does not hold; the deals are named.

    Notes
    -----
    Source: sales-pipeline.md, section 2 (pipeline change) and 8; b2b-data-model.md, section 4,
    rule 9 (effect of exchange rates). A deal that leaves the period leaves with its first amount,
    one that enters, is won or lost does so with its last; exchange rates are what the last amount
    is worth more, or less, than at the first rate.
    """
    if history not in HISTORIES:
        raise ArgumentError.of("history", history, HISTORIES)
    if earlier is not None and not isinstance(earlier, Workspace):
        raise ArgumentError.of("earlier", earlier, message("a workspace of an older export"))
    if earlier is not None and since is not None:
        raise ArgumentError.of(
            "since", since, message("nothing beside earlier, whose newest instant is the first")
        )
    zone = workspace.settings.report_tz
    calendar = fiscal_periods(workspace)
    closing = read_range(workspace, period, as_of=workspace.as_of, calendar=calendar)
    last = _last_day(workspace, until)
    if earlier is not None:
        start, first = microseconds_of(earlier.as_of), day_of(earlier.as_of, zone)
    else:
        first = _first_day(workspace, since, closing, last)
        start = midnight(first, zone) - 1
    end = min(midnight(last + 1, zone) - 1, microseconds_of(workspace.as_of))
    if start >= end:
        raise ArgumentError.of(
            "since",
            since if earlier is None else earlier.name,
            message(
                "a day before the end of the change, {day} (these data are known until {now})",
                day=numbers.day(as_date(last)),
                now=numbers.day(workspace.as_of, zone),
            ),
        )
    question = Question(
        workspace=workspace,
        earlier=earlier,
        since=start,
        until=end,
        since_day=first,
        until_day=last,
        period=closing,
        where=where,
        by=by,
        history=history,
    )
    return PipelineChange(question, compared(question))


def _last_day(workspace: Workspace, until: str | None) -> int:
    today = day_of(workspace.as_of, workspace.settings.report_tz)
    if until is None or until == "":
        return today
    found = read_range(workspace, until, as_of=workspace.as_of, argument="until")
    if found.after is None:
        raise ArgumentError.of("until", until, message("a day such as '2026-03-31'"))
    return min(found.after - 1, today)


def _first_day(workspace: Workspace, since: str | None, closing: Range, last: int) -> int:
    if since is None or since == "":
        usual = last - USUAL_DAYS + 1
        return closing.first if closing.first is not None and closing.first <= last else usual
    found = read_range(workspace, since, as_of=workspace.as_of, argument="since")
    if found.first is None:
        raise ArgumentError.of("since", since, message("a day such as '2026-01-01'"))
    return found.first
