"""Settings of a workspace that decide how time, money and people are read."""

from __future__ import annotations

from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbench.messages import message

Policy = Literal["close_date", "latest", "frozen_at_close", "as_imported"]


class FiscalYear(BaseModel):
    """First month of the fiscal year, and which calendar year names it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    start_month: int = Field(1, ge=1, le=12)
    named_by: Literal["start", "end"] = "start"

    def quarter_of(self, day: date) -> tuple[int, int]:
        """Fiscal year and quarter of a calendar day, by the year that names it."""
        months = (day.year * 12 + day.month - 1) - (self.start_month - 1)
        ends_later = self.named_by == "end" and self.start_month > 1
        return months // 12 + ends_later, months % 12 // 3 + 1


class Currency(BaseModel):
    """Currency of reports and the rule by which amounts are converted to it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    reporting: str | None = None
    policy: Policy = "latest"


class Settings(BaseModel):
    """How a workspace reads time, money and people.

    Parameters
    ----------
    report_tz
        IANA zone in which instants fall into days, weeks and months.
    source_tz
        IANA zone of times written without an offset; needed when there are any.
    week_start
        First day of the week, ``mon`` or ``sun``.
    fiscal_year
        First month of the fiscal year and the calendar year that names it.
    date_only_at
        Whether a fact of which only the date is known stands at the end or start of that day.
    currency
        Reporting currency and conversion rule.
    own_domains, team_addresses
        Mail domains and shared mailboxes of the own company.
    resolve_by_domain
        Whether a row without account may be matched by the domain of its mail address.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    report_tz: str = "UTC"
    source_tz: str | None = None
    week_start: Literal["mon", "sun"] = "mon"
    fiscal_year: FiscalYear = FiscalYear()  # type: ignore[call-arg]
    date_only_at: Literal["end", "start"] = "end"
    currency: Currency = Currency()
    own_domains: tuple[str, ...] = ()
    team_addresses: tuple[str, ...] = ()
    resolve_by_domain: bool = False

    @field_validator("report_tz", "source_tz")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is not None and value not in available_timezones():
            raise ValueError(
                message("{zone!r} is not an IANA time zone such as Asia/Tokyo or UTC", zone=value)
            )
        return value

    @field_validator("own_domains", "team_addresses")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(item.strip().lower() for item in value)

    @property
    def zone(self) -> ZoneInfo:
        """The reporting zone as an object."""
        return ZoneInfo(self.report_tz)
