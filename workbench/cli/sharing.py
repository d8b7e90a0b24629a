"""Commands that say who may do what with a report, and give copies to anyone."""

from __future__ import annotations

import argparse
from typing import Any

from workbench.messages import message


def add(commands: argparse._SubParsersAction) -> None:
    """Put the commands of this module into the parser."""
    one = commands.add_parser("share", help=message("who may do what with a report; copies"))
    actions = one.add_subparsers(metavar="ACTION", required=True)
    _add_recipients(actions)
    _add_copies(actions)
    _add_teams(actions)


def _action(actions: Any, name: str, run: Any, text: str, *places: str) -> argparse.ArgumentParser:
    one: argparse.ArgumentParser = actions.add_parser(name, help=text)
    for place in places:
        one.add_argument(place, metavar=place.upper())
    one.add_argument("--store", metavar="WHERE", help=message("file or address of the store"))
    one.add_argument("--by", metavar="USER", help=message("who does it"))
    one.set_defaults(run=run)
    return one


def _add_recipients(actions: Any) -> None:
    one = _action(actions, "add", _add, message("share reports with people and groups"))
    one.add_argument("reports", nargs="+", metavar="REPORT")
    one.add_argument("--to", action="append", required=True, metavar="WHO",
                     help=message("a user, or group:NAME; several times"))  # fmt: skip
    one.add_argument("--role", required=True, metavar="ROLE",
                     help=message("read_only, edit_copy or edit_original"))  # fmt: skip
    one = _action(actions, "stop", _stop, message("take recipients away"), "report")
    one.add_argument("--to", action="append", required=True, metavar="WHO")
    _action(actions, "list", _list, message("owner and recipients of a report"), "report")
    one = _action(actions, "role", _role, message("which role somebody has, and why"), "report",
                  "user")  # fmt: skip
    one.add_argument("--by-link", action="store_true", help=message("opened by a link"))
    _action(actions, "take-up", _take_up, message("an administrator raises himself"), "report")
    one = _action(actions, "parts", _parts, message("what readers may see"), "report")
    for name in ("add", "remove", "hide"):
        one.add_argument(f"--{name}", action="append", default=[], metavar="PART")
    one.add_argument("--pages", metavar="DIR", default="reports")
    one = _action(actions, "settings", _settings, message("saved settings of a report"), "report")
    one.add_argument("--save", metavar="FILE", help=message("a YAML file to save"))
    one.add_argument("--version", type=int, default=0, metavar="N",
                     help=message("the version that was read"))  # fmt: skip


def _add_copies(actions: Any) -> None:
    one = _action(actions, "copy", _copy, message("one HTML file for anyone"), "report")
    one.add_argument("--until", metavar="DATE", help=message("last day, a year ahead at most"))
    one.add_argument("--least", type=int, default=5, metavar="N",
                     help=message("smallest group that is shown; 0 shows all"))  # fmt: skip
    one.add_argument("--keep-names", action="store_true", help=message("replace no name"))
    one.add_argument("--comments", action="store_true", help=message("comments too"))
    one.add_argument(
        "--password", action="store_true",
        help=message("ask for a password, or take WORKBENCH_SHARE_PASSWORD"),
    )  # fmt: skip
    one.add_argument("--renew", action="store_true", help=message("a new link; the old one dies"))
    one.add_argument("--pages", metavar="DIR", default="reports")
    one = _action(actions, "end", _end, message("switch a link off"), "report")
    one.add_argument("--pages", metavar="DIR", default="reports")
    _action(actions, "link", _link, message("the link of a report"), "report")
    for name, text in (
        ("forbid", message("forbid links for anyone, existing ones stop")),
        ("allow", message("allow links for anyone again")),
    ):
        one = _action(actions, name, _policy, text)
        one.add_argument("--pages", metavar="DIR", default="reports")
        one.set_defaults(allowed=name == "allow")


def _add_teams(actions: Any) -> None:
    one = _action(actions, "group", _group, message("members of a group"), "name")
    one.add_argument("--members", metavar="NAMES", help=message("all of them, with commas"))
    for name, run, text in (
        ("admin", _admin, message("make somebody an administrator")),
        ("disable", _disable, message("disable an account")),
    ):
        one = _action(actions, name, run, text, "user")
        one.add_argument("--no", action="store_true", help=message("no longer"))


def _store(options: argparse.Namespace) -> Any:
    from workbench.collaboration.store import open_store

    return open_store(options.store)


def _by(options: argparse.Namespace) -> str:
    from workbench.collaboration.store import user_name

    return user_name(options.by)


def _add(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    made = sharing.share_reports(
        _store(options), options.reports, to=options.to, role=options.role, by=_by(options)
    )
    for report, recipients in made.items():
        print(f"{report}: {', '.join(recipients)}")
    return 0


def _stop(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    left = sharing.stop_sharing(_store(options), options.report, to=options.to, by=_by(options))
    print(f"{options.report}: {', '.join(left) or '–'}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing
    from workbench.collaboration.sharing.recipients import owners_of
    from workbench.collaboration.sharing.roles import named

    store = _store(options)
    owners = ", ".join(owners_of(store, options.report))
    print(message("owner: {names}", names=owners or "–"))
    for name, role in sharing.recipients_of(store, options.report).items():
        print(f"{name}: {named(role)}")
    return 0


def _role(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing
    from workbench.collaboration.sharing.roles import named

    held = sharing.role_of(_store(options), options.report, options.user, by_link=options.by_link)
    print(f"{named(held.role)}: {held.why}")
    return 0


def _take_up(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    print(sharing.take_up_role(_store(options), options.report, by=_by(options)).why)
    return 0


def _parts(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing
    from workbench.reports.bundles.giving import used_parts

    store, used = _store(options), used_parts(options.report, options.pages)
    if options.add or options.remove or options.hide:
        seen = sharing.choose_parts(
            store, options.report, by=_by(options), add=options.add, remove=options.remove,
            hide=options.hide, used=used,
        )  # fmt: skip
    else:
        seen = sharing.parts_for(store, options.report, role="read_only", used=used)
    print("\n".join(seen) or message("nothing"))
    return 0


def _settings(options: argparse.Namespace) -> int:
    import yaml

    from workbench.collaboration import sharing

    store = _store(options)
    if options.save:
        from pathlib import Path

        from workbench.reports.shelves import read_yaml

        content = read_yaml(Path(options.save))
        version = sharing.save_settings(
            store, options.report, content, by=_by(options), version=options.version
        )
        print(message("{report} was saved as version {n}.", report=options.report, n=version))
        return 0
    content, version = sharing.settings_of(store, options.report)
    print(message("# version {n}", n=version))
    print(yaml.safe_dump(content, allow_unicode=True, sort_keys=False).rstrip())
    return 0


def _copy(options: argparse.Namespace) -> int:
    from workbench.reports.bundles.giving import give_copy

    made = give_copy(
        _store(options), options.report, by=_by(options), folder=options.pages,
        expires=options.until, least=options.least, pseudonyms=not options.keep_names,
        comments=options.comments, password=_password() if options.password else "",
        renew=options.renew,
    )  # fmt: skip
    print(made.path)
    for sentence in made.said:
        print(f"- {sentence}")
    return _removed(made.removed)


def _password() -> str:
    import getpass
    import os

    from workbench.reports.bundles.giving import PASSWORD

    return os.environ.get(PASSWORD) or getpass.getpass(message("Password: "))


def _end(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing
    from workbench.reports.bundles.giving import sweep

    store = _store(options)
    sharing.end_link(store, options.report, by=_by(options))
    print(message("The link of {report} is dead. Files that somebody has kept cannot be taken "
                  "back.", report=options.report))  # fmt: skip
    return _removed(sweep(store, options.pages))


def _removed(names: Any) -> int:
    for name in names:
        print(message("taken away: {name}", name=name))
    return 0


def _link(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    link = sharing.link_of(_store(options), options.report)
    print(message("{file} of {owner}, until {day}: {state}", file=link.file_name,
                  owner=link.owner, day=link.expires.isoformat(), state=link.state))  # fmt: skip
    return 0


def _policy(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing
    from workbench.reports.bundles.giving import sweep

    store = _store(options)
    if options.allowed:
        sharing.allow_links(store, by=_by(options))
        print(message("New links for anyone may be given; those that were stopped stay dead."))
        return 0
    ended = sharing.forbid_links(store, by=_by(options))
    print(message("Links for anyone are forbidden. Stopped: {names}.",
                  names=", ".join(ended) or "–"))  # fmt: skip
    return _removed(sweep(store, options.pages))


def _group(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    store = _store(options)
    if options.members is None:
        members = sharing.members_of(store, f"group:{options.name}")
    else:
        names = [name.strip() for name in options.members.split(",") if name.strip()]
        members = sharing.set_group(store, options.name, names, by=_by(options))
    print(", ".join(members) or "–")
    return 0


def _admin(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    made = sharing.make_admin(
        _store(options), options.user, by=_by(options), is_admin=not options.no
    )
    print(", ".join(made) or "–")
    return 0


def _disable(options: argparse.Namespace) -> int:
    from workbench.collaboration import sharing

    made = sharing.disable_user(
        _store(options), options.user, by=_by(options), is_disabled=not options.no
    )
    print(", ".join(made) or "–")
    return 0
