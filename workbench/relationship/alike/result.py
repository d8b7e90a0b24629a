"""The answer: every open deal beside its similar won deals at the same age."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message
from workbench.relationship.alike import listing, wording
from workbench.relationship.alike.comparing import BEHIND, MEASURES
from workbench.relationship.alike.found import MODES, Found, measures_of
from workbench.relationship.alike.options import LEAST_FIELDS
from workbench.relationship.counting import ratio
from workbench.relationship.frames import user_names
from workbench.relationship.health import DAY_US
from workbench.relationship.records import NEVER
from workbench.results.base import Block, Result, Scope
from workbench.results.blocks import action_table
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.relationship.alike.one import SimilarWonDeal

COLUMNS = {
    "key": "Key of the open deal",
    "name": "Its name; the key where none is known",
    "account_id": "Key of its account",
    "owner": "Who owns it",
    "age_days": "Days since it was created; missing where that is unknown",
    "mode": "similar, top_won (the largest won deals, which are not similar) or none",
    "within": "Won deals near enough, up to the number that is taken",
    "compared": "Won deals that it is compared with",
    "nearest": "Distance of the most similar won deal, 0…1; missing without a similar one",
    "distance": "Mean distance of the similar won deals, 0…1; missing without them",
    "emails_sent": "Mails of ours behind its ratios",
    "emails_received": "Mails of the customer behind its ratios",
    "answered_by_us": "Turns of the customer that we answered",
    "answered_by_them": "Our turns that the customer answered",
}
_MEANING = {
    "activities": "Done activities",
    "started_by_us": "Mails, calls and meetings that we began",
    "team_hours": "Hours of ours",
    "customer_hours": "Hours of the customer",
    "ratio_by_us": "emails_sent / emails_received; missing for a divisor of 0",
    "ratio_by_them": "emails_received / emails_sent; missing for a divisor of 0",
    "hours_by_us": "Mean hours until we answered",
    "hours_by_them": "Mean hours until the customer answered",
}
for _name, _text in _MEANING.items():
    COLUMNS[_name] = _text
    COLUMNS[f"{_name}_typical"] = f"Typical of its won deals: {_text}"
    COLUMNS[f"{_name}_gap"] = f"{_name} − {_name}_typical"
    COLUMNS[f"{_name}_relative"] = f"{_name}_gap / {_name}_typical; missing for a typical of 0"
    COLUMNS[f"{_name}_known"] = f"Won deals with a value of {_name}"


class SimilarWon(Result):
    """Open deals beside won deals that are like them.

    Attributes
    ----------
    found : Found
        The open deals, the won deals of each, and what was done for all of them.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "similar_won"

    def __init__(self, found: Found) -> None:
        from workbench.relationship.result import definition_of

        asked = found.measured.asked
        if asked.of != "opportunity":
            raise AbsentError.of("of", asked.of, ["opportunity"])
        self.found = found
        self.definition = {
            **definition_of(found.measured), "view": self.kind, **found.options.plain(),
        }  # fmt: skip

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """What the comparison speaks of, and what was set aside."""
        return wording.scope_of(self.found)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line an open deal, in the order of their keys."""
        found, records = self.found, self.found.measured.records
        deals, near = found.deals, found.near
        similar = found.mode == 0
        first = np.append(near.distance, np.nan)[near.offsets[:-1]]
        sums = np.add.reduceat(np.append(near.distance, 0.0), near.offsets[:-1])
        created = records.created_at[deals]
        own = measures_of(found.own)
        typical, known = found.typical
        columns: dict[str, np.ndarray] = {
            "key": records.keys[deals],
            "name": records.names[deals],
            "account_id": records.account[deals],
            "owner": user_names(found.measured.asked.workspace, records.owner[deals]),
            "age_days": np.where(created == NEVER, np.nan, (found.instant - created) / DAY_US),
            "mode": MODES[found.mode],
            "within": found.within,
            "compared": np.diff(found.groups[0]),
            "nearest": np.where(similar, first, np.nan),
            "distance": np.where(similar, sums / np.maximum(found.within, 1), np.nan),
            **{name: own[name] for name in BEHIND},
        }
        for n, name in enumerate(MEASURES):
            gap = own[name] - typical[:, n]
            columns[name] = own[name]
            columns[f"{name}_typical"] = typical[:, n]
            columns[f"{name}_gap"] = gap
            columns[f"{name}_relative"] = ratio(gap, typical[:, n])
            columns[f"{name}_known"] = known[:, n]
        return pd.DataFrame(columns)[list(COLUMNS)]

    @cached_property
    def fields(self) -> pd.DataFrame:
        """The fields by which deals are compared, and why others are not.

        Columns ``field, label, kind, used, reason, won_known, won, lost_known, lost``: a line a
        field; `won_known` and `lost_known` of the `won` and `lost` deals have a value.
        """
        return listing.fields_of(self.found)

    def headline(self) -> str:
        """How many are behind their similar won deals, of how many."""
        return wording.headline(self.found, self.frame)

    def chart(self) -> alt.TopLevelMixin:
        """The deals that are furthest behind, each beside what is typical."""
        from workbench.relationship.alike.chart import furthest_behind

        return furthest_behind(self)

    def reading(self) -> str:
        """What a line shows, and what stands in where no deal is similar."""
        return wording.reading(self.found, self.frame)

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return wording.columns()

    def table_frame(self) -> pd.DataFrame:
        """Those furthest behind in activities first."""
        frame = self.frame.assign(mode=wording.modes(self.frame["mode"]))
        return frame.sort_values(["activities_relative", "key"], na_position="last")

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.found)

    def fields_used(self) -> Block:
        """The fields that were compared, and why others were not, for a page."""
        used = int(self.fields["used"].sum())
        heading = message(
            "{n} of {total} fields tell which won deals are similar", n=used,
            total=len(self.fields),
        )  # fmt: skip
        said = message(
            "A field counts when enough won and lost deals have a value; {least} are needed.",
            least=LEAST_FIELDS,
        )
        words = (message("no"), message("yes"))
        frame = self.fields.assign(used=[words[int(mark)] for mark in self.fields["used"]])
        return action_table(heading, said, frame, wording.field_columns(), anchor="similar-fields")

    def one(self, key: str) -> SimilarWonDeal:
        """One open deal beside its won deals, measure by measure.

        Parameters
        ----------
        key : str
        """
        from workbench.relationship.alike.one import SimilarWonDeal

        return SimilarWonDeal(self.found, self.place(key))

    def deals(self, key: str) -> pd.DataFrame:
        """The won deals that one open deal is compared with, the most similar first.

        Returns
        -------
        pandas.DataFrame
            ``key, name, account_id, owner, closed_at, amount, currency, distance, fields``, the
            measures of the frame within the same age, and ``part_FIELD`` for each field that
            counts: its part of the distance, missing where one of the two deals lacks it. The
            parts add up to the distance.
        """
        return listing.deals_of(self.found, self.place(key))

    def members(self, name: str = "activities", *, key: str, of: str = "deal") -> pd.DataFrame:
        """The activities behind a number.

        Parameters
        ----------
        name : str
            A measure such as ``"activities"`` or ``"hours_by_us"`` (the first mail of each
            answered turn), or a number behind a ratio such as ``"emails_sent"``.
        key : str
            Of the open deal.
        of : {"deal", "won"}
            Of the deal itself, or of the won deals beside it, within the same age.

        Returns
        -------
        pandas.DataFrame
            ``key, activity_id, type, direction, begun_at, ended_at, subject, hours``: `hours` are
            what the activity adds to a measure in hours, or those until the answer.
        """
        known = (*MEASURES, *BEHIND)
        if name not in known:
            raise ArgumentError.of("name", name, known)
        if of not in ("deal", "won"):
            raise ArgumentError.of("of", of, ["deal", "won"])
        return listing.members_of(self.found, self.place(key), name, of == "won")

    def place(self, key: Any) -> int:
        """Number of an open deal among those asked about."""
        keys = self.found.measured.records.keys[self.found.deals]
        chosen = np.flatnonzero(keys == key)
        if not chosen.size:
            raise AbsentError.of("key", key, keys)
        return int(chosen[0])
