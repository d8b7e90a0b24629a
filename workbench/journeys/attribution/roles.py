"""Credit by role in the buying group: who was touched, and how much their voice weighs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.attribution import pictures as drawing
from workbench.journeys.attribution.export import single_touches
from workbench.journeys.attribution.lines import NONE
from workbench.journeys.attribution.membership import Membership, membership_of
from workbench.journeys.attribution.sharing import checked_size, times_of
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.attribution.counting import Pairs
    from workbench.journeys.attribution.result import Attribution

NO_ROLE = "(no role)"
PER_CONVERSION = {
    "conversion": "Number of the conversion in the order of the events",
    "roles_held": "Roles that the buying groups of the account hold at the conversion",
    "roles_touched": "Those of them with a touch in the window",
    "share_of_roles": "roles_touched / roles_held, 0…1",
}


class Roles(Result):
    """Credit by the role of the person of each touch, and whether each role was touched.

    Attributes
    ----------
    per_conversion : pandas.DataFrame
        Roles held and touched of each conversion, as `PER_CONVERSION`.
    """

    kind: ClassVar[str] = "attribution_roles"
    columns: ClassVar[Mapping[str, str]] = {
        "role": "Role in the buying group; '(no role)' for everybody else, '(none)' without touch",
        "weight": "Weight of the role in its template",
        "people": "People of the role who were touched",
        "touches": "Touches of people of the role",
        "conversions": "Conversions credited to them by the model",
        "total_conversions": "All conversions, each once",
        "share": "conversions / total_conversions, 0…1",
        "weighted_conversions": "The same with every touch weighed by its role",
        "share_weighted": "weighted_conversions / total_conversions, 0…1",
        "value": "Value credited by the model; empty where no value was asked for",
        "weighted_value": "The same with every touch weighed by its role",
        "touched": "Conversions in which somebody of the role was touched",
        "held": "Conversions whose account has a buying group with somebody of the role",
        "share_touched": "touched / held, 0…1",
        "share_touched_low": "Lower end of its 95 % Wilson interval",
        "share_touched_high": "Upper end of its 95 % Wilson interval",
    }

    def __init__(
        self, result: Attribution, frame: pd.DataFrame, per_conversion: pd.DataFrame
    ) -> None:
        self.result = result
        self._frame = frame
        self.per_conversion = per_conversion
        self.scope = result.scope
        self.definition = {**result.definition, "view": "roles"}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a role, the heaviest first."""
        return self._frame

    @property
    def _known(self) -> pd.DataFrame:
        return self._frame[self._frame["weight"].notna()]

    def headline(self) -> str:
        """How much of a buying group was touched on average, and the role that is missed most."""
        with_roles = self.per_conversion[self.per_conversion["roles_held"] > 0]
        if self._known.empty:
            return message(
                "The workspace knows no members of buying groups, so roles cannot be told."
            )
        if with_roles.empty:
            return message(
                "None of the {total} conversions belongs to an account with a buying group.",
                total=numbers.count(self.result.total),
            )
        missed = self._known.dropna(subset="share_touched")
        least = missed.loc[missed["share_touched"].idxmin()]
        return message(
            "{share} of the roles of a buying group were touched on average before {n} "
            "conversions; “{role}” least ({touched} of {held})",
            share=numbers.share(with_roles["share_of_roles"].mean()),
            n=numbers.count(len(with_roles)),
            role=least["role"],
            touched=numbers.count(least["touched"]),
            held=numbers.count(least["held"]),
        )

    def reading(self) -> str:
        """Whose role counts, and how weights are used."""
        return message(
            "A person's role is the heaviest one in a buying group of the account that was not "
            "taken away before the touch; it counts also for touches before somebody recorded it. "
            "Weighed: the touches of a conversion share it by the weight of their role, touches "
            "without a role getting nothing; a conversion without any role stays with “{none}”.",
            none=NO_ROLE,
        )

    def chart(self) -> alt.TopLevelMixin:
        """Share of conversions in which each role was touched, and credit by role."""
        return drawing.draw_roles(self._known, self.headline())

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        money = self.result.currency
        valued = (
            (
                Column("value", message("Value credited"), "money", money),
                Column("weighted_value", message("Value credited, weighed"), "money", money),
            )
            if self.result.question.by_value
            else ()
        )
        return (
            Column("role", message("Role")),
            Column("weight", message("Weight"), "number"),
            Column("people", message("People touched"), "count"),
            Column("touches", message("Touches"), "count"),
            Column("conversions", message("Conversions credited"), "number"),
            Column("weighted_conversions", message("Conversions credited, weighed"), "number"),
            *valued,
            Column("touched", message("Conversions with the role touched"), "count"),
            Column("held", message("Conversions with the role in the group"), "count"),
            Column("share_touched", message("Touched, of those with the role"), "share"),
            Column("share_touched_low", message("95 % from"), "share"),
            Column("share_touched_high", message("95 % to"), "share"),
        )


def roles(result: Attribution) -> Roles:
    """Credit by role in the buying group.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B5 (weighting by role of the person);
    b2b-data-model.md, section 2 (weights of ``buying_group_roles``) and section 4, rule 12.
    """
    study, model = result.study, result.question.model
    checked_size(study, model)
    pairs = study.all_pairs(model)
    single = np.flatnonzero(single_touches(pairs))
    weight = np.add.reduceat(pairs.weight, single) if single.size else np.empty(0)
    if study.items.widest > 1 and not (model.learned or model.name == "participation"):
        weight = pairs.weight[single]
    end, row = pairs.end[single], study.stream.row_at(pairs.place[single])
    known = membership_of(result.question, study.conversions, study.stream)
    role = known.role_of(row, times_of(study, row), end)
    total = np.bincount(end, weight, study.conversions.row.size)
    weight = weight / np.where(total > 0, total, 1.0)[end]
    frame = _framed(result, known, pairs, (end, row, role, weight))
    touched = _touched(known, end, role, study.conversions.row.size)
    held = known.held
    per = pd.DataFrame(
        {
            "conversion": np.arange(held.shape[0]),
            "roles_held": held.sum(axis=1),
            "roles_touched": (touched & held).sum(axis=1),
        }
    )
    per["share_of_roles"] = shares(per["roles_touched"].to_numpy(), per["roles_held"].to_numpy())
    return Roles(result, frame, per)


def _touched(known: Membership, end: np.ndarray, role: np.ndarray, ends: int) -> np.ndarray:
    out = np.zeros((ends, len(known.names)), bool)
    has = role >= 0
    out[end[has], role[has]] = True
    return out


def _weighed(
    known: Membership, end: np.ndarray, role: np.ndarray, weight: np.ndarray, ends: int
) -> np.ndarray:
    """Weights of touches by their role; as they were where no role weighs anything."""
    voice = weight * np.append(known.weights, 0.0)[role]
    total = np.bincount(end, voice, ends)
    heard = total[end] > 0
    return np.where(heard, voice / np.where(total > 0, total, 1.0)[end], weight)


def _framed(
    result: Attribution,
    known: Membership,
    pairs: Pairs,
    touches: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> pd.DataFrame:
    end, row, role, weight = touches
    study, number = result.study, len(known.names)
    conversions = study.conversions
    ends = conversions.ends
    weighed = _weighed(known, end, role, weight, conversions.row.size)
    line = np.where(role >= 0, role, number)
    size = number + 1
    sums = [
        np.bincount(line, part * whole[end], size)
        for part in (weight, weighed)
        for whole in (ends.mass, ends.value)
    ]
    bare = np.ones(conversions.row.size, bool)
    bare[pairs.end] = False
    nothing = [
        whole[bare].sum() + rest
        for whole, rest in (
            (ends.mass, conversions.keyless.size),
            (ends.value, conversions.keyless_value.sum()),
        )
    ]
    touched = _touched(known, end, role, conversions.row.size)
    held = np.append(known.held.sum(axis=0), [0, 0])
    counts = np.append((touched & known.held).sum(axis=0), [0, 0])
    low, high = wilson(counts, held)
    mass, value, weighed_mass, weighed_value = (
        np.append(part, nothing[k % 2]) for k, part in enumerate(sums)
    )
    valued = result.question.by_value
    blank = np.full(size + 1, np.nan)
    return pd.DataFrame(
        {
            "role": pd.Series([*known.names, NO_ROLE, NONE], dtype="str"),
            "weight": np.append(known.weights, [np.nan, np.nan]),
            "people": np.append(_people(known, row, line, size), 0),
            "touches": np.append(np.bincount(line, minlength=size), 0),
            "conversions": mass,
            "total_conversions": result.total,
            "share": np.clip(shares(mass, np.full(size + 1, result.total)), 0, 1),
            "weighted_conversions": weighed_mass,
            "share_weighted": np.clip(shares(weighed_mass, np.full(size + 1, result.total)), 0, 1),
            "value": value if valued else blank,
            "weighted_value": weighed_value if valued else blank,
            "touched": counts,
            "held": held,
            "share_touched": shares(counts, held),
            "share_touched_low": low,
            "share_touched_high": high,
        }
    )


def _people(known: Membership, row: np.ndarray, line: np.ndarray, size: int) -> np.ndarray:
    """Distinct people of each line."""
    person = known.person_of(row)
    named = person >= 0
    if not named.any():
        return np.zeros(size, np.int64)
    distinct = np.unique(np.stack([line[named], person[named]]), axis=1)
    return np.bincount(distinct[0], minlength=size)
