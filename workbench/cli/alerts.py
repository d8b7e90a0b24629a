"""Commands of alerts: evaluate them on a schedule, list, try, make, renew and remove them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from workbench.messages import message

if TYPE_CHECKING:
    from workbench.collaboration.alerts import Alerts


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    group = commands.add_parser("alerts", help=message("evaluate alerts, list and change them"))
    parts = group.add_subparsers(title=message("commands"), metavar="WHAT", required=True)
    _add_run(parts)
    _add_lists(parts)
    for name, words in {
        "enable": message("switch an alert on"),
        "disable": message("switch an alert off"),
        "renew": message("let an alert end one year from today"),
        "copy": message("make the same alert again"),
        "remove": message("take an alert away"),
        "show": message("print an alert as YAML"),
    }.items():
        one = parts.add_parser(name, help=words)
        one.add_argument("ids", nargs="+", metavar="ID", help=message("such as alert-3"))
        _store(one)
        one.set_defaults(run=_each, what=name)


def _add_run(parts: argparse._SubParsersAction) -> None:
    one = parts.add_parser(
        "run",
        help=message("evaluate what is due; exit 0: nothing fired, 1: fired, 2: could not be told"),
    )
    one.add_argument("ids", nargs="*", metavar="ID", help=message("all alerts when left out"))
    one.add_argument("--now", metavar="INSTANT", default="",
                     help=message("with its zone, such as 2026-03-06T09:00+09:00"))  # fmt: skip
    one.add_argument("--data", metavar="DIR", default=None, help=message("folder of the files"))
    one.add_argument("--root", metavar="DIR", default=".",
                     help=message("where folders of file: targets lie"))  # fmt: skip
    one.add_argument("--quiet", action="store_true",
                     help=message("print nothing unless something fired or failed"))  # fmt: skip
    _store(one)
    one.set_defaults(run=_run)


def _add_lists(parts: argparse._SubParsersAction) -> None:
    one = parts.add_parser("list", help=message("list alerts"))
    one.add_argument("--all", action="store_true", dest="everyone",
                     help=message("those of everybody"))  # fmt: skip
    one.add_argument("--csv", metavar="FILE", default="", help=message("write them as CSV"))
    _store(one)
    one.set_defaults(run=_list)
    one = parts.add_parser("add", help=message("keep the alerts of a YAML file"))
    one.add_argument("file", metavar="FILE")
    one.add_argument("--data", metavar="DIR", default=None, help=message("folder of the files"))
    one.add_argument("--unchecked", action="store_true",
                     help=message("without trying them on their data"))  # fmt: skip
    _store(one)
    one.set_defaults(run=_add_file)
    one = parts.add_parser("preview", help=message("how often an alert would have fired"))
    one.add_argument("id", metavar="ID|FILE", help=message("an alert, or a YAML file of alerts"))
    one.add_argument("--data", metavar="DIR", default=None, help=message("folder of the files"))
    one.add_argument("--periods", type=int, default=None,
                     help=message("how many; 30 days, 12 weeks or 12 months"))  # fmt: skip
    _store(one)
    one.set_defaults(run=_preview)
    one = parts.add_parser("sent", help=message("what was sent, what waits, what failed"))
    one.add_argument("id", metavar="ID", nargs="?", default=None)
    _store(one)
    one.set_defaults(run=_sent)


def _store(one: argparse.ArgumentParser) -> None:
    one.add_argument("--store", metavar="ADDRESS", default=None,
                     help=message("file or address of the collaboration store"))  # fmt: skip


def _book(options: argparse.Namespace) -> Alerts:
    from workbench.collaboration.alerts import alerts

    return alerts(store=options.store)


def _run(options: argparse.Namespace) -> int:
    from datetime import datetime

    from workbench.collaboration.alerts.running import run_safely
    from workbench.errors import ArgumentError
    from workbench.workspace import open_workspace

    now = None
    if options.now:
        try:
            now = datetime.fromisoformat(options.now)
        except ValueError:
            raise ArgumentError.of(
                "--now", options.now, message("an instant with its zone")
            ) from None
    found = run_safely(
        lambda: _book(options).run(
            now=now, only=options.ids, root=options.root,
            opened=lambda name: open_workspace(name, root=options.data),
        )
    )  # fmt: skip
    if found.exit_code or not options.quiet:
        print(found)
    return found.exit_code


def _list(options: argparse.Namespace) -> int:
    book = _book(options)
    if options.csv:
        print(book.export_csv(options.csv, everyone=options.everyone))
        return 0
    frame = book.frame(everyone=options.everyone)
    if frame.empty:
        print(message("There are no alerts of yours; --all lists those of everybody."))
    for line in frame.to_dict("records"):
        state = message("expired") if line["expired"] else (
            message("on") if line["enabled"] else message("off")
        )  # fmt: skip
        print(f"{line['id']}  {state}  {line['name']}  {line['granularity']}  {line['triggers']}")
    return 0


def _add_file(options: argparse.Namespace) -> int:
    from workbench.workspace import open_workspace

    opened = None if options.unchecked else lambda name: open_workspace(name, root=options.data)
    for record in _book(options).add_file(options.file, opened=opened):
        print(f"{record.id}  {record.name}")
    return 0


def _preview(options: argparse.Namespace) -> int:
    from pathlib import Path

    from workbench.collaboration.alerts import alert_preview
    from workbench.collaboration.alerts.reading import alerts_of_file
    from workbench.workspace import open_workspace

    if Path(options.id).suffix in (".yaml", ".yml"):
        given = alerts_of_file(options.id)
    else:
        given = [_book(options).get(options.id)]
    for alert in given:
        opened = open_workspace(alert.workspace, root=options.data)
        found = alert_preview(opened, alert=alert, periods=options.periods)
        print(f"{alert.name}: {found.headline()}")
        for sentence in found.reasons():
            print(f"  {sentence}")
    return 0


def _each(options: argparse.Namespace) -> int:
    book = _book(options)
    for identity in options.ids:
        if options.what == "show":
            print(book.as_yaml(identity), end="")
            continue
        record = getattr(book, options.what)(identity)
        print(f"{record.id}  {record.name}  {record.definition.get('expires', '')}".rstrip())
    return 0


def _sent(options: argparse.Namespace) -> int:
    for line in _book(options).deliveries(options.id).to_dict("records"):
        print(f"{line['of']}  {line['status']}  {line['to']}  {line['said']}")
    return 0
