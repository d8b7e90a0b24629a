"""A workspace: checked tables and the event store of one body of data, under one name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.engine.build import build_store
from workbench.engine.layout import FORMAT
from workbench.engine.masks import Attribute, Marker
from workbench.engine.store import EventStore
from workbench.errors import ArgumentError, StoreError
from workbench.vocabulary.containers import Container, container_named
from workbench.vocabulary.periods import Period, microseconds_of

if TYPE_CHECKING:
    import pandas as pd

    from workbench.data import CheckedData

ATTRIBUTE_TABLES = {
    "accounts": ("account_id", "account_id"),
    "people": ("person_id", "person_id"),
    "opportunities": ("opportunity_id", "opportunity_id"),
}
NAMES = {
    "account": ("accounts", "account_id", "name"),
    "global_account": ("accounts", "account_id", "name"),
    "person": ("people", "person_id", "first_name || ' ' || last_name"),
    "opportunity": ("opportunities", "opportunity_id", "name"),
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

    def __repr__(self) -> str:
        return f"Workspace({self.name!r}, {len(self.tables)} tables, as of {self.as_of:%Y-%m-%d})"

    @cached_property
    def events(self) -> EventStore:
        """The sorted event store; built when it is first asked for, then a memory map."""
        # Each layout of the store has a folder of its own, so another version builds its own.
        directory = self._data.directory / f"events-{FORMAT}"
        if not (directory / "store.json").exists():
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

        try:
            return self._data.connection.execute(query, parameters or []).df()
        except duckdb.Error as problem:
            raise ArgumentError(
                f"The query cannot be answered: {str(problem).splitlines()[0]} "
                f"Tables: {', '.join([*self.tables, 'touchpoints'])}."
            ) from None

    def period(self, value: str | Period | None) -> Period:
        """Read a period in the reporting zone; it never reaches past `as_of`."""
        return Period.parse(value, self.settings.report_tz, self.as_of)

    def bounds(self, period: Period) -> tuple[int, int]:
        """First microsecond of a period and the first after it, cut off after `as_of`."""
        start, end = period.bounds()
        return start, min(end, microseconds_of(self.as_of) + 1)

    def marker(self) -> Marker:
        """What turns conditions into marks on the rows of this workspace."""
        return Marker(
            self.events,
            self.attribute,
            self.attribute_names,
            self.settings.report_tz,
            self.as_of,
        )

    def attribute_names(self) -> list[str]:
        """Columns of the tables beside the events that can be compared and broken down by."""
        present = [t for t in ATTRIBUTE_TABLES if t in self.tables]
        return sorted({name for table in present for name in self._columns_of(table)})

    def attribute(self, name: str) -> Attribute | None:
        """A column of accounts, people or opportunities, aligned with the keys of the events.

        ``industry`` is looked for in that order of tables; ``people.title`` names the table.
        """
        wanted, _, column = name.rpartition(".")
        for table, (key, event_key) in ATTRIBUTE_TABLES.items():
            if wanted and table != wanted:
                continue
            usable = table in self.tables and event_key in self.events.columns
            if usable and column in self._columns_of(table):
                return Attribute(event_key, self._aligned(table, key, f'"{column}"', event_key))
        return None

    def _columns_of(self, table: str) -> list[str]:
        described = self._data.connection.execute(f'DESCRIBE "{table}"').fetchall()
        return [str(row[0]) for row in described]

    def _aligned(self, table: str, key: str, expression: str, event_key: str) -> np.ndarray:
        """Values of a table in the code order of an event key: numbers as floats, else text."""
        if event_key not in self.events.columns:
            return np.empty(0, object)
        read = self._data.connection.execute(
            f'SELECT "{key}"::VARCHAR AS key, any_value({expression}) AS value '
            f'FROM "{table}" GROUP BY ALL'
        ).df()
        series = read.drop_duplicates("key").set_index("key")["value"]
        values = series.reindex(self.events.dictionary(event_key).to_pylist())
        if values.dtype.kind in "iuf":
            return values.to_numpy(float)
        return np.array([None if v is None or v != v else _text(v) for v in values], object)

    def values_of(
        self, container: str | Container, name: str, keys: np.ndarray
    ) -> np.ndarray | None:
        """A column of the container's own table for some keys; None where there is none.

        An ``owner_id`` is shown as the name of the user where the users are known.
        """
        kind = container_named(container).name
        table, key, _ = NAMES.get(kind, ("", "", ""))
        if table not in self.tables or name not in self._columns_of(table):
            return None
        shown = f't."{name}"'
        joined = ""
        if name == "owner_id" and "users" in self.tables:
            shown, joined = (
                f"coalesce(u.name, {shown})",
                "LEFT JOIN users u ON u.user_id = t.owner_id",
            )
        read = self._data.connection.execute(
            f'SELECT t."{key}"::VARCHAR AS key, any_value({shown}) AS value '
            f'FROM "{table}" t {joined} GROUP BY ALL'
        ).df()
        known = dict(zip(read["key"], read["value"], strict=True))
        return np.array([known.get(k) for k in keys], object)

    def display_names(self, container: str | Container, keys: np.ndarray) -> np.ndarray:
        """The readable name of each key; the key itself where none is known."""
        kind = container_named(container).name
        table, key, expression = NAMES.get(kind, ("", "", ""))
        if table not in self.tables or not set(_words(expression)) <= set(self._columns_of(table)):
            return keys
        names = self._data.connection.execute(
            f'SELECT "{key}"::VARCHAR AS key, any_value({expression}) AS name '
            f'FROM "{table}" GROUP BY ALL'
        ).df()
        known = dict(zip(names["key"], names["name"], strict=True))
        return np.array([_name(known.get(k), k) for k in keys], object)


def _words(expression: str) -> list[str]:
    return [w for w in expression.replace("||", " ").split() if w.isidentifier()]


def _name(name: Any, key: str) -> str:
    return key if name is None or name != name or not str(name).strip() else str(name)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | np.bool_) else str(value)


def open_workspace(
    source: str | Path,
    *,
    root: str | Path | None = None,
    as_of: str | datetime | None = None,
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
    as_of : str or datetime, optional
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
    *, as_of: str | datetime | None = None, settings: Mapping[str, Any] | None = None, **tables: Any
) -> Workspace:
    """Make a workspace of tables that are at hand.

    Parameters
    ----------
    **tables
        ``events=``, ``accounts=``, ``people=``, ``opportunities=``, …: each a pandas, polars or
        pyarrow table, a DuckDB relation, or the path of a Parquet file.
    settings : mapping, optional
        What a workspace file says at its top: ``report_tz``, ``week_start``, ``fiscal_year``, …
    as_of : str or datetime, optional
        As in `open_workspace`.
    """
    from workbench.data import load_frames

    data = load_frames(settings=settings, **tables)
    return Workspace(data, _as_of(as_of, data.settings.report_tz))


def _as_of(value: str | datetime | None, zone: str) -> datetime | None:
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ArgumentError.of("as_of", value, "a date as text, or an instant with its zone")
        return value.astimezone(UTC)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        read = None
    if read is not None and read.tzinfo is not None:
        return read.astimezone(UTC)
    period = Period.parse(value, zone, argument="as_of")
    if period.end is None:
        raise ArgumentError.of("as_of", value, "a date such as '2026-06-30'")
    return datetime.fromtimestamp((microseconds_of(period.end) - 1) / 1e6, UTC)


__all__ = ["StoreError", "Workspace", "open_workspace", "workspace_from_frames"]
