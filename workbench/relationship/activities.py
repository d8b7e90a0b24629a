"""Mails, calls, meetings and tasks as columns, in the order of their times.

Source: relationship-analytics.md, sections 2 and 3; b2b-data-model.md, section 4, rules 6 and 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.errors import AbsentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.relationship.participants import (
    People,
    Present,
    codes_of,
    people_of,
    present_of,
)
from workbench.relationship.records import NEVER
from workbench.relationship.sorting import places_of
from workbench.relationship.threads import threads_of
from workbench.vocabulary.periods import bucket
from workbench.workspace import Workspace

TYPES = ("email", "call", "meeting", "task", "other")
EMAIL, CALL, MEETING, TASK, OTHER = range(5)
IN, OUT, NONE = 0, 1, -1
DONE, PLANNED, CANCELLED = 0, 1, 2
KEYS = ("activity_id", "owner_id", "person_id", "account_id", "opportunity_id", "lead_id")
_LAST = np.iinfo(np.int64).max
_kept: WeakKeyDictionary[Workspace, Activities] = WeakKeyDictionary()


@dataclass(frozen=True)
class Activities:
    """All activities, earliest first, equal times by their keys; one place an activity.

    Attributes
    ----------
    workspace : Workspace
    table : pyarrow.Table
        The text columns `KEYS` and ``subject`` as they were read; null where there is none.
    row : numpy.ndarray of int64
        Row of the table of each activity.
    people : People
        Codes of persons and users.
    present : Present
        Who took part, by activity.
    kind : numpy.ndarray of int8
        Place in `TYPES`.
    direction : numpy.ndarray of int8
        `IN`, `OUT` or `NONE`: as written, else the side that sent or called; of a meeting the
        side of its organizer.
    status : numpy.ndarray of int8
        `DONE`, `PLANNED` or `CANCELLED`, as written.
    at : numpy.ndarray of int64
        When it began or was sent, of a task when it was done or is due; `NEVER` where unknown.
    ended : numpy.ndarray of int64
        When it was done, else its end, else `at`.
    minutes : numpy.ndarray of float
        Duration; NaN where unknown.
    followed, opened, clicked, attachment : numpy.ndarray of bool
        Whether a mail was tracked, and whether anybody opened it, a link, or an attachment.
    thread : numpy.ndarray of int64
        Code of the mail thread; -1 for what is no mail.
    automatic : numpy.ndarray of bool
        Whether the subject is that of an automatic reply.
    """

    workspace: Workspace
    table: pa.Table
    row: np.ndarray
    people: People
    present: Present
    kind: np.ndarray
    direction: np.ndarray
    status: np.ndarray
    at: np.ndarray
    ended: np.ndarray
    minutes: np.ndarray
    followed: np.ndarray
    opened: np.ndarray
    clicked: np.ndarray
    attachment: np.ndarray
    thread: np.ndarray
    automatic: np.ndarray

    def __len__(self) -> int:
        return self.kind.size

    @cached_property
    def begins(self) -> np.ndarray:
        """Where the participants of each activity begin, and where the last ones end."""
        return places_of(self.present.activity, len(self))

    @cached_property
    def ended_on(self) -> np.ndarray:
        """Day of the reporting zone on which each activity ended, since 1970; 0 for none."""
        out = np.zeros(len(self), np.int64)
        known = np.flatnonzero(self.ended != NEVER)
        if known.size:
            zone = self.workspace.settings.report_tz
            local = bucket(self.ended[known], "day", zone).to_numpy().astype("M8[D]")
            out[known] = local.astype(np.int64)
        return out

    def text_of(self, name: str, places: np.ndarray) -> np.ndarray:
        """A text column of some activities as objects; None for place -1."""
        rows = np.append(self.row, -1)[places]
        found = self.table.column(name).take(pa.array(rows, mask=rows < 0))
        return np.asarray(found.to_numpy(zero_copy_only=False), object)

    def column(self, name: str) -> pa.Array:
        """A text column of all activities."""
        return self.table.column(name).combine_chunks().take(pa.array(self.row))

    def coded(self, name: str, code: Callable[[pa.Array], np.ndarray]) -> np.ndarray:
        """A text column of all activities as codes."""
        return code(self.table.column(name).combine_chunks())[self.row]

    def done_by(self, instant: int, auto_complete_past: bool = True) -> np.ndarray:
        """Whether each activity was done by an instant.

        Parameters
        ----------
        instant : int
            Microseconds since 1970.
        auto_complete_past : bool
            Calls and meetings that nobody closed count as done once they are over.
        """
        done = self.status == DONE
        if auto_complete_past:
            done = done | ((self.status == PLANNED) & np.isin(self.kind, (CALL, MEETING)))
        return done & (self.at != NEVER) & (self.at <= instant) & (self.ended <= instant)


def activities_of(workspace: Workspace) -> Activities:
    """The activities of a workspace; read once.

    Raises
    ------
    AbsentError
        When the workspace has no table of activities.
    """
    if workspace not in _kept:
        _kept[workspace] = _read(workspace)
    return _kept[workspace]


def _read(workspace: Workspace) -> Activities:
    if "activities" not in workspace.tables:
        raise AbsentError.of(
            "workspace",
            workspace.name,
            message("a workspace with a table of activities"),
            message("Name it under tables: in the workspace file."),
        )
    table = workspace.arrow(_query(workspace), {"zone": workspace.settings.report_tz})
    row = _in_order(table)

    def whole(name: str, nothing: int, kind: type) -> np.ndarray:
        return table.column(name).fill_null(nothing).to_numpy().astype(kind, copy=False)[row]

    def marks(name: str) -> np.ndarray:
        return table.column(name).to_numpy(zero_copy_only=False).astype(bool, copy=False)[row]

    kind = whole("kind", OTHER, np.int8)
    at = whole("begun_at", int(NEVER), np.int64)
    people = people_of(workspace)
    keys = table.column("activity_id").combine_chunks().take(pa.array(row))
    present = present_of(
        workspace, people, kind, lambda wanted: codes_of(wanted, keys),
        people.user_codes(table.column("owner_id"))[row],
        people.person_codes(table.column("person_id"))[row],
    )  # fmt: skip
    written = whole("way", NONE, np.int8)
    from_side = present.starter
    by_organizer = np.where(present.has_organizer, from_side, written)
    direction = np.where(kind == MEETING, by_organizer, np.where(written < 0, from_side, written))
    return Activities(
        workspace=workspace,
        table=table.select([*KEYS, "subject"]),
        row=row,
        people=people,
        present=present,
        kind=kind,
        direction=direction.astype(np.int8),
        status=whole("state", PLANNED, np.int8),
        at=at,
        ended=whole("ended", int(NEVER), np.int64),
        minutes=table.column("minutes").fill_null(float("nan")).to_numpy().astype(float)[row],
        followed=marks("followed"),
        opened=marks("opened"),
        clicked=marks("clicked"),
        attachment=marks("attachment"),
        thread=threads_of(table, row, at, kind == EMAIL, present),
        automatic=marks("automatic"),
    )


# Activities of one instant stand in this order, so that rows of a file may come in any.
_TIES = ("activity_id", "kind", "way", "subject", "thread_id", "person_id", "opportunity_id",
         "account_id", "minutes")  # fmt: skip


def _in_order(table: pa.Table) -> np.ndarray:
    """Rows by the time of their activities, those without one last; equal times by their keys."""
    at = table.column("begun_at").fill_null(_LAST).to_numpy()
    order = np.argsort(at)
    same = at[order][1:] == at[order][:-1]
    tied = np.flatnonzero(np.append(False, same) | np.append(same, False))
    if tied.size:
        rows = order[tied]
        apart = table.select(["begun_at", *_TIES]).take(rows)
        keys = [(name, "ascending") for name in ("begun_at", *_TIES)]
        order[tied] = rows[pc.sort_indices(apart, sort_keys=keys)]
    return order


AUTOMATIC = (
    r"^\s*(automatic reply|auto[- ]?reply|auto[- ]?response|out of (the )?office|abwesenheit|"
    r"automatische antwort|réponse automatique|respuesta automática|自動返信|自動応答|自动回复)"
)
_PREFIXES = r"^((re|fw|fwd|aw|wg|sv|tr|rv|回复|答复|转发|返信|転送)(\[\d+\])?\s*[:：]\s*)+"


def _query(workspace: Workspace) -> str:
    columns = workspace.columns_of("activities")

    def of(name: str, kind: str = "VARCHAR") -> str:
        for candidate in (name, f"x_{name}"):
            if candidate in columns:
                return f"{quoted(candidate)}::{kind}"
        return f"NULL::{kind}"

    start, end, done = (
        f"epoch_us({of(n, 'TIMESTAMPTZ')})" for n in ("start_at", "end_at", "done_at")
    )
    due = f"epoch_us(({of('due_on', 'DATE')} + INTERVAL 1 DAY)::TIMESTAMP AT TIME ZONE $zone) - 1"
    task = f"lower({of('type')}) NOT IN ('email', 'call', 'meeting')"
    at = (
        f"CASE WHEN coalesce({task}, true) THEN coalesce({done}, {due}, {start}, {end}) "
        f"ELSE coalesce({start}, {done}, {end}, {due}) END"
    )
    kinds = " ".join(f"WHEN '{name}' THEN {n}" for n, name in enumerate(TYPES))
    length = f"CASE WHEN {end} >= {start} THEN ({end} - {start}) / 6e7 END"
    subject = of("subject")
    plain = f"lower(trim(regexp_replace(trim({subject}), '{_PREFIXES}', '', 'i')))"
    keys = ", ".join(f"{of(name)} AS {name}" for name in KEYS)
    return (
        f"SELECT {keys}, {subject} AS subject, {of('thread_id')} AS thread_id, {plain} AS plain, "
        f"CASE lower({of('type')}) {kinds} ELSE {OTHER} END AS kind, "
        f"CASE lower({of('direction')}) WHEN 'in' THEN {IN} WHEN 'out' THEN {OUT} END AS way, "
        f"CASE WHEN lower({of('status')}) IN ('done', 'completed', 'closed') THEN {DONE} "
        f"WHEN lower({of('status')}) IN ('cancelled', 'canceled') THEN {CANCELLED} "
        f"WHEN {of('status')} IS NULL AND ({done} IS NOT NULL OR lower({of('type')}) = 'email') "
        f"THEN {DONE} ELSE {PLANNED} END AS state, "
        f"{at} AS begun_at, coalesce({done}, {end}, {at}) AS ended, "
        f"coalesce({of('duration_min', 'DOUBLE')}, {length}) AS minutes, "
        f"coalesce({of('followed', 'BOOLEAN')}, false) AS followed, "
        f"coalesce({of('opens', 'DOUBLE')} > 0, false) AS opened, "
        f"coalesce({of('clicks', 'DOUBLE')} > 0, false) AS clicked, "
        f"coalesce({of('attachment_opens', 'DOUBLE')} > 0, false) AS attachment, "
        f"coalesce(regexp_matches({subject}, '{AUTOMATIC}', 'i'), false) AS automatic "
        "FROM activities"
    )
