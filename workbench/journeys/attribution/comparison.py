"""The same conversions under several models, with what chance alone could change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.journeys.attribution import pictures as drawing
from workbench.journeys.attribution.lines import ITEM_LINE
from workbench.journeys.attribution.models import Model, model_from
from workbench.journeys.attribution.resampling import resampled
from workbench.journeys.scoping import shares
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.attribution.result import Attribution

USUAL = ("last", "first", "linear", "u_shaped", "time_decay", "algorithmic", "markov")
MOST_REPLICATES = 10_000


class ModelComparison(Result):
    """Shares of each line under each model, and their difference to the first model."""

    kind: ClassVar[str] = "attribution_models"
    columns: ClassVar[Mapping[str, str]] = {
        "item": "Value of the dimension; '(other)' for the folded, '(none)' without any touch",
        "line": "item, other or none",
        "model": "Name of the model",
        "conversions": "Conversions credited",
        "total_conversions": "All conversions, each once",
        "value": "Value credited; empty where no value was asked for",
        "total_value": "Value of all conversions",
        "share": "Part of all value where one was asked for, else of all conversions, 0…1",
        "share_low": "Lower end of its 95 % interval, containers drawn again",
        "share_high": "Upper end of its 95 % interval, containers drawn again",
        "difference": "share − share in the first model",
        "difference_low": "Lower end of its 95 % interval, of the same draws",
        "difference_high": "Upper end of its 95 % interval, of the same draws",
        "differs": "Whether the interval of the difference leaves out zero",
    }

    def __init__(
        self,
        result: Attribution,
        frame: pd.DataFrame,
        models: Sequence[Model],
        replicates: int,
        notes: Sequence[str],
    ) -> None:
        self.result = result
        self._frame = frame
        self.models = tuple(models)
        self.replicates = replicates
        self.notes = tuple(notes)
        self.scope = result.scope
        self.definition = {
            **result.definition,
            "view": "models",
            "models": [model.plain() for model in models],
            "replicates": replicates,
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One line a model and item, items in the order of the attribution."""
        return self._frame

    def headline(self) -> str:
        """The item whose share depends most on the model."""
        items = self._frame[self._frame["line"] == ITEM_LINE].dropna(subset="difference")
        others = items[items["model"] != self.models[0].label]
        if others.empty:
            return message("There is no credit that models could share out differently.")
        sure = others[others["differs"]]
        chosen = sure if len(sure) else others
        first = chosen.loc[chosen["difference"].abs().idxmax()]
        base = items[(items["item"] == first["item"]) & (items["model"] == self.models[0].label)]
        values = {
            "item": first["item"],
            "model": first["model"],
            "share": self._share(first),
            "base": self.models[0].label,
            "base_share": self._share(base.iloc[0]),
            "points": numbers.points(first["difference"]),
        }
        if len(sure):
            return message(
                "The model matters most for “{item}”: {share} under {model} against {base_share} "
                "under {base}, {points}",
                **values,
            )
        return message(
            "No clear difference between models; the largest is “{item}”: {share} under {model} "
            "against {base_share} under {base}, {points}",
            **values,
        )

    def _share(self, line: pd.Series) -> str:
        """A share with its numerator and denominator."""
        if self.result.question.by_value:
            amounts = [
                numbers.money(line[name], self.result.currency) for name in ("value", "total_value")
            ]
        else:
            amounts = [
                numbers.significant(line["conversions"]),
                numbers.count(line["total_conversions"]),
            ]
        return f"{numbers.share(line['share'])} ({amounts[0]} / {amounts[1]})"

    def reading(self) -> str:
        """Where the intervals come from."""
        parts = [
            message(
                "A panel a model, items in one order; the dark tick is the share under {base}.",
                base=self.models[0].label,
            )
        ]
        if self._frame["share_low"].notna().any():
            parts.append(
                message(
                    "Intervals: 95 %, from {n} draws of {containers} with replacement, the same "
                    "for all models; what learned models know is learned again in each draw.",
                    n=numbers.count(self.replicates),
                    containers=self.result.question.container.plural,
                )
            )
        if len(self.result.frame) > drawing.MOST_LINES + 2:
            parts.append(
                message("Drawn are the first {n} lines.", n=numbers.count(drawing.MOST_LINES))
            )
        return " ".join([*parts, *self.notes])

    def definitions(self) -> list[str]:
        """Every model in words."""
        return [model.in_words() for model in self.models]

    def chart(self) -> alt.TopLevelMixin:
        """A small panel a model."""
        return drawing.draw_models(self._frame, self.result.question.by_value)

    def table_frame(self) -> pd.DataFrame:
        """Items by their number, so that a reader compares models line by line."""
        order = {item: n for n, item in enumerate(dict.fromkeys(self._frame["item"]))}
        return self._frame.assign(_item=self._frame["item"].map(order)).sort_values(
            "_item", kind="stable"
        )

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        valued = (
            (Column("value", message("Value credited"), "money", self.result.currency),)
            if self.result.question.by_value
            else ()
        )
        return (
            Column("item", self.result.question.dimension),
            Column("model", message("Model")),
            Column("conversions", message("Conversions credited"), "number"),
            *valued,
            Column("share", message("Of the whole"), "share"),
            Column("share_low", message("95 % from"), "share"),
            Column("share_high", message("95 % to"), "share"),
            Column(
                "difference",
                message("Against {model}", model=self.models[0].label),
                "points",
            ),
            Column("difference_low", message("95 % from"), "points"),
            Column("difference_high", message("95 % to"), "points"),
        )


def compare_models(
    result: Attribution, models: Sequence[Any] | None = None, *, replicates: int = 200
) -> ModelComparison:
    """Share the same conversions out under several models.

    Parameters
    ----------
    result : Attribution
        Its own model comes first and is what the others are compared with.
    models : list, optional
        Names or weights as `wb.attribution` takes them; the usual ones when left out.
    replicates : int
        How often containers are drawn with replacement for the intervals (fixed seed); 0 for none.

    Notes
    -----
    Source: journeys-attribution-and-segments.md, B5 (model comparison with interval).
    """
    if (
        isinstance(replicates, bool)
        or not isinstance(replicates, int)
        or (not 0 <= replicates <= MOST_REPLICATES)
    ):
        raise ArgumentError.of(
            "replicates", replicates, message("0 to {most:,}", most=MOST_REPLICATES)
        )
    if models is not None and (isinstance(models, str) or not isinstance(models, list | tuple)):
        raise ArgumentError.of(
            "models", models, message("a list of models, such as ['last', 'linear']")
        )
    own = result.question.model
    read = [own, *(model_from(m, own.half_life, own.prior) for m in models or USUAL)]
    chosen = list({model.label: model for model in reversed(read)}.values())[::-1]
    shown = result.frame[["item", "line"]]
    special = {"other": result.lines.other, "none": result.lines.none}
    at = [special.get(kind, k) for k, kind in enumerate(shown["line"])]
    draws, notes = resampled(result.study, chosen, result.lines, replicates)
    parts, base = [], None
    for number, model in enumerate(chosen):
        sums = result.study.credits(model, result.lines).sums
        frame = _framed(result, shown, model, sums[:2, at])
        base = frame["share"].to_numpy() if base is None else base
        frame["difference"] = frame["share"] - base
        _with_intervals(frame, draws, number, at)
        parts.append(frame)
    joined = pd.concat(parts, ignore_index=True)[list(ModelComparison.columns)]
    return ModelComparison(result, joined, chosen, replicates, notes)


def _framed(
    result: Attribution, shown: pd.DataFrame, model: Model, sums: np.ndarray
) -> pd.DataFrame:
    valued = result.question.by_value
    conversions, value = sums[0], sums[1] if valued else np.full(sums.shape[1], np.nan)
    whole = result.total_value if valued else float(result.total)
    measure = value if valued else conversions
    fair = whole > 0 and bool((result.study.conversions.ends.value >= 0).all())
    return shown.assign(
        model=model.label,
        conversions=conversions,
        total_conversions=result.total,
        value=value,
        total_value=result.total_value,
        share=np.clip(shares(measure, np.full(measure.size, whole if fair else 0.0)), 0, 1),
    )


def _with_intervals(frame: pd.DataFrame, draws: np.ndarray, number: int, at: list[int]) -> None:
    """Add the middle 95 % of the draws; nothing where there are none."""
    frame["share_low"] = frame["share_high"] = np.nan
    frame["difference_low"] = frame["difference_high"] = np.nan
    own, known = draws[number][:, at], frame["share"].notna().to_numpy()
    if own.size and not np.isnan(own).all() and known.any():
        differences = own - draws[0][:, at]
        for name, values in (("share", own), ("difference", differences)):
            low, high = np.nanquantile(values, [0.025, 0.975], axis=0)
            frame[f"{name}_low"], frame[f"{name}_high"] = low, high
    sure = (frame["difference_low"] > 0) | (frame["difference_high"] < 0)
    frame["differs"] = sure.to_numpy(bool)
