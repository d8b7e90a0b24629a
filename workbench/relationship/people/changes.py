"""When a record went from one colleague to another: by its history, else by its contacts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from workbench.relationship.activities import MEETING
from workbench.relationship.measuring import Measured
from workbench.relationship.participants import TEAM
from workbench.relationship.people.customers import together
from workbench.relationship.records import NEVER

LEAST = 3
COLUMNS = ("record", "at", "before_who", "after_who", "before", "last_before", "first_after",
           "count", "total")  # fmt: skip


def from_history(measured: Measured) -> pd.DataFrame | None:
    """Changes of owner until as_of; None where no history names owners.

    Returns
    -------
    pandas.DataFrame
        ``record, at, before_who, after_who, before, last_before, first_after, count, total``:
        codes of users, microseconds (`NEVER` for none), and numbers of contacts.
    """
    workspace = measured.asked.workspace
    columns = workspace.columns_of("opportunity_history")
    name = next((n for n in ("owner_id", "x_owner_id", "x_OwnerId") if n in columns), None)
    if measured.asked.of != "opportunity" or name is None:
        return None
    read = workspace.arrow(
        f'SELECT opportunity_id::VARCHAR AS key, epoch_us(changed_at) AS at, "{name}"::VARCHAR AS '
        'owner FROM opportunity_history WHERE changed_at IS NOT NULL AND "'
        f'{name}" IS NOT NULL ORDER BY 1, 2, 3'
    )
    place = {measured.records.keys[p]: int(p) for p in measured.chosen}
    told = pd.DataFrame(
        {
            "record": [place.get(key, -1) for key in read.column("key").to_pylist()],
            "at": read.column("at").to_numpy(),
            "who": measured.activities.people.user_codes(read.column("owner")),
        }
    )
    told = told[(told["record"] >= 0) & (told["at"] <= measured.asked.instant)]
    told["before_who"] = told.groupby("record")["who"].shift(fill_value=-1)
    changed = told[(told["before_who"] >= 0) & (told["before_who"] != told["who"])]
    changed = changed.rename(columns={"who": "after_who"})
    return _counted(measured, changed[["record", "at", "before_who", "after_who"]])


def from_contacts(measured: Measured) -> pd.DataFrame:
    """Changes read from the contacts, as `from_history`.

    Somebody of ours who was in at least half of the contacts until their own last one, and in
    three or more, does none any more; after that somebody else, new or not, is in three or more.
    """
    lines = _contacts(measured)
    own = lines.groupby(["record", "who"])["ended"].agg(["size", "max"]).reset_index()
    last = lines.groupby("record")["ended"].max()
    own = own[(own["size"] >= LEAST) & (own["max"] < own["record"].map(last))]
    if not len(own):
        return pd.DataFrame({name: np.zeros(0, np.int64) for name in COLUMNS})
    pairs = own.rename(columns={"max": "at", "who": "before_who"}).merge(lines, on="record")
    later = pairs[pairs["ended"] > pairs["at"]]
    until = pairs[pairs["ended"] <= pairs["at"]]
    so_far = until.groupby(["record", "before_who"])["link"].nunique()
    after = later.groupby(["record", "before_who", "at", "size", "who"]).agg(
        count=("link", "nunique"), first=("ended", "min")
    )
    after = after.reset_index().sort_values(
        ["record", "before_who", "count", "first", "who"], ascending=[True, True, False, True, True]
    )
    top = after.drop_duplicates(["record", "before_who"])
    led = so_far.reindex(pd.MultiIndex.from_frame(top[["record", "before_who"]])).to_numpy()
    top = top[(top["count"] >= LEAST) & (2 * top["size"] >= led)]
    top = top.rename(columns={"who": "after_who"})[["record", "at", "before_who", "after_who"]]
    return _counted(measured, top)


def _contacts(measured: Measured) -> pd.DataFrame:
    """Who of ours was in which contact of the records that are asked about."""
    acts, links = measured.activities, measured.links
    asked = np.zeros(len(measured.records), bool)
    asked[measured.chosen] = True
    met = together(measured, TEAM, (acts.kind[links.activity] <= MEETING) & asked[links.record])
    return pd.DataFrame(
        {"record": met.record, "link": met.link, "who": met.who, "ended": acts.ended[met.activity]}
    )


def _counted(measured: Measured, changes: pd.DataFrame) -> pd.DataFrame:
    """Contacts around each change: of the one before, of the new one, of anybody."""
    lines = _contacts(measured)
    changes = changes.sort_values(["record", "at", "before_who"]).reset_index(drop=True)
    changes["change"] = np.arange(len(changes))
    pairs = changes.merge(lines, on="record")
    before = pairs["ended"] <= pairs["at"]
    after = pairs[~before].groupby("change")
    new = pairs[~before & (pairs["who"] == pairs["after_who"])].groupby("change")
    old = pairs[before & (pairs["who"] == pairs["before_who"])].groupby("change")
    every = changes["change"]

    def number(groups: pd.api.typing.DataFrameGroupBy) -> np.ndarray:
        return every.map(groups["link"].nunique()).fillna(0).to_numpy(int)

    def moment(values: pd.Series) -> np.ndarray:
        return every.map(values).astype("Int64").fillna(int(NEVER)).to_numpy(np.int64)

    changes["before"] = number(old)
    changes["last_before"] = moment(pairs[before].groupby("change")["ended"].max())
    changes["first_after"] = moment(after["ended"].min())
    changes["count"], changes["total"] = number(new), number(after)
    return changes[list(COLUMNS)]
