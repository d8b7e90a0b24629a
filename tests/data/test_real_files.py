"""The known figures of files that were not made for this project come out exactly."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.data.small import balanced, found, rows
from workbench.data import CheckedData, load

PROJECT = Path(__file__).resolve().parents[2]
DATA = PROJECT.parent / "shared" / "data"
Opener = Callable[[str], CheckedData]


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Opener:
    held: dict[str, CheckedData] = {}
    cache = tmp_path_factory.mktemp("cache")

    def open_one(name: str) -> CheckedData:
        if not (DATA / name).is_dir():
            pytest.skip(f"{DATA / name} is not present")
        if name not in held:
            file = PROJECT / "parameters" / "workspaces" / f"{name}.yaml"
            held[name] = load(file, cache=cache)
        return held[name]

    return open_one


def test_maven_stages_win_rate_and_value(real: Opener) -> None:
    data = real("maven_crm_sales_opportunities")
    assert dict(rows(data, "SELECT stage, count(*) FROM opportunities GROUP BY 1")) == {
        "Won": 4238,
        "Lost": 2473,
        "Engaging": 1589,
        "Prospecting": 500,
    }
    query = (
        "SELECT count(*), round(100 * avg(is_won::INT) FILTER (is_closed), 2), sum(amount), "
        "round(avg(date_diff('day', created_at, closed_at)) FILTER (is_won), 2) FROM opportunities"
    )
    assert rows(data, query) == [(8800, 63.15, 10_005_534.0, 51.78)]
    balanced(data)


def test_maven_traps_are_found_and_said(real: Opener) -> None:
    data = real("maven_crm_sales_opportunities")
    assert found(data, "Opportunities have no account")[0].count == 1425
    product = found(data, "GTXPro")[0]
    assert (product.level, product.count) == ("warning", 1480)
    assert "GTX Pro" in product.problem
    assert "month first" in found(data, "Dates are read")[0].problem
    query = (
        "SELECT count(*) FILTER (created_at IS NULL), count(*) FILTER (closed_at IS NULL), "
        "count(*) FILTER (amount IS NULL) FROM opportunities"
    )
    assert rows(data, query) == [(500, 2089, 2089)]
    query = "SELECT count(*) FROM opportunities ANTI JOIN products ON x_product = product"
    assert rows(data, query) == [(0,)]


def test_maven_events_need_an_account(real: Opener) -> None:
    data = real("maven_crm_sales_opportunities")
    events = dict(rows(data, "SELECT event, count(*) FROM touchpoints GROUP BY 1"))
    assert events == {"opportunity_created": 7212, "closed_won": 4238, "closed_lost": 2473}
    line = data.balance.set_index("file").loc["touchpoints"]
    assert (line["read"], line["kept"], line["quarantined"]) == (15_011, 13_923, 1_088)
    assert found(data, "Events have no account")[0].count == 1088


def test_ravenstack_counts(real: Opener) -> None:
    data = real("ravenstack_saas")
    assert {name: table.rows for name, table in data.tables.items()} == {
        "accounts": 500,
        "subscriptions": 5000,
        "feature_usage": 25_000,
        "support_tickets": 2000,
        "churn_events": 600,
        "touchpoints": 33_847,
    }
    assert rows(data, "SELECT count(*) FROM accounts WHERE x_churn_flag") == [(110,)]
    again = (
        "SELECT count(*) FROM (SELECT account_id FROM churn_events GROUP BY 1 HAVING count(*) > 1)"
    )
    assert rows(data, again)[0][0] > 0
    assert data.quarantine is None
    balanced(data)


def test_ravenstack_dates_are_day_first(real: Opener) -> None:
    data = real("ravenstack_saas")
    assert "day first" in found(data, "Dates are read")[0].problem
    first = "SELECT created_at::DATE::VARCHAR FROM accounts WHERE account_id = 'A-2e4581'"
    assert rows(data, first) == [("2024-10-16",)]
    assert data.as_of.isoformat() == "2024-12-31T23:59:59+00:00"


def test_ravenstack_journey_events(real: Opener) -> None:
    data = real("ravenstack_saas")
    assert dict(rows(data, "SELECT event, count(*) FROM touchpoints GROUP BY 1")) == {
        "signed_up": 500,
        "trial_started": 778,
        "subscription_started": 4222,
        "subscription_upgraded": 529,
        "subscription_downgraded": 218,
        "product_used": 25_000,
        "support_ticket": 2000,
        "churned": 600,
    }


def test_salesforce_history(real: Opener) -> None:
    data = real("salesforce_dev_org_sample")
    stages = dict(rows(data, "SELECT stage, count(*) FROM opportunity_history GROUP BY 1"))
    assert (stages["Closed Won"], stages["Closed Lost"], stages["Prospecting"]) == (19, 8, 6)
    assert sum(stages.values()) == 48
    assert {name: table.rows for name, table in data.tables.items() if name != "touchpoints"} == {
        "accounts": 18,
        "people": 25,
        "leads": 22,
        "opportunities": 36,
        "opportunity_history": 48,
    }
    balanced(data)


def test_salesforce_times(real: Opener) -> None:
    data = real("salesforce_dev_org_sample")
    query = (
        "SELECT DISTINCT strftime(changed_at, '%Y-%m-%d %H:%M') FROM opportunity_history ORDER BY 1"
    )
    assert ("2026-02-23 20:55",) in rows(data, query)
    assert rows(data, "SELECT max(probability), min(probability) FROM opportunities") == [
        (1.0, 0.0)
    ]


def test_the_folder_of_the_files_can_be_given(real: Opener, tmp_path: Path) -> None:
    real("maven_crm_sales_opportunities")
    data = load(
        "maven_crm_sales_opportunities",
        root=DATA / "maven_crm_sales_opportunities",
        cache=tmp_path,
    )
    assert data.tables["opportunities"].rows == 8800
