"""What all answers about stages share: scope, findings, and the sentences of the question."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.money import rule_in_words
from workbench.results import numbers
from workbench.results.base import Scope
from workbench.sales.history import QUALITIES
from workbench.sales.stages.design import catalogue_frame, design_problems
from workbench.sales.stages.fields import field_problems
from workbench.sales.stages.histories import history_problems
from workbench.sales.stages.members import listing
from workbench.sales.stages.problems import Problem, as_frame
from workbench.vocabulary.spoken import spoken

if TYPE_CHECKING:
    from workbench.sales.stages.found import Found

MOST_NAMED = 12


class Answer:
    """What every answer about stages knows of the deals behind it.

    Attributes
    ----------
    found : Found
        Everything that the numbers are made of.
    """

    found: Found

    @cached_property
    def _problems(self) -> list[tuple[Problem, np.ndarray]]:
        nobody = np.empty(0, np.int64)
        frame = catalogue_frame(self.found.question.workspace)
        wanted = self.found.question.pipeline
        if wanted is not None and "pipeline" in frame and len(frame):
            frame = frame[frame["pipeline"].fillna("").isin(["", wanted])]
        design = [(problem, nobody) for problem in design_problems(frame)]
        return [*design, *field_problems(self.found), *history_problems(self.found)]

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What is wrong with the catalogue, the deals and their histories."""
        return tuple(problem for problem, _ in self._problems)

    @property
    def findings_frame(self) -> pd.DataFrame:
        """The findings, errors first; columns of `workbench.sales.stages.problems.COLUMNS`."""
        return as_frame(self.findings)

    @property
    def currency(self) -> str:
        """Currency of all amounts; empty where none is known."""
        return self.found.money[1]

    @property
    def quality(self) -> pd.DataFrame:
        """How many deals of the question have a history of each quality."""
        mix = self.found.mix(np.flatnonzero(self.found.chosen))
        total = int(self.found.chosen.sum())
        return pd.DataFrame(
            {
                "history": list(QUALITIES),
                "deals": list(mix.values()),
                "total": total,
                "share": [n / total if total else np.nan for n in mix.values()],
            }
        )

    def deals_of_problem(self, code: str) -> pd.DataFrame:
        """The deals that a finding concerns, by its `code`."""
        known = {problem.code for problem in self.findings}
        if code not in known:
            raise ArgumentError.of("problem", code, sorted(known))
        parts = [deals for problem, deals in self._problems if problem.code == code]
        return listing(self.found, np.unique(np.concatenate(parts)).astype(np.int64))


def scope_of(found: Found, problems: Sequence[Problem]) -> Scope:
    """What the numbers speak of; findings that may change a figure are notes."""
    question = found.question
    notes = [mix_in_words(found)]
    if found.money[2]:
        notes.append(message("Amounts are not added: {reason}", reason=found.money[2]))
    said = [p for p in problems if p.level in ("error", "warning") and p.table != "stages"]
    notes += [" ".join(part for part in (p.problem, p.remedy) if part) for p in said[:MOST_NAMED]]
    design = [p.problem for p in problems if p.table == "stages" and p.level != "note"]
    more = len(said) - MOST_NAMED
    if more > 0:
        notes.append(message_of_count("{count} more finding.", "{count} more findings.", more))
    if design:
        notes.append(
            message(
                "The check of the catalogue found: {problems}",
                problems=" ".join(design[:MOST_NAMED]),
            )
        )
        further = len(design) - MOST_NAMED
        if further > 0:
            notes.append(
                message_of_count("{count} more finding.", "{count} more findings.", further)
            )
    return Scope(
        container="opportunity",
        period=str(question.period),
        as_of=question.day,
        events=len(found.history),
        notes=tuple(notes),
    )


def mix_in_words(found: Found) -> str:
    """How good the histories are, in one sentence."""
    total = int(found.chosen.sum())
    if not found.has_history:
        return message(
            "These deals have no history of stages: lengths of stay, moves, and what became of "
            "deals after a stage are not known."
        )
    names = {
        "full": message("full"),
        "partial": message("begun late"),
        "truncated": message("cut off"),
        "none": message("only the last change"),
        "absent": message("none"),
    }
    parts = [
        f"{names[name]} {numbers.count(n)}"
        for name, n in found.mix(np.flatnonzero(found.chosen)).items()
        if n
    ]
    text = message(
        "History of {total} deals: {parts}.", total=numbers.count(total), parts=", ".join(parts)
    )
    if found.question.quality is not None:
        text += " " + message(
            "Only those of quality {names} count for lengths and moves.",
            names=", ".join(names[name] for name in found.question.quality),
        )
    return text


def question_in_words(found: Found) -> list[str]:
    """Which deals, which pipeline, which time."""
    question = found.question
    out = []
    if question.where is not None:
        out.append(message("Only deals with {condition}.", condition=spoken(question.where)))
    if question.pipeline is not None:
        out.append(message("Only the pipeline {name}.", name=question.pipeline or "–"))
    if question.period:
        out.append(message("Entries and moves count in {period}.", period=str(question.period)))
    return out


def money_in_words(found: Found) -> str:
    """Which currency, by which rule, and what has no amount."""
    if not found.money[1]:
        return message("Amounts are added as they stand: no currency is named.")
    return message(
        "Amounts in {currency}, {rule}; deals without an amount count as deals and add nothing.",
        currency=found.money[1],
        rule=rule_in_words(found.question.workspace),
    )


def limit_in_words() -> str:
    """Where the longest usual stay comes from."""
    return message(
        "Longest usual stay: max_days of the catalogue, else the 75th percentile of the latest "
        "stays of won deals that left the stage, of at least 20. A deal stalls when more calendar "
        "days have passed since it entered its stage."
    )


def labels_of(frame: pd.DataFrame, length: int = 30) -> list[str]:
    """What each stage is called on an axis: its name, with the pipeline where there are several."""
    several = frame["pipeline"].nunique() > 1
    names = [
        f"{numbers.shortened(str(pipeline), length // 2 - 2)} · "
        f"{numbers.shortened(str(stage), length // 2 + 2)}"
        if several and pipeline
        else str(stage)
        for pipeline, stage in zip(frame["pipeline"], frame["stage"], strict=True)
    ]
    return numbers.shortened_apart(names, length + 4)
