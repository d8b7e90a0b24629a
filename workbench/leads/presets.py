"""Leads as the file that a CRM imports: its headers, its required columns, and who is left out.

Source: partner-leads.md, section 8 (CRM presets, "contactable only", skipped-row list). Headers:
Salesforce's lead import, HubSpot's contact import, the columns of the lead table of Dynamics 365
Sales, Marketo's bulk import (names of its interface).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.leads.export import beside_of, guarded, rows, write_whole
from workbench.leads.question import Question
from workbench.messages import message
from workbench.results.tables import defused


@dataclass(frozen=True)
class Preset:
    """What one CRM takes.

    Attributes
    ----------
    columns : mapping
        Header to a column of `workbench.leads.export.HEADER`, or to a rule of this module that
        begins with ``=``.
    required : tuple of str
        Headers without which the CRM refuses a row.
    """

    columns: Mapping[str, str]
    required: tuple[str, ...]


PRESETS: Mapping[str, Preset] = {
    "salesforce": Preset(
        {
            "FirstName": "FirstName", "LastName": "LastName", "Company": "CustomerName",
            "Title": "=title", "Email": "Email", "Phone": "Phone", "Country": "Country",
            "LeadSource": "LeadSource", "Status": "=open", "Description": "=note",
        },
        ("LastName", "Company"),
    ),
    "hubspot": Preset(
        {
            "First Name": "FirstName", "Last Name": "LastName", "Email": "Email",
            "Phone Number": "Phone", "Company Name": "CustomerName", "Job Title": "=title",
            "Country/Region": "Country", "Lifecycle Stage": "=lead", "Lead Source": "LeadSource",
            "Notes": "=note",
        },
        ("Email",),
    ),
    "dynamics": Preset(
        {
            "subject": "=topic", "firstname": "FirstName", "lastname": "LastName",
            "companyname": "CustomerName", "jobtitle": "=title", "emailaddress1": "Email",
            "telephone1": "Phone", "address1_country": "Country", "description": "=note",
        },
        ("subject", "lastname"),
    ),
    "marketo": Preset(
        {
            "firstName": "FirstName", "lastName": "LastName", "email": "Email", "phone": "Phone",
            "company": "CustomerName", "title": "=title", "country": "Country",
            "leadSource": "LeadSource",
        },
        ("email",),
    ),
}  # fmt: skip
SKIPPED = {"LeadId": "Key of the lead", "Reason": "Why it is not in the file"}


@dataclass(frozen=True)
class Upload:
    """What was written for a CRM.

    Attributes
    ----------
    path, skipped_path : pathlib.Path
        The rows, and the list of those left out.
    written : int
    skipped : pandas.DataFrame
        With the columns of `SKIPPED`.
    """

    path: Path
    skipped_path: Path
    written: int
    skipped: pd.DataFrame

    def __repr__(self) -> str:
        return message(
            "{written} of {total} leads written to {path}; {skipped} left out, see {aside}",
            written=self.written,
            total=self.written + len(self.skipped),
            path=self.path.name,
            skipped=len(self.skipped),
            aside=self.skipped_path.name,
        )


def export_crm(
    question: Question, places: np.ndarray, path: Any, *, crm: Any, contactable_only: Any
) -> Upload:
    """Write the leads that a CRM may import, the list of the others, and the filters.

    Parameters
    ----------
    places : numpy.ndarray of int64
        The listed leads, in their order.
    crm : str
        One of `PRESETS`.
    contactable_only : bool
        Whether leads that cannot be contacted are left out.

    Raises
    ------
    ArgumentError
        For a value that is not allowed, or a place that cannot be written.
    """
    if crm not in PRESETS:
        raise ArgumentError.of("crm", crm, PRESETS)
    if not isinstance(contactable_only, bool):
        raise ArgumentError.of("contactable_only", contactable_only, ["True", "False"])
    preset, lines, skipped = PRESETS[crm], [], []
    for place, row in zip(places, rows(question, places), strict=True):
        line = {head: _value(question, place, row, rule) for head, rule in preset.columns.items()}
        reason = _reason(question, place, line, preset, contactable_only)
        if reason:
            skipped.append((row["LeadId"], reason))
        else:
            lines.append({head: guarded(value) for head, value in line.items()})
    target = Path(path)
    aside = target.with_suffix(".skipped.csv")
    out = pd.DataFrame(skipped, columns=list(SKIPPED))
    safe = [
        {name: defused(str(v)) for name, v in zip(SKIPPED, row, strict=True)} for row in skipped
    ]
    beside = beside_of(question, len(lines)) | {
        "crm": crm, "contactable_only": contactable_only, "skipped": len(skipped),
    }  # fmt: skip
    write_whole(
        target,
        {target: _csv(preset.columns, lines), aside: _csv(SKIPPED, safe)},
        beside,
    )
    return Upload(target, aside, len(lines), out)


def _reason(
    question: Question, place: int, line: Mapping[str, str], preset: Preset, contactable_only: bool
) -> str:
    """Why a lead is left out; empty where it is not."""
    states, records = question.states, question.records
    if question.hidden[place]:
        return message("its contact data are no longer shown")
    if records["lead_class"][place] == "do_not_contact":
        return message("nobody may contact it")
    if contactable_only and states.spam[place]:
        return message("marked as spam")
    if contactable_only and not states.contactable[place]:
        return message("no valid contact")
    missing = [head for head in preset.required if not line[head]]
    if missing:
        return message("the CRM needs {columns}", columns=", ".join(missing))
    return ""


def _value(question: Question, place: int, row: Mapping[str, str], rule: str) -> str:
    if not rule.startswith("="):
        return row[rule]
    rules = {
        "=title": "" if question.hidden[place] else question.records["title"][place] or "",
        "=open": "Open - Not Contacted",
        "=lead": "lead",
        "=topic": _topic(row),
        "=note": _note(row),
    }
    return str(rules[rule])


def _topic(row: Mapping[str, str]) -> str:
    asked = row["DealName"] or row["OfferId"] or row["CallToAction"]
    return " – ".join(part for part in (row["CustomerName"], asked) if part) or row["LeadId"]


def _note(row: Mapping[str, str]) -> str:
    told = ("LeadId", "LeadCreationDateTime", "CallToAction", "OfferId", "LeadQuality")
    return "; ".join(f"{name}: {row[name]}" for name in told if row[name])


def _csv(heads: Mapping[str, Any], lines: list[dict[str, Any]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(heads), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return stream.getvalue()
