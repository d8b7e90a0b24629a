"""Every kind of bad input gets a sentence: what, where, what to do. Nothing is lost unsaid."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from tests.data.small import ACCOUNTS, balanced, found, loaded, one_file, rows, workspace
from workbench.data import UnusableDataError, load, load_frames
from workbench.errors import WorkspaceFileError

EVENT = pd.DataFrame(
    {"account_id": ["x"], "occurred_at": [pd.Timestamp("2024-01-01", tz="UTC")], "event": ["e"]}
)
DEALS = "opportunity_id,account_id,amount,created_at\n"


def _quarantined(data: object) -> list[dict[str, str]]:
    path = data.quarantine  # type: ignore[attr-defined]
    assert path is not None
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_missing_files_are_all_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "there.csv").write_text(ACCOUNTS, encoding="utf-8")
    tables = {"accounts": {"file": "acounts.csv"}, "people": {"file": "people.csv"}}
    with pytest.raises(UnusableDataError) as caught:
        loaded(tmp_path, tables)
    text = str(caught.value)
    assert "acounts.csv" in text
    assert "people.csv" in text
    assert "there.csv" in text
    assert "--data" in text
    assert [finding.table for finding in caught.value.findings] == ["accounts", "people"]


def test_empty_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableDataError, match=r"accounts\.csv: The file is empty"):
        loaded(tmp_path, one_file(tmp_path, "accounts", b""))


def test_header_only(tmp_path: Path) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "accounts", "account_id,name\n"))
    assert found(data, "a header and no rows")
    assert rows(data, "SELECT count(*) FROM accounts") == [(0,)]
    assert rows(data, "SELECT count(*) FROM touchpoints") == [(0,)]
    balanced(data)


def test_wrong_delimiter_is_answered_with_the_likely_one(tmp_path: Path) -> None:
    with pytest.raises(UnusableDataError) as caught:
        loaded(tmp_path, one_file(tmp_path, "accounts", ACCOUNTS, delimiter=";"))
    text = str(caught.value)
    assert "single column" in text
    assert "','" in text
    assert "account_id" in text


def test_mixed_encodings(tmp_path: Path) -> None:
    content = "account_id,name\na1,日本\na2,東京\na3,大阪\n".encode() + "a4,株式会社\n".encode(
        "cp932"
    )
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert found(data, "mixes encodings")[0].level == "error"
    assert rows(data, "SELECT name FROM accounts ORDER BY 1") == [("大阪",), ("日本",), ("東京",)]
    assert [row["row"] for row in _quarantined(data)] == ["5"]
    balanced(data)


def test_nul_bytes(tmp_path: Path) -> None:
    data = loaded(
        tmp_path, one_file(tmp_path, "accounts", b"account_id,name\na\x001,A\x00da\na2,B\n")
    )
    assert found(data, "NUL bytes")[0].count == 2
    assert rows(data, "SELECT * FROM accounts ORDER BY 1") == [("a1", "Ada"), ("a2", "B")]


def test_a_ten_megabyte_cell_is_kept(tmp_path: Path) -> None:
    content = b"account_id,name\na1," + b"x" * 10_000_000 + b"\na2,B\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert rows(data, "SELECT account_id, length(name) FROM accounts ORDER BY 1") == [
        ("a1", 10_000_000),
        ("a2", 1),
    ]
    balanced(data)


def test_a_line_beyond_every_limit_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.data.text_rows.LONGEST_LINE", 3 << 20)
    content = b"account_id,name\na1," + b"x" * 5_000_000 + b"\na2,B\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert rows(data, "SELECT account_id FROM accounts") == [("a2",)]
    assert found(data, "longer than")
    assert len(_quarantined(data)[0]["value"]) <= 4000
    balanced(data)


def test_duplicate_columns(tmp_path: Path) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "accounts", "account_id,name,Name\na1,x,y\n"))
    assert found(data, "stands more than once")[0].column == "Name"
    assert rows(data, 'SELECT name, "x_Name_2" FROM accounts') == [("x", "y")]


def test_unknown_columns_are_kept_and_said(tmp_path: Path) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "accounts", "account_id,Shoe size\na1,44\n"))
    assert "Shoe size" in found(data, "does not know")[0].problem
    assert rows(data, 'SELECT "x_Shoe size" FROM accounts') == [("44",)]


def test_thousands_of_columns(tmp_path: Path) -> None:
    names = [f"c{number}" for number in range(3000)]
    content = ",".join(["account_id", *names]) + "\n" + ",".join(["a1", *names]) + "\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert rows(data, "SELECT x_c2999 FROM accounts") == [("c2999",)]


def test_dates_in_three_formats_are_an_error_with_rows_and_a_way_out(tmp_path: Path) -> None:
    dates = ["2024-01-05", "25/01/2024", "26/01/2024", "27.01.2024"]
    lines = [f"o{number},a1,1,{date}" for number, date in enumerate(dates)]
    tables = one_file(tmp_path, "opportunities", DEALS + "\n".join(lines) + "\n")
    data = loaded(tmp_path, tables)
    finding = found(data, "several formats")[0]
    assert (finding.level, finding.column, finding.row, finding.count) == (
        "error",
        "created_at",
        3,
        3,
    )
    assert finding.value == "25/01/2024"
    assert "2 of 3 fit %d/%m/%Y" in finding.remedy
    assert [row["row"] for row in _quarantined(data)] == ["3", "4", "5"]
    both = dict(tables["opportunities"], date_format=["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"])
    mended = loaded(tmp_path, {"opportunities": both})
    assert rows(mended, "SELECT count(created_at) FROM opportunities") == [(4,)]


def test_impossible_dates(tmp_path: Path) -> None:
    content = DEALS + "o1,a1,1,2024-02-30\no2,a1,1,2024-02-29\no3,a1,1,0001-01-01\n"
    data = loaded(tmp_path, one_file(tmp_path, "opportunities", content))
    said = _quarantined(data)
    assert [(row["row"], row["column"], row["value"]) for row in said] == [
        ("2", "created_at", "2024-02-30"),
        ("4", "created_at", "0001-01-01"),
    ]
    assert rows(data, "SELECT count(*), count(created_at) FROM opportunities") == [(3, 1)]
    balanced(data)


def test_times_without_zone_stop_with_a_question(tmp_path: Path) -> None:
    tables = one_file(tmp_path, "opportunities", DEALS + "o1,a1,1,2024-02-01 10:00\n")
    with pytest.raises(UnusableDataError, match="In which zone were they written"):
        loaded(tmp_path, tables)
    data = loaded(tmp_path, tables, source_tz="Asia/Tokyo")
    assert rows(data, "SELECT created_at::VARCHAR FROM opportunities") == [
        ("2024-02-01 01:00:00+00",)
    ]


def test_identifiers_in_scientific_notation(tmp_path: Path) -> None:
    content = "account_id,name\n1.23457E+11,A\n123456789012,B\n1E5,C\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    finding = found(data, "scientific notation")[0]
    assert (finding.level, finding.column, finding.value) == ("error", "account_id", "1.23457E+11")
    assert rows(data, "SELECT account_id FROM accounts ORDER BY 1") == [("123456789012",), ("1E5",)]
    balanced(data)


def test_negative_amounts_are_kept_and_said(tmp_path: Path) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "opportunities", DEALS + "o1,a1,-5,2024-01-01\n"))
    finding = found(data, "Negative values")[0]
    assert (finding.column, finding.value, finding.count) == ("amount", "-5", 1)
    assert rows(data, "SELECT amount FROM opportunities") == [(-5.0,)]


def test_orphan_keys_with_the_closest_known_one(tmp_path: Path) -> None:
    tables = one_file(tmp_path, "accounts", "account_id\nGTX Pro\nMG\n")
    tables |= one_file(tmp_path, "opportunities", DEALS + "o1,GTXPro,1,2024-01-01\no2,zz,1,\n")
    data = loaded(tmp_path, tables)
    finding = found(data, "are no account_id of accounts")[0]
    assert (finding.table, finding.count) == ("opportunities", 2)
    assert "'GTX Pro'" in finding.remedy


def test_circular_parent_accounts(tmp_path: Path) -> None:
    content = "account_id,parent_account_id\na,b\nb,c\nc,a\nd,a\ne,\nf,e\ng,f\nh,h\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    finding = found(data, "go in a circle")[0]
    assert (finding.level, finding.count) == ("error", 5)
    assert (finding.file, finding.row, finding.value) == ("accounts.csv", 2, "a → b → c → a")
    tops = dict(rows(data, "SELECT account_id, global_account_id FROM _tops"))
    assert tops == {"a": "a", "b": "b", "c": "c", "d": "d", "e": "e", "f": "e", "g": "e", "h": "h"}


def test_a_circle_is_found_in_its_file_and_line(tmp_path: Path) -> None:
    head = "account_id,parent_account_id,name\n"
    (tmp_path / "one.csv").write_text(head + "x,,X\n", encoding="utf-8")
    broken = 'z\ny,,"Y\nin two lines"\ny,,\n\nb,a,B\na,b,A\n'
    (tmp_path / "two.csv").write_text(head + broken, encoding="utf-8")
    data = loaded(tmp_path, {"accounts": {"file": ["one.csv", "two.csv"]}})
    finding = found(data, "go in a circle")[0]
    assert (finding.file, finding.row, finding.value) == ("two.csv", 7, "b → a → b")
    frame = pd.DataFrame({"account_id": ["x", "a", "b"], "parent_account_id": ["", "b", "a"]})
    finding = found(load_frames(accounts=frame, events=EVENT), "go in a circle")[0]
    assert (finding.file, finding.row) == ("accounts", 1)


def test_event_before_its_account_exists(tmp_path: Path) -> None:
    tables = one_file(tmp_path, "accounts", "account_id,created_at\na1,2024-05-01\n")
    tables |= one_file(
        tmp_path, "opportunities", DEALS + "o1,a1,1,2024-04-30\no2,a1,1,2024-05-01\n"
    )
    data = loaded(tmp_path, tables)
    assert found(data, "before the day their account was created")[0].count == 1
    assert rows(data, "SELECT count(*) FROM touchpoints") == [(2,)]


def test_broken_rows_keep_their_line_numbers(tmp_path: Path) -> None:
    content = (
        'account_id,name,employees\na1,"two\nlines",1\nshort\na2,x,many\na3,y,3,4,5\n'
        "\n,no key,4\na4,ok,5\n"
    )
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    said = {(row["row"], row["column"]) for row in _quarantined(data)}
    assert said == {("4", ""), ("5", "employees"), ("6", ""), ("8", "account_id")}
    line = data.balance.iloc[0]
    assert (line["read"], line["kept"], line["quarantined"]) == (6, 3, 3)
    balanced(data)


def test_a_quotation_mark_that_never_closes(tmp_path: Path) -> None:
    content = 'account_id,name\na1,A\na2,"open\na3,C\na4,D\n'
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert found(data, "quotation mark")[0].row == 3
    assert "a4,D" in _quarantined(data)[0]["value"]
    balanced(data)


def test_line_ends_of_several_kinds(tmp_path: Path) -> None:
    content = b'account_id,name\r\na1,A\na2,"B"\r\n"a3","C"\n'
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert rows(data, "SELECT account_id, name FROM accounts ORDER BY 1") == [
        ("a1", "A"),
        ("a2", "B"),
        ("a3", "C"),
    ]
    balanced(data)


def test_quarantine_cells_are_defused(tmp_path: Path) -> None:
    content = "account_id,employees\na1,=1+1\na2,@x\na3,-x\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    assert [row["value"] for row in _quarantined(data)] == ["'=1+1", "'@x", "'-x"]


def test_hostile_names_and_values_stay_text(tmp_path: Path) -> None:
    name = "a'; DROP TABLE accounts; --\"x"
    value = "<script>alert('1')</script>"
    quoted = '"' + name.replace('"', '""') + '"'
    data = loaded(tmp_path, one_file(tmp_path, "accounts", f"account_id,{quoted}\na1,{value}\n"))
    column = next(column for column in data.tables["accounts"].columns if "DROP" in column.name)
    escaped = column.name.replace('"', '""')
    assert rows(data, f'SELECT "{escaped}" FROM accounts') == [(value,)]


def test_a_needed_column_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(UnusableDataError) as caught:
        loaded(tmp_path, one_file(tmp_path, "accounts", "firm,city\nx,y\n"))
    assert "No column of the file is account_id" in str(caught.value)
    assert "firm, city" in str(caught.value)


def test_salesforce_footer_is_set_aside(tmp_path: Path) -> None:
    footer = '"",""\n"Confidential Information",\n"Copyright (c)"\n'
    content = "Opportunity ID,Stage\no1,Open\no2,Won\n" + footer
    tables = one_file(tmp_path, "opportunities", content, vendor="salesforce", skip_footer=True)
    data = loaded(tmp_path, tables)
    assert rows(data, "SELECT opportunity_id FROM opportunities ORDER BY 1") == [("o1",), ("o2",)]
    assert found(data, "footer of the report")[0].count == 3
    assert not found(data, "Broken lines")
    assert [row["row"] for row in _quarantined(data)] == ["4", "5", "6"]
    assert {row["reason"] for row in _quarantined(data)} == {
        "the line belongs to the footer of the report"
    }
    balanced(data)


def test_a_footer_of_lines_that_are_no_row(tmp_path: Path) -> None:
    footer = '\n"Opportunities this year"\n"Copyright (c), all rights, reserved"\n'
    content = "Opportunity ID,Stage\no1,Open\no2\n#N/A,Open\no3,Won\n" + footer
    tables = one_file(tmp_path, "opportunities", content, vendor="salesforce", skip_footer=True)
    data = loaded(tmp_path, tables)
    assert rows(data, "SELECT opportunity_id FROM opportunities ORDER BY 1") == [("o1",), ("o3",)]
    assert found(data, "footer of the report")[0].count == 2
    (broken,) = found(data, "Broken lines")
    assert (broken.row, broken.count) == (3, 1)
    assert [row["row"] for row in _quarantined(data)] == ["3", "4", "7", "8"]
    balanced(data)


def test_a_report_of_nothing_but_its_footer(tmp_path: Path) -> None:
    content = 'Opportunity ID,Stage\n"Copyright (c)"\n'
    tables = one_file(tmp_path, "opportunities", content, vendor="salesforce", skip_footer=True)
    data = loaded(tmp_path, tables)
    assert found(data, "footer of the report")[0].count == 1
    assert not found(data, "Broken lines")
    balanced(data)


def test_workspace_typos_are_answered_all_at_once(tmp_path: Path) -> None:
    path = workspace(
        tmp_path,
        {"accounts": {"file": "a.csv", "delimeter": ";"}},
        report_tzz="UTC",
        week_start="tue",
    )
    with pytest.raises(WorkspaceFileError) as caught:
        load(path, cache=tmp_path / "cache")
    text = str(caught.value)
    assert "tables.accounts.delimeter: unknown key. Did you mean 'delimiter'?" in text
    assert "report_tzz: unknown key. Did you mean 'report_tz'?" in text
    assert "week_start" in text
    assert "'tue'" in text
    assert str(path) in text


def test_a_file_of_which_no_row_can_be_used_is_an_error(tmp_path: Path) -> None:
    data = loaded(tmp_path, one_file(tmp_path, "accounts", "account_id,name\na\nb,c,d\n"))
    (said,) = found(data, "No row of the file can be used")
    assert (said.level, said.file, said.count) == ("error", "accounts.csv", 2)
    balanced(data)


def test_dates_that_fit_two_orders_leave_the_choice(tmp_path: Path) -> None:
    content = "account_id,name,created_at\na1,Ada,01/02/2025\n"
    (said,) = found(loaded(tmp_path, one_file(tmp_path, "accounts", content)), "of 1 fit")
    assert "%d/%m/%Y" in str(said)
    assert "%m/%d/%Y fits as many" in str(said)
    clear = content.replace("01/02", "31/01")
    (said,) = found(loaded(tmp_path / "b", one_file(tmp_path / "b", "accounts", clear)), "of 1 fit")
    assert "fits as many" not in str(said)


def test_a_header_in_another_encoding_than_the_given_one(tmp_path: Path) -> None:
    content = "会社ID,名\na1,b\n".encode("cp932")
    entry = {"encoding": "utf-8", "columns": {"account_id": "会社ID"}}
    with pytest.raises(WorkspaceFileError, match="correct encoding"):
        loaded(tmp_path, one_file(tmp_path, "accounts", content, **entry))


def test_a_folder_in_place_of_a_file_is_answered_with_a_glob(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    with pytest.raises(UnusableDataError, match=r"parts/\*\.csv reads every file"):
        loaded(tmp_path, {"accounts": {"file": "parts"}})


def test_yaml_that_breaks_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("name: a\ntables: {a: [}\n", encoding="utf-8")
    with pytest.raises(WorkspaceFileError, match="in line 2") as caught:
        load(path, cache=tmp_path / "cache")
    assert "unicode string" not in str(caught.value)


def test_every_unreadable_file_of_a_table_is_named(tmp_path: Path) -> None:
    for name, content in (("p1.csv", ""), ("p2.csv", ACCOUNTS), ("p3.csv", "")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(UnusableDataError) as caught:
        loaded(tmp_path, {"accounts": {"file": "p*.csv"}})
    assert [one.file for one in caught.value.findings] == ["p1.csv", "p3.csv"]
