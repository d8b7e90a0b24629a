"""Readers: encodings, delimiters and formats give the same rows."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import duckdb
import openpyxl
import pytest

from tests.data.small import balanced, found, loaded, one_file, rows
from workbench.data import UnusableDataError
from workbench.data.survey import survey
from workbench.data.text_files import delimiter_of, lines_at, unique_names

TEXT = "account_id,name\na1,株式会社テスト製作所\na2,Müller\n"
JAPANESE = "会社ID,会社名,従業員数,登録日\na1,株式会社テスト製作所,１２０,令和6年4月1日\n"
NAMES = [("a1", "株式会社テスト製作所"), ("a2", "Müller")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_encodings_are_detected(tmp_path: Path, encoding: str) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "accounts", TEXT.encode(encoding)))
    assert rows(data, "SELECT account_id, name FROM accounts ORDER BY 1") == NAMES


def test_cp932_is_detected_and_japanese_headers_are_known(tmp_path: Path) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "accounts", JAPANESE.encode("cp932")))
    query = "SELECT account_id, name, employees, created_at::DATE::VARCHAR FROM accounts"
    assert rows(data, query) == [("a1", "株式会社テスト製作所", 120, "2024-04-01")]
    assert found(data, "Read as cp932")


def test_the_quarantine_names_columns_as_the_file_does(tmp_path: Path) -> None:
    content = "会社ID,従業員数\na1,多数\n,5\n".encode("cp932")
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert data.quarantine is not None
    said = data.quarantine.read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[1:4] for line in said] == [
        ["2", "従業員数", "多数"],
        ["3", "会社ID", ""],
    ]


def test_western_text_is_not_taken_for_japanese(tmp_path: Path) -> None:
    content = "account_id,name\na1,André\na2,Müller\na3,Peña\n".encode("cp1252")
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert [row[0] for row in rows(data, "SELECT name FROM accounts ORDER BY account_id")] == [
        "André",
        "Müller",
        "Peña",
    ]


def test_a_given_encoding_wins_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    content = "account_id,name\na1,é\n".encode("latin-1")
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content, encoding="latin-1"))
    assert rows(data, "SELECT name FROM accounts") == [("é",)]
    with pytest.raises(Exception, match="'utf-9' is not known"):
        loaded(tmp_path, one_file(tmp_path, "accounts", content, encoding="utf-9"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_detected(delimiter: str) -> None:
    lines = ["id,name;x,y", "1,a;b,c", "2,d;e,f"]
    text = "\n".join(line.replace(",", delimiter) for line in lines)
    if delimiter != ";":
        assert delimiter_of(text) == delimiter
    assert delimiter_of("only\n1\n2\n") == ","
    assert delimiter_of("") == ","


def test_survey_counts_what_it_sees(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a,b\n\x00,\xff\n")
    seen = survey(path)
    assert (seen.nul_bytes, seen.encoding, seen.size) == (1, "cp1252", 8)


def test_names_are_made_unique_without_regard_to_case() -> None:
    assert unique_names(["Id", "ID", "", " id "]) == (
        ["Id", "ID_2", "column_3", "id_3"],
        ["ID", "id"],
    )


def test_lines_of_byte_offsets(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"a\r\nbb\r\n\r\nc\n")
    assert lines_at(path, [0, 3, 5, 9]) == [1, 2, 4, 4]


def test_json_lines(tmp_path: Path) -> None:
    records = [{"account_id": "a1", "name": NAMES[0][1]}, {"name": "Müller", "account_id": "a2"}]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    lines.insert(1, '{"account_id": broken')
    lines.append("[1, 2]")
    lines.append('{"account_id": "a3", "extra": {"deep": [1]}}')
    (tmp_path / "accounts.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = loaded(tmp_path, {"accounts": {"file": "accounts.jsonl"}})
    assert rows(data, "SELECT account_id, name FROM accounts ORDER BY 1")[:2] == NAMES
    query = "SELECT x_extra FROM accounts WHERE account_id = 'a3'"
    assert json.loads(rows(data, query)[0][0]) == {"deep": [1]}
    assert found(data, "not a JSON object")[0].row == 2
    balanced(data)
    assert data.balance.iloc[0]["read"] == 5


def test_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Firms"
    sheet.append(["account_id", "name", "employees", "created_at"])
    sheet.append(["a1", NAMES[0][1], 12.0, "2024/01/05"])
    sheet.append([1234567890123, "Müller", "many", None])
    book.create_sheet("Other").append(["x"])
    book.save(tmp_path / "accounts.xlsx")
    entry = {"file": "accounts.xlsx", "sheet": "Firms"}
    data = loaded(tmp_path, {"accounts": entry})
    assert rows(data, "SELECT account_id, employees FROM accounts ORDER BY 1") == [
        ("1234567890123", None),
        ("a1", 12),
    ]
    assert found(data, "cannot be read as integer")[0].row == 3
    with pytest.raises(UnusableDataError, match=r"no sheet 'Firm'.*Firms, Other"):
        loaded(tmp_path, {"accounts": {**entry, "sheet": "Firm"}})


def test_days_that_excel_counts_are_read_as_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["account_id", "name", "created_at"])
    for identity, moment in (("a1", 45658), ("a2", 45658.75), ("a3", "2025-01-01"), ("a4", 7)):
        sheet.append([identity, "A", moment])
    book.save(tmp_path / "accounts.xlsx")
    data = loaded(tmp_path, {"accounts": {"file": "accounts.xlsx"}}, source_tz="UTC")
    read = "SELECT CAST(created_at AS VARCHAR) FROM accounts ORDER BY account_id"
    assert [row[0] and row[0][:19] for row in rows(data, read)] == [
        "2025-01-01 23:59:59",
        "2025-01-01 18:00:00",
        "2025-01-01 23:59:59",
        None,
    ]
    assert found(data, "cannot be read as instant")[0].row == 5
    (tmp_path / "broken.xlsx").write_bytes(b"%PDF")
    with pytest.raises(UnusableDataError, match="export it again"):
        loaded(tmp_path, {"accounts": {"file": "broken.xlsx"}})


def test_sqlite_and_duckdb_files(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "crm.sqlite") as crm:
        crm.execute("CREATE TABLE firms (account_id, name, employees)")
        crm.executemany("INSERT INTO firms VALUES (?, ?, ?)", [(*row, 7) for row in NAMES])
    crm.close()
    with duckdb.connect(str(tmp_path / "crm.duckdb")) as held:
        held.execute("CREATE TABLE firms (account_id VARCHAR, name VARCHAR, employees INTEGER)")
        held.executemany("INSERT INTO firms VALUES (?, ?, ?)", [[*row, 7] for row in NAMES])
    for path in ("crm.sqlite", "crm.duckdb"):
        for source in ({"table": "firms"}, {"query": "SELECT * FROM firms"}):
            data = loaded(tmp_path, {"accounts": {"database": {"path": path, **source}}})
            query = "SELECT account_id, name FROM accounts WHERE employees = 7 ORDER BY 1"
            assert rows(data, query) == NAMES
        with pytest.raises(UnusableDataError, match=f"{path}.*says"):
            loaded(tmp_path, {"accounts": {"database": {"path": path, "table": "no such"}}})


def test_postgres_that_cannot_be_reached_is_said_without_the_password(tmp_path: Path) -> None:
    url = "postgresql://user:secret@127.0.0.1:1/crm"
    with pytest.raises(UnusableDataError, match="PostgreSQL says") as caught:
        loaded(tmp_path, {"accounts": {"database": {"url": url, "table": "firms"}}})
    assert "secret" not in str(caught.value)


def test_large_logs_in_parquet_stay_in_place(tmp_path: Path) -> None:
    for number, (first, last) in enumerate([(0, 50), (40, 90)]):
        duckdb.sql(
            "SELECT 'e' || range AS event_id, "
            "TIMESTAMPTZ '2024-01-01 00:00:00+00' AS occurred_at, "
            "'viewed' AS event, CASE WHEN range % 10 = 0 THEN NULL ELSE 'a' END AS account_id, "
            f"CASE WHEN range = 41 THEN {number} ELSE 5 END AS depth FROM range({first}, {last})"
        ).write_parquet(str(tmp_path / f"web-{number}.parquet"))
    data = loaded(tmp_path, {"web_events": {"file": "web-*.parquet"}})
    kinds = "SELECT table_type FROM information_schema.tables WHERE table_name = 'web_events'"
    assert rows(data, kinds) == [("VIEW",)]
    lines = data.balance.set_index("file")[["read", "kept", "quarantined", "merged"]]
    assert lines.loc["web-0.parquet"].sum() + lines.loc["web-1.parquet"].sum() == 200
    assert (lines["merged"].sum(), lines["quarantined"].iloc[:2].sum()) == (9, 1)
    assert rows(data, "SELECT count(*), count(DISTINCT event_id) FROM web_events") == [(90, 90)]
    assert rows(data, "SELECT count(*) FROM touchpoints") == [(81,)]
    balanced(data)


def test_parquet_with_missing_values_and_plain_times(tmp_path: Path) -> None:
    duckdb.sql(
        "SELECT TIMESTAMP '2024-01-01 10:00' AS occurred_at, "
        "CASE WHEN range = 1 THEN NULL ELSE 'viewed' END AS event, 'a' AS account_id FROM range(3)"
    ).write_parquet(str(tmp_path / "web.parquet"))
    with pytest.raises(UnusableDataError, match="In which zone"):
        loaded(tmp_path, {"web_events": {"file": "web.parquet"}})
    data = loaded(tmp_path, {"web_events": {"file": "web.parquet"}}, source_tz="Asia/Tokyo")
    assert rows(data, "SELECT DISTINCT occurred_at::VARCHAR FROM touchpoints") == [
        ("2024-01-01 01:00:00+00",)
    ]
    assert data.balance.iloc[0].tolist()[2:] == [3, 2, 1, 0]
    assert data.quarantine is not None
    assert "web.parquet,2," in data.quarantine.read_text(encoding="utf-8")
