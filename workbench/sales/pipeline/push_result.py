"""The answer: deals by the number of their pushes, and how they ended."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.catalogue import LOST, OPEN, WON
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.question import Question
from workbench.vocabulary.periods import microseconds_of

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.push import Moved

MOST = 4
OFTEN = 3
COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "deals": "Open at some time of the period with a known expected close",
    "pushed": "Of them, those put off at least once in the period",
    "share": "pushed / deals, 0…1",
    "low": "Lower end of its 95 % interval (Wilson)",
    "high": "Upper end of its 95 % interval (Wilson)",
    "pushes": "Moves of the expected close to a later day (month)",
    "pulls": "Moves of it to an earlier day (month)",
    "net_days": "Days later minus days earlier, of all moves",
    "pushed_often": "Put off three times or more",
    "open_pushed_often": "Of pushed_often, those still open",
}


class Pushes(Result):
    """How often the expected close was put off.

    Attributes
    ----------
    question : Question
    count : {"day", "month"}
    moved : Moved
        Moves of every deal.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "pushes"

    def __init__(self, *, question: Question, count: str, moved: Moved) -> None:
        self.question = question
        self.count = count
        self.moved = moved
        self.definition = question.plain()
        self.scope = question.scope(question.quality_note(moved.part), *self._notes())

    def _notes(self) -> tuple[str, ...]:
        out, part = [], self.moved.part
        rest = int((self.question.taking_part & ~part).sum())
        if rest:
            out.append(
                message_of_count(
                    "{count} opportunity was not open in this time, or its expected close is "
                    "unknown.",
                    "{count} opportunities were not open in this time, or their expected close is "
                    "unknown.",
                    rest,
                )
            )
        told = self._told()
        differ = int((part & ~np.isnan(told) & (told != self.moved.pushes)).sum())
        if differ:
            out.append(
                message(
                    "The source system's own count differs for {n} of {total}.",
                    n=message_of_count("{count} opportunity", "{count} opportunities", differ),
                    total=numbers.count((part & ~np.isnan(told)).sum()),
                )
            )
        return tuple(out)

    def _told(self) -> np.ndarray:
        """The source system's count of pushes; not a number where it says nothing of all time."""
        question = self.question
        columns = question.workspace.columns_of("opportunities")
        if (
            question.range
            or question.looks_back
            or not {"push_count", "created_at"} <= set(columns)
        ):
            return np.full(len(question.deals), np.nan)
        read = question.workspace.arrow(
            "SELECT max(push_count)::DOUBLE AS told FROM opportunities "
            "WHERE opportunity_id IS NOT NULL AND coalesce(epoch_us(created_at) <= ?, true) "
            "GROUP BY opportunity_id ORDER BY opportunity_id",
            [microseconds_of(question.workspace.as_of)],
        )
        return np.asarray(read.column("told").fill_null(float("nan")).to_numpy())

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All deals in the first line, then a line a group; counts add up."""
        groups = self.question.groups
        parts = [self._lines(np.zeros(groups.codes.size, np.int64), [everyone()])]
        if self.question.by is not None:
            parts.append(self._lines(groups.codes, groups.names))
        return pd.concat(parts, ignore_index=True)[list(COLUMNS)]

    def _lines(self, codes: np.ndarray, names: list[str]) -> pd.DataFrame:
        part, moved, size = self.moved.part, self.moved, len(names)
        often = part & (moved.pushes >= OFTEN)

        def counted(mask: np.ndarray) -> np.ndarray:
            return np.bincount(codes[mask], minlength=size)

        def summed(values: np.ndarray) -> np.ndarray:
            return np.bincount(codes[part], values[part], minlength=size).astype(np.int64)

        deals, pushed = counted(part), counted(part & (moved.pushes > 0))
        low, high = wilson(pushed, deals)
        share = np.divide(pushed, deals, out=np.full(size, np.nan), where=deals > 0)
        return pd.DataFrame(
            {
                "group": np.array(names, object),
                "deals": deals,
                "pushed": pushed,
                "share": share,
                "low": low,
                "high": high,
                "pushes": summed(moved.pushes),
                "pulls": summed(moved.pulls),
                "net_days": summed(moved.net_days),
                "pushed_often": counted(often),
                "open_pushed_often": counted(often & self.question.standing.open),
            }
        )

    @cached_property
    def by_count(self) -> pd.DataFrame:
        """Deals by their number of pushes: ``pushes, label, deals, won, lost, open, closed, share,
        low, high``; share is the win rate won / closed. The last line holds four and more.
        """
        part, outcome = self.moved.part, self.question.standing.outcome
        number = np.minimum(self.moved.pushes, MOST)
        counts = {
            name: np.bincount(number[part & (outcome == code)], minlength=MOST + 1)
            for name, code in (("won", WON), ("lost", LOST), ("open", OPEN))
        }
        out = pd.DataFrame({"pushes": range(MOST + 1), **counts})
        out["deals"] = out["won"] + out["lost"] + out["open"]
        out["closed"] = out["won"] + out["lost"]
        out["share"] = out["won"] / out["closed"].where(out["closed"] > 0)
        out["low"], out["high"] = wilson(out["won"], out["closed"])
        out["label"] = [
            message("Never put off"),
            message("Once"),
            *(message("{n} times", n=n) for n in range(2, MOST)),
            message("{n} times or more", n=MOST),
        ]
        names = ["pushes", "label", "deals", "won", "lost", "open", "closed", "share"]
        return out[[*names, "low", "high"]]

    def headline(self) -> str:
        """How many were put off, and how often they are won beside the others."""
        line = self.frame.iloc[0]
        if not line["deals"]:
            return message("0 opportunities had a known expected close in this time")
        return message(
            "{n} of {total} opportunities, {share}, were put off at least once; {often} of them "
            "three times or more",
            n=numbers.count(line["pushed"]),
            total=numbers.count(line["deals"]),
            share=numbers.share(line["share"]),
            often=numbers.count(line["pushed_often"]),
        )

    def reading(self) -> str:
        """What the bars are, and that a difference is no effect."""
        return message(
            "Bars are opportunities by the number of times they were put off; beside them the win "
            "rate of the closed ones. Long deals have more time to be put off, so a difference is "
            "no effect of putting off."
        )

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        unit = (
            message("a later calendar month")
            if self.count == "month"
            else message("a later day, by one day or more")
        )
        return [
            message(
                "Put off: the expected close was moved to {unit} while the opportunity was open, "
                "saved in {period}.",
                unit=unit,
                period=self.question.range.in_words() or message("all time"),
            ),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("deals", message("Opportunities"), "count"),
            Column("pushed", message("Put off"), "count"),
            Column("share", message("Put off / opportunities"), "share"),
            Column("low", message("From (95 %)"), "share"),
            Column("high", message("To (95 %)"), "share"),
            Column("pushes", message("Moves later"), "count"),
            Column("pulls", message("Moves earlier"), "count"),
            Column("net_days", message("Net days later"), "count"),
            Column("pushed_often", message("Three times or more"), "count"),
            Column("open_pushed_often", message("Of these still open"), "count"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Deals by number of pushes with their outcomes; shares of groups where there are some."""
        if not self.frame["deals"].iloc[0]:
            return theme.empty_chart(self.headline())
        if self.question.by is not None:
            from workbench.sales.pipeline.dots import MOST as SHOWN
            from workbench.sales.pipeline.dots import dots, share_title

            lines = self.frame.iloc[1:]
            lines = lines[lines["deals"] > 0].sort_values("deals", ascending=False, kind="stable")
            lines = lines.head(SHOWN).sort_values(["share", "group"], ascending=[False, True])
            return dots(
                lines, label="group", numerator="pushed", denominator="deals",
                title=share_title(message("Put off / opportunities")),
                reference=float(self.frame["share"].iloc[0]),
            )  # fmt: skip
        return _draw(self)

    def shares(self) -> pd.DataFrame:
        """Shares put off as label, count, total: what `workbench.compare` puts side by side."""
        names = {"group": "label", "pushed": "count", "deals": "total"}
        return self.frame.rename(columns=names)[list(names.values())]

    def members(
        self, pushes: int | None = None, *, at_least: int = 1, group: str | None = None,
        outcome: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The deals that were put off, as a list that can be exported.

        Parameters
        ----------
        pushes : int, optional
            Exactly so often; 4 stands for four and more, as in `by_count`.
        at_least : int
            When `pushes` is left out: so often or more.
        group : str, optional
        outcome : {"open", "won", "lost"}, optional

        Returns
        -------
        pandas.DataFrame
            With ``pushes``, ``pulls`` and ``net_days`` beside the columns of a list of deals.
        """
        from workbench.sales.pipeline.members import OUTCOMES

        if outcome is not None and outcome not in OUTCOMES:
            raise ArgumentError.of("outcome", outcome, OUTCOMES)
        for name, value in (("pushes", pushes), ("at_least", at_least)):
            if value is not None and (not isinstance(value, int) or value < 0):
                raise ArgumentError.of(name, value, message("a whole number from 0"))
        number = self.moved.pushes
        mask = self.moved.part & (
            (number >= at_least) if pushes is None else (np.minimum(number, MOST) == pushes)
        )
        if outcome is not None:
            mask = mask & (self.question.standing.outcome == OUTCOMES.index(outcome))
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        out = listed(self.question, mask)
        places = np.flatnonzero(mask)
        keys = self.question.deals.text("opportunity_id")[places]
        place = dict(zip(keys, places, strict=True))
        order = np.array([place[key] for key in out["opportunity_id"]], np.int64)
        return out.assign(
            pushes=number[order],
            pulls=self.moved.pulls[order],
            net_days=self.moved.net_days[order],
        )


def _draw(result: Pushes) -> Any:
    import altair as alt

    data = result.by_count
    names = {"won": message("Won"), "lost": message("Lost"), "open": message("Open")}
    long = data.melt(["label", "deals"], list(names), "outcome", "count")
    long["name"] = long["outcome"].map(names)
    long["rank"] = long["outcome"].map({n: i for i, n in enumerate(names)})
    data = data.assign(
        words=[
            message(
                "{n} · won {share} ({won} / {closed})",
                n=numbers.count(n), share=numbers.share(s), won=numbers.count(w),
                closed=numbers.count(c),
            )
            if c
            else numbers.count(n)
            for n, s, w, c in zip(
                data["deals"], data["share"], data["won"], data["closed"], strict=True
            )
        ]
    )  # fmt: skip
    order = list(data["label"])
    y = alt.Y("label:N", sort=order, title=None, axis=alt.Axis(ticks=False, domain=False))
    limit = float(data["deals"].max()) * 1.5
    title = message("Opportunities")
    x = alt.X("count:Q", scale=alt.Scale(domain=[0, limit], nice=False),
              axis=alt.Axis(title=title, tickMinStep=1, tickCount=5))  # fmt: skip
    bars = alt.Chart(long).mark_bar(height=20).encode(
        x=x, y=y, order=alt.Order("rank:Q"),
        color=alt.Color("name:N", title=None, sort=list(names.values()),
                        scale=alt.Scale(domain=list(names.values()),
                                        range=[theme.ACCENT, theme.MUTED, theme.OPEN])),
        tooltip=[alt.Tooltip("label:N", title=message("Times put off")),
                 alt.Tooltip("name:N", title=message("Outcome")),
                 alt.Tooltip("count:Q", title=message("Opportunities"))],
    )  # fmt: skip
    texts = alt.Chart(data).mark_text(align="left", dx=5, fontSize=12).encode(
        x=alt.X("deals:Q"), y=y, text="words:N"
    )  # fmt: skip
    return alt.layer(bars, texts).properties(width=520, height=alt.Step(32))
