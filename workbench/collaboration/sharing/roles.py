"""Roles of a report: what each one can, and which of several counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.errors import ArgumentError
from workbench.messages import marked, message

NONE, READ, COPY, EDIT = "none", "read_only", "edit_copy", "edit_original"
# From the lowest to the highest.
ROLES = {
    READ: marked("Read only"),
    COPY: marked("Edit copy"),
    EDIT: marked("Edit original"),
}
_OF_READ = (
    "see", "page_tables", "sort_tables", "hover", "linked_selections", "collapse",
    "expand_flow", "dropdown_filters", "download",
)  # fmt: skip
_OF_COPY = (
    *_OF_READ, "left_panel", "panel_dates", "segments", "table_filters", "settings", "menus",
    "save_as", "comment",
)  # fmt: skip
_OF_EDIT = (*_OF_COPY, "save", "delete", "change_recipients", "give_link", "curate", "schedule")
ACTIONS = {NONE: (), READ: _OF_READ, COPY: _OF_COPY, EDIT: _OF_EDIT}


@dataclass(frozen=True)
class Held:
    """The role that somebody has in a report, and why.

    Attributes
    ----------
    user, report : str
    role : str
        ``none``, ``read_only``, ``edit_copy`` or ``edit_original``.
    why : str
        One sentence.
    """

    user: str
    report: str
    role: str
    why: str

    def may(self, action: str) -> bool:
        """Whether the role can do something."""
        return may(self.role, action)


def may(role: str, action: str) -> bool:
    """Whether a role can do something, such as ``save`` or ``download``.

    Raises
    ------
    ArgumentError
        For an unknown role or action.

    Notes
    -----
    Source: collaboration.md, 4. Read only keeps paging, sorting, hovering, linked selections,
    collapsing, expanding flows, dropdown filters and downloads; it has no panel dates, segments,
    table filters, settings and menus.
    """
    if role not in ACTIONS:
        raise ArgumentError.of("role", role, ACTIONS)
    if action not in _OF_EDIT:
        raise ArgumentError.of("action", action, _OF_EDIT)
    return action in ACTIONS[role]


def check_role(role: str) -> str:
    """A role in its plain form: ``Read only``, ``read-only`` and ``read_only`` are one.

    Raises
    ------
    ArgumentError
    """
    plain = str(role).strip().casefold().replace(" ", "_").replace("-", "_")
    short = {"read": READ, "copy": COPY, "edit": EDIT, "original": EDIT}
    plain = short.get(plain, plain)
    if plain not in ROLES:
        raise ArgumentError.of("role", role, ROLES)
    return plain


def highest(roles: Iterable[str]) -> str:
    """The highest of several roles; ``none`` of nothing."""
    order = [NONE, *ROLES]
    return max(roles, key=order.index, default=NONE)


def named(role: str) -> str:
    """A role as a reader sees it."""
    return message(ROLES[role]) if role in ROLES else message("no role")
