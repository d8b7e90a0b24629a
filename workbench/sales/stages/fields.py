"""Required fields of stages, and whether they were filled at a save; else today's values.

Source: sales-pipeline.md, section 1 (exit-criteria compliance); section 3 (whitespace is empty,
0 and false are filled).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from weakref import WeakKeyDictionary

import numpy as np

from workbench.errors import either
from workbench.messages import message
from workbench.quoting import quoted
from workbench.results import numbers
from workbench.sales.deals import NO_DAY, Deals
from workbench.sales.history import History
from workbench.sales.saves import column_of, read_saves
from workbench.sales.stages.found import Found
from workbench.sales.stages.problems import Problem
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

FEWEST_FILLED = 0.7
SPACES = " \t\n\r\u00a0\u3000"
_known: WeakKeyDictionary[Workspace, dict[str, Filled | None]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Filled:
    """Whether a field is filled.

    Attributes
    ----------
    marks : numpy.ndarray of bool
        One place a save where `at_save`, else one a deal as it stands today.
    at_save : bool
    """

    marks: np.ndarray
    at_save: bool

    def of(self, saves: np.ndarray, deals: np.ndarray) -> np.ndarray:
        """Whether it was filled at these saves of these deals."""
        return self.marks[saves] if self.at_save else self.marks[deals]


@cache
def names_in(text: object) -> tuple[str, ...]:
    """Names of fields in a text, apart by semicolons, commas or line breaks; each once."""
    if not isinstance(text, str):
        return ()
    names = [part.strip() for part in re.split(r"[;,\n]", text)]
    return tuple(dict.fromkeys(name for name in names if name))


def required_of(found: Found) -> dict[int, tuple[str, ...]]:
    """Fields that each shown stage requires, by the code of the stage."""
    texts = found.catalogue.frame["required_fields"]
    named = {int(code): names_in(texts.iat[code]) for code in found.codes}
    return {code: names for code, names in named.items() if names}


def filled(found: Found, field: str) -> Filled | None:
    """Whether a field was filled; None where neither saves nor deals have it."""
    workspace = found.question.workspace
    kept = _known.setdefault(workspace, {})
    if field not in kept:
        kept[field] = _at_saves(found.history, field) or _today(found.deals, field)
    return kept[field]


def _at_saves(history: History, field: str) -> Filled | None:
    """A save leaves what it does not name as it was before."""
    own = {
        "amount": lambda: ~np.isnan(history.amount),
        "probability": lambda: ~np.isnan(history.probability),
        "expected_close_on": lambda: history.expected_on != NO_DAY,
    }
    columns = history.deals.workspace.columns_of("opportunity_history")
    if not len(history) or not {field, f"x_{field}"} & set(columns):
        return None
    named = own[field]() if field in own else _written(history.deals, field)
    if not named.any():
        return None
    last = np.maximum.accumulate(np.where(named, np.arange(named.size), -1))
    return Filled(last >= history.offsets[:-1][history.deal], at_save=True)


def _written(deals: Deals, field: str) -> np.ndarray:
    text = column_of(deals, field, "VARCHAR")
    wanted = {"filled": f"coalesce(trim({text}, $spaces) <> '', false)::UTINYINT"}
    return read_saves(deals, wanted, values={"spaces": SPACES})[1]["filled"] > 0


def _today(deals: Deals, field: str) -> Filled | None:
    workspace = deals.workspace
    columns = workspace.columns_of("opportunities")
    name = next((n for n in (field, f"x_{field}") if n in columns), None)
    if name is None:
        return None
    until = "AND coalesce(epoch_us(created_at) <= ?, true) " if "created_at" in columns else ""
    read = workspace.arrow(
        f"SELECT bool_or(coalesce(trim({quoted(name)}::VARCHAR, ?) <> '', false)) AS filled "
        f"FROM opportunities WHERE opportunity_id IS NOT NULL {until}"
        "GROUP BY opportunity_id ORDER BY opportunity_id",
        [SPACES, *([microseconds_of(workspace.as_of)] if until else [])],
    )
    marks = read.column("filled").to_numpy(zero_copy_only=False).astype(bool)
    return Filled(marks, at_save=False)


def field_problems(found: Found) -> Iterator[tuple[Problem, np.ndarray]]:
    """Required fields that nothing knows, and those mostly empty when deals enter the stage."""
    workspace = found.question.workspace
    frame = found.catalogue.frame
    for code, names in required_of(found).items():
        visits = found.visits
        of_stage = visits.stage == code
        saves = found.stays.save[visits.first_stay[of_stage]]
        deals = visits.deal[of_stage]
        about = {
            "table": "stages",
            "pipeline": str(frame["pipeline"].iat[code]),
            "stage": str(frame["stage"].iat[code]),
            "column": "required_fields",
        }
        for name in names:
            known = filled(found, name)
            if known is None:
                there = [*workspace.columns_of("opportunities")]
                close = get_close_matches(name, there, n=3, cutoff=0.5)
                yield (
                    Problem(
                        "warning",
                        message("The required field {name} is in no table of deals.", name=name),
                        message("Did you mean {names}?", names=either(map(repr, close)))
                        if close
                        else "",
                        code="unknown_field",
                        value=name,
                        **about,  # type: ignore[arg-type]
                    ),
                    np.empty(0, np.int64),
                )
                continue
            full = known.of(saves, deals)
            if full.size and full.mean() < FEWEST_FILLED:
                yield (
                    Problem(
                        "note",
                        message(
                            "{name} is filled for {n} of {total} deals when they enter {stage} "
                            "({share}).",
                            name=name,
                            n=numbers.count(full.sum()),
                            total=numbers.count(full.size),
                            stage=about["stage"],
                            share=numbers.share(full.mean()),
                        ),
                        code="fill_rate",
                        value=name,
                        count=int((~full).sum()),
                        **about,  # type: ignore[arg-type]
                    ),
                    deals[~full].astype(np.int64),
                )
