"""How a written value becomes a typed one, as SQL expressions over whole columns.

Everything is set-wise: a value that cannot be read gives NULL, and the caller compares with the
text to find it. The macros exist per connection (`install`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from workbench.data.settings import Settings
from workbench.data.sql import text, texts

FULL_WIDTH = "０１２３４５６７８９－／：．，＋（）％　"
ASCII = "0123456789-/:.,+()% "
BLANKS = " \t\r\n\u3000\u00a0\ufeff"
UNTRIMMED = f"^$|^[{BLANKS}]|[{BLANKS}]$"
NULL_WORDS = ("null", "-", "--", "—", "–", "ー", "n/a", "#n/a", "na", "none", "nan", "なし")
# "NA" may be a country or a region; nobody's identifier is one of these.
NO_ID_WORDS = tuple(word for word in NULL_WORDS if word not in ("na", "#n/a"))
NO_ID_ERRORS = ("#n/a", "#ref!", "#value!", "#name?", "#null!", "#div/0!", "#num!")
LONGEST_NO_ID = max(len(word.encode()) for word in NO_ID_WORDS)
TRUE_WORDS = ("true", "t", "yes", "y", "1", "1.0", "on", "はい", "有", "○", "ja", "wahr", "是")
FALSE_WORDS = (
    "false",
    "f",
    "no",
    "n",
    "0",
    "0.0",
    "off",
    "いいえ",
    "無",
    "×",
    "nein",
    "falsch",
    "否",
)
FIRST_YEAR, LAST_YEAR = 1900, 2199
SCIENTIFIC = r"[+-]?\d(\.\d+)?[eE]\+\d+"
OFFSET = r".*\d{1,2}:\d{2}.*(Z|z|UTC|GMT|[+-](0\d|1[0-4])(:?[0-5]\d)?)"
CLOCK = r"\d{4}-\d{1,2}-\d{1,2}[T ]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"
ZONES = ("+00", "+01", "+02", "+08", "+09", "-05", "-06", "-07", "-08")
TIME_SUFFIXES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")


def _is_one_of(raw: str, words: Sequence[str]) -> str:
    """SQL that says whether a text is one of some words.

    A long IN list becomes a join over every row, even inside a branch that few rows reach.
    """
    return f"regexp_full_match({raw}, {text('|'.join(map(re.escape, words)))})"


_CAPITALS = " + ".join(
    f"(CASE WHEN substr(s, n + {i}, 1) BETWEEN 'A' AND 'Z' THEN {1 << i} ELSE 0 END)"
    for i in range(5)
)
_SIGNS = "[\\s¥￥$€£%'\u00a0]|円$|^(JPY|USD|EUR|GBP)|(JPY|USD|EUR|GBP)$"
_EUROPEAN = r"[+-]?(\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}|\d+,\d{1,2})"
_ERA = r"(令和|平成|昭和|大正|明治|[RHSTM])\s*(\d{1,2}|元)[年./-]\s*\d{1,2}[月./-]\s*\d{1,2}日?"

_MACROS = f"""
CREATE OR REPLACE MACRO wb_plain(r) AS translate(r, {text(FULL_WIDTH)}, {text(ASCII)});
CREATE OR REPLACE MACRO wb_money(r) AS regexp_replace(regexp_replace(wb_plain(r),
    '^\\((.*)\\)$', '-\\1'), {text(_SIGNS)}, '', 'g');
CREATE OR REPLACE MACRO wb_loose(s) AS CASE
    WHEN regexp_full_match(s, '[+-]?\\d{{1,3}}(,\\d{{3}})+(\\.\\d*)?')
        THEN TRY_CAST(replace(s, ',', '') AS DOUBLE)
    WHEN regexp_full_match(s, {text(_EUROPEAN)})
        THEN TRY_CAST(replace(replace(s, '.', ''), ',', '.') AS DOUBLE)
    WHEN regexp_full_match(s, '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?')
        THEN TRY_CAST(s AS DOUBLE) END;
CREATE OR REPLACE MACRO wb_finite(d) AS CASE WHEN isfinite(d) THEN d END;
CREATE OR REPLACE MACRO wb_number(r) AS wb_finite(CASE
    WHEN regexp_full_match(r, '-?\\d+(\\.\\d+)?') THEN TRY_CAST(r AS DOUBLE)
    ELSE wb_loose(wb_money(r)) END);
CREATE OR REPLACE MACRO wb_whole(d) AS
    CASE WHEN d = trunc(d) AND abs(d) < 9e15 THEN CAST(d AS BIGINT) END;
CREATE OR REPLACE MACRO wb_integer(r) AS CASE
    WHEN regexp_full_match(r, '[+-]?\\d{{1,18}}') THEN TRY_CAST(r AS BIGINT)
    ELSE wb_whole(wb_number(r)) END;
CREATE OR REPLACE MACRO wb_boolean(r) AS CASE
    WHEN {_is_one_of("lower(wb_plain(r))", TRUE_WORDS)} THEN true
    WHEN {_is_one_of("lower(wb_plain(r))", FALSE_WORDS)} THEN false END;
CREATE OR REPLACE MACRO wb_usual_day(d) AS
    CASE WHEN d >= DATE '{FIRST_YEAR}-01-01' AND d < DATE '{LAST_YEAR + 1}-01-01' THEN d END;
CREATE OR REPLACE MACRO wb_usual(t) AS
    CASE WHEN t >= '{FIRST_YEAR}-01-01' AND t < '{LAST_YEAR + 1}-01-01' THEN t END;
CREATE OR REPLACE MACRO wb_part(s, p) AS TRY_CAST(CASE regexp_extract(s,
    '^\\D*(\\d+|元)\\D+(\\d+)\\D+(\\d+)', p) WHEN '元' THEN '1'
    ELSE regexp_extract(s, '^\\D*(\\d+|元)\\D+(\\d+)\\D+(\\d+)', p) END AS INTEGER);
CREATE OR REPLACE MACRO wb_era(s) AS CASE
    WHEN regexp_full_match(s, {text(_ERA)})
    THEN TRY_CAST(printf('%04d-%02d-%02d', wb_part(s, 1) + CASE substr(s, 1, 1)
        WHEN '令' THEN 2018 WHEN 'R' THEN 2018 WHEN '平' THEN 1988 WHEN 'H' THEN 1988
        WHEN '昭' THEN 1925 WHEN 'S' THEN 1925 WHEN '大' THEN 1911 WHEN 'T' THEN 1911
        ELSE 1867 END, wb_part(s, 2), wb_part(s, 3)) AS DATE) END;
CREATE OR REPLACE MACRO wb_iso_text(s) AS regexp_replace(s,
    '^(\\d{{4}})\\s*[./年-]\\s*(\\d{{1,2}})\\s*[./月-]\\s*(\\d{{1,2}})日?', '\\1-\\2-\\3');
CREATE OR REPLACE MACRO wb_day(r) AS wb_usual_day(CASE
    WHEN regexp_full_match(r, '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}') THEN TRY_CAST(r AS DATE)
    WHEN regexp_full_match(wb_plain(r), '\\d{{8}}')
        THEN TRY_CAST(try_strptime(wb_plain(r), '%Y%m%d') AS DATE)
    WHEN regexp_full_match(wb_iso_text(wb_plain(r)), '\\d{{4}}-\\d{{1,2}}-\\d{{1,2}}')
        THEN TRY_CAST(wb_iso_text(wb_plain(r)) AS DATE)
    ELSE wb_era(wb_plain(r)) END);
CREATE OR REPLACE MACRO wb_clock(r) AS wb_usual(CASE
    WHEN regexp_full_match(wb_iso_text(wb_plain(r)), {text(CLOCK)})
    THEN TRY_CAST(wb_iso_text(wb_plain(r)) AS TIMESTAMP) END);
CREATE OR REPLACE MACRO wb_moment(r) AS wb_usual(CASE
    WHEN regexp_full_match(r, {text(OFFSET)})
    THEN TRY_CAST(regexp_replace(wb_iso_text(r), '\\s+([+-]\\d+:?\\d*)$', '\\1')
        AS TIMESTAMPTZ) END);
CREATE OR REPLACE MACRO wb_counted_day(r) AS CASE
    WHEN regexp_full_match(r, '[1-7]\\d{{4}}')
        THEN CAST(DATE '1899-12-30' + CAST(r AS INTEGER) AS VARCHAR)
    WHEN regexp_full_match(r, '[1-7]\\d{{4}}\\.\\d+')
        THEN strftime(TIMESTAMP '1899-12-30' + to_seconds(
            CAST(round(CAST(r AS DOUBLE) * 86400) AS BIGINT)), '%Y-%m-%d %H:%M:%S') ELSE r END;
CREATE OR REPLACE MACRO wb_is_usual(r) AS strlen(r) IN (16, 19)
    AND r >= '{FIRST_YEAR}-' AND r < '{LAST_YEAR + 1}-' AND substr(r, 14, 1) = ':'
    AND substr(r, 5, 1) = '-' AND (strlen(r) = 16 OR substr(r, 17, 1) = ':');
CREATE OR REPLACE MACRO wb_is_universal(r) AS strlen(r) > 16
    AND r >= '{FIRST_YEAR}-' AND r < '{LAST_YEAR + 1}-' AND substr(r, 14, 1) = ':'
    AND (suffix(r, '+00') OR suffix(r, 'Z'));
CREATE OR REPLACE MACRO wb_is_zoned(r) AS length(r) > 16 AND substr(r, 5, 1) = '-'
    AND substr(r, 11, 1) IN (' ', 'T') AND (suffix(r, 'Z') OR suffix(r, '+00')
    OR {_is_one_of("substr(r, -6, 3)", ZONES)});
CREATE OR REPLACE MACRO wb_zoned(r) AS wb_usual(TRY_CAST(r AS TIMESTAMPTZ));
CREATE OR REPLACE MACRO wb_no_id(r) AS CASE
    WHEN r >= '#' AND r < '$' THEN {_is_one_of("lower(r)", NO_ID_ERRORS)}
    WHEN strlen(r) <= {LONGEST_NO_ID} THEN {_is_one_of("lower(r)", NO_ID_WORDS)}
    ELSE false END;
CREATE OR REPLACE MACRO wb_check(s, n) AS substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345',
    1 + {_CAPITALS}, 1);
CREATE OR REPLACE MACRO wb_salesforce_id(s) AS
    CASE WHEN regexp_full_match(s, '[0-9a-zA-Z]{{15}}')
    THEN s || wb_check(s, 1) || wb_check(s, 6) || wb_check(s, 11) ELSE s END;
"""


@dataclass(frozen=True)
class Parsed:
    """SQL of a typed value, and of whether only its date is known (instants only)."""

    value: str
    date_only: str | None = None


def install(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the macros known to a connection."""
    for statement in _MACROS.split(";\n"):
        if statement.strip():
            connection.execute(statement)


def cleaned(raw: str) -> str:
    """SQL of the text without blanks around it; blank becomes NULL."""
    # Few cells need trimming, and finding those is quicker than trimming all.
    trimmed = f"nullif(trim({raw}, {text(BLANKS)}), '')"
    return f"CASE WHEN regexp_matches({raw}, {text(UNTRIMMED)}) THEN {trimmed} ELSE {raw} END"


def cleaned_of_line_ends(raw: str) -> str:
    """As `cleaned`, for cells that can at most begin with a sign below "!" or end in a line end."""
    trimmed = f"nullif(trim({raw}, {text(BLANKS)}), '')"
    odd = f"{raw} < '!' OR suffix({raw}, chr(10)) OR suffix({raw}, chr(13))"
    return f"CASE WHEN {odd} THEN {trimmed} ELSE {raw} END"


def no_id(raw: str) -> str:
    """SQL that says whether a text cannot identify anything: ``#N/A``, ``null``, ``-``, …"""
    return f"wb_no_id({raw})"


def identifier(raw: str) -> str:
    """SQL of an identifier; a word for nothing, or an error of a spreadsheet, is none."""
    return f"CASE WHEN {no_id(raw)} THEN NULL ELSE {raw} END"


def is_null_word(raw: str, kind: str) -> str | None:
    """SQL that says whether the text is a word for nothing, None where words are values."""
    if kind in ("text", "list"):
        return None
    return _is_one_of(f"lower({raw})", NULL_WORDS)


def from_text(raw: str, kind: str, formats: Sequence[str], settings: Settings) -> Parsed:
    """SQL that reads cleaned text as a column type."""
    if kind == "text":
        return Parsed(raw)
    if kind == "list":
        return Parsed(f"list_filter(string_split_regex({raw}, '\\s*[;|]\\s*'), lambda x: x <> '')")
    if kind in ("number", "integer", "boolean"):
        return Parsed(f"wb_{kind}({raw})")
    if kind == "date":
        return Parsed(_date(raw, formats, settings))
    return _instant(raw, formats, settings)


def _date(raw: str, formats: Sequence[str], settings: Settings) -> str:
    if formats:
        every = _with_times(formats)
        return f"wb_usual_day(TRY_CAST(try_strptime(wb_plain({raw}), {texts(every)}) AS DATE))"
    moment = _in_zone(f"wb_moment({raw})", settings)
    return (
        f"coalesce(wb_day({raw}), CASE WHEN contains({raw}, ':') "
        f"THEN TRY_CAST(coalesce({moment}, wb_clock({raw})) AS DATE) END)"
    )


def _instant(raw: str, formats: Sequence[str], settings: Settings) -> Parsed:
    if not formats:
        timed = f"CASE WHEN contains({raw}, ':') THEN true ELSE contains(wb_plain({raw}), ':') END"
        day = end_of_day(f"wb_day({raw})", settings)
        usual = f"coalesce(TRY_CAST({raw} AS TIMESTAMP), wb_clock({raw}))"
        value = (
            f"CASE WHEN wb_is_usual({raw}) THEN {from_naive(usual, settings)} "
            f"WHEN wb_is_universal({raw}) "
            f"THEN coalesce(TRY_CAST({raw} AS TIMESTAMPTZ), wb_moment({raw})) "
            f"WHEN wb_is_zoned({raw}) THEN coalesce(wb_zoned({raw}), wb_moment({raw})) "
            f"WHEN NOT ({timed}) THEN {day} "
            f"WHEN regexp_full_match({raw}, {text(OFFSET)}) THEN wb_moment({raw}) "
            f"ELSE {from_naive(f'wb_clock({raw})', settings)} END"
        )
        return Parsed(value, f"NOT ({timed})")
    plain = f"wb_plain({raw})"
    days = [given for given in formats if not _has_time(given)]
    times = [given for given in _with_times(formats) if _has_time(given) and "%z" not in given]
    zoned = [given for given in formats if "%z" in given]
    parts = []
    if zoned:
        parts.append(f"wb_usual(CAST(try_strptime({plain}, {texts(zoned)}) AS TIMESTAMPTZ))")
    if times:
        clock = f"wb_usual(CAST(try_strptime({plain}, {texts(times)}) AS TIMESTAMP))"
        parts.append(from_naive(clock, settings))
    day_only = "false"
    if days:
        day = f"wb_usual_day(TRY_CAST(try_strptime({plain}, {texts(days)}) AS DATE))"
        parts.append(end_of_day(day, settings))
        day_only = f"try_strptime({plain}, {texts(days)}) IS NOT NULL"
    return Parsed(f"coalesce({', '.join(parts)})", day_only)


def _has_time(given: str) -> bool:
    return any(mark in given for mark in ("%H", "%I", "%-H", "%-I", "%c", "%X", "%T"))


def _with_times(formats: Sequence[str]) -> list[str]:
    days = [given for given in formats if not _has_time(given)]
    return [*formats, *(f"{day} {suffix}" for day in days for suffix in TIME_SUFFIXES)]


def _in_zone(moment: str, settings: Settings) -> str:
    return f"({moment} AT TIME ZONE {text(settings.report_tz)})"


def from_naive(clock: str, settings: Settings) -> str:
    """SQL that places a time without offset; nothing is guessed without a source zone."""
    if settings.source_tz is None:
        return f"CASE WHEN {clock} IS NULL THEN NULL::TIMESTAMPTZ END"
    return f"({clock} AT TIME ZONE {text(settings.source_tz)})"


def end_of_day(day: str, settings: Settings) -> str:
    """SQL that places a date: its last second, or its start, in the reporting zone."""
    shift = " + INTERVAL 86399 SECOND" if settings.date_only_at == "end" else ""
    return f"((CAST({day} AS TIMESTAMP){shift}) AT TIME ZONE {text(settings.report_tz)})"


def from_typed(raw: str, kind: str, source: str, settings: Settings) -> Parsed | None:
    """SQL that turns a value of a DuckDB type into a column type; None where text is needed."""
    source = source.upper()
    integers = source.removeprefix("U") in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
    numbers = integers or source in ("FLOAT", "DOUBLE") or source.startswith("DECIMAL")
    naive = source.startswith("TIMESTAMP") and source != "TIMESTAMP WITH TIME ZONE"
    if kind == "text":
        if numbers and not integers:
            whole = f"CAST(wb_whole(CAST({raw} AS DOUBLE)) AS VARCHAR)"
            return Parsed(f"coalesce({whole}, CAST({raw} AS VARCHAR))")
        return Parsed(f"CAST({raw} AS VARCHAR)")
    if kind == "list":
        return Parsed(f"CAST({raw} AS VARCHAR[])") if source.endswith("[]") else None
    if kind == "number" and numbers:
        return Parsed(f"wb_finite(CAST({raw} AS DOUBLE))")
    if kind == "integer" and integers:
        return Parsed(f"TRY_CAST({raw} AS BIGINT)")
    if kind == "integer" and numbers:
        return Parsed(f"wb_whole(CAST({raw} AS DOUBLE))")
    if kind == "boolean" and (source == "BOOLEAN" or integers):
        return Parsed(f"CAST({raw} AS BOOLEAN)")
    if kind == "date" and source == "DATE":
        return Parsed(f"wb_usual_day({raw})")
    if kind == "date" and naive:
        return Parsed(f"wb_usual_day(CAST({raw} AS DATE))")
    if kind == "date" and source == "TIMESTAMP WITH TIME ZONE":
        return Parsed(f"wb_usual_day(CAST({_in_zone(raw, settings)} AS DATE))")
    if kind == "instant" and source == "TIMESTAMP WITH TIME ZONE":
        return Parsed(raw)
    if kind == "instant" and naive:
        return Parsed(from_naive(f"CAST({raw} AS TIMESTAMP)", settings))
    if kind == "instant" and source == "DATE":
        return Parsed(end_of_day(f"wb_usual_day({raw})", settings), f"{raw} IS NOT NULL")
    return None
