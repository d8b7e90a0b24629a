"""A workspace: checked tables and the event store of one body of data, under one name."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from workbench.engine.build import build_store
from workbench.engine.columns import is_number
from workbench.engine.layout import is_store
from workbench.engine.masks import Attribute, Marker
from workbench.engine.store import EventStore
from workbench.errors import ArgumentError, StoreError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.vocabulary.containers import Container, container_named
from workbench.vocabulary.fiscal import fiscal_days
from workbench.vocabulary.periods import Period, microseconds_of

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from workbench.data import CheckedData

ATTRIBUTE_TABLES = {
    "accounts": "account_id",
    "people": "person_id",
    "opportunities": "opportunity_id",
}
NAMES = {
    "account": ("accounts", "account_id", ("name",)),
    "global_account": ("accounts", "account_id", ("name",)),
    "person": ("people", "person_id", ("first_name", "last_name")),
    "opportunity": ("opportunities", "opportunity_id", ("name",)),
    "buying_group": ("buying_groups", "group_id", ("name",)),
}


class Workspace:
    """Checked tables and the event store of one body of data.

    Made by `open_workspace` and `workspace_from_frames`.

    Attributes
    ----------
    name, title : str
    settings : workbench.data.Settings
        Reporting zone, calendar, currency policy and what else the workspace file says.
    tables : dict
        Name of each table to its description (columns, types, units, meaning, rows).
    findings : tuple of workbench.data.Finding
    balance : pandas.DataFrame
        Rows read, kept, quarantined and merged, a line for each file.
    as_of : datetime
        The newest instant that is looked at, in UTC.
    """

    def __init__(self, data: CheckedData, as_of: datetime | None = None) -> None:
        self._data = data
        self.name = data.name
        self.title = data.title
        self.settings = data.settings
        self.tables = data.tables
        self.findings = data.findings
        self.balance = data.balance
        self.quarantine = data.quarantine
        self.fingerprint = data.fingerprint
        self.as_of = as_of or data.as_of
        self._attributes: dict[str, Attribute | None] = {}
        self._described: dict[str, dict[str, str]] = {}

    def __repr__(self) -> str:
        known = sorted({*self.tables} - {"touchpoints"})
        shown = f"tables {', '.join(known)}" if known else "events only"
        return f"Workspace({self.name!r}, {shown}, as of {self.as_of:%Y-%m-%d})"

    @cached_property
    def events(self) -> EventStore:
        """The sorted event store; built when it is first asked for, then a memory map."""
        directory = self._data.directory / "events"
        if not is_store(directory):
            build_store(self._data.connection, "touchpoints", directory, self.title)
        return EventStore(directory)

    def sql(self, query: str, parameters: list[Any] | None = None) -> pd.DataFrame:
        """Ask the checked tables and the view ``touchpoints`` in DuckDB's SQL.

        Parameters
        ----------
        query : str
        parameters : list, optional
            Values for the ``?`` places of the query.
        """
        import duckdb

        if not isinstance(query, str) or not query.strip():
            raise ArgumentError.of("query", query, message("a SELECT statement as text"))
        try:
            with warnings.catch_warnings():
                # DuckDB names the zone of a column by a keyword that pandas 3.1 gives up.
                warnings.simplefilter("ignore", DeprecationWarning)
                return self._data.connection.execute(query, parameters or []).df()
        except (duckdb.Error, TypeError, ValueError) as problem:
            lines = str(problem).splitlines() or [type(problem).__name__]
            raise ArgumentError(
                message(
                    "The query cannot be answered: {reason} Tables: {tables}.",
                    reason=lines[0],
                    tables=", ".join(dict.fromkeys([*self.tables, "touchpoints"])),
                )
            ) from None

    def digests(self) -> dict[str, dict[str, Any]]:
        """Rows and a digest of the contents of each table: equal contents, equal digest."""
        from workbench.data.digests import table_digests

        held = [name for name in self.tables if name != "touchpoints"]
        return table_digests(self._data.connection, held, self._data.directory)

    def arrow(self, query: str, parameters: list[Any] | dict[str, Any] | None = None) -> pa.Table:
        """As `sql`, as an Arrow table: for many rows."""
        return self._data.connection.sql(query, params=parameters or []).to_arrow_table()

    def batches(
        self, query: str, parameters: dict[str, Any] | None = None, rows: int = 500_000
    ) -> Iterator[pa.RecordBatch]:
        """As `arrow`, a part at a time: for more rows than should stand in memory twice."""
        relation = self._data.connection.sql(query, params=parameters or {})
        yield from relation.to_arrow_reader(rows)

    def seen_at(self, as_of: str | date | None) -> Workspace:
        """The same data looked at from an earlier instant; itself where none is given.

        An instant after the own one changes nothing: the data know no more.
        """
        moment = _as_of(as_of, self.settings.report_tz)
        if moment is None or moment >= self.as_of:
            return self
        return Workspace(self._data, moment)

    @property
    def looks_back(self) -> bool:
        """Whether it looks from an instant before the newest one that its data know."""
        return self.as_of < self._data.as_of

    def lay_beside(self, name: str, table: pa.Table) -> None:
        """Let queries name an Arrow table that was worked out; the same name replaces it."""
        self._data.connection.register(name, table)

    def period(self, value: str | Period | None) -> Period:
        """Read a period in the reporting zone, fiscal names such as ``FY2026 Q1`` included.

        It never reaches past `as_of`.
        """
        zone = self.settings.report_tz
        if isinstance(value, str):
            today = self.as_of.astimezone(ZoneInfo(zone)).date()
            found = fiscal_days(value, self.settings, today)
            if found is not None:
                value = f"{found[0]}..{found[1] - timedelta(days=1)}"
        return Period.parse(value, zone, self.as_of)

    def bounds(self, period: Period) -> tuple[int, int]:
        """First microsecond of a period and the first after it, cut off after `as_of`."""
        start, end = period.bounds()
        return start, min(end, microseconds_of(self.as_of) + 1)

    def marker(self, period: Period | None = None) -> Marker:
        """What turns conditions into marks on the rows of this workspace.

        Parameters
        ----------
        period : Period, optional
            Rows outside qualify no container for a segment; rows after `as_of` never do.
        """
        start, end = self.bounds(period or Period())
        return Marker(
            self.events,
            self.attribute,
            self.attribute_names,
            self.settings.report_tz,
            self.as_of,
            start,
            end,
        )

    def attribute_names(self) -> list[str]:
        """Columns of the tables beside the events that can be compared and broken down by."""
        return sorted({name for t in ATTRIBUTE_TABLES for name in self.columns_of(t)})

    def attribute(self, name: str) -> Attribute | None:
        """A column of accounts, people or opportunities, aligned with the keys of the events.

        ``industry`` is looked for in that order of tables; ``people.title`` names the table. The
        prefix ``x_`` of columns that the data model does not know may be left out.
        """
        if name not in self._attributes:
            self._attributes[name] = self._found_attribute(name)
        return self._attributes[name]

    def _found_attribute(self, name: str) -> Attribute | None:
        wanted, _, rest = name.partition(".")
        for table, key in ATTRIBUTE_TABLES.items():
            known = self.columns_of(table) if key in self.events.columns else {}
            for column in [name, f"x_{name}", *([rest, f"x_{rest}"] if wanted == table else [])]:
                if column in known:
                    return Attribute(key, self._aligned(table, key, column, known[column]))
        return None

    def has(self, table: str, *columns: str) -> bool:
        """Whether a table is there, holds rows, and has these columns."""
        info = self.tables.get(table)
        return bool(info and info.rows) and set(columns) <= set(self.columns_of(table))

    def columns_of(self, table: str) -> dict[str, str]:
        """Columns of a table and their DuckDB types; none where there is no such table."""
        if table not in self._described:
            found = (
                self._data.connection.execute(f"DESCRIBE {quoted(table)}").fetchall()
                if table in self.tables
                else []
            )
            self._described[table] = {str(row[0]): str(row[1]) for row in found}
        return self._described[table]

    def _aligned(self, table: str, key: str, column: str, kind: str) -> Any:
        """Values of a column in the code order of an event key: numbers as floats, else text."""
        import pyarrow.compute as pc

        number = is_number(kind)
        shown = f"min({quoted(column)}::{'DOUBLE' if number else 'VARCHAR'})"
        read = self._data.connection.sql(
            f"SELECT {quoted(key)}::VARCHAR AS key, {shown} AS value FROM {quoted(table)} "
            "GROUP BY ALL"
        ).to_arrow_table()
        keys, values = (read.column(n).combine_chunks() for n in ("key", "value"))
        aligned = values.take(pc.index_in(self.events.dictionary(key), value_set=keys))
        if not number:
            return aligned.cast("string")
        return aligned.to_numpy(zero_copy_only=False).astype(float)

    def values_of(
        self, container: str | Container, name: str, keys: np.ndarray
    ) -> np.ndarray | None:
        """A column of the container's own table for some keys; None where there is none.

        An ``owner_id`` is shown as the name of the user where the users are known.
        """
        table, key, _ = NAMES.get(container_named(container).name, ("", "", ()))
        if name not in self.columns_of(table):
            return None
        if name == "owner_id" and {"user_id", "name"} <= set(self.columns_of("users")):
            joined = "LEFT JOIN users u ON u.user_id = t.owner_id"
            return self._looked_up(table, key, f"coalesce(u.name, t.{quoted(name)})", keys, joined)
        return self._looked_up(table, key, f"t.{quoted(name)}", keys)

    def display_names(self, container: str | Container, keys: np.ndarray) -> np.ndarray:
        """The readable name of each key; the key itself where none is known."""
        table, key, parts = NAMES.get(container_named(container).name, ("", "", ()))
        known = [f"t.{quoted(part)}" for part in parts if part in self.columns_of(table)]
        if not known:
            return np.array(keys, object)
        names = self._looked_up(table, key, f"trim(concat_ws(' ', {', '.join(known)}))", keys)
        return np.array([name or key for name, key in zip(names, keys, strict=True)], object)

    def _looked_up(
        self, table: str, key: str, expression: str, keys: np.ndarray, joined: str = ""
    ) -> np.ndarray:
        """One value of a table for each key; None where there is none."""
        read = self._data.connection.execute(
            f"SELECT t.{quoted(key)}::VARCHAR AS key, min({expression}) AS value "
            f"FROM {quoted(table)} t {joined} "
            f"WHERE t.{quoted(key)}::VARCHAR IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL",
            [[str(k) for k in keys]],
        ).df()
        known = dict(zip(read["key"], read["value"], strict=True))
        found = [known.get(k) for k in keys]
        return np.array([None if v is None or v != v else v for v in found], object)


def open_workspace(
    source: str | Path,
    *,
    root: str | Path | None = None,
    as_of: str | date | None = None,
    cache: str | Path | None = None,
    refresh: bool = False,
) -> Workspace:
    """Open a workspace by name or by the path of its file.

    Parameters
    ----------
    source : str or path
        A name (``parameters/workspaces/NAME.yaml``) or a workspace file.
    root : str or path, optional
        Folder of the data files, instead of the one that the workspace file names.
    as_of : str, date or datetime, optional
        Look at nothing after this instant, or after the end of this date of the reporting zone;
        the newest instant of the data when left out.
    cache : str or path, optional
        Folder for built stores; ``WORKBENCH_CACHE`` or the user's cache when left out.
    refresh : bool
        Read everything again even when nothing changed.

    Raises
    ------
    WorkspaceFileError, DataError
        With all findings at once.
    """
    from workbench.data import load

    data = load(
        source,
        root=None if root in (None, "") else Path(str(root)),
        cache=None if cache is None else Path(cache),
        refresh=refresh,
    )
    return Workspace(data, _as_of(as_of, data.settings.report_tz))


def workspace_from_frames(
    *, as_of: str | date | None = None, settings: Mapping[str, Any] | None = None, **tables: Any
) -> Workspace:
    """Make a workspace of tables that are at hand.

    Parameters
    ----------
    **tables
        ``events=``, ``accounts=``, ``people=``, ``opportunities=``, …: each a pandas, polars or
        pyarrow table, a DuckDB relation, or the path of a Parquet file.
    settings : mapping, optional
        What a workspace file says at its top: ``report_tz``, ``week_start``, ``fiscal_year``, …
    as_of : str, date or datetime, optional
        As in `open_workspace`.
    """
    from workbench.data import load_frames

    data = load_frames(settings=settings, **tables)
    return Workspace(data, _as_of(as_of, data.settings.report_tz))


def _as_of(value: str | date | None, zone: str) -> datetime | None:
    if value is None or value == "":
        return None
    allowed = message("a date such as '2026-06-30', or an instant with its zone")
    read: Any = value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            read = datetime.fromisoformat(value.strip())
    if isinstance(read, datetime) and read.tzinfo is not None:
        return read.astimezone(UTC)
    if isinstance(value, datetime):
        raise ArgumentError.of("as_of", str(value), allowed)
    try:
        period = Period.parse(str(value), zone, argument="as_of")
    except ArgumentError:
        raise ArgumentError.of("as_of", str(value), allowed) from None
    if period.end is None:
        raise ArgumentError.of("as_of", str(value), allowed)
    return period.end - timedelta(microseconds=1)


__all__ = ["StoreError", "Workspace", "open_workspace", "workspace_from_frames"]
