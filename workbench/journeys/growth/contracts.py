"""Who is a customer: contracts or subscriptions, won opportunities, or a mark in the accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.growth.question import Question, Source
from workbench.journeys.records import Deals, column
from workbench.messages import message
from workbench.quoting import literal, quoted
from workbench.workspace import Workspace

TABLES = ("contracts", "contract", "subscriptions", "subscription", "agreements", "licences",
          "licenses")  # fmt: skip
STARTS = ("started_on", "start_date", "start_on", "starts_on", "started_at", "start_at",
          "valid_from", "begin_on", "begins_on", "start")  # fmt: skip
ENDS = ("ended_on", "end_date", "end_on", "ends_on", "ended_at", "end_at", "valid_to",
        "valid_until", "expires_on", "expires_at", "renewal_on", "end")  # fmt: skip
PLANS = ("plan", "plan_tier", "product", "tier", "edition")
KEYS = ("account", "start", "end", "plan", "table")


def source_of(workspace: Workspace, asked: str | Mapping[str, Any] | None) -> Source | None:
    """The table of contracts that was named, or one that is called so; None without one."""
    if asked is None:
        for table in TABLES:
            if workspace.has(table, "account_id"):
                found = _read(workspace, {"table": table})
                if found is not None:
                    return found
        return None
    named = {"table": asked} if isinstance(asked, str) else asked
    if not isinstance(named, Mapping) or not isinstance(named.get("table"), str):
        raise ArgumentError.of(
            "contracts",
            asked,
            message("the name of a table, or {'table': …, 'start': …, 'end': …}"),
        )
    for key in named:
        if key not in KEYS:
            raise ArgumentError.of("contracts", key, KEYS)
    if named["table"] not in workspace.tables:
        raise AbsentError.of("contracts", named["table"], workspace.tables)
    known = [*workspace.columns_of(named["table"])]
    for key in ("account", "start", "end", "plan"):
        if key in named and named[key] not in known:
            raise AbsentError.of("contracts", named[key], known)
    found = _read(workspace, named)
    if found is None:
        raise AbsentError.of(
            "contracts",
            named["table"],
            message("a table with an account, a start and an end"),
            message("Name its columns: {'table': …, 'account': …, 'start': …, 'end': …}."),
        )  # fmt: skip
    return found


def _read(workspace: Workspace, named: Mapping[str, str]) -> Source | None:
    known = workspace.columns_of(named["table"])

    def first(key: str, usual: tuple[str, ...]) -> str | None:
        candidates = [c for name in usual for c in (name, f"x_{name}")]
        return named.get(key) or next((c for c in candidates if c in known), None)

    account, start, end = (
        first("account", ("account_id",)), first("start", STARTS), first("end", ENDS),
    )  # fmt: skip
    if account is None or start is None or end is None:
        return None
    return Source(named["table"], account, start, end, first("plan", PLANS))


def contracts_of(question: Question) -> pd.DataFrame:
    """Contracts that had begun: account_id, started_at, ended_at, plan.

    An end that is in the data but lies after the instant, and was not planned beyond the newest
    event, was not known then: it counts as open.
    """
    source = question.contracts
    if source is None:
        return pd.DataFrame(
            {
                "account_id": pd.Series(dtype="str"),
                "started_at": pd.Series(dtype="datetime64[us, UTC]"),
                "ended_at": pd.Series(dtype="datetime64[us, UTC]"),
                "plan": pd.Series(dtype="str"),
            }
        )
    workspace = question.workspace
    zone = workspace.settings.report_tz

    def instant(name: str, late: bool) -> str:
        kind = workspace.columns_of(source.table)[name]
        shown = f"t.{quoted(name)}"
        if "TIME ZONE" in kind:
            return shown
        # A date ends with its last moment in the reporting zone.
        day = f"(TRY_CAST({shown} AS DATE) + INTERVAL {1 if late else 0} DAY)"
        return f"({day} AT TIME ZONE {literal(zone)})"

    plan = f"t.{quoted(source.plan)}::VARCHAR" if source.plan else "NULL::VARCHAR"
    read = workspace.sql(
        f"SELECT t.{quoted(source.account)}::VARCHAR AS account_id, "
        f"{instant(source.start, False)} AS started_at, {instant(source.end, True)} AS ended_at, "
        f"{plan} AS plan FROM {quoted(source.table)} t "
        f"WHERE t.{quoted(source.account)} IS NOT NULL AND {instant(source.start, False)} <= ? "
        "ORDER BY ALL",
        [question.at],
    )
    at = pd.Timestamp(question.at)
    # The last event of a day stands at its end, a moment before the end of a contract of that day.
    known = pd.Timestamp(workspace.events.newest or question.at) + timedelta(days=1)
    if looks_back(question):
        read.loc[(read["ended_at"] > at) & (read["ended_at"] <= known), "ended_at"] = pd.NaT
    return read.astype({"account_id": "str", "plan": "str"})


def looks_back(question: Question) -> bool:
    """Whether the data know more than a day beyond the instant that is looked at."""
    newest = question.workspace.events.newest
    return newest is not None and question.at < newest - timedelta(days=1)


def customers_of(question: Question, contracts: pd.DataFrame, found: Deals) -> pd.DataFrame:
    """Every account that is a customer at the instant.

    Returns
    -------
    pandas.DataFrame
        ``key, customer_by, customer_since, plan, contract_ends_at``: by contract, else by a won
        opportunity later than the last contract ended, else by the mark of the source system.
    """
    at = pd.Timestamp(question.at)
    running = contracts[contracts["ended_at"].isna() | (contracts["ended_at"] > at)]
    # The contract that lasts longest speaks for the account; one without an end lasts longest.
    last = running.assign(_open=running["ended_at"].isna()).sort_values(
        ["account_id", "_open", "ended_at", "started_at"], na_position="last"
    )
    lines = last.groupby("account_id").agg(
        plan=("plan", "last"), _open=("_open", "last"), ends=("ended_at", "max")
    )
    by_contract = pd.DataFrame({"key": lines.index.to_series().to_numpy(object)})
    by_contract["customer_by"] = "contract"
    by_contract["plan"] = lines["plan"].to_numpy(object)
    ends = lines["ends"].where(~lines["_open"].astype(bool))
    by_contract["contract_ends_at"] = ends.to_numpy()
    won = found.frame[found.frame["outcome"] == "won"]
    gone = contracts.groupby("account_id")["ended_at"].max()
    left = gone.reindex(won["account_id"].to_numpy(object))
    later = left.isna().to_numpy() | (
        won["closed_at"].to_numpy() > left.to_numpy()
    )  # fmt: skip
    fresh = won[later & won["account_id"].notna()]
    by_deal = fresh["account_id"].drop_duplicates()
    by_deal = by_deal[~by_deal.isin(by_contract["key"])]
    # A mark is that of today: looking back it would tell what was not known then.
    marked = pd.Series(dtype="str") if looks_back(question) else _marked(question.workspace)
    marked = marked[
        ~marked.isin(by_contract["key"]) & ~marked.isin(by_deal) & ~marked.isin(gone.index)
    ]
    out = pd.concat(
        [
            by_contract,
            pd.DataFrame({"key": by_deal.to_numpy(object), "customer_by": "won opportunity"}),
            pd.DataFrame({"key": marked.to_numpy(object), "customer_by": "mark"}),
        ],
        ignore_index=True,
    )
    out = out.reindex(columns=["key", "customer_by", "plan", "contract_ends_at"])
    begun = contracts.groupby("account_id")["started_at"].min()
    first = won.groupby("account_id")["closed_at"].min()
    since = pd.concat([begun, first]).groupby(level=0).min()
    out["customer_since"] = pd.to_datetime(
        since.reindex(out["key"].to_numpy(object)).to_numpy(), utc=True
    )
    out["contract_ends_at"] = pd.to_datetime(out["contract_ends_at"], utc=True)
    out = out.astype({"key": "str", "customer_by": "str"})
    out["plan"] = out["plan"].astype("object").astype("str")
    return out.sort_values("key", ignore_index=True)


def _marked(workspace: Workspace) -> pd.Series:
    """Accounts that the source system calls customers."""
    if not workspace.has("accounts", "account_id"):
        return pd.Series(dtype="str")
    flag = column(workspace, "accounts", "is_customer", "BOOLEAN")
    kind = column(workspace, "accounts", "type", "VARCHAR")
    read = workspace.sql(
        "SELECT account_id::VARCHAR AS key FROM accounts t WHERE account_id IS NOT NULL AND "
        f"coalesce({flag}, lower(trim({kind})) LIKE 'customer%', false) ORDER BY key"
    )
    return read["key"].drop_duplicates().astype("str")


def left_of(question: Question, contracts: pd.DataFrame) -> pd.DataFrame:
    """Accounts whose last contract had ended: key, left_at, since."""
    at = pd.Timestamp(question.at)
    running = contracts["ended_at"].isna() | (contracts["ended_at"] > at)
    gone = contracts[~contracts["account_id"].isin(contracts.loc[running, "account_id"])]
    out = gone.groupby("account_id", as_index=False).agg(
        left_at=("ended_at", "max"), since=("started_at", "min")
    )
    return out.rename(columns={"account_id": "key"})
