"""Partner leads in the worlds of the law: hostile names, one lead, nothing at all."""

from __future__ import annotations

from functools import cache

import workbench as wb
from tests.leads.worlds import lead, world
from tests.worlds.company import HOSTILE

KINDS = ("profile", "contact_me", "get_it_now", "contact_me")
ENDS = ({}, {"status": "Closed", "substatus": "Won", "accepted_at": "06-12", "closed_at": "06-14"},
        {"status": "Closed", "substatus": "Declined", "closed_at": "06-13"},
        {"status": "Active", "accepted_at": "06-16"})  # fmt: skip


@cache
def company(leads: int) -> wb.Workspace:
    """Leads with hostile names in all stages."""
    rows = []
    for n in range(leads):
        name = HOSTILE[n % len(HOSTILE)]
        rows.append(
            lead(
                f"L{n:03d}", f"06-{1 + n % 19:02d}T{n % 24:02d}:00", KINDS[n % 4],
                customer_name=None if n % 11 == 10 else name, contact_first_name=name,
                contact_last_name=HOSTILE[(n + 3) % len(HOSTILE)], email=name, phone=name,
                source=HOSTILE[n % 3], offer_id=HOSTILE[n % 5], country=HOSTILE[n % 2],
                quality=("high", "low", None, HOSTILE[1])[n % 4], deal_name=name,
                deal_value=None if n % 3 else 100.0 + n, currency="EUR",
                contact_requested=n % 2 == 0, decline_reason=HOSTILE[n % 6],
                email_validity=("valid", "unknown", None)[n % 3],
                **(ENDS[n // 2 % 4] if n % 19 < 11 else {}),
            )
        )  # fmt: skip
    return world(rows)


def asked(function, given, **options):
    """Ask in the world; the empty one has a lead of which none is chosen."""
    name, _ = given
    if name == "empty":
        options["where"] = {"customer": "nobody at all"}
    return function(company(60 if name == "hostile" else 1), **options)


MAKERS = {
    "partner leads": lambda w: asked(wb.partner_leads, w),
    "partner leads midnight": lambda w: asked(
        wb.partner_leads, w, expiry="utc_midnight", order="created", tab="marketplace"
    ),
    "partner leads kept back": lambda w: asked(
        wb.partner_leads,
        w,
        redact=True,
        retention_months=1,
        hide_archived=True,
        spam_domains=["example.com"],
    ),
    "lead funnel": lambda w: asked(wb.lead_funnel, w, period="2024-06"),
    "lead funnel by": lambda w: asked(wb.lead_funnel, w, by="source"),
}
