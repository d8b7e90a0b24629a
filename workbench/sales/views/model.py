"""What a saved list view says: a mapping of plain values, read from YAML."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.messages import message

OPERATORS = (
    "=", "!=", "<", "<=", ">", ">=", "between", "in", "not in", "contains", "not contains",
    "starts with", "ends with", "empty", "not empty",
)  # fmt: skip
Operator = Literal[
    "=", "!=", "<", "<=", ">", ">=", "between", "in", "not in", "contains", "not contains",
    "starts with", "ends with", "empty", "not empty",
]  # fmt: skip
SCOPES = ("all", "mine", "team", "queue")


class Plain(BaseModel):
    """Base of every definition: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Filter(Plain):
    """A condition on one field; ``[amount, ">", 15]`` is short for a mapping."""

    field: str = Field(min_length=1)
    operator: Operator = "="
    value: Any = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, list | tuple):
            if not 2 <= len(given) <= 3:
                raise ValueError(
                    message("a filter is [field, operator, value], here are {n} parts",
                            n=len(given))
                )  # fmt: skip
            return dict(zip(("field", "operator", "value"), given, strict=False))
        return given


class Sort(Plain):
    """A field to sort by; ``-amount`` is short for falling order. Nulls come last both ways."""

    by: str = Field(min_length=1)
    order: Literal["asc", "desc"] = "asc"

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        if isinstance(given, str):
            falling = given.startswith("-")
            return {"by": given[1:] if falling else given, "order": "desc" if falling else "asc"}
        return given


class Asked(Plain):
    """What list views and reports have in common: an object and which of its rows.

    Attributes
    ----------
    title, note : str
    object : str
        Any table of the workspace.
    scope : {"all", "mine", "team", "queue"}
        Rows of everybody, of the user, of the user's team, or of nobody.
    queue : str
        Owner key of the queue; with ``scope: queue`` only.
    owner_field : str
        Column that names the owner; ``owner_id`` or the only reference to users when left out.
    filters : list of Filter
    logic : str
        Numbers of the filters joined by AND, OR, NOT; all of them when left out.
    null_is_false : bool
        Whether a comparison with a missing value is false instead of unknown.
    ignore_case : bool
        Whether text is compared without case and width (NFKC).
    formulas : mapping
        Further fields: name to formula over the fields of a row.
    money : mapping
        Number columns that are amounts: name to the column of their currency.
    sharing : {"private", "public", "group"}
    owner : str
        Key of the user who keeps it.
    groups : list of str
        Teams that see it, with ``sharing: group``.
    pinned : bool
    """

    title: str = ""
    note: str = ""
    object: str = Field(min_length=1)
    scope: Literal["all", "mine", "team", "queue"] = "all"
    queue: str = ""
    owner_field: str = ""
    filters: tuple[Filter, ...] = ()
    logic: str = ""
    null_is_false: bool = False
    ignore_case: bool = False
    formulas: dict[str, str] = Field(default_factory=dict)
    money: dict[str, str] = Field(default_factory=dict)
    sharing: Literal["private", "public", "group"] = "public"
    owner: str = ""
    groups: tuple[str, ...] = ()
    pinned: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Asked:
        if self.queue and self.scope != "queue":
            raise ValueError(message("queue needs 'scope: queue'"))
        if self.sharing == "private" and not self.owner:
            raise ValueError(message("'sharing: private' needs an owner, the key of a user"))
        if self.sharing == "group" and not self.groups:
            raise ValueError(message("'sharing: group' needs groups, a list of teams"))
        return self


class BoardFile(Plain):
    """Lanes of a board: a field whose values are the lanes, and a number to add in each."""

    lane: str = Field(min_length=1)
    sum: str = ""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"lane": given} if isinstance(given, str) else given


class ViewFile(Asked):
    """A list view: rows of one object with chosen columns.

    Attributes
    ----------
    columns : list of str
        Fields in the order in which they are shown; every column of the object when left out.
    sort : list of Sort
    board : BoardFile
    """

    columns: tuple[str, ...] = ()
    sort: tuple[Sort, ...] = ()
    board: BoardFile | None = None
