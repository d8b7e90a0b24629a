"""Commands that schedule reports, run what is due, and print schedules for other systems."""

from __future__ import annotations

import argparse
from typing import Any

from workbench.messages import message

FORMS = ("cron", "task-scheduler", "github-actions", "systemd")
UNITS = ("hourly", "daily", "weekly", "monthly", "yearly")


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    one = commands.add_parser("schedule", help=message("make and send reports by themselves"))
    actions = one.add_subparsers(metavar="ACTION", required=True)
    made = _action(actions, "add", _add, message("schedule a report"))
    made.add_argument("--report", required=True, metavar="REPORT")
    made.add_argument(
        "--to", required=True, action="append", metavar="PLACE",
        help=message("mail:ADDRESS, file:FOLDER or a web address; several times"),
    )  # fmt: skip
    _rule_options(made)
    changed = _action(actions, "change", _change, message("change a schedule"))
    changed.add_argument("--to", action="append", metavar="PLACE")
    changed.add_argument("--on", action="store_true", default=None)
    changed.add_argument("--off", action="store_false", dest="on")
    _rule_options(changed)
    _action(actions, "remove", _remove, message("take a schedule away"))
    _action(actions, "show", _show, message("when it is due, and what became of its runs"))
    listed = _action(actions, "list", _list, message("all schedules"), named=False)
    for state in ("active", "off", "expired", "failed"):
        listed.add_argument(f"--{state}", action="append_const", dest="states", const=state)
    printed = _action(actions, "print", _print, message("a schedule as another system writes it"))
    printed.add_argument("--as", dest="form", choices=FORMS, required=True)
    ran = _action(actions, "run", _run, message("do what is due"), named=False)
    ran.add_argument("name", nargs="?", default="", metavar="NAME")
    ran.add_argument("--pages", metavar="DIR", default="reports",
                     help=message("folder of the pages"))  # fmt: skip
    ran.add_argument("--pause", type=float, default=60.0, metavar="SECONDS",
                     help=message("between two attempts"))  # fmt: skip


def _action(
    actions: Any, name: str, run: Any, help_text: str, *, named: bool = True
) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = actions.add_parser(name, help=help_text)
    if named:
        one.add_argument("name", metavar="NAME")
    one.add_argument("--store", metavar="WHERE", help=message("file or address of the store"))
    one.add_argument("--by", metavar="USER", help=message("who does it"))
    one.set_defaults(run=run)
    return one


def _rule_options(one: argparse.ArgumentParser) -> None:
    for unit in UNITS:
        one.add_argument(f"--{unit}", metavar="N", nargs="?", const=1, type=int,
                         help=message("every N of these"))  # fmt: skip
    one.add_argument("--at", metavar="HH:MM")
    one.add_argument("--on-days", dest="weekdays", metavar="DAYS",
                     help=message('such as "mon,thu" or "weekdays"'))  # fmt: skip
    one.add_argument("--day", type=int, metavar="N", help=message("day of the month, 1 to 31"))
    one.add_argument(
        "--nth", metavar="NTH", help=message("first to fourth, or last, with a weekday")
    )
    one.add_argument("--weekday", metavar="DAY")
    one.add_argument("--month", type=int, metavar="N", help=message("of a yearly one"))
    one.add_argument("--start", metavar="DATE")
    one.add_argument("--end", metavar="DATE", help=message("at most a year after the start"))
    one.add_argument("--zone", metavar="ZONE", help=message("whose clock, such as Europe/Berlin"))
    one.add_argument("--as", dest="forms", action="append", metavar="FORM",
                     help=message("html, pdf, xlsx, csv or png; several times"))  # fmt: skip
    one.add_argument("--workspace", metavar="W")
    one.add_argument("--data", metavar="DIR")
    one.add_argument("-p", metavar="KEY=VALUE", action="append", dest="assignments")
    one.add_argument("--link", metavar="URL", help=message("address of the page, for mails"))


def _rule(options: argparse.Namespace) -> dict[str, Any]:
    from workbench.errors import ArgumentError

    units = {unit: every for unit in UNITS if (every := getattr(options, unit)) is not None}
    if len(units) > 1:
        raise ArgumentError.of("rule", ", ".join(units), message("one of them"))
    named = ("at", "weekdays", "day", "nth", "weekday", "month", "start", "end", "zone")
    given = {name: value for name in named if (value := getattr(options, name)) is not None}
    if not units:
        if given:
            raise ArgumentError.of("rule", ", ".join(given), [f"--{unit}" for unit in UNITS])
        return {}
    ((unit, every),) = units.items()
    return {"unit": unit, "every": every, **given}


def _given(options: argparse.Namespace) -> dict[str, Any]:
    named = ("to", "forms", "workspace", "data", "assignments", "link")
    return {name: value for name in named if (value := getattr(options, name)) is not None}


def _store(options: argparse.Namespace) -> Any:
    from workbench.collaboration.store import open_store

    return open_store(options.store)


def _by(options: argparse.Namespace) -> str:
    from workbench.collaboration.store import user_name

    return user_name(options.by)


def _add(options: argparse.Namespace) -> int:
    from workbench.collaboration import schedules
    from workbench.errors import ArgumentError

    rule = _rule(options)
    if not rule:
        raise ArgumentError.of("rule", "", [f"--{unit}" for unit in UNITS])
    made = schedules.add_schedule(
        _store(options), options.name, report=options.report, rule=rule, by=_by(options),
        **_given(options),
    )  # fmt: skip
    print(f"{made.name}: {made.report}, {made.rule}")
    return 0


def _change(options: argparse.Namespace) -> int:
    from workbench.collaboration import schedules

    rule, changes = _rule(options), _given(options)
    if rule:
        changes["rule"] = rule
    if options.on is not None:
        changes["on"] = options.on
    made = schedules.change_schedule(_store(options), options.name, by=_by(options), **changes)
    print(f"{made.name}: {made.report}, {made.rule}")
    return 0


def _remove(options: argparse.Namespace) -> int:
    from workbench.collaboration import schedules

    schedules.remove_schedule(_store(options), options.name, by=_by(options))
    print(message("{name} is removed.", name=options.name))
    return 0


def _list(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from workbench.collaboration import schedules
    from workbench.collaboration.schedules.keeping import last_status

    store, now = _store(options), datetime.now(UTC)
    states = set(options.states or ())
    lines = []
    for one in schedules.schedules(store):
        state, last = one.state(store, now), last_status(store, one)
        if states and not states & {state, last}:
            continue
        lines.append(f"{one.name}  {one.report}  {one.rule}  {state}  {last or '–'}  {one.owner}")
    print("\n".join(lines) or message("No schedule."))
    return 0


def _show(options: argparse.Namespace) -> int:
    from datetime import UTC, datetime

    from workbench.collaboration import schedules
    from workbench.collaboration.schedules.claiming import runs_of
    from workbench.collaboration.schedules.printing import first_times

    store = _store(options)
    one = schedules.schedule_named(store, options.name)
    now = datetime.now(UTC)
    print(f"{one.name}: {one.report} → {', '.join(one.to)} ({', '.join(one.forms)})")
    print(f"{one.rule}  {one.state(store, now)}")
    for due in first_times(one, now):
        print(message("next: {time}", time=f"{due:%Y-%m-%d %H:%M %Z}"))
    for entry in runs_of(store, one)[-20:]:
        why = entry.content.get("why") or entry.content.get("run") or ""
        print(f"{entry.key[:16].replace('T', ' ')}  {entry.status}  {why}".rstrip())
    return 0


def _print(options: argparse.Namespace) -> int:
    from workbench.collaboration import schedules

    one = schedules.schedule_named(_store(options), options.name)
    print(schedules.printed(one, options.form))
    return 0


def _run(options: argparse.Namespace) -> int:
    from workbench.reports.scheduled import run_due

    done = run_due(
        _store(options), name=options.name, folder=options.pages, pause=options.pause,
        say=lambda sentence: print(sentence, flush=True),
    )  # fmt: skip
    return 0 if all(one.ok for one in done) else 1
