"""The question: what happened at this account, and what came before and after what mattered?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.records import column
from workbench.journeys.timeline.milestones import is_turn
from workbench.journeys.timeline.question import Question
from workbench.journeys.timeline.result import Timeline
from workbench.journeys.timeline.rows import rows_of
from workbench.messages import message
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

_CLOSEST = 5


def timeline(
    workspace: Workspace,
    *,
    account: str | None = None,
    period: str | Period | None = None,
    milestones: Sequence[str] | None = None,
    people: int = 12,
) -> Timeline:
    """The play-by-play of one account: milestones, people by lane, opportunities, activity.

    Parameters
    ----------
    workspace : Workspace
    account : str, optional
        Its key, or its name in any case; a name that several accounts have is refused. The one
        that went through most different milestones when left out.
    period : str, optional
        Range of dates of the reporting zone; only rows inside are told.
    milestones : list of str, optional
        Events that count as milestones, instead of leads, MQL and SQL, opportunities and their
        stages, attendance, contracts, subscriptions and churn.
    people : int
        People that get a lane of their own in the picture; the rest share one.

    Returns
    -------
    Timeline
        Its `frame` has the columns of `Timeline.columns`: rows of a day, person, session, event
        and opportunity together, with their number.

    Raises
    ------
    AbsentError
        For an account or an event that is not there, with the closest ones that are.
    ArgumentError
        Before any row is read, for a value that is not allowed.
    """
    if not isinstance(people, int) or isinstance(people, bool) or people < 1:
        raise ArgumentError.of("people", people, message("a whole number from 1 on"))
    asked = workspace.period(period)
    chosen = _milestones(workspace, milestones)
    key, name = _account(
        workspace, _richest(workspace, asked, chosen) if account is None else account
    )
    question = Question(workspace, key, name, asked, chosen, people)
    return Timeline(question=question, rows=rows_of(question))


def _milestones(workspace: Workspace, value: Sequence[str] | None) -> tuple[str, ...] | None:
    if value is None:
        return None
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list | tuple) or not listed:
        raise ArgumentError.of("milestones", value, message("a list of event names"))
    known = workspace.events.dictionary("event").to_pylist()
    for name in listed:
        if name not in known:
            raise AbsentError.of("milestones", name, known)
    return tuple(listed)


def _richest(workspace: Workspace, asked: Period, chosen: tuple[str, ...] | None) -> str:
    """The account with most kinds of milestones, then with most rows of them."""
    store = workspace.events
    stream = store.stream("account")
    if not len(store):
        raise AbsentError.of("account", None, message("a workspace with events"))
    names = [str(name) for name in store.dictionary("event").to_pylist()]
    turning = np.array([*(n in chosen if chosen else is_turn(n) for n in names), False])
    rows = np.flatnonzero(turning[store.column("event")])
    start, end = workspace.bounds(asked)
    rows = rows[(store.times[rows] >= start) & (store.times[rows] < end)]
    owner = np.searchsorted(stream.offsets, rows, side="right") - 1
    pairs = np.unique(np.stack([owner, store.column("event")[rows]]), axis=1)[0]
    kinds = np.bincount(pairs, minlength=len(stream))
    best = np.lexsort((-np.bincount(owner, minlength=len(stream)), -kinds))[0]
    return str(store.container_names(stream)[best])


def _account(workspace: Workspace, value: str) -> tuple[str, str]:
    """Key and readable name of the account that is meant."""
    if not isinstance(value, str) or not value.strip():
        raise ArgumentError.of("account", value, message("the key or the name of an account"))
    known, parameters = _known(workspace)
    found = workspace.sql(
        f"SELECT key, name FROM ({known}) WHERE key = ? OR lower(trim(name)) = lower(trim(?)) "
        "ORDER BY key <> ?, key LIMIT 6",
        [*parameters, value, value, value],
    )
    exact = found[found["key"] == value]
    if len(exact):
        return value, str(exact["name"].iloc[0])
    if len(found) == 1:
        return str(found["key"].iloc[0]), str(found["name"].iloc[0])
    if len(found):
        raise ArgumentError.of(
            "account",
            value,
            message("one account"),
            message(
                "Several have this name; name one by its key: {keys}.",
                keys=", ".join(map(repr, found["key"])),
            ),
        )
    if value in workspace.events.dictionary("account_id").to_pylist():
        return value, value
    closest = workspace.sql(
        f"SELECT key, name FROM ({known}) ORDER BY greatest("
        "jaro_winkler_similarity(lower(name), lower(?)), jaro_winkler_similarity(key, ?)) DESC, "
        f"name, key LIMIT {_CLOSEST}",
        [*parameters, value, value],
    )
    names = [
        repr(name) if name == key else f"{name!r} ({key})"
        for key, name in zip(closest["key"], closest["name"], strict=True)
    ]
    todo = (
        message("Closest: {names}.", names=", ".join(names))
        if names
        else message("The workspace holds no account.")
    )
    raise AbsentError.of("account", value, message("the key or the name of an account"), todo)


def _known(workspace: Workspace) -> tuple[str, list[object]]:
    """A query of key and name of every account, with its values."""
    if workspace.has("accounts", "account_id"):
        name = column(workspace, "accounts", "name", "VARCHAR")
        return (
            f"SELECT t.account_id::VARCHAR AS key, coalesce(nullif(trim({name}), ''), "
            "t.account_id::VARCHAR) AS name FROM accounts t WHERE t.account_id IS NOT NULL",
            [],
        )
    keys = workspace.events.dictionary("account_id").to_pylist()
    return "SELECT k AS key, k AS name FROM (SELECT unnest(?::VARCHAR[]) AS k)", [keys]
