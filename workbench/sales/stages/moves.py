"""How deals move from stage to stage: the transition matrix, closings, and what was passed by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.results.base import Block, Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column
from workbench.sales.stages import moves_chart as drawing
from workbench.sales.stages import moves_wording as wording
from workbench.sales.stages.common import Answer, scope_of
from workbench.sales.stages.found import Found, found_for, quantiles
from workbench.sales.stages.members import code_of, listing
from workbench.sales.stages.question import question_of
from workbench.sales.stays import MOVES, deals_of_cells
from workbench.vocabulary.periods import Period
from workbench.workspace import Workspace

if TYPE_CHECKING:
    import altair as alt

COLUMNS = {
    "pipeline": "Pipeline of the stage that was left; of the first stage for a start",
    "from_stage": "Stage that was left; empty for the first stage of a deal",
    "to_stage": "Stage that was entered",
    "to_pipeline": "Its pipeline; another one for a transfer",
    "move": "start, advance, skip, regress, close, reopen or transfer",
    "to_kind": "open, won or lost: the kind of the stage that was entered",
    "moves": "Times it happened in the period",
    "deals": "Deals that did it, each once",
    "left": "All moves out of from_stage in the period; all starts in the pipeline for a start",
    "share": "moves / left, 0…1",
    "low": "Lower end of its 95 % Wilson interval",
    "high": "Upper end of its 95 % Wilson interval",
    "median_days": "Median length of the stay before the move, in days; empty for a start",
}
NAMES = {"start": marked("begin of a deal"), **MOVES}
START = -1


@dataclass(frozen=True)
class Moves:
    """Moves that count, in the order of deals and time.

    Attributes
    ----------
    deal, origin, target : numpy.ndarray
        Number of the deal, code of the stage left (-1 for a start) and of the stage entered.
    kind : numpy.ndarray of int8
        Place in `MOVES`; -1 for a start.
    days : numpy.ndarray of float
        Length of the stay before; NaN for a start.
    save : numpy.ndarray of int64
        Place in the history of the save that entered the stage.
    """

    deal: np.ndarray
    origin: np.ndarray
    target: np.ndarray
    kind: np.ndarray
    days: np.ndarray
    save: np.ndarray


def moves_of(found: Found) -> Moves:
    """Moves of counted deals in the period that leave or enter a shown stage, and their starts."""
    stays = found.stays
    first = np.append(True, stays.last[:-1]) if len(stays) else np.empty(0, bool)
    entered = found.counted[stays.deal]
    if found.question.period:
        start, end = found.question.bounds()
        entered &= (stays.start >= start) & (stays.start < end)
    shown = np.zeros(len(found.catalogue) + 1, bool)
    shown[found.codes] = True
    before = np.append(START, stays.stage[:-1])[: len(stays)]
    origin = np.where(first, START, before)
    entered &= shown[stays.stage] | shown[origin]
    at = np.flatnonzero(entered)
    came = np.maximum(at - 1, 0)
    starts = first[at]
    return Moves(
        stays.deal[at],
        origin[at],
        stays.stage[at],
        np.where(starts, START, stays.move[came]).astype(np.int8),
        np.where(starts, np.nan, stays.days[came]),
        stays.save[at],
    )


class StageMoves(Answer, Result):
    """Moves between stages: for each pair how often, by how many deals, after how long.

    Attributes
    ----------
    found : Found
    moves : Moves
        Every single move.
    """

    columns: ClassVar[Mapping[str, str]] = COLUMNS
    kind: ClassVar[str] = "stage_moves"

    def __init__(self, found: Found) -> None:
        self.found = found
        self.moves = moves_of(found)
        self.scope = scope_of(found, self.findings)
        self.definition = found.question.plain(self.kind)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One line a pair of stages that occurs, in the order of the stages."""
        moves, catalogue = self.moves, self.found.catalogue
        size = len(catalogue)
        cell = (moves.origin + 1) * np.int64(size) + moves.target
        every = np.bincount(cell, minlength=(size + 1) * size)
        cells = np.flatnonzero(every)
        place = np.zeros(every.size, np.int32)
        place[cells] = np.arange(cells.size)
        place = place[cell]
        count = every[cells]
        deals = deals_of_cells(place, moves.deal, cells.size)
        origin, target = cells // max(size, 1) - 1, cells % max(size, 1)
        own = catalogue.frame
        of_stage = self.found.pipeline_of_stage
        group = np.where(origin == START, -1 - of_stage[target], origin)
        left = pd.Series(count).groupby(group).transform("sum").to_numpy(np.int64)
        kinds = np.zeros(cells.size, np.int8)
        kinds[place] = moves.kind
        stage, pipeline = own["stage"].to_numpy(object), own["pipeline"].to_numpy(object)
        low, high = wilson(count, left)
        frame = pd.DataFrame(
            {
                "pipeline": pipeline[np.where(origin == START, target, origin)],
                "from_stage": np.where(origin == START, "", stage[origin]),
                "to_stage": stage[target],
                "to_pipeline": pipeline[target],
                "move": np.array([*MOVES, "start"], object)[kinds],
                "to_kind": own["kind"].to_numpy(object)[target],
                "moves": count,
                "deals": deals,
                "left": left,
                "share": count / np.maximum(left, 1),
                "low": low,
                "high": high,
                "median_days": quantiles(place, moves.days, cells.size, (0.5,))[:, 0],
            }
        )
        rank = catalogue.place
        order = np.lexsort(
            (
                rank[target],
                np.where(origin == START, -1, rank[origin]),
                of_stage[np.where(origin == START, target, origin)],
            )
        )
        texts = ["pipeline", "from_stage", "to_stage", "to_pipeline", "move", "to_kind"]
        return frame.iloc[order].reset_index(drop=True).astype(dict.fromkeys(texts, "str"))

    @cached_property
    def kinds(self) -> pd.DataFrame:
        """How often each kind of move happened, and to how many deals."""
        kind = self.moves.kind
        deals = deals_of_cells(kind + 1, self.moves.deal, len(MOVES) + 1)
        rows = [
            {
                "move": name,
                "moves": int((kind == n).sum()),
                "deals": int(deals[n + 1]),
            }
            for n, name in ((START, "start"), *enumerate(MOVES))
        ]
        return pd.DataFrame(rows)

    @property
    def pipelines(self) -> list[str]:
        """Pipelines in which anything moved."""
        return list(dict.fromkeys(self.frame["pipeline"]))

    @property
    def drawn_pipelines(self) -> int:
        """Pipelines in the picture."""
        return min(len(self.pipelines), drawing.MOST_PIPELINES)

    @property
    def closings(self) -> pd.DataFrame:
        """From which open stage deals were won and lost: ``won_from``, ``lost_from``, share."""
        closed = self.frame[self.frame["move"] == "close"]
        table = closed.pivot_table(
            index=["pipeline", "from_stage"], columns="to_kind", values="moves", aggfunc="sum",
            fill_value=0, sort=False, observed=True,
        ).reindex(columns=["won", "lost"], fill_value=0)  # fmt: skip
        out = table.reset_index().rename(columns={"won": "won_from", "lost": "lost_from"})
        out.columns.name = None
        total = out["won_from"] + out["lost_from"]
        out["share_won"] = out["won_from"] / total.where(total > 0)
        out["low"], out["high"] = wilson(out["won_from"].to_numpy(), total.to_numpy())
        return out

    def matrix(self, pipeline: str | None = None, value: str = "moves") -> pd.DataFrame:
        """The transition matrix of a pipeline: rows are left, columns are entered.

        Parameters
        ----------
        pipeline : str, optional
            The first one when left out.
        value : str
            ``moves``, ``deals``, ``share`` or ``median_days``.
        """
        allowed = ("moves", "deals", "share", "median_days")
        if value not in allowed:
            raise ArgumentError.of("value", value, allowed)
        codes = code_of(self.found, None, pipeline)
        own = self.found.catalogue.frame.iloc[codes]
        name = str(own["pipeline"].iloc[0]) if len(own) else ""
        stages = list(own.loc[own["pipeline"] == name, "stage"].astype(str))
        chosen = self.frame[(self.frame["pipeline"] == name) & (self.frame["move"] != "transfer")]
        table = chosen.pivot_table(index="from_stage", columns="to_stage", values=value)
        nothing = 0 if value in ("moves", "deals") else np.nan
        out = table.reindex(index=["", *stages], columns=stages)
        return out.astype(float).fillna(nothing) if nothing == 0 else out.astype(float)

    def headline(self) -> str:
        """How many moves led on, back and out."""
        return wording.headline(self)

    def reading(self) -> str:
        """What rows and columns are."""
        return wording.reading(self)

    def definitions(self) -> list[str]:
        """What each kind of move is."""
        return wording.definitions(self)

    def chart(self) -> alt.TopLevelMixin:
        """The transition matrix."""
        return drawing.draw_moves(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        found = [
            Column("from_stage", message("From")),
            Column("to_stage", message("To")),
            Column("move", message("Move")),
            Column("moves", message("Moves"), "count"),
            Column("deals", message("Deals"), "count"),
            Column("left", message("All moves from there"), "count"),
            Column("share", message("Share of moves from there"), "share"),
            Column("median_days", message("Median stay before"), "duration"),
        ]
        if self.frame["pipeline"].nunique() > 1:
            found.insert(0, Column("pipeline", message("Pipeline")))
        return tuple(found)

    def table_frame(self) -> pd.DataFrame:
        """Rows with words in place of an empty start."""
        words = self.frame["from_stage"].where(self.frame["move"] != "start", message("(start)"))
        named = [message(NAMES[move]) for move in self.frame["move"]]
        return self.frame.assign(from_stage=words, move=named)

    def key_figures(self) -> Block:
        """Three to five numbers for the head of a page."""
        return wording.figures(self)

    def members(
        self,
        from_stage: str | None = None,
        to_stage: str | None = None,
        *,
        move: str | None = None,
        pipeline: str | None = None,
    ) -> pd.DataFrame:
        """The deals that made a move.

        Parameters
        ----------
        from_stage, to_stage : str, optional
            Any stage when left out; an empty `from_stage` is a start.
        move : str, optional
            ``start``, ``advance``, ``skip``, ``regress``, ``close``, ``reopen``, ``transfer``.
        pipeline : str, optional
            Of the stage that was left.

        Returns
        -------
        pandas.DataFrame
            As `workbench.sales.stages.members.COLUMNS`, and ``moves``: how often.
        """
        moves = self.moves
        keep = np.ones(moves.deal.size, bool)
        if move is not None:
            if move not in NAMES:
                raise ArgumentError.of("move", move, NAMES)
            keep &= moves.kind == (START if move == "start" else list(MOVES).index(move))
        if from_stage == "":
            keep &= moves.origin == START
        elif from_stage is not None or pipeline is not None:
            keep &= np.isin(moves.origin, code_of(self.found, from_stage, pipeline))
        if to_stage is not None:
            keep &= np.isin(moves.target, code_of(self.found, to_stage))
        deals, times = np.unique(moves.deal[keep], return_counts=True)
        return listing(self.found, deals.astype(np.int64)).assign(moves=times)


def stage_moves(
    workspace: Workspace,
    *,
    period: str | Period | None = None,
    where: Any = None,
    pipeline: str | None = None,
    as_of: str | date | None = None,
    quality: str | Sequence[str] | None = None,
) -> StageMoves:
    """How do deals move between stages: on, over some, back, out, in again, away?

    Parameters
    ----------
    workspace : Workspace
    period : str, optional
        Moves count that happen inside it, in the reporting zone.
    where, pipeline, as_of, quality
        As in `wb.stages`.

    Returns
    -------
    StageMoves
        Its `frame` has the columns of `StageMoves.columns`; no lines without history.

    Notes
    -----
    Source: sales-pipeline.md, section 1 (states and moves).
    """
    question = question_of(
        workspace, period=period, where=where, pipeline=pipeline, as_of=as_of, quality=quality
    )
    return StageMoves(found_for(question))
