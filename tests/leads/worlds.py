"""Small worlds of partner leads."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

import workbench as wb

AS_OF = "2024-06-20T12:00:00+00:00"
TEXTS = (
    "lead_id", "direction", "lead_type", "qualification", "source", "call_to_action", "status",
    "substatus", "customer_name", "country", "contact_first_name", "contact_last_name", "email",
    "phone", "title", "email_validity", "phone_validity", "quality", "deal_name", "currency",
    "decline_reason", "status_reason", "offer_id", "publisher_id", "team",
)  # fmt: skip
TIMES = ("created_at", "updated_at", "accepted_at", "expires_at", "closed_at")


def at(text: str) -> datetime:
    """An instant of 2024, such as 06-18T10:00, or of the year that is named."""
    whole = text if text[4:5] == "-" else f"2024-{text}"
    return datetime.fromisoformat(whole if "T" in whole else f"{whole}T00:00").replace(tzinfo=UTC)


def lead(key: str, created: str, kind: str = "profile", **more) -> dict:
    """One lead of a profile, of 'contact me' or of another call to action."""
    row = {
        "lead_id": key,
        "created_at": at(created),
        "lead_type": "profile" if kind == "profile" else "offer",
        "call_to_action": None if kind == "profile" else kind,
        "qualification": "direct",
        "customer_name": f"Company {key}",
        "contact_first_name": "Ada",
        "contact_last_name": f"Person {key}",
        "email": f"{key.lower()}@example.com",
        "phone": "+49 30 1234567",
        "title": f"Head of {key}",
        **more,
    }
    return {name: at(v) if name in TIMES and isinstance(v, str) else v for name, v in row.items()}


def frame(rows: list[dict]) -> pd.DataFrame:
    """Leads as the table of a workspace."""
    out = pd.DataFrame(rows, columns=sorted({n for r in rows for n in r}))
    for name in set(TEXTS) & set(out):
        out[name] = out[name].astype(object).where(out[name].notna(), None)
    for name in {"contact_requested", "favourite"} & set(out):
        out[name] = out[name].astype("boolean")
    for name in set(TIMES) & set(out):
        out[name] = pd.to_datetime(out[name], utc=True)
    return out


def world(rows: list[dict], as_of: str = AS_OF, settings=None, **tables) -> wb.Workspace:
    """A workspace of leads."""
    return wb.from_frames(
        partner_leads=frame(rows), as_of=datetime.fromisoformat(as_of), settings=settings, **tables
    )


def example() -> list[dict]:
    """The leads of the worked example of partner-leads.md, section 9."""
    return [
        lead("L1", "06-18T10:00", contact_requested=True),
        lead("L2", "06-17T11:00", "contact_me", contact_requested=True),
        lead("L3", "06-06T11:00"),
        lead("L3b", "06-06T13:00"),
        lead("L4", "2023-12-19T00:00", "get_it_now"),
        lead("L5", "2023-12-21T00:00", "free_trial"),
        lead("L6", "06-08T08:00", accepted_at="06-10T08:00", status="Active"),
        lead("L7", "06-01T00:00", closed_at="06-01T12:00", status="Closed", substatus="Declined"),
        lead("L8", "05-01T00:00", "contact_me", accepted_at="05-02T06:00", closed_at="05-20",
             status="Closed", substatus="Won"),
        lead("L9", "05-10T00:00", "contact_me", accepted_at="05-14T00:00", closed_at="05-21",
             status="Closed", substatus="Lost"),
    ]  # fmt: skip
