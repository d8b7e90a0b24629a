"""What was known of each deal at each look: features as numbers and levels.

Nothing at or after the instant of a look takes part, but the save that entered the stage.

Source: sales-pipeline.md, section 7 (features).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from workbench import money
from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.sales.deals import NO_DAY, Deals
from workbench.sales.history import DAY, History
from workbench.sales.score.fields import Field
from workbench.sales.score.gathering import Contacts, Record, Timed, activities_of, roles_of
from workbench.sales.score.kernels import walked
from workbench.sales.score.snapshots import Rows
from workbench.sales.score.standing import begun_at, changes_of
from workbench.sales.stays import Stays, stays_of

RECENT_DAYS = 30
_kept: WeakKeyDictionary[object, Sources] = WeakKeyDictionary()


@dataclass(frozen=True)
class Feature:
    """One feature of all looks.

    Attributes
    ----------
    name : str
    kind : str
        ``count``, ``days``, ``stay`` (days in the present stage), ``money``, ``ratio`` (a
        logarithm of odds), ``number`` or ``level``.
    values : numpy.ndarray of float
        Not a number where missing; for levels their place in `levels`, −1 where missing.
    levels : tuple of str
        Names of the levels.
    now : bool
        Known only as it stands now.
    """

    name: str
    kind: str
    values: np.ndarray
    levels: tuple[str, ...] = ()
    now: bool = False

    def taken(self, chosen: np.ndarray) -> Feature:
        """The feature of some of the looks."""
        return Feature(self.name, self.kind, self.values[chosen], self.levels, self.now)


class Sources:
    """Everything that features are read from, prepared once for a workspace."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.deals: Deals = history.deals

    @cached_property
    def saves(self) -> tuple[np.ndarray, ...]:
        """What is known after each save, as `workbench.sales.score.kernels.walked` gives it."""
        found = self.history
        return walked(
            found.offsets, found.at, found.stage, found.amount, found.expected_on,
            np.int32(NO_DAY),
        )  # fmt: skip

    @cached_property
    def accounts(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of each deal's account, and the keys of the accounts."""
        return self.deals.coded("account_id")

    @cached_property
    def contacts(self) -> dict[str, Contacts]:
        """Activities by direction."""
        return activities_of(self.deals, self.accounts[1])

    @cached_property
    def roles(self) -> tuple[Timed | None, np.ndarray | None]:
        """People with a role: by time, and as they stand now."""
        return roles_of(self.deals)

    @cached_property
    def stays(self) -> Stays:
        """How long deals stayed in each stage."""
        return stays_of(self.history)

    @cached_property
    def begun(self) -> np.ndarray:
        """When each deal began."""
        return begun_at(self.history)

    @cached_property
    def account_record(self) -> Record:
        """Wins and losses of the accounts."""
        codes, names = self.accounts
        return Record.of(changes_of(self.history), codes, len(names))

    @cached_property
    def owner_record(self) -> Record:
        """Wins and losses of the owners."""
        codes, names = self.deals.coded("owner_id")
        return Record.of(changes_of(self.history), codes, len(names))


def sources_of(history: History) -> Sources:
    """The sources of a workspace's features; prepared once."""
    workspace = history.deals.workspace
    if workspace not in _kept:
        _kept[workspace] = Sources(history)
    return _kept[workspace]


def features_of(
    sources: Sources, rows: Rows, fields: Mapping[str, Field], *, owner: bool, roles_now: bool
) -> dict[str, Feature]:
    """All features that the data hold, of every look.

    Parameters
    ----------
    fields : mapping
        Columns as they stand now that may be used.
    owner : bool
        Whether the owner's wins and losses so far take part.
    roles_now : bool
        Whether roles without date are taken as they stand now.
    """
    stage, entered, amount, pushes, changes = (a[rows.place] for a in sources.saves)
    found = sources.history
    out = [
        Feature("stage", "level", stage.astype(float), _stage_names(sources.deals)),
        Feature("days_in_stage", "stay", (rows.at - entered) / DAY),
        Feature("age", "days", (rows.at - sources.begun[rows.deal]) / DAY),
    ]
    converted = _converted(sources.deals, rows, amount)
    if converted is not None and not np.isnan(found.amount).all():
        out.append(Feature("amount", "money", converted))
        out.append(Feature("amount_changes", "count", changes.astype(float)))
    if (found.expected_on != NO_DAY).any():
        out.append(Feature("pushes", "count", pushes.astype(float)))
    out += _contacts(sources, rows)
    out += _people(sources, rows, roles_now)
    codes, names = sources.accounts
    if len(names):
        won, lost = sources.account_record.before(codes[rows.deal], rows.at)
        out.append(Feature("account_wins", "count", won.astype(float)))
        out.append(Feature("account_losses", "count", lost.astype(float)))
    if owner:
        codes, _ = sources.deals.coded("owner_id")
        won, lost = sources.owner_record.before(codes[rows.deal], rows.at)
        out.append(Feature("owner_record", "ratio", np.log((won + 1) / (lost + 1))))
    out += [_field(sources, field, rows) for field in fields.values()]
    return {feature.name: feature for feature in out}


def _stage_names(deals: Deals) -> tuple[str, ...]:
    frame = deals.catalogue.frame
    several = len(deals.catalogue.pipelines) > 1
    return tuple(
        f"{stage} · {pipeline}" if several and pipeline else stage
        for pipeline, stage in zip(frame["pipeline"], frame["stage"], strict=True)
    )


def _converted(deals: Deals, rows: Rows, amount: np.ndarray) -> np.ndarray | None:
    """Amounts at the rate of the day of the look; None where currencies cannot be compared."""
    try:
        target = deals.currency
    except ArgumentError:
        return None
    if not target:
        return amount
    codes, names = deals.coded("currency")
    currencies = np.append(names, "").astype(str)[codes][rows.deal]
    if ((currencies == target) | (currencies == "")).all():
        return amount
    days = rows.at.astype("M8[us]").astype("M8[D]")
    return amount * money.factors(deals.workspace, currencies, days, target)


def _contacts(sources: Sources, rows: Rows) -> list[Feature]:
    account = sources.accounts[0][rows.deal]
    out = []
    for direction, name in (("in", "inbound"), ("out", "outbound")):
        if direction not in sources.contacts:
            continue
        contacts = sources.contacts[direction]
        first = rows.at - RECENT_DAYS * DAY
        counted = contacts.counted(rows.deal, account, first, rows.at)
        out.append(Feature(name, "count", counted.astype(float)))
        if direction == "in":
            latest = contacts.latest(rows.deal, account, rows.at)
            never = latest == np.iinfo(np.int64).min
            days = (rows.at - np.where(never, rows.at, latest)) / DAY
            out.append(Feature("last_inbound", "days", np.where(never, np.nan, days)))
    return out


def _people(sources: Sources, rows: Rows, roles_now: bool) -> list[Feature]:
    timed, now = sources.roles
    if timed is not None:
        first = np.full(len(rows), np.iinfo(np.int64).min)
        counted = timed.counted(rows.deal, first, rows.at)
        return [Feature("roles", "count", counted.astype(float))]
    if now is not None and roles_now:
        return [Feature("roles", "count", now[rows.deal].astype(float), now=True)]
    return []


def _field(sources: Sources, field: Field, rows: Rows) -> Feature:
    if field.number:
        return Feature(field.name, "number", field.values[rows.deal], now=True)
    values = [None if v is None else str(v) for v in field.values]
    levels = sorted({v for v in values if v is not None})
    number = {v: n for n, v in enumerate(levels)}
    codes = np.array([-1 if v is None else number[v] for v in values], float)
    return Feature(field.name, "level", codes[rows.deal], tuple(levels), now=True)


def label_of(name: str) -> str:
    """A feature as a reader knows it."""
    known = {
        "stage": message("Stage"),
        "days_in_stage": message("Days in the stage"),
        "age": message("Age of the deal"),
        "amount": message("Amount"),
        "amount_changes": message("Changes of the amount"),
        "pushes": message("Times the close date was pushed"),
        "inbound": message("Contacts from the customer, 30 days"),
        "outbound": message("Contacts from us, 30 days"),
        "last_inbound": message("Since the customer's last contact"),
        "roles": message("People with a role"),
        "account_wins": message("Deals of the account won before"),
        "account_losses": message("Deals of the account lost before"),
        "owner_record": message("Owner's wins and losses before"),
        "type": message("Kind of deal"),
        "lead_source": message("Source"),
    }
    return known.get(name) or name.removeprefix("x_")
