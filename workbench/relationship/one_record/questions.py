"""The ten questions that a page about one record answers, in order.

Source: relationship-analytics.md, section 10 (list of the seed; mails and meetings are two).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.messages import marked, message, message_of_count
from workbench.relationship import wording
from workbench.results import numbers


def answers_of(
    line: pd.Series, *, judged: bool, similar: pd.DataFrame | None, rank: tuple[int, int, str],
    of: str, zone: str,
) -> list[dict[str, Any]]:  # fmt: skip
    """A line a question.

    Parameters
    ----------
    line : pandas.Series
        Of the frame of `Relationships`.
    judged : bool
        Whether such records have a health.
    similar : pandas.DataFrame, optional
        Lines ``measure, deal, typical``.
    rank : tuple of int, int and str
        Place of the record among those that ask for attention, of how many, and why.
    of, zone : str
        Kind of record, and the reporting zone.
    """
    beside = _typical(similar)
    return [
        _good(line, judged),
        _asked("time", message("How much time did we spend?"), message(
            "{ours} of ours, {theirs} of the customer", ours=_hours(line["team_minutes"]),
            theirs=_hours(line["customer_minutes"])), line["team_minutes"] / 60, "activities",
            beside("team_hours", marked("{n} h of ours"))),
        _asked("last", message("When were we last in contact?"), _last(line, zone),
               line["days_since_last"], "all"),
        _asked("next", message("When will we be next?"), _next(line, zone), None, "all"),
        _asked("mails", message("How many mails went to and fro?"), message(
            "{sent} sent, {received} received", sent=numbers.count(line["emails_sent"]),
            received=numbers.count(line["emails_received"])), line["emails"], "emails",
            beside("ratio_by_us", marked("{n} sent for one received"))),
        _asked("meetings", message("How many meetings and calls?"), message(
            "{meetings} and {calls}", meetings=message_of_count(
                "{count} meeting", "{count} meetings", int(line["meetings"])),
            calls=message_of_count("{count} call", "{count} calls", int(line["calls"]))),
            line["meetings"], "meetings", beside("activities", marked("{n} activities in all"))),
        _shared("rate", message("How often does the customer answer?"), line,
                "answered_by_them", "asked_of_them",
                beside("hours_by_them", marked("after {n} h"))),
        _shared("started", message("How much did the customer begin?"), line,
                "started_by_customer", "directed",
                beside("started_by_us", marked("{n} begun by us"))),
        _asked("answer", message("How long do we take to answer?"), _answer(line),
               line["hours_by_us"], "answered_by_us", beside("hours_by_us", marked("{n} h"))),
        _asked("attention", message("Is it worth our time now?"), message(
            "Number {n} of {total} that ask for attention: {why}", n=rank[0],
            total=wording.of_count(of, rank[1]), why=rank[2] or message("no sign")), rank[0],
            "all"),
    ]  # fmt: skip


def _asked(
    name: str, question: str, answer: str, value: Any, opens: str, beside: str = ""
) -> dict[str, Any]:
    return {
        "name": name, "question": question, "answer": answer,
        "value": None if numbers.absent(value) else float(value), "count": None, "total": None,
        "similar_won": beside or None, "opens": opens,
    }  # fmt: skip


def _shared(
    name: str, question: str, line: pd.Series, above: str, below: str, beside: str
) -> dict[str, Any]:
    count, total = int(line[above]), int(line[below])
    answer = message(
        "{share} ({n} of {total})",
        share=numbers.share(count / total) if total else numbers.NOTHING,
        n=numbers.count(count), total=numbers.count(total),
    )  # fmt: skip
    out = _asked(name, question, answer, count / total if total else None, above, beside)
    return {**out, "count": count, "total": total}


def _typical(similar: pd.DataFrame | None) -> Any:
    known = {} if similar is None else dict(
        zip(similar["measure"], similar["typical"], strict=True))  # fmt: skip

    def said(name: str, form: str) -> str:
        value = known.get(name)
        if value is None or value != value:
            return ""
        return message(form, n=numbers.significant(value))

    return said


def _good(line: pd.Series, judged: bool) -> dict[str, Any]:
    question = message("Is the relationship good?")
    if not judged:
        text = message("Not asked: accounts have a health with roll_up=True")
        return _asked("good", question, text, None, "activities")
    told = wording.in_words(pd.DataFrame([line])).iloc[0]
    if numbers.absent(line["score"]):
        return _asked("good", question, str(told["state"]), None, "activities")
    answer = message(
        "{state}: {score} of 100; trend: {trend}",
        state=told["state"], score=numbers.count(line["score"]), trend=str(told["trend"]).lower(),
    )  # fmt: skip
    return _asked("good", question, answer, line["score"], "activities")


def _last(line: pd.Series, zone: str) -> str:
    if numbers.absent(line["last_at"]):
        return message("Never")
    return message(
        "{day}, {ago} ago: {kind}, {way}", day=numbers.day(line["last_at"], zone),
        ago=numbers.days(line["days_since_last"]), kind=wording.kind_words()[line["last_type"]],
        way=wording.way_words()[line["last_direction"]],
    )  # fmt: skip


def _next(line: pd.Series, zone: str) -> str:
    late = int(line["overdue"])
    words = message_of_count("{count} task is overdue", "{count} tasks are overdue", late)
    if numbers.absent(line["next_at"]):
        nothing = message("Nothing is planned")
        return f"{nothing}; {words}" if late else nothing
    planned = message(
        "{day}: {kind}", day=numbers.day(line["next_at"], zone),
        kind=wording.kind_words()[line["next_type"]],
    )  # fmt: skip
    return f"{planned}; {words}" if late else planned


def _answer(line: pd.Series) -> str:
    if numbers.absent(line["hours_by_us"]):
        return message("No mail of the customer was answered")
    return message(
        "{hours} h on average; {n} of {total} answered",
        hours=numbers.significant(line["hours_by_us"]), n=numbers.count(line["answered_by_us"]),
        total=numbers.count(line["asked_of_us"]),
    )  # fmt: skip


def _hours(minutes: float) -> str:
    """Minutes as hours with one decimal, halves up."""
    return message("{n} h", n=f"{int(minutes / 6 + 0.5) / 10:,.1f}")
