"""Groups, administrators and disabled accounts, as the store of collaboration knows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from workbench.collaboration.store import Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

PROJECT = "sharing:teams"
ALL, ADMINS, DISABLED = "all", "administrators", "disabled"
_TARGET = re.compile(r"(user|group):(.+)\Z", re.DOTALL)


def set_group(store: Store, name: str, members: Iterable[str], *, by: str) -> list[str]:
    """Make a group or give it other members; administrators only, once there is one.

    Parameters
    ----------
    store : Store
    name : str
        Any but ``All``, which holds everybody.
    members : iterable of str
        User names.
    by : str

    Returns
    -------
    list of str
        The members, sorted.
    """
    if name.strip().casefold() in (ALL, ADMINS, DISABLED) or not name.strip():
        raise ArgumentError.of("group", name, message("a name other than All, administrators "
                                                      "and disabled"))  # fmt: skip
    with store.transaction() as now:
        _refuse_others(now, by)
        return _set(now, f"group:{name.strip()}", members, by)


def make_admin(store: Store, user: str, *, by: str, is_admin: bool = True) -> list[str]:
    """Make somebody an administrator, or no longer; return who is one.

    The first one may be made by anybody; the last one stays.
    """
    with store.transaction() as now:
        _refuse_others(now, by)
        members = set(members_of(now, ADMINS))
        kept = members | {_user(user)} if is_admin else members - {_user(user)}
        if members and not kept:
            raise ArgumentError.of("user", user, message("anybody but the last administrator"))
        return _set(now, ADMINS, kept, by)


def disable_user(store: Store, user: str, *, by: str, is_disabled: bool = True) -> list[str]:
    """Disable an account, or enable it again; what it schedules stops. Return who is disabled."""
    with store.transaction() as now:
        _refuse_others(now, by)
        members = set(members_of(now, DISABLED))
        kept = members | {_user(user)} if is_disabled else members - {_user(user)}
        return _set(now, DISABLED, kept, by)


def members_of(store: Store | Transaction, name: str) -> list[str]:
    """Members of a group (``group:NAME``), of ``administrators`` or of ``disabled``, sorted."""
    found = store.find("objects", project=PROJECT, name=name)
    return sorted(found[-1].definition["members"]) if found else []


def groups_of(store: Store | Transaction, user: str) -> list[str]:
    """Targets that a user is reached by: each of the own groups, and ``group:All``."""
    return ["group:All", *(
        record.name
        for record in store.find("objects", project=PROJECT)
        if record.name.startswith("group:") and user in record.definition["members"]
    )]  # fmt: skip


def is_admin(store: Store | Transaction, user: str) -> bool:
    """Whether somebody is an administrator."""
    return user in members_of(store, ADMINS)


def is_disabled(store: Store | Transaction, user: str) -> bool:
    """Whether an account is disabled."""
    return user in members_of(store, DISABLED)


def check_recipients(store: Store | Transaction, given: Sequence[str], *, by: str) -> list[str]:
    """Recipients in their plain form: ``user:NAME`` (also only the name) or ``group:NAME``.

    Raises
    ------
    ArgumentError
        For a group that is unknown, that `by` does not belong to, or ``All`` by anybody but an
        administrator (collaboration.md, 4).
    """
    if isinstance(given, str) or not given:
        raise ArgumentError.of("to", given, message("names, or group:NAME"))
    admin, own = is_admin(store, by), set(groups_of(store, by))
    known = {r.name: r.name for r in store.find("objects", project=PROJECT) if ":" in r.name}
    known["group:All"] = "group:All"
    found = []
    for text in given:
        match = _TARGET.match(str(text).strip())
        kind, name = match.groups() if match else ("user", str(text).strip())
        if not name.strip() or len(name) > 200 or any(ord(sign) < 32 for sign in name):
            raise ArgumentError.of("to", text, message("names, or group:NAME"))
        target = f"{kind}:{name.strip()}"
        if kind == "group" and name.strip().casefold() == ALL:
            target = "group:All"
        if kind == "group" and target not in known:
            raise ArgumentError.of("to", text, sorted(known))
        if kind == "group" and not admin and (target == "group:All" or target not in own):
            raise ArgumentError.of(
                "to", text, message("a group of which {name} is a member; administrators may share "
                                    "with every one", name=by),
            )  # fmt: skip
        found.append(target)
    return list(dict.fromkeys(found))


def _refuse_others(now: Transaction, by: str) -> None:
    admins = members_of(now, ADMINS)
    if admins and by not in admins:
        raise ArgumentError(
            message("Only administrators may do this: {names}.", names=", ".join(admins))
        )


def _set(now: Transaction, name: str, members: Iterable[str], by: str) -> list[str]:
    kept = sorted({_user(member) for member in members})
    found = now.find("objects", project=PROJECT, name=name)
    if found:
        now.change("objects", found[-1].id, {"members": kept}, by=by)
    else:
        now.add("objects", {"members": kept}, by=by, project=PROJECT, name=name)
    return kept


def _user(name: str) -> str:
    plain = str(name).strip().removeprefix("user:")
    if not plain or plain.startswith("group:"):
        raise ArgumentError.of("user", name, message("the name of a user"))
    return plain
