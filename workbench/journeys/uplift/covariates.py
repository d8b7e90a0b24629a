"""What was known of every container before an instant, and nothing that came later.

Columns of the tables beside the events (industry, employees, …) carry no dates: they are taken as
they stand in the export, so only such columns are used by default as an event does not change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from workbench.engine import around, windows
from workbench.engine.layout import CODED
from workbench.engine.masks import Marker
from workbench.engine.matching.steps import NEVER
from workbench.engine.store import Stream
from workbench.errors import AbsentError
from workbench.journeys.scoping import DAY, readable
from workbench.journeys.uplift.question import Question
from workbench.messages import message
from workbench.vocabulary.steps import Step, step

ENGAGEMENT, STAGE, SCORE, RECENCY = "engagement", "stage", "score", "recency"
BUILT_IN = (ENGAGEMENT, STAGE, SCORE, RECENCY)
FIRMOGRAPHICS = ("industry", "employees", "annual_revenue", "country", "region", "rank")
USUAL_STAGES = (
    "lead_form_completed",
    "lead_created",
    "mql_qualified",
    "sql_qualified",
    "opportunity_created",
    "closed_won",
)
_NO_COVARIATES = {"occurred_at", "sequence_no"}
_KINDS = 12
_MODELS = 3
_ENTITIES = {
    "account": ("account",),
    "person": ("person", "contact"),
    "opportunity": ("opportunity",),
    "buying_group": ("buying_group",),
}


@dataclass(frozen=True)
class Fact:
    """One thing that was known of some containers.

    Attributes
    ----------
    name : str
        What the reader sees.
    group : str
        The name by which it is asked for.
    values : numpy.ndarray
        One a container: texts (None where missing), or numbers (NaN where missing).
    kind : {"category", "number", "count"}
    """

    name: str
    group: str
    values: np.ndarray
    kind: str


@dataclass(frozen=True)
class Before:
    """Rows of some containers that lie before an instant.

    Attributes
    ----------
    low, high : numpy.ndarray of int64
        First and one-past-last place of each container's rows before `instant`.
    recent : numpy.ndarray of int64
        First place of the look-back in which engagement is counted.
    instant : int
        First microsecond of which nothing is known yet.
    left_out : numpy.ndarray of bool
        Rows of the store that belong to the event itself; empty for none.
    """

    marker: Marker
    stream: Stream
    keys: np.ndarray
    low: np.ndarray
    high: np.ndarray
    recent: np.ndarray
    instant: int
    left_out: np.ndarray


def asked_covariates(question: Question) -> tuple[str, ...]:
    """Names of what is held equal: those asked for, or everything that the data know.

    Raises
    ------
    AbsentError
        For a name that is neither built in nor a column of the events or the tables beside them.
    """
    workspace = question.workspace
    columns = workspace.events.columns
    if question.covariates is None:
        known = [
            name
            for name in FIRMOGRAPHICS
            if name in columns or workspace.attribute(f"accounts.{name}") is not None
        ]
        return (*known, *BUILT_IN)
    for name in question.covariates:
        found = name in BUILT_IN or name in columns or workspace.attribute(name) is not None
        if not found or name in _NO_COVARIATES:
            allowed = sorted({*BUILT_IN, *columns, *workspace.attribute_names()} - _NO_COVARIATES)
            raise AbsentError.of("covariates", name, allowed)
    return question.covariates


def stages_of(question: Question) -> tuple[Step, ...]:
    """The stages a container may have reached, in order: those asked for, or the usual ones."""
    if question.stages:
        return question.stages
    events = set(question.workspace.events.dictionary("event").to_pylist())
    usual = tuple(step(name) for name in USUAL_STAGES if name in events)
    return usual or question.outcomes


def known(question: Question, before: Before) -> list[Fact]:
    """Everything that was known of the containers before the instant."""
    facts: list[Fact] = []
    for name in asked_covariates(question):
        if name == ENGAGEMENT:
            facts += _engagement(question, before)
        elif name == STAGE:
            facts.append(Fact(message("stage"), STAGE, _stage(question, before), "category"))
        elif name == SCORE:
            facts += _scores(question, before)
        elif name == RECENCY:
            facts += _recency(before)
        else:
            facts.append(_column(question, before, name))
    return facts


def _engagement(question: Question, before: Before) -> list[Fact]:
    """Events of each kind in the look-back; rare kinds together."""
    store = before.marker.store
    codes, values = store.column("event"), store.columns["event"]["values"] + 1
    names = [str(name) for name in store.dictionary("event").to_pylist()]
    held = (before.stream, before.recent, before.high, before.left_out)
    found = windows.spread(codes, values, *held)
    own = {name for name in USUAL_STAGES if name in names}
    rest = [n for n, name in enumerate(names) if name not in own and found[n]]
    rest.sort(key=lambda n: (-found[n], names[n]))
    chosen = sorted({*(n for n, name in enumerate(names) if name in own), *rest[:_KINDS]})
    kind_of = np.full(values, len(chosen), np.int64)
    kind_of[chosen] = np.arange(len(chosen))
    kind_of[values - 1] = -1
    counted = windows.counts(codes, kind_of, len(chosen) + 1, *held)
    span = question.known_before.in_words()
    facts = [
        Fact(
            message("{event}, {span} before", event=names[n], span=span),
            ENGAGEMENT,
            counted[:, k].astype(float),
            "count",
        )
        for k, n in enumerate(chosen)
    ]
    other = message("other events, {span} before", span=span)
    return [*facts, Fact(other, ENGAGEMENT, counted[:, -1].astype(float), "count")]


def _stage(question: Question, before: Before) -> np.ndarray:
    """Label of the furthest stage reached."""
    stages = stages_of(question)
    keep = ~before.left_out if before.left_out.size else None
    codes, bits_of, _ = before.marker.bits(stages, keep)
    first = windows.first_times(
        codes, bits_of, len(stages), before.marker.store, before.stream, before.low, before.high
    )
    reached = first != NEVER
    furthest = np.where(reached, np.arange(1, len(stages) + 1), 0).max(axis=1, initial=0)
    labels = np.array([message("none yet"), *(item.label for item in stages)], object)
    return labels[furthest]


def _recency(before: Before) -> list[Fact]:
    """Days since the first and the last row."""
    times, stream = before.marker.store.times, before.stream
    first, last = windows.ends(stream, before.low, before.high, before.left_out)
    out = []
    for name, place in (
        (message("days since the first event"), first),
        (message("days since the last event"), last),
    ):
        some = place >= 0
        days = np.full(some.size, np.nan)
        days[some] = (before.instant - times[stream.row_at(place[some])]) / DAY
        out.append(Fact(name, RECENCY, days, "number"))
    return out


def _scores(question: Question, before: Before) -> list[Fact]:
    """Latest grade, tier or score of each model before the instant."""
    workspace = question.workspace
    entities = _ENTITIES.get(before.stream.container.name)
    needed = ("entity_type", "entity_id", "scored_at")
    if not entities or not workspace.has("scores", *needed):
        return []
    what = next((name for name in ("grade", "tier", "score") if workspace.has("scores", name)), "")
    if not what:
        return []
    model = "model::VARCHAR" if workspace.has("scores", "model") else "''"
    found = workspace.sql(
        f"SELECT entity_id::VARCHAR AS key, {model} AS model, "
        f"arg_max({what}, (scored_at, {what})) AS value FROM scores "
        "WHERE list_contains(?::VARCHAR[], lower(entity_type)) AND epoch_us(scored_at) < ? "
        f"AND {what} IS NOT NULL GROUP BY ALL ORDER BY model, key",
        [list(entities), before.instant],
    )
    sizes = found.groupby("model", dropna=False).size().sort_values(ascending=False, kind="stable")
    out = []
    for name in sizes.index[:_MODELS]:
        one = found[found["model"] == name].set_index("key")["value"].reindex(before.keys)
        label = message("latest {what}", what=what) + (f" ({name})" if name else "")
        if what == "score":
            out.append(Fact(label, SCORE, one.to_numpy(float), "number"))
        else:
            out.append(Fact(label, SCORE, _texts(one), "category"))
    return out


def _texts(values: Any) -> np.ndarray:
    """Values as a reader sees them, each distinct one read once; None where missing."""
    number, distinct = pd.factorize(values)
    shown = np.array([*map(readable, distinct), None], object)
    return shown[number]


def _column(question: Question, before: Before, name: str) -> Fact:
    """The last value before the instant of a column of the events or of a table beside them."""
    store = before.marker.store
    if name in store.columns and store.columns[name]["kind"] not in CODED:
        return Fact(name, name, _last_number(before, store.column(name)), "number")
    qualified = name
    if name not in store.columns and name in FIRMOGRAPHICS and question.covariates is None:
        qualified = f"accounts.{name}"
    codes, values = before.marker.lookup(qualified)
    found = windows.last_values(
        codes, before.stream, before.low, before.high, values.size - 1, before.left_out
    )
    taken: Any = values[found]
    spoken = name.removeprefix("x_").replace("_", " ")
    if values.dtype != object:
        return Fact(spoken, name, taken.astype(float), "number")
    return Fact(spoken, name, _texts(taken), "category")


def _last_number(before: Before, column: np.ndarray) -> np.ndarray:
    numbers = np.asarray(column, float)
    usable = ~np.isnan(numbers)
    if before.left_out.size:
        usable &= ~before.left_out
    place = around.last_marked(usable, before.stream, before.low, before.high)
    out = np.full(place.size, np.nan)
    some = place >= 0
    out[some] = numbers[before.stream.row_at(place[some])]
    return out
