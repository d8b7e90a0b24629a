"""Leads of one customer at several steps: groups, and which lead of a group stands for it.

Source: partner-leads.md, section 10 (duplicates).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.leads.checks import phone_key
from workbench.leads.records import Records
from workbench.leads.terms import DAY, folded

WINDOW_DAYS = 180
ROLES = ("primary", "repeat", "informational")
COLUMNS = {
    "lead_id": "Key of the lead",
    "group": "Key of the first lead of its group",
    "role": "primary, repeat (a later lead that asks for an answer) or informational",
    "found_by": "email, phone, name or nothing: what the leads of the group have in common",
    "size": "Leads of the group",
}


def duplicates(records: Records) -> pd.DataFrame:
    """The group and role of every lead, in the order of their keys.

    Leads belong together by mail address; without one by telephone, else by the company's name and
    country, within 180 days of the group's primary (of its first lead while it has none). The
    primary is the earliest lead that asks for an answer.

    Returns
    -------
    pandas.DataFrame
        With `COLUMNS`; no contact data.
    """
    keys, found_by = _keys(records)
    created, actionable = records["created_at"], records.actionable
    order = np.lexsort((np.arange(len(records)), created))
    role = np.where(actionable, "primary", "informational").astype(object)
    first = np.arange(len(records))
    anchor: dict[str, tuple[int, int, bool]] = {}
    for n in order:
        start, at, answered = anchor.get(keys[n], (-1, 0, False))
        if start < 0 or created[n] - at > WINDOW_DAYS * DAY:
            anchor[keys[n]] = (n, int(created[n]), bool(actionable[n]))
            continue
        first[n] = start
        if actionable[n]:
            role[n] = "repeat" if answered else "primary"
            if not answered:
                anchor[keys[n]] = (start, int(created[n]), True)
    size = np.bincount(first, minlength=len(records))[first]
    return pd.DataFrame(
        {
            "lead_id": records["lead_id"],
            "group": records["lead_id"][first],
            "role": role,
            "found_by": found_by,
            "size": size,
        },
        columns=list(COLUMNS),
    )


def _keys(records: Records) -> tuple[list[str], np.ndarray]:
    """What tells the customer of each lead, and which of its columns did."""
    keys, found_by = [], []
    for own, mail, phone, name, country in zip(
        *(records[c] for c in ("lead_id", "email", "phone", "customer_name", "country")),
        strict=True,
    ):
        kind, key = "nothing", own
        if mail:
            kind, key = "email", mail.strip().lower()
        elif number := phone_key(phone, country):
            kind, key = "phone", number
        elif name:
            kind, key = "name", f"{folded(name)}\0{country}"
        keys.append(f"{kind}\0{key}")
        found_by.append(kind)
    return keys, np.array([*found_by, None], object)[:-1]
