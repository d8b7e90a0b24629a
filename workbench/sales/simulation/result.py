"""The answer: a distribution, the parts it is made of, the deals behind it, and its back-test."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench import money
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.base import Block, Result, Scope
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.deals import days_of
from workbench.sales.simulation import chart as drawing
from workbench.sales.simulation import wording
from workbench.sales.simulation.drawing import Drawn, drawn
from workbench.sales.simulation.known import NO_HISTORY, Known
from workbench.sales.simulation.learning import borrowed
from workbench.sales.simulation.question import Question

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.simulation.backtest import Backtest

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)
SO_FAR, FRESH, TOTAL = "won_so_far", "not_yet_created", "total"


class ForecastSimulation(Result):
    """What is won by the end of a period, as many draws.

    Attributes
    ----------
    question : Question
    known : Known
        What was known at the instant.
    drawn : Drawn
    scope : Scope
    """

    kind: ClassVar[str] = "forecast_simulation"
    columns: ClassVar[Mapping[str, str]] = {
        "part": "won_so_far, the stage of open deals, not_yet_created, or total",
        "label": "The same in words",
        "deals": "Won deals, open deals, or deals expected to be created; empty for the total",
        "amount": "Their amount now, in the one currency; empty for deals not yet created",
        "deals_without_amount": "Open deals without an amount or a rate: theirs is drawn from past "
        "won deals",
        "mean_chance": "Mean chance of the part's deals to be won in the period",
        "expected": "Mean of what is won, over all draws",
        "share_of_expected": "expected ÷ expected of the total",
        "low_95": "2.5 of 100 draws win less",
        "low_80": "10 of 100 draws win less",
        "median": "Half of the draws win less",
        "high_80": "90 of 100 draws win less",
        "high_95": "97.5 of 100 draws win less",
        "past_deals": "Past deals whose fate it rests on: mean over the part's deals",
        "share_borrowed": "Mean weight of other ages and stages in the chance",
    }

    def __init__(self, question: Question, known: Known, chosen: np.ndarray) -> None:
        self.question = question
        self.known = known
        self.chosen = chosen
        self.definition = question.plain()
        rng = np.random.default_rng(question.seed)
        self.drawn: Drawn = drawn(known, question.draws, rng)
        self.scope = Scope(
            container=message("deals"),
            period=question.period.in_words(),
            as_of=wording.day(question.day),
            events=int(known.open.size),
            notes=tuple(wording.notes(self)),
        )

    @property
    def total(self) -> np.ndarray:
        """Won in the whole period, for each draw."""
        return self.drawn.total

    @property
    def currency(self) -> str:
        """Currency of all amounts; empty where none is known."""
        return self.known.history.deals.currency

    @property
    def currency_rule(self) -> str:
        """How amounts come into that currency, in words."""
        return money.rule_in_words(self.question.workspace)

    @cached_property
    def parts(self) -> dict[str, str]:
        """Key and label of each part, in their order."""
        frame = self.known.history.deals.catalogue.frame
        several = frame["pipeline"].nunique() > 1
        out = {SO_FAR: message("Won so far")}
        for code in self.drawn.stages:
            if code == NO_HISTORY:
                out["no_history"] = message("Open, stage without history")
                continue
            line = frame.iloc[int(code)]
            name = f"{line['stage']} ({line['pipeline']})" if several else str(line["stage"])
            out[f"stage:{name}"] = name
        return {**out, FRESH: message("Not yet created"), TOTAL: message("Total")}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a part, with the columns of `ForecastSimulation.columns`."""
        known, found = self.known, self.drawn
        total = float(self.total.mean())
        lines = []
        for key, label in self.parts.items():
            draws = self._draws(key)
            own = self._open_of(key)
            amount = known.amount[own]
            deals, now = float(own.size), float(np.nansum(amount))
            if key == SO_FAR:
                deals, now = float(known.won.size), found.so_far
            elif key == FRESH:
                deals, now = self.expected_new, np.nan
            elif key == TOTAL:
                deals, now = np.nan, found.so_far + float(np.nansum(known.amount))
            low95, low80, median, high80, high95 = np.quantile(draws, LEVELS)
            expected = float(draws.mean())
            lines.append(
                (
                    key, label, deals, now, int(np.isnan(amount).sum()),
                    found.chance[own].mean() if own.size else np.nan, expected,
                    min(expected / total, 1.0) if total > 0 else np.nan, low95, low80, median,
                    high80, high95, found.learned[own].mean() if own.size else np.nan,
                    _borrowed(found.learned[own]),
                )
            )  # fmt: skip
        return pd.DataFrame(lines, columns=list(self.columns))

    def _draws(self, part: str) -> np.ndarray:
        found = self.drawn
        if part == SO_FAR:
            return np.full(found.draws, found.so_far)
        if part == FRESH:
            return found.fresh
        if part == TOTAL:
            return self.total
        return found.of_stage[:, list(self.parts).index(part) - 1]

    def _open_of(self, part: str) -> np.ndarray:
        """Places of the open deals of a part."""
        if part == TOTAL:
            return np.arange(self.known.open.size)
        if part in (SO_FAR, FRESH):
            return np.empty(0, np.int64)
        code = self.drawn.stages[list(self.parts).index(part) - 1]
        return np.flatnonzero(self.known.stage == code)

    @property
    def expected_new(self) -> float:
        """Deals expected to be created from the instant until the period's end."""
        known = self.known
        return float(known.weekly.mean() * known.end / 7) if known.weekly.size else 0.0

    @cached_property
    def reached(self) -> tuple[int, int]:
        """Draws that reach the target, and all draws; (0, 0) without a target."""
        if np.isnan(self.question.target):
            return 0, 0
        return int((self.total >= self.question.target - 0.005).sum()), self.drawn.draws

    def chance_of(self, amount: float) -> float:
        """Share of the draws in which at least an amount is won."""
        if not isinstance(amount, int | float) or isinstance(amount, bool) or amount != amount:
            raise ArgumentError.of("amount", amount, message("a number"))
        return float((self.total >= amount).mean())

    def interval(self) -> tuple[float, float]:
        """Wilson interval of the chance of reaching the target, of the draws alone."""
        low, high = wilson(np.array([self.reached[0]]), np.array([self.reached[1]]))
        return float(low[0]), float(high[0])

    def headline(self) -> str:
        """The middle, the interval, and the chance of reaching the target."""
        return wording.headline(self)

    def reading(self) -> str:
        """How the picture is to be read, and whether past periods support it."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """How chances, amounts and new deals are learned."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """The distribution of the total, and the parts it is made of."""
        return drawing.draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        currency = self.currency
        return (
            Column("label", message("Part")),
            Column("deals", message("Deals"), "count"),
            Column("amount", message("Amount now"), "money", currency),
            Column("mean_chance", message("Mean chance to be won in the period"), "share"),
            Column("expected", message("Expected to be won"), "money", currency),
            Column("low_80", message("10 of 100 draws below"), "money", currency),
            Column("high_80", message("90 of 100 draws below"), "money", currency),
            Column("past_deals", message("Past deals behind the chance"), "number"),
            Column("share_borrowed", message("Borrowed from other ages and stages"), "share"),
        )

    def key_figures(self) -> Block:
        """Middle and interval, won so far, expected from open deals and from new ones, target."""
        return wording.figures(self)

    @cached_property
    def deals(self) -> pd.DataFrame:
        """Every open deal with its chance, the largest expected amount first.

        Columns: opportunity_id, name, account_id, account, owner, part, stage, days_in_stage,
        amount, expected_close_on, chance (to be won in the period), expected, past_deals,
        share_borrowed.
        """
        known, found = self.known, self.drawn
        deals, at = known.history.deals, known.open
        keys = [k for k in self.parts if k not in (SO_FAR, FRESH, TOTAL)]
        column = {int(code): n for n, code in enumerate(found.stages)}
        part = np.array([keys[column[int(s)]] for s in known.stage], object)
        names = np.append(deals.catalogue.frame["stage"].to_numpy(object), [None])
        typical = float(np.mean(known.fresh_amounts)) if known.fresh_amounts.size else 0.0
        amount = np.where(np.isnan(known.amount), typical, known.amount * found.expected_ratio)
        out = self._listed(at)
        out["part"] = part
        out["stage"] = names[known.moment.stage[at]]
        out["days_in_stage"] = np.where(known.stage == NO_HISTORY, np.nan, known.age_days)
        out["amount"] = known.amount
        out["expected_close_on"] = days_of(known.moment.expected_on[at]).to_numpy()
        out["chance"] = found.chance
        out["expected"] = found.chance * amount
        out["past_deals"] = found.learned
        out["share_borrowed"] = _lent(found.learned)
        return out.sort_values(
            ["expected", "opportunity_id"], ascending=[False, True], ignore_index=True
        )

    def _listed(self, at: np.ndarray) -> pd.DataFrame:
        deals = self.known.history.deals
        accounts = deals.text("account_id")[at]
        keys = [a for a in dict.fromkeys(accounts) if a is not None]
        shown = self.question.workspace.display_names("account", np.array(keys, object))
        named = dict(zip(keys, shown, strict=True))
        return pd.DataFrame(
            {
                "opportunity_id": deals.text("opportunity_id")[at],
                "name": deals.text("name")[at],
                "account_id": accounts,
                "account": np.array([named.get(a) for a in accounts], object),
                "owner": deals.owners()[at],
            }
        )

    def members(self, part: str = TOTAL) -> pd.DataFrame:
        """The deals behind a part; open ones with their chances, as in `deals`.

        Parameters
        ----------
        part : str
            A value of the column part.
        """
        if part not in self.parts:
            raise ArgumentError.of("part", part, self.parts)
        if part == SO_FAR:
            out = self._listed(self.known.won)
            return out.assign(amount=self.known.amounts[self.known.won])
        if part == FRESH:
            return self.deals.iloc[:0]
        chosen = self.deals if part == TOTAL else self.deals[self.deals["part"] == part]
        return chosen.reset_index(drop=True)

    def backtest(self, *, by: str | None = None, most: int = 12) -> Backtest:
        """The same forecast from the start of past periods, with what was known then.

        Parameters
        ----------
        by : {"month", "quarter", "year"}, optional
            Length of the past periods; the calendar length next to the period's when left out.
        most : int
            Past periods looked at, the newest ones.
        """
        from workbench.sales.simulation.backtest import backtested

        return backtested(self, by, most)

    @cached_property
    def tested(self) -> Backtest:
        """The back-test as usual."""
        return self.backtest()


def _borrowed(learned: np.ndarray) -> float:
    return float(_lent(learned).mean()) if learned.size else float("nan")


def _lent(learned: np.ndarray) -> np.ndarray:
    """Weight of other ages and stages in each chance."""
    return borrowed(learned) / (borrowed(learned) + learned)
