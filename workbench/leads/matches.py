"""The record of the CRM that fits each lead best, and how sure each way of finding one is.

Source: partner-leads.md, section 10 (CRM match: show the confidence, never merge).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# How sure each way is; of names, the likeness is added or multiplied.
SURE = {
    "crm_id": 1.0, "email": 0.95, "email of several accounts": 0.8, "domain and name": 0.7,
    "domain": 0.5, "name": 0.6,
}  # fmt: skip
MATCHED_FROM = 0.7


@dataclass(frozen=True)
class Matches:
    """The best record of the CRM for every lead; one place a lead.

    Attributes
    ----------
    found_by, table, key, name, account : numpy.ndarray of object
        None where nothing fits.
    confidence, likeness : numpy.ndarray of float
        Zero and NaN where nothing fits.
    candidates : numpy.ndarray of int64
    """

    found_by: np.ndarray
    table: np.ndarray
    key: np.ndarray
    name: np.ndarray
    account: np.ndarray
    confidence: np.ndarray
    likeness: np.ndarray
    candidates: np.ndarray

    @property
    def matched(self) -> np.ndarray:
        """Leads found by key, mail, or domain and name."""
        return self.confidence >= MATCHED_FROM

    @classmethod
    def empty(cls, size: int) -> Matches:
        """Nothing fits."""
        a, b, c, d, e = (np.full(size, None, object) for _ in range(5))
        return cls(a, b, c, d, e, np.zeros(size), np.full(size, np.nan), np.zeros(size, np.int64))

    def copied(self) -> Matches:
        """The same in arrays of their own."""
        return Matches(*(getattr(self, name).copy() for name in self.__dataclass_fields__))

    def put(self, places: np.ndarray, found_by: str, table: str, columns: pd.DataFrame) -> None:
        """Write what was found for some leads: key, name, account, confidence, likeness."""
        self.found_by[places], self.table[places] = found_by, table
        for name in ("key", "name", "account"):
            values = columns[name].astype(object)
            getattr(self, name)[places] = values.where(values.notna(), None).to_numpy()
        self.confidence[places] = columns["confidence"].to_numpy(float)
        self.likeness[places] = columns["likeness"].to_numpy(float)
        self.candidates[places] = columns["candidates"].to_numpy(np.int64)
