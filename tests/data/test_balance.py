"""Whatever the file holds: read = kept + quarantined + merged, in any order of rows."""

from __future__ import annotations

import csv
import io
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.data.small import balanced, loaded, one_file, rows

CELLS = st.one_of(
    st.sampled_from(["", "a", "b", "c", "1", "-2", "x", "2024-01-01", "2024-02-30", "1.5E+10"]),
    st.text(
        alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=6
    ),
)
RECORDS = st.lists(st.lists(CELLS, min_size=3, max_size=3), max_size=12)


def _text(records: list[list[str]], breaks: list[int]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(["account_id", "employees", "created_at"])
    for number, record in enumerate(records):
        writer.writerow([*record, "extra"] if number in breaks else record)
    return out.getvalue()


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(records=RECORDS, breaks=st.lists(st.integers(0, 11), max_size=3))
def test_every_record_is_accounted_for(records: list[list[str]], breaks: list[int]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = loaded(folder, one_file(folder, "accounts", _text(records, breaks)))
        line = data.balance.iloc[0]
        assert line["read"] == len(records)
        balanced(data)
        assert rows(data, "SELECT count(*) FROM accounts") == [(line["kept"],)]
        assert rows(data, "SELECT count(*) = count(DISTINCT account_id) FROM accounts") == [(True,)]
        kept = {row[0] for row in rows(data, "SELECT account_id FROM accounts")}
        assert kept <= {record[0].strip(" \t\r\n\u3000\u00a0\ufeff") for record in records}
        data.connection.close()


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(records=RECORDS, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(records: list[list[str]], seed: int) -> None:
    shuffled = random.Random(seed).sample(records, len(records))
    kept = []
    for given_rows in (records, shuffled):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = loaded(folder, one_file(folder, "accounts", _text(given_rows, [])))
            query = "SELECT account_id, employees, created_at::VARCHAR FROM accounts ORDER BY ALL"
            kept.append((rows(data, query), data.balance.iloc[0].to_dict()))
            data.connection.close()
    assert kept[0] == kept[1]


def test_copies_are_merged_and_contradictions_set_aside(tmp_path: Path) -> None:
    content = "account_id,name,industry\na,A,I\na,A,I\nb,B,\nb,B,I\nb,B2,I\nc,C,\n"
    data = loaded(tmp_path, one_file(tmp_path, "accounts", content))
    line = data.balance.iloc[0]
    assert (line["read"], line["kept"], line["quarantined"], line["merged"]) == (6, 3, 2, 1)
    assert rows(data, "SELECT industry FROM accounts WHERE account_id = 'b'") == [("I",)]


def test_several_files_are_read_together_and_counted_apart(tmp_path: Path) -> None:
    for number, content in enumerate(["a,1\nb,2\n", "b,2\nc,3\n,4\n"]):
        text = "account_id,employees\n" + content
        (tmp_path / f"accounts-{number}.csv").write_text(text, encoding="utf-8")
    data = loaded(tmp_path, {"accounts": {"file": "accounts-*.csv"}})
    table = data.balance.set_index("file")[["read", "kept", "quarantined", "merged"]]
    assert table.loc["accounts-0.csv"].tolist() == [2, 2, 0, 0]
    assert table.loc["accounts-1.csv"].tolist() == [3, 1, 1, 1]
    assert data.quarantine is not None
    assert "accounts-1.csv,4,account_id" in data.quarantine.read_text(encoding="utf-8")
