"""The one message of an alert that fired: what is true, what was expected, where to look.

Source: collaboration.md, sections 2.1 (message) and 2.2 (all true triggers in one message).
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.collaboration.alerts.evaluating import Outcome
from workbench.collaboration.alerts.judging import Verdict
from workbench.collaboration.alerts.record import CHANGES, Alert, Trigger
from workbench.collaboration.delivery import Parcel
from workbench.messages import marked, message, message_of_count
from workbench.results import numbers

CONDITIONS = {
    "anomaly": marked("an anomaly"),
    "above_expected": marked("above what was expected"),
    "below_expected": marked("below what was expected"),
    "at_least": marked("at least {value}"),
    "at_most": marked("at most {value}"),
    "changes_by": marked("changes by {value}"),
    "no_data": marked("no data"),
}
BASELINES = {
    "previous": marked("the period before"),
    "same_weekday": marked("the same weekday a week before"),
    "last_year": marked("the same period a year before"),
}
# An underscore inside a word means nothing in Markdown.
_MARKDOWN = re.compile(r"([\\`*\[\]<>])|(?<!\w)(_)|(_)(?!\w)")
_STYLE = (
    "font:15px/1.5 -apple-system,'Segoe UI',Roboto,sans-serif;color:#1F2933;max-width:560px;"
    "overflow-wrap:anywhere"
)
_LINKED = re.compile(r"https?://\S+\Z")


def parcel(alert: Alert, outcome: Outcome, *, identity: str, run: int | str) -> Parcel:
    """The message of one period, small enough for every mailbox.

    Parameters
    ----------
    alert : Alert
    outcome : Outcome
    identity : str
        Of the alert in the store.
    run : int or str
        Number of the evaluation, for questions about it.
    """
    sentences = [
        sentence(verdict, trigger, new)
        for verdict, trigger, new in zip(
            outcome.verdicts, alert.triggers, outcome.news, strict=True
        )
        if verdict.state == "true"
    ]
    period = period_words(outcome)
    foot = message("Alert {id}, evaluation {run}.", id=identity, run=run)
    if alert.repeat == "once":
        foot += " " + message("You are told again after a period without it.")
    return Parcel(
        key=f"{identity}-{outcome.start.isoformat()}",
        subject=subject(alert, outcome),
        text=_text(alert, period, sentences, foot),
        html=_html(alert, period, sentences, foot),
        plain={"alert": identity, "name": alert.name, "run": run, "report": alert.report,
               **outcome.plain()},
    )  # fmt: skip


def subject(alert: Alert, outcome: Outcome) -> str:
    """Name and first finding as one line."""
    true = outcome.true
    more = len(true) - 1
    first = f"{true[0].label} {_value(true[0], true[0].actual)}" if true else ""
    if more > 0:
        rest = message_of_count("and {count} more", "and {count} more", more)
        return f"{alert.name}: {first} {rest}"
    return f"{alert.name}: {first}"


def period_words(outcome: Outcome) -> str:
    """The period as dates."""
    if outcome.start == outcome.end:
        return outcome.start.isoformat()
    return f"{outcome.start.isoformat()} – {outcome.end.isoformat()}"


def sentence(verdict: Verdict, trigger: Trigger, new: bool = True) -> str:
    """One true trigger as a sentence: actual, expected, band, deviation."""
    values: dict[str, Any] = {
        "label": verdict.label,
        "actual": _value(verdict, verdict.actual),
        "expected": _value(verdict, verdict.expected),
    }
    if verdict.when == "no_data":
        said = message("{label}: the data hold nothing of this period.", **values)
    elif verdict.low is not None:
        said = message(
            "{label}: {actual}, expected {expected} (between {low} and {high} at {level}); "
            "{deviation}.",
            low=_value(verdict, verdict.low), high=_value(verdict, verdict.high),
            level=f"{100 * trigger.confidence:g} %", deviation=_deviation(verdict), **values,
        )  # fmt: skip
        if verdict.holiday:
            said += " " + message("Special day: {name}.", name=verdict.holiday)
        if verdict.method in ("poisson", "negative_binomial"):
            said += " " + message("Small counts: the band is that of a law of counts.")
    elif verdict.new:
        said = message("{label}: {actual}, new: nothing was there before.", **values)
    elif verdict.when == CHANGES:
        said = message(
            "{label}: {actual} after {expected} in {baseline}; {deviation}.",
            baseline=message(BASELINES[trigger.baseline]), deviation=_deviation(verdict), **values,
        )  # fmt: skip
    else:
        condition = message(CONDITIONS[verdict.when], value=values["expected"])
        said = message("{label}: {actual}, {condition}.", condition=condition, **values)
    return said if new else f"{said} {message('Since before this period.')}"


def condition_words(trigger: Trigger) -> str:
    """Metric and condition as a reader sees them in a list."""
    value = trigger.value
    shown = numbers.share(value) if trigger.when == CHANGES else numbers.significant(value)
    said = message(CONDITIONS[trigger.when], value=shown)
    level = f" ({100 * trigger.confidence:g} %)" if trigger.when in (
        "anomaly", "above_expected", "below_expected"
    ) else ""  # fmt: skip
    return f"{trigger.label}: {said}{level}"


def digest(parcels: Sequence[Parcel], key: str) -> Parcel:
    """Several messages as one."""
    title = message_of_count("{count} alert", "{count} alerts", len(parcels))
    subjects = "; ".join(p.subject for p in parcels)
    return Parcel(
        key=key,
        subject=f"{title}: {subjects}",
        text="\n\n---\n\n".join(f"**{_plain(p.subject)}**\n\n{p.text}" for p in parcels),
        html="<hr>".join(p.html for p in parcels),
        plain={"alerts": [dict(p.plain) for p in parcels]},
    )


def _value(verdict: Verdict, value: float | None) -> str:
    if value is None:
        return numbers.NOTHING
    if verdict.unit == "share":
        return numbers.share(value)
    if verdict.unit == "money":
        return numbers.money(value, verdict.currency)
    if verdict.unit == "count" and value == round(value):
        return numbers.count(value)
    return numbers.significant(value)


def _deviation(verdict: Verdict) -> str:
    if verdict.deviation is None:
        return message("nothing was expected")
    size = numbers.share(abs(verdict.deviation))
    if verdict.deviation > 0:
        return message("{size} above", size=size)
    return message("{size} below", size=size) if verdict.deviation < 0 else message("equal")


def _plain(text: str) -> str:
    """Text in which Markdown sees no signs of its own, on one line."""
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", " ".join(text.split()))


def _text(alert: Alert, period: str, sentences: list[str], foot: str) -> str:
    lines = [f"{period}", "", *(f"- {_plain(item)}" for item in sentences)]
    if alert.description:
        lines += ["", _plain(alert.description)]
    if alert.report:
        lines += ["", message("Report: {place}", place=alert.report)]
    return "\n".join([*lines, "", foot])


def _html(alert: Alert, period: str, sentences: list[str], foot: str) -> str:
    items = "".join(f"<li>{html.escape(item)}</li>" for item in sentences)
    more = f"<p>{html.escape(alert.description)}</p>" if alert.description else ""
    if alert.report:
        place = html.escape(alert.report, quote=True)
        shown = f'<a href="{place}">{place}</a>' if _LINKED.match(alert.report) else place
        more += f"<p>{html.escape(message('Report: {place}', place=''))}{shown}</p>"
    return (
        f'<div style="{_STYLE}"><h2 style="font-size:18px;margin:0 0 4px">'
        f"{html.escape(alert.name)}</h2>"
        f'<p style="color:#52606D;margin:0">{html.escape(period)}</p><ul>{items}</ul>{more}'
        f'<p style="color:#52606D;font-size:13px">{html.escape(foot)}</p></div>'
    )


def as_plain(made: Parcel) -> dict[str, Any]:
    """A message as the store keeps it until it is delivered."""
    return {"key": made.key, "subject": made.subject, "text": made.text, "html": made.html,
            "plain": dict(made.plain)}  # fmt: skip


def from_plain(content: Mapping[str, Any]) -> Parcel:
    """A message that the store has kept."""
    return Parcel(
        key=str(content["key"]), subject=str(content["subject"]), text=str(content["text"]),
        html=str(content["html"]), plain=dict(content.get("plain", {})),
    )  # fmt: skip
