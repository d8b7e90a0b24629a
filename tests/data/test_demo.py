"""The demo company's files: same seed same bytes, right sizes, and wrong rows only where said."""

from __future__ import annotations

import csv
import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.data.demo_files import read, read_all, web
from workbench.data import demo
from workbench.data.demo import BROKEN, COPIES, TRUTHS, DemoSummary, generate
from workbench.data.demo.names import HOSTILE_NAMES
from workbench.errors import ArgumentError, DataError

EVENTS = 60_000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return generate(tmp_path_factory.mktemp("demo") / "files", events=EVENTS)


def digests(directory: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.iterdir())
        if path.suffix == ".csv"
    }


def test_the_same_seed_gives_the_same_files(made: DemoSummary, tmp_path: Path) -> None:
    again = generate(tmp_path / "again", events=EVENTS)
    assert digests(again.directory) == digests(made.directory)
    tables = sorted(path.name for path in made.directory.glob("*.parquet"))
    assert tables == sorted(path.name for path in again.directory.glob("*.parquet"))
    for name in tables:
        assert pq.read_table(made.directory / name).equals(pq.read_table(again.directory / name))
    assert (again.rows, again.events) == (made.rows, made.events)


def test_another_seed_gives_another_company(made: DemoSummary, tmp_path: Path) -> None:
    other = generate(tmp_path / "other", events=EVENTS, seed=1)
    same = digests(other.directory).items() & digests(made.directory).items()
    assert {name for name, _ in same} == {"stages.csv", "targets.csv", "buying_group_roles.csv",
                                          "events.csv"}  # fmt: skip


def test_sizes_are_as_asked_for(made: DemoSummary) -> None:
    assert made.accounts == 160
    assert abs(made.events - EVENTS) <= 0.01 * EVENTS
    assert len(web(made.directory)) > EVENTS / 2
    for name, rows in made.rows.items():
        path = made.directory / name
        found = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else records(path)
        assert found == rows, name


def records(path: Path) -> int:
    encoding = "cp932" if path.name == "opportunities.csv" else "utf-8-sig"
    delimiter = {"leads.csv": ";", "contracts.csv": "\t"}.get(path.name, ",")
    with path.open(encoding=encoding, newline="") as file:
        return sum(1 for _ in csv.reader(file, delimiter=delimiter)) - 1


def test_accounts_can_be_chosen_apart_from_events(tmp_path: Path) -> None:
    made = generate(tmp_path / "few", events=30_000, accounts=20, end=date(2025, 3, 31), months=12)
    assert made.accounts == 20
    assert abs(made.events - 30_000) <= 300
    days = web(made.directory)["occurred_at"]
    assert days.min() >= pd.Timestamp("2024-04-01")
    assert days.max() < pd.Timestamp("2025-04-01")


def test_broken_rows_stand_where_they_are_said_to(made: DemoSummary) -> None:
    for row in BROKEN:
        encoding = "cp932" if row.file == "opportunities.csv" else "utf-8"
        lines = (made.directory / row.file).read_bytes().decode(encoding).splitlines()
        delimiter = ";" if row.file == "leads.csv" else ","
        header, cells = (
            next(csv.reader([lines[n]], delimiter=delimiter)) for n in (0, row.line - 1)
        )
        assert len(cells) - len(header) == row.extra, row
        written = dict(zip(header, cells, strict=False))
        for column, value in row.cells:
            assert written[column] == value, row
        if row.column is not None:
            assert written[row.column] == (row.value or ""), row


def test_there_are_no_other_broken_rows(made: DemoSummary) -> None:
    """Keys are unique and point somewhere, times and amounts are readable, steps are in order."""
    at = made.directory
    accounts, people, leads = (read(at, f"{n}.csv") for n in ("accounts", "people", "leads"))
    deals, acts = read(at, "opportunities.csv"), read(at, "activities.csv")
    members, roles = read(at, "campaign_members.csv"), read(at, "opportunity_people.csv")
    for frame in (accounts, people, leads, deals, acts, members, read(at, "contracts.csv")):
        assert frame.iloc[:, 0].is_unique
    known = set(accounts["account_id"])
    for column in (people["account_id"], leads["account_id"], deals["取引先ID"], acts["account_id"],
                   accounts["parent_account_id"], web(at)["account_id"]):  # fmt: skip
        assert set(column.dropna()) <= known
    persons = set(people["person_id"])
    for column in (leads["person_id"], acts["person_id"], members["person_id"], roles["person_id"]):
        assert set(column.dropna()) <= persons
    assert set(acts["opportunity_id"].dropna()) <= set(deals["商談ID"])
    assert set(deals["元リードID"].dropna()) <= set(leads["lead_id"])
    assert set(members["campaign_id"]) <= set(read(at, "campaigns.csv")["campaign_id"])
    pd.to_datetime(leads["created_at"], format="%Y-%m-%d %H:%M:%S")
    pd.to_datetime(deals["作成日"], format="%Y/%m/%d %H:%M:%S")
    pd.to_datetime(deals["完了予定日"].dropna(), format="%Y/%m/%d")
    assert (deals["金額"].dropna().astype(int) > 0).all()
    assert (acts["duration_min"].dropna().astype(int) > 0).all()
    assert (leads["created_at"] < leads["mql_at"]).sum() == leads["mql_at"].notna().sum()


def test_parents_form_no_circle(made: DemoSummary) -> None:
    parent = read(made.directory, "accounts.csv").set_index("account_id")["parent_account_id"]
    levels = 0
    while parent.notna().any():
        assert levels < 5
        parent = parent.map(parent)
        levels += 1
    assert levels == 2


def test_copies_are_exact_and_as_many_as_said(made: DemoSummary) -> None:
    for file, copies in COPIES.items():
        if file == "web_events":
            parts = sorted(made.directory.glob("web_events-*.parquet"))
            frame = pd.concat([pd.read_parquet(part) for part in parts])
        else:
            frame = read_all(made.directory, file)
        assert frame.duplicated().sum() == copies, file
    for file in sorted(set(made.rows) - set(COPIES)):
        if file.endswith(".csv"):
            assert not read_all(made.directory, file).duplicated().any(), file


def test_difficult_names_are_kept_letter_by_letter(made: DemoSummary) -> None:
    accounts = read(made.directory, "accounts.csv")
    for place, name in HOSTILE_NAMES.items():
        assert accounts.loc[place, "name"] == name
    text = " ".join(accounts["name"]) + " ".join(read(made.directory, "people.csv")["last_name"])
    for letter in "株髙苏臺üßé🇩ش":
        assert letter in text


def test_the_japanese_file_needs_cp932_and_nothing_else(made: DemoSummary) -> None:
    raw = (made.directory / "opportunities.csv").read_bytes()
    text = raw.decode("cp932")
    assert all(header in text for header in ("商談ID", "取引先ID", "確度(%)", "商談 所有者"))
    assert any(letter in text for letter in "①㈱Ⅱ髙～")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("shift_jis")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_accounts_fall_out_step_by_step(made: DemoSummary, tmp_path: Path) -> None:
    """Later steps come after earlier ones for most, and 12 to 20 in 100 accounts are won."""
    made = generate(tmp_path / "demo", events=250_000, accounts=2_000)
    reached = funnel(made.directory)
    shares = [found / made.accounts for found in reached]
    assert shares == sorted(shares, reverse=True)
    assert 0.80 < shares[0] < 0.92
    assert 0.12 < shares[-1] < 0.20
    drops = [after / before for before, after in pairwise(shares)]
    assert all(0.35 < drop < 0.97 for drop in drops)


def funnel(directory: Path) -> list[int]:
    """Accounts that reach each step after the one before, by an ordered join in DuckDB."""
    leads, deals = read(directory, "leads.csv"), read(directory, "opportunities.csv")
    forms = web(directory).query("event == 'lead_form_completed'")
    late = pd.Timedelta("23:59:59")
    won = deals[deals["成立"] == "はい"]
    steps = [
        (forms["account_id"], forms["occurred_at"]),
        (leads["account_id"], pd.to_datetime(leads["created_at"])),
        (leads["account_id"], pd.to_datetime(leads["mql_at"])),
        (leads["account_id"], pd.to_datetime(leads["sql_at"]) + late),
        (deals["取引先ID"], pd.to_datetime(deals["作成日"])),
        (won["取引先ID"], pd.to_datetime(won["完了日"]) + late),
    ]
    parts = [
        pd.DataFrame({"a": account.to_numpy(), "t": when.to_numpy(), "s": place})
        for place, (account, when) in enumerate(steps)
    ]
    events = pd.concat(parts).dropna()
    with duckdb.connect() as connection:
        connection.register("events", events)
        query = "SELECT a, min(t) AS t FROM events WHERE s = 0 GROUP BY a"
        counts = []
        for place in range(len(steps)):
            if place:
                query = (
                    f"SELECT e.a, min(e.t) AS t FROM events e JOIN ({query}) r ON e.a = r.a "
                    f"AND e.t >= r.t WHERE e.s = {place} GROUP BY e.a"
                )
            counts.append(connection.execute(f"SELECT count(*) FROM ({query})").fetchall()[0][0])
    return counts


def test_several_people_of_an_account_do_different_steps(made: DemoSummary) -> None:
    leads = read(made.directory, "leads.csv")
    assert (leads.groupby("account_id")["person_id"].nunique() > 1).mean() > 0.3
    deals = read(made.directory, "opportunities.csv")
    assert (deals.groupby("取引先ID").size() > 1).any()
    assert 0.05 < (deals["完了"] == "いいえ").mean() < 0.5
    assert set(deals["通貨"]) == {"JPY", "EUR", "USD"}
    assert TRUTHS.flow_from in set(web(made.directory)["content_type"].dropna())


def test_blocks_keep_memory_bounded_and_ids_unique(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four times the events in blocks of the same size: no table ever grows beyond one block."""
    from workbench.data.demo import generation

    monkeypatch.setattr(generation, "_BLOCK_EVENTS", 15_000)
    largest: dict[int, int] = {}
    whole = generation.Folder.whole_parquet
    for events in (30_000, 120_000):

        def spy(folder, name, table, *, size=events):
            largest[size] = max(largest.get(size, 0), len(table))
            whole(folder, name, table)

        monkeypatch.setattr(generation.Folder, "whole_parquet", spy)
        done: list[tuple[int, int]] = []
        made = generate(
            tmp_path / str(events), events=events, progress=lambda *at, to=done: to.append(at)
        )
        assert len(done) == len(list(made.directory.glob("web_events-*.parquet")))
        assert done[-1] == (made.accounts, made.accounts)
        assert web(made.directory)["event_id"].is_unique
        for file in ("people.csv", "leads.csv", "opportunities.csv", "activities.csv",
                     "campaign_members.csv", "contracts.csv", "partner_leads.csv"):  # fmt: skip
            assert read(made.directory, file).iloc[:, 0].is_unique, file
    assert largest[120_000] < 1.2 * largest[30_000]


def test_ids_are_unique_with_many_events_for_few_accounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.data.demo.generation._BLOCK_EVENTS", 20_000)
    made = generate(tmp_path / "demo", events=150_000, accounts=20)
    frame = pd.concat(pd.read_parquet(part) for part in made.directory.glob("web_events-*.parquet"))
    assert frame["event_id"].duplicated().sum() == COPIES["web_events"]
    per_session = frame.groupby("session_id")["account_id"].nunique()
    assert per_session.max() == 1


def test_nothing_half_written_remains_and_other_files_stay(tmp_path: Path) -> None:
    target = tmp_path / "demo"
    generate(target, events=120_000)
    (target / "notes.txt").write_text("mine")
    before = digests(target)

    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(target, events=5_000, progress=stop)
    assert digests(target) == before
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]
    made = generate(target, events=5_000, accounts=20)
    assert (target / "notes.txt").read_text() == "mine"
    assert {path.name for path in target.iterdir()} == {*made.rows, "notes.txt"}


def test_two_at_once_in_one_folder_both_end_well(tmp_path: Path) -> None:
    """Both write the same bytes here, so whichever file wins, the folder is whole."""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(generate, tmp_path / "demo", events=5_000) for _ in range(2)]
    assert all(run.result().accounts == 20 for run in runs)
    alone = generate(tmp_path / "alone", events=5_000)
    assert digests(tmp_path / "demo") == digests(alone.directory)
    assert {path.name for path in tmp_path.iterdir()} == {"demo", "alone"}


@pytest.mark.parametrize(
    ("argument", "value"),
    [("events", 10), ("accounts", 3), ("months", 2), ("seed", -1)],
)
def test_sizes_that_cannot_be_are_refused(tmp_path: Path, argument: str, value: int) -> None:
    with pytest.raises(ArgumentError) as caught:
        generate(tmp_path / "demo", **{argument: value})
    assert f"{argument}={value}" in str(caught.value)
    assert "a whole number from" in str(caught.value)
    assert not (tmp_path / "demo").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArgumentError, match="a folder"):
        generate(tmp_path / "file", events=5_000)
    with pytest.raises(DataError, match="cannot be written"):
        generate(tmp_path / "file" / "below", events=5_000)


def test_the_clock_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: pytest.fail("the wall clock was read"))
    made = generate(tmp_path / "demo", events=5_000)
    assert made.events > 4_500


def test_the_card_of_the_demo_company_tells_the_truth(made: DemoSummary) -> None:
    """README.md names every file with its columns, every planted value, every broken row."""
    card = (Path(demo.__file__).parent / "README.md").read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in card.splitlines()]
    cells = {row[0]: row for row in reversed(rows) if row}
    for name in made.rows:
        path = made.directory / name
        listed = "web_events-*.parquet" if name.startswith("web_events-") else name
        known = (
            pq.read_schema(path).names
            if path.suffix == ".parquet"
            else list(read_all(path.parent, path.name))
        )
        assert cells[f"`{listed}`"][4] == ", ".join(known), name
    for field in fields(TRUTHS):
        assert cells[f"`{field.name}`"][1] == str(getattr(TRUTHS, field.name))
    for row in BROKEN:
        said = [f"`{row.file}`", str(row.line), row.column or "", row.value or "", row.reason]
        assert said in rows
    for file, copies in COPIES.items():
        assert [f"`{file}`", str(copies)] in rows
