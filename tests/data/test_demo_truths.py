"""What was planted is found again in the files, with plain pandas."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from tests.data.demo_files import read, tokyo, web
from tests.data.demo_truths import ERRORS, ratio_agrees, share_agrees
from workbench.data.demo import TRUTHS, generate

END = pd.Timestamp("2026-10-01")
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo") / "files"
    generate(directory, events=900_000, accounts=5_000, seed=7)
    return directory


def first_times(files: Path) -> pd.DataFrame:
    leads = read(files, "leads.csv")
    leads["mql_at"] = pd.to_datetime(leads["mql_at"])
    leads["sql_at"] = pd.to_datetime(leads["sql_at"]) + pd.Timedelta("23:59:59")
    first = leads.groupby("account_id")[["mql_at", "sql_at"]].min()
    accounts = read(files, "accounts.csv").set_index("account_id")
    return first.join(accounts["industry"])


def test_one_industry_goes_from_mql_to_sql_more_often_and_sooner(files: Path) -> None:
    first = first_times(files)
    ripe = first[first["mql_at"] < END - TRUTHS.mql_to_sql_max_days * DAY]
    fast = ripe["industry"] == TRUTHS.fast_industry
    became = ripe["sql_at"].notna()
    assert share_agrees(became[fast].sum(), fast.sum(), TRUTHS.mql_to_sql_share_fast)
    assert share_agrees(became[~fast].sum(), (~fast).sum(), TRUTHS.mql_to_sql_share_other)
    took = (ripe["sql_at"] - ripe["mql_at"]) / DAY
    assert took.max() <= TRUTHS.mql_to_sql_max_days
    # SQL is a date only, placed at the end of its day: half a day late on average
    assert took[fast].median() == pytest.approx(TRUTHS.mql_to_sql_median_days_fast + 0.5, abs=1)
    assert took[~fast].median() == pytest.approx(TRUTHS.mql_to_sql_median_days_other + 0.5, abs=2)


def test_no_other_industry_stands_out(files: Path) -> None:
    first = first_times(files)
    ripe = first[first["mql_at"] < END - TRUTHS.mql_to_sql_max_days * DAY]
    for industry, group in ripe.groupby("industry"):
        if industry != TRUTHS.fast_industry:
            became = group["sql_at"].notna().sum()
            assert share_agrees(became, len(group), TRUTHS.mql_to_sql_share_other), industry


def outcomes(files: Path, event_id: str) -> pd.DataFrame:
    """Accounts with a lead before the event: tier, whether they came, whether a deal followed."""
    events = read(files, "events.csv").set_index("event_id")
    start = pd.Timestamp(events.loc[event_id, "start_at"])
    people = read(files, "people.csv").set_index("person_id")["account_id"]
    leads = read(files, "leads.csv")
    people = people.fillna(leads.set_index("person_id")["account_id"])
    guests = read(files, "event_attendance.csv").query("event_id == @event_id")
    came = set(people.reindex(guests.loc[guests["status"] == "attended", "person_id"]))
    known = leads.groupby("account_id")["created_at"].min()
    known = known[pd.to_datetime(known) < start - 7 * DAY].index
    deals = read(files, "opportunities.csv")
    created = pd.to_datetime(deals["作成日"])
    window = (created > start) & (created <= start + TRUTHS.event_window_days * DAY)
    bought = set(deals.loc[window, "取引先ID"])
    scores = pd.read_parquet(files / "scores.parquet").drop_duplicates("entity_id")
    tier = scores.set_index("entity_id")["grade"].reindex(known)
    return pd.DataFrame(
        {"tier": tier, "came": known.isin(list(came)), "bought": known.isin(list(bought))}
    )


def effect(table: pd.DataFrame) -> tuple[float, float]:
    """Share of attendees without a deal of their own who got one by coming, with its error."""
    total = weight = 0.0
    for _, tier in table.groupby("tier"):
        there, away = tier[tier["came"]]["bought"], tier[~tier["came"]]["bought"]
        p1, p0 = there.mean(), away.mean()
        variance = p1 * (1 - p1) / len(there) + p0 * (1 - p0) / len(away)
        total += (p1 - p0) / (1 - p0) / variance
        weight += 1 / variance
    return total / weight, weight**-0.5


def test_one_event_has_its_true_effect_and_the_other_has_none(files: Path) -> None:
    found, error = effect(outcomes(files, TRUTHS.event_with_effect))
    assert abs(found - TRUTHS.event_effect) <= ERRORS * error
    assert found > ERRORS * error
    found, error = effect(outcomes(files, TRUTHS.event_without_effect))
    assert abs(found) <= ERRORS * error


def test_the_naive_comparison_overstates_because_engaged_accounts_come(files: Path) -> None:
    table = outcomes(files, TRUTHS.event_without_effect)
    naive = table[table["came"]]["bought"].mean() - table[~table["came"]]["bought"].mean()
    adjusted, error = effect(table)
    assert naive > adjusted + error
    for tier, share in zip("CBA", TRUTHS.attendance_by_tier, strict=True):
        group = table[table["tier"] == tier]
        assert share_agrees(group["came"].sum(), len(group), share), tier


def test_one_month_has_fewer_lead_forms(files: Path) -> None:
    frame = web(files)
    forms = frame[frame["event"] == "lead_form_completed"]
    months = forms["occurred_at"].dt.to_period("M").value_counts()
    dip = pd.Period(TRUTHS.dip_month(date(2026, 9, 30)), "M")
    # a steady trend: the mean of the months before and after stands for the month itself,
    # corrected for its 28 days against 31
    usual = (months[dip - 1] + months[dip + 1]) * dip.days_in_month / 62
    around = (months[dip - 1] + months[dip + 1]) / 2
    assert ratio_agrees(months[dip], around, TRUTHS.dip_share * usual / around)
    others = months.drop([dip, months.index.min()])
    assert months[dip] < others[others.index >= dip - 6].min() * 0.7


def test_deals_with_a_single_contact_stall(files: Path) -> None:
    history = tokyo(pd.read_parquet(files / "opportunity_history.parquet"), "changed_at")
    history = history.sort_values(["opportunity_id", "changed_at", "history_id"])
    moved = history[history["stage"] != history.groupby("opportunity_id")["stage"].shift()]
    stay = moved.groupby("opportunity_id")["changed_at"].shift(-1).fillna(END) - moved["changed_at"]
    open_stay = stay[~moved["stage"].str.startswith("Closed")]
    longest = open_stay.groupby(moved["opportunity_id"]).max() / DAY
    roles = read(files, "opportunity_people.csv").query("side == 'customer'")
    contacts = roles.groupby("opportunity_id")["person_id"].nunique()
    deals = read(files, "opportunities.csv").set_index("商談ID")
    old = deals.index[pd.to_datetime(deals["作成日"]) < END - TRUTHS.stall_observed_days * DAY]
    single = contacts.reindex(old) == 1
    stalled = longest.reindex(old) >= TRUTHS.stall_days
    assert share_agrees(single.sum(), len(old), TRUTHS.single_contact_share)
    assert share_agrees(stalled[single].sum(), single.sum(), TRUTHS.stall_share_single)
    assert share_agrees(stalled[~single].sum(), (~single).sum(), TRUTHS.stall_share_several)
    assert longest.reindex(old)[~stalled].max() <= TRUTHS.stage_max_days
    won = deals.loc[old, "成立"] == "はい"
    closed = deals.loc[old, "完了"] == "はい"
    assert closed.all()
    assert share_agrees(won[~stalled].sum(), (~stalled).sum(), TRUTHS.win_share_moving)
    assert share_agrees(won[stalled].sum(), stalled.sum(), TRUTHS.win_share_stalled)


def test_inbound_activity_falls_before_a_customer_leaves(files: Path) -> None:
    contracts = read(files, "contracts.csv").dropna(subset="ended_on")
    ended = pd.to_datetime(contracts.set_index("account_id")["ended_on"], format="%d.%m.%Y")
    acts = read(files, "activities.csv").query("direction == 'in' and type != 'meeting'")
    people = read(files, "people.csv").set_index("person_id")["account_id"]
    account = acts["account_id"].fillna(acts["person_id"].map(people))
    before = account.map(ended) - pd.to_datetime(acts["start_at"])
    weeks = before / (7 * DAY)
    assert not (weeks < 0).any()
    last = ((weeks >= 0) & (weeks < TRUTHS.decline_weeks)).sum()
    usual = ((weeks >= TRUTHS.decline_weeks) & (weeks < 3 * TRUTHS.decline_weeks)).sum() / 2
    assert ratio_agrees(last, usual, TRUTHS.decline_share)
    half = TRUTHS.decline_weeks / 2
    level = ((weeks >= TRUTHS.decline_weeks) & (weeks < TRUTHS.decline_weeks + half)).sum()
    assert level > 0.8 * usual / 2


def test_webinars_lead_to_demos_within_a_session(files: Path) -> None:
    frame = web(files).dropna(subset="content_type").sort_values(["session_id", "sequence_no"])
    after = frame.groupby("session_id")["content_type"].shift(-1)
    pairs = frame.assign(after=after).dropna(subset="after")
    pairs = pairs[pairs["content_type"] != TRUTHS.flow_to]
    source = pairs["content_type"] == TRUTHS.flow_from
    leads_on = pairs["after"] == TRUTHS.flow_to
    assert share_agrees(leads_on[source].sum(), source.sum(), TRUTHS.flow_share)
    assert share_agrees(leads_on[~source].sum(), (~source).sum(), TRUTHS.flow_share_other)
