"""The sentences of a review of scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench import money
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.intervals import SMALL_GROUP, difference
from workbench.sales.score.judging import LEAST_TO_PROPOSE

if TYPE_CHECKING:
    from workbench.sales.score.review_result import ScoreReview


def headline(result: ScoreReview) -> str:
    """Win rate of the best grade, and whether scores were better than the win rate."""
    verdict, total = result.verdict, len(result.found.deals)
    if not verdict.score.size:
        return message(
            "No score to review: {n} deals were closed, and none had a score {horizon}.",
            n=numbers.count(total),
            horizon=horizon(result),
        )
    line = result.frame.iloc[0]
    first = message(
        "{won} of {deals} deals that had grade {grade} {horizon} were won ({share}).",
        won=numbers.count(line["won"]),
        deals=numbers.count(line["deals"]),
        grade=line["grade"],
        horizon=horizon(result),
        share=numbers.share(line["share"]),
    )
    if not line["deals"]:
        first = message("No deal had grade {grade} {horizon}.", grade=line["grade"],
                        horizon=horizon(result))  # fmt: skip
    return f"{first} {_skill(result)}"


def _skill(result: ScoreReview) -> str:
    verdict = result.verdict
    skill = verdict.skill
    words = {
        "n": numbers.count(verdict.score.size),
        "brier": numbers.significant(verdict.measured["brier"]),
        "base": numbers.share(verdict.base),
    }
    if numbers.absent(skill):
        return message("All {n} scored deals ended alike, so nothing can be judged.", **words)
    _, high = verdict.intervals["brier"]
    spread = verdict.base * (1 - verdict.base)
    words["spread"] = numbers.significant(spread)
    if skill <= 0:
        return message(
            "Over all {n} scored deals the score was no better than their win rate of {base} "
            "(Brier score {brier} against {spread}; lower is better).",
            **words,
        )
    if not high < spread:
        return message(
            "Over all {n} scored deals the score was better than their win rate of {base}, but not "
            "by more than chance (Brier score {brier} against {spread}; lower is better).",
            **words,
        )
    return message(
        "Over all {n} scored deals the score was better than their win rate of {base} (Brier score "
        "{brier} against {spread}; lower is better).",
        **words,
    )


def horizon(result: ScoreReview) -> str:
    """When the score was taken, as part of a sentence."""
    found = result.found
    if found.at_stage:
        return message("on entering “{stage}”", stage=numbers.shortened(found.at_stage, 40))
    return message("{length} before closing", length=found.horizon.in_words())


def reading(result: ScoreReview) -> str:
    """Which score counts, and where it comes from."""
    found = result.found
    if found.at_stage and found.computed:
        counted = message("The score at the first entry into the stage counts.")
    elif found.at_stage:
        counted = message("The last score at or before the first entry into the stage counts.")
    else:
        counted = message(
            "The last score at or before {length} before closing counts, never that of the closing "
            "day.",
            length=found.horizon.in_words(),
        )
    drawn = message(
        "Points: share won of the closed deals with a grade, with its 95 % interval; the grey mark "
        "is the mean score, what was promised."
    )
    return f"{drawn} {counted} {_source(result)}"


def _source(result: ScoreReview) -> str:
    if not result.found.computed:
        return message("Scores are those that were kept in the log.")
    return message(
        "Scores were computed afterwards, by models that each learned only from deals closed "
        "before the month of the score; they are not what anybody saw then."
    )


def definitions(result: ScoreReview) -> list[str]:
    """Grades, measures and the proposal."""
    question = result.found.question
    currency = f" ({result.currency})" if result.currency else ""
    out = [
        message("Grades: {grades}.", grades=question.grades.in_words()),
        message("Brier score: mean squared distance of the score, as a chance, from the outcome."),
        message("Skill: one minus the Brier score over that of always naming the win rate."),
        message("Calibration error: mean distance of mean score and win rate over the grades."),
        message(
            "Amounts: {rule}{currency}.",
            rule=money.rule_in_words(question.workspace),
            currency=currency,
        ),
    ]
    return [*out, proposal(result)]


def proposal(result: ScoreReview) -> str:
    """The minimum of the best grade that the outcomes suggest; it is never applied."""
    found, verdict = result.found, result.verdict
    best = found.question.grades
    proposed = verdict.proposal(found.precision)
    share = numbers.share(found.precision)
    if proposed is None:
        return message(
            "No minimum of grade {grade} is proposed: no threshold has at least {least} deals "
            "whose share won is surely {share} or more.",
            grade=best.names[0],
            least=LEAST_TO_PROPOSE,
            share=share,
        )
    least, won, deals, low = proposed
    return message(
        "Proposal, to be decided by people: grade {grade} from {least} on (now {now}); {won} of "
        "{deals} such deals were won, surely {low} or more (asked: {share}).",
        grade=best.names[0],
        least=least,
        now=best.minima[0],
        won=numbers.count(won),
        deals=numbers.count(deals),
        low=numbers.share(low),
        share=share,
    )


def notes(result: ScoreReview) -> list[str]:
    """Deals without a score, small groups, grades out of order, amounts that are unknown."""
    found, verdict = result.found, result.verdict
    out = []
    left = len(found.deals) - verdict.score.size
    if left:
        out.append(
            message_of_count(
                "{count} of {total} closed deals had no score {horizon}; it is listed as “no "
                "score”.",
                "{count} of {total} closed deals had no score {horizon}; they are listed as “no "
                "score”.",
                left,
                total=numbers.count(len(found.deals)),
                horizon=horizon(result),
            )
        )
    out += _selection(result, left)
    graded = verdict.by_grade
    small = graded[(graded["deals"] > 0) & graded["small"]]["grade"]
    if len(small):
        out.append(
            message(
                "Fewer than {least} deals have grade {names}: their shares say little.",
                least=SMALL_GROUP,
                names=", ".join(small),
            )
        )
    for better, worse in verdict.faults:
        out.append(
            message(
                "Deals with grade {better} were won less often than those with {worse}.",
                better=better,
                worse=worse,
            )
        )
    if verdict.value_in_best[2]:
        out.append(
            message_of_count(
                "{count} won deal has no known amount and does not count in amounts.",
                "{count} won deals have no known amount and do not count in amounts.",
                verdict.value_in_best[2],
            )
        )
    if not result.comparable:
        out.append(message("Amounts stand in several currencies and are not added."))
    return out


def _selection(result: ScoreReview, left: int) -> list[str]:
    """What a horizon does to the deals that count: it asks that they lived on for so long."""
    verdict = result.verdict
    with_score = int(verdict.won.sum())
    without = int(result.frame["won"].iloc[-1])
    found = difference(with_score, verdict.won.size, without, left)
    if result.found.at_stage or numbers.absent(found.p_value) or found.p_value >= 0.01:
        return []
    return [
        message(
            "Of the deals with a score {scored} were won, of those without one {unscored}: the "
            "horizon counts only deals that lived on for {length} after a score, which the score "
            "could not know. Looking at the entry of a stage (at_stage) has no such choice.",
            scored=f"{numbers.share(with_score / verdict.won.size)} "
            f"({numbers.count(with_score)}/{numbers.count(verdict.won.size)})",
            unscored=f"{numbers.share(without / left)} "
            f"({numbers.count(without)}/{numbers.count(left)})",
            length=result.found.horizon.in_words(),
        )
    ]
