"""What a saved dashboard says: a grid of components, each bound to one saved report."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, model_validator

from workbench.messages import message
from workbench.sales.views.model import Filter, Plain

TYPES = (
    "number", "gauge", "bar", "column", "stacked", "line", "donut", "funnel", "scatter", "table",
)  # fmt: skip
SINGLE = ("number", "gauge")


class Target(Plain):
    """A target: a number, or those of the table of targets that hold on the day looked at.

    Attributes
    ----------
    value : float
    kpi : str
        ``kpi_id`` of the table; targets of different teams or owners are added.
    team, owner, segment : str
        Only those of this team, owner or segment.
    """

    value: float | None = None
    kpi: str = ""
    team: str = ""
    owner: str = ""
    segment: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"value": given}
        return {"kpi": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one(self) -> Target:
        if (self.value is None) != bool(self.kpi):
            raise ValueError(message("a target is a number, or a kpi of the table of targets"))
        return self


class ComponentFile(Plain):
    """One picture.

    Attributes
    ----------
    type : str
        One of `TYPES`.
    report : str or mapping
        Name or path of a saved table report, or the report itself.
    id, title : str
    group, series : str
        Groups of the report; its first group, and for stacked its second one, when left out.
    value : str
        A figure of the report; the first when left out.
    x, y : str
        Figures of a scatter.
    sort : str
        ``value`` or ``group``, ``-value`` or ``-group`` for falling order; the order of the report
        when left out.
    top : int
        As many of the largest groups; the others become one.
    reference : float
        A line.
    target : Target
    min, max, breakpoints
        Ends of a gauge, and the two values at which its colour changes.
    width : int
        Columns of the grid that it takes.
    """

    type: Literal[
        "number", "gauge", "bar", "column", "stacked", "line", "donut", "funnel", "scatter",
        "table",
    ]  # fmt: skip
    report: str | dict[str, Any]
    id: str = ""
    title: str = ""
    group: str = ""
    series: str = ""
    value: str = ""
    x: str = ""
    y: str = ""
    sort: Literal["", "value", "-value", "group", "-group"] = ""
    top: int | None = Field(None, ge=1, le=100)
    reference: float | None = None
    target: Target | None = None
    min: float = 0.0
    max: float | None = None
    breakpoints: tuple[float, ...] = ()
    width: int = Field(1, ge=1, le=4)

    @model_validator(mode="after")
    def _fits(self) -> ComponentFile:
        if self.type == "gauge":
            edges = (self.min, *self.breakpoints, self.max or 0.0)
            rising = all(a < b for a, b in pairwise(edges))
            if self.max is None or len(self.breakpoints) != 2 or not rising:
                raise ValueError(
                    message("a gauge needs min, two breakpoints and max, in rising order")
                )
        elif self.max is not None or self.breakpoints or self.min:
            raise ValueError(message("min, max and breakpoints belong to a gauge"))
        if (self.type == "scatter") != bool(self.x and self.y):
            raise ValueError(message("x and y belong to a scatter, which needs both"))
        if self.series and self.type not in ("stacked", "line"):
            raise ValueError(message("a series belongs to stacked or line"))
        if self.top and self.type in (*SINGLE, "scatter", "table"):
            raise ValueError(message("top belongs to a picture with groups"))
        return self


class DashboardFile(Plain):
    """A dashboard.

    Attributes
    ----------
    title, note : str
    columns : int
        Columns of the grid.
    components : list of ComponentFile
    filters : list of Filter
        They apply to every component whose report has the field.
    scope : {"all", "mine", "team"}
        Whose rows, in every component whose report has an owner.
    sharing, owner, groups, pinned
        As those of a list view.
    """

    title: str = ""
    note: str = ""
    columns: int = Field(2, ge=1, le=4)
    components: tuple[ComponentFile, ...] = Field(min_length=1)
    filters: tuple[Filter, ...] = ()
    scope: Literal["all", "mine", "team"] = "all"
    sharing: Literal["private", "public", "group"] = "public"
    owner: str = ""
    groups: tuple[str, ...] = ()
    pinned: bool = False
