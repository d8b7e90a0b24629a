"""A schedule as cron, Windows Task Scheduler, GitHub Actions and systemd write it.

None of them can say every rule: a printed form comes due at every time of the rule and perhaps at
others, and ``workbench schedule run NAME`` does something only when the rule says so.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import yaml

from workbench.collaboration.schedules.keeping import Schedule
from workbench.collaboration.schedules.rules import NTH, WEEKDAYS, Rule, spoken
from workbench.errors import ArgumentError

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip


@dataclass(frozen=True)
class Fields:
    """The five fields of cron, by some clock."""

    minute: str
    hour: str
    day: str
    month: str
    weekday: str

    def __str__(self) -> str:
        return f"{self.minute} {self.hour} {self.day} {self.month} {self.weekday}"


def printed(schedule: Schedule, form: str, *, folder: Path | None = None) -> str:
    """A schedule in the words of another system.

    Parameters
    ----------
    schedule : Schedule
    form : {"cron", "task-scheduler", "github-actions", "systemd"}
    folder : Path, optional
        Where the project lies; the working folder when left out.

    Raises
    ------
    ArgumentError
        For an unknown form.
    """
    writers: dict[str, Callable[[Schedule, Path], str]] = {
        "cron": _cron,
        "task-scheduler": _task_scheduler,
        "github-actions": _github_actions,
        "systemd": _systemd,
    }
    if form not in writers:
        raise ArgumentError.of("as", form, writers)
    return writers[form](schedule, folder or Path.cwd())


def command_of(schedule: Schedule) -> list[str]:
    """What is to be run when the schedule may be due."""
    found = shutil.which("workbench")
    begin = [found] if found else [sys.executable, "-m", "workbench.cli"]
    return [*begin, "schedule", "run", schedule.name]


def fields_of(rule: Rule) -> Fields:
    """Fields of cron that match every time of a rule by its own clock."""
    hour, minute = (int(part) for part in rule.at.split(":"))
    if rule.unit == "hourly":
        # Hours since the first one and hours of the clock part at a change of the clock.
        return Fields(str(minute), "*", "*", "*", "*")
    days = "*"
    if rule.day:
        days = f"{min(rule.day, 28)}-{rule.day}" if rule.day > 28 else str(rule.day)
    elif rule.nth:
        nth = NTH[rule.nth]
        days = "22-31" if nth < 0 else f"{7 * nth - 6}-{7 * nth}"
    # With a day of the month cron takes either; the weekday is left to the rule.
    weekdays = ",".join(str((WEEKDAYS.index(name) + 1) % 7) for name in rule.weekdays)
    return Fields(str(minute), str(hour), days, str(rule.month or "*"), weekdays or "*")


def _days(rule: Rule) -> list[date]:
    first, last = date.fromisoformat(rule.start), date.fromisoformat(rule.end)
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _offset(zone: ZoneInfo, day: date) -> timedelta:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
    return noon.utcoffset() or timedelta(0)


def _cron(schedule: Schedule, folder: Path) -> str:
    words = " ".join(shlex.quote(word) for word in command_of(schedule)).replace("%", r"\%")
    where = shlex.quote(str(folder)).replace("%", r"\%")
    # What falls into an hour that the clock skips, cron runs when the clock goes on.
    return (
        f"# {spoken(schedule.rule)}\n"
        f"CRON_TZ={schedule.rule.zone}\n"
        f"{fields_of(schedule.rule)} cd {where} && {words}\n"
    )


def _github_actions(schedule: Schedule, folder: Path) -> str:
    content = {
        "name": f"Report {schedule.name}",
        "on": {"schedule": [{"cron": line} for line in _in_utc(schedule.rule)],
               "workflow_dispatch": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": f"schedule-{schedule.name}", "cancel-in-progress": False},
        "jobs": {"report": {
            "runs-on": "ubuntu-latest",
            "env": {name: f"${{{{ secrets.{name} }}}}" for name in (
                "WORKBENCH_COLLABORATION", "WORKBENCH_SMTP_HOST", "WORKBENCH_SMTP_USER",
                "WORKBENCH_SMTP_PASSWORD", "WORKBENCH_SMTP_FROM",
            )},
            "steps": [
                {"uses": "actions/checkout@v4"},
                {"uses": "actions/setup-python@v5", "with": {"python-version": "3.12"}},
                {"run": "pip install -e '.[postgres]' -c constraints.txt"},
                {"run": f"workbench schedule run {shlex.quote(schedule.name)}"},
            ],
        }},
    }  # fmt: skip
    head = f"# {spoken(schedule.rule)}\n# .github/workflows/{schedule.name}.yml\n"
    return head + yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def _in_utc(rule: Rule) -> list[str]:
    """Lines of cron in UTC, one for each difference that the zone has within the rule."""
    fields, zone = fields_of(rule), ZoneInfo(rule.zone)
    if rule.unit == "hourly":
        minutes = sorted({(int(fields.minute) - int(d.total_seconds() // 60)) % 60
                          for d in {_offset(zone, day) for day in _days(rule)}})  # fmt: skip
        return [f"{minute} * * * *" for minute in minutes]
    lines = []
    for offset in sorted({_offset(zone, day) for day in _days(rule)}):
        moment = timedelta(hours=int(fields.hour), minutes=int(fields.minute)) - offset
        shift, rest = divmod(moment, timedelta(days=1))
        hour, minute = divmod(int(rest.total_seconds() // 60), 60)
        line = fields
        if shift:  # the day there is another one than here
            weekdays = ",".join(
                str((WEEKDAYS.index(name) + 1 + shift) % 7) for name in rule.weekdays
            )
            line = Fields("", "", "*", "*", weekdays or "*")
        lines.append(f"{minute} {hour} {line.day} {line.month} {line.weekday}")
    return lines


def _systemd(schedule: Schedule, folder: Path) -> str:
    name = f"workbench-{schedule.name}"
    words = " ".join(_systemd_word(word) for word in command_of(schedule))
    calendars = "\n".join(f"OnCalendar={text}" for text in calendars_of(schedule.rule))
    return (
        f"# ~/.config/systemd/user/{name}.service\n[Unit]\nDescription={schedule.name}\n\n"
        f"[Service]\nType=oneshot\nWorkingDirectory={str(folder).replace('%', '%%')}\n"
        f"ExecStart={words}\n\n"
        f"# ~/.config/systemd/user/{name}.timer\n[Unit]\n"
        f"Description={spoken(schedule.rule)}\n\n[Timer]\n{calendars}\nPersistent=true\n\n"
        f"[Install]\nWantedBy=timers.target\n"
    )


def _systemd_word(word: str) -> str:
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{text}"' if text != word or " " in word else word


def calendars_of(rule: Rule) -> list[str]:
    """Calendar expressions of systemd that match every time of a rule, by its zone."""
    fields = fields_of(rule)
    days = fields.day.replace("-", "..") if fields.day != "*" else "*"
    month = f"{int(fields.month):02d}" if fields.month != "*" else "*"
    names = ",".join(name[:3].capitalize() for name in rule.weekdays)
    hour = "*" if fields.hour == "*" else f"{int(fields.hour):02d}"
    text = f"*-{month}-{days} {hour}:{int(fields.minute):02d}:00 {rule.zone}"
    return [f"{names} {text}" if names else text]


def _task_scheduler(schedule: Schedule, folder: Path) -> str:
    command, *rest = command_of(schedule)
    rule = schedule.rule
    begin = f"{rule.start}T{rule.at}:00"
    # Boundaries are the clock of the machine, which should be that of the rule.
    boundary = (f"<StartBoundary>{begin}</StartBoundary>"
                f"<EndBoundary>{rule.end}T23:59:59</EndBoundary>")  # fmt: skip
    if rule.unit == "hourly":
        trigger = (f"<TimeTrigger><Repetition><Interval>PT1H</Interval></Repetition>{boundary}"
                   "<Enabled>true</Enabled></TimeTrigger>")  # fmt: skip
    else:
        trigger = (f"<CalendarTrigger>{boundary}<Enabled>true</Enabled>{_windows_days(rule)}"
                   "</CalendarTrigger>")  # fmt: skip
    arguments = " ".join(f'"{word}"' if " " in word else word for word in rest)
    text = (
        '<?xml version="1.0"?>\n'
        '<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\n'
        f"<RegistrationInfo><Description>{escape(spoken(rule))}</Description></RegistrationInfo>\n"
        f"<Triggers>{trigger}</Triggers>\n"
        "<Settings><MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>"
        "<StartWhenAvailable>true</StartWhenAvailable>"
        "<ExecutionTimeLimit>PT3H</ExecutionTimeLimit></Settings>\n"
        f'<Actions Context="Author"><Exec><Command>{escape(command)}</Command>'
        f"<Arguments>{escape(arguments)}</Arguments>"
        f"<WorkingDirectory>{escape(str(folder))}</WorkingDirectory></Exec></Actions>\n</Task>\n"
    )
    # Signs of ASCII only: right in whatever encoding the text is saved.
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _windows_days(rule: Rule) -> str:
    if rule.unit == "daily" and not rule.weekdays:
        return f"<ScheduleByDay><DaysInterval>{rule.every}</DaysInterval></ScheduleByDay>"
    if rule.weekdays:
        names = "".join(f"<{name.capitalize()} />" for name in rule.weekdays)
        # Weeks are counted from Monday here, from Sunday there: every week, the rule decides.
        return (f"<ScheduleByWeek><DaysOfWeek>{names}</DaysOfWeek>"
                "<WeeksInterval>1</WeeksInterval></ScheduleByWeek>")  # fmt: skip
    chosen = MONTHS if not rule.month else MONTHS[rule.month - 1 : rule.month]
    months = "<Months>" + "".join(f"<{name} />" for name in chosen) + "</Months>"
    if rule.nth:
        week = "Last" if rule.nth == "last" else str(NTH[rule.nth])
        return (f"<ScheduleByMonthDayOfWeek><Weeks><Week>{week}</Week></Weeks><DaysOfWeek>"
                f"<{rule.weekday.capitalize()} /></DaysOfWeek>{months}"
                "</ScheduleByMonthDayOfWeek>")  # fmt: skip
    days = [str(rule.day)] if rule.day <= 28 else [*map(str, range(28, rule.day + 1)), "Last"]
    listed = "".join(f"<Day>{day}</Day>" for day in dict.fromkeys(days))
    return (f"<ScheduleByMonth><DaysOfMonth>{listed}</DaysOfMonth>{months}"
            "</ScheduleByMonth>")  # fmt: skip


def first_times(schedule: Schedule, moment: datetime, most: int = 3) -> list[datetime]:
    """The next due times of a schedule, in its zone."""
    found = []
    for due in schedule.rule.times(moment, moment.astimezone(UTC) + timedelta(days=400)):
        found.append(due.astimezone(ZoneInfo(schedule.rule.zone)))
        if len(found) == most:
            break
    return found
