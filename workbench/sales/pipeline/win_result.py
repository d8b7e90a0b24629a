"""The answer: win rates, each with its label, and which groups differ."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count
from workbench.results import measured, numbers, theme
from workbench.results.base import Block, Result
from workbench.results.blocks import key_figures
from workbench.results.intervals import SMALL_GROUP
from workbench.results.tables import Column
from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.deals import NO_DAY
from workbench.sales.pipeline.dots import MOST, dots, share_title
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import OUTCOMES, chosen_group, listed
from workbench.sales.pipeline.question import Question

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.win_differences import WinDifferences

LABELS = {
    "closed": marked("Won of those closed in the period"),
    "created": marked("Won of those created in it, to date"),
    "resolved": marked("Won of those created in it and closed"),
}
SHORT = {
    "closed": marked("Closed"),
    "created": marked("Created, to date"),
    "resolved": marked("Created and closed"),
}
COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "cohort": "closed: closed in the period; created: created in it, to date; resolved: created "
    "in it and closed by as_of",
    "measure": "deals: numbers; amount: sums of amounts",
    "won": "Numerator",
    "total": "Denominator: won + lost; for created everything created",
    "share": "won / total, 0…1",
    "low": "Lower end of its 95 % interval (Wilson); missing for amounts",
    "high": "Upper end of its 95 % interval (Wilson); missing for amounts",
    "still_open": "Of those created in the period, what is open at as_of",
    "begun": "Everything in the cohort, open ones included",
    "share_open": "still_open / begun, 0…1",
    "without_amount": "Deals of the cohort without a usable amount, left out of the line",
}


class WinRates(Result):
    """Three win rates, by number and by amount, for all deals and each group.

    Attributes
    ----------
    question : Question
    masks : dict
        A mark for every deal of the closed and of the created cohort.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "win_rates"

    def __init__(
        self, *, question: Question, masks: dict[str, np.ndarray], frame: pd.DataFrame
    ) -> None:
        self.question = question
        self.masks = masks
        self._frame = frame[list(COLUMNS)]
        self.definition = question.plain()
        self.scope = question.scope(*self._notes())

    @property
    def frame(self) -> pd.DataFrame:
        """Six lines for all deals, then six for each group."""
        return self._frame

    @property
    def currency(self) -> str:
        """Currency of the amounts; empty where none is known."""
        return self.question.currency

    def line(self, cohort: str = "closed", measure: str = "deals", group: str = "") -> Any:
        """One line of the frame; all deals when no group is named."""
        chosen = self._frame[
            (self._frame["cohort"] == cohort) & (self._frame["measure"] == measure)
        ]
        own = chosen.iloc[:1] if not group else chosen[chosen["group"] == group].tail(1)
        return own.iloc[0]

    def _notes(self) -> tuple[str, ...]:
        out = [self.question.money_note()]
        dropped = self.line("closed", "amount")["without_amount"]
        if dropped:
            out.append(
                message(
                    "Rates by amount leave out {n} closed without a usable amount.",
                    n=message_of_count(
                        "{count} opportunity", "{count} opportunities", int(dropped)
                    ),
                )
            )
        again = int((self.masks["closed"] & (self.question.history.reopened > 0)).sum())
        if again:
            out.append(
                message_of_count(
                    "{count} of the closed had been closed before and opened again.",
                    "{count} of the closed had been closed before and opened again.",
                    again,
                )
            )
        money, deals = self.line("closed", "amount"), self.line("closed")
        if deals["won"] < deals["total"] and 0 < money["won"] == money["total"]:
            out.append(
                message(
                    "No lost opportunity carries an amount above 0, so rates by amount say nothing."
                )
            )
        closed = self.question.taking_part & (self.question.standing.outcome != OPEN)
        undated = int((self.question.standing.closed_on[closed] == NO_DAY).sum())
        if undated and self.question.range:
            out.append(
                message_of_count(
                    "{count} closed opportunity has no day of closing and lies in no period.",
                    "{count} closed opportunities have no day of closing and lie in no period.",
                    undated,
                )
            )
        return tuple(out)

    @cached_property
    def _grouped(self) -> pd.DataFrame:
        """Lines of groups of the closed cohort by number, the highest share first."""
        chosen = self._frame[(self._frame["cohort"] == "closed")
                             & (self._frame["measure"] == "deals")].iloc[1:]  # fmt: skip
        chosen = chosen[chosen["total"] > 0]
        return chosen.sort_values(["share", "total", "group"], ascending=[False, False, True])

    def headline(self) -> str:
        """The win rate of the closed cohort, and how many groups differ."""
        line = self.line()
        if not line["total"]:
            return message("0 opportunities were closed in this period, so there is no win rate")
        said = message(
            "{won} of {total} closed opportunities were won, {share}",
            won=numbers.count(line["won"]),
            total=numbers.count(line["total"]),
            share=numbers.share(line["share"]),
        )
        if self.question.by is None or len(self._grouped) < 2:
            return said
        differ = self.differences().frame
        sure = int(differ["differs"].sum())
        return message(
            "{said}; {n} of {groups} groups differ from the others",
            said=said,
            n=numbers.count(sure),
            groups=numbers.count(len(differ)),
        )

    def reading(self) -> str:
        """What is divided by what, and how much is still open."""
        out = [message("Dots are shares, lines their 95 % intervals, numbers won / all.")]
        created = self.line("created")
        if created["total"]:
            out.append(
                message(
                    "Of those created in the period {share} ({n} of {total}) are still open, so "
                    "their win rate is not final.",
                    share=numbers.share(created["share_open"]),
                    n=numbers.count(created["still_open"]),
                    total=numbers.count(created["begun"]),
                )
            )
        small = int((self._grouped["total"] < SMALL_GROUP).sum())
        if small:
            out.append(
                message_of_count(
                    "{count} group has fewer than {least} closed opportunities.",
                    "{count} groups have fewer than {least} closed opportunities.",
                    small,
                    least=SMALL_GROUP,
                )
            )
        if len(self._grouped) > MOST:
            out.append(
                message("The {n} largest of {total} groups are drawn.", n=MOST,
                        total=numbers.count(len(self._grouped)))
            )  # fmt: skip
        return " ".join(out)

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        return [
            message(
                "Win rate, closed cohort (the one meant by “win rate”): won / (won + lost), closed "
                "in {period}.",
                period=self.question.range.in_words() or message("all time"),
            ),
            message(
                "Win rate, created cohort: won / all created in the period, as of {day}; and won / "
                "those of them that are closed.",
                day=numbers.day(self.question.as_of, self.question.zone),
            ),
            message("A reopened opportunity counts as it stands last."),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("label", message("Win rate")),
            Column("won", message("Won"), "count"),
            Column("total", message("Of"), "count"),
            Column("share", message("Won / of"), "share"),
            Column("low", message("From (95 %)"), "share"),
            Column("high", message("To (95 %)"), "share"),
            Column("share_open", message("Still open / begun"), "share"),
            Column("won_amount", message("Won amount"), "money", self.currency),
            Column("share_amount", message("Won / of, by amount"), "share"),
            Column("without_amount", message("Without amount"), "count"),
        )

    def table_frame(self) -> pd.DataFrame:
        """A line for each group and cohort, with numbers and amounts side by side."""
        deals = self._frame[self._frame["measure"] == "deals"].reset_index(drop=True)
        money = self._frame[self._frame["measure"] == "amount"].reset_index(drop=True)
        return deals.assign(
            label=[message(LABELS[c]) for c in deals["cohort"]],
            won_amount=money["won"],
            share_amount=money["share"],
            without_amount=money["without_amount"],
        )

    def chart(self) -> alt.TopLevelMixin:
        """The three rates of all deals; the closed cohort of each group where there are groups."""
        title = share_title(message("Won / won + lost"))
        if self.question.by is not None and len(self._grouped):
            largest = self._grouped.sort_values("total", ascending=False, kind="stable").head(MOST)
            lines = self._grouped.loc[self._grouped.index.isin(largest.index)]
            return dots(
                lines, label="group", numerator="won", denominator="total", title=title,
                reference=float(self.line()["share"]),
            )  # fmt: skip
        lines = self._frame[self._frame["measure"] == "deals"].head(3)
        lines = lines.assign(label=[message(SHORT[c]) for c in lines["cohort"]])
        lines = lines[lines["total"] > 0]
        if lines.empty:
            return theme.empty_chart(self.headline())
        title = share_title(message("Won / closed or created in the period"))
        return dots(
            lines.assign(faint=lines["cohort"] != "closed"), label="label", numerator="won",
            denominator="total", title=title,
            faint="faint",
        )  # fmt: skip

    def differences(self, cohort: str = "closed") -> WinDifferences:
        """Each group against all others, with correction; see `...pipeline.win_differences`."""
        from workbench.sales.pipeline.win_differences import WinDifferences

        if cohort not in LABELS:
            raise ArgumentError.of("cohort", cohort, LABELS)
        return WinDifferences(self, cohort)

    def members(
        self, cohort: str = "closed", *, group: str | None = None, outcome: str | None = None
    ) -> pd.DataFrame:
        """The deals behind a rate, as a list that can be exported.

        Parameters
        ----------
        cohort : {"closed", "created", "resolved"}
        group : str, optional
        outcome : {"open", "won", "lost"}, optional
        """
        if cohort not in LABELS:
            raise ArgumentError.of("cohort", cohort, LABELS)
        if outcome is not None and outcome not in OUTCOMES:
            raise ArgumentError.of("outcome", outcome, OUTCOMES)
        mask = self.masks["closed" if cohort == "closed" else "created"]
        standing = self.question.standing
        if cohort == "resolved":
            mask = mask & np.isin(standing.outcome, [WON, LOST])
        if outcome is not None:
            mask = mask & (standing.outcome == OUTCOMES.index(outcome))
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        return listed(self.question, mask)

    def shares(self) -> pd.DataFrame:
        """Rates by number as label, count, total: what `workbench.compare` puts side by side."""
        lines = self._frame[self._frame["measure"] == "deals"]
        label = [
            f"{group} · {message(LABELS[cohort])}"
            for group, cohort in zip(lines["group"], lines["cohort"], strict=True)
        ]
        return pd.DataFrame({"label": label, "count": lines["won"], "total": lines["total"]})

    def key_figures(self) -> Block:
        """The three rates for the head of a page."""
        out = []
        for cohort, label in LABELS.items():
            line, money = self.line(cohort), self.line(cohort, "amount")
            out.append(
                {
                    "label": message(label),
                    **measured.share(line["won"], line["total"]),
                    "detail": message(
                        "{won} of {total}; {money} by amount",
                        won=numbers.count(line["won"]),
                        total=numbers.count(line["total"]),
                        money=numbers.share(money["share"]),
                    ),
                    "interval": numbers.between(line["low"], line["high"]),
                }
            )
        return key_figures(out)
