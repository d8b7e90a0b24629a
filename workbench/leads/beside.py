"""What is worked out beside the leads when a filter, column or page asks for it, and only once.

Source: partner-leads.md, section 6 (spam lists), section 10 (duplicates, CRM match) and section 12
(privacy).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.leads.crm import crm_matches
from workbench.leads.duplicates import duplicates
from workbench.leads.matches import Matches
from workbench.leads.records import Records
from workbench.leads.states import Rules, States, kept_until
from workbench.workspace import Workspace


@dataclass(frozen=True)
class Beside:
    """What is known of leads beyond their own rows.

    Attributes
    ----------
    workspace : Workspace
    records : Records
    states : States
    hidden : numpy.ndarray of bool
        Leads whose contact data nobody sees.
    """

    workspace: Workspace
    records: Records
    states: States
    hidden: np.ndarray

    @cached_property
    def crm(self) -> Matches:
        """The record of the CRM that fits each lead."""
        return crm_matches(self.workspace, self.records)

    @cached_property
    def duplicates(self) -> pd.DataFrame:
        """Group and role of every lead that had arrived; the index is its place."""
        there = np.flatnonzero(self.states.exists)
        return duplicates(self.records.take(there)).set_index(there)

    @cached_property
    def roles(self) -> np.ndarray:
        """Role of each lead in a group of two and more; None for a lead that stands alone."""
        out = np.full(len(self.records), None, object)
        grouped = self.duplicates[self.duplicates["size"] > 1]
        out[grouped.index.to_numpy()] = grouped["role"].to_numpy()
        return out


def hidden_contacts(records: Records, states: States, rules: Rules) -> np.ndarray:
    """Leads whose contact data are not shown at an instant.

    Expired ones always; declined ones where the rules redact; ones that only inform from the end
    of their retention on.
    """
    hidden = states.stage == "expired"
    if rules.redact:
        hidden = hidden | (states.stage == "declined")
    if rules.retention_months:
        over = states.at >= kept_until(records["created_at"], rules.retention_months)
        hidden = hidden | (~records.actionable & over)
    return np.asarray(hidden, bool)
