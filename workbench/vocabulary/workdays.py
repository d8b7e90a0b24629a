"""Days on which people work: Monday to Friday, without the public holidays of a country."""

from __future__ import annotations

from datetime import date

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import message


def business_days(first: date, after: date, country: str | None = None) -> int:
    """Number of business days from `first` up to the day before `after`.

    Parameters
    ----------
    first, after : date
        Half-open range of days; none where it is empty.
    country : str, optional
        Country (ISO 3166-1 alpha-2) whose public holidays are left out, or a part of it, such as
        ``"JP"`` or ``"DE-BY"``. Monday to Friday all year round when left out.

    Notes
    -----
    Source: sales-pipeline.md, section 3 (elapsed business days, by calendar).
    """
    if after <= first:
        return 0
    free = free_days(country, first.year, after.year)
    return int(np.busday_count(first, after, holidays=free))


def free_days(country: str | None, first_year: int, last_year: int) -> list[date]:
    """Public holidays of a country in some years; none without a country.

    Raises
    ------
    ArgumentError
        For a country or a part of it that is not known.
    """
    if country is None:
        return []
    # The library knows the holidays of 250 countries and loads only the one that is asked for.
    import holidays

    code, _, part = str(country).partition("-")
    supported = holidays.list_supported_countries(include_aliases=False)
    if code not in supported:
        raise ArgumentError.of("holidays", country, sorted(supported))
    if part and part not in supported[code]:
        known = [f"{code}-{name}" for name in supported[code]]
        raise ArgumentError.of("holidays", country, [code, *known])
    years = range(first_year, last_year + 1)
    found = holidays.country_holidays(code, subdiv=part or None, years=years)
    return sorted(found)


def check_country(country: str | None) -> None:
    """Refuse a country whose holidays are not known, before any row is read."""
    if country is not None and not isinstance(country, str):
        raise ArgumentError.of("holidays", country, message("a country such as 'JP' or 'DE-BY'"))
    free_days(country, 2026, 2026)
