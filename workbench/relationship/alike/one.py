"""The answer for one open deal: every measure beside what its won deals came to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.relationship.alike import listing, wording
from workbench.relationship.alike.comparing import MEASURES, labels
from workbench.relationship.alike.found import MODES, SIMILAR, TOP, Found
from workbench.relationship.alike.options import ELAPSED
from workbench.relationship.counting import ratio
from workbench.relationship.health import DAY_US
from workbench.results import numbers
from workbench.results.base import Block, Result, Scope
from workbench.results.blocks import action_table
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt


class SimilarWonDeal(Result):
    """One open deal beside its won deals.

    Attributes
    ----------
    found : Found
    place : int
        Number of the deal among the open ones.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "measure": "Name of the measure, as in SimilarWon",
        "label": "What it is, with its unit",
        "deal": "Value of the open deal; missing where nothing was answered or divided",
        "typical": "Mean (or median) of the won deals with a value",
        "gap": "deal − typical",
        "relative": "gap / typical; missing for a typical of 0",
        "known": "Won deals with a value",
        "compared": "Won deals that it is compared with",
        "low": "Lower quartile of the won deals",
        "high": "Upper quartile of the won deals",
    }
    kind: ClassVar[str] = "similar_won_deal"

    def __init__(self, found: Found, place: int) -> None:
        from workbench.relationship.result import definition_of

        self.found, self.place = found, place
        self.key = str(found.measured.records.keys[found.deals[place]])
        self.name = str(found.measured.records.names[found.deals[place]])
        self.mode = str(MODES[found.mode[place]])
        self.definition = {
            **definition_of(found.measured), "view": self.kind, "key": self.key,
            **found.options.plain(),
        }  # fmt: skip

    @cached_property
    def scope(self) -> Scope:  # type: ignore[override]
        """What the comparison speaks of, and what was set aside."""
        return wording.scope_of(self.found)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line a measure."""
        found = self.found
        deal = found.own[self.place, : len(MEASURES)]
        typical, known = (values[self.place] for values in found.typical)
        each, words = self.won[list(MEASURES)], labels()
        gap = deal - typical
        return pd.DataFrame(
            {
                "measure": MEASURES,
                "label": [words[name] for name in MEASURES],
                "deal": deal,
                "typical": typical,
                "gap": gap,
                "relative": ratio(gap, typical),
                "known": known,
                "compared": len(each),
                "low": [each[name].quantile(0.25) for name in MEASURES],
                "high": [each[name].quantile(0.75) for name in MEASURES],
            }
        )

    @cached_property
    def won(self) -> pd.DataFrame:
        """The won deals, as `SimilarWon.deals`."""
        return listing.deals_of(self.found, self.place)

    @property
    def age_days(self) -> float:
        """Days since the deal was created; not a number where all counts or it is unknown."""
        age = int(self.found.ages[self.place])
        return age / DAY_US if age >= 0 else float("nan")

    def headline(self) -> str:
        """Its activities beside what is typical, with both numbers."""
        first = self.frame.iloc[0]
        own = message_of_count("{count} activity", "{count} activities", int(first["deal"]))
        if np.isnan(first["typical"]):
            return message(
                "{name} has {own} and no won deals to be put beside", name=self.name, own=own
            )
        values = {
            "name": self.name, "own": own, "typical": numbers.significant(first["typical"]),
            "won": self._won_in_words(), "kind": wording.typical(self.found),
        }  # fmt: skip
        if self.found.options.alignment == ELAPSED:
            return message(
                "{name} has {own} after {age}; the {kind} of {won} at that age is {typical}",
                age=numbers.days(self.age_days), **values,
            )  # fmt: skip
        return message("{name} has {own}; the {kind} of {won} in all is {typical}", **values)

    def _won_in_words(self) -> str:
        number = len(self.won)
        if self.mode == SIMILAR:
            return message_of_count(
                "its {count} similar won deal", "its {count} similar won deals", number
            )
        return message_of_count(
            "the {count} largest won deal (not similar)",
            "the {count} largest won deals (not similar)",
            number,
        )

    def chart(self) -> alt.TopLevelMixin:
        """A block a measure: the deal, its won deals, and what is typical of them."""
        from workbench.relationship.alike.chart import blocks

        return blocks(self)

    def reading(self) -> str:
        """What the marks of a block are, and whether the won deals are similar."""
        text = message(
            "Dot: this deal; line: the {kind} of {won}; grey ticks: each of them. Every block has "
            "its own scale from 0; at the left both numbers, at the right the gap between them.",
            kind=wording.typical(self.found), won=self._won_in_words(),
        )  # fmt: skip
        if self.mode == TOP:
            return f"{wording.not_similar()} {text}"
        return text

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("label", message("Measure")),
            Column("deal", message("This deal"), "number"),
            Column("typical", message("Won deals"), "number"),
            Column("gap", message("Gap"), "number"),
            Column("relative", message("Gap / won deals, %"), "number", "%"),
            Column("known", message("Won deals with a value"), "count"),
            Column("compared", message("Of"), "count"),
        )

    def table_frame(self) -> pd.DataFrame:
        """Gaps as percentages."""
        return self.frame.assign(relative=100 * self.frame["relative"])

    def listed(self) -> Block:
        """The list of the won deals, the most similar first, for a page."""
        if self.mode == SIMILAR:
            heading = message("Won deals most like {name}", name=self.name)
            said = message("Nearest first; a distance of 0 is alike in every field that both have.")
        else:
            heading = message("Won deals that {name} is put beside", name=self.name)
            said = wording.not_similar() if self.mode == TOP else self.headline()
        return action_table(heading, said, self.won, wording.won_columns(), anchor="similar-won")

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return wording.definitions(self.found)

    def members(self, name: str = "activities", *, of: str = "deal") -> pd.DataFrame:
        """The activities behind a number, as `SimilarWon.members`."""
        from workbench.relationship.alike.result import SimilarWon

        return SimilarWon(self.found).members(name, key=self.key, of=of)
