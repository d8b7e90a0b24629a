"""Who has which role in a report."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.collaboration.sharing.roles import COPY, EDIT, NONE, Held, check_role, highest, named
from workbench.collaboration.sharing.teams import check_recipients, groups_of, is_admin
from workbench.collaboration.store import Record, Store, Transaction
from workbench.errors import ArgumentError
from workbench.messages import message

# The record of a report that comments ask for its owners too, and who raised himself.
REPORT, RAISED = "report", "raised"


def share_reports(
    store: Store, reports: Sequence[str], *, to: Sequence[str], role: str, by: str
) -> dict[str, list[str]]:
    """Share one report or several; of several, recipients are added and nobody loses a role.

    Parameters
    ----------
    store : Store
    reports : sequence of str
        Names of reports. Whoever shares a report first becomes its owner.
    to : sequence of str
        Users (``mika`` or ``user:mika``) and groups (``group:Sales``).
    role : str
        ``read_only``, ``edit_copy`` or ``edit_original``.
    by : str

    Returns
    -------
    dict
        Report to all its recipients, sorted.

    Raises
    ------
    ArgumentError
        For an unknown role or group, or when `by` may not change the recipients.

    Notes
    -----
    Source: collaboration.md, 4 (bulk share appends; groups: administrators any, others their own
    and never All).
    """
    chosen, wanted = check_reports(reports), check_role(role)
    with store.transaction() as now:
        recipients = check_recipients(now, to, by=by)
        for report in chosen:
            _refuse_unless(now, report, by, "change_recipients")
            _own(now, report, by)
            for recipient in recipients:
                _set(now, report, recipient, wanted, by, add_only=len(chosen) > 1)
        return {report: sorted(_shares(now, report)) for report in chosen}


def stop_sharing(store: Store, report: str, *, to: Sequence[str], by: str) -> list[str]:
    """Take recipients away from a report; return those that are left."""
    (report,) = check_reports([report])
    with store.transaction() as now:
        _refuse_unless(now, report, by, "change_recipients")
        shares = _shares(now, report)
        for text in to:
            target = text if ":" in text else f"user:{text}"
            if target not in shares:
                raise ArgumentError.of("to", text, sorted(shares))
            now.remove("shares", shares[target].id, by=by)
        return sorted(_shares(now, report))


def recipients_of(store: Store | Transaction, report: str) -> dict[str, str]:
    """Recipient to role, in the order of the names; the owner is not among them."""
    shares = _shares(store, report)
    return {name: shares[name].definition["role"] for name in sorted(shares)}


def role_of(store: Store | Transaction, report: str, user: str, *, by_link: bool = False) -> Held:
    """The role that somebody has in a report.

    Parameters
    ----------
    store : Store or Transaction
    report, user : str
    by_link : bool
        Whether the report was opened by a link; without any role it gives administrators
        *Edit original* and everybody else *Edit copy*.

    Notes
    -----
    Source: collaboration.md, 4: of several roles the highest wins; an administrator with a lower
    role has it until he raises himself.
    """
    (report,) = check_reports([report])
    admin = is_admin(store, user)
    if user in owners_of(store, report):
        return Held(user, report, EDIT, message("{user} owns it", user=user))
    if admin and _found(store, report, f"{RAISED}:{user}"):
        said = message("{user} is an administrator and took it up", user=user)
        return Held(user, report, EDIT, said)
    targets = [f"user:{user}", *groups_of(store, user)]
    given = {name: role for name, role in recipients_of(store, report).items() if name in targets}
    if given:
        role = highest(given.values())
        names = ", ".join(name for name, one in given.items() if one == role)
        return Held(user, report, role, message("{role} through {names}", role=named(role),
                                                names=names))  # fmt: skip
    if by_link:
        said = message("opened by a link, without a role of one's own")
        return Held(user, report, EDIT if admin else COPY, said)
    return Held(user, report, NONE, message("not shared with {user}", user=user))


def take_up_role(store: Store, report: str, *, by: str) -> Held:
    """An administrator raises himself to *Edit original*, which he does not have before."""
    with store.transaction() as now:
        if not is_admin(now, by):
            raise ArgumentError(
                message("Only administrators may raise themselves; {user} is none.", user=by)
            )
        (report,) = check_reports([report])
        if not _found(now, report, f"{RAISED}:{by}"):
            now.add("objects", {}, by=by, project=_of(report), name=f"{RAISED}:{by}")
        return role_of(now, report, by)


def owners_of(store: Store | Transaction, report: str) -> list[str]:
    """Who owns a report; the first one first, nobody before it was ever shared."""
    found = store.find("objects", project=report, name=REPORT)
    return list(found[0].definition.get("owners", ())) if found else []


def owner_of(store: Store | Transaction, report: str) -> str:
    """Who owns a report first; empty before it was ever shared."""
    return next(iter(owners_of(store, report)), "")


def refuse_unless(store: Store | Transaction, report: str, by: str, action: str) -> None:
    """Refuse what the role of `by` does not allow; nothing is refused while nobody owns it."""
    _refuse_unless(store, report, by, action)


def become_owner(now: Transaction, report: str, by: str) -> str:
    """Make `by` the owner of a report that has none; return who owns it."""
    _own(now, report, by)
    return owner_of(now, report)


def check_reports(reports: Sequence[str]) -> list[str]:
    """Names of reports, each once.

    Raises
    ------
    ArgumentError
        For a name that is none, such as ``../x``.
    """
    if isinstance(reports, str) or not reports:
        raise ArgumentError.of("reports", reports, message("a list of names"))
    for report in reports:
        bad = not isinstance(report, str) or not report.strip() or len(report) > 200
        if bad or any(sign in report for sign in "/\\:\0") or report.startswith("."):
            raise ArgumentError.of("report", report, message("the name of a report, such as "
                                                             "grow_key_accounts"))  # fmt: skip
    return list(dict.fromkeys(report.strip() for report in reports))


def _refuse_unless(store: Store | Transaction, report: str, by: str, action: str) -> None:
    if not owner_of(store, report):
        return
    held = role_of(store, report, by)
    if not held.may(action):
        raise ArgumentError(
            message(
                "{user} may not do this with {report}: {role} ({why}). Ask {owner}.",
                user=by, report=report, role=named(held.role), why=held.why,
                owner=owner_of(store, report),
            )
        )  # fmt: skip


def _own(now: Transaction, report: str, by: str) -> None:
    found = now.find("objects", project=report, name=REPORT)
    if not found:
        now.add("objects", {"owners": [by]}, by=by, project=report, name=REPORT)
    elif not found[0].definition.get("owners"):
        now.change("objects", found[0].id, {**found[0].definition, "owners": [by]}, by=by)


def _of(report: str) -> str:
    return f"report:{report}"


def _found(store: Store | Transaction, report: str, name: str) -> Record | None:
    found = store.find("objects", project=_of(report), name=name)
    return found[-1] if found else None


def _shares(store: Store | Transaction, report: str) -> dict[str, Record]:
    return {
        record.name: record
        for record in store.find("shares", project=report)
        if record.definition.get("what") == "role"
    }


def _set(
    now: Transaction, report: str, recipient: str, role: str, by: str, *, add_only: bool
) -> None:
    found = _shares(now, report).get(recipient)
    definition = {"what": "role", "role": role}
    if found is None:
        now.add("shares", definition, by=by, project=report, name=recipient)
    elif not add_only and found.definition["role"] != role:
        now.change("shares", found.id, definition, by=by, version=found.version)
