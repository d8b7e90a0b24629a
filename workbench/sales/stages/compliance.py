"""Whether the required fields of a stage were filled when deals moved on from it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.catalogue import WON
from workbench.sales.stages.chart import stage_axis
from workbench.sales.stages.common import (
    Answer,
    labels_of,
    mix_in_words,
    question_in_words,
    scope_of,
)
from workbench.sales.stages.fields import Filled, filled, required_of
from workbench.sales.stages.found import Found
from workbench.sales.stages.members import code_of, listing
from workbench.sales.stages.moves import moves_of
from workbench.sales.stays import ADVANCE, CLOSE, SKIP

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "pipeline": "Pipeline",
    "stage": "Stage that was left",
    "field": "Required field; empty for all of the stage together",
    "source": "history (as it was at the move), today (as it is now), or mixed for all together",
    "advances": "Moves on from the stage in the period: to a later open stage, or won",
    "filled": "Of advances: those with the field filled",
    "share": "filled / advances, 0…1",
    "low": "Lower end of its 95 % Wilson interval",
    "high": "Upper end of its 95 % Wilson interval",
    "entered": "Deals that entered the stage in the period, each once",
    "filled_on_entry": "Of entered: those with the field filled when they first entered",
    "share_on_entry": "filled_on_entry / entered, 0…1",
}
MOST_LINES = 40
_SHARES = ("share", "low", "high", "share_on_entry")
_TEXTS = ("pipeline", "stage", "field", "source")


class ExitCriteria(Answer, Result):
    """Exit-criteria compliance: moves on with all required fields filled.

    Attributes
    ----------
    found : Found
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "exit_criteria"

    def __init__(self, found: Found) -> None:
        self.found = found
        self.scope = scope_of(found, self.findings)
        self.definition = found.question.plain(self.kind)

    @cached_property
    def _advances(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Stage left, save and deal of every move on."""
        moves, catalogue = moves_of(self.found), self.found.catalogue
        on = (moves.kind == ADVANCE) | (moves.kind == SKIP)
        on |= (moves.kind == CLOSE) & (catalogue.kind[moves.target] == WON)
        return moves.origin[on], moves.save[on], moves.deal[on]

    def _known(self, code: int) -> dict[str, Filled]:
        """Required fields of a stage that saves or deals hold."""
        every = {name: filled(self.found, name) for name in required_of(self.found)[code]}
        return {name: known for name, known in every.items() if known is not None}

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a stage and field, first all fields of the stage together."""
        found, rows = self.found, []
        origin, saves, deals = self._advances
        visits = found.visits
        own = found.catalogue.frame
        for code in required_of(found):
            known = self._known(code)
            if not known:
                continue
            left, entered = origin == code, visits.stage == code
            first = found.stays.save[visits.first_stay[entered]]
            marks = {n: k.of(saves[left], deals[left]) for n, k in known.items()}
            entry = {n: k.of(first, visits.deal[entered]) for n, k in known.items()}
            sources = {n: "history" if k.at_save else "today" for n, k in known.items()}
            kinds = set(sources.values())
            marks[""] = np.logical_and.reduce(list(marks.values()))
            entry[""] = np.logical_and.reduce(list(entry.values()))
            sources[""] = kinds.pop() if len(kinds) == 1 else "mixed"
            for name in ("", *known):
                rows.append(
                    {
                        "pipeline": str(own["pipeline"].iat[code]),
                        "stage": str(own["stage"].iat[code]),
                        "field": name,
                        "source": sources[name],
                        "advances": int(left.sum()),
                        "filled": int(marks[name].sum()),
                        "entered": int(entered.sum()),
                        "filled_on_entry": int(entry[name].sum()),
                    }
                )
        frame = pd.DataFrame(rows, columns=[c for c in COLUMNS if c not in _SHARES])
        for name, count, total in (
            ("share", "filled", "advances"), ("share_on_entry", "filled_on_entry", "entered"),
        ):  # fmt: skip
            totals = frame[total].astype(float)
            frame[name] = frame[count].astype(float) / totals.where(totals > 0)
        frame["low"], frame["high"] = wilson(
            frame["filled"].to_numpy(float), frame["advances"].to_numpy(float)
        )
        return frame[list(COLUMNS)].astype(dict.fromkeys(_TEXTS, "str"))

    def headline(self) -> str:
        """How many moves on had everything filled."""
        if not required_of(self.found):
            return message("The catalogue of stages names no required fields.")
        if not self.found.has_history:
            return mix_in_words(self.found)
        whole = self.frame[self.frame["field"] == ""]
        total, full = int(whole["advances"].sum()), int(whole["filled"].sum())
        if not total:
            return message("No deal has moved on from a stage with required fields.")
        text = message(
            "{n} of {total} moves on had all required fields filled ({share})",
            n=numbers.count(full),
            total=numbers.count(total),
            share=numbers.share(full / total),
        )
        seen = whole[whole["advances"] > 0]
        worst = seen.loc[seen["share"].idxmin()]
        if full < total and len(seen) > 1:
            text += message(
                ", fewest from {stage} ({n} of {m})",
                stage=numbers.shortened(str(worst["stage"]), 40),
                n=numbers.count(worst["filled"]),
                m=numbers.count(worst["advances"]),
            )
        if (whole["source"] != "history").any():
            text += message("; some by today's values, as the history lacks the field")
        return text + "."

    def reading(self) -> str:
        """What the bars are."""
        if not self.frame["advances"].sum():
            return ""
        text = message(
            "A bar is the share of moves on from the stage, to a later open stage or to won, with "
            "the field filled; dark for all fields of the stage together, the thin line is the "
            "95 % interval."
        )
        if (self.frame["source"] != "history").any():
            text += " " + message("* marks what is judged by today's values.")
        return text

    def definitions(self) -> list[str]:
        """What filled means."""
        return [
            message(
                "Filled: the last save up to the move that names the field; spaces alone are "
                "empty, 0 and false are filled. Where the history lacks a field, its value now "
                "counts and is marked: it may have been filled later."
            ),
            *question_in_words(self.found),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("pipeline", message("Pipeline")),
            Column("stage", message("Stage left")),
            Column("field", message("Field")),
            Column("source", message("Judged by")),
            Column("advances", message("Moves on"), "count"),
            Column("filled", message("Filled"), "count"),
            Column("share", message("Filled, of moves on"), "share"),
            Column("share_on_entry", message("Filled when entering"), "share"),
        )

    def table_frame(self) -> pd.DataFrame:
        """Rows with words in place of codes."""
        words = {
            "history": message("history"),
            "today": message("today's value"),
            "mixed": message("both"),
        }
        field = self.frame["field"].where(self.frame["field"] != "", message("(all)"))
        return self.frame.assign(field=field, source=self.frame["source"].map(words))

    def chart(self) -> alt.TopLevelMixin:
        """Share filled of every required field."""
        import altair as alt

        frame = self.table_frame()
        frame = frame[frame["advances"] > 0].head(MOST_LINES)
        if frame.empty:
            return theme.empty_chart(self.headline())
        raw = self.frame.loc[frame.index]
        stages = numbers.shortened_apart(labels_of(frame, 28), 28)
        star = ["" if s == "history" else " *" for s in raw["source"]]
        names = [
            f"{stage} · {numbers.shortened(str(field), 24)}{mark}"
            for stage, field, mark in zip(stages, frame["field"], star, strict=True)
        ]
        data = frame.assign(
            label=numbers.shortened_apart(names, 60),
            whole=(raw["field"] == "").to_numpy(),
            text=[
                f"{numbers.count(f)} / {numbers.count(a)} · {numbers.share(s)}"
                for f, a, s in zip(frame["filled"], frame["advances"], frame["share"], strict=True)
            ],
        )
        x = alt.X(
            "share:Q",
            title=message("Moves on with the field filled"),
            scale=alt.Scale(domain=[0, 1], rangeMax=alt.ExprRef("width - 150")),
            axis=alt.Axis(format=".0%", tickCount=5),
        )
        tooltip = [
            alt.Tooltip("stage:N", title=message("Stage left")),
            alt.Tooltip("field:N", title=message("Field")),
            alt.Tooltip("source:N", title=message("Judged by")),
            alt.Tooltip("text:N", title=message("Filled")),
            alt.Tooltip("share_on_entry:Q", title=message("Filled when entering"), format=".0%"),
        ]
        base = alt.Chart(data).encode(y=stage_axis(data), tooltip=tooltip)
        return alt.layer(
            base.mark_bar(size=14).encode(
                x=x,
                color=alt.condition("datum.whole", alt.value(theme.ACCENT), alt.value(theme.MUTED)),
            ),
            base.mark_rule(color=theme.TEXT, strokeWidth=1).encode(x="low:Q", x2="high:Q"),
            base.mark_text(align="left", dx=8, fontSize=12, color=theme.TEXT).encode(
                x="high:Q", text="text:N"
            ),
        ).properties(width=560, height=alt.Step(26))

    def members(
        self, stage: str, field: str = "", *, filled: bool = False, pipeline: str | None = None
    ) -> pd.DataFrame:
        """The deals that moved on without a field, or with it.

        Parameters
        ----------
        stage : str
        field : str
            All required fields of the stage together when empty.
        filled : bool
            Those with it instead of those without.
        pipeline : str, optional

        Returns
        -------
        pandas.DataFrame
            As `workbench.sales.stages.members.COLUMNS`.
        """
        origin, saves, deals = self._advances
        parts, fields = [], set()
        for code in code_of(self.found, stage, pipeline):
            known = self._known(int(code)) if int(code) in required_of(self.found) else {}
            fields |= set(known)
            if field and field not in known:
                continue
            left = origin == code
            marks = [
                mark.of(saves[left], deals[left])
                for name, mark in known.items()
                if field in ("", name)
            ]
            if marks:
                full = np.logical_and.reduce(marks)
                parts.append(deals[left][full if filled else ~full])
        if field and field not in fields:
            raise ArgumentError.of("field", field, sorted(fields))
        found = np.unique(np.concatenate(parts)) if parts else np.empty(0)
        return listing(self.found, found.astype(np.int64))
