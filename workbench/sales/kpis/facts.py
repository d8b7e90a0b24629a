"""What several measures need of a workspace, read once: accounts, staff, visits, first wins."""

from __future__ import annotations

import json
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
from workbench.sales.kpis.visited import Visits, read_visits
from workbench.vocabulary.periods import bucket, microseconds_of
from workbench.workspace import Workspace


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

    @cached_property
    def marked_customer(self) -> dict[str, bool]:
        """Account to what the source system says of it, where it says something."""
        if not self.workspace.has("accounts", "account_id", "is_customer"):
            raise lacking(message("the mark is_customer of accounts"))
        read = self.workspace.sql(
            "SELECT account_id::VARCHAR AS k, bool_or(is_customer::BOOLEAN) AS v FROM accounts "
            "WHERE is_customer IS NOT NULL GROUP BY 1"
        )
        return dict(zip(read["k"], read["v"].astype(bool), strict=True))

    def customer_at(
        self, account_id: np.ndarray, at: np.ndarray, flag_wins: bool = False
    ) -> np.ndarray:
        """Whether each account had won strictly before an instant.

        With `flag_wins` the mark of the source system decides wherever it stands.

        Notes
        -----
        Source: b2b-data-model.md, section 4, rule 8.
        """
        first = self.first_won
        place = first.index.get_indexer(pd.Index(account_id, dtype=object))
        begun = np.append(first.to_numpy(), np.iinfo(np.int64).max)[place]
        won = begun < at
        if not flag_wins:
            return won
        marked = self.marked_customer
        return np.array([marked.get(a, w) for a, w in zip(account_id, won, strict=True)], bool)

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
            self._visits[key] = read_visits(
                self.workspace, self.now, self.today, condition, all_meetings
            )
        return self._visits[key]

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
