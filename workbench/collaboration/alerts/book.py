"""The alerts of a store: made, changed, listed, renewed, run.

Source: collaboration.md, section 2.1 (manage).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.collaboration.alerts import running, telling
from workbench.collaboration.alerts.preview import Preview, alert_preview
from workbench.collaboration.alerts.reading import alert_of, alerts_of_file, as_yaml
from workbench.collaboration.alerts.record import ANOMALY, Alert
from workbench.collaboration.store import Record, Store, open_store, user_name
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.tables import save_csv
from workbench.workspace import Workspace, open_workspace

COLUMNS = {
    "id": "Key of the alert",
    "name": "What it is called",
    "workspace": "Whose data",
    "granularity": "day, week or month",
    "triggers": "Metrics and conditions",
    "to": "Who is told",
    "enabled": "Whether it is switched on",
    "expires": "Day from which it is silent",
    "expired": "Whether that day has come",
    "last_period": "First day of the period that was evaluated last; empty for none",
    "last_state": "What became of it",
    "owner": "Who made it",
    "tags": "Words to find it by",
}


class Alerts:
    """The alerts of a store.

    Made by `alerts`.

    Attributes
    ----------
    store : Store
    by : str
        Whose alerts are listed, and who changes them.
    """

    def __init__(self, store: Store, by: str) -> None:
        self.store, self.by = store, by

    def __repr__(self) -> str:
        return f"Alerts({self.store.shown!r}, by {self.by!r})"

    def add(
        self, alert: Alert | Mapping[str, Any], *, workspace: Workspace | None = None,
        now: datetime | None = None,
    ) -> Record:  # fmt: skip
        """Keep an alert; it ends one year from today unless it says otherwise.

        Parameters
        ----------
        alert : Alert or mapping
        workspace : Workspace, optional
            Its data, where they are open: the alert is tried on them first.
        now : datetime, optional

        Raises
        ------
        ArgumentError
            For an alert that cannot be; and, where the data are given, for conditions on what was
            expected of a metric of which less than two things happen a period.
        """
        checked = alert_of(alert)
        if workspace is not None:
            tried(checked, workspace)
        plain = checked.plain()
        if not checked.expires:
            plain["expires"] = in_a_year(now).isoformat()
        return self.store.add("alerts", plain, name=checked.name, by=self.by)

    def add_file(
        self, path: str | Path, *, opened: Callable[[str], Workspace] | None = None
    ) -> list[Record]:
        """Keep the alerts of a YAML file; one of the same name is changed, not doubled.

        Parameters
        ----------
        path : str or path
        opened : callable, optional
            Name of a workspace to the workspace: every alert is tried on its data before any is
            kept.
        """
        given = alerts_of_file(path)
        if opened is not None:
            for alert in given:
                tried(alert, opened(alert.workspace))
        out = []
        for alert in given:
            known = self.store.find("alerts", name=alert.name)
            if not known:
                out.append(self.add(alert))
                continue
            plain = alert.plain()
            plain.setdefault("expires", known[0].definition.get("expires", ""))
            out.append(self.store.change("alerts", known[0].id, plain, by=self.by))
        return out

    def get(self, identity: str) -> Alert:
        """One alert by its id."""
        return alert_of(self.store.get("alerts", identity).definition)

    def change(self, identity: str, *, version: int | None = None, **keys: Any) -> Record:
        """Change keys of an alert, such as ``name=`` or ``to=[…]``; None takes a key away."""
        held = self.store.get("alerts", identity)
        plain = {**held.definition, **keys}
        checked = alert_of({key: item for key, item in plain.items() if item is not None})
        return self.store.change("alerts", identity, checked.plain(), by=self.by,
                                 name=checked.name, version=version or held.version)  # fmt: skip

    def copy(self, identity: str) -> Record:
        """The same alert again, its name with “(Copy)”."""
        held = self.store.get("alerts", identity).definition
        return self.add({**held, "name": message("{name} (Copy)", name=held["name"])})

    def enable(self, identity: str) -> Record:
        """Switch an alert on."""
        return self.change(identity, enabled=True)

    def disable(self, identity: str) -> Record:
        """Switch an alert off."""
        return self.change(identity, enabled=False)

    def renew(self, identity: str, *, now: datetime | None = None) -> Record:
        """Let an alert end one year from today, whatever its end was."""
        return self.change(identity, expires=in_a_year(now).isoformat())

    def remove(self, identity: str) -> Record:
        """Take an alert away; its history stays in the store."""
        return self.store.remove("alerts", identity, by=self.by)

    def frame(self, *, everyone: bool = False, now: datetime | None = None) -> pd.DataFrame:
        """The own alerts, or those of everybody, with the columns of `COLUMNS`."""
        moment = now or datetime.now(UTC)
        rows = []
        for record in self.store.find("alerts"):
            if not everyone and record.created_by != self.by:
                continue
            alert = alert_of(record.definition)
            last = self.store.noted("alert_runs", of=record.id, last=1)
            rows.append(
                {"id": record.id, "name": alert.name, "workspace": alert.workspace,
                 "granularity": alert.granularity,
                 "triggers": "; ".join(telling.condition_words(t) for t in alert.triggers),
                 "to": ", ".join(alert.to), "enabled": alert.enabled,
                 "expires": alert.expires,
                 "expired": bool(alert.expires) and running.expiry(alert) <= moment,
                 "last_period": last[0].key if last else "",
                 "last_state": last[0].status if last else "",
                 "owner": record.created_by, "tags": ", ".join(alert.tags)}
            )  # fmt: skip
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def export_csv(self, path: str | Path, *, everyone: bool = False) -> Path:
        """Write the list as CSV."""
        return save_csv(self.frame(everyone=everyone), path)

    def as_yaml(self, identity: str) -> str:
        """One alert as YAML, as `add_file` reads it."""
        return as_yaml(self.get(identity))

    def preview(
        self, identity: str, *, workspace: Workspace | None = None, periods: int | None = None
    ) -> Preview:
        """How often an alert would have fired; see `alert_preview`."""
        alert = self.get(identity)
        opened = workspace or open_workspace(alert.workspace)
        return alert_preview(opened, alert=alert, periods=periods)

    def deliveries(self, identity: str | None = None) -> pd.DataFrame:
        """What was sent, what waits, what failed and why."""
        entries = [e for e in self.store.noted("deliveries") if e.of.startswith(running.PREFIX)]
        if identity is not None:
            entries = [e for e in entries if e.of.startswith(f"{identity}/")]
        names = ["of", "to", "status", "attempts", "said", "at"]
        return pd.DataFrame(running.as_rows(entries), columns=names)

    def run(
        self, *, now: datetime | None = None, only: str | list[str] | None = None,
        opened: Callable[[str], Workspace] | None = None, root: str | Path = ".",
        environment: Mapping[str, str] | None = None,
    ) -> running.Run:  # fmt: skip
        """Evaluate what is due and deliver what waits; see `workbench alerts run`.

        Parameters
        ----------
        now : datetime, optional
            With its zone.
        only : str or list of str, optional
            Ids.
        opened : callable, optional
            Name of a workspace to the workspace; `workbench.open` when left out.
        root : str or path
            Where folders of ``file:`` targets lie.
        environment : mapping, optional
            Of mail server and web addresses; that of the process when left out.
        """
        import os

        chosen = (only,) if isinstance(only, str) else tuple(only or ())
        moment = now or datetime.now(UTC)
        if moment.tzinfo is None:
            raise ArgumentError.of("now", str(now), message("an instant with its zone"))
        return running.run_all(
            running.Options(
                store=self.store, now=moment, opened=opened or open_workspace, only=chosen,
                root=Path(root), by=self.by,
                environment=os.environ if environment is None else environment,
            )
        )  # fmt: skip


def alerts(*, store: str | Path | Store | None = None, by: str | None = None) -> Alerts:
    """The alerts of a store: ``wb.alerts().add({...})``, ``.frame()``, ``.renew(id)``, ``.run()``.

    Parameters
    ----------
    store : str, path or Store, optional
        A file or address; ``WORKBENCH_COLLABORATION``, else a file beside the project.
    by : str, optional
        Who acts; ``WORKBENCH_USER``, else the name of the operating system's user.

    Returns
    -------
    Alerts

    Notes
    -----
    Source: collaboration.md, section 2.
    """
    return Alerts(store if isinstance(store, Store) else open_store(store), user_name(by))


def in_a_year(now: datetime | None = None) -> date:
    """One year from today; from 29 February it is 28 February."""
    today = (now or datetime.now(UTC)).date()
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return today.replace(year=today.year + 1, day=28)


def tried(alert: Alert, workspace: Workspace) -> None:
    """Refuse an alert that could not be evaluated on its data.

    Raises
    ------
    ArgumentError
        For a metric that cannot be asked, and for conditions on what was expected where too little
        happens to expect anything.
    """
    found = alert_preview(workspace, alert=alert, periods=1)
    for trigger, verdict in zip(alert.triggers, found.outcomes[-1].verdicts, strict=True):
        if trigger.when in ANOMALY and verdict.state == "too_few":
            raise ArgumentError(
                message("{label}: {when} cannot be judged: {why}.", label=trigger.label,
                        when=trigger.when, why=verdict.why)
            )  # fmt: skip
