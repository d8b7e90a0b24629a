"""Amounts in one currency, by the policy that the workspace names.

A rate is the number of units of a currency for one unit of the reporting currency, so an amount
is divided by it. It holds from its day on, until the next one begins. An amount without a rate
stays unknown: it is never added as if it were in the reporting currency.

Source: b2b-data-model.md, section 1 (money) and section 4, rule 9 (policies of conversion).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.quoting import literal
from workbench.vocabulary.periods import bucket, microseconds_of

if TYPE_CHECKING:
    from workbench.workspace import Workspace

RULES = {
    "close_date": marked("converted at the rate of the day of closing, expected or actual"),
    "latest": marked("converted at the latest rate"),
    "frozen_at_close": marked("open at the latest rate, closed at the rate of the closing day"),
    "as_imported": marked("as the source system converted it"),
}


@dataclass(frozen=True)
class Conversion:
    """How a relation comes to amounts in one currency.

    Attributes
    ----------
    sql : str
        Expression of the amount in `currency`; null where it cannot be converted.
    joined : str
        What stands after the relation in ``FROM``; empty when no rate is needed.
    currency : str
        Currency of the result; empty for plain numbers.
    """

    sql: str
    joined: str
    currency: str


def rule_in_words(workspace: Workspace) -> str:
    """The policy of conversion as part of a sentence."""
    return message(RULES[workspace.settings.currency.policy])


def target_currency(workspace: Workspace, currencies: Iterable[object], argument: str) -> str:
    """The one currency that amounts are added in; empty where none is known.

    Raises
    ------
    ArgumentError
        When there are several and the workspace names no reporting currency.
    """
    reporting = workspace.settings.currency.reporting
    if reporting:
        return reporting
    found = sorted({str(c) for c in currencies if isinstance(c, str) and c})
    if len(found) > 1:
        raise ArgumentError.of(
            argument,
            message("amounts in {currencies}", currencies=", ".join(found[:5])),
            message("amounts in one currency"),
            message(
                "Name currency.reporting in the workspace file and give a table fx_rates, or keep "
                "one currency."
            ),
        )
    return found[0] if found else ""


def factors(
    workspace: Workspace, currencies: np.ndarray, days: np.ndarray, target: str
) -> np.ndarray:
    """What an amount is multiplied with to be in `target`; not a number without a rate.

    Parameters
    ----------
    currencies : numpy.ndarray of str
        An empty one counts as `target`.
    days : numpy.ndarray of datetime64[D]
        Day whose rate holds: the last one that had begun by then.
    """
    out = np.where((currencies == target) | (currencies == ""), 1.0, np.nan)
    if not has_rates(workspace):
        return out
    rates = workspace.sql(
        "SELECT currency, valid_from::DATE AS day, max(rate) AS rate FROM fx_rates "
        "WHERE rate > 0 GROUP BY ALL ORDER BY currency, day"
    )
    for currency, table in rates.groupby("currency"):
        own = np.isnan(out) & (currencies == currency)
        begins = table["day"].to_numpy().astype("M8[D]")
        at = np.searchsorted(begins, days[own], side="right") - 1
        rate = table["rate"].to_numpy(float)[np.maximum(at, 0)]
        out[own] = np.where(at >= 0, 1 / rate, np.nan)
    return out


def has_rates(workspace: Workspace) -> bool:
    """Whether the workspace has rates of exchange."""
    return workspace.has("fx_rates", "currency", "valid_from", "rate")


def conversion(
    workspace: Workspace,
    *,
    amount: str,
    currency: str,
    closed_on: str,
    expected_on: str,
    at: str,
    imported: str = "",
    target: str,
) -> Conversion:
    """SQL that brings the amounts of a relation into one currency.

    Parameters
    ----------
    amount, currency : str
        Expressions of the amount and of its currency; a null currency counts as `target`.
    closed_on, expected_on : str
        Expressions of dates: of closing (null while open) and of expected closing.
    at : str
        Expression of the date that is looked at.
    imported : str
        Expression of the amount that the source system converted; empty where there is none.
    target : str
        As `target_currency` gives it.
    """
    if not target:
        return Conversion(amount, "", "")
    own = literal(target)
    same = f"coalesce(nullif({currency}, ''), {own}) = {own}"
    policy = workspace.settings.currency.policy
    if policy == "as_imported":
        kept = f"CASE WHEN {same} THEN {amount} END"
        return Conversion(f"coalesce({imported}, {kept})" if imported else kept, "", target)
    if not has_rates(workspace):
        return Conversion(f"CASE WHEN {same} THEN {amount} END", "", target)
    day = {
        "close_date": f"coalesce({closed_on}, {expected_on}, {at})",
        "frozen_at_close": f"least(coalesce({closed_on}, {at}), {at})",
        # The join asks for a column on this side even where one day holds for all rows.
        "latest": f"{at} + (0 * length({currency}))::INTEGER",
    }[policy]
    joined = (
        "ASOF LEFT JOIN (SELECT currency AS fx_currency, valid_from::DATE AS fx_from, "
        "max(rate) AS fx_rate FROM fx_rates WHERE rate > 0 GROUP BY ALL) fx "
        f"ON fx.fx_currency = {currency} AND {day} >= fx.fx_from"
    )
    return Conversion(
        f"CASE WHEN {same} THEN {amount} ELSE {amount} / fx.fx_rate END", joined, target
    )


def as_of_day(workspace: Workspace) -> np.datetime64:
    """The day of the reporting zone that is looked at last."""
    now = np.array([microseconds_of(workspace.as_of)])
    return bucket(now, "day", workspace.settings.report_tz).to_numpy().astype("M8[D]")[0]
