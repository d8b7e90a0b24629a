"""The answer: of the deals that entered a stage, the share that went on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import numbers, theme
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.catalogue import OPEN
from workbench.sales.history import DAY
from workbench.sales.pipeline.dots import MOST, dots, share_title
from workbench.sales.pipeline.groups import everyone
from workbench.sales.pipeline.members import chosen_group, listed
from workbench.sales.pipeline.question import Question

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.pipeline.conversion import Entries
    from workbench.vocabulary.durations import Duration

ONWARD, WON_NAME, LOST_NAME = "onward", "won", "lost"
PARTS = ("reached", "not_reached", "unmatured")
COLUMNS = {
    "group": "'All opportunities' first, then each value of by",
    "pipeline": "Pipeline; empty where deals name none",
    "from_stage": "Stage that was entered in the period",
    "to": "A later open stage; onward: any later open stage or won; won; lost",
    "kind": "stage, onward, won, or lost",
    "entered": "Deals that entered from_stage in the period",
    "unmatured": "Of them, those whose entry is younger than the horizon: left out",
    "matured": "entered − unmatured: the denominator",
    "reached": "Of matured, those seen there later, within the horizon",
    "share": "reached / matured, 0…1",
    "low": "Lower end of its 95 % interval (Wilson)",
    "high": "Upper end of its 95 % interval (Wilson)",
    "median_days": "Median days of reached from entering to being seen there",
}


class StageConversion(Result):
    """Of the deals that entered a stage, the share that was seen in a later one.

    Attributes
    ----------
    question : Question
    entries : Entries
    horizon : Duration or None
    implied : bool
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "stage_conversion"

    def __init__(
        self, *, question: Question, entries: Entries, horizon: Duration | None, implied: bool
    ) -> None:
        self.question = question
        self.entries = entries
        self.horizon = horizon
        self.implied = implied
        self.definition = question.plain()
        self.scope = question.scope(question.quality_note(), *self._notes())

    def _notes(self) -> tuple[str, ...]:
        young = int((~self.matured).sum())
        if not young:
            return ()
        return (
            message_of_count(
                "{count} entry into a stage is younger than the horizon and left out.",
                "{count} entries into stages are younger than the horizon and left out.",
                young,
            ),
        )

    @cached_property
    def matured(self) -> np.ndarray:
        """Whether the whole horizon after an entry could be seen."""
        if self.horizon is None:
            return np.ones(self.entries.at.size, bool)
        return np.asarray(self.entries.at + self.horizon.microseconds <= self.question.instant)

    def _times(self, stage: int, to: str, after: np.ndarray) -> np.ndarray:
        """Microseconds from entries into a stage to being seen in `to`."""
        catalogue = self.question.deals.catalogue
        place = int(catalogue.place[stage])
        if to == WON_NAME:
            return after[-2]
        if to == LOST_NAME:
            return after[-1]
        if to == ONWARD:
            out = after[-2]
            for column in after[place + 1 : -2]:
                out = np.minimum(out, column)
            return out
        own = catalogue.frame["pipeline"] == catalogue.frame["pipeline"].iloc[stage]
        found = np.flatnonzero((own & (catalogue.frame["stage"] == to)).to_numpy())
        return after[int(catalogue.place[found[0]])]

    def _reached(self, times: np.ndarray) -> np.ndarray:
        limit = np.iinfo(np.int64).max - 1
        return times <= (limit if self.horizon is None else self.horizon.microseconds)

    @cached_property
    def pairs(self) -> list[tuple[int, str, str]]:
        """Code of each open stage with each place that can follow it, and its kind."""
        catalogue, out = self.question.deals.catalogue, []
        used = set(np.unique(self.entries.stage))
        frame = catalogue.frame
        for name in catalogue.pipelines:
            own = np.flatnonzero((frame["pipeline"] == name) & (frame["kind"] == "open"))
            own = own[np.argsort(catalogue.place[own], kind="stable")]
            if not used & set(own):
                continue
            for n, stage in enumerate(own):
                out.append((int(stage), ONWARD, ONWARD))
                out += [(int(stage), str(frame["stage"].iloc[j]), "stage") for j in own[n + 1 :]]
                out += [(int(stage), WON_NAME, WON_NAME), (int(stage), LOST_NAME, LOST_NAME)]
        return out

    @cached_property
    def frame(self) -> pd.DataFrame:
        """Each stage with what can follow it, for all deals and then each group."""
        entries, frame = self.entries, self.question.deals.catalogue.frame
        groups, by = self.question.groups, self.question.by
        rows: list[tuple[Any, ...]] = []
        for stage in dict.fromkeys(stage for stage, _, _ in self.pairs):
            own = np.flatnonzero(entries.stage == stage)
            codes = np.zeros(own.size, np.int64) if by is None else groups.codes[entries.deal[own]]
            if by is not None:
                order = np.argsort(codes, kind="stable")
                own, codes = own[order], codes[order]
            after, matured = entries.after[:, own], self.matured[own]
            levels = [([everyone()], np.zeros(own.size, np.int64))]
            levels += [] if by is None else [(groups.names, codes)]
            counts = [
                [np.bincount(c, minlength=len(names)) for c in (inside, inside[matured])]
                for names, inside in levels
            ]
            for to, kind in ((to, kind) for other, to, kind in self.pairs if other == stage):
                times = self._times(stage, to, after)
                hit = self._reached(times) & matured
                seen = times[hit]
                for level, (names, inside) in enumerate(levels):
                    entered, old = counts[level]
                    reached, middle = _medians(seen, inside[hit], len(names))
                    rows += [
                        (level, n, name, frame["pipeline"].iloc[stage], frame["stage"].iloc[stage],
                         to, kind, entered[n], entered[n] - old[n], old[n], reached[n],
                         middle[n] / DAY)
                        for n, name in enumerate(names)
                    ]  # fmt: skip
        names = ["level", "order", *[c for c in COLUMNS if c not in ("share", "low", "high")]]
        out = pd.DataFrame(rows, columns=names)
        out["share"] = (out["reached"] / out["matured"].where(out["matured"] > 0)).astype(float)
        out["low"], out["high"] = wilson(out["reached"], out["matured"])
        out = out.sort_values(["level", "order"], kind="stable").reset_index(drop=True)
        return out[list(COLUMNS)]

    @cached_property
    def _onward(self) -> pd.DataFrame:
        """Going on from each stage, of all deals, in the order of stages."""
        lines = self.frame[self.frame["kind"] == ONWARD]
        count = sum(kind == ONWARD for _, _, kind in self.pairs)
        lines = lines.head(count)
        several = lines["pipeline"].nunique() > 1
        label = lines["pipeline"] + " · " + lines["from_stage"] if several else lines["from_stage"]
        return lines.assign(label=label)

    def _within(self) -> str:
        if self.horizon is None:
            return message("at any time")
        return message("within {time}", time=self.horizon.in_words())

    def headline(self) -> str:
        """The stage from which the fewest go on."""
        known = self._onward[self._onward["matured"] > 0]
        if known.empty:
            return message("0 entries into a stage are as old as the horizon")
        line = known.sort_values(["share", "matured"], ascending=[True, False]).iloc[0]
        return message(
            "Fewest go on from “{stage}”: {n} of {total} {within}, {share}",
            stage=numbers.shortened(str(line["label"]), 60),
            n=numbers.count(line["reached"]),
            total=numbers.count(line["matured"]),
            within=self._within(),
            share=numbers.share(line["share"]),
        )

    def reading(self) -> str:
        """What a dot is."""
        return message(
            "Each dot: of the opportunities that entered a stage, the share seen in any later "
            "stage or won {within}, with its 95 % interval.",
            within=self._within(),
        )

    def definitions(self) -> list[str]:
        """The rules in sentences."""
        seen = (
            message("seen there, or behind it")
            if self.implied
            else message("seen there; skipped stages do not count")
        )
        return [
            message(
                "Stage conversion: of those that entered a stage in {period}, those later {seen}, "
                "{within}. Entries younger than the horizon are left out.",
                period=self.question.range.in_words() or message("all time"),
                seen=seen,
                within=self._within(),
            ),
            *self.question.sentences(),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("group", message("Group")),
            Column("pipeline", message("Pipeline")),
            Column("from_stage", message("Entered")),
            Column("to", message("Later seen in")),
            Column("entered", message("Entered"), "count"),
            Column("unmatured", message("Too young"), "count"),
            Column("matured", message("Old enough"), "count"),
            Column("reached", message("Reached"), "count"),
            Column("share", message("Reached / old enough"), "share"),
            Column("low", message("From (95 %)"), "share"),
            Column("high", message("To (95 %)"), "share"),
            Column("median_days", message("Median time"), "duration"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Going on from each stage; of each group from the weakest stage where there are groups."""
        title = share_title(message("Went on / entered and old enough"))
        known = self._onward[self._onward["matured"] > 0]
        if known.empty:
            return theme.empty_chart(self.headline())
        if self.question.by is None:
            return dots(known.head(MOST), label="label", numerator="reached",
                        denominator="matured", title=title)  # fmt: skip
        weakest = known.sort_values(["share", "matured"], ascending=[True, False]).iloc[0]
        lines = self.frame[
            (self.frame["kind"] == ONWARD)
            & (self.frame["pipeline"] == weakest["pipeline"])
            & (self.frame["from_stage"] == weakest["from_stage"])
            & (self.frame["matured"] > 0)
        ].iloc[1:]
        lines = lines.sort_values("matured", ascending=False, kind="stable").head(MOST)
        lines = lines.sort_values(["share", "group"], ascending=[False, True])
        return dots(
            lines, label="group", numerator="reached", denominator="matured",
            title=share_title(
                message("Went on from “{stage}” / entered and old enough",
                        stage=numbers.shortened(str(weakest["label"])))
            ),
            reference=float(weakest["share"]),
        )  # fmt: skip

    def shares(self) -> pd.DataFrame:
        """Conversions as label, count, total: what `workbench.compare` puts side by side."""
        lines = self.frame
        label = [
            " · ".join(part for part in (x.group, x.pipeline, f"{x.from_stage} → {x.to}") if part)
            for x in lines.itertuples()
        ]
        return pd.DataFrame({"label": label, "count": lines["reached"], "total": lines["matured"]})

    def members(
        self, from_stage: str, to: str = ONWARD, *, part: str = "reached",
        pipeline: str | None = None, group: str | None = None,
    ) -> pd.DataFrame:  # fmt: skip
        """The deals behind a share, as a list that can be exported.

        Parameters
        ----------
        from_stage : str
        to : str
            A later stage, ``onward``, ``won`` or ``lost``.
        part : {"reached", "not_reached", "unmatured"}
        pipeline : str, optional
            Needed where several pipelines have the stage.
        group : str, optional
        """
        frame, entries = self.question.deals.catalogue.frame, self.entries
        stages = [
            (stage, other)
            for stage, other, _ in self.pairs
            if frame["stage"].iloc[stage] == from_stage
            and (pipeline is None or frame["pipeline"].iloc[stage] == pipeline)
        ]
        if part not in PARTS:
            raise ArgumentError.of("part", part, PARTS)
        if not stages:
            known = dict.fromkeys(str(frame["stage"].iloc[s]) for s, _, _ in self.pairs)
            raise ArgumentError.of("from_stage", from_stage, known)
        if to not in {other for _, other in stages}:
            raise ArgumentError.of("to", to, dict.fromkeys(other for _, other in stages))
        mask = np.zeros(len(self.question.deals), bool)
        for stage in {stage for stage, other in stages if other == to}:
            own = entries.stage == stage
            hit = self._reached(self._times(stage, to, entries.after))
            chosen = {
                "reached": own & self.matured & hit,
                "not_reached": own & self.matured & ~hit,
                "unmatured": own & ~self.matured,
            }[part]
            mask[entries.deal[chosen]] = True
        if group != everyone():
            mask = mask & chosen_group(self.question, group)
        return listed(self.question, mask & (self.question.standing.outcome >= OPEN))


def _medians(values: np.ndarray, codes: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Number of values of each group and their median; codes in order."""
    ends = np.searchsorted(codes, np.arange(size + 1))
    middle = [np.median(values[a:b]) if b > a else np.nan for a, b in pairwise(ends)]
    return np.diff(ends), np.array(middle, float)
