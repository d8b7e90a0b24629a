"""The definition of an alert as a checked record, equal in YAML, Python and the form.

Source: collaboration.md, sections 2.1 and 2.2, and 5 for what the systems it learns from lack:
minimum effect, mute windows, digest.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from workbench.collaboration.anomalies.series import DEFAULT_CONFIDENCE, checked_confidence
from workbench.collaboration.delivery import check_targets
from workbench.collaboration.metrics import Metric, metric_from
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.durations import MICROSECONDS, Duration

ANOMALY = ("anomaly", "above_expected", "below_expected")
FIXED = ("at_least", "at_most")
CHANGES, NO_DATA = "changes_by", "no_data"
_LONGEST_DELAY = 24 * MICROSECONDS["h"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Strict(BaseModel):
    """A mapping that holds known keys only."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def percent(value: Any) -> Any:
    """``"20 %"`` as 0.2; anything else as it is."""
    if isinstance(value, str) and value.strip().endswith("%"):
        try:
            return float(value.strip().rstrip("%").strip()) / 100
        except ValueError:
            return value
    return value


class Effect(Strict):
    """How far off a value must be before anybody is told: absolute, or relative to what it is
    compared with.
    """

    absolute: float = Field(0, ge=0)
    relative: float = Field(0, ge=0)

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        if isinstance(value, str) and value.strip().endswith("%"):
            return {"relative": percent(value)}
        if isinstance(value, int | float) and not isinstance(value, bool):
            return {"absolute": value}
        return value


class Trigger(Strict):
    """One metric and its condition.

    Attributes
    ----------
    metric : Metric
        As `workbench.collaboration.metrics.metric_from` reads it.
    when : str
        One of `ANOMALY`, `FIXED`, `CHANGES`, `NO_DATA`.
    value : float, optional
        Of ``at_least`` and ``at_most``; of ``changes_by`` a share, 0.2 or ``"20 %"``.
    confidence : float
        Of the conditions on what was expected: 0.90, 0.95, 0.99, 0.9975 or 0.999; higher means a
        wider band and fewer alerts.
    direction : {"either", "up", "down"}
        Of ``changes_by``.
    baseline : {"previous", "same_weekday", "last_year"}
        What ``changes_by`` compares with.
    minimum_effect : Effect
        A number, or a share such as ``"10 %"``.
    """

    metric: Any
    when: Literal[
        "anomaly", "above_expected", "below_expected", "at_least", "at_most", "changes_by",
        "no_data",
    ] = "anomaly"  # fmt: skip
    value: float | None = None
    confidence: float = DEFAULT_CONFIDENCE
    direction: Literal["either", "up", "down"] = "either"
    baseline: Literal["previous", "same_weekday", "last_year"] = "previous"
    minimum_effect: Effect = Field(default_factory=lambda: Effect.model_validate({}))

    @field_validator("metric", mode="before")
    @classmethod
    def _metric(cls, value: Any) -> Metric:
        return _told(metric_from, value)

    @field_validator("confidence", mode="before")
    @classmethod
    def _confidence(cls, value: Any) -> Any:
        return _told(checked_confidence, value)

    _percent = field_validator("value", mode="before")(percent)

    @model_validator(mode="after")
    def _whole(self) -> Trigger:
        needs = self.when in (*FIXED, CHANGES)
        if needs and self.value is None:
            raise ValueError(message("{when} needs a value", when=self.when))
        if not needs and self.value is not None:
            raise ValueError(message("{when} takes no value", when=self.when))
        if self.when == CHANGES and not (self.value or 0) > 0:
            raise ValueError(message("changes_by needs a share above 0, such as 20 %"))
        return self

    @property
    def label(self) -> str:
        """What the metric is called."""
        return str(self.metric.label)

    def plain(self) -> dict[str, Any]:
        """The mapping that reads back as this trigger."""
        out = self.model_dump(mode="json", exclude={"metric"}, exclude_unset=True)
        return {"metric": self.metric.plain(), **out}


class Mute(Strict):
    """When nobody is told: a range of days, ends included, or weekdays."""

    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")
    weekdays: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    why: str = ""

    @model_validator(mode="after")
    def _any(self) -> Mute:
        if self.first is None and self.last is None and not self.weekdays:
            raise ValueError(message("give from and to, or weekdays"))
        if self.first is not None and self.last is not None and self.first > self.last:
            raise ValueError(message("a range whose end lies after its start is needed"))
        return self

    def holds(self, day: date) -> bool:
        """Whether a period that begins on a day is muted."""
        inside = (self.first is None or self.first <= day) and (
            self.last is None or day <= self.last
        )
        return inside and (not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays)


class Alert(Strict):
    """What is watched, how often, and who is told.

    Attributes
    ----------
    name, workspace : str
        ``workspace`` as `workbench.open` takes it.
    granularity : {"day", "week", "month"}
    delay : str
        From the end of a period to its evaluation, 0 to 24 hours: as long as the data need to
        arrive, and an hour.
    triggers : tuple of Trigger
        Any of them fires; one message names all that are true.
    segment : mapping, optional
        Filter of the counts of events; several are stacked with AND.
    holidays : list, optional
        Calendars, as `workbench.collaboration.anomalies.holiday_table` takes them.
    to : tuple of str
        Where the message goes: ``mail:…``, ``file:…``, a web address.
    expires : str
        A date or an instant; one year from the day it was made when left out.
    enabled : bool
    repeat : {"once", "every"}
        Once until a clean period has come, or every period.
    mute : tuple of Mute
    report : str
        Path or address of the page that shows more.
    digest : bool
        Whether messages of one run to one place come together.
    tags : tuple of str
    description : str
    """

    name: str = Field(min_length=1, max_length=200)
    workspace: str = ""
    granularity: Literal["day", "week", "month"] = "day"
    delay: str = "9h"
    triggers: tuple[Trigger, ...] = Field(min_length=1, max_length=1000)
    segment: Any = None
    holidays: Any = None
    to: tuple[str, ...] = ()
    expires: str = ""
    enabled: bool = True
    repeat: Literal["once", "every"] = "once"
    mute: tuple[Mute, ...] = ()
    report: str = Field("", max_length=2000)
    digest: bool = False
    tags: tuple[str, ...] = ()
    description: str = Field("", max_length=15_000)

    @field_validator("delay", mode="before")
    @classmethod
    def _delay(cls, value: Any) -> str:
        found = _told(Duration.parse, value)
        if found.microseconds > _LONGEST_DELAY:
            raise ValueError(message("0 to 24 hours are needed"))
        return str(found)

    @field_validator("to", mode="before")
    @classmethod
    def _to(cls, value: Any) -> Any:
        return tuple(_told(check_targets, [value] if isinstance(value, str) else value))

    @field_validator("segment", mode="before")
    @classmethod
    def _segment(cls, value: Any) -> Any:
        from workbench.vocabulary.segments import segment_from

        return None if value is None else _told(segment_from, value).plain()

    @field_validator("expires", mode="before")
    @classmethod
    def _expires(cls, value: Any) -> str:
        text = value.isoformat() if isinstance(value, date) else str(value or "").strip()
        if text:
            try:
                datetime.fromisoformat(text)
            except ValueError:
                raise ValueError(message("a date or instant such as 2027-03-31")) from None
        return text

    @model_validator(mode="after")
    def _weekdays(self) -> Alert:
        if self.granularity != "day" and any(t.baseline == "same_weekday" for t in self.triggers):
            raise ValueError(message("same_weekday compares days: use previous or last_year"))
        return self

    def plain(self) -> dict[str, Any]:
        """The mapping that reads back as this alert; what was not given is left out."""
        out = self.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude={"triggers", "holidays"}
        )
        if "holidays" in self.model_fields_set and self.holidays is not None:
            out["holidays"] = _plain(self.holidays)
        return {**out, "triggers": [trigger.plain() for trigger in self.triggers]}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def _told(read: Any, value: Any) -> Any:
    """What a reader of plain values gives; its refusal as pydantic wants it."""
    try:
        return read(value)
    except ArgumentError as refused:
        raise ValueError(str(refused)) from None
