"""The answer: how many deals show each anomaly, and which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.money import as_of_day
from workbench.results import numbers
from workbench.results.base import Block, Result, Scope
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.deals import days_of
from workbench.sales.kpis.anomaly import wording
from workbench.sales.kpis.anomaly.checks import Found
from workbench.sales.kpis.anomaly.options import among, label_of
from workbench.sales.kpis.question import Question

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "check": "Name of the check",
    "label": "What it looks for",
    "group": "Key of the group; empty for all deals",
    "group_label": "Its name; all deals without a split",
    "count": "Deals that show it",
    "total": "Deals that it was looked for in",
    "share": "count ÷ total; missing where there are none",
    "low": "Lower end of its 95 % interval (Wilson)",
    "high": "Upper end",
    "among": "open deals, won deals or all deals",
    "amount": "Amount of the deals that show it, as far as known, in the currency of the result",
    "without_amount": "Deals that show it and have no amount, or no rate",
    "owner": "Who has most of them; empty where nobody is named",
    "owner_deals": "How many",
    "missing": "What the data do not hold; empty where the check could be made",
}
DEALS = {
    "opportunity_id": "Key of the deal",
    "name": "Its name, or the key where none is known",
    "account_id": "Key of its account",
    "account": "Its name",
    "owner_id": "Key of its owner",
    "owner": "Its name",
    "stage": "Present stage",
    "amount": "Amount, in the currency of the result",
    "expected_close_on": "Expected day of closing",
    "anomalies": "Number of anomalies that it shows",
    "checks": "Names of the checks",
    "detail": "Why it is listed, in words",
}


class Anomalies(Result):
    """Deals that need a look.

    Attributes
    ----------
    frame : pandas.DataFrame
        One line a check, and a check and group; columns as in `columns`.
    deals : pandas.DataFrame
        One line a deal with at least one anomaly, most first; columns as in `DEALS`.
    currency : str
        Currency of amounts; empty where none is known.
    """

    kind: ClassVar[str] = "anomalies"
    columns: ClassVar[Mapping[str, str]] = COLUMNS

    def __init__(
        self,
        question: Question,
        checks: Mapping[str, dict[str, Any]],
        chosen: np.ndarray,
        found: Mapping[str, Found | str],
        groups: np.ndarray,
    ) -> None:
        self.question = question
        self.checks = checks
        self.chosen = chosen
        self.found = found
        self.groups = groups
        self.definition = dict(question.asked)
        self.currency = question.facts.deals.currency

    @cached_property
    def amount(self) -> np.ndarray:
        """Amount of every deal in one currency; not a number where none or no rate is known."""
        deals = self.question.facts.deals
        day = int(as_of_day(self.question.facts.workspace).astype(int))
        return deals.converted(deals.amount, at_day=day)

    @cached_property
    def owner(self) -> np.ndarray:
        """Name of every deal's owner; None without one."""
        names = self.question.facts.user_names
        owners = self.question.facts.deals.text("owner_id")
        return np.array([None if o is None else names.get(o, o) for o in owners], object)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a check, and a check and group."""
        groups = [""]
        if self.question.by is not None:
            groups += sorted({str(g) for g in self.groups[self.chosen]})
        lines = [self._line(name, group) for name in self.checks for group in groups]
        texts = ("check", "label", "group", "group_label", "among", "owner", "missing")
        kinds = dict.fromkeys(texts, "str") | dict.fromkeys(
            ("count", "total", "without_amount", "owner_deals"), "int64"
        )
        return pd.DataFrame(lines, columns=list(COLUMNS)).astype(kinds)

    def _line(self, name: str, group: str) -> dict[str, Any]:
        found = self.found[name]
        line: dict[str, Any] = {
            "check": name,
            "label": label_of(name, self.checks[name]),
            "group": group,
            "group_label": self.question.label_of(group) if group else message("all deals"),
            "among": among(name),
        }
        if isinstance(found, str):
            nothing = dict.fromkeys(("share", "low", "high", "amount"), np.nan)
            zero = dict.fromkeys(("count", "total", "without_amount", "owner_deals"), 0)
            return {**line, **nothing, **zero, "owner": "", "missing": found}
        inside = self.chosen & (self.groups == group) if group else self.chosen
        shown = np.flatnonzero(found.shown & inside)
        total = int((found.looked & inside).sum())
        low, high = wilson(np.array([shown.size]), np.array([total]))
        amount = self.amount[shown]
        owners = pd.Series([o for o in self.owner[shown] if o is not None], dtype=object)
        most = owners.value_counts().sort_index().sort_values(ascending=False, kind="stable")
        return {
            **line,
            "count": shown.size,
            "total": total,
            "share": shown.size / total if total else np.nan,
            "low": low[0],
            "high": high[0],
            "amount": np.nansum(amount) if (~np.isnan(amount)).any() else np.nan,
            "without_amount": int(np.isnan(amount).sum()),
            "owner": str(most.index[0]) if len(most) else "",
            "owner_deals": int(most.iloc[0]) if len(most) else 0,
            "missing": "",
        }

    @cached_property
    def deals(self) -> pd.DataFrame:
        """Deals with at least one anomaly, those with most first."""
        return self._deals(list(self.checks), self.chosen)

    def _deals(self, names: list[str], inside: np.ndarray) -> pd.DataFrame:
        facts = self.question.facts
        table = facts.deals
        known = {n: f for n in names if not isinstance(f := self.found[n], str)}
        shown = {n: f.shown & inside for n, f in known.items()}
        count = sum(shown.values(), np.zeros(len(table), np.int64))
        places = np.flatnonzero(count > 0)
        keys, accounts = table.text("opportunity_id")[places], table.text("account_id")[places]
        titles = table.text("name")[places]
        has = np.array([a is not None for a in accounts], bool)
        account = np.full(places.size, None, object)
        if has.any():
            account[has] = facts.workspace.display_names("account", accounts[has])
        stages = [*table.catalogue.frame["stage"], None]
        listed = [[n for n in known if shown[n][p]] for p in places]
        frame = pd.DataFrame(
            {
                "opportunity_id": keys,
                "name": [t or k for t, k in zip(titles, keys, strict=True)],
                "account_id": accounts,
                "account": account,
                "owner_id": table.text("owner_id")[places],
                "owner": self.owner[places],
                "stage": [stages[c] for c in table.stage[places]],
                "amount": self.amount[places],
                "expected_close_on": days_of(table.expected_on[places]).to_numpy(),
                "anomalies": count[places],
                "checks": [", ".join(names) for names in listed],
                "detail": [
                    "; ".join(known[n].detail(int(p)) for n in names)
                    for p, names in zip(places, listed, strict=True)
                ],
            },
            columns=list(DEALS),
        )
        order = frame.assign(_amount=frame["amount"].fillna(-np.inf)).sort_values(
            ["anomalies", "_amount", "opportunity_id"], ascending=[False, False, True],
            kind="stable",
        )  # fmt: skip
        return frame.loc[order.index].reset_index(drop=True)

    def members(self, check: str | None = None, *, group: str | None = None) -> pd.DataFrame:
        """The deals behind a count, with the reason in words.

        Parameters
        ----------
        check : str, optional
            Name of a check; any of them when left out.
        group : str, optional
            Key or name of one group.

        Returns
        -------
        pandas.DataFrame
            Columns as in `DEALS`; where the data do not allow the check, no lines.
        """
        if check is not None and check not in self.checks:
            raise ArgumentError.of("check", check, self.checks)
        inside = self.chosen
        if group is not None:
            inside = inside & (self.groups == self._group(group))
        return self._deals([check] if check else list(self.checks), inside)

    def _group(self, group: str) -> str:
        frame = self.frame[self.frame["group"] != ""]
        for column in ("group", "group_label"):
            found = frame.loc[frame[column] == group, "group"]
            if len(found):
                return str(found.iloc[0])
        raise ArgumentError.of("group", group, sorted(frame["group_label"].unique()))

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """What was looked at, and what the data do not hold."""
        facts = self.question.facts
        zone = facts.workspace.settings.report_tz
        return Scope(
            "opportunity",
            "",
            numbers.day(facts.workspace.as_of, zone),
            len(facts.deals),
            notes=tuple(wording.notes(self)),
        )

    def headline(self) -> str:
        """How many open deals show an anomaly, and which one most."""
        return wording.headline(self)

    def reading(self) -> str:
        """How the picture is to be read."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """Each check with its options."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """A bar a check: the share of the deals that show it."""
        from workbench.sales.kpis.anomaly.chart import draw

        return draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        return wording.shown(self)

    def to_act_on(self, check: str | None = None, *, most: int = 200) -> Block:
        """The deals with owner and reasons as a part of a page."""
        return wording.to_act_on(self, check, most)
