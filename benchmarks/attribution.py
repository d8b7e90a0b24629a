"""Attribution beside DuckDB's SQL over the same sorted table, and beside reading its columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from benchmarks import events
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import in_turn

MOST_CONVERSIONS = 100_000
ROWS_OF_A_CONVERSION = 200
LOOKBACK_DAYS = 90
_LAST_DAY = np.datetime64("2024-01-01") + events.DAYS - 1
_LOOKBACK_US = LOOKBACK_DAYS * 86_400_000_000
Figures = dict[str, tuple[float, ...]]
Credit = dict[str, float]


def attribution(plan: Plan) -> Iterator[Line]:
    """Warm linear and Shapley attribution, 100,000 conversions in 20 million.

    Credit, touched conversions, touches and accounts of every channel must be equal; the intervals
    of shares are ours alone.
    """
    import workbench as wb

    parquet = events.write(plan.folder, plan.rows)
    opened = wb.from_frames(events=parquet, cache=plan.folder / "cache")
    first_day = _first_day(plan.rows)
    store = opened.events
    columns = [store.column("event"), store.column("channel"), store.times]
    exported, narrow = (_table(opened, plan.folder, narrow) for narrow in (False, True))
    start = int(first_day.astype("M8[us]").astype("int64"))

    def ours(model: str) -> Figures:
        frame = wb.attribution(
            opened,
            conversion="won",
            dimension="channel",
            model=model,
            period=f"{first_day}..",
            lookback=f"{LOOKBACK_DAYS}d",
            prior=0,
        ).frame
        items = frame[frame["line"] == "item"]
        numbers = items[["conversions", "touched_conversions", "touches", "containers"]]
        return dict(zip(items["item"], numbers.itertuples(index=False, name=None), strict=True))

    peers = {"linear": (_linear, _linear), "algorithmic": (_shapley, _shapley_of_bits)}
    for model, (peer, tuned) in peers.items():
        asks = {
            "ours": lambda model=model: ours(model),
            "sql": lambda peer=peer: peer(exported, start),
            "tuned": lambda tuned=tuned: tuned(narrow, start),
            "read": lambda: [int(column.max()) for column in columns],
        }
        for name in ("sql", "tuned"):
            _equal(asks["ours"](), asks[name]())
        taken = in_turn(asks, plan.runs)
        name = "Shapley" if model == "algorithmic" else model
        number = f"{_conversions(plan.rows):,} conversions"
        what = f"Warm {name} attribution of {number}, {size(plan.rows)} events"
        yield times(f"{what}, against DuckDB SQL", taken["ours"], taken["sql"], 1 / 10)
        label = f"{what}, against DuckDB SQL with numbered keys"
        yield times(label, taken["ours"], taken["tuned"], 1 / 4)
        yield times(f"{what}, beside reading its columns", taken["ours"], taken["read"], 4.0)


def _conversions(rows: int) -> int:
    """About how many conversions are shared out."""
    return min(MOST_CONVERSIONS, rows // ROWS_OF_A_CONVERSION)


def _first_day(rows: int) -> np.datetime64:
    """The day from which on they lie."""
    won = rows * events.EVENTS.count("won") / len(events.EVENTS)
    days = min(events.DAYS, max(1, round(events.DAYS * _conversions(rows) / won)))
    return _LAST_DAY - days + 1


def _equal(ours: Figures, theirs: Figures) -> None:
    same = set(ours) == set(theirs) and all(
        np.allclose(ours[channel], theirs[channel], rtol=1e-6, atol=0) for channel in ours
    )
    if not same:
        raise SystemExit(f"The figures differ, so their times say nothing: {ours}, {theirs}")


def _table(opened: Any, folder: Path, narrow: bool) -> duckdb.DuckDBPyConnection:
    """The same rows in the same order and the place of each: as exported, or with narrow types."""
    path = folder / f"attribution-{'narrow' if narrow else 'exported'}.duckdb"
    path.unlink(missing_ok=True)
    connection = duckdb.connect(str(path))
    names = {
        name: ", ".join(f"'{value}'" for value in opened.events.dictionary(name).to_pylist())
        for name in ("event", "channel")
    }
    for name, values in names.items():
        connection.execute(f"CREATE TYPE {name}_kind AS ENUM ({values})")
    rows = opened.events.arrow(["account_id", "occurred_at", "event", "channel"])
    connection.register("store", rows)
    chosen = "account_id::VARCHAR AS account, event::VARCHAR AS event, channel::VARCHAR AS channel"
    if narrow:
        chosen = (
            "account_id[3:]::UINTEGER AS account, event::event_kind AS event, "
            "channel::channel_kind AS channel"
        )
    connection.execute(
        "CREATE TABLE events AS SELECT (row_number() OVER ())::UINTEGER AS place, "
        f"epoch_us(occurred_at) AS at_us, {chosen} FROM store"
    )
    connection.unregister("store")
    return connection


_TOUCHES = (
    "JOIN events t ON t.account = e.account AND t.place <= e.place "
    f"AND t.at_us >= e.at_us - {_LOOKBACK_US}"
)


_WON = "SELECT place, account, at_us FROM events WHERE event = 'won' AND at_us >= ?"


def _linear(connection: duckdb.DuckDBPyConnection, start: int) -> Figures:
    """One part of a conversion for each of its touches."""
    rows = connection.execute(
        f"WITH e AS ({_WON}), counted AS (SELECT e.place, e.account, t.channel, count(*) AS own "
        f"FROM e {_TOUCHES} GROUP BY ALL) "
        "SELECT channel::VARCHAR, sum(own / n), count(*), sum(own), count(DISTINCT account) "
        "FROM (SELECT *, sum(own) OVER (PARTITION BY place) AS n FROM counted) GROUP BY channel",
        [start],
    ).fetchall()
    return {channel: tuple(map(float, figures)) for channel, *figures in rows}


def _beside(
    connection: duckdb.DuckDBPyConnection, start: int, credit: Credit
) -> Figures:  # fmt: skip
    """Credit with the touched conversions, touches and accounts of each channel."""
    rows = connection.execute(
        f"WITH e AS ({_WON}) SELECT t.channel::VARCHAR, count(DISTINCT e.place), count(*), "
        f"count(DISTINCT e.account) FROM e {_TOUCHES} GROUP BY ALL",
        [start],
    ).fetchall()
    return {channel: (credit[channel], *map(float, figures)) for channel, *figures in rows}


def _shapley(connection: duckdb.DuckDBPyConnection, start: int) -> Figures:
    """Touched sets of conversions, and of accounts without one before their last touch."""
    rows = connection.execute(_sets("list_sort(list(DISTINCT t.channel))"), [start]).fetchall()
    names = sorted({name for touched, *_ in rows for name in touched})
    masks = [sum(1 << names.index(name) for name in touched) for touched, *_ in rows]
    counts = [(int(tried), int(won)) for _, tried, won in rows]
    credit = _split(dict(zip(masks, counts, strict=True)), names)
    return _beside(connection, start, credit)


def _shapley_of_bits(connection: duckdb.DuckDBPyConnection, start: int) -> Figures:
    """The same with a bit a channel."""
    bits = "bit_or(1 << enum_code(t.channel)::INTEGER)"
    rows = connection.execute(_sets(bits), [start]).fetchall()
    names = connection.execute("SELECT unnest(enum_range(NULL::channel_kind))::VARCHAR").fetchall()
    found = {int(touched): (int(tried), int(won)) for touched, tried, won in rows}
    return _beside(connection, start, _split(found, [name for (name,) in names]))


def _sets(touched: str) -> str:
    return (
        "WITH won AS (SELECT place, account, at_us, true AS won FROM events "
        "WHERE event = 'won' AND at_us >= $1), "
        "lost AS (SELECT max(place) AS place, account, max(at_us) AS at_us, false AS won "
        "FROM events WHERE at_us >= $1 AND account NOT IN (SELECT account FROM won) "
        "GROUP BY account), e AS (FROM won UNION ALL FROM lost), "
        f"sets AS (SELECT e.place, any_value(e.won) AS won, {touched} AS touched "
        f"FROM e {_TOUCHES} GROUP BY e.place) "
        "SELECT touched, count(*), count(*) FILTER (won) FROM sets GROUP BY touched"
    )


def _split(sets: dict[int, tuple[int, int]], names: list[str]) -> Credit:
    """Every set's conversions by the mean marginal rates over all orders of arrival."""
    usual = sum(won for _, won in sets.values()) / sum(tried for tried, _ in sets.values())

    @cache
    def worth(touched: int) -> float:
        if not touched:
            return 0.0
        tried, won = sets.get(touched, (0, 0))
        return won / tried if tried else usual

    out = dict.fromkeys(names, 0.0)
    for touched, (_, won) in sets.items():
        players = [n for n in range(len(names)) if touched >> n & 1]
        values = np.zeros(len(names))
        for order in permutations(players):
            reached = 0
            for player in order:
                values[player] += worth(reached | 1 << player) - worth(reached)
                reached |= 1 << player
        values = np.maximum(values, 0.0)
        for player in players:
            part = values[player] / values.sum() if values.sum() > 0 else 1 / len(players)
            out[names[player]] += won * part
    return out
