"""What several measures need of a workspace, read once: accounts, staff, visits, first wins."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.sales.catalogue import WON
from workbench.sales.deals import NEVER, NO_DAY, Deals, deals_of
from workbench.sales.kpis.asking import Asked
from workbench.sales.kpis.measured import lacking
from workbench.vocabulary.periods import bucket, microseconds_of
from workbench.workspace import Workspace

PLACES = ("place", "location", "visit", "is_visit")
MEETING = {"type": "meeting", "status": "done"}


@dataclass(frozen=True)
class Visits:
    """Done visits up to now, in the order of their keys.

    Attributes
    ----------
    key, account_id : numpy.ndarray of object
    at : numpy.ndarray of int64
        Microseconds since 1970.
    day : numpy.ndarray of int64
        Day in the reporting zone, since 1970.
    visit, user_id : numpy.ndarray
        Number of the visit and who was there, a line each; None where nobody is known.
    notes : tuple of str
    """

    key: np.ndarray
    account_id: np.ndarray
    at: np.ndarray
    day: np.ndarray
    visit: np.ndarray
    user_id: np.ndarray
    notes: tuple[str, ...]

    @property
    def begins(self) -> int | None:
        """Day of the first visit."""
        return int(self.day.min()) if self.day.size else None


class Facts:
    """Tables of a workspace as the measures of one call need them.

    Attributes
    ----------
    workspace : Workspace
        Seen from the instant that is asked for.
    now : int
        That instant, microseconds since 1970.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.now = microseconds_of(workspace.as_of)
        self._visits: dict[str, Visits] = {}
        self._texts: dict[str, np.ndarray] = {}

    @cached_property
    def today(self) -> date:
        """The day of the reporting zone that is looked at last."""
        zone = self.workspace.settings.report_tz
        return bucket(np.array([self.now]), "day", zone).iloc[0].date()

    @cached_property
    def deals(self) -> Deals:
        """Opportunities created by now."""
        if not self.workspace.has("opportunities", "opportunity_id"):
            raise lacking(message("a table of opportunities"))
        return deals_of(self.workspace)

    def text(self, name: str) -> np.ndarray:
        """A text column of the deals as objects, made once."""
        if name not in self._texts:
            self._texts[name] = self.deals.text(name)
        return self._texts[name]

    @cached_property
    def won(self) -> np.ndarray:
        """Deals won by now, as far as their closing is known."""
        deals = self.deals
        known = (deals.closed_at != NEVER) & (deals.closed_at <= self.now)
        return (deals.outcome == WON) & known

    @cached_property
    def open(self) -> np.ndarray:
        """Deals that are open now: not closed, or closed only later."""
        deals = self.deals
        later = (deals.closed_at != NEVER) & (deals.closed_at > self.now)
        return (deals.outcome == 0) | later

    @cached_property
    def first_won(self) -> pd.Series:
        """Account to the instant of its first win."""
        accounts, closed = self.text("account_id")[self.won], self.deals.closed_at[self.won]
        known = np.array([a is not None for a in accounts], bool)
        return pd.Series(closed[known], index=accounts[known], dtype="int64").groupby(level=0).min()

    @cached_property
    def customer_since(self) -> dict[str, str]:
        """Account to the day of its first win, as a reader sees it."""
        zone = self.workspace.settings.report_tz
        days = bucket(self.first_won.to_numpy(), "day", zone)
        return dict(zip(self.first_won.index, days.dt.strftime("%Y-%m-%d"), strict=True))

    @cached_property
    def first_deal_day(self) -> int | None:
        """Day of the first known creation of an opportunity."""
        known = self.deals.created_on[self.deals.created_on != NO_DAY]
        return int(known.min()) if known.size else None

    def customer_at(self, account_id: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Whether each account had won strictly before an instant."""
        first = self.first_won
        place = first.index.get_indexer(pd.Index(account_id, dtype=object))
        begun = np.append(first.to_numpy(), np.iinfo(np.int64).max)[place]
        return begun < at

    @cached_property
    def accounts(self) -> pd.DataFrame:
        """Key, day of creation (`NO_DAY` where unknown), rank and owner of each account."""
        return self.accounts_of(None)

    def accounts_of(self, condition: dict[str, Any] | None) -> pd.DataFrame:
        """Accounts that meet a condition, created by now, in order of their keys."""
        workspace = self.workspace
        if not workspace.has("accounts", "account_id"):
            raise lacking(message("a table of accounts"))
        asked = Asked(workspace, "accounts", self.today)
        known = workspace.columns_of("accounts")
        zone = workspace.settings.report_tz

        def of(name: str) -> str:
            return f"min(t.{name}::VARCHAR)" if name in known else "NULL::VARCHAR"

        created = "NULL::TIMESTAMPTZ"
        if "created_at" in known:
            created = "min(t.created_at::TIMESTAMPTZ)"
        text, values = asked.where(condition, "accounts")
        read = workspace.sql(
            f"SELECT t.account_id::VARCHAR AS account_id, {of('rank')} AS rank, "
            f"{of('owner_id')} AS owner_id, coalesce(epoch(({created} AT TIME ZONE ?)::DATE)"
            f"::BIGINT // 86400, {NO_DAY}) AS created_on, coalesce(epoch_us({created}), {NEVER}) "
            f"AS created_at FROM {asked.joined} WHERE {text} AND t.account_id IS NOT NULL "
            "GROUP BY 1 ORDER BY 1",
            [zone, *values],
        )
        read = read[read["created_at"] <= self.now].reset_index(drop=True)
        for name in ("account_id", "rank", "owner_id"):
            read[name] = read[name].astype(object).where(read[name].notna(), None)
        return read

    @cached_property
    def owner_of_account(self) -> dict[str, Any]:
        """Who is asked about an account: its owner, else the owner of its newest deal."""
        found: dict[str, Any] = {}
        if self.workspace.has("opportunities", "opportunity_id", "account_id", "owner_id"):
            order = np.argsort(self.deals.created_at, kind="stable")
            keys, owners = self.text("account_id"), self.text("owner_id")
            found = {keys[n]: owners[n] for n in order if keys[n] is not None}
        if self.workspace.has("accounts", "account_id", "owner_id"):
            frame = self.accounts
            own = zip(frame["account_id"], frame["owner_id"], strict=True)
            found |= {key: owner for key, owner in own if owner is not None}
        return found

    @cached_property
    def users(self) -> pd.DataFrame:
        """Key, name, team and whether active; empty without a table of users."""
        workspace = self.workspace
        columns = ["user_id", "name", "team", "is_active"]
        if not workspace.has("users", "user_id"):
            return pd.DataFrame(columns=columns).astype(object)
        known = workspace.columns_of("users")
        read = workspace.sql(
            "SELECT user_id::VARCHAR AS user_id, "
            + ", ".join(
                f"min({name}::VARCHAR) AS {name}" if name in known else f"NULL AS {name}"
                for name in columns[1:]
            )
            + " FROM users WHERE user_id IS NOT NULL GROUP BY 1 ORDER BY 1"
        )
        read = read.astype(object).where(read.notna(), None)
        read["is_active"] = [str(v).lower() != "false" for v in read["is_active"]]
        return read

    @cached_property
    def user_names(self) -> dict[str, str]:
        """Name of each member of staff, the key where none is known."""
        frame = self.users
        return {k: n or k for k, n in zip(frame["user_id"], frame["name"], strict=True)}

    def visits(self, condition: dict[str, Any] | None, all_meetings: bool) -> Visits:
        """Done visits up to now."""
        key = json.dumps([condition, all_meetings], sort_keys=True, default=str)
        if key not in self._visits:
            self._visits[key] = self._read_visits(condition, all_meetings)
        return self._visits[key]

    def _read_visits(self, condition: dict[str, Any] | None, all_meetings: bool) -> Visits:
        workspace = self.workspace
        if not workspace.has("activities", "activity_id", "type"):
            raise lacking(message("visits (a table of activities with activity_id and type)"))
        known = workspace.columns_of("activities")
        times = [n for n in ("done_at", "end_at", "start_at") if n in known]
        if not times:
            raise lacking(message("the time of visits (done_at or start_at of activities)"))
        wanted, notes = condition, []
        if wanted is None:
            wanted = {n: v for n, v in MEETING.items() if n in known}
            place = next((n for p in PLACES for n in (p, f"x_{p}") if n in known), None)
            if place and not all_meetings:
                wanted[place] = _flagged(known[place])
            elif not all_meetings:
                notes.append(
                    message("Activities name no place, so every meeting counts as a visit.")
                )
        asked = Asked(workspace, "activities", self.today)
        text, values = asked.where(wanted, "visit")
        at = f"coalesce({', '.join(f't.{n}::TIMESTAMPTZ' for n in times)})"
        account = "t.account_id" if "account_id" in known else "NULL"
        joined = asked.joined
        if "opportunity_id" in known and workspace.has(
            "opportunities", "opportunity_id", "account_id"
        ):
            joined += (
                " LEFT JOIN (SELECT opportunity_id, min(account_id) AS account_id FROM "
                "opportunities GROUP BY 1) od ON od.opportunity_id = t.opportunity_id"
            )
            account = f"coalesce({account}, od.account_id)"
        owner = "min(t.owner_id::VARCHAR)" if "owner_id" in known else "NULL::VARCHAR"
        read = workspace.sql(
            f"SELECT t.activity_id::VARCHAR AS key, min({account}::VARCHAR) AS account_id, "
            f"min(epoch_us({at})) AS at, min(epoch(({at} AT TIME ZONE ?)::DATE)::BIGINT // 86400) "
            f"AS day, {owner} AS owner_id FROM {joined} WHERE {text} AND t.activity_id IS NOT NULL "
            "GROUP BY 1 ORDER BY 1",
            [workspace.settings.report_tz, *values],
        )
        undated = int(read["at"].isna().sum())
        if undated:
            notes.append(
                message_of_count(
                    "{count} visit without a time is left out.",
                    "{count} visits without a time are left out.",
                    undated,
                )
            )
        read = read[read["at"].notna() & (read["at"] <= self.now)].reset_index(drop=True)
        visit, user = self._there(read)
        return Visits(
            _objects(read["key"]), _objects(read["account_id"]),
            read["at"].to_numpy(np.int64), read["day"].to_numpy(np.int64), visit, user,
            tuple(notes),
        )  # fmt: skip

    def _there(self, read: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Who was at each visit; its owner where no participant of the own side is named."""
        workspace, keys = self.workspace, pd.Index(read["key"].astype(object))
        visit, user = np.empty(0, np.int64), np.empty(0, object)
        owner = _objects(read["owner_id"])
        if workspace.has("activity_participants", "activity_id", "user_id"):
            columns = workspace.columns_of("activity_participants")
            came = "coalesce(attended::BOOLEAN, true)" if "attended" in columns else "true"
            found = workspace.sql(
                "SELECT activity_id::VARCHAR AS key, user_id::VARCHAR AS user_id, "
                f"bool_or({came}) AS came FROM activity_participants WHERE user_id IS NOT NULL "
                "GROUP BY 1, 2 ORDER BY 1, 2"
            )
            place = keys.get_indexer(pd.Index(found["key"].astype(object)))
            owner[np.unique(place[place >= 0])] = None
            there = (place >= 0) & found["came"].to_numpy(bool)
            visit, user = place[there], _objects(found["user_id"])[there]
        alone = np.setdiff1d(np.arange(len(keys)), visit)
        return np.append(visit, alone), np.append(user, owner[alone])

    def notes_on_wins(self) -> tuple[str, ...]:
        """Won deals that cannot be placed in time."""
        undated = int(((self.deals.outcome == WON) & (self.deals.closed_at == NEVER)).sum())
        if not undated:
            return ()
        return (
            message_of_count(
                "{count} won opportunity has no day of closing and makes nobody a customer.",
                "{count} won opportunities have no day of closing and make nobody a customer.",
                undated,
            ),
        )


def _flagged(kind: str) -> Any:
    """What a filled mark of a visit looks like in a column of a type."""
    return True if kind == "BOOLEAN" else {"exists": True}


def _objects(column: pd.Series) -> np.ndarray:
    out = column.astype(object).to_numpy(copy=True)
    out[pd.isna(out)] = None
    return out
