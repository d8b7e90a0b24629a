"""What is asked of the score, as checked values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.sales.deals import Deals
from workbench.sales.score.fields import FORBIDDEN, columns_to_judge, never_used_because
from workbench.sales.score.grades import Grades
from workbench.vocabulary.periods import Period, microseconds_of

if TYPE_CHECKING:
    from workbench.workspace import Workspace

ROLES = "roles"


@dataclass(frozen=True)
class Question:
    """What is scored, and by which model.

    Attributes
    ----------
    workspace : Workspace
    instant : int
        Microseconds since 1970 up to which everything is known.
    as_of : str
        The same as a date of the reporting zone.
    where : Any
        Condition on deals.
    learner, snapshots : str
    fields : tuple of str
        Columns of the opportunities as they stand now that take part.
    roles_now : bool
        Whether roles without date are taken as they stand now.
    owner_history : bool
    weights : str
    grades : Grades
    """

    workspace: Workspace
    instant: int
    as_of: str
    where: Any
    learner: str
    snapshots: str
    fields: tuple[str, ...]
    roles_now: bool
    owner_history: bool
    weights: str
    grades: Grades

    def plain(self) -> dict[str, Any]:
        """The question as plain values that ask it again."""
        chosen = [*self.fields, *([ROLES] if self.roles_now else [])]
        return {
            "analysis": "score",
            "as_of": self.as_of,
            "learner": self.learner,
            "snapshots": self.snapshots,
            "where": _plain(self.where),
            "fields": chosen,
            "owner_history": self.owner_history,
            "weights": self.weights,
            "grades": self.grades.plain(),
        }


def _plain(where: Any) -> Any:
    return where.plain() if hasattr(where, "plain") else where


def instant_of(workspace: Workspace, as_of: Any) -> tuple[int, str]:
    """The last instant that is looked at, and its day in the reporting zone.

    A later one than the newest of the data changes nothing: the data know no more.
    """
    from workbench.results.numbers import day

    zone, last = workspace.settings.report_tz, microseconds_of(workspace.as_of)
    newest = day(workspace.as_of, zone)
    if as_of is None or as_of == "":
        return last, newest
    end = Period.parse(str(as_of), zone, workspace.as_of, "as_of").bounds()[1] - 1
    return (last, newest) if end >= last else (end, str(as_of).strip())


def chosen_fields(deals: Deals, fields: Any, usual: tuple[str, ...]) -> tuple[list[str], bool]:
    """Columns that take part, and whether roles do; ``"all"`` for every one that may.

    Raises
    ------
    ArgumentError
        For a column that is never allowed.
    AbsentError
        For one that the opportunities do not have.
    """
    able = columns_to_judge(deals)
    if fields is None:
        return [name for name in usual if name in able], False
    if fields == "all":
        return able, True
    if isinstance(fields, str) or not isinstance(fields, list | tuple | set | frozenset):
        raise ArgumentError.of(
            "fields", fields, message("a list of columns of the opportunities, or 'all'")
        )
    out, roles = [], False
    for name in fields:
        if name in FORBIDDEN:
            raise ArgumentError.of("fields", name, [*able, ROLES], never_used_because(name))
        if name == ROLES:
            roles = True
        elif name in able:
            out.append(str(name))
        elif f"x_{name}" in able:
            out.append(f"x_{name}")
        else:
            raise AbsentError.of("fields", name, [*able, ROLES])
    return sorted(set(out)), roles
