"""Small workspaces on disk, written by the tests of the data room."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from workbench.data import CheckedData, Finding, load

ACCOUNTS = "account_id,name\na1,Ada\na2,Bob\n"


def workspace(folder: Path, tables: dict[str, Any], **more: Any) -> Path:
    """Write a workspace file over files in the same folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.yaml"
    content = {"name": "small", "root": ".", "tables": tables, **more}
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return path


def loaded(folder: Path, tables: dict[str, Any], **more: Any) -> CheckedData:
    """Write the workspace file and load it with a cache of its own."""
    return load(workspace(folder, tables, **more), cache=folder / "cache")


def one_file(folder: Path, table: str, content: str | bytes, **entry: Any) -> dict[str, Any]:
    """Write one CSV file and return the entry of its table."""
    folder.mkdir(parents=True, exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    name = f"{table}.csv"
    (folder / name).write_bytes(data)
    return {table: {"file": name, **entry}}


def rows(data: CheckedData, query: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the checked tables."""
    return data.connection.execute(query).fetchall()


def found(data: CheckedData, text: str) -> list[Finding]:
    """Findings whose sentence holds a text."""
    return [finding for finding in data.findings if text in str(finding)]


def balanced(data: CheckedData) -> None:
    """Every line of the balance adds up."""
    lines = data.balance
    assert (lines["read"] == lines["kept"] + lines["quarantined"] + lines["merged"]).all()
