"""Column names of known exports: aliases from vendors.yaml, matched by a forgiving form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def vendors() -> Mapping[str, Mapping[str, Any]]:
    """What vendors.yaml says, by vendor and table."""
    text = (Path(__file__).parent / "vendors.yaml").read_text(encoding="utf-8")
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return loaded


def plain(header: str) -> str:
    """A header without case, width, spaces and punctuation, for matching."""
    folded = unicodedata.normalize("NFKC", header).casefold()
    return re.sub(r"[\s_\-.:()/%()・]+", "", folded)


def match_columns(
    table: str,
    known: list[str],
    found: list[str],
    given: Mapping[str, str],
    vendor: str | None,
) -> dict[str, str]:
    """Say which column of the file fills which canonical column.

    Parameters
    ----------
    table
        Table of the data model.
    known
        Its canonical columns, in order.
    found
        Columns of the file.
    given
        Canonical column to column of the file, as the workspace file says; these win.
    vendor
        Export whose aliases are tried before those of the others.

    Returns
    -------
    dict
        Canonical column to column of the file.
    """
    matched = {name: column for name, column in given.items() if column in found}
    taken, headers = set(matched.values()), {plain(column) for column in found}
    free = {plain(column): column for column in reversed(found) if column not in taken}
    for name in known:
        if name in given:
            continue
        for alias in [name, *_aliases(table, name, vendor)]:
            # "name with customerProfile.name": only in a file that has both.
            header, _, beside = alias.partition(" with ")
            if plain(header) in free and (not beside or plain(beside) in headers):
                matched[name] = free.pop(plain(header))
                break
    return matched


def meanings(table: str, header: str) -> list[str]:
    """The columns that a header may be, where known exports use it for several."""
    wanted = plain(header)
    return [
        str(column)
        for vendor in vendors().values()
        for known, columns in vendor.get("ambiguous", {}).get(table, {}).items()
        if plain(str(known)) == wanted
        for column in columns
    ]


def _aliases(table: str, column: str, vendor: str | None) -> list[str]:
    chosen = [vendor] if vendor else list(vendors())
    if vendor and vendor != "japanese":
        chosen.append("japanese")
    return [
        str(alias)
        for name in chosen
        for alias in vendors()[name].get("columns", {}).get(table, {}).get(column, [])
    ]


def vendor_rules(vendor: str | None, table: str, kind: str) -> Mapping[str, Any]:
    """Value maps, derivations or date formats (`kind`) that a known export brings."""
    if vendor is None:
        return {}
    found: Mapping[str, Any] = vendors()[vendor].get(kind, {}).get(table, {})
    return found
