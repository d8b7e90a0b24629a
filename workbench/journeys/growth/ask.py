"""The question: which customers could buy more, which are in danger, and why?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.growth.contracts import source_of
from workbench.journeys.growth.gathering import gathered
from workbench.journeys.growth.question import DEFAULTS, Question
from workbench.journeys.growth.result import Growth
from workbench.messages import message
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace

ITEMS = ("product", "feature")


def growth(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    segment: Any = None,
    by: str | None = None,
    weeks: int = 8,
    near_limit: float = 0.8,
    item: str | None = None,
    owned_within: str | Duration = "180d",
    comparable_by: str | None = None,
    comparable_share: float = 0.5,
    least_comparable: int = 10,
    ends_within: str | Duration = "90d",
    usage_event: str = "product_used",
    contracts: str | Mapping[str, str] | None = None,
) -> Growth:
    """Upsell and cross-sell candidates among the customers, and their health, with reasons.

    There is no score from a black box: every reason is a count that can be read and opened. What
    the workspace does not hold (use, seats, contracts, direction of contacts) is said and left
    out; the rest is still answered.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Customers as they stood at its end; nothing after it is looked at.
    segment : Segment or mapping, optional
        Only customers of this segment.
    by : str, optional
        Column of accounts whose value splits the customers, such as ``"industry"``.
    weeks : int
        Recent weeks, held against as many before (use) and three times as many (contact).
    near_limit : float
        Share of the seats in use from which the limit counts as near.
    item : {"product", "feature"}, optional
        What is owned and could be sold; products where use names them, else features.
    owned_within : str
        Use within this time counts as owning.
    comparable_by : str, optional
        Column of accounts within which customers are comparable; the industry when left out.
    comparable_share : float
        Share of comparable customers that must use an item for it to be suggested.
    least_comparable : int
        Fewer comparable customers than this, and all customers are compared with.
    ends_within : str
        A contract that ends within this time is near its end.
    usage_event : str
        Event of product use.
    contracts : str or mapping, optional
        Table of contracts, or ``{"table": …, "start": …, "end": …, "account": …, "plan": …}``;
        a table called contracts or subscriptions is found without.

    Returns
    -------
    Growth
        Its `frame` has the columns of `Growth.columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: b2b-data-model.md, section 4, rule 8 (who is a customer).
    """
    _check(weeks, near_limit, comparable_share, least_comparable, item, usage_event)
    known = sorted(name.removeprefix("x_") for name in workspace.columns_of("accounts"))
    for argument, value in (("by", by), ("comparable_by", comparable_by)):
        if value is not None and value not in known:
            raise AbsentError.of(argument, value, known)
    if comparable_by is None and "industry" in known:
        comparable_by = "industry"
    question = Question(
        workspace=workspace,
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        by=by,
        weeks=weeks,
        near_limit=float(near_limit),
        item=item,
        owned_within=Duration.parse(owned_within, "owned_within"),
        comparable_by=comparable_by,
        comparable_share=float(comparable_share),
        least_comparable=least_comparable,
        ends_within=Duration.parse(ends_within, "ends_within"),
        usage_event=usage_event,
        contracts=source_of(workspace, contracts),
        asked_contracts=contracts,
    )
    return Growth(question=question, found=gathered(question))


def _check(
    weeks: Any, near_limit: Any, share: Any, least: Any, item: Any, usage_event: Any
) -> None:
    for name, value, low, high in (
        ("weeks", weeks, 2, 104),
        ("least_comparable", least, 1, 1_000_000),
    ):
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ArgumentError.of(
                name,
                value,
                message("a whole number from {low} to {high}", low=low, high=f"{high:,}"),
            )
    for name, value in (("near_limit", near_limit), ("comparable_share", share)):
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 < value <= 1:
            raise ArgumentError.of(
                name,
                value,
                message("a share above 0 and up to 1, such as {n}", n=DEFAULTS[name]),
            )
    if item is not None and item not in ITEMS:
        raise ArgumentError.of("item", item, ITEMS)
    if not isinstance(usage_event, str) or not usage_event.strip():
        raise ArgumentError.of("usage_event", usage_event, message("the name of an event"))
