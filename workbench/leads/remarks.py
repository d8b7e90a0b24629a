"""What is told beside the answers about partner leads: what was set aside, and what is odd.

Source: partner-leads.md, sections 1, 3, 4 and 11.
"""

from __future__ import annotations

import numpy as np

from workbench.leads.records import Records
from workbench.leads.states import States
from workbench.messages import message_of_count


def notes_of(records: Records, states: States, mask: np.ndarray) -> list[str]:
    """What was set aside on reading, and what is odd about the leads that are counted."""
    aside = records.set_aside
    later = int((~states.exists).sum())
    counted = {
        _later(later): later,
        _of_test(aside["test"]): aside["test"],
        _outgoing(aside["outgoing"]): aside["outgoing"],
        _undated(aside["undated"]): aside["undated"],
        _unknown_status(aside["unknown status"]): aside["unknown status"],
        _silent(aside["no call to action"]): aside["no call to action"],
        _approximate(n := int((states.approximate & mask).sum())): n,
        _misplaced(n := int((records["misplaced"] & mask).sum())): n,
        _jumped(n := int((states.jumped & mask).sum())): n,
        _late(n := int((states.late & mask).sum())): n,
    }
    return [words for words, count in counted.items() if count]


def long_archived_note(n: int) -> str:
    """How many leads are left out because they were archived long ago."""
    return message_of_count(
        "{count} lead that was archived more than 6 months ago is left out.",
        "{count} leads that were archived more than 6 months ago are left out.",
        n,
    )


def _misplaced(n: int) -> str:
    return message_of_count(
        "The substatus of {count} lead does not belong to its status; the substatus counts.",
        "The substatus of {count} leads does not belong to their status; the substatus counts.",
        n,
    )


def _later(n: int) -> str:
    return message_of_count(
        "{count} lead arrived later.", "{count} leads arrived later.", n
    )  # fmt: skip


def _of_test(n: int) -> str:
    return message_of_count(
        "{count} test lead is left out.", "{count} test leads are left out.", n
    )  # fmt: skip


def _outgoing(n: int) -> str:
    return message_of_count(
        "{count} lead was sent to a partner and is left out.",
        "{count} leads were sent to partners and are left out.",
        n,
    )


def _undated(n: int) -> str:
    return message_of_count(
        "Nobody knows when {count} lead arrived; it is left out.",
        "Nobody knows when {count} leads arrived; they are left out.",
        n,
    )


def _unknown_status(n: int) -> str:
    return message_of_count(
        "The status of {count} lead does not say where it stands; its instants decide.",
        "The status of {count} leads does not say where they stand; their instants decide.",
        n,
    )


def _silent(n: int) -> str:
    return message_of_count(
        "{count} offer lead names no call to action and counts as informational.",
        "{count} offer leads name no call to action and count as informational.",
        n,
    )


def _approximate(n: int) -> str:
    return message_of_count(
        "Nobody wrote when {count} lead was closed: the last change of its row stands in.",
        "Nobody wrote when {count} leads were closed: the last change of their rows stands in.",
        n,
    )


def _jumped(n: int) -> str:
    return message_of_count(
        "{count} lead was won or lost without ever being accepted.",
        "{count} leads were won or lost without ever being accepted.",
        n,
    )


def _late(n: int) -> str:
    return message_of_count(
        "{count} lead was accepted after it had expired; it stays accepted.",
        "{count} leads were accepted after they had expired; they stay accepted.",
        n,
    )


def log_notes(refused: int, unreadable: int) -> list[str]:
    """What the log held that counts for nothing."""
    out = []
    if refused:
        out.append(
            message_of_count(
                "{count} decision of the log had no effect.",
                "{count} decisions of the log had no effect.",
                refused,
            )
        )
    if unreadable:
        out.append(
            message_of_count(
                "{count} line of the log cannot be read.",
                "{count} lines of the log cannot be read.",
                unreadable,
            )
        )
    return out
