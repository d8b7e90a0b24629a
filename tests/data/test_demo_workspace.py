"""The demo company through the workbench's own door: nothing lost, nothing wrong but what is."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.data.demo_files import web
from workbench.data import load
from workbench.data.checked import CheckedData
from workbench.data.demo import BROKEN, COPIES, DemoSummary, generate

WORKSPACE = Path(__file__).parents[2] / "parameters" / "workspaces" / "demo.yaml"
SET_ASIDE = {("people.csv", "missing key"), ("leads.csv", "too few cells"),
             ("leads.csv", "too many cells")}  # fmt: skip
"""Broken rows that cannot be kept; of the others one cell is left empty."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return generate(tmp_path_factory.mktemp("demo") / "files", events=40_000)


@pytest.fixture(scope="module")
def data(made: DemoSummary, tmp_path_factory: pytest.TempPathFactory) -> CheckedData:
    return load(WORKSPACE, root=made.directory, cache=tmp_path_factory.mktemp("cache"))


def rows(data: CheckedData, query: str) -> list[tuple]:
    return data.connection.execute(query).fetchall()


def test_every_row_is_accounted_for(made: DemoSummary, data: CheckedData) -> None:
    files = data.balance[data.balance["table"] == data.balance["table"]]
    files = files[files["file"].isin(made.rows)]
    assert set(files["file"]) == set(made.rows)
    for line in files.to_dict("records"):
        name = line["file"]
        copies = 0 if name.startswith("web_events") else COPIES.get(name, 0)
        aside = sum(file == name for file, _ in SET_ASIDE)
        assert line["read"] == made.rows[name], name
        assert line["quarantined"] == aside, name
        if not name.startswith("web_events"):
            assert line["merged"] == copies, name
        assert line["read"] == line["kept"] + line["quarantined"] + line["merged"]
    merged = files.loc[files["table"] == "web_events", "merged"].sum()
    assert merged == COPIES["web_events"]


def test_the_quarantine_names_the_broken_rows_and_no_other(data: CheckedData) -> None:
    assert data.quarantine is not None
    with data.quarantine.open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    said = {(line["file"], line["value"]) for line in found if line["value"] and line["column"]}
    known = {(row.file, row.value) for row in BROKEN if row.value and row.reason != "orphan key"}
    assert said == known
    assert len(found) == len([row for row in BROKEN if row.reason != "orphan key"])
    lines = {(line["file"], int(line["row"])) for line in found}
    assert lines == {(row.file, row.line) for row in BROKEN if row.reason != "orphan key"}


def test_findings_are_the_planted_ones(data: CheckedData) -> None:
    """No error; warnings only where a row was broken, a key is orphan or an account is unknown."""
    assert not [finding for finding in data.findings if finding.level == "error"]
    tables = {finding.table for finding in data.findings if finding.level == "warning"}
    planted = {row.table for row in BROKEN}
    assert planted <= tables
    assert tables <= planted | {"web_events", "partner_leads"}


def test_touchpoints_are_as_many_as_the_generator_says(
    made: DemoSummary, data: CheckedData
) -> None:
    found = rows(data, "SELECT count(*) FROM touchpoints")[0][0]
    # three broken rows still are an event: two opportunities and a meeting with one empty cell;
    # whether a call with an unknown account is one is for the checks to say
    assert found - made.events in (3, 4)
    forms = rows(data, "SELECT count(*) FROM touchpoints WHERE event = 'lead_form_completed'")
    assert forms[0][0] == (web(made.directory)["event"] == "lead_form_completed").sum()


def test_every_event_name_of_the_default_funnel_is_there(data: CheckedData) -> None:
    names = {row[0] for row in rows(data, "SELECT DISTINCT event FROM touchpoints")}
    assert names >= {
        "lead_form_completed", "lead_created", "mql_qualified", "sql_qualified",
        "opportunity_created", "stage_changed", "closed_won", "closed_lost", "lead_converted",
        "email_sent", "email_received", "call", "meeting", "task_done", "campaign_response",
        "event_registered", "event_attended", "event_no_show", "product_used", "score_changed",
        "partner_lead_created", "contract_started", "contract_ended",
    }  # fmt: skip


def test_the_data_end_when_the_company_ends(data: CheckedData) -> None:
    assert (
        datetime(2026, 9, 29, 15, tzinfo=UTC) < data.as_of < datetime(2026, 9, 30, 15, tzinfo=UTC)
    )
    late = "SELECT count(*) FROM touchpoints WHERE occurred_at > TIMESTAMPTZ '2026-09-30 15:00Z'"
    assert rows(data, late) == [(0,)]
    dated = "SELECT DISTINCT event FROM touchpoints WHERE date_only ORDER BY event"
    assert {row[0] for row in rows(data, dated)} == {
        "campaign_response", "closed_lost", "closed_won", "contract_ended", "contract_started",
        "lead_converted", "product_used", "sql_qualified",
    }  # fmt: skip


def test_values_arrive_typed_and_in_their_letters(data: CheckedData) -> None:
    names = [row[0] for row in rows(data, "SELECT name FROM accounts")]
    assert "<script>alert(1)</script> GmbH" in names
    assert "null" in names
    assert any(name.startswith("=HYPERLINK(") for name in names)
    assert rows(data, "SELECT count(*) FROM accounts WHERE industry = '-'") == [(0,)]
    highest = rows(data, "SELECT min(probability), max(probability) FROM opportunities")
    assert highest == [(0.0, 1.0)]
    kinds = rows(data, "SELECT DISTINCT type FROM opportunities WHERE type IS NOT NULL ORDER BY 1")
    assert kinds == [("existing business",), ("new business",)]
    topics = " ".join(row[0] for row in rows(data, "SELECT name FROM opportunities"))
    assert all(letter in topics for letter in "①㈱髙")
    tops = rows(data, "SELECT count(DISTINCT global_account_id), count(DISTINCT account_id) "
                      "FROM touchpoints")  # fmt: skip
    assert 0 < tops[0][0] < tops[0][1]
