"""The question: which buying groups are complete and engaged, and who is missing or silent?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.buying_groups.gathering import BY_TABLES, gathered
from workbench.journeys.buying_groups.question import Question
from workbench.journeys.buying_groups.result import BuyingGroups
from workbench.messages import message
from workbench.vocabulary.containers import container_named
from workbench.vocabulary.durations import Duration
from workbench.vocabulary.periods import Period
from workbench.vocabulary.segments import segment_from
from workbench.workspace import Workspace


def buying_groups(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    segment: Any = None,
    by: str | None = None,
    recent: str | timedelta | Duration = "90d",
    required: Mapping[str, int] | None = None,
    decision_roles: Sequence[str] | None = None,
    cap: int = 20,
) -> BuyingGroups:
    """How complete and how engaged is each buying group, and whom does it lack?

    Where the workspace knows no buying groups, each account counts as one: its people are the
    members, with the role they have in its opportunities, or else their level.

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Members and opportunities as they stood at its end; contact inside it alone counts.
    segment : Segment or mapping, optional
        Only groups of accounts of this segment.
    by : str, optional
        Column of buying groups or accounts whose value splits the groups, such as ``"solution"``.
    recent : str
        How long back a member counts as engaged.
    required : mapping, optional
        Role to members needed, instead of the table of roles: ``{"Decision Maker": 1}``.
    decision_roles : list of str, optional
        Roles without which nothing is decided; those with the largest weight when left out.
    cap : int
        Most events of one person, kind and day that count for engagement.

    Returns
    -------
    BuyingGroups
        Its `frame` has the columns of `BuyingGroups.columns`.

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.

    Notes
    -----
    Source: b2b-data-model.md, section 4, rules 11 (completeness) and 12 (engagement).
    """
    grouped = workspace.has("buying_groups", "group_id")
    grouped = grouped or workspace.has("buying_group_members", "group_id", "person_id")
    lasting = Duration.parse(recent, "recent")
    if not lasting.microseconds:
        raise ArgumentError.of("recent", recent, message("longer than nothing, such as '90d'"))
    if not isinstance(cap, int) or isinstance(cap, bool) or cap < 1:
        raise ArgumentError.of("cap", cap, message("a whole number from 1 on"))
    question = Question(
        workspace=workspace,
        container=container_named("buying_group" if grouped else "account"),
        period=workspace.period(period),
        segment=None if segment is None else segment_from(segment),
        by=_by(workspace, by, grouped),
        recent=lasting,
        required=_required(required),
        decision_roles=_roles(decision_roles),
        cap=cap,
    )
    return BuyingGroups(question=question, found=gathered(question))


def _by(workspace: Workspace, by: str | None, grouped: bool) -> str | None:
    if by is None:
        return None
    tables = BY_TABLES if grouped else BY_TABLES[1:]
    known = {name for table in tables for name in workspace.columns_of(table)}
    if not isinstance(by, str) or not {by, f"x_{by}"} & known:
        raise AbsentError.of("by", by, sorted(name.removeprefix("x_") for name in known))
    return by


def _required(value: Mapping[str, int] | None) -> Mapping[str, int] | None:
    if value is None:
        return None
    allowed = message("a mapping of role to members needed, such as {'Decision Maker': 1}")
    if not isinstance(value, Mapping) or not value:
        raise ArgumentError.of("required", value, allowed)
    for role, number in value.items():
        whole = isinstance(number, int) and not isinstance(number, bool) and number > 0
        if not isinstance(role, str) or not role.strip() or not whole:
            raise ArgumentError.of("required", {role: number}, allowed)
    return dict(value)


def _roles(value: Sequence[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not all(isinstance(v, str) for v in listed):
        raise ArgumentError.of("decision_roles", value, message("a list of roles"))
    return tuple(listed) or None
