"""Schedules: when a report is made and sent, who is told when it fails, and who else can run it.

Flow: `rules` says when, as the local clock has it; `keeping` holds what is scheduled in the store;
`claiming` gives each due time to one runner, counts attempts and tells the owner; `printing` writes
the same rule for cron, Windows, GitHub Actions and systemd. What runs reports stands in
`workbench.reports.scheduled`.

Source: collaboration.md, section 4.2.
"""

from workbench.collaboration.schedules.keeping import (
    Schedule,
    add_schedule,
    change_schedule,
    remove_schedule,
    schedule_named,
    schedules,
)
from workbench.collaboration.schedules.printing import printed
from workbench.collaboration.schedules.rules import Rule

__all__ = [
    "Rule",
    "Schedule",
    "add_schedule",
    "change_schedule",
    "printed",
    "remove_schedule",
    "schedule_named",
    "schedules",
]
