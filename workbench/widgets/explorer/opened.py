"""The workspaces that an explorer can ask: the one it was given, and those with a file."""

from __future__ import annotations

from workbench import shelf
from workbench.errors import ArgumentError
from workbench.workspace import Workspace, open_workspace

KIND = "workspaces"


class Opened:
    """Workspaces by name, each opened once.

    Parameters
    ----------
    given : Workspace
        The one to begin with; it stays as it was given, whatever its file says.
    """

    def __init__(self, given: Workspace) -> None:
        self._opened = {given.name: given}

    def offered(self) -> list[list[str]]:
        """Name and label of every workspace that can be chosen."""
        labels = {name: one.title or name for name, one in self._opened.items()}
        names = [*self._opened, *shelf.definitions(KIND)]
        return [[name, labels.get(name, name)] for name in dict.fromkeys(names)]

    def name_of(self, workspace: Workspace) -> str:
        """The name under which a workspace is offered."""
        return next(name for name, one in self._opened.items() if one is workspace)

    def open(self, name: str) -> Workspace:
        """The workspace of a name.

        Raises
        ------
        ArgumentError, WorkspaceFileError, DataError
            When nothing has the name, or its data cannot be used.
        """
        if name not in self._opened:
            if name not in shelf.definitions(KIND):
                raise ArgumentError.of("workspace", name, [one for one, _ in self.offered()])
            self._opened[name] = open_workspace(name)
        return self._opened[name]
