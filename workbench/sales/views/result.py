"""The answer: exactly the rows that meet the description, all of them, in their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.results import numbers
from workbench.results.base import Result, Scope
from workbench.results.interactive import Interactive, interactive
from workbench.results.sheets import save_table
from workbench.results.tables import Column
from workbench.sales.views import chart as drawing
from workbench.sales.views.board import Board
from workbench.sales.views.edits import Edits, previewed
from workbench.sales.views.fields import Objects
from workbench.sales.views.frames import frame_of, local_days, shown_columns
from workbench.sales.views.model import BoardFile, ViewFile
from workbench.sales.views.schema import FieldOf, keys_of_table
from workbench.sales.views.wording import logic_in_words, scope_in_words, view_notes
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, eq=False, repr=False)
class ListView(Result):
    """Rows of one object.

    Attributes
    ----------
    workspace : Workspace
    asked : ViewFile
        The definition.
    edits : pandas.DataFrame
        Every edit laid over the source, with what became of it.
    """

    kind: ClassVar[str] = "view"

    workspace: Workspace
    asked: ViewFile
    name: str
    objects: Objects
    where: str
    shown_fields: list[FieldOf]
    order: str
    edits: pd.DataFrame
    edits_path: Path | None
    user: str
    left_out: tuple[str, ...]
    given: Mapping[str, Any]
    looked_back: bool = False

    @property
    def columns(self) -> Mapping[str, str]:  # type: ignore[override]
        """The visible columns and what they mean."""
        return {found.name: self._meaning(found) for found in self.shown_fields}

    def _meaning(self, found: FieldOf) -> str:
        if not found.table:
            return self.asked.formulas.get(found.name, found.name)
        column = self.workspace.tables[found.table].column(found.column)
        return (column.meaning if column else "") or f"{found.table}.{found.column}"

    @property
    def title(self) -> str:
        """What the list is called."""
        return self.asked.title or self.name or self.asked.object

    @cached_property
    def counts(self) -> dict[str, int]:
        """Rows of the object (``total``), in the list (``shown``), with an unknown answer."""
        read = self.objects.ask(
            f"SELECT count(*) AS total, count(*) FILTER ({self.where}) AS shown, "
            f"count(*) FILTER (({self.where}) IS NULL) AS unknown FROM {self.objects.source()}"
        )
        return {name: int(read[name].to_pylist()[0]) for name in ("total", "shown", "unknown")}

    @cached_property
    def sql(self) -> str:
        """The query of the list; its values are bound, see `objects`."""
        return self._select(self.shown_fields)

    def _select(self, fields: Iterable[FieldOf]) -> str:
        chosen = ", ".join(f"{found.sql} AS {quoted(found.name)}" for found in fields)
        return (
            f"SELECT {chosen} FROM {self.objects.source()} WHERE {self.where} ORDER BY {self.order}"
        )

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Every row of the list with the visible columns."""
        return frame_of(self.objects.ask(self.sql))

    def members(self, lane: str | None = None) -> pd.DataFrame:
        """The rows with their key and name in front; of one lane of the board when it is named.

        Parameters
        ----------
        lane : str, optional
            Value of the lane, such as a stage; the empty text for rows without one.
        """
        base = self.objects.things[0]
        front = [*keys_of_table(self.workspace, base.table), "name"]
        named = [self.objects.find(name) for name in front if name in base.columns]
        fields = list({f.name: f for f in [*named, *self.shown_fields]}.values())
        if lane is None:
            return frame_of(self.objects.ask(self._select(fields)))
        if self.asked.board is None:
            raise ArgumentError.of("lane", lane, message("a list view with a board"))
        place = self.objects.find(self.asked.board.lane)
        marked = FieldOf("␟lane", f"coalesce({place.sql}::VARCHAR, '')", "text")
        frame = frame_of(self.objects.ask(self._select([*fields, marked])))
        if lane not in set(frame["␟lane"]):
            raise ArgumentError.of("lane", lane, sorted(set(frame["␟lane"])))
        return frame[frame["␟lane"] == lane].drop(columns="␟lane").reset_index(drop=True)

    def board(self, lane: str | None = None, *, sum: str = "") -> Board:
        """The same rows as lanes with count and sum.

        Parameters
        ----------
        lane : str, optional
            Field whose values are the lanes; that of the definition when left out.
        sum : str
            Number field that is added in each lane.
        """
        asked = self.asked.board if lane is None else BoardFile(lane=lane, sum=sum)
        if asked is None:
            raise ArgumentError.of("lane", lane, message("a field, such as 'stage'"))
        return Board.of(self, asked)

    def edit(self, key: str, values: Mapping[str, Any]) -> Edits:
        """Preview new values of one row; `Edits.save` adds them to the file of edits.

        Parameters
        ----------
        key : str
            Key of the row.
        values : mapping
            Column to new value.
        """
        return previewed(self, [key], values)

    def edit_all(self, values: Mapping[str, Any], *, keys: Iterable[str] | None = None) -> Edits:
        """Preview the same new values for many rows: those named, or the whole list.

        Parameters
        ----------
        values : mapping
            Column to new value.
        keys : iterable of str, optional
        """
        if keys is None:
            own = keys_of_table(self.workspace, self.asked.object)
            keys = self.members()[own[0]].astype(str) if len(own) == 1 else []
        return previewed(self, keys, values)

    @property
    def conflicts(self) -> pd.DataFrame:
        """Edits that are not shown, because the source changed or lost the row."""
        held = self.edits[self.edits["state"].isin(["conflict", "gone"])]
        return held.reset_index(drop=True)

    def export(self, path: str | Path) -> Path:
        """Write exactly these rows and columns, in this order, as CSV or Excel.

        Parameters
        ----------
        path : str or pathlib.Path
            Ends in ``.csv`` or ``.xlsx``.
        """
        return save_table(self.frame, path, zone=self.workspace.settings.report_tz)

    def interactive(self) -> Interactive:
        """All rows as a table to search, sort and page through in JupyterLab, offline."""
        return interactive(self.table_frame(), self.shown())

    def headline(self) -> str:
        """How many rows of the object are in the list."""
        return message(
            "{title}: {shown} of {total} {table}",
            title=self.title,
            shown=numbers.count(self.counts["shown"]),
            total=numbers.count(self.counts["total"]),
            table=self.asked.object.replace("_", " "),
        )

    def chart(self) -> alt.TopLevelMixin:
        """The board where there is one, else the part of the object that is listed."""
        if self.asked.board is not None:
            return self.board().chart()
        return drawing.part(self)

    def reading(self) -> str:
        """What the rows are, and that none is cut off."""
        return message(
            "Every row that meets the conditions is listed and exported; {total} {table} are there "
            "in all.",
            total=numbers.count(self.counts["total"]),
            table=self.asked.object.replace("_", " "),
        )

    def definitions(self) -> list[str]:
        """Scope, conditions, and how missing values are treated."""
        out = [scope_in_words(self.asked), logic_in_words(self.asked)]
        if self.asked.note:
            out.append(self.asked.note)
        return [sentence for sentence in out if sentence]

    def shown(self) -> tuple[Column, ...]:
        """The visible columns."""
        return shown_columns(self.shown_fields, self.frame)

    def table_frame(self) -> pd.DataFrame:
        """The rows with dates of the reporting zone."""
        return local_days(self.frame, self.workspace.settings.report_tz)

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """Which rows were looked at, and what was left out."""
        zone = self.workspace.settings.report_tz
        return Scope(
            container=self.asked.object,
            period="",
            as_of=numbers.day(self.workspace.as_of, zone),
            events=self.counts["total"],
            notes=tuple(view_notes(self)),
        )

    @cached_property
    def definition(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The mapping that asks again."""
        return self.asked.model_dump(mode="json", exclude_defaults=True)
