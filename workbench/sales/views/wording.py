"""Sentences of list views and reports: scope, filters, what was left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.sales.views.amounts import compared_as_they_are
from workbench.sales.views.model import Asked, Filter

if TYPE_CHECKING:
    from workbench.sales.views.result import ListView


def scope_in_words(asked: Asked) -> str:
    """Whose rows are meant; empty for all."""
    if asked.scope == "mine":
        return message("Only rows that the user owns.")
    if asked.scope == "team":
        return message(
            "Only rows owned by the user, by the same team, or by people led by the user."
        )
    if asked.scope == "queue":
        return message("Only rows in a queue: without an owner among the users.")
    return ""


def filter_in_words(item: Filter) -> str:
    """One filter as it is written."""
    value = "" if item.value is None else f" {_value(item.value)}"
    return f"{item.field} {item.operator}{value}"


def _value(value: object) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def logic_in_words(asked: Asked) -> str:
    """The filters with their numbers, and how missing values are treated."""
    if not asked.filters:
        return ""
    listed = " · ".join(f"({n}) {filter_in_words(f)}" for n, f in enumerate(asked.filters, 1))
    out = message("Filters: {filters}.", filters=listed)
    if asked.logic.strip():
        out += " " + message("Joined as {logic}.", logic=asked.logic.strip())
    if asked.null_is_false:
        return out + " " + message("A comparison with a missing value counts as false.")
    return out + " " + message("A comparison with a missing value is unknown and keeps no row.")


def looking_back() -> str:
    """What looking from an earlier day does not change."""
    return message(
        "Seen from the earlier day: deals stand as they stood then (stage, amount, dates, owner, "
        "whether closed), rows created later are left out; all other values are those of the "
        "table now."
    )


def view_notes(view: ListView) -> list[str]:
    """What a list view left out or could not apply."""
    out = []
    if view.counts["unknown"]:
        out.append(
            message("{n} more rows could not be judged, because a value is missing.",
                    n=numbers.count(view.counts["unknown"]))
        )  # fmt: skip
    out += compared_as_they_are(view.objects, view.asked.filters, view.asked.money)
    if view.left_out:
        out.append(
            message("These data do not hold {columns}; the list is without them.",
                    columns=", ".join(view.left_out))
        )  # fmt: skip
    if view.looked_back:
        out.append(looking_back())
    states = view.edits["state"].value_counts()
    if states.get("shown"):
        out.append(
            message_of_count("{count} value is an edit laid over the source.",
                             "{count} values are edits laid over the source.",
                             int(states["shown"]))
        )  # fmt: skip
    held = int(states.get("conflict", 0)) + int(states.get("gone", 0))
    if held:
        out.append(
            message_of_count("{count} edit is not shown: the source changed since.",
                             "{count} edits are not shown: the source changed since.", held)
        )  # fmt: skip
    return out
