"""Stages as the workspace knows them: order, kind, probability, purpose, exit criteria."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from workbench.quoting import quoted
from workbench.workspace import Workspace

KINDS = ("open", "won", "lost")
OPEN, WON, LOST = range(3)
COLUMNS = {
    "pipeline": "Pipeline; empty where deals name none",
    "stage": "Stage",
    "sort": "Place within the pipeline",
    "kind": "open, won or lost",
    "default_probability": "Probability that goes with the stage, 0…1",
    "forecast_category": "Forecast category that goes with it",
    "purpose": "What the stage is for",
    "exit_criteria": "What must be true to leave it",
    "required_fields": "Columns to be filled before a deal moves on, apart by semicolons",
    "max_days": "Longest usual stay in days",
    "is_active": "Whether the stage is in use",
    "known": "Whether the catalogue of stages holds it; else it was only seen in deals",
}


class Catalogue:
    """All stages of a workspace, those of its catalogue first, then those only seen in deals.

    Attributes
    ----------
    frame : pandas.DataFrame
        One line a pipeline and stage, with the columns of `COLUMNS`; its position is the code of
        the stage.

    Notes
    -----
    Source: b2b-data-model.md, section 2 (stages); sales-pipeline.md, section 1. A stage that no
    catalogue holds is won or lost when most deals that stand in it are, and comes after the others
    in the order of its usual probability. A catalogue without pipelines holds for all of them.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame.reset_index(drop=True)

    @classmethod
    def of(cls, workspace: Workspace) -> Catalogue:
        """The stages of a workspace."""
        known, seen = _catalogue(workspace), _seen(workspace)
        if len(known) and set(known["pipeline"]) == {""} and len(seen):
            pipelines = seen[["pipeline"]].drop_duplicates()
            known = known.drop(columns="pipeline").merge(pipelines, how="cross")
        keys = pd.MultiIndex.from_frame(known[["pipeline", "stage"]])
        unlisted = ~pd.MultiIndex.from_frame(seen[["pipeline", "stage"]]).isin(keys)
        frame = pd.concat([known, seen[unlisted]], ignore_index=True)[list(COLUMNS)]
        return cls(frame.sort_values(["pipeline", "sort", "stage"], kind="stable"))

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def kind(self) -> np.ndarray:
        """0 open, 1 won, 2 lost, for each code."""
        return self.frame["kind"].map(KINDS.index).to_numpy(np.int8)

    @cached_property
    def place(self) -> np.ndarray:
        """Order of each open stage within its pipeline, from 0; closed ones come after."""
        out = np.zeros(len(self), np.int64)
        for _, part in self.frame.groupby("pipeline", sort=False):
            closed = (part["kind"] != "open").to_numpy()
            order = np.lexsort((part["stage"], part["sort"].to_numpy(float), closed))
            out[part.index[order]] = np.arange(len(part))
        return out

    @cached_property
    def pipelines(self) -> list[str]:
        """Names of the pipelines."""
        return sorted(self.frame["pipeline"].unique())

    def unlisted(self) -> pd.DataFrame:
        """Stages that deals name and the catalogue does not hold."""
        return self.frame[~self.frame["known"]]


def _catalogue(workspace: Workspace) -> pd.DataFrame:
    if not workspace.has("stages", "stage"):
        return pd.DataFrame(columns=list(COLUMNS))
    columns = workspace.columns_of("stages")
    chosen = ", ".join(
        f"{quoted(name)}" if name in columns else f"NULL AS {name}"
        for name in COLUMNS
        if name != "known"
    )
    read = workspace.sql(f"SELECT {chosen} FROM stages ORDER BY ALL")
    order = pd.to_numeric(read["sort"], errors="coerce").fillna(np.inf)
    frame = pd.DataFrame(
        {
            "pipeline": read["pipeline"].fillna("").astype(str),
            "stage": read["stage"].astype(str),
            "sort": order.astype(float),
            "kind": read["kind"].fillna("").astype(str).str.strip().str.lower(),
            "default_probability": pd.to_numeric(read["default_probability"]).astype(float),
            "forecast_category": read["forecast_category"].astype(object),
            "purpose": read["purpose"].astype(object),
            "exit_criteria": read["exit_criteria"].astype(object),
            "required_fields": read["required_fields"].astype(object),
            "max_days": pd.to_numeric(read["max_days"]).astype(float),
            "is_active": read["is_active"].fillna(True).astype(bool),
            "known": True,
        }
    )
    frame["kind"] = frame["kind"].where(frame["kind"].isin(KINDS), "open")
    return frame.drop_duplicates(["pipeline", "stage"])


def _seen(workspace: Workspace) -> pd.DataFrame:
    """Stages that stand in deals or their history; kind and order from the deals themselves."""
    parts = []
    if workspace.has("opportunities", "stage"):
        columns = workspace.columns_of("opportunities")
        pipeline = "coalesce(pipeline, '')" if "pipeline" in columns else "''"
        closed, won = (
            f"coalesce({name}, false)" if name in columns else "false"
            for name in ("is_closed", "is_won")
        )
        parts.append(
            f"SELECT {pipeline} AS pipeline, stage, count(*) FILTER ({closed} AND {won}) AS won, "
            f"count(*) FILTER ({closed} AND NOT {won}) AS lost, count(*) AS n, "
            "NULL::DOUBLE AS probability FROM opportunities WHERE stage IS NOT NULL GROUP BY ALL"
        )
    if workspace.has("opportunity_history", "stage", "opportunity_id"):
        known = "pipeline" in workspace.columns_of("opportunities")
        pipeline = "coalesce(o.pipeline, '')" if known else "''"
        has_chance = "probability" in workspace.columns_of("opportunity_history")
        chance = "median(h.probability)" if has_chance else "NULL::DOUBLE"
        parts.append(
            f"SELECT {pipeline} AS pipeline, h.stage, 0 AS won, 0 AS lost, 0 AS n, "
            f"{chance} AS probability FROM opportunity_history h "
            "JOIN opportunities o USING (opportunity_id) WHERE h.stage IS NOT NULL GROUP BY ALL"
        )
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    read = workspace.sql(
        "SELECT pipeline, stage, sum(won) AS won, sum(lost) AS lost, sum(n) AS n, "
        f"max(probability) AS probability FROM ({' UNION ALL '.join(parts)}) "
        "GROUP BY ALL ORDER BY pipeline, probability NULLS LAST, stage"
    )
    kind = np.where(
        (read["won"] > 0) & (2 * read["won"] > read["n"]),
        "won",
        np.where((read["lost"] > 0) & (2 * read["lost"] > read["n"]), "lost", "open"),
    )
    return pd.DataFrame(
        {
            "pipeline": read["pipeline"].astype(str),
            "stage": read["stage"].astype(str),
            "sort": 1000.0 + read.groupby("pipeline").cumcount(),
            "kind": kind,
            "default_probability": np.nan,
            "forecast_category": None,
            "purpose": None,
            "exit_criteria": None,
            "required_fields": None,
            "max_days": np.nan,
            "is_active": True,
            "known": False,
        }
    )
