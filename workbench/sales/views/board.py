"""A list view as lanes: one a value of a field, each with its count and sum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

from workbench import money
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result, Scope
from workbench.results.tables import Column
from workbench.sales.catalogue import Catalogue
from workbench.sales.views import chart as drawing
from workbench.sales.views.amounts import Amount, converted
from workbench.sales.views.frames import frame_of
from workbench.sales.views.model import BoardFile

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.views.result import ListView

COLUMNS = {
    "lane": "Value of the field; empty for rows without one",
    "count": "Rows of the lane",
    "total": "Rows of the list",
    "share": "count / total",
    "amount": "Sum of the number in the lane; missing ones add nothing",
    "without_amount": "Rows of the lane without that number, or without a rate",
}


@dataclass(frozen=True, eq=False, repr=False)
class Board(Result):
    """Lanes of a list view.

    Attributes
    ----------
    view : ListView
    asked : BoardFile
    amount : Amount or None
        The number that is added.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "board"

    view: ListView
    asked: BoardFile
    amount: Amount | None

    @classmethod
    def of(cls, view: ListView, asked: BoardFile) -> Board:
        """The board of a list view.

        Raises
        ------
        ArgumentError
            For amounts in several currencies and no policy.
        """
        amount = None
        if asked.sum:
            found = view.objects.find(asked.sum)
            amount = converted(view.objects, found, view.where, view.asked.money, "board.sum")
        return cls(view, asked, amount)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a lane: stages in their order, other values by name, the empty one last."""
        objects = self.view.objects
        lane = f"coalesce({objects.find(self.asked.lane).sql}::VARCHAR, '')"
        number = self.amount.sql if self.amount else "NULL::DOUBLE"
        read = frame_of(
            objects.ask(
                f"SELECT {lane} AS lane, count(*) AS count, sum({number}) AS amount, "
                f"count(*) - count({number}) AS without_amount FROM {objects.source()} "
                f"WHERE {self.view.where} GROUP BY ALL ORDER BY lane"
            )
        )
        known = self.known_lanes()
        place = {name: n for n, name in enumerate(known)}
        read["place"] = [(place.get(v, len(place)), v == "", v) for v in read["lane"]]
        read = read.sort_values("place", kind="stable").reset_index(drop=True)
        total = int(read["count"].sum())
        return pd.DataFrame(
            {
                "lane": read["lane"].astype("str"),
                "count": read["count"].astype("int64"),
                "total": total,
                "share": read["count"].astype(float) / total if total else 0.0,
                "amount": read["amount"].astype(float),
                "without_amount": read["without_amount"].astype("int64") if self.amount else 0,
            }
        )[list(COLUMNS)]

    def known_lanes(self) -> list[str]:
        """Every lane in its order that the data know, also those without a row."""
        found = self.view.objects.find(self.asked.lane)
        if found.column != "stage" or found.table not in ("opportunities", "opportunity_history"):
            return []
        catalogue = Catalogue.of(self.view.workspace).frame
        return list(dict.fromkeys(catalogue["stage"]))

    def members(self, lane: str | None = None) -> pd.DataFrame:
        """The rows of one lane, or of all of them."""
        if self.view.asked.board == self.asked or lane is None:
            return self.view.members(lane)
        other = self.view.asked.model_copy(update={"board": self.asked})
        return replace(self.view, asked=other).members(lane)

    @property
    def currency(self) -> str:
        """Currency of the sums; empty for plain numbers."""
        return self.amount.currency if self.amount else ""

    def headline(self) -> str:
        """The lane with most rows."""
        frame = self.frame
        if frame.empty:
            return message("{title}: nothing in the list", title=self.view.title)
        top = frame.loc[frame["count"].idxmax()]
        return message(
            "{title}: {n} of {total} stand in {lane}",
            title=self.view.title,
            n=numbers.count(top["count"]),
            total=numbers.count(top["total"]),
            lane=top["lane"] or message("(empty)"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """A bar a lane, with its count and sum."""
        return drawing.lanes(self)

    def reading(self) -> str:
        """What a bar counts and what its sum adds."""
        text = message("Each bar counts the rows of the list with that {lane}.",
                       lane=self.asked.lane)  # fmt: skip
        if self.amount and self.amount.money:
            text += " " + message(
                "Sums are in {currency}, {rule}.",
                currency=self.currency or message("the one currency of the data"),
                rule=money.rule_in_words(self.view.workspace),
            )
        return text

    def definitions(self) -> list[str]:
        """Those of the list view."""
        return self.view.definitions()

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table."""
        kind = "money" if self.amount and self.amount.money else "number"
        out = [
            Column("lane", self.asked.lane),
            Column("count", message("Rows"), "count"),
            Column("share", message("Of all in the list"), "share"),
        ]
        if self.amount:
            out += [
                Column("amount", message("Sum of {field}", field=self.asked.sum), kind,
                       self.currency),
                Column("without_amount", message("Without it"), "count"),
            ]  # fmt: skip
        return tuple(out)

    @property
    def scope(self) -> Scope:  # type: ignore[override]
        """That of the list view, with rows whose number is missing."""
        base = self.view.scope
        missing = int(self.frame["without_amount"].sum())
        if not missing:
            return base
        said = message_of_count(
            "{count} row has no {field} and adds nothing to the sums.",
            "{count} rows have no {field} and add nothing to the sums.",
            missing, field=self.asked.sum,
        )  # fmt: skip
        return Scope(**{**base.__dict__, "notes": (*base.notes, said)})

    @property
    def definition(self) -> Mapping[str, Any]:  # type: ignore[override]
        """The mapping of the list view, with this board."""
        return {**self.view.definition, "board": self.asked.model_dump(mode="json")}
