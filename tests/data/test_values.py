"""How written values are read, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workbench.data import Settings, sql, values

Reader = Callable[..., Any]
TOKYO = Settings(report_tz="Asia/Tokyo", source_tz="Asia/Tokyo")


@pytest.fixture(scope="module")
def read() -> Reader:
    connection = sql.connect()
    values.install(connection)

    def one(
        kind: str, text: str, formats: tuple[str, ...] = (), settings: Settings = TOKYO
    ) -> tuple[str | None, bool | None]:
        parsed = values.from_text("r", kind, formats, settings)
        query = (
            f"SELECT CAST({parsed.value} AS VARCHAR), {parsed.date_only or 'NULL'} "
            f"FROM (SELECT {values.cleaned('q')} AS r FROM (SELECT ?::VARCHAR AS q))"
        )
        return connection.execute(query, [text]).fetchall()[0]

    return one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "1.0"),
        (" -5 ", "-5.0"),
        ("1,234,567.5", "1234567.5"),
        ("1.234.567,5", "1234567.5"),
        ("12,5", "12.5"),
        ("１，２３４", "1234.0"),
        ("¥1,000", "1000.0"),
        ("1000円", "1000.0"),
        ("(1,200)", "-1200.0"),
        ("50%", "50.0"),
        ("1e3", "1000.0"),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("1_000", None),
        ("12abc", None),
        ("要確認", None),
        ("", None),
    ],
)
def test_numbers(read: Reader, text: str, expected: str | None) -> None:
    assert read("number", text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", "5"), ("5.0", "5"), ("１２", "12"), ("1,000", "1000"), ("5.5", None), ("1e20", None)],
)
def test_integers_are_never_rounded(read: Reader, text: str, expected: str | None) -> None:
    assert read("integer", text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TRUE", "true"),
        ("はい", "true"),
        ("1", "true"),
        ("No", "false"),
        ("いいえ", "false"),
        ("?", None),
    ],
)
def test_booleans(read: Reader, text: str, expected: str | None) -> None:
    assert read("boolean", text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-02", "2024-01-02"),
        ("2024/1/2", "2024-01-02"),
        ("２０２４年１月２日", "2024-01-02"),
        ("20240102", "2024-01-02"),
        ("令和6年4月1日", "2024-04-01"),
        ("令和元年5月1日", "2019-05-01"),
        ("R6.4.1", "2024-04-01"),
        ("H31/4/30", "2019-04-30"),
        ("昭和64年1月7日", "1989-01-07"),
        ("2024-01-01T20:00:00Z", "2024-01-02"),
        ("2024-02-30", None),
        ("2024/13/45", None),
        ("02/01/2024", None),
        ("45000", None),
        ("infinity", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
    ],
)
def test_dates(read: Reader, text: str, expected: str | None) -> None:
    assert read("date", text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected", "date_only"),
    [
        ("2024-01-02", "2024-01-02 14:59:59+00", True),
        ("2024-01-02 03:04", "2024-01-01 18:04:00+00", False),
        ("2024/01/02 3:04:05", "2024-01-01 18:04:05+00", False),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05+00", False),
        ("2024-01-02T03:04:05.123+0900", "2024-01-01 18:04:05.123+00", False),
        ("2024-01-02 03:04 -08:00", "2024-01-02 11:04:00+00", False),
        ("2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05+00", False),
        ("2024-01-02 03:04 PST", None, False),
        ("2024-01-02 03:04 +99:99", None, False),
        ("2024-01-02 25:00", None, False),
        ("soon", None, True),
    ],
)
def test_instants(read: Reader, text: str, expected: str | None, date_only: bool) -> None:
    assert read("instant", text) == (expected, date_only)


def test_a_date_stands_at_the_end_or_start_of_its_day_in_the_reporting_zone(read: Reader) -> None:
    start = Settings(report_tz="Asia/Tokyo", date_only_at="start")
    assert read("instant", "2025-03-31", settings=start)[0] == "2025-03-30 15:00:00+00"
    assert read("instant", "2025-03-31", settings=Settings())[0] == "2025-03-31 23:59:59+00"


def test_given_formats_bring_their_times_along(read: Reader) -> None:
    utc = Settings(source_tz="UTC")
    american = ("%m/%d/%y",)
    assert read("instant", "02/23/26 08:55 PM", american, utc) == ("2026-02-23 20:55:00+00", False)
    assert read("instant", "02/23/26", american, utc) == ("2026-02-23 23:59:59+00", True)
    assert read("instant", "2026-02-23", american, utc)[0] is None
    day_first = ("%d-%m-%Y",)
    assert read("instant", "28-07-2023 03:00", day_first, utc) == ("2023-07-28 03:00:00+00", False)
    assert read("instant", "31-02-2024", day_first, utc)[0] is None
    assert read("instant", "23-12-24", day_first, utc)[0] is None
    assert read("date", "3/1/2017", ("%m/%d/%Y",), utc)[0] == "2017-03-01"


def test_naive_times_are_not_guessed(read: Reader) -> None:
    assert read("instant", "2024-01-02 03:04", settings=Settings())[0] is None
    assert read("instant", "2024-01-02T03:04Z", settings=Settings())[0] is not None


def test_salesforce_identifiers_get_their_case_safe_form() -> None:
    connection = sql.connect()
    values.install(connection)
    query = "SELECT wb_salesforce_id(?)"
    long = "001bm00001ZL8U9AAL"
    assert connection.execute(query, [long[:15]]).fetchall() == [(long,)]
    assert connection.execute(query, [long]).fetchall() == [(long,)]
    assert connection.execute(query, ["A-1"]).fetchall() == [("A-1",)]


def test_quoting_keeps_any_name_and_text_whole() -> None:
    connection = sql.connect()
    hostile = "a\"b'; DROP TABLE x; --"
    query = f"SELECT {sql.text(hostile)} AS {sql.name(hostile)}"
    assert connection.execute(query).fetchall() == [(hostile,)]
    assert list(sql.columns_of(connection, f"({query})")) == [hostile]


def test_the_quick_ways_to_an_instant_read_what_the_slow_one_reads() -> None:
    days = [
        "2024-12-19", "2024/12/19", "2024.12.19", "2024-1-2", "2024年12月19日", "20241219",
        "1899-12-31", "2200-01-01", "19-12-2024", "２０２４-12-19", "2024-02-30", "2024 12 19",
    ]  # fmt: skip
    clocks = ["01:04", "1:04", "01:04:46", "01:04:46.5", "25:00", "010446", "01:04:46.123456"]
    zones = ["", "Z", "z", "+00", "+09", "+0900", "+09:00", "-05:00", "+00:00", " +09:00", " UTC"]
    written = [*days, *(f"{d}{s}{c}{z}" for d in days for s in " T" for c in clocks for z in zones)]
    timed = "(contains(r, ':') OR contains(wb_plain(r), ':'))"
    slow = (
        f"CASE WHEN NOT {timed} THEN {values.end_of_day('wb_day(r)', TOKYO)} "
        f"WHEN regexp_full_match(r, {sql.text(values.OFFSET)}) THEN wb_moment(r) "
        f"ELSE {values.from_naive('wb_clock(r)', TOKYO)} END"
    )
    quick = values.from_text("r", "instant", [], TOKYO).value
    connection = sql.connect()
    values.install(connection)
    query = (
        "SELECT r, CAST(quick AS VARCHAR), CAST(slow AS VARCHAR) FROM ("
        f"SELECT r, {quick} AS quick, {slow} AS slow FROM (SELECT unnest(?::VARCHAR[]) AS r)) "
    )
    read = connection.execute(query, [written]).fetchall()
    assert [row for row in read if row[1] != row[2]] == []
    assert sum(row[1] is not None for row in read) > len(written) // 3
