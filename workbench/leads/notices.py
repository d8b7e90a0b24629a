"""What is to be told about new leads: single messages or one digest a day, as files.

Nothing is sent: files are written that a person or a mail system takes up. They hold no contact
data.

Source: partner-leads.md, section 7 (volume rule, content, reminders).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads.filters import offers
from workbench.leads.question import Question
from workbench.leads.recipients import recipients_of
from workbench.leads.terms import HOUR, NEVER
from workbench.messages import message, message_of_count
from workbench.vocabulary.periods import bucket

MOST_SINGLE = 10
REMIND_HOURS = 48
COLUMNS = {
    "recipient": "Who is told; empty for nobody in particular",
    "day": "Day of the reporting zone on which the leads arrived",
    "kind": "single or digest",
    "count": "Leads of the message",
    "hot": "Of them, those that are hot",
    "lead_ids": "Their keys, in order of arrival",
}
_START = datetime(1970, 1, 1, tzinfo=UTC)


def notices(
    question: Question, places: np.ndarray, *, streaming: bool, recipients: Any = None
) -> pd.DataFrame:
    """Messages about leads that pressed 'contact me', by recipient in order of their day.

    Parameters
    ----------
    places : numpy.ndarray of int64
        The listed leads.
    streaming : bool
        Whether the first 10 of a day are told one by one and the rest in a digest at its end; else
        a day of more than 10 has exactly one digest of all.
    recipients : list or path, optional
        As `workbench.leads.recipients.recipients_of` reads them.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`.
    """
    told = _messages(question, places, streaming=streaming)
    rows = [(who.name, *line) for who in recipients_of(recipients) for line in told]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _messages(
    question: Question, places: np.ndarray, *, streaming: bool
) -> list[tuple[date, str, int, int, list[str]]]:
    """Day, kind, leads, hot leads and keys of the messages that one recipient gets."""
    records, states = question.records, question.states
    created = records["created_at"]
    told = places[records["call_to_action"][places] == "contact_me"]
    told = told[np.lexsort((told, created[told]))]
    days = bucket(created[told], "day", question.zone).dt.date.to_numpy()
    rows = []
    for day in sorted(set(days)):
        own = told[days == day]
        single = own[:MOST_SINGLE] if streaming or own.size <= MOST_SINGLE else own[:0]
        parts = [("single", own[n : n + 1]) for n in range(single.size)]
        if own.size > single.size:
            parts.append(("digest", own[single.size :]))
        rows += [
            (day, kind, len(part), int(states.hot[part].sum()), records["lead_id"][part].tolist())
            for kind, part in parts
        ]
    return rows


def save_notices(
    question: Question,
    places: np.ndarray,
    folder: str | Path,
    *,
    streaming: bool,
    recipients: Any = None,
) -> list[Path]:
    """Write each message as Markdown and as a mail, and the reminders as one calendar.

    Parameters
    ----------
    folder : str or pathlib.Path
        Made where it is missing; files of the same name are replaced.

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    ArgumentError
        For a folder that cannot be written.
    """
    target = Path(folder)
    told = _messages(question, places, streaming=streaming)
    place = {key: n for n, key in enumerate(question.records["lead_id"])}
    contents: dict[str, bytes] = {}
    people = recipients_of(recipients)
    for number, (day, kind, count, hot, keys) in enumerate(told, 1):
        name, title = f"{day}-{number:04d}-{kind}", _title(count, hot)
        text = f"# {title}\n\n{_table(question, [place[key] for key in keys])}"
        contents[f"{name}.md"] = text.encode("utf-8", "replace")
        for position, who in enumerate(people, 1):
            own = f"{name}-{position}" if who.address else name
            contents[f"{own}.eml"] = _mail(title, text, question.as_of, who.address)
    contents["reminders.ics"] = _calendar(question, places).encode("utf-8", "replace")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            part = target / f".{uuid4().hex}.part"
            try:
                part.write_bytes(content)
                part.replace(target / name)
            finally:
                part.unlink(missing_ok=True)
    except OSError as problem:
        raise ArgumentError.of(
            "folder", str(folder), message("a folder that can be written"), f"{problem.strerror}."
        ) from None
    return [target / name for name in contents]


def _title(count: int, hot: int) -> str:
    return message_of_count("{count} new lead, {hot} hot", "{count} new leads, {hot} hot",
                            count, hot=hot)  # fmt: skip


def _table(question: Question, places: list[int]) -> str:
    records, states, offer = question.records, question.states, offers(question.records)
    heads = (
        message("Customer"), message("Country"), message("Call to action"), message("Offer"),
        message("Quality"), message("Mail"), message("Telephone"), message("Arrived"),
        message("Expires"),
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for n in places:
        cells = [
            records["customer_name"][n], records["country"][n], records["call_to_action"][n],
            offer[n], records["quality"][n], records["email_validity"][n],
            records["phone_validity"][n], _instant(records["created_at"][n]),
            _instant(states.expires_at[n]),
        ]  # fmt: skip
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _cell(value: str | None) -> str:
    plain = _one_line(value or "–")
    return re.sub(r"([\\|<>*_`\[\]#])", r"\\\1", plain)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _instant(microseconds: int) -> str:
    if microseconds == NEVER:
        return "–"
    return f"{_START + timedelta(microseconds=int(microseconds)):%Y-%m-%d %H:%M} UTC"


def _mail(title: str, text: str, moment: datetime, address: str) -> bytes:
    mail = EmailMessage(policy=SMTP)
    if address:
        mail["To"] = address
    mail["Subject"] = title
    mail["Date"] = moment
    mail.set_content(text.encode("utf-8", "replace").decode("utf-8"))
    return mail.as_bytes()


def _calendar(question: Question, places: np.ndarray) -> str:
    records, states = question.records, question.states
    wait = REMIND_HOURS * HOUR
    stamp = f"{question.as_of.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//workbench//partner leads//EN"]
    for n in places[states.waiting[places]]:
        who = _one_line(str(records["customer_name"][n] or records["lead_id"][n]))
        asked = records["created_at"][n] + wait
        due = states.expires_at[n] - wait
        told = [(due, message("Lead expires in 48 hours: {customer}", customer=who))]
        if records["contact_requested"][n]:
            told.append((asked, message("Call within 24 hours: {customer}", customer=who)))
        for at, summary in told:
            if at <= states.at:
                continue
            moment = f"{_START + timedelta(microseconds=int(at)):%Y%m%dT%H%M%SZ}"
            mark = sha256(f"{records['lead_id'][n]}\0{at}".encode("utf-8", "replace")).hexdigest()
            lines += [
                "BEGIN:VEVENT", f"UID:{mark[:32]}@workbench", f"DTSTAMP:{stamp}",
                f"DTSTART:{moment}", f"SUMMARY:{_escaped(summary)}", "END:VEVENT",
            ]  # fmt: skip
    lines.append("END:VCALENDAR")
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _escaped(text: str) -> str:
    return re.sub(r"([\\;,])", r"\\\1", text)


def _folded(line: str) -> str:
    """A line of at most 75 bytes; the rest follows after a blank (RFC 5545)."""
    out, size = [""], 0
    for sign in line:
        width = len(sign.encode("utf-8", "replace"))
        if size + width > 75:
            out.append(" ")
            size = 1
        out[-1] += sign
        size += width
    return "\r\n".join(out)
