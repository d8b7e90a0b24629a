"""What a saved table report says: joined objects, groups, measures, a format."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, model_validator

from workbench.messages import message
from workbench.sales.views.model import Asked, Filter, Plain, Sort

AGGREGATES = ("count", "distinct", "sum", "avg", "median", "min", "max", "percentile", "formula")
CALENDAR = ("day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year")
FORMATS = ("table", "summary", "matrix", "joined")
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")


class Join(Plain):
    """A related object: ``with`` rows that have it, ``with_or_without`` all, ``without`` none.

    Attributes
    ----------
    on : str
        The column that refers, where there are several.
    to : str
        The object that it is joined to, by its name in the report.
    name : str
        The name by which fields say it; that of the table when left out.
    filters, logic
        Only such rows of the joined object count.
    """

    with_: str = Field("", alias="with")
    with_or_without: str = ""
    without: str = ""
    on: str = ""
    to: str = ""
    name: str = ""
    filters: tuple[Filter, ...] = ()
    logic: str = ""

    @model_validator(mode="after")
    def _one(self) -> Join:
        if sum(map(bool, (self.with_, self.with_or_without, self.without))) != 1:
            raise ValueError(message("a join needs one of 'with', 'with_or_without' and 'without'"))
        return self

    @property
    def table(self) -> str:
        """The table that is joined."""
        return self.with_ or self.with_or_without or self.without


class Bucket(Plain):
    """Groups of values: edges of a number, or lists of texts. Else and empty are always there.

    Attributes
    ----------
    edges : list of number
        Each bucket holds its lower edge; the last one its upper edge as well.
    lists : mapping
        Name of each bucket to its values.
    otherwise : str
        What the others are called; written ``else``.
    """

    field: str = Field(min_length=1)
    edges: tuple[float, ...] = ()
    lists: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    otherwise: str = Field("", alias="else")

    @model_validator(mode="after")
    def _whole(self) -> Bucket:
        if bool(self.edges) == bool(self.lists):
            raise ValueError(message("a bucket needs either edges or lists"))
        if self.edges and (
            len(self.edges) < 2
            or any(a >= b for a, b in zip(self.edges, self.edges[1:], strict=False))
        ):
            raise ValueError(message("edges are two or more rising numbers"))
        values = [value for listed in self.lists.values() for value in listed]
        if len(values) != len(set(values)):
            raise ValueError(message("a value stands in two lists"))
        return self


class Group(Plain):
    """A field or bucket whose values are the groups; dates by a unit of the calendar."""

    field: str = Field(min_length=1)
    by: Literal[
        "", "day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"
    ] = ""  # fmt: skip
    name: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"field": given} if isinstance(given, str) else given

    @property
    def label(self) -> str:
        """What the group is called."""
        return self.name or (f"{self.field} ({self.by.replace('_', ' ')})" if self.by
                             else self.field)  # fmt: skip


class Measure(Plain):
    """One figure of each group.

    Attributes
    ----------
    count : str
        ``rows``, or an object: its different rows.
    distinct : str
        A field: its different values.
    sum, avg, median, min, max : str
        A number field; an object whose rows repeat through a join counts each row once.
    percentile : str
        A number field, with `p` from 0 to 100; ``p90: amount`` is short for it.
    formula : str
        A formula over other measures, worked out anew at each subtotal.
    as_ : str
        Its name; written ``as``.
    filters, logic
        Only such rows count.
    unit : {"", "share", "days"}
    """

    count: str = ""
    distinct: str = ""
    sum: str = ""
    avg: str = ""
    median: str = ""
    min: str = ""
    max: str = ""
    percentile: str = ""
    p: float | None = Field(None, ge=0, le=100)
    formula: str = ""
    as_: str = Field("", alias="as")
    filters: tuple[Filter, ...] = ()
    logic: str = ""
    null_is_false: bool = False
    unit: Literal["", "share", "days"] = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {given: "rows"} if given == "count" else {"formula": given}
        if not isinstance(given, dict):
            return given
        out: dict[Any, Any] = {}
        for key, value in given.items():
            found = _PERCENTILE.fullmatch(key) if isinstance(key, str) else None
            out.update({"percentile": value, "p": float(found[1])} if found else {key: value})
        return out

    @model_validator(mode="after")
    def _one(self) -> Measure:
        if len(self.kinds) != 1:
            raise ValueError(
                message("a value needs one of {kinds}", kinds=", ".join(map(repr, AGGREGATES)))
            )
        if (self.kind == "percentile") != (self.p is not None):
            raise ValueError(message("'percentile' and 'p' go together"))
        if self.kind == "formula" and self.filters:
            raise ValueError(message("a formula has no filters; give them to what it names"))
        return self

    @property
    def kinds(self) -> list[str]:
        """Aggregates that are named."""
        return [kind for kind in AGGREGATES if getattr(self, kind)]

    @property
    def kind(self) -> str:
        """The aggregate."""
        return self.kinds[0]

    @property
    def field(self) -> str:
        """What is aggregated."""
        return str(getattr(self, self.kind))

    @property
    def name(self) -> str:
        """What the figure is called."""
        if self.as_:
            return self.as_
        if self.kind == "count":
            return self.field
        if self.kind == "percentile":
            return f"p{self.p:g} {self.field}"
        return self.field if self.kind == "formula" else f"{self.kind} {self.field}"


class Trend(Plain):
    """The value of every deal on the first day of each month of a period."""

    period: str = Field(min_length=1)


class TableFile(Asked):
    """A table report.

    Attributes
    ----------
    join : list of Join
        Up to three further objects.
    trend : Trend
        Look at opportunities month by month instead of as they stand.
    buckets : mapping
        Name to `Bucket`; a group may be one of them.
    rows : list of Group
        Groups of rows, nested.
    columns : list of Group
        Fields of a plain table; groups of the columns of a matrix.
    values : list of Measure
    sort : list of Sort
        Fields of a plain table; measures or groups of the others.
    format : {"table", "summary", "matrix", "joined"}
        Found out from rows, columns and blocks when left out.
    blocks : list of TableFile
        Reports that share their groups, side by side.
    """

    object: str = ""
    join: tuple[Join, ...] = Field((), max_length=3)
    trend: Trend | None = None
    buckets: dict[str, Bucket] = Field(default_factory=dict)
    rows: tuple[Group, ...] = ()
    columns: tuple[Group, ...] = ()
    values: tuple[Measure, ...] = ()
    sort: tuple[Sort, ...] = ()
    format: Literal["", "table", "summary", "matrix", "joined"] = ""
    blocks: tuple[TableFile, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> TableFile:
        if bool(self.blocks) == bool(self.object):
            raise ValueError(message("a report needs an object, or blocks that have theirs"))
        if self.trend and self.object != "opportunities":
            raise ValueError(message("a trend looks at 'object: opportunities'"))
        needed = {
            "table": not self.rows and not self.blocks,
            "summary": bool(self.rows or self.values) and not self.columns,
            "matrix": bool(self.rows and self.columns),
            "joined": bool(self.blocks),
        }
        if self.format and not needed[self.format]:
            raise ValueError(message("the format {format!r} does not go with its rows and columns",
                                     format=self.format))  # fmt: skip
        if self.blocks and self.kind != "joined":
            raise ValueError(message("blocks need 'format: joined'"))
        return self

    @property
    def kind(self) -> str:
        """The format, found out where it is not named."""
        if self.format:
            return self.format
        if self.blocks:
            return "joined"
        if self.rows:
            return "matrix" if self.columns else "summary"
        return "summary" if self.values and not self.columns else "table"
