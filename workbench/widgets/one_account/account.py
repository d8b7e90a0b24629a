"""The page of one account in JupyterLab: chosen by name, narrowed to a time."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from workbench.errors import ArgumentError, WorkbenchError
from workbench.journeys.timeline import timeline
from workbench.messages import message
from workbench.widgets.explorer.controls import as_yaml
from workbench.widgets.explorer.history import History
from workbench.widgets.one_account.sections import Asked, name_of, sections
from workbench.workspace import Workspace

MOST_FOUND = 60


class AccountPage:
    """One account's history, people, opportunities, relationship and comments.

    Attributes
    ----------
    workspace : Workspace

    Notes
    -----
    Source: design.md, the use case "grow key accounts".
    """

    def __init__(self, workspace: Workspace, account: str | None, period: str | None) -> None:
        self.workspace = workspace
        found = timeline(workspace, account=account, period=period)
        self._history = History(_plain(str(found.definition["account"]), period))
        self._sections = sections(self._asked(self.definition))

    @property
    def definition(self) -> dict[str, Any]:
        """Which account and period; plain values."""
        return self._history.now

    @property
    def yaml(self) -> str:
        """The definition as text."""
        return as_yaml(self.definition)

    @property
    def python(self) -> str:
        """The call that shows the same."""
        given = ", ".join(f"{name}={value!r}" for name, value in self.definition.items())
        return f"wb.account_page(ws, {given})"

    def __repr__(self) -> str:
        name = name_of(self.workspace, self.definition["account"])
        return message("Page of {account}", account=name or self.definition["account"])

    @cached_property
    def widget(self) -> Any:
        """What a notebook shows."""
        from workbench.widgets.one_account.view import view_of

        return view_of(self)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def sections(self) -> list[dict[str, Any]]:
        """The parts of the page as plain values."""
        return self._sections

    def heard(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Do what the page asks for and return what it is to be told."""
        try:
            return self._did(said)
        except WorkbenchError as refused:
            field = str(said.get("name") or "account")
            return [{"say": "problem", "field": field, "sentence": str(refused)}]

    def _did(self, said: Mapping[str, Any]) -> list[dict[str, Any]]:
        kind = said.get("do")
        if kind == "search":
            found = self.find(str(said.get("text", "")))
            return [{"say": "found", "id": said.get("id"), **found}]
        if kind == "hello":
            return self._told()
        if kind == "set":
            self._set(str(said.get("name")), said.get("value"))
            return self._told()
        if kind in ("undo", "redo"):
            if self._history.undo() if kind == "undo" else self._history.redo():
                self._sections = sections(self._asked(self.definition))
            return self._told()
        return []

    def _set(self, name: str, value: Any) -> None:
        """Change one part of the definition; what cannot be shown leaves everything as it is."""
        if name not in ("account", "period"):
            raise ArgumentError.of("name", name, ("account", "period"))
        wanted = {"account": self.definition["account"], "period": self.definition.get("period")}
        wanted[name] = str(value or "").strip() or None
        if wanted["account"] is None:
            raise ArgumentError.of("account", value, message("the name or key of an account"))
        asked = timeline(self.workspace, account=wanted["account"], period=wanted["period"])
        plain = _plain(str(asked.definition["account"]), wanted["period"])
        made = sections(self._asked(plain))
        if self._history.put(plain):
            self._sections = made

    def find(self, text: str) -> dict[str, Any]:
        """Accounts whose name or key holds a text, regardless of case."""
        names = self._names
        low = text.strip().casefold()
        hit = names["folded"].str.contains(low, regex=False) if low else names["folded"].notna()
        found = names[hit.to_numpy(bool)]
        items = [
            {"value": row.key, "label": row.label}
            for row in found.head(MOST_FOUND).itertuples(index=False)
        ]
        return {"items": items, "found": len(found), "total": len(names)}

    @cached_property
    def _names(self) -> pd.DataFrame:
        keys = pd.Series(self.workspace.events.dictionary("account_id").to_pylist(), dtype="str")
        frame = pd.DataFrame({"key": keys})
        if self.workspace.has("accounts", "name"):
            query = (
                "SELECT account_id::VARCHAR AS key, min(name) AS name FROM accounts GROUP BY ALL"
            )
            frame = frame.merge(self.workspace.sql(query), how="left", on="key")
        else:
            frame["name"] = None
        known = frame["name"].where(frame["name"].notna(), frame["key"]).astype(str)
        frame["label"] = known.where(known == frame["key"], known + " · " + frame["key"])
        frame["folded"] = frame["label"].str.casefold()
        return frame.sort_values(["folded", "key"], ignore_index=True)

    def _asked(self, definition: Mapping[str, Any]) -> Asked:
        return Asked(self.workspace, definition["account"], definition.get("period"))

    def _told(self) -> list[dict[str, Any]]:
        account = self.definition["account"]
        shown = {
            "account": account, "name": name_of(self.workspace, account) or account,
            "period": self.definition.get("period") or "", "yaml": self.yaml,
            "python": self.python, "undo": self._history.can_undo,
            "redo": self._history.can_redo, "sections": self._sections,
        }  # fmt: skip
        return [{"say": "shown", "shown": shown}]


def _plain(account: str, period: str | None) -> dict[str, Any]:
    return {"account": account, **({"period": period} if period else {})}


def account_page(
    workspace: Workspace, *, account: str | None = None, period: str | None = None
) -> AccountPage:
    """Look at one account as a whole in JupyterLab.

    Parameters
    ----------
    workspace : Workspace
    account : str, optional
        Its key or name; the one that went through most different milestones when left out.
    period : str, optional
        Range of dates of the reporting zone that its history is told of.

    Returns
    -------
    AccountPage
        Shows itself in a notebook: a history to zoom into with its milestones, people and roles,
        opportunities, relationship and comments; ``definition``, ``yaml`` and ``python`` say what
        is shown.

    Raises
    ------
    ArgumentError
        For an account that is not there, with the closest names.

    Notes
    -----
    Source: design.md, the use case "grow key accounts".
    """
    return AccountPage(workspace, account, period or None)
