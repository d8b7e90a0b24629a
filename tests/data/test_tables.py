"""Tables, vendors and workspace files as data: complete, consistent, and strict about names."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.data.small import ACCOUNTS, found, loaded, one_file, rows, workspace
from workbench.data import canonical_tables, load
from workbench.data.settings import FiscalYear
from workbench.data.vendors import match_columns, vendors
from workbench.data.workspace_file import expanded, read_workspace_file
from workbench.errors import ArgumentError, WorkspaceFileError

SPECIFIED = (
    "accounts",
    "people",
    "users",
    "leads",
    "opportunities",
    "stages",
    "opportunity_history",
    "opportunity_people",
    "activities",
    "activity_participants",
    "campaigns",
    "campaign_members",
    "events",
    "event_attendance",
    "buying_groups",
    "buying_group_members",
    "buying_group_roles",
    "product_usage",
    "scores",
    "fx_rates",
    "targets",
    "partner_leads",
    "web_events",
)


def test_every_table_of_the_data_model_is_there() -> None:
    assert sorted(canonical_tables()) == sorted(SPECIFIED)


@pytest.mark.parametrize("name", SPECIFIED)
def test_tables_are_consistent(name: str) -> None:
    table = canonical_tables()[name]
    assert table.meaning.endswith(".")
    assert set(table.key) <= set(table.columns)
    for column in table.columns.values():
        assert column.meaning.endswith(".")
        assert column.references is None or column.references in canonical_tables()


@pytest.mark.parametrize("vendor", list(vendors()))
def test_aliases_name_known_columns(vendor: str) -> None:
    entry = vendors()[vendor]
    for kind in ("columns", "values", "derive"):
        for table, columns in entry.get(kind, {}).items():
            assert set(columns) <= set(canonical_tables()[table].columns)
    for columns in entry.get("values", {}).values():
        for mapped in columns.values():
            assert all(isinstance(part, str) for pair in mapped.items() for part in pair)


@pytest.mark.parametrize(
    ("vendor", "headers", "expected"),
    [
        (
            "salesforce",
            ["Id", "StageName", "CloseDate"],
            ["opportunity_id", "stage", "expected_close_on"],
        ),
        (None, ["Opportunity ID", "Probability (%)"], ["opportunity_id", "probability"]),
        ("hubspot", ["Record ID", "Deal Name"], ["opportunity_id", "name"]),
        ("dynamics", ["opportunityid", "Topic"], ["opportunity_id", "name"]),
        (None, ["商談名", "確度（％）", "商談 所有者"], ["name", "probability", "owner_id"]),
        (None, ["OPPORTUNITY_ID", " Stage "], ["opportunity_id", "stage"]),
    ],
)
def test_headers_of_known_exports(
    vendor: str | None, headers: list[str], expected: list[str]
) -> None:
    known = list(canonical_tables()["opportunities"].columns)
    matched = match_columns("opportunities", known, headers, {}, vendor)
    assert {header: name for name, header in matched.items()} == dict(
        zip(headers, expected, strict=True)
    )


def test_a_dynamics_export_is_read_with_its_codes(tmp_path: Path) -> None:
    content = "opportunityid,statecode,salesstage\no1,1,3\no2,0,0\no3,2,2\n"
    data = loaded(tmp_path, one_file(tmp_path, "opportunities", content, vendor="dynamics"))
    query = "SELECT opportunity_id, stage, is_closed, is_won FROM opportunities ORDER BY 1"
    assert rows(data, query) == [
        ("o1", "Close", True, True),
        ("o2", "Qualify", False, False),
        ("o3", "Propose", True, False),
    ]


def test_own_names_types_values_and_derivations(tmp_path: Path) -> None:
    entry = one_file(
        tmp_path,
        "accounts",
        "Nr,Firma,Branche,Gross\n1,Ada,-,ja\n2,Bob,IT,nein\n",
        columns={"account_id": "Nr", "name": "Firma", "industry": "Branche"},
        values={"industry": {"-": None}},
        types={"Gross": "boolean"},
        derive={"rank": "CASE WHEN Gross = 'ja' THEN 'A' ELSE 'B' END", "x_twice": "Nr::INT * 2"},
    )
    data = loaded(tmp_path, entry)
    query = "SELECT account_id, industry, x_Gross, rank, x_twice FROM accounts ORDER BY 1"
    assert rows(data, query) == [("1", None, True, "A", 2), ("2", "IT", False, "B", 4)]
    assert found(data, "'-' is read as no value")[0].count == 1


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"columns": {"account_idd": "account_id"}}, "Did you mean 'account_id'"),
        ({"columns": {"name": "Nam"}}, "'Nam' is not known. Did you mean 'name'"),
        ({"vendor": "salesfroce"}, "Did you mean 'salesforce'"),
        ({"references": {"name": "account"}}, "Did you mean 'accounts'"),
        ({"types": {"name": "txt"}}, "'txt' is not one of text"),
        ({"derive": {"rank": "nonsense("}}, "cannot be used"),
        ({"derive": {"rank": "no_such_column"}}, "no_such_column"),
        ({"delimiter": ",,"}, "delimiter"),
        ({"format": "cvs"}, "'cvs'"),
    ],
)
def test_names_that_mean_nothing(tmp_path: Path, entry: dict[str, object], said: str) -> None:
    with pytest.raises(WorkspaceFileError, match=said):
        loaded(tmp_path, one_file(tmp_path, "accounts", ACCOUNTS, **entry))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\nname: y\ntables: {}\n", "stands twice"),
        ("name: [x\n", "not valid YAML"),
        ("- a list\n", "must be a mapping"),
        ("name: x\n", "tables: this key is needed"),
        ("name: x\ntables: {}\n", "at least one table"),
        ("name: ../x\ntables: {a: {file: a.csv}}\n", "letters, digits"),
        ("name: x\ntables: {'a b': {file: a.csv}}\n", "cannot name a table"),
        ("name: x\ntables: {a: {}}\n", "either file or database"),
        ("name: x\nreport_tz: Asia/Tokio\ntables: {a: {file: a.csv}}\n", "not an IANA time zone"),
        ("name: x\nfiscal_year: {start_month: 13}\ntables: {a: {file: a.csv}}\n", "start_month"),
        ("name: x\ntouchpoints: {rule: []}\ntables: {a: {file: a.csv}}\n", "Did you mean 'rules'"),
        ("name: x\ncurrency: {policy: today}\ntables: {a: {file: a.csv}}\n", "frozen_at_close"),
    ],
)
def test_workspace_files_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(WorkspaceFileError, match=said) as caught:
        read_workspace_file(path)
    assert "x.yaml" in str(caught.value)


def test_yes_and_no_are_words_not_booleans(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    text = "name: x\ntables: {a: {file: a.csv, values: {c: {Yes: true, no: null, 1: one}}}}\n"
    path.write_text(text, encoding="utf-8")
    file, _ = read_workspace_file(path)
    assert file.tables["a"].values["c"] == {"Yes": True, "no": None, "1": "one"}


def test_fiscal_years() -> None:
    """2025-03-31 is the last quarter of FY2024 where the year starts in April and names it."""
    named_by_start = FiscalYear(start_month=4, named_by="start")
    instant = datetime(2025, 3, 31, 16, tzinfo=UTC)
    assert named_by_start.quarter_of(date(2025, 3, 31)) == (2024, 4)
    assert named_by_start.quarter_of(instant.astimezone(ZoneInfo("Asia/Tokyo"))) == (2025, 1)
    assert named_by_start.quarter_of(instant) == (2024, 4)
    assert FiscalYear(start_month=4, named_by="end").quarter_of(date(2025, 3, 31)) == (2025, 4)
    assert FiscalYear(start_month=1, named_by="end").quarter_of(date(2025, 3, 31)) == (2025, 1)


def test_environment_variables_in_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WB_TEST_FOLDER", str(tmp_path))
    assert expanded("${WB_TEST_FOLDER}/x") == f"{tmp_path}/x"
    monkeypatch.delenv("WB_TEST_FOLDER")
    with pytest.raises(WorkspaceFileError, match="WB_TEST_FOLDER, which is not set"):
        expanded("${WB_TEST_FOLDER}/x")


def test_workspaces_are_found_by_name_and_unknown_ones_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "parameters" / "workspaces"
    entry = one_file(folder, "accounts", ACCOUNTS)
    workspace(folder, entry).rename(folder / "firm.yaml")
    monkeypatch.chdir(tmp_path)
    data = load("firm", cache=tmp_path / "cache")
    assert data.tables["accounts"].rows == 2
    with pytest.raises(ArgumentError, match="Did you mean 'firm'"):
        load("frim", cache=tmp_path / "cache")
    with pytest.raises(ArgumentError, match=r"no workspace file .*nothing\.yaml"):
        load("nothing.yaml", cache=tmp_path / "cache")
