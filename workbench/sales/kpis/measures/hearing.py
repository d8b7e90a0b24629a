"""Open deals by the share of the questions that are answered: fields filled ÷ fields required."""

from __future__ import annotations

import re

import numpy as np

from workbench.messages import message, message_of_count
from workbench.quoting import quoted
from workbench.sales.kpis.facts import Facts
from workbench.sales.kpis.measured import SHARE, Goal, Measured, Window, lacking, no_column
from workbench.sales.kpis.measures.deals import of_deals
from workbench.sales.kpis.sources import HearingFilled
from workbench.sales.population import population

# Anything but white space, that of other scripts included.
_SIGN = r"[^\s\p{Z}]"


def hearing_filled(facts: Facts, source: HearingFilled, window: Window, goal: Goal) -> Measured:
    """Open deals with at least some share of their fields filled.

    The fields are those of the definition, or those that the stage of each deal requires. Text of
    nothing but white space is empty; 0 and false are filled.

    Notes
    -----
    Source: sales-pipeline.md, section 3 (hearing items).
    """
    required = _required(facts, source)
    names = list(dict.fromkeys(name for fields in required for name in fields))
    filled = _filled(facts, names)
    chosen = np.flatnonzero(population(facts.deals, source.where) & facts.open)
    stages = facts.deals.stage[chosen]
    asked = np.array([[name in fields for name in names] for fields in required], bool)
    wanted = asked.reshape(-1, len(names))[stages]
    kept = wanted.any(axis=1)
    chosen, wanted = chosen[kept], wanted[kept]
    have = filled[chosen] & wanted
    count, total = have.sum(axis=1), wanted.sum(axis=1)
    enough = count >= source.least * total - 1e-9
    details = [
        message(
            "{n} of {total} filled; empty: {names}",
            n=n,
            total=m,
            names=", ".join(np.array(names, object)[empty]) or "–",
        )
        for n, m, empty in zip(count, total, wanted & ~have, strict=True)
    ]
    units = of_deals(facts, chosen, counted=enough, of=1.0, to_do=~enough, detail=details)
    left_out = int((~kept).sum())
    notes: tuple[str, ...] = ()
    if left_out:
        notes = (
            message_of_count(
                "{count} open deal stands in a stage that requires no field.",
                "{count} open deals stand in a stage that requires no field.",
                left_out,
            ),
        )
    to_do = message("Open opportunities with too few fields filled")
    return Measured(units, SHARE, to_do, notes=notes)


def _required(facts: Facts, source: HearingFilled) -> list[tuple[str, ...]]:
    """Fields that a deal in each stage of the catalogue needs; the last one for no stage."""
    frame = facts.deals.catalogue.frame
    if source.fields is not None:
        return [tuple(source.fields)] * (len(frame) + 1)
    texts = [t if isinstance(t, str) else "" for t in frame["required_fields"]]
    found = [tuple(n for part in re.split(r"[;,\n]", t) if (n := part.strip())) for t in texts]
    if not any(found):
        raise lacking(message("required_fields of stages; name fields in the definition"))
    return [*found, ()]


def _filled(facts: Facts, names: list[str]) -> np.ndarray:
    """Whether each deal has each field filled, shape (deals, names)."""
    workspace = facts.workspace
    known = workspace.columns_of("opportunities")
    columns = [name if name in known else f"x_{name}" for name in names]
    for name, column in zip(names, columns, strict=True):
        if column not in known:
            raise no_column(name, "opportunities", known)
    texts = ", ".join(
        f"coalesce(bool_or(regexp_matches({quoted(column)}::VARCHAR, '{_SIGN}')), false) AS f{n}"
        for n, column in enumerate(columns)
    )
    read = workspace.sql(
        f"SELECT opportunity_id::VARCHAR AS key, {texts} FROM opportunities "
        "WHERE opportunity_id IS NOT NULL GROUP BY 1"
    ).set_index("key")
    own = read.reindex(facts.text("opportunity_id"))
    out: np.ndarray = own.to_numpy(bool).reshape(-1, len(names))
    return out
