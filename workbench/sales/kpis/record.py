"""The definition of a KPI as a checked record: five blanks, a source, a target, its versions."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.messages import marked, message
from workbench.sales.kpis.sources import Source

CLASSES = {
    "strategy": marked("Strategy"),
    "behaviour": marked("Behaviour"),
    "anomaly": marked("Anomaly"),
}
BLANKS = ("who", "to_whom", "about_what", "what", "how_much")


def class_word(kind: str) -> str:
    """A class of KPIs as a reader sees it."""
    return message(CLASSES[kind])


class Strict(BaseModel):
    """A mapping of a file that holds known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _number(value: Any) -> Any:
    """``"70 %"`` as 0.7; anything else as it is."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return float(value.strip().rstrip("%").strip()) / 100
        except ValueError:
            return value
    return value


class Flag(Strict):
    """From where on a value is a thing to look at, such as ``{"at_most": 0.5}``."""

    at_most: float | None = None
    below: float | None = None
    at_least: float | None = None
    above: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Flag:
        if len(self.model_fields_set) != 1:
            raise ValueError(message("give one of at_most, below, at_least, above"))
        return self

    _percent = field_validator("at_most", "below", "at_least", "above", mode="before")(_number)

    def holds(self, value: float) -> bool:
        """Whether a value is to be looked at; a missing one is not."""
        return bool(
            (self.at_most is not None and value <= self.at_most)
            or (self.below is not None and value < self.below)
            or (self.at_least is not None and value >= self.at_least)
            or (self.above is not None and value > self.above)
        )

    @property
    def limit(self) -> tuple[str, float]:
        """Name of the comparison and its number."""
        name = next(iter(self.model_fields_set))
        return name, float(getattr(self, name))


class Version(Strict):
    """What changes in a definition from a day on; everything else stays as it was."""

    valid_from: date
    how_much: float | None = Field(None, ge=0)
    source: Source | None = None
    unit: str | None = None
    direction: Literal["up", "down"] | None = None
    mode: Literal["quantity", "quality"] | None = None
    amber: float | None = Field(None, gt=0, le=1)
    min_n: int | None = Field(None, ge=0)
    flag: Flag | None = None
    provisional: bool = False
    owner: str | None = None
    note: str | None = None

    _percent = field_validator("how_much", mode="before")(_number)


class Kpi(Strict):
    """One KPI as the file says it.

    Attributes
    ----------
    kpi_id : str
        Key; targets of the table ``targets`` name it.
    kpi_class : {"strategy", "behaviour", "anomaly"}
        Written ``class``.
    goal : str
        Business goal that it serves.
    who, to_whom, about_what, what : str
        Blanks of the sentence that says what is done.
    how_much : float, optional
        The fifth blank, the target; a share as 0…1 or ``"70 %"``.
    period : {"week", "month", "quarter", "year"}
        Time that one figure speaks of, by the calendar of the workspace.
    direction : {"up", "down"}
        Whether more or less is better.
    source : Source
        How it is measured.
    amber : float
        Attainment from which it is amber and no longer red.
    min_n : int
        With fewer cases the status stays grey.
    flag : Flag, optional
        From where on the figure is a thing to look at, whatever the target says.
    provisional : bool
        Whether the target is a first guess.
    target_in_table : bool
        Whether the target stands in the table of targets, so that `how_much` may be empty.
    valid_from : date, optional
        From when on it holds; always when left out.
    versions : tuple of Version
        Later changes, each with its day.

    Notes
    -----
    Source: sales-pipeline.md, section 3 (record).
    """

    kpi_id: str = Field(min_length=1)
    kpi_class: Literal["strategy", "behaviour", "anomaly"] = Field(alias="class")
    name: str = ""
    goal: str = Field(min_length=1)
    who: str = ""
    to_whom: str = ""
    about_what: str = ""
    what: str = ""
    how_much: float | None = Field(None, ge=0)
    unit: str = ""
    period: Literal["week", "month", "quarter", "year"] = "month"
    mode: Literal["quantity", "quality"] = "quantity"
    direction: Literal["up", "down"] = "up"
    source: Source
    amber: float = Field(0.80, gt=0, le=1)
    min_n: int = Field(0, ge=0)
    flag: Flag | None = None
    owner: str = ""
    note: str = ""
    next_action: str = ""
    provisional: bool = False
    target_in_table: bool = False
    valid_from: date | None = None
    versions: tuple[Version, ...] = ()

    _percent = field_validator("how_much", mode="before")(_number)

    @model_validator(mode="after")
    def _versions_in_order(self) -> Kpi:
        days = [v.valid_from for v in self.versions]
        if self.valid_from is not None:
            days = [self.valid_from, *days]
        if any(a >= b for a, b in pairwise(days)):
            raise ValueError(message("versions must follow each other, each with a later day"))
        return self

    @property
    def title(self) -> str:
        """What a reader calls it."""
        return self.name or self.what or self.kpi_id

    def plain(self) -> dict[str, Any]:
        """The mapping that makes this definition."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def in_force(self, first: date, after: date) -> tuple[Kpi, date | None, bool]:
        """The definition as it held at the beginning of a period.

        Parameters
        ----------
        first, after : date
            First day of the period and the day after it.

        Returns
        -------
        tuple
            The definition; the day from which it holds (None for always); whether it held at all:
            the first one that came into force within the period holds for it too.
        """
        begun = [v for v in self.versions if v.valid_from <= first]
        held = self.valid_from is None or self.valid_from < after
        since = self.valid_from
        merged = self
        for version in begun:
            merged, since = merged.changed(version), version.valid_from
        return merged, since, held

    def changed(self, version: Version) -> Kpi:
        """The definition with what one version changes."""
        given = {n: getattr(version, n) for n in version.model_fields_set if n != "valid_from"}
        return self.model_copy(update={"provisional": False, **given})
