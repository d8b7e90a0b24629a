"""The answer: open opportunities as bubbles, by expected close, health and amount.

Source: relationship-analytics.md, section 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench import money
from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.frames import STATES, TRENDS, user_names
from workbench.relationship.measuring import Measured
from workbench.relationship.portfolio.phases import phases_of
from workbench.relationship.scope import definition_of
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column
from workbench.vocabulary.periods import bucket

if TYPE_CHECKING:
    import altair as alt

COLOURS = ("stage", "health")
PLACES = ("drawn", "past", "no_close")
SMALLEST, LARGEST = 3.0, 40.0
MOST = 1_000
COLUMNS = {
    "key": "Key of the opportunity",
    "name": "Its name; the key where none is known",
    "account_id": "Key of its account",
    "account": "Name of its account",
    "owner": "Who owns it",
    "stage": "Its stage as it stands now",
    "phase": "qualify, develop, propose, close or other: the phase whose colour it has",
    "expected_close_on": "Expected day of closing",
    "amount": "Amount in the reporting currency; missing where unknown or without a rate",
    "score": "Health at as_of, 0…100; missing where too little is known",
    "state": "good, fair, poor, not_enough, none_done, failed or too_old",
    "trend": "improving, steady, declining or unknown",
    "place": "drawn, or why not: past (expected close before as_of) or no_close",
    "radius": "Radius of its bubble in pixels: by the root of the amount, 3…40",
    "negative": "Whether its amount is below zero, so that its bubble is the smallest",
}


class RelationshipBubbles(Result):
    """Every open opportunity by when it closes, how healthy it is and how large.

    Attributes
    ----------
    measured : Measured
    colour : {"stage", "health"}
    overdue : bool
        Whether those whose expected close has passed are drawn on a strip at the left.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "relationship_bubbles"

    def __init__(self, measured: Measured, *, colour: str = "stage", overdue: bool = False) -> None:
        if measured.asked.of != "opportunity":
            raise AbsentError.of("of", measured.asked.of, ["opportunity"])
        if colour not in COLOURS:
            raise ArgumentError.of("colour", colour, COLOURS)
        if not isinstance(overdue, bool):
            raise ArgumentError.of("overdue", overdue, [True, False])
        self.measured, self.colour, self.overdue = measured, colour, overdue
        self.definition = {
            **definition_of(measured), "view": "bubbles", "colour": colour, "overdue": overdue,
        }  # fmt: skip
        self.scope = measured.scope

    @property
    def currency(self) -> str:
        """The currency of the amounts; empty where none is known."""
        records = self.measured.records
        return money.target_currency(self.measured.asked.workspace, records.currency, "currency")

    @cached_property
    def today(self) -> np.datetime64:
        """The day of as_of in the reporting zone."""
        asked = self.measured.asked
        return bucket(np.array([asked.instant]), "day", asked.zone).to_numpy().astype("M8[D]")[0]

    @cached_property
    def frame(self) -> pd.DataFrame:
        """A line an open opportunity, in the order of their keys."""
        measured = self.measured
        records, workspace = measured.records, measured.asked.workspace
        chosen = measured.chosen[records.open_at(measured.asked.instant)[measured.chosen]]
        keys = records.keys[chosen]
        close, stage = written(measured, keys)
        amount, score = measured.amounts[chosen], measured.score[chosen]
        place, radius = placed(close, amount, self.today)
        account = records.account[chosen]
        known = np.array([k is not None for k in account], bool)
        names = np.full(account.size, None, object)
        names[known] = workspace.display_names("account", account[known])
        return pd.DataFrame(
            {
                "key": keys, "name": records.names[chosen], "account_id": account,
                "account": names, "owner": user_names(workspace, records.owner[chosen]),
                "stage": stage, "phase": phases_of(workspace, stage),
                "expected_close_on": close.astype("M8[s]"), "amount": amount, "score": score,
                "state": [STATES[int(c)] for c in measured.state[chosen]],
                "trend": [TRENDS[int(c)] for c in measured.trend[chosen]],
                "place": place, "radius": radius, "negative": amount < 0,
            }
        )[list(COLUMNS)]  # fmt: skip

    def headline(self) -> str:
        """How many stand where they are most critical: poor health and a large amount."""
        frame = self.frame
        if not len(frame):
            return wording.nobody("opportunity")
        poor = frame[frame["state"] == "poor"]
        known = int(frame["score"].notna().sum())
        total = float(np.nansum(frame["amount"]))
        at_risk = float(np.nansum(poor["amount"]))
        return message(
            "{poor} of {n} with a score are in poor health; they hold {amount} of {total}",
            poor=numbers.count(len(poor)), n=wording.of_count("opportunity", known),
            amount=numbers.money(at_risk, self.currency),
            total=numbers.money(total, self.currency),
        )  # fmt: skip

    def chart(self) -> alt.TopLevelMixin:
        """Bubbles by expected close and health; area by amount."""
        from workbench.relationship.portfolio.bubbles_chart import draw

        return draw(self)

    def reading(self) -> str:
        """How bubbles are read, and which are not drawn."""
        frame = self.frame
        place, negative = frame["place"], int(frame["negative"].sum())
        said = [
            message(
                "Area by amount; no amount is the smallest bubble, no score is grey at 0. Large "
                "and low at the left is most critical, high is promising."
            ),
            not_drawn(int((place == "past").sum()), int((place == "no_close").sum()), self.overdue),
        ]
        places = ["drawn", "past"] if self.overdue else ["drawn"]
        there = int(place.isin(places).sum())
        if there > MOST:
            said.append(message(
                "Of {n} the {most} largest are drawn.", n=wording.of_count("opportunity", there),
                most=numbers.count(MOST),
            ))  # fmt: skip
        if negative:
            said.append(
                message_of_count(
                    "{count} amount is below zero and drawn as the smallest.",
                    "{count} amounts are below zero and drawn as the smallest.",
                    negative,
                )
            )
        return " ".join(part for part in said if part)

    def shown(self) -> tuple[Column, ...]:
        """The columns of the table."""
        return (
            Column("name", message("Opportunity")),
            Column("account", message("Account")),
            Column("owner", message("Owner")),
            Column("stage", message("Stage")),
            Column("expected_close_on", message("Expected close"), "date"),
            Column("amount", message("Amount"), "money", self.currency),
            Column("score", message("Health, 0–100"), "count"),
            Column("state", message("State")),
            Column("trend", message("Trend")),
            Column("where", message("In the picture")),
        )

    def table_frame(self) -> pd.DataFrame:
        """The largest in the poorest health first."""
        words = {
            "drawn": message("Drawn"),
            "past": message("Expected close has passed"),
            "no_close": message("No expected close"),
        }
        frame = wording.in_words(self.frame)
        frame["where"] = frame["place"].map(words)
        return frame.sort_values(["score", "amount", "key"], ascending=[True, False, True])

    def definitions(self) -> list[str]:
        """What was asked, in sentences."""
        return [
            *wording.definitions(self.measured.asked),
            message(
                "Only open opportunities; a close today is not past. Stage, amount and expected "
                "close are those of now."
            ),
        ]

    def members(self, place: str = "drawn") -> pd.DataFrame:
        """Opportunities that are drawn, or not and why.

        Parameters
        ----------
        place : {"drawn", "past", "no_close"}
        """
        if place not in PLACES:
            raise ArgumentError.of("place", place, PLACES)
        return self.frame[self.frame["place"] == place].reset_index(drop=True)


def written(measured: Measured, keys: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Expected close and stage of opportunities, as the table says now."""
    workspace = measured.asked.workspace
    columns = workspace.columns_of("opportunities")
    close = "min(expected_close_on)::DATE" if "expected_close_on" in columns else "NULL::DATE"
    stage = "min(stage)::VARCHAR" if "stage" in columns else "NULL::VARCHAR"
    read = workspace.arrow(
        f"SELECT opportunity_id::VARCHAR AS key, {close} AS close, {stage} AS stage "
        "FROM opportunities WHERE opportunity_id IS NOT NULL GROUP BY 1"
    )
    place = {key: n for n, key in enumerate(read.column("key").to_pylist())}
    at = np.array([place[key] for key in keys], int)
    days = read.column("close").to_numpy().astype("M8[D]")
    stages = np.asarray(read.column("stage").to_numpy(zero_copy_only=False), object)
    return days[at], stages[at]


def placed(
    close: np.ndarray, amount: np.ndarray, today: np.datetime64
) -> tuple[np.ndarray, np.ndarray]:
    """Where each opportunity stands, and the radius of its bubble in pixels.

    Parameters
    ----------
    close : numpy.ndarray of datetime64[D]
    amount : numpy.ndarray of float
        NaN counts as 0, and so does what is below.
    today : numpy.datetime64
        A close on this day is not past.
    """
    place = np.where(np.isnat(close), "no_close", np.where(close < today, "past", "drawn"))
    size = np.sqrt(np.maximum(np.nan_to_num(amount), 0.0))
    largest = size.max(initial=0.0)
    radius = np.maximum(SMALLEST, LARGEST * size / largest) if largest else size * 0 + SMALLEST
    return place.astype(object), radius


def not_drawn(past: int, without: int, overdue: bool) -> str:
    """How many are not drawn, and why; empty when all are."""
    if overdue and past:
        strip = message("The strip at the left holds {past} whose close has passed.",
                        past=numbers.count(past))  # fmt: skip
        return f"{strip} {not_drawn(0, without, False)}".strip()
    if not past + without:
        return ""
    return message(
        "{n} not drawn: {past} past close, {without} no close.",
        n=numbers.count(past + without),
        past=numbers.count(past),
        without=numbers.count(without),
    )
