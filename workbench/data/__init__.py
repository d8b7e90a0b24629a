"""Files become checked tables and an event view: `load` for workspaces, else `load_frames`."""

from workbench.data.checked import CheckedData
from workbench.data.findings import Finding, UnusableDataError
from workbench.data.frames import load_frames
from workbench.data.load import load
from workbench.data.settings import Settings
from workbench.data.tables import Column, Table, TableInfo, canonical_tables

__all__ = [
    "CheckedData",
    "Column",
    "Finding",
    "Settings",
    "Table",
    "TableInfo",
    "UnusableDataError",
    "canonical_tables",
    "load",
    "load_frames",
]
