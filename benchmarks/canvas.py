"""A journey canvas of ten nodes beside DuckDB's SQL over the same sorted table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import duckdb

from benchmarks import events
from benchmarks.lines import Line, Plan, size, times
from benchmarks.measure import in_turn

NODES = (
    "content", "email_opened", "meeting", "lead_form", "call", "lead", "mql", "sql",
    "opportunity", "won",
)  # fmt: skip
ARROWS = (
    ("content", "lead_form"), ("email_opened", "lead_form"), ("email_opened", "meeting"),
    ("lead_form", "lead"), ("meeting", "call"), ("lead", "mql"), ("call", "mql"), ("call", "sql"),
    ("mql", "sql"), ("sql", "opportunity"), ("meeting", "opportunity"), ("opportunity", "won"),
)  # fmt: skip
Counts = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def canvas(plan: Plan) -> Iterator[Line]:
    """Warm canvas of ten nodes and twelve arrows; all counts must be equal."""
    import workbench as wb

    parquet = events.write(plan.folder, plan.rows)
    opened = wb.from_frames(events=parquet, cache=plan.folder / "cache")
    store = opened.events
    columns = [store.column("event"), store.times]
    connection = _table(opened, plan.folder)
    query = _query()

    def asked(**options: Any) -> Any:
        return wb.canvas(opened, nodes={n: n for n in NODES}, arrows=ARROWS, **options)

    def ours() -> Counts:
        result = asked()
        frame = result.frame.set_index("node").loc[list(NODES)]
        group, number = result.groups[0], result.question.graph.arrow_number
        fell = frame["fell_out"].fillna(0)
        return (
            tuple(int(n) for n in frame["containers"]),
            tuple(int(n) for n in fell),
            tuple(int(group.along(number[arrow]).sum()) for arrow in ARROWS),
        )

    asks = {
        "ours": ours,
        "sql": lambda: _counts(connection, query),
        "read": lambda: [int(column.max()) for column in columns],
        "arrows": lambda: asked().arrows,
        "events": lambda: asked(primary="events").frame,
    }
    found, expected = asks["ours"](), asks["sql"]()
    if found != expected:
        raise SystemExit(f"The counts differ, so their times say nothing: {found}, {expected}")
    taken = in_turn(asks, plan.runs)
    what = f"Warm canvas of 10 nodes and 12 arrows, {size(plan.rows)} events"
    yield times(f"{what}, against DuckDB SQL", taken["ours"], taken["sql"], 1 / 10)
    yield times(f"{what}, beside reading its columns", taken["ours"], taken["read"], 4.0)
    for name, more in (("arrows", "median times of arrows"), ("events", "events at nodes")):
        yield times(f"{what} with {more}, against DuckDB SQL without", taken[name], taken["sql"], 1)


def _table(opened: Any, folder: Any) -> duckdb.DuckDBPyConnection:
    """The same rows in the same order with narrow types."""
    path = folder / "canvas.duckdb"
    path.unlink(missing_ok=True)
    connection = duckdb.connect(str(path))
    kinds = ", ".join(f"'{name}'" for name in opened.events.dictionary("event").to_pylist())
    connection.execute(f"CREATE TYPE kind AS ENUM ({kinds})")
    connection.register("store", opened.events.arrow(["account_id", "occurred_at", "event"]))
    connection.execute(
        "CREATE TABLE events AS SELECT account_id[3:]::UINTEGER AS account, "
        "epoch_us(occurred_at) AS at_us, event::kind AS event FROM store"
    )
    connection.unregister("store")
    return connection


def _layers() -> list[list[str]]:
    """Nodes by the longest way to them."""
    layer: dict[str, int] = {}
    while len(layer) < len(NODES):
        for node in NODES:
            before = [source for source, target in ARROWS if target == node]
            if node not in layer and all(b in layer for b in before):
                layer[node] = 1 + max((layer[b] for b in before), default=-1)
    depth = 1 + max(layer.values())
    return [[n for n in NODES if layer[n] == at] for at in range(depth)]


def _query() -> str:
    """One aggregation a layer: the first time of each node after the first of any node before it.

    An arrow is taken when the last row of its end is not before the first time of its beginning.
    """
    layers = _layers()
    first = ", ".join(f"min(at_us) FILTER (event = '{n}') AS first_{n}" for n in layers[0])
    last = ", ".join(f"max(at_us) FILTER (event = '{n}') AS last_{n}" for n in NODES)
    parts = [f"layer_0 AS (SELECT account, {first}, {last} FROM events GROUP BY account)"]
    for at, (_, nodes) in enumerate(pairwise(layers), 1):
        columns = ", ".join(
            f"min(at_us) FILTER (event = '{n}' AND at_us >= {_before(n)}) AS first_{n}"
            for n in nodes
        )
        named = ", ".join(f"'{n}'" for n in nodes)
        parts.append(
            f"found_{at} AS (SELECT account, {columns} FROM events JOIN layer_{at - 1} "
            f"USING (account) WHERE event IN ({named}) GROUP BY account), "
            f"layer_{at} AS (SELECT l.*, f.* EXCLUDE (account) FROM layer_{at - 1} l "
            f"LEFT JOIN found_{at} f USING (account))"
        )
    reached = [f"count(first_{n})" for n in NODES]
    moved = {pair: f"coalesce(last_{pair[1]} >= first_{pair[0]}, false)" for pair in ARROWS}
    fell = []
    for node in NODES:
        ways = [test for (source, _), test in moved.items() if source == node]
        fell.append(
            f"count(*) FILTER (first_{node} IS NOT NULL AND NOT ({' OR '.join(ways)}))"
            if ways
            else "0"
        )
    took = [f"count(*) FILTER ({test})" for test in moved.values()]
    return (
        f"WITH {', '.join(parts)} SELECT {', '.join([*reached, *fell, *took])} "
        f"FROM layer_{len(layers) - 1}"
    )


def _before(node: str) -> str:
    sources = [f"first_{source}" for source, target in ARROWS if target == node]
    return sources[0] if len(sources) == 1 else f"least({', '.join(sources)})"


def _counts(connection: duckdb.DuckDBPyConnection, query: str) -> Counts:
    (row,) = connection.execute(query).fetchall()
    numbers = tuple(int(n) for n in row)
    return numbers[: len(NODES)], numbers[len(NODES) : 2 * len(NODES)], numbers[2 * len(NODES) :]
