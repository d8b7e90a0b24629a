"""The sentences of a score: what was found, how it was found, and what speaks against it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench import money
from workbench.messages import marked, message, message_of_count
from workbench.results import numbers
from workbench.sales.history import QUALITIES
from workbench.sales.score.base import Basis
from workbench.sales.score.features import label_of
from workbench.sales.score.training import ADVISED, BY_STAGE, MODEL, OVERALL, Model

if TYPE_CHECKING:
    from workbench.sales.score.result import Score

EXTREME = 0.9
LEARNERS = {
    "logistic": marked("a regularised logistic regression"),
    "trees": marked("boosted trees of one feature each, calibrated by isotonic regression"),
}
FORECASTERS = {
    MODEL: marked("the model"),
    BY_STAGE: marked("the win rate of the stage"),
    OVERALL: marked("the win rate of all deals"),
}
SNAPSHOTS = {
    "both": marked("when they entered a stage and at the first instant of each month"),
    "stages": marked("when they entered a stage"),
    "months": marked("at the first instant of each month"),
}


COUNTED = {
    "looks": marked("Every look counts the same."),
    "deals": marked(
        "Every deal counts one, spread over its looks: looks at deals that lived long count less, "
        "so early looks seem more hopeless than they are."
    ),
}


def headline(result: Score) -> str:
    """How many open deals have the best grade, and whether the model can be trusted."""
    basis = result.basis
    if basis.model is None:
        return f"{message('No model: {reason}.', reason=basis.refusal)} {_overall(basis)}"
    best = basis.question.grades.names[0]
    counted = int((result.frame["grade"] == best).sum())
    if not len(result.frame):
        return f"{message('No deal is open.')} {verdict(basis.model)}"
    said = message(
        "{n} of {total} open deals have grade {grade} (score {least} or more).",
        n=numbers.count(counted),
        total=numbers.count(len(result.frame)),
        grade=best,
        least=basis.question.grades.minima[0],
    )
    return f"{said} {verdict(basis.model)}"


def _overall(basis: Basis) -> str:
    won, closed = basis.closed
    if not closed:
        return message("No deal was closed yet.")
    return message(
        "What is known is the win rate of all closed deals: {won} of {closed} ({share}).",
        won=numbers.count(won),
        closed=numbers.count(closed),
        share=numbers.share(won / closed),
    )


def verdict(model: Model) -> str:
    """Whether the model is better than the win rates, in plain words with the figures."""
    deals = int(model.sample.deals.size - model.sample.teaching)
    scores = {name: numbers.significant(model.measured[name, "brier"]) for name in FORECASTERS}
    if model.beats:
        return message(
            "On the newest {deals} closed deals the score is better than the win rate of the stage "
            "(Brier score {model} against {stage}; of all deals {overall}; lower is better).",
            deals=numbers.count(deals),
            **scores,
        )
    other = next(name for name in (BY_STAGE, OVERALL) if not model.gain(name)[1] > 0)
    gain, low, high = model.gain(other)
    words = {
        "deals": numbers.count(deals),
        "other": message(FORECASTERS[other]),
        "model": scores[MODEL],
        "score": scores[other],
        "low": signed(low),
        "high": signed(high),
    }
    if gain > 0:
        return message(
            "On the newest {deals} closed deals it is not shown that the score is better than "
            "{other}: Brier score {model} against {score}, lower is better; the difference lies "
            "between {low} and {high} (95 %).",
            **words,
        )
    return message(
        "On the newest {deals} closed deals the score is not better than {other}: Brier score "
        "{model} against {score}, lower is better; the difference lies between {low} and {high} "
        "(95 %). Use that rate instead.",
        **words,
    )


def signed(value: float) -> str:
    """A difference with its sign and three decimals; a dash for nothing."""
    if numbers.absent(value):
        return numbers.NOTHING
    text = f"{value:+.3f}".replace("-", "−")
    return "0" if text[1:] == "0.000" else text


def reading(result: Score) -> str:
    """How many deals taught and judged the model, and when they were looked at."""
    basis = result.basis
    model, sample = basis.model, basis.sample
    if model is None:
        if not len(basis.sources.history):
            return message("A score needs saves of the deals over time; none are at hand.")
        return message(
            "Bars: of the closed deals that were ever in a stage, the share that was won, with its "
            "95 % interval. This is no model: it knows nothing of the single deal."
        )
    return message(
        "{kind} learned from the oldest {old} of {total} closed deals ({won} won, {lost} lost), "
        "looked at {looks}, and was judged on the newest {new}. A score of 70 means: of "
        "100 such looks, about 70 belong to deals that were won. {counted}",
        counted=message(COUNTED[basis.question.weights]),
        kind=message(LEARNERS[model.learner.kind]).capitalize(),
        old=numbers.count(sample.teaching),
        total=numbers.count(sample.deals.size),
        won=numbers.count(sample.wins),
        lost=numbers.count(sample.losses),
        looks=message(SNAPSHOTS[basis.question.snapshots]),
        new=numbers.count(sample.deals.size - sample.teaching),
    )


def definitions(result: Score) -> list[str]:
    """What a score, a grade and a look are, and what takes no part."""
    basis = result.basis
    question, workspace = basis.question, basis.question.workspace
    out = [
        message("Score: chance of winning in percent, rounded, from 1 to 99."),
        message("Grades: {grades}.", grades=question.grades.in_words()),
        message(
            "Never used: what is known only after closing, such as the reason of a loss, the "
            "forecast category, and the real day of closing."
        ),
        message(
            "Amounts: {rule}{currency}.",
            rule=money.rule_in_words(workspace),
            currency=f" ({result.currency})" if result.currency else "",
        ),
    ]
    if basis.model is not None:
        used = ", ".join(label_of(column.name) for column in basis.model.design.columns)
        out.append(message("Features: {names}.", names=used))
        out.append(
            message("The owner's record takes part; the score is no measure of people.")
            if question.owner_history
            else message("The owner takes no part in the score.")
        )
    return out


def notes(basis: Basis) -> list[str]:
    """Everything that was set aside, and everything that should make a reader careful."""
    sample = basis.sample
    out = []
    if basis.model is not None:
        out += _cautions(basis)
    out += _left_out(basis.left_out)
    if basis.model is not None:
        now = [c.name for c in basis.model.design.columns if c.feature.now]
        if now:
            out.append(
                message(
                    "Known only as they stand now: {names}; for closed deals they may have been "
                    "changed after the look.",
                    names=", ".join(label_of(name) for name in now),
                )
            )
    if sample.short and len(basis.sources.history):
        out.append(
            message_of_count(
                "{count} closed deal lived less than two days or has no known beginning, and "
                "takes no part in learning.",
                "{count} closed deals lived less than two days or have no known beginning, and "
                "take no part in learning.",
                sample.short,
            )
        )
    if sample.unseen and len(basis.sources.history):
        out.append(
            message_of_count(
                "{count} closed deal was never seen open in its history and takes no part in "
                "learning.",
                "{count} closed deals were never seen open in their history and take no part in "
                "learning.",
                sample.unseen,
            )
        )
    disputed = int((basis.standing.disputed & basis.chosen).sum())
    if disputed:
        out.append(
            message_of_count(
                "{count} deal is open although its history ends closed; it gets no score.",
                "{count} deals are open although their history ends closed; they get no score.",
                disputed,
            )
        )
    return [*out, *_quality(basis)]


def _cautions(basis: Basis) -> list[str]:
    sample, out = basis.sample, []
    if min(sample.wins, sample.losses) < ADVISED:
        out.append(
            message(
                "{won} won and {lost} lost deals teach and judge; {advised} of each are advised. "
                "Take scores as rough.",
                won=numbers.count(sample.wins),
                lost=numbers.count(sample.losses),
                advised=ADVISED,
            )
        )
    rate = sample.wins / sample.deals.size
    if not 1 - EXTREME <= rate <= EXTREME:
        out.append(
            message(
                "{won} of {closed} closed deals were won ({share}): at so extreme a rate scores "
                "crowd at one end. Compare a score with that rate, and look whether one kind of "
                "outcome is not recorded.",
                won=numbers.count(sample.wins),
                closed=numbers.count(sample.deals.size),
                share=numbers.share(rate),
            )
        )
    return out


def _left_out(left_out: Mapping[str, str]) -> list[str]:
    return [
        message("“{name}” takes no part: {reason}.", name=label_of(name), reason=reason)
        for name, reason in left_out.items()
    ]


def _quality(basis: Basis) -> list[str]:
    closed = basis.chosen & basis.standing.closed
    if not closed.any() or not len(basis.sources.history):
        return []
    quality = basis.sources.history.quality[closed]
    mix = ", ".join(
        f"{name} {int((quality == code).sum()):,}"
        for code, name in enumerate(QUALITIES)
        if (quality == code).any()
    )
    return [message("History of the closed deals: {mix}.", mix=mix)]


def reason_without_score(basis: Basis, number: int) -> str:
    """Why an open deal has no score."""
    if basis.model is None:
        return message("no model")
    if basis.standing.disputed[number]:
        return message("its history ends closed")
    return message("no history of its stages")
