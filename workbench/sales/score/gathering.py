"""Lists beside the deals that grow over time: activities, roles, closings of the same account.

Each is sorted once by owner of the list and time; what was there before an instant is then two
searches.

Source: sales-pipeline.md, section 7 (features).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from workbench.quoting import quoted
from workbench.sales.deals import Deals
from workbench.sales.score.kernels import places_before
from workbench.sales.score.standing import Changes

DATES_OF_ROLES = ("added_at", "x_added_at", "created_at", "x_created_at", "x_added_on")


@dataclass(frozen=True)
class Timed:
    """Entries of several owners, sorted by owner and time.

    Attributes
    ----------
    offsets : numpy.ndarray of int64
    at : numpy.ndarray of int64
    """

    offsets: np.ndarray
    at: np.ndarray
    order: np.ndarray

    @classmethod
    def of(cls, owner: np.ndarray, at: np.ndarray, owners: int) -> Timed:
        """Sort entries; those of a negative owner are left out."""
        known = np.flatnonzero(owner >= 0)
        order = known[np.lexsort((at[known], owner[known]))]
        offsets = np.searchsorted(owner[order], np.arange(owners + 1)).astype(np.int64)
        return cls(offsets, np.ascontiguousarray(at[order].astype(np.int64)), order)

    def before(self, owner: np.ndarray, instant: np.ndarray) -> np.ndarray:
        """Place of the first entry of an owner at or after each instant."""
        return places_before(self.offsets, self.at, owner, instant)

    def counted(self, owner: np.ndarray, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Entries of an owner from `first`, included, to `end`, left out."""
        return self.before(owner, end) - self.before(owner, first)

    def latest(self, owner: np.ndarray, instant: np.ndarray) -> np.ndarray:
        """Instant of the last entry strictly before each instant; smallest integer for none."""
        place = self.before(owner, instant) - 1
        begin = self.offsets[np.maximum(owner, 0)]
        there = (owner >= 0) & (place >= begin)
        nothing = np.iinfo(np.int64).min
        if not self.at.size:
            return np.full(owner.size, nothing)
        return np.where(there, self.at[np.maximum(place, 0)], nothing)


@dataclass(frozen=True)
class Contacts:
    """Activities of one direction, of deals and of accounts apart."""

    of_deal: Timed
    of_account: Timed

    def counted(
        self, deal: np.ndarray, account: np.ndarray, first: np.ndarray, end: np.ndarray
    ) -> np.ndarray:
        """Activities in a window: those of the deal, and those of its account without a deal."""
        return self.of_deal.counted(deal, first, end) + self.of_account.counted(account, first, end)

    def latest(self, deal: np.ndarray, account: np.ndarray, instant: np.ndarray) -> np.ndarray:
        """The last of both."""
        return np.maximum(
            self.of_deal.latest(deal, instant), self.of_account.latest(account, instant)
        )


def activities_of(deals: Deals, accounts: np.ndarray) -> dict[str, Contacts]:
    """Activities that took place, ``"in"`` and ``"out"``; empty where the workspace has none.

    An activity belongs to the opportunity it names; one that names none to all opportunities of
    its account. What is still open or was cancelled is left out.
    """
    workspace = deals.workspace
    if not workspace.has("activities", "direction"):
        return {}
    columns = workspace.columns_of("activities")
    times = [
        f"{quoted(n)}::TIMESTAMPTZ"
        for n in ("start_at", "done_at", "end_at", "x_occurred_at")
        if n in columns
    ]
    if not times or not {"opportunity_id", "account_id"} & set(columns):
        return {}
    keys = ", ".join(
        f"{quoted(n)}::VARCHAR AS {n}" if n in columns else f"NULL::VARCHAR AS {n}"
        for n in ("opportunity_id", "account_id")
    )
    took_place = (
        "coalesce(lower(status) NOT IN ('open', 'cancelled'), true)"
        if "status" in columns
        else "true"
    )
    read = workspace.arrow(
        f"SELECT {keys}, lower(direction) = 'in' AS inbound, "
        f"epoch_us(coalesce({', '.join(times)})) AS at FROM activities "
        f"WHERE {took_place} AND lower(direction) IN ('in', 'out') "
        f"AND coalesce({', '.join(times)}) IS NOT NULL"
    )
    deal = _numbers_of(read.column("opportunity_id"), deals.table.column("opportunity_id"))
    names = pa.array([str(a) for a in accounts], pa.string())
    account = _numbers_of(read.column("account_id"), names)
    named = read.column("opportunity_id").is_valid().to_numpy(zero_copy_only=False)
    account = np.where(named, -1, account)
    inbound = read.column("inbound").to_numpy(zero_copy_only=False).astype(bool)
    at = read.column("at").to_numpy()
    return {
        name: Contacts(
            Timed.of(deal[chosen], at[chosen], len(deals)),
            Timed.of(account[chosen], at[chosen], len(accounts)),
        )
        for name, chosen in (("in", inbound), ("out", ~inbound))
    }


def roles_of(deals: Deals) -> tuple[Timed | None, np.ndarray | None]:
    """People of the customer with a role, by time where it is known, and as they stand now.

    Returns
    -------
    timed : Timed or None
        None where nothing says since when a person has the role.
    now : numpy.ndarray of int64 or None
        None where the workspace has no roles.
    """
    workspace = deals.workspace
    if not workspace.has("opportunity_people", "opportunity_id", "person_id"):
        return None, None
    columns = workspace.columns_of("opportunity_people")
    side = "lower(side) = 'customer'" if "side" in columns else "true"
    dated = next((n for n in DATES_OF_ROLES if n in columns), None)
    at = f"min(epoch_us({quoted(dated)}::TIMESTAMPTZ))" if dated else "NULL::BIGINT"
    read = workspace.arrow(
        f"SELECT opportunity_id::VARCHAR AS opportunity_id, {at} AS at FROM opportunity_people "
        f"WHERE person_id IS NOT NULL AND coalesce({side}, true) "
        "GROUP BY opportunity_id, person_id"
    )
    deal = _numbers_of(read.column("opportunity_id"), deals.table.column("opportunity_id"))
    now = np.bincount(deal[deal >= 0], minlength=len(deals)).astype(np.int64)
    if not dated:
        return None, now
    known = read.column("at").is_valid().to_numpy(zero_copy_only=False)
    instants = read.column("at").fill_null(0).to_numpy()
    return Timed.of(np.where(known, deal, -1), instants, len(deals)), now


@dataclass(frozen=True)
class Record:
    """Wins and losses of accounts or owners, by time."""

    timed: Timed
    won: np.ndarray
    lost: np.ndarray

    @classmethod
    def of(cls, changes: Changes, owner_of_deal: np.ndarray, owners: int) -> Record:
        """Add up closings and reopenings."""
        timed = Timed.of(owner_of_deal[changes.deal], changes.at, owners)
        won, lost = (np.r_[0, np.cumsum(c[timed.order])] for c in (changes.won, changes.lost))
        return cls(timed, won, lost)

    def before(self, owner: np.ndarray, instant: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Wins and losses strictly before each instant."""
        end = self.timed.before(owner, instant)
        begin = np.where(owner >= 0, self.timed.offsets[np.maximum(owner, 0)], 0)
        end = np.where(owner >= 0, end, 0)
        return self.won[end] - self.won[begin], self.lost[end] - self.lost[begin]


def _numbers_of(keys: pa.ChunkedArray, known: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """Place of each key among the known ones; -1 for none."""
    values = known.combine_chunks() if isinstance(known, pa.ChunkedArray) else known
    found = pc.index_in(keys.combine_chunks(), value_set=values, skip_nulls=True)
    return found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
