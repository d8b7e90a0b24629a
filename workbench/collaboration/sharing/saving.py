"""Settings of a report saved by several people: nobody overwrites what he has not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.collaboration.sharing.recipients import become_owner, check_reports, refuse_unless
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

_NAME = "settings"


def save_settings(
    store: Store, report: str, settings: Mapping[str, Any], *, by: str, version: int
) -> int:
    """Save the settings of a report; return the new version.

    Parameters
    ----------
    store : Store
    report : str
    settings : mapping
        Plain values: notebook, workspace, parameters, …
    by : str
    version : int
        The version that was read; 0 for a report without saved settings.

    Raises
    ------
    ArgumentError
        When somebody saved in between, with name and time; nothing is overwritten. When `by` may
        not save.

    Notes
    -----
    Source: collaboration.md, 4 (mapping: optimistic locking instead of last write wins) and 5.
    """
    (report,) = check_reports([report])
    if not isinstance(settings, Mapping):
        raise ArgumentError.of("settings", type(settings).__name__, message("a mapping"))
    with store.transaction() as now:
        refuse_unless(now, report, by, "save")
        become_owner(now, report, by)
        found = _record(now, report)
        read = found.version if found else 0
        if found is not None and version != read:
            raise ArgumentError(
                message(
                    "{report} was saved by {who} on {instant} after you read it (version {read}, "
                    "now {now}). Read it again and repeat your change; nothing was overwritten.",
                    report=report, who=found.changed_by, read=version, now=read,
                    instant=f"{found.changed_at:%Y-%m-%d %H:%M} UTC",
                )
            )  # fmt: skip
        if found is None:
            if version != 0:
                raise ArgumentError.of("version", version, message("0 for what was never saved"))
            place = f"report:{report}"
            return now.add("objects", settings, by=by, project=place, name=_NAME).version
        return now.change("objects", found.id, settings, by=by, version=version).version


def settings_of(store: Store | Transaction, report: str) -> tuple[dict[str, Any], int]:
    """The saved settings of a report and their version; nothing and 0 where there are none."""
    (report,) = check_reports([report])
    found = _record(store, report)
    return (dict(found.definition), found.version) if found else ({}, 0)


def _record(store: Store | Transaction, report: str) -> Record | None:
    found = store.find("objects", project=f"report:{report}", name=_NAME)
    return found[-1] if found else None
