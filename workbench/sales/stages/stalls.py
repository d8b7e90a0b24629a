"""Open deals that have stood in their stage longer than usual: a list to act on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Block, Result
from workbench.results.blocks import action_table
from workbench.results.tables import Column
from workbench.sales.catalogue import OPEN
from workbench.sales.stages import members
from workbench.sales.stages.chart import MOST_STAGES, stage_axis
from workbench.sales.stages.common import (
    Answer,
    labels_of,
    limit_in_words,
    money_in_words,
    question_in_words,
    scope_of,
)
from workbench.sales.stages.found import Found

if TYPE_CHECKING:
    import altair as alt

MOST_POINTS = 1_500
COLUMNS = {
    **members.COLUMNS,
    "days_over": "days_in_stage - max_days",
    "next_step": "Next step as written; empty for none",
}


class StalledDeals(Answer, Result):
    """Open deals longer in their stage than its limit, those worth most first.

    Attributes
    ----------
    found : Found
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "stalled_deals"

    def __init__(self, found: Found) -> None:
        self.found = found
        self.scope = scope_of(found, self.findings)
        self.definition = found.question.plain(self.kind)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a stalled deal."""
        places = np.flatnonzero(self.found.stalled)
        out = members.listing(self.found, places)
        out["days_over"] = out["days_in_stage"] - out["max_days"]
        steps = self.found.deals.table.column("next_step").take(places)
        out["next_step"] = np.asarray(steps.to_numpy(zero_copy_only=False), object)
        return out.sort_values(
            ["amount", "days_over", "opportunity_id"],
            ascending=[False, False, True],
            na_position="last",
            ignore_index=True,
        )

    @cached_property
    def _judged(self) -> np.ndarray:
        """Open deals of which is known how long they stand, in stages with a limit."""
        found = self.found
        limits = np.append(found.limits["max_days"].to_numpy(float), np.nan)
        known = ~np.isnan(found.days_in_stage) & ~np.isnan(limits[found.moment.stage])
        return np.flatnonzero(found.standing & (found.moment.kind == OPEN) & known)

    def headline(self) -> str:
        """How many of the open deals stall, and what they are worth."""
        found = self.found
        total, stalled = self._judged.size, len(self.frame)
        n_open = int((found.standing & (found.moment.kind == OPEN)).sum())
        if not total:
            return message_of_count(
                "Whether the {count} open deal stalls cannot be said: no entry into a stage, or no "
                "longest usual stay, is known.",
                "Whether the {count} open deals stall cannot be said: no entry into a stage, or no "
                "longest usual stay, is known.",
                n_open,
            )
        text = message(
            "{n} of {total} open deals have stood in their stage longer than usual ({share})",
            n=numbers.count(stalled),
            total=numbers.count(total),
            share=numbers.share(stalled / total),
        )
        worth = self.frame["amount"].sum()
        if worth > 0:
            text += message(", worth {amount}", amount=numbers.money(worth, self.currency))
        return text + "."

    def reading(self) -> str:
        """What the picture is."""
        left = int((self.found.standing & (self.found.moment.kind == OPEN)).sum())
        left -= self._judged.size
        parts = []
        if self._judged.size:
            parts.append(
                message(
                    "Each point is an open deal; the dark mark is the longest usual stay of the "
                    "stage, blue points lie beyond it."
                )
                if self._judged.size <= MOST_POINTS
                else message("Bars are open deals; the blue part is longer there than usual.")
            )
        if left:
            parts.append(
                message_of_count(
                    "{count} open deal is left out: its entry or the limit is not known.",
                    "{count} open deals are left out: their entry or the limit is not known.",
                    left,
                )
            )
        return " ".join(parts)

    def definitions(self) -> list[str]:
        """What stalling means."""
        return [limit_in_words(), money_in_words(self.found), *question_in_words(self.found)]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("name", message("Deal")),
            Column("account", message("Company")),
            Column("owner", message("Owner")),
            Column("stage", message("Stage")),
            Column("days_in_stage", message("Days in stage"), "duration"),
            Column("max_days", message("Longest usual stay"), "duration"),
            Column("amount", message("Amount"), "money", self.currency),
            Column("expected_close_on", message("Expected close"), "date"),
            Column("next_step", message("Next step")),
        )

    def to_act_on(self) -> Block:
        """The list as a part of a page."""
        return action_table(
            message("Deals that stand still"),
            self.headline(),
            self.frame,
            self.shown(),
            anchor="stalled-deals",
            zone=self.found.question.workspace.settings.report_tz,
        )

    def members(self, stage: str | None = None, owner: str | None = None) -> pd.DataFrame:
        """The stalled deals of a stage or of an owner."""
        out = self.frame
        if stage is not None:
            members.code_of(self.found, stage)
            out = out[out["stage"] == stage]
        if owner is not None:
            out = out[out["owner"] == owner]
        return out.reset_index(drop=True)

    def chart(self) -> alt.TopLevelMixin:
        """Days in stage of every open deal beside the limit of the stage."""
        found = self.found
        if not self._judged.size:
            return theme.empty_chart(self.headline())
        own = found.catalogue.frame
        codes = [c for c in found.codes if c in set(found.moment.stage[self._judged])]
        codes = codes[:MOST_STAGES]
        stages = pd.DataFrame(
            {"pipeline": own["pipeline"].iloc[codes], "stage": own["stage"].iloc[codes]}
        )
        named = dict(zip(codes, labels_of(stages, 34), strict=True))
        kept = self._judged[np.isin(found.moment.stage[self._judged], codes)]
        stage = found.moment.stage[kept]
        data = pd.DataFrame(
            {
                "label": [named[code] for code in stage],
                "order": [codes.index(code) for code in stage],
                "days": found.days_in_stage[kept],
                "max_days": found.limits["max_days"].to_numpy(float)[stage],
                "over": found.stalled[kept],
            }
        )
        if self._judged.size > MOST_POINTS:
            return _bars(data)
        listed = members.listing(found, kept)
        data["deal"], data["owner"] = listed["name"], listed["owner"]
        data["amount"] = listed["amount"]
        return _points(data)


def _points(data: pd.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    ordered = data.sort_values("order", kind="stable")
    # Points of one stage stand apart by their place among those of like length.
    rank = ordered.groupby("label")["days"].rank(method="first").astype(int)
    ordered = ordered.assign(lane=(rank * 7) % 11)
    first = ordered.drop_duplicates("label")
    y = stage_axis(first)
    tooltip = [
        alt.Tooltip("deal:N", title=message("Deal")),
        alt.Tooltip("owner:N", title=message("Owner")),
        alt.Tooltip("days:Q", title=message("Days in stage"), format=",.0f"),
        alt.Tooltip("max_days:Q", title=message("Longest usual stay"), format=",.0f"),
        alt.Tooltip("amount:Q", title=message("Amount"), format=",.0f"),
    ]
    points = (
        alt.Chart(ordered)
        .mark_circle(size=46, opacity=0.75)
        .encode(
            y=y,
            yOffset=alt.YOffset("lane:Q", scale=alt.Scale(domain=[-2, 12])),
            x=alt.X("days:Q", title=message("Days in the stage"), scale=alt.Scale(zero=True)),
            color=alt.condition("datum.over", alt.value(theme.ACCENT), alt.value("#9AA5B1")),
            tooltip=tooltip,
        )
    )
    limits = (
        alt.Chart(first)
        .mark_tick(color=theme.TEXT, thickness=2, size=32)
        .encode(y=y, x="max_days:Q")
    )
    return alt.layer(limits, points).properties(width=640, height=alt.Step(40))


def _bars(data: pd.DataFrame) -> alt.TopLevelMixin:
    import altair as alt

    counts = data.groupby("label", sort=False).agg(
        order=("order", "first"), deals=("over", "size"), over=("over", "sum")
    )
    counts = counts.sort_values("order").reset_index()
    counts["text"] = [
        f"{numbers.count(o)} / {numbers.count(n)}"
        for o, n in zip(counts["over"], counts["deals"], strict=True)
    ]
    base = alt.Chart(counts).encode(y=stage_axis(counts))
    x = alt.X(
        "deals:Q",
        title=message("Open deals"),
        scale=alt.Scale(rangeMax=alt.ExprRef("width - 130"), nice=False),
        axis=alt.Axis(tickCount=4, format="~s"),
    )
    return alt.layer(
        base.mark_bar(color=theme.MUTED).encode(x=x),
        base.mark_bar(color=theme.ACCENT).encode(x="over:Q"),
        base.mark_text(align="left", dx=5, fontSize=12, color=theme.TEXT).encode(
            x="deals:Q", text="text:N"
        ),
    ).properties(width=640, height=alt.Step(28))
