"""Leads as a CSV file for other systems, with the filters beside it.

Source: partner-leads.md, section 8.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from workbench.errors import ArgumentError
from workbench.leads.question import Question
from workbench.leads.records import CONTACT
from workbench.leads.states import CLOSED
from workbench.leads.terms import NEVER
from workbench.messages import message
from workbench.results.tables import defused

_START = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"\+?\d[\d ()./-]{5,30}")
HEADER = (
    "LeadId", "LeadCreationDateTime", "LeadType", "LeadSource", "CallToAction", "OfferId",
    "Qualification", "Status", "Substatus", "CustomerName", "Country", "FirstName", "LastName",
    "Email", "EmailValidity", "Phone", "PhoneValidity", "LeadQuality", "Spam", "Favorite",
    "ContactRequested", "ExpirationDateTime", "AcceptedDateTime", "DealName", "DealValue",
    "Currency", "CrmId", "CampaignId",
)  # fmt: skip
_STATUS = {
    "received": ("New", "Received"), "available": ("New", "Received"),
    "accepted": ("Active", "Accepted"), "expired": ("Closed", "Expired"),
    "aged_out": ("Closed", "aged_out"), **{name: ("Closed", name.title()) for name in CLOSED},
}  # fmt: skip
_TEXTS = {
    "LeadId": "lead_id", "LeadType": "lead_type", "LeadSource": "source",
    "CallToAction": "call_to_action", "Qualification": "qualification",
    "CustomerName": "customer_name", "Country": "country", "FirstName": "contact_first_name",
    "LastName": "contact_last_name", "Email": "email", "EmailValidity": "email_validity",
    "Phone": "phone", "PhoneValidity": "phone_validity", "LeadQuality": "quality",
    "DealName": "deal_name", "Currency": "currency", "CrmId": "crm_id", "CampaignId": "campaign_id",
}  # fmt: skip


def rows(question: Question, places: np.ndarray) -> list[dict[str, Any]]:
    """The leads as mappings of `HEADER` to texts; contact columns of expired ones are empty."""
    from workbench.leads.filters import offers

    records, states = question.records, question.states
    offer = offers(records)
    out = []
    for n in places:
        line = {
            name: "" if records[own][n] is None or (own in CONTACT and question.hidden[n])
            else str(records[own][n])
            for name, own in _TEXTS.items()
        }  # fmt: skip
        status, substatus = _STATUS[states.stage[n]]
        value = records["deal_value"][n]
        line |= {
            "OfferId": offer[n] or "",
            "Status": status,
            "Substatus": substatus,
            "LeadCreationDateTime": _iso(records["created_at"][n]),
            "ExpirationDateTime": _iso(states.expires_at[n]),
            "AcceptedDateTime": _iso(states.accepted_at[n]),
            "DealValue": "" if np.isnan(value) else f"{value:.12g}",
            "Spam": _flag(states.spam[n]),
            "Favorite": _flag(records["favourite"][n]),
            "ContactRequested": _flag(records["contact_requested"][n]),
        }
        out.append({name: line[name] for name in HEADER})
    return out


def export(question: Question, places: np.ndarray, path: str | Path, *, bom: bool) -> Path:
    """Write the leads and their filters, each file whole or not at all.

    Raises
    ------
    ArgumentError
        For a place that cannot be written.
    """
    target = Path(path)
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, HEADER, lineterminator="\r\n")
    writer.writeheader()
    for line in rows(question, places):
        writer.writerow({name: guarded(value) for name, value in line.items()})
    write_whole(target, {target: stream.getvalue()}, beside_of(question, int(places.size)), bom=bom)
    return target


def guarded(value: str) -> str:
    """A cell that no spreadsheet runs; a telephone number stays as it is, or no CRM takes it.

    Nothing but digits and signs of numbers can be left to be evaluated then.
    """
    return value if _NUMBER.fullmatch(value) else str(defused(value))


def beside_of(question: Question, written: int) -> dict[str, Any]:
    """What stands beside a file of leads, so that a part is never taken for the whole."""
    asked = {name: value for name, value in question.plain().items() if name != "log"}
    return {
        "filters": {"tab": question.tab, "where": dict(question.where)},
        "as_of": question.as_of.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "rows": written,
        "leads_known": int(question.states.exists.sum()),
        "asked": asked,
    }


def write_whole(
    target: Path, files: Mapping[Path, str], beside: Mapping[str, Any], *, bom: bool = False
) -> None:
    """Write texts and, to ``….filters.json``, what stands beside them: all files or none.

    Raises
    ------
    ArgumentError
        For a place that cannot be written.
    """
    if target.suffix.lower() != ".csv" or not target.parent.is_dir():
        raise ArgumentError.of(
            "path", str(target), message("a file that ends with .csv, in a folder that exists")
        )
    encoding = "utf-8-sig" if bom else "utf-8"
    texts = {final: text.encode(encoding, "replace") for final, text in files.items()}
    side = json.dumps(dict(beside), ensure_ascii=False, indent=2)
    texts[target.with_suffix(".filters.json")] = side.encode("utf-8", "replace")
    parts = {final: final.with_name(f".{uuid4().hex}.part") for final in texts}
    try:
        for final, part in parts.items():
            part.write_bytes(texts[final])
        for final, part in reversed(parts.items()):
            part.replace(final)
    except OSError as problem:
        raise ArgumentError.of(
            "path", str(target), message("a place that can be written"), f"{problem.strerror}."
        ) from None
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _iso(microseconds: int) -> str:
    if microseconds == NEVER:
        return ""
    moment = _START + timedelta(microseconds=int(microseconds))
    return moment.isoformat().replace("+00:00", "Z")


def _flag(value: Any) -> str:
    return "true" if value else "false"
