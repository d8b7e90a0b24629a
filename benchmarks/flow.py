"""A flow of five columns beside DuckDB's SQL and retentioneering, over the same sorted rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import events, flow_peer
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import in_turn

ANCHOR, DIMENSION, COLUMNS, STEPS = "mql", "channel", 5, 4
ENTRY, BEGIN = "(entry)", 255
Counts = dict[tuple[Any, ...], tuple[int, int]]


def flow(plan: Plan) -> Iterator[Line]:
    """Warm flow that ends with an event; every node and link must be equal."""
    import workbench as wb

    parquet = events.write(plan.folder, plan.rows)
    opened = wb.from_frames(events=parquet, cache=plan.folder / "cache")
    store = opened.events
    columns = [store.column(n) for n in ("event", DIMENSION, "person_id")] + [store.times]
    connection = _table(opened, plan.folder)
    query, items = _query(), store.dictionary(DIMENSION).to_pylist()

    def asked(**options: Any) -> Any:
        return wb.flow(opened, ends_with=ANCHOR, dimension=DIMENSION, columns=COLUMNS, **options)

    def ours(**options: Any) -> Counts:
        result = asked(**options)
        nodes, links = result.nodes, result.links
        ends = zip(nodes["column"], nodes["item"], strict=True)
        pairs = zip(links["column"], links["source"], links["target"], strict=True)
        found = [
            zip(keys, zip(table["path_views"], table["containers"], strict=True), strict=True)
            for keys, table in ((ends, nodes), (pairs, links))
        ]
        return {tuple(key): tuple(map(int, pair)) for part in found for key, pair in part}

    asks = {
        "ours": ours,
        "folded": lambda: ours(items=3),
        "sql": lambda: _counts(connection.execute(query).fetchall(), items),
        "read": lambda: [int(column.sum()) for column in columns],
    }
    found, expected = asks["ours"](), asks["sql"]()
    if found != expected:
        differing = {key for key in {*found, *expected} if found.get(key) != expected.get(key)}
        raise SystemExit(f"The counts differ, so their times say nothing: {sorted(differing)[:5]}")
    taken = in_turn(asks, plan.runs)
    what = f"Warm flow of {COLUMNS} columns, people and median times included, {size(plan.rows)}"
    yield times(f"{what} events, against DuckDB SQL without", taken["ours"], taken["sql"], 1 / 10)
    yield times(f"{what} events, beside reading its columns", taken["ours"], taken["read"], 4.0)
    folded = f"{what} events, rare items put together, against DuckDB SQL without"
    yield times(folded, taken["folded"], taken["sql"], 1 / 10)
    yield from _beside_retentioneering(opened, plan)


def _beside_retentioneering(opened: Any, plan: Plan) -> Iterator[Line]:
    """Two questions that it has: all transitions, and the steps around the first anchor."""
    import workbench as wb

    python = flow_peer.interpreter(plan.folder)
    if python is None:
        print(f"{flow_peer.PACKAGE} cannot be installed here, so its lines are left out.")
        return
    everything = {"dimension": "event", "items": 50, "repeats": True}
    asks = {
        "transitions": lambda: wb.flow(
            opened, starts_with={"event": {"exists": True}}, columns=2, **everything
        ),
        "steps": lambda: wb.flow(
            opened, contains={"event": ANCHOR}, limit="first", columns=2 * STEPS + 1, **everything
        ),
    }
    rows = _in_order(opened, plan.folder)
    theirs = flow_peer.ask(python, rows, ANCHOR, STEPS, plan.slow_runs)
    links, nodes = asks["transitions"]().links, asks["steps"]().nodes
    ends = links["target"].replace("(exit)", "path_end")
    counts = dict(zip(zip(links["source"], ends, strict=True), links["path_views"], strict=True))
    items = nodes[nodes["kind"] == "item"]
    columns = items["column"].astype(str)
    shares = zip(zip(items["item"], columns, strict=True), items["share_of_start"], strict=True)
    _same(counts, theirs["transitions"])
    _same(dict(shares), theirs["steps"])
    taken = in_turn({name: _tables(ask) for name, ask in asks.items()}, plan.runs)
    words = {"transitions": "All transitions", "steps": f"{STEPS} steps before and after an event"}
    for name, what in words.items():
        label = f"{what}, people and median times included, {size(plan.rows)} events"
        peer = theirs[f"seconds_{name}"]
        yield times(f"{label}, against retentioneering without", taken[name], peer, 1 / 3)


def _tables(ask: Any) -> Any:
    def asked() -> tuple[Any, Any]:
        result = ask()
        return result.nodes, result.links

    return asked


def _same(ours: dict[Any, float], theirs: dict[Any, float]) -> None:
    if set(ours) != set(theirs) or any(abs(ours[k] - theirs[k]) > 1e-9 for k in ours):
        raise SystemExit("Our numbers are not those of retentioneering.")


def _in_order(opened: Any, folder: Path) -> Path:
    """The rows with a second of their own each, for it knows no other order."""
    path = folder / "transitions.parquet"
    found = opened.events.arrow(["account_id", "event"])
    seconds = pa.array(np.arange(found.num_rows) * 1_000_000).cast(pa.timestamp("us"))
    table = {
        "account": found["account_id"].cast(pa.string()),
        "event": found["event"].cast(pa.string()),
        "at": seconds,
    }
    pq.write_table(pa.table(table), path)
    return path


def _table(opened: Any, folder: Path) -> duckdb.DuckDBPyConnection:
    """The same rows in the same order with narrow types; items as numbers."""
    path = folder / "flow.duckdb"
    path.unlink(missing_ok=True)
    connection = duckdb.connect(str(path))
    store = opened.events
    for name in ("event", DIMENSION):
        kinds = ", ".join(f"'{value}'" for value in store.dictionary(name).to_pylist())
        connection.execute(f"CREATE TYPE {name}_kind AS ENUM ({kinds})")
    connection.register("store", store.arrow(["account_id", "event", DIMENSION]))
    connection.execute(
        "CREATE TABLE events AS SELECT account_id[3:]::UINTEGER AS account, "
        "row_number() OVER ()::UINTEGER AS place, event::event_kind AS event, "
        f"enum_code({DIMENSION}::{DIMENSION}_kind)::UTINYINT AS item FROM store"
    )
    connection.unregister("store")
    return connection


def _query() -> str:
    """Runs of equal items are numbered; each anchor finds the run before it and those before."""
    before = range(1, COLUMNS)
    lags = ", ".join(f"lag(item, {n - 1}) OVER of_account AS before_{n}" for n in before[1:])
    ended = ", ".join(
        f"CASE WHEN before_{n - 1} IS NOT NULL THEN coalesce(before_{n}, {BEGIN}) END AS b{n}"
        for n in before[1:]
    )
    chosen = ", ".join(f"b{n}" for n in before)
    which = ", ".join(f"grouping(b{n})" for n in before)
    sets = [f"(b{n})" for n in before] + [f"(b{n}, b{n + 1})" for n in before[:-1]]
    return f"""
        WITH flagged AS (
            SELECT account, place, event, item,
                   item IS DISTINCT FROM lag(item) OVER of_account AS is_head
            FROM events WINDOW of_account AS (PARTITION BY account ORDER BY place)
        ), numbered AS (
            SELECT *, count(*) FILTER (is_head) OVER (PARTITION BY account ORDER BY place
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS run_before
            FROM flagged
        ), runs AS (
            SELECT account, run_before + 1 AS run, item AS before_1, {lags}
            FROM numbered WHERE is_head
            WINDOW of_account AS (PARTITION BY account ORDER BY place)
        ), anchors AS (
            SELECT a.account, r.* EXCLUDE (account, run)
            FROM (SELECT account, run_before FROM numbered WHERE event = '{ANCHOR}') a
            LEFT JOIN runs r ON r.account = a.account AND r.run = a.run_before
        ), paths AS (
            SELECT account, coalesce(before_1, {BEGIN}) AS b1, {ended} FROM anchors
        )
        SELECT {chosen}, {which}, count(*), count(DISTINCT account) FROM paths
        GROUP BY GROUPING SETS ((), {", ".join(sets)})
    """


def _counts(rows: list[tuple[Any, ...]], items: list[str]) -> Counts:
    """Nodes and links of the answer, named as ours are."""
    names = {**dict(enumerate(items)), BEGIN: ENTRY}
    out: Counts = {}
    for *values, views, accounts in rows:
        chosen = {
            n + 1: names.get(values[n]) for n in range(COLUMNS - 1) if not values[COLUMNS - 1 + n]
        }
        if None in chosen.values():
            continue  # paths that have ended before
        found = int(views), int(accounts)
        if not chosen:
            out[0, ANCHOR] = found
        elif len(chosen) == 1:
            ((n, item),) = chosen.items()
            out[-n, item] = found
            if n == 1:
                out[-1, item, ANCHOR] = found
        else:
            (_, near), (n, far) = sorted(chosen.items())
            out[-n, far, near] = found
    return out
