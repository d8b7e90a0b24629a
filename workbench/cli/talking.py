"""Commands with which people say something about days and about reports."""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count

LEVELS = ("visual", "project", "user")


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    _add_annotate(commands)
    _add_annotations(commands)
    _add_comment(commands)
    _add_comments(commands)
    _add_mentions(commands)


def _common(one: argparse.ArgumentParser) -> None:
    one.add_argument("--by", metavar="NAME", default=None, help=message("who says it"))
    one.add_argument("--store", metavar="PLACE", default=None, help=message("file or address"))


def _add_annotate(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("annotate", help=message("say something about a day or a range"))
    one.add_argument("title", metavar="TITLE")
    one.add_argument(
        "--on", required=True, metavar="DAY",
        help=message("2026-03-05, 2026-02-25..2026-03-01 or today"),
    )  # fmt: skip
    one.add_argument("--description", metavar="TEXT", default="", help=message("more about it"))
    one.add_argument(
        "--kind", metavar="KIND", default="note",
        help=message("note, holiday, campaign, release, market or tracking"),
    )  # fmt: skip
    one.add_argument("--colour", metavar="#RRGGBB", default="", help=message("instead of kind's"))
    one.add_argument(
        "--repeats", metavar="RULE", default="", help=message("such as FREQ=YEARLY (RFC 5545)")
    )
    several: dict[str, Any] = {"action": "append", "default": [], "metavar": "NAME"}
    one.add_argument("--tag", dest="tags", help=message("may be given several times"), **several)
    one.add_argument(
        "--metric", dest="metrics", help=message("shown where any of these is"), **several
    )
    one.add_argument(
        "--component", dest="components",
        help=message("shown where all of these dimensions, items and segments are"), **several,
    )  # fmt: skip
    one.add_argument("--report", metavar="NAME", default="all", help=message("this report only"))
    one.add_argument("--workspace", metavar="W", default="", help=message("this workspace only"))
    _common(one)
    one.set_defaults(run=_annotate)


def _annotate(options: argparse.Namespace) -> int:
    from workbench.collaboration.annotations import keeping
    from workbench.collaboration.place import user_name
    from workbench.collaboration.projects import project_named
    from workbench.collaboration.store import open_store

    fields = ("title", "on", "description", "kind", "colour", "repeats", "tags", "metrics",
              "components")  # fmt: skip
    given = {name: getattr(options, name) for name in fields}
    given |= {"project": project_named(options.report), "view": _workspace(options.workspace)}
    by, today = user_name(options.by), date.today()
    made = keeping.keep(open_store(options.store), given, by=by, today=today)
    print(message("{id} was kept: {title}", id=made.id, title=made.title))
    return 0


def _workspace(name: str) -> str:
    """A workspace by its name; one that nobody knows is refused, since nothing would show."""
    from workbench.shelf import definitions

    known = definitions("workspaces")
    if name and name not in known:
        raise ArgumentError.of("workspace", name, known)
    return name


def _add_annotations(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("annotations", help=message("list annotations, or take them away"))
    one.add_argument("--report", metavar="NAME", default="", help=message("with those of a report"))
    one.add_argument("--remove", metavar="ID", default="", help=message("take this one away"))
    one.add_argument(
        "--off", metavar="LEVEL=NAME", default="",
        help=message("switch off for a visual, a project or a user"),
    )  # fmt: skip
    one.add_argument("--on", metavar="LEVEL=NAME", default="", help=message("switch on again"))
    _common(one)
    one.set_defaults(run=_annotations)


def _annotations(options: argparse.Namespace) -> int:
    from workbench.collaboration.annotations import keeping
    from workbench.collaboration.place import user_name
    from workbench.collaboration.store import existing_store, open_store

    if options.remove:
        gone = keeping.remove(open_store(options.store), options.remove, by=user_name(options.by))
        print(message("{id} was taken away: {title}", id=gone.id, title=gone.title))
        return 0
    if options.off or options.on:
        level, _, name = (options.off or options.on).partition("=")
        on = bool(options.on)
        by = user_name(options.by)
        keeping.switch(open_store(options.store), level, name, on=on, by=by)
        state = message("on") if on else message("off")
        print(message("Annotations are {state} for {level} {name}.",
                      state=state, level=level, name=name))  # fmt: skip
        return 0
    store = existing_store(options.store)
    found = keeping.kept(store) if store else []
    shown = [one for one in found if one.project in ("", options.report)]
    for one in shown:
        days = str(one.first) if one.first == one.last else f"{one.first}..{one.last}"
        rule = f"  {one.repeats}" if one.repeats else ""
        print(f"{one.id}  {days}{rule}  {one.title}  ({one.by})")
    print(message_of_count("{count} annotation", "{count} annotations", len(shown)))
    return 0


def _add_comment(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("comment", help=message("comment on a report or one of its numbers"))
    one.add_argument("report", metavar="REPORT", help=message("name of the report"))
    one.add_argument("text", metavar="TEXT", help=message("simple markup; - reads it from stdin"))
    _add_place(one)
    one.add_argument("--reply-to", metavar="ID", default="", help=message("answer in a thread"))
    one.add_argument("--quote", action="store_true", help=message("repeat what is answered"))
    one.add_argument("--edit", metavar="ID", default="", help=message("change an own comment"))
    one.add_argument(
        "--workspace", metavar="W", default="", help=message("whose users can be mentioned")
    )
    _common(one)
    one.set_defaults(run=_comment)


def _add_place(one: argparse.ArgumentParser) -> None:
    one.add_argument(
        "--visual", metavar="NAME", default="", help=message("anchor of the visual on the page")
    )
    for part in ("row", "column", "metric", "segment"):
        one.add_argument(f"--{part}", metavar="TEXT", default="", help=message("of a data point"))
    one.add_argument("--pages", metavar="DIR", default="reports", help=message("folder of pages"))


def _comment(options: argparse.Namespace) -> int:
    from workbench.collaboration.comments import talking
    from workbench.collaboration.place import user_name
    from workbench.collaboration.store import open_store

    by = user_name(options.by)
    text = sys.stdin.read() if options.text == "-" else options.text
    people = _people(options.workspace, text)
    store = open_store(options.store)
    if options.edit:
        made = talking.edit(store, options.edit, text, by=by, people=people)
    elif options.reply_to:
        made = talking.reply(
            store, options.reply_to, text, by=by, quote=options.quote, people=people
        )
    else:
        _known_report(options)
        anchor = _anchor(options, options.report)
        made = talking.post(store, options.report, text, by=by, anchor=anchor, people=people)
    print(message("{id} was kept; it stands in the report when it is made the next time.",
                  id=made.id))  # fmt: skip
    return 0


def _known_report(options: argparse.Namespace) -> None:
    """Refuse a report that nobody makes: what is said about it would never be read."""
    from workbench.reports.shelves import names
    from workbench.reports.snapshots import report_names

    made = report_names(Path(options.pages))
    known = [*names("parameters/reports", ".yaml"), *names("notebooks", ".ipynb"), *made]
    if options.report not in known:
        raise ArgumentError.of("report", options.report, dict.fromkeys(known))


def _people(workspace: str, text: str) -> list[Any]:
    if not workspace or "@" not in text:
        return []
    from workbench.collaboration.comments.listing import people_of
    from workbench.workspace import open_workspace

    return people_of(open_workspace(workspace))


def _anchor(options: argparse.Namespace, report: str) -> Any:
    """The place that the options name, with what stands there in the last run that was kept."""
    from workbench.collaboration.comments.listing import anchor_of

    parts = ("row", "column", "metric", "segment")
    point = {part: getattr(options, part) for part in parts if getattr(options, part)}
    table = _kept_table(options.pages, report, options.visual) if point else None
    return anchor_of(None, options.visual, point or None, table)


def _kept_table(pages: str, report: str, visual: str) -> dict[str, Any] | None:
    from workbench.errors import WorkbenchError
    from workbench.reports.files import slug
    from workbench.reports.kept_tables import read_tables
    from workbench.reports.snapshots import find_snapshot

    try:
        run = find_snapshot(Path(pages), report)
    except WorkbenchError:
        return None  # nothing was kept yet: the place is taken as it is said
    for table in read_tables(run.folder):
        if table.anchor in (visual, slug(visual)):
            return {"columns": [dict(column) for column in table.columns],
                    "rows": [list(row) for row in table.rows]}  # fmt: skip
    return None


def _add_comments(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("comments", help=message("list the comments of a report"))
    one.add_argument("report", metavar="REPORT", help=message("name of the report"))
    one.add_argument("--all", action="store_true", dest="every", help=message("settled ones too"))
    acts = one.add_mutually_exclusive_group()
    for name, said in (
        ("resolve", message("settle a thread")), ("reopen", message("open a thread again")),
        ("like", message("like a comment")), ("delete", message("delete for good, with replies")),
        ("history", message("what a comment said before")),
        ("place", message("pin a thread to --visual; take its badge away without one")),
    ):  # fmt: skip
        acts.add_argument(f"--{name}", metavar="ID", default="", help=said)
    acts.add_argument("--off", action="store_true", help=message("switch comments off"))
    acts.add_argument("--on", action="store_true", help=message("switch comments on again"))
    _add_place(one)
    _common(one)
    one.set_defaults(run=_comments)


def _comments(options: argparse.Namespace) -> int:
    from workbench.collaboration.place import user_name
    from workbench.collaboration.store import existing_store, open_store

    asked = ("resolve", "reopen", "like", "delete", "history", "place", "off", "on")
    act = next((name for name in asked if getattr(options, name)), "")
    if act:
        print(_acted(act, options, open_store(options.store), user_name(options.by)))
        return 0
    from workbench.collaboration.comments import talking

    store = existing_store(options.store)
    found = talking.threads(store, options.report) if store else []
    for one in found:
        if options.every or not one.resolved:
            _print_thread(one)
    hidden = 0 if options.every else sum(one.resolved for one in found)
    print(message_of_count("{count} thread", "{count} threads", len(found) - hidden))
    if hidden:
        print(message_of_count("{count} settled (--all)", "{count} settled (--all)", hidden))
    return 0


def _acted(act: str, options: argparse.Namespace, store: Any, by: str) -> str:
    from workbench.collaboration.comments import rights, talking

    identity = getattr(options, act)
    if act in ("resolve", "reopen"):
        talking.resolve(store, identity, by=by, on=act == "resolve")
    elif act == "like":
        talking.like(store, identity, by=by)
    elif act == "delete":
        gone = talking.delete(store, identity, by=by)
        return message_of_count("{count} comment is gone.", "{count} comments are gone.", gone)
    elif act == "place":
        talking.place(store, identity, _anchor(options, options.report), by=by)
    elif act == "history":
        lines = [f"{one['at']:%Y-%m-%d %H:%M}  {one['by']}  {one['text']}"
                 for one in talking.history(store, identity)]  # fmt: skip
        return "\n".join(lines)
    else:
        rights.switch(store, options.report, on=act == "on", by=by)
    return message("Done.")


def _add_mentions(commands: argparse._SubParsersAction) -> None:
    one = commands.add_parser("mentions", help=message("where comments call somebody"))
    one.add_argument("--of", metavar="NAME", default=None, help=message("name or mail address"))
    one.add_argument("--all", action="store_true", dest="every", help=message("seen ones too"))
    one.add_argument("--seen", action="store_true", help=message("mark them as seen"))
    one.add_argument("--store", metavar="PLACE", default=None, help=message("file or address"))
    one.set_defaults(run=_mentions)


def _mentions(options: argparse.Namespace) -> int:
    from workbench.collaboration.comments import talking
    from workbench.collaboration.place import user_name
    from workbench.collaboration.store import existing_store

    store, who = existing_store(options.store), user_name(options.of)
    found = talking.notices(store, who, seen=options.every) if store else []
    for entry in found:
        text = " ".join(str(entry.content.get("text", "")).split())
        report = entry.content.get("project", "")
        print(f"{entry.of}  {report}  {entry.by}  {entry.at:%Y-%m-%d %H:%M}  {text[:120]}")
    print(message_of_count("{count} mention", "{count} mentions", len(found)))
    if store and options.seen:
        talking.mark_seen(store, found)
    return 0


def _print_thread(one: Any) -> None:
    badge = f"[{one.badge}] " if one.shows_badge else ""
    place = " · ".join(p for p in (one.anchor.visual, one.anchor.words, one.anchor.value) if p)
    settled = f" ({message('settled')})" if one.resolved else ""
    for said, indent in ((one, ""), *((answer, "    ") for answer in one.replies)):
        head = f"{badge}{place}{settled}" if said is one else ""
        print(f"{indent}{said.id}  {said.by}  {said.at:%Y-%m-%d %H:%M}  {head}".rstrip())
        for line in said.text.splitlines():
            print(f"{indent}    {line}")
