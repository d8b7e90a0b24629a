"""Sentences of a simulation and of its back-test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.sales.history import QUALITIES
from workbench.sales.ranges import as_date
from workbench.sales.simulation.drawing import MANY
from workbench.sales.simulation.known import LEAST_WEEKS
from workbench.sales.simulation.learning import BORROWED, MOST_STAYS

if TYPE_CHECKING:
    from workbench.sales.simulation.backtest import Backtest
    from workbench.sales.simulation.result import ForecastSimulation

FEW_PERIODS = 8


def day(number: int) -> str:
    """A day since 1970 as a reader sees it."""
    return numbers.day(as_date(number))


def amount(result: ForecastSimulation, value: float) -> str:
    """An amount with its currency."""
    return numbers.money(value, result.currency)


def headline(result: ForecastSimulation) -> str:
    """The middle, the interval, and the chance of reaching the target."""
    low, median, high = np.quantile(result.total, (0.1, 0.5, 0.9))
    text = message(
        "Half of {draws} draws win at least {median} in {period}, 80 of 100 between {low} and "
        "{high}",
        draws=numbers.count(result.drawn.draws),
        median=amount(result, median),
        period=result.question.period.in_words(),
        low=amount(result, low),
        high=amount(result, high),
    )
    reached, draws = result.reached
    if draws:
        text += message(
            "; {n} of {draws} ({share}) reach the target of {target}",
            n=numbers.count(reached),
            draws=numbers.count(draws),
            share=numbers.share(reached / draws),
            target=amount(result, result.question.target),
        )
    return text + "."


def reading(result: ForecastSimulation) -> str:
    """How the picture is to be read, and whether past periods support it."""
    frame = result.frame.set_index("part")
    text = message(
        "Won so far {so_far}; the {n} open deals bring {open} in the mean, deals not yet created "
        "{fresh}. Amounts in {currency}, {rule}.",
        so_far=amount(result, frame.loc["won_so_far", "expected"]),
        n=numbers.count(result.known.open.size),
        open=amount(result, float(result.drawn.of_stage.sum(axis=1).mean())),
        fresh=amount(result, frame.loc["not_yet_created", "expected"]),
        currency=result.currency or "–",
        rule=result.currency_rule,
    )
    tested = result.tested
    return f"{text} {backtest_headline(tested)} {verdict(tested)}"


def definitions(result: ForecastSimulation) -> list[str]:
    """How chances, amounts and new deals are learned."""
    known, question = result.known, result.question
    return [
        message(
            "Looked from the end of {day}; nothing saved later is used. Learned from {n} deals "
            "closed in the {within} before, {won} of them won.",
            day=day(question.day),
            n=numbers.count(known.closed),
            won=numbers.count(known.won_past),
            within=numbers.days(question.learn_within.microseconds / 86_400_000_000),
        ),
        message(
            "Chance of an open deal: share of past deals, still in the same stage after as many "
            "days, that were won within the days left; won and lost compete, open deals count as "
            "long as they were seen (Aalen–Johansen by day). Where few were seen, all ages of the "
            "stage and then all stages weigh in, as much as {n} deals at most.",
            n=BORROWED,
        ),
        message(
            "Amount when won: the present one times how amounts changed between that stage and "
            "winning. Deals without an amount take one of a past won deal."
        ),
        message(
            "Deals not yet created: as many a week as in one of the past {weeks} weeks, won as "
            "past deals were from their creation on. No season and no change of the market is "
            "assumed.",
            weeks=known.weekly.size,
        ),
        message(
            "Each draw shifts the chances within what the number of past deals leaves open, alike "
            "for all deals of a stage; {draws} draws, seed {seed}. Expected days of closing play "
            "no part.",
            draws=numbers.count(result.drawn.draws),
            seed=question.seed,
        ),
    ]


def notes(result: ForecastSimulation) -> list[str]:
    """What was set aside, and what is known less well."""
    known = result.known
    out = list(result.question.target_notes)
    quality = known.history.quality[known.open]
    mix = np.bincount(quality, minlength=len(QUALITIES))
    if known.open.size:
        said = ", ".join(f"{QUALITIES[n]} {mix[n]:,}" for n in np.flatnonzero(mix))
        out.append(
            message(
                "Quality of history: {mix} of {n} open deals.",
                mix=said,
                n=numbers.count(known.open.size),
            )
        )
    if known.set_aside:
        out.append(
            message_of_count(
                "{count} open deal is left out: only the table of today knows it.",
                "{count} open deals are left out: only the table of today knows them.",
                known.set_aside,
            )
        )
    missing = int(np.isnan(known.amount).sum())
    if missing:
        out.append(
            message_of_count(
                "{count} open deal has no amount or no rate; it takes one of a past won deal.",
                "{count} open deals have no amount or no rate; they take one of a past won deal.",
                missing,
            )
        )
    if not known.weekly.size:
        out.append(
            message(
                "Fewer than {n} weeks are known, so deals not yet created are left out.",
                n=LEAST_WEEKS,
            )
        )
    if known.past.deal.size == MOST_STAYS:
        out.append(message("Learned from the newest {n} stays only.", n=numbers.count(MOST_STAYS)))
    if known.open.size and np.unique(known.stage, return_counts=True)[1].max() > MANY:
        out.append(
            message(
                "Of stages with more than {n} open deals the sum is drawn, not deal by deal.",
                n=numbers.count(MANY),
            )
        )
    return out


def figures(result: ForecastSimulation) -> Block:
    """Middle and interval, won so far, expected from open deals and from new ones, target."""
    low, median, high = np.quantile(result.total, (0.1, 0.5, 0.9))
    said = message("80 of 100 draws: {low} to {high}", low=amount(result, low),
                   high=amount(result, high))  # fmt: skip
    lines: list[dict[str, Any]] = [
        {"label": message("Half of the draws win"), **measured.money(median, result.currency),
         "detail": said},
        {"label": message("Won so far"), **measured.money(result.drawn.so_far, result.currency),
         "detail": message_of_count("{count} deal", "{count} deals", int(result.known.won.size))},
        {"label": message("Expected of open deals"),
         **measured.money(float(result.drawn.of_stage.sum(axis=1).mean()), result.currency),
         "detail": message_of_count("{count} deal", "{count} deals", int(result.known.open.size))},
        {"label": message("Expected of deals to come"),
         **measured.money(float(result.drawn.fresh.mean()), result.currency),
         "detail": message("about {n} created", n=numbers.significant(result.expected_new))},
    ]  # fmt: skip
    reached, draws = result.reached
    if draws:
        lines.append(
            {
                "label": message("Chance of the target"),
                **measured.rate(reached / draws),
                "detail": f"{numbers.count(reached)} / {numbers.count(draws)}",
                "interval": numbers.between(*result.interval()),
            }
        )
    return key_figures(lines)


def backtest_headline(result: Backtest) -> str:
    """How often the interval held."""
    if result.frame.empty:
        return message("No past period could be forecast from what was known when it began.")
    count, total, low, high = result.coverage(80)
    return message(
        "In {n} of {total} past periods the amount won lay in the 80 % interval (95 % interval of "
        "that share: {between}).",
        n=count,
        total=total,
        between=numbers.between(low, high),
    )


def verdict(result: Backtest) -> str:
    """Whether the simulation beats the simple forecasts, plainly."""
    summary = result.summary
    others = summary[(summary["method"] != "simulation") & (summary["periods"] > 0)]
    if others.empty:
        return message("There is nothing yet to hold it against.")
    beaten = others[others["beaten"].astype(bool)]
    better = others[~others["beaten"].astype(bool)]
    few = int(others["periods"].max())
    parts = []
    if len(beaten):
        parts.append(
            message(
                "Its mean error is smaller than that of: {names}.", names=_compared(result, beaten)
            )
        )
    if len(better):
        parts.append(message("It does not beat: {names}.", names=_compared(result, better)))
    if few < FEW_PERIODS:
        parts.append(
            message_of_count("{count} period proves little.", "{count} periods prove little.", few)
        )
    return " ".join(parts)


def _compared(result: Backtest, lines: Any) -> str:
    """Methods with their mean error beside that of the simulation."""
    of = result.of
    return "; ".join(
        message(
            "{name} ({ours} against {theirs}, {n} periods)",
            name=str(line.label).lower(),
            ours=amount(of, line.of_simulation),
            theirs=amount(of, line.mean_error),
            n=line.periods,
        )
        for line in lines.itertuples()
    )


def backtest_reading(result: Backtest) -> str:
    """How the picture is to be read."""
    if result.frame.empty:
        return ""
    count, total, _, _ = result.coverage(95)
    ours = result.summary.iloc[0]
    return message(
        "Each period as forecast when it began, with what was known then, beside what was won. "
        "{n} of {total} lay in the 95 % interval; the forecast lies {bias} {side} in the mean. "
        "{verdict}",
        n=count,
        total=total,
        bias=amount(result.of, abs(float(ours["bias"]))),
        side=message("too high") if ours["bias"] > 0 else message("too low"),
        verdict=verdict(result),
    )
