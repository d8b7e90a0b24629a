"""What the checked tables hold, in a few characters a table: equal contents, equal digest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.data.cache import is_whole
from workbench.quoting import quoted

if TYPE_CHECKING:
    import duckdb

FILE = "digests.json"


def table_digests(
    connection: duckdb.DuckDBPyConnection, tables: Iterable[str], directory: Path | None = None
) -> dict[str, dict[str, Any]]:
    """Rows and digest of each table; the order of rows makes no difference.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
    tables : iterable of str
    directory : pathlib.Path, optional
        Folder of the build these tables lie in; the digests are kept there once known.

    Returns
    -------
    dict
        For each table ``rows`` and ``digest`` (16 hexadecimal characters). Digests of another
        version of DuckDB cannot be compared: its hash of a row may differ.
    """
    names = sorted(tables)
    kept = directory / FILE if directory is not None and is_whole(directory) else None
    if kept is not None:
        with suppress(OSError, ValueError):
            known = json.loads(kept.read_text(encoding="utf-8"))
            if sorted(known) == names:
                return dict(known)
    found = {name: _digest(connection, name) for name in names}
    if kept is not None:
        with suppress(OSError):
            kept.write_text(json.dumps(found), encoding="utf-8")
    return found


def _digest(connection: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    query = f"select count(*), sum(hash(t)::hugeint) from {quoted(name)} t"
    rows, total = connection.cursor().execute(query).fetchall()[0]
    return {"rows": int(rows), "digest": f"{int(total or 0) % 2**64:016x}"}
