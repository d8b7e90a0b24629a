"""Whether a catalogue of stages is sound: names, order, kinds, probabilities, purpose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.quoting import quoted
from workbench.sales.catalogue import KINDS
from workbench.sales.stages.problems import Problem, as_frame
from workbench.sales.stages.templates import COLUMNS, stage_templates
from workbench.workspace import Workspace

CATEGORIES = ("Pipeline", "BestCase", "MostLikely", "Commit", "Closed", "Omitted")
MANY, TOO_MANY = 8, 10


def stage_design(
    stages: Workspace | pd.DataFrame | Sequence[Mapping[str, Any]] | str,
) -> pd.DataFrame:
    """Check the design of a catalogue of stages.

    Parameters
    ----------
    stages : Workspace, pandas.DataFrame, list of mappings, or name of a template
        A workspace's own catalogue, or one that is still being written: lines with the columns of
        the table ``stages``.

    Returns
    -------
    pandas.DataFrame
        One line a finding with the columns of `workbench.sales.stages.problems.COLUMNS`; none
        for a sound catalogue.

    Notes
    -----
    Source: sales-pipeline.md, section 1 (checks of a stage).
    """
    return as_frame(design_problems(_read(stages)))


def _read(stages: Any) -> pd.DataFrame:
    if isinstance(stages, Workspace):
        return catalogue_frame(stages)
    if isinstance(stages, str):
        known = stage_templates()
        if stages not in known:
            raise ArgumentError.of("stages", stages, known)
        return known[stages]
    if isinstance(stages, pd.DataFrame):
        frame = stages
    elif isinstance(stages, Sequence) and all(isinstance(row, Mapping) for row in stages):
        frame = pd.DataFrame(list(stages))
    else:
        raise ArgumentError.of(
            "stages",
            stages,
            message("a workspace, a frame, a list of mappings, or the name of a template"),
        )
    for name in frame.columns:
        if name not in COLUMNS and not str(name).startswith("x_"):
            raise ArgumentError.of("stages", name, COLUMNS)
    return frame


def catalogue_frame(workspace: Workspace) -> pd.DataFrame:
    """The table ``stages`` as it is written; no lines where there is none."""
    if not workspace.has("stages", "stage"):
        return pd.DataFrame(columns=list(COLUMNS))
    there = workspace.columns_of("stages")
    chosen = ", ".join(quoted(name) for name in COLUMNS if name in there)
    return workspace.sql(f"SELECT {chosen} FROM stages ORDER BY ALL")


def design_problems(frame: pd.DataFrame) -> list[Problem]:
    """Everything that is found in a catalogue, one finding for each stage and kind."""
    if frame.empty:
        return [
            Problem(
                "warning",
                message("There is no catalogue of stages: order and kind come from the deals."),
                message("Give a table stages; wb.stage_templates() has some to begin with."),
                table="stages",
                code="no_catalogue",
            )
        ]
    frame = frame.reindex(columns=list(COLUMNS)).copy()
    for name in ("pipeline", "stage", "kind", "forecast_category", "purpose", "exit_criteria"):
        frame[name] = [_text(value) for value in frame[name]]
    for name in ("sort", "default_probability", "max_days"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype(float)
    frame["kind"] = frame["kind"].str.lower()
    out: list[Problem] = []
    for _, part in frame.groupby("pipeline", sort=True):
        active = part[[value is not False and value != 0 for value in part["is_active"]]]
        if len(active):
            for check in (_names, _orders, _kinds, _words, _chances, _categories, _numbers):
                out += check(active.sort_values(["sort", "stage"], kind="stable"))
    return out


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value).strip()


def _about(row: Any, level: Any, code: str, problem: str, remedy: str = "", **more: Any) -> Problem:
    return Problem(
        level,
        problem,
        remedy,
        table="stages",
        code=code,
        pipeline=row.pipeline,
        stage=more.pop("stage", row.stage),
        **more,
    )


def _names(part: pd.DataFrame) -> Iterator[Problem]:
    first = next(part.itertuples())
    nameless = int((part["stage"] == "").sum())
    if nameless:
        yield _about(
            first, "error", "no_name", message("A stage has no name."), stage="", count=nameless
        )
    counts = part.loc[part["stage"] != "", "stage"].value_counts()
    for name, n in counts[counts > 1].items():
        yield _about(
            first,
            "error",
            "twice",
            message("The stage {stage} stands {n} times in its pipeline.", stage=name, n=n),
            message("Keep one line a stage."),
            stage=str(name),
            count=int(n),
        )


def _orders(part: pd.DataFrame) -> Iterator[Problem]:
    first = next(part.itertuples())
    sorts = part["sort"]
    counts = sorts.value_counts().sort_index()
    for value, n in counts[counts > 1].items():
        names = part.loc[sorts == value, "stage"]
        yield _about(
            first,
            "error",
            "same_order",
            message(
                "{stages} have the same order {sort}.", stages=", ".join(names), sort=f"{value:g}"
            ),
            stage="",
            count=int(n),
        )
    known = np.sort(sorts.dropna().unique())
    if sorts.isna().any():
        yield _about(
            first,
            "warning",
            "no_order",
            message("Stages without an order come last."),
            stage="",
            count=int(sorts.isna().sum()),
            value=str(part.loc[sorts.isna(), "stage"].iloc[0]),
        )
    if known.size and (np.diff(known) != 1).any():
        yield _about(
            first,
            "note",
            "gap_in_order",
            message("The order of the stages has gaps."),
            stage="",
            count=int((np.diff(known) != 1).sum()),
        )


def _kinds(part: pd.DataFrame) -> Iterator[Problem]:
    first = next(part.itertuples())
    for row in part[~part["kind"].isin(KINDS)].itertuples():
        yield _about(
            row,
            "error",
            "kind",
            message("{stage} has the kind {kind!r}.", stage=row.stage, kind=row.kind),
            message("Write open, won or lost; until then it counts as open."),
        )
    if "won" not in set(part["kind"]):
        yield _about(first, "error", "no_won", message("No stage is won."), stage="")
    if "lost" not in set(part["kind"]):
        yield _about(first, "error", "no_lost", message("No stage is lost."), stage="")


def _words(part: pd.DataFrame) -> Iterator[Problem]:
    for row in part[part["kind"] == "open"].itertuples():
        missing = {
            "purpose": message("why it exists"),
            "exit_criteria": message("what must be true to leave it"),
        }
        said = [words for name, words in missing.items() if not getattr(row, name)]
        if said:
            yield _about(
                row,
                "warning",
                "no_words",
                message("{stage} does not say {what}.", stage=row.stage, what=", ".join(said)),
                message("Write purpose and exit_criteria: without them each person reads it anew."),
            )


def _chances(part: pd.DataFrame) -> Iterator[Problem]:
    wanted = {"won": 1.0, "lost": 0.0}
    before, highest = "", -1.0
    for row in part.itertuples():
        chance = row.default_probability
        if np.isnan(chance):
            continue
        shown = f"{chance * 100:g} %"
        if not 0 <= chance <= 1:
            text = message("{stage} has the probability {p}.", stage=row.stage, p=f"{chance:g}")
            yield _about(row, "error", "chance", text, message("Write 10 % as 0.1."))
        elif row.kind in wanted and chance != wanted[row.kind]:
            text = message(
                "{stage} is {kind} and has the probability {p}.",
                stage=row.stage,
                kind=row.kind,
                p=shown,
            )
            yield _about(row, "error", "chance", text, message("Won is 1 and lost is 0."))
        elif row.kind == "open":
            if chance < highest:
                text = message(
                    "The probability falls from {before} ({high}) to {stage} ({p}).",
                    before=before,
                    high=f"{highest * 100:g} %",
                    stage=row.stage,
                    p=shown,
                )
                yield _about(row, "warning", "chance_falls", text)
            before, highest = row.stage, chance


def _categories(part: pd.DataFrame) -> Iterator[Problem]:
    def plain(value: str) -> str:
        return "".join(sign for sign in value.lower() if sign.isalnum())

    known = {plain(name): name for name in CATEGORIES}
    wanted = {"won": "Closed", "lost": "Omitted"}
    for row in part[part["forecast_category"] != ""].itertuples():
        found = known.get(plain(row.forecast_category))
        if found is None:
            yield _about(
                row,
                "warning",
                "category",
                message(
                    "{stage} has the unknown forecast category {name}.",
                    stage=row.stage,
                    name=row.forecast_category,
                ),
                message("Known are {names}.", names=", ".join(CATEGORIES)),
            )
        elif row.kind in wanted and found != wanted[row.kind]:
            yield _about(
                row,
                "warning",
                "category",
                message(
                    "{stage} is {kind} and has the forecast category {name}, not {wanted}.",
                    stage=row.stage,
                    kind=row.kind,
                    name=row.forecast_category,
                    wanted=wanted[row.kind],
                ),
            )


def _numbers(part: pd.DataFrame) -> Iterable[Problem]:
    first = next(part.itertuples())
    n = part["stage"].nunique()
    if n > MANY:
        yield _about(
            first,
            "warning" if n > TOO_MANY else "note",
            "many_stages",
            message("The pipeline has {n} stages, open and closed.", n=n),
            message("Each one has to be kept up to date by hand: more than {n} is much.", n=MANY),
            stage="",
            count=n,
        )
