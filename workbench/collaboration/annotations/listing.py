"""The list of annotations, and what can be done to each."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd

from workbench.collaboration.annotations import keeping
from workbench.collaboration.annotations.model import Annotation, kind_in_words
from workbench.collaboration.annotations.recurring import occurrences
from workbench.collaboration.projects import current_projects, project_named
from workbench.collaboration.store import existing_store, open_store, user_name
from workbench.messages import message, message_of_count
from workbench.results.base import Block
from workbench.results.blocks import action_table
from workbench.results.tables import Column
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

COLUMNS = {
    "id": "Name of the annotation, as it stands on charts",
    "first": "First day",
    "last": "Last day, included",
    "title": "What it says",
    "description": "What the title does not say",
    "kind": "One of note, holiday, campaign, release, market, tracking",
    "tags": "Tags, separated by commas",
    "repeats": "Rule by which it comes again",
    "metrics": "Shown where any of these metrics is; everywhere when empty",
    "components": "Shown where all of these dimensions, items and segments are",
    "project": "Project; empty for all",
    "view": "Workspace; empty for all",
    "by": "Who wrote it",
    "version": "1 for one that was never changed",
}


class Annotations:
    """Annotations of a workspace, made by `annotations`.

    Attributes
    ----------
    frame : pandas.DataFrame
        A line an annotation, with the columns of `COLUMNS`.
    """

    def __init__(self, workspace: Workspace, found: Sequence[Annotation], store: Any) -> None:
        self._workspace, self._found, self._store = workspace, list(found), store

    @property
    def frame(self) -> pd.DataFrame:
        """A line an annotation, in the order of days."""
        rows = [
            {
                "id": one.id, "first": pd.Timestamp(one.first), "last": pd.Timestamp(one.last),
                "title": one.title, "description": one.description, "kind": one.kind,
                "tags": ", ".join(one.tags), "repeats": one.repeats,
                "metrics": ", ".join(one.metrics), "components": ", ".join(one.components),
                "project": one.project, "view": one.view, "by": one.by, "version": one.version,
            }
            for one in self._found
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Any:
        return iter(self._found)

    def __repr__(self) -> str:
        return f"Annotations: {self.headline()}"

    def headline(self) -> str:
        """How many there are."""
        return message_of_count("{count} annotation", "{count} annotations", len(self._found))

    def change(self, identity: str, *, version: int | None = None, by: str | None = None,
               **fields: Any) -> Annotation:  # fmt: skip
        """Change some fields of an annotation, as `annotate` takes them.

        Parameters
        ----------
        identity : str
        version : int, optional
            The version that was read: refused when somebody has changed it since.
        by : str, optional
        **fields
        """
        return keeping.change(
            open_store(self._store), identity, fields, by=user_name(by),
            today=_today(self._workspace), version=version,
        )  # fmt: skip

    def remove(self, identity: str, *, by: str | None = None) -> Annotation:
        """Take an annotation away; its history stays in the store."""
        return keeping.remove(open_store(self._store), identity, by=user_name(by))

    def switch(self, level: str, name: str, *, on: bool, by: str | None = None) -> None:
        """Switch annotations off or on for a ``visual``, a ``project`` or a ``user``."""
        keeping.switch(open_store(self._store), level, name, on=on, by=user_name(by))

    def permit(self, *names: str, by: str | None = None) -> tuple[str, ...]:
        """Say who may write annotations; everybody without a name."""
        return keeping.permit(open_store(self._store), list(names), by=user_name(by))

    def block(self) -> Block:
        """The list as a part of a page."""
        frame = self.frame
        frame["kind"] = [kind_in_words(kind) for kind in frame["kind"]]
        where = [
            " · ".join(part for part in (metrics, components) if part) or message("everything")
            for metrics, components in zip(frame["metrics"], frame["components"], strict=True)
        ]
        return action_table(
            message("Annotations"), self.headline(), frame.assign(shown_on=where),
            (
                Column("id", message("Annotation")), Column("first", message("From"), "date"),
                Column("last", message("To"), "date"), Column("title", message("Title")),
                Column("description", message("Description")), Column("kind", message("Kind")),
                Column("repeats", message("Comes again")), Column("shown_on", message("Shown on")),
                Column("by", message("By")),
            ),
            anchor="annotations",
        )  # fmt: skip

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return self.block()._repr_mimebundle_(include, exclude)


def annotate(
    workspace: Workspace, *, title: str, on: str | date, description: str = "",
    tags: Sequence[str] = (), kind: str = "note", colour: str = "", repeats: str = "",
    metrics: Sequence[str] = (), components: Sequence[str] = (), project: str | None = None,
    all_views: bool = False, by: str | None = None, store: str | None = None,
) -> Annotation:  # fmt: skip
    """Say something about a day or a range of days; it is drawn on every chart that shows them.

    Parameters
    ----------
    workspace : Workspace
        Its reporting zone says what a day is.
    title : str
    on : str or date
        ``2026-03-05``, ``2026-02-25..2026-03-01`` (both included) or ``today``.
    description : str
    tags : list of str
    kind : str
        ``note``, ``holiday``, ``campaign``, ``release``, ``market`` or ``tracking``; it chooses the
        colour.
    colour : str
        ``#rrggbb`` instead.
    repeats : str
        A rule such as ``FREQ=YEARLY`` or ``FREQ=MONTHLY;BYMONTHDAY=-1``.
    metrics : list of str
        Shown only where any of these (at most 10) is: an event, a KPI, the name of an analysis.
    components : list of str
        Shown only where all of these (at most 10) are: a dimension ``industry``, an item
        ``industry=Software``, a segment by its name.
    project : str, optional
        The report or notebook it is shown in; the own one when left out, all with ``"all"``.
    all_views : bool
        Show it in every workspace, not only in this one.
    by : str, optional
        Who says it; the user when left out.
    store : str, optional
        Where it is kept, instead of ``WORKBENCH_COLLABORATION`` or the file beside the project.

    Returns
    -------
    Annotation

    Raises
    ------
    ArgumentError
        For a field that is not allowed; nothing is kept then.
    StoreError
        When the store cannot be written; nothing is kept then.

    Notes
    -----
    Source: collaboration.md, section 1. A metric that is calculated from an annotated one, and a
    segment built from one, do not inherit the annotation.
    """
    given = {
        "title": title, "on": on, "description": description, "tags": tags, "kind": kind,
        "colour": colour, "repeats": repeats, "metrics": metrics, "components": components,
        "project": project_named(project), "view": "" if all_views else workspace.name,
    }  # fmt: skip
    return keeping.keep(open_store(store), given, by=user_name(by), today=_today(workspace))


def annotations(
    workspace: Workspace, *, period: str | Period | None = None, project: str | None = None,
    store: str | None = None,
) -> Annotations:  # fmt: skip
    """List the annotations of a workspace.

    Parameters
    ----------
    workspace : Workspace
    period : str or Period, optional
        Only those with a day inside; recurring ones by their occurrences.
    project : str, optional
        With those of this project; of the own one when left out. Those of other projects are not
        listed.
    store : str, optional

    Returns
    -------
    Annotations

    Notes
    -----
    Source: collaboration.md, section 1.
    """
    opened = existing_store(store)
    found = keeping.kept(opened) if opened else []
    own = set(current_projects()) if project is None else {project}
    found = [
        one
        for one in found
        if one.view in ("", workspace.name) and (not one.project or one.project in own)
    ]
    asked = workspace.period(period)
    if asked:
        since, until = _days_of(asked, workspace)
        found = [
            one for one in found if occurrences(one.first, one.last, one.repeats, since, until)
        ]
    return Annotations(workspace, found, store)


def _days_of(period: Period, workspace: Workspace) -> tuple[date, date]:
    zone = workspace.settings.zone
    first = period.start.astimezone(zone).date() if period.start else date(1, 1, 1)
    last = workspace.as_of.astimezone(zone).date()
    if period.end is not None:
        last = (period.end - pd.Timedelta(microseconds=1)).astimezone(zone).date()
    return first, last


def _today(workspace: Workspace) -> date:
    return pd.Timestamp.now(tz=workspace.settings.report_tz).date()
