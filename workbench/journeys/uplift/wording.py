"""What an uplift says: its headline, its verdicts, how to read its picture, what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.journeys.uplift.comparison import CALIPER
from workbench.journeys.uplift.covariates import asked_covariates, stages_of
from workbench.journeys.uplift.estimate import FEWEST_CONVERTED
from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures

if TYPE_CHECKING:
    from workbench.journeys.uplift.result import Uplift

SURE = 0.01
"""A difference before the event undoes a finding below this p; up to 0.05 it is only told, as one
true finding in forty would be undone by chance alone."""
_SHOWN = ("raised", "lowered")


def between(low: float, high: float) -> str:
    """An interval of differences in points: ``+4.0 to +20.1``."""
    first = f"{low * 100:+.1f}".replace("-", "−")
    second = f"{high * 100:+.1f}".replace("-", "−")
    return message("{low} to {high}", low=first, high=second)


def label(result: Uplift) -> str:
    """What the events are called."""
    ready = result.treatments.ready or result.treatments.unfinished
    if not ready:
        asked = result.question.events
        return ", ".join(asked) if asked else message("the event")
    if len(ready) == 1:
        return ready[0].label
    return message_of_count("{count} event together", "{count} events together", len(ready))


def headline(result: Uplift) -> str:
    """The effect on the first outcome with numerator and denominator, and how the others fared."""
    if result.refusal:
        return message(
            "Whether “{event}” changed what followed cannot be said. {why}",
            event=label(result),
            why=result.refusal,
        )
    lines = result.frame.to_dict("records")
    text = _of_one(result, lines[0])
    shown = [line["outcome"] for line in lines[1:] if line["finding"] in _SHOWN]
    if shown:
        text += message("; an effect is also shown on {outcomes}", outcomes=", ".join(shown))
    elif len(lines) > 1:
        text += message_of_count(
            "; on {count} other outcome none is shown",
            "; on {count} other outcomes none is shown",
            len(lines) - 1,
        )
    return text


def _of_one(result: Uplift, line: dict[str, Any]) -> str:
    values = {
        "event": label(result),
        "outcome": line["outcome"],
        "who": result.question.container.plural,
        "horizon": result.question.horizon.in_words(),
        "converted": numbers.count(line["compared_converted"]),
        "total": numbers.count(line["compared"]),
        "share": numbers.share(line["compared_share"]),
        "expected": numbers.share(line["expected_share"]),
        "points": numbers.points(line["effect"]),
        "interval": between(line["effect_low"], line["effect_high"]),
    }
    if line["finding"] == "raised":
        return message(
            "“{event}” raised “{outcome}” within {horizon} by {points} (95 %: {interval}): "
            "{converted} of {total} {who} that took part ({share}), {expected} expected without",
            **values,
        )
    if line["finding"] == "lowered":
        return message(
            "“{event}” lowered “{outcome}” within {horizon} by {points} (95 %: {interval}): "
            "{converted} of {total} {who} that took part ({share}), {expected} expected without",
            **values,
        )
    if line["finding"] == "not answered":
        return message(
            "Whether “{event}” changed “{outcome}” cannot be said. {why}",
            event=values["event"],
            outcome=values["outcome"],
            why=line["verdict"],
        )
    if line["finding"] == "in doubt":
        return message(
            "Whether “{event}” changed “{outcome}” is in doubt, although {converted} of {total} "
            "{who} that took part converted ({share}) and {expected} were expected",
            **values,
        )
    return message(
        "No effect of “{event}” on “{outcome}” within {horizon} is shown: {converted} of {total} "
        "{who} that took part ({share}), {expected} expected without; {points} (95 %: {interval})",
        **values,
    )


def too_few_converted(line: dict[str, Any]) -> str:
    """Why an outcome is not answered."""
    return message(
        "Only {n} of those compared have this outcome, at least {least} are needed.",
        n=numbers.count(line["compared_converted"] + line["comparable_converted"]),
        least=FEWEST_CONVERTED,
    )


def not_shown(line: dict[str, Any], outcomes: int) -> str:
    """The verdict where chance may explain the difference."""
    values = {
        "points": numbers.points(line["effect"]),
        "interval": between(line["effect_low"], line["effect_high"]),
    }
    if line["effect_low"] > 0 or line["effect_high"] < 0:
        return message(
            "No effect can be told from chance where {n} outcomes are asked about at once: "
            "{points} ({interval}).",
            n=outcomes,
            **values,
        )
    return message("No effect can be told from chance: {points} ({interval}).", **values)


def shown(line: dict[str, Any]) -> tuple[str, str]:
    """Finding and verdict where chance does not explain the difference."""
    values = {
        "points": numbers.points(line["effect"]),
        "interval": between(line["effect_low"], line["effect_high"]),
        "share": numbers.share(line["compared_share"]),
        "expected": numbers.share(line["expected_share"]),
    }
    if line["effect"] > 0:
        return "raised", message(
            "Raised by {points} ({interval}): {share}, {expected} expected without.", **values
        )
    return "lowered", message(
        "Lowered by {points} ({interval}): {share}, {expected} expected without.", **values
    )


def doubt(result: Uplift, outcome: int, line: dict[str, Any]) -> str:
    """Why a difference that chance does not explain is still no finding; empty where it is one."""
    analysis = result.analysis
    assert analysis is not None
    if analysis.unlike:
        first = analysis.unlike[0]
        return message(
            "In doubt: those compared still differ before the event, most in “{name}” ({smd} "
            "standard deviations).",
            name=analysis.design.names[first],
            smd=f"{analysis.differences[1][first]:+.2f}".replace("-", "−"),
        )
    before = _before(result, outcome, line)
    if before is not None and before["earlier_p_adjusted"] < SURE:
        return message(
            "In doubt: those who took part differed by {points} ({interval}) in the same length of "
            "time before the event already, which it cannot have caused.",
            points=numbers.points(before["earlier_effect"]),
            interval=between(before["earlier_low"], before["earlier_high"]),
        )
    return ""


def caution(result: Uplift, outcome: int, line: dict[str, Any]) -> str:
    """What weakens a finding without undoing it; empty where nothing does."""
    before = _before(result, outcome, line)
    if before is None:
        return ""
    return message(
        "Read it with caution: in the same length of time before the event they differed by "
        "{points} ({interval}) already, little more than chance allows.",
        points=numbers.points(before["earlier_effect"]),
        interval=between(before["earlier_low"], before["earlier_high"]),
    )


def _before(result: Uplift, outcome: int, line: dict[str, Any]) -> dict[str, Any] | None:
    """The line of the placebo, where it differs in the direction of the effect."""
    before = result.placebo().frame.iloc[outcome].to_dict()
    same = (before["earlier_effect"] > 0) == (line["effect"] > 0)
    return before if before["differs"] and same else None


def reading(result: Uplift) -> str:
    """What is compared with what."""
    if result.refusal:
        return ""
    line = result.frame.iloc[0]
    who = result.question.container.plural
    text = message(
        "Blue: {n} {who} that took part, less what {m} comparable {who} that did not let expect; "
        "grey: less all {all} others, nothing held equal. Lines: 95 % intervals.",
        n=numbers.count(line["compared"]),
        m=numbers.count(line["comparable"]),
        all=numbers.count(line["untreated"]),
        who=who,
    )
    if line["finding"] in _SHOWN:
        text += " " + caution(result, 0, line.to_dict())
    lost = int(line["treated"] - line["compared"])
    if lost:
        text += " " + message_of_count(
            "{count} that took part is like nobody else and left out.",
            "{count} that took part are like nobody else and left out.",
            lost,
        )
    return " ".join(text.split())


def definitions(result: Uplift) -> list[str]:
    """The question in sentences."""
    question = result.question
    out = [
        message("Outcome {label}: {words}.", label=item.label, words=item.in_words())
        for item in question.outcomes
    ]
    zone = question.workspace.settings.report_tz
    for one in result.treatments.ready:
        out.append(
            message(
                "“{event}” begins on {day}; an outcome counts within {horizon} after.",
                event=one.label,
                day=numbers.day(_instant(one.start), zone),
                horizon=question.horizon.in_words(),
            )
        )
    if question.segment:
        out.append(message("Only {segment}.", segment=question.segment.in_words()))
    out.append(
        message(
            "Held equal, as known before the event: {names}. Events count in the {span} before. "
            "Columns of tables without dates are taken as they stand today.",
            names=", ".join(name.replace("_", " ") for name in asked_covariates(question)),
            span=question.known_before.in_words(),
        )
    )
    out.append(
        message(
            "Stages in order: {stages}.",
            stages=", ".join(item.label for item in stages_of(question)),
        )
    )
    if question.method == "matching":
        out.append(
            message(
                "Each that took part stands against its {k} nearest others by the chance of "
                "taking part, at most {caliper} standard deviations of its logit away.",
                k=question.neighbours,
                caliper=CALIPER,
            )
        )
    else:
        out.append(
            message(
                "Others count by p / (1 − p), p being the chance of taking part by what was known "
                "before; those beyond the chances of the other side are left out."
            )
        )
    out.append(
        message(
            "The effect is that on those who took part (doubly robust: weights and a model of the "
            "outcome); “of the rest” is (P1 − P0) / (1 − P0). Invitations and the campaign of the "
            "event itself are no part of what was known before."
        )
    )
    return out


def _instant(microseconds: int) -> Any:
    import pandas as pd

    return pd.Timestamp(microseconds, unit="us", tz="UTC").to_pydatetime()


def figures(result: Uplift) -> Block:
    """Who took part, the effect, what was expected, and how far the plain difference is off."""
    line = result.frame.iloc[0]
    who = result.question.container.plural.capitalize()
    out = [
        {
            "label": message("{who} that took part", who=who),
            **measured.count(line["treated"]),
            "detail": label(result),
        }
    ]
    if line["finding"] != "not answered":
        out += [
            {
                "label": message("Effect on “{outcome}”", outcome=line["outcome"]),
                **measured.points(line["effect"], line["effect_low"], line["effect_high"]),
                "detail": between(line["effect_low"], line["effect_high"]),
            },
            {
                "label": message("Converted within {h}", h=result.question.horizon.in_words()),
                **measured.share(line["compared_converted"], line["compared"]),
                "detail": f"{numbers.count(line['compared_converted'])} / "
                f"{numbers.count(line['compared'])}",
            },
            {
                "label": message("Expected without the event"),
                **measured.rate(line["expected_share"]),
                "detail": message("{n} comparable", n=numbers.count(line["comparable"])),
            },
            {
                "label": message("Plain difference to all others"),
                **measured.points(line["naive_difference"]),
                "detail": message("nothing held equal"),
            },
        ]
    return key_figures(out)
