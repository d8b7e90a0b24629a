"""Analyses without a form of their own: a parameter gets the control that its default asks for."""

from __future__ import annotations

import inspect
from functools import cache
from typing import Any

from workbench.asking import analysis_named
from workbench.messages import message
from workbench.vocabulary.containers import COUNTABLE
from workbench.widgets.explorer.fields import Field

_BY_NAME = {
    "by": "dimension", "dimension": "dimension", "segment": "segment", "compare": "segments",
    "steps": "steps",
}  # fmt: skip
_FIRST = ("period", "segment", "by")


def questions() -> dict[str, str]:
    """What each of these analyses answers, by its name."""
    return {
        "canvas": message("Which ways through a branching journey are walked?"),
        "audience": message("Whom does a segment mean?"),
        "buying_groups": message("Which buying groups are complete and engaged?"),
        "growth": message("Which customers could buy more, and which are in danger?"),
        "gatherings": message("Who came to our events, and what followed?"),
        "relationships": message("Which relationships are kept up?"),
        "stages": message("Where do open deals stand, and for how long?"),
        "pipeline": message("What is open, and does it cover the target?"),
        "pipeline_change": message("What changed the open pipeline?"),
        "win_rates": message("How much do we win, and who differs?"),
        "stage_conversion": message("How many go on from each stage?"),
        "sales_cycle": message("How long does winning a deal take?"),
        "velocity": message("How fast does the pipeline bring money?"),
        "pushes": message("What is put off?"),
        "slippage": message("What slips?"),
        "kpis": message("How do the key figures stand?"),
        "anomalies": message("Which deals need a look?"),
        "partner_leads": message("Which partner leads must be answered?"),
        "lead_funnel": message("How well are partner leads answered?"),
    }


@cache
def fields_of(name: str) -> tuple[Field, ...]:
    """The controls of an analysis, those that narrow it first."""
    given = inspect.signature(analysis_named(name)).parameters.values()
    fields = [_field(one) for one in given if one.kind is inspect.Parameter.KEYWORD_ONLY]
    ranked = sorted(fields, key=lambda field: (not field.needed, field.name not in _FIRST))
    return tuple(ranked)


def _field(one: inspect.Parameter) -> Field:
    needed = one.default is inspect.Parameter.empty
    default = None if needed or one.default in ((), {}) else one.default
    kind = _BY_NAME.get(one.name) or _kind(one, default)
    options: tuple[str, ...] = ()
    if one.name == "container":
        kind, options = "choice", COUNTABLE
    label = one.name.replace("_", " ").capitalize()
    hint = "2026-01..2026-06" if one.name == "period" else ""
    group = "" if needed or one.name in (*_FIRST, "container") else "more"
    plain = default if isinstance(default, str | int | bool) else None
    return Field(one.name, label, kind, plain, options, hint, needed, group)


def _kind(one: inspect.Parameter, default: Any) -> str:
    if isinstance(default, bool):
        return "flag"
    if isinstance(default, int):
        return "number"
    written = str(one.annotation)
    texts = all(part.strip().split(".")[-1] in _TEXTS for part in written.split("|"))
    return "text" if isinstance(default, str) or texts else "plain"


_TEXTS = ("str", "None", "Period", "Duration", "timedelta", "date", "Path")
