"""What was saved on each deal and when: stage, amount, expected close, probability.

Source: b2b-data-model.md, section 3.2 (what an export of history holds) and section 4, rules 1 to
4 (stage intervals, quality, closing, reopening).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
from numba import njit

from workbench.sales.catalogue import OPEN
from workbench.sales.deals import NEVER, NO_DAY, Deals, deals_of
from workbench.sales.saves import column_of, read_saves
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

QUALITIES = ("full", "partial", "truncated", "none", "absent")
DAY = 86_400_000_000
MOST_ROWS_OF_A_TRUNCATED_DEAL = 20
_kept: WeakKeyDictionary[Workspace, History] = WeakKeyDictionary()


@dataclass(frozen=True)
class History:
    """Saves of all deals, sorted by deal and time; equal times stand in order of their key.

    Attributes
    ----------
    deals : Deals
    offsets : numpy.ndarray of int64, shape (deals + 1,)
        Where the saves of each deal begin.
    at : numpy.ndarray of int64
        Microseconds since 1970 in UTC.
    stage : numpy.ndarray of int32
        Code in the catalogue; -1 for none.
    amount, probability : numpy.ndarray of float
    expected_on : numpy.ndarray of int32
        Days since 1970; `NO_DAY` where unknown.
    category : pyarrow.Array
        Forecast category of each save, dictionary-encoded.
    unknown : int
        Saves of opportunities that the workspace does not have, left out.
    owner : pyarrow.Array, optional
        Owner after each save, dictionary-encoded; None where saves name no owner.
    """

    deals: Deals
    offsets: np.ndarray
    at: np.ndarray
    stage: np.ndarray
    amount: np.ndarray
    probability: np.ndarray
    expected_on: np.ndarray
    category: pa.Array
    unknown: int = 0
    owner: pa.Array | None = None

    def __len__(self) -> int:
        return self.at.size

    @cached_property
    def deal(self) -> np.ndarray:
        """Number of the deal of each save."""
        return np.repeat(np.arange(len(self.deals)), np.diff(self.offsets))

    @cached_property
    def first(self) -> np.ndarray:
        """Whether a save is the first of its deal."""
        out = np.zeros(len(self), bool)
        starts = self.offsets[:-1][np.diff(self.offsets) > 0]
        out[starts] = True
        return out

    @cached_property
    def entries(self) -> np.ndarray:
        """Saves at which a deal entered a stage: equal stages in a row count once (rule 1)."""
        changed = self.first.copy()
        if (self.stage >= 0).all():
            changed[1:] |= self.stage[1:] != self.stage[:-1]
            return np.flatnonzero(changed).astype(np.int32)
        known = np.flatnonzero(self.stage >= 0)
        stage, deal = self.stage[known], self.deal[known]
        changed = np.ones(known.size, bool)
        changed[1:] = (stage[1:] != stage[:-1]) | (deal[1:] != deal[:-1])
        return known[changed].astype(np.int32)

    @cached_property
    def quality(self) -> np.ndarray:
        """Place of each deal's history in `QUALITIES` (rule 2).

        An export that cuts off after 20 saves of a deal shows itself by no deal having more.
        """
        rows = np.diff(self.offsets)
        out = np.full(rows.size, QUALITIES.index("absent"), np.int8)
        has = rows > 0
        begun = np.full(rows.size, NEVER)
        begun[has] = self.at[self.offsets[:-1][has]]
        created = self.deals.created_at
        late = (created == NEVER) | (begun - np.where(created == NEVER, 0, created) > DAY)
        out[has] = np.where(late[has], QUALITIES.index("partial"), QUALITIES.index("full"))
        if rows.max(initial=0) == MOST_ROWS_OF_A_TRUNCATED_DEAL:
            out[rows == MOST_ROWS_OF_A_TRUNCATED_DEAL] = QUALITIES.index("truncated")
        out[~has & self._has_last_change] = QUALITIES.index("none")
        return out

    @cached_property
    def _has_last_change(self) -> np.ndarray:
        workspace = self.deals.workspace
        if "last_stage_change_at" not in workspace.columns_of("opportunities"):
            return np.zeros(len(self.deals), bool)
        read = workspace.arrow(
            "SELECT bool_or(last_stage_change_at IS NOT NULL) AS there FROM opportunities "
            "WHERE opportunity_id IS NOT NULL AND coalesce(epoch_us(created_at) <= ?, true) "
            "GROUP BY opportunity_id ORDER BY opportunity_id",
            [microseconds_of(workspace.as_of)],
        )
        return read.column("there").to_numpy(zero_copy_only=False).astype(bool)

    def last_before(self, instant: int) -> np.ndarray:
        """Place of the last save of each deal at or before an instant; -1 for none."""
        return np.asarray(_last_before(self.at, self.offsets, instant))

    @cached_property
    def newest(self) -> int:
        """The newest instant that the tables of deals tell of, also after `as_of`."""
        deals = self.deals
        newest = max(int(v.max(initial=NEVER)) for v in (deals.closed_at, deals.created_at))
        if not deals.workspace.has("opportunity_history", "changed_at"):
            return newest
        read = deals.workspace.arrow(
            "SELECT epoch_us(max(changed_at)) AS at FROM opportunity_history"
        )
        return max(newest, read.column("at")[0].as_py() or NEVER)

    @cached_property
    def kind(self) -> np.ndarray:
        """Kind of stage after each save, that of the save before where it names no stage."""
        kinds = np.append(self.deals.catalogue.kind, OPEN).astype(np.int8)[self.stage]
        if (self.stage >= 0).all():
            return kinds
        places = np.where(self.stage >= 0, np.arange(len(self)), -1)
        carried = np.maximum.accumulate(places) if len(self) else places
        inside = carried >= self.offsets[:-1][self.deal] if len(self) else np.empty(0, bool)
        return np.where(inside, kinds[carried], OPEN).astype(np.int8)

    @cached_property
    def last_open(self) -> np.ndarray:
        """Place of the last save in an open stage at or before each save, of any deal; -1."""
        opened = np.where(self.kind == OPEN, np.arange(len(self), dtype=np.int32), np.int32(-1))
        return np.asarray(np.maximum.accumulate(opened) if len(self) else opened)

    @cached_property
    def closed_run(self) -> np.ndarray:
        """First save of the last unbroken run of closed stages of each deal; -1 while open."""
        if not len(self):
            return np.full(len(self.deals), -1, np.int64)
        has = np.flatnonzero(np.diff(self.offsets) > 0)
        begins, ends = self.offsets[has], self.offsets[has + 1] - 1
        opened = np.where(self.kind == OPEN, np.arange(len(self), dtype=np.int32), np.int32(-1))
        last_open = np.maximum.reduceat(opened, begins)
        out = np.full(len(self.deals), -1, np.int64)
        out[has] = np.where(self.kind[ends] != OPEN, np.maximum(last_open + 1, begins), -1)
        return out

    @cached_property
    def reopened(self) -> np.ndarray:
        """How often each deal went from closed to open (rule 4)."""
        if len(self) < 2:
            return np.zeros(len(self.deals), np.int64)
        again = np.zeros(len(self), bool)
        again[1:] = (self.kind[1:] == OPEN) & (self.kind[:-1] != OPEN) & ~self.first[1:]
        return np.bincount(self.deal[again], minlength=len(self.deals))


def history_of(workspace: Workspace) -> History:
    """Saves of the deals of a workspace up to `as_of`; read and sorted once."""
    if workspace not in _kept:
        _kept[workspace] = _read(workspace)
    return _kept[workspace]


def _read(workspace: Workspace) -> History:
    deals = deals_of(workspace)
    if not workspace.has("opportunity_history", "opportunity_id", "changed_at"):
        nothing = np.empty(0)
        return History(
            deals,
            np.zeros(len(deals) + 1, np.int64),
            nothing.astype(np.int64),
            nothing.astype(np.int32),
            nothing,
            nothing,
            nothing.astype(np.int32),
            pa.array([], pa.string()).dictionary_encode(),
        )
    columns = workspace.columns_of("opportunity_history")
    frame = deals.catalogue.frame
    categories, owners = (_names(deals, name) for name in ("forecast_category", "owner_id"))
    owned = {"owner_id", "x_owner_id"} & set(columns)
    expected = f"epoch({column_of(deals, 'expected_close_on', 'DATE')})::BIGINT // 86400"
    pipeline, stage = (column_of(deals, name, "VARCHAR") for name in ("pipeline", "stage"))
    offsets, read = read_saves(
        deals,
        {
            "stage": "coalesce(s.code, -1)::INTEGER",
            "amount": f"coalesce({column_of(deals, 'amount', 'DOUBLE')}, 'nan'::DOUBLE)",
            "probability": f"coalesce({column_of(deals, 'probability', 'DOUBLE')}, 'nan'::DOUBLE)",
            "expected_on": f"coalesce({expected}, {NO_DAY})::INTEGER",
            "category": "coalesce(c.code, -1)::INTEGER",
            "owner": "coalesce(w.code, -1)::INTEGER",
        },
        _codes("s", "pipeline", "stage")
        + f"ON s.first = coalesce({pipeline}, o.pipeline, '') AND s.second = {stage} "
        + _codes("c", "category")
        + f"ON c.first = {column_of(deals, 'forecast_category', 'VARCHAR')} "
        + _codes("w", "owner")
        + f"ON w.first = {column_of(deals, 'owner_id', 'VARCHAR')}",
        {
            "pipeline": frame["pipeline"].astype(str).tolist(),
            "stage": frame["stage"].astype(str).tolist(),
            "category": categories,
            "owner": owners,
        },
    )
    info = workspace.tables["opportunity_history"]
    return History(
        deals=deals,
        offsets=offsets,
        at=read["at"],
        stage=read["stage"],
        amount=read["amount"],
        probability=read["probability"],
        expected_on=read["expected_on"],
        category=_encoded(read["category"], categories),
        unknown=info.rows - read["at"].size,
        owner=_encoded(read["owner"], owners) if owned else None,
    )


def _codes(alias: str, *lists: str) -> str:
    """Texts, given as a list each, beside their place in it."""
    named = ", ".join(
        f"unnest(${name}::VARCHAR[]) AS {place}"
        for name, place in zip(lists, ("first", "second"), strict=False)
    )
    numbered = f"unnest(range(len(${lists[0]}::VARCHAR[])))::INTEGER AS code"
    return f"LEFT JOIN (SELECT {named}, {numbered}) {alias} "


def _names(deals: Deals, column: str) -> list[str]:
    """The texts that a column of the saves holds."""
    read = deals.workspace.sql(
        f"SELECT DISTINCT {column_of(deals, column, 'VARCHAR')} AS name "
        "FROM opportunity_history h ORDER BY ALL"
    )
    return [str(name) for name in read["name"].dropna()]


def _encoded(codes: np.ndarray, names: list[str]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(
        pa.array(codes, mask=codes < 0), pa.array(names, pa.string())
    )


@njit(cache=True, nogil=True)
def _last_before(at, offsets, instant):
    out = np.full(offsets.size - 1, -1, np.int64)
    for deal in range(out.size):
        low, high = offsets[deal], offsets[deal + 1]
        while low < high:
            middle = (low + high) // 2
            if at[middle] <= instant:
                low = middle + 1
            else:
                high = middle
        if low > offsets[deal]:
            out[deal] = low - 1
    return out
