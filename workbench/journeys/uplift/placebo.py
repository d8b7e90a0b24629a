"""The same question of a time before the event: what it cannot have caused should not differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.uplift import chart as drawing
from workbench.journeys.uplift.analysis import analysis_of, could_have_come
from workbench.journeys.uplift.covariates import STAGE
from workbench.journeys.uplift.sample import Sample
from workbench.journeys.uplift.view import View
from workbench.journeys.uplift.wording import between
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import holm
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.uplift.result import Uplift

_REAL = 0.05


class Placebo(View, Result):
    """Effect found in the same length of time before the event, beside the one after it."""

    kind: ClassVar[str] = "uplift_placebo"
    view: ClassVar[str] = "placebo"
    columns: ClassVar[Mapping[str, str]] = {
        "outcome": "Label of the outcome",
        "earlier_compared": "Containers that took part later and were comparable back then",
        "earlier_converted": "Those of them with the outcome in the time before the event",
        "earlier_share": "earlier_converted / earlier_compared, 0…1",
        "earlier_expected": "Share expected of them by comparable others, 0…1",
        "earlier_effect": "earlier_share − earlier_expected: should be about 0",
        "earlier_low": "Lower end of its 95 % interval",
        "earlier_high": "Upper end of its 95 % interval",
        "earlier_p_adjusted": "Test of no difference, adjusted for the number of outcomes (Holm)",
        "differs": "Whether earlier_p_adjusted is below 0.05",
        "effect": "The effect after the event",
        "effect_low": "Lower end of its 95 % interval",
        "effect_high": "Upper end of its 95 % interval",
    }

    def headline(self) -> str:
        """Whether the groups differed before already."""
        if self.refusal:
            return message("The time before the event cannot be asked. {why}", why=self.refusal)
        known = self._frame.dropna(subset="earlier_effect")
        if known.empty:
            return message("Too few converted before the event to ask whether the groups differed.")
        bad = known[known["differs"]]
        line = (bad if len(bad) else known).sort_values("earlier_p_adjusted").iloc[0]
        values = {
            "outcome": line["outcome"],
            "points": numbers.points(line["earlier_effect"]),
            "interval": between(line["earlier_low"], line["earlier_high"]),
            "n": numbers.count(line["earlier_converted"]),
            "total": numbers.count(line["earlier_compared"]),
            "horizon": self.uplift.question.horizon.in_words(),
        }
        if len(bad):
            return message(
                "The groups differed in “{outcome}” before the event already, by {points} "
                "({interval}; {n} of {total} in the {horizon} before)",
                **values,
            )
        if line["earlier_low"] > 0 or line["earlier_high"] < 0:
            return message(
                "Before the event nothing differed by more than chance allows where {k} outcomes "
                "are asked about at once; most “{outcome}”, by {points} ({interval}; {n} of "
                "{total} in the {horizon} before)",
                k=len(self._frame),
                **values,
            )
        return message(
            "In the {horizon} before the event nothing differed that it could not have caused: "
            "“{outcome}” {points} ({interval}; {n} of {total})",
            **values,
        )

    def reading(self) -> str:
        """What is compared, and why it should give nothing."""
        if self.refusal:
            return ""
        return message(
            "Grey: the same comparison as if the event had begun {horizon} earlier, by what was "
            "known then; an interval without 0 says that the groups were unlike in ways that were "
            "not held equal. Blue: after the event. {note}",
            horizon=self.uplift.question.horizon.in_words(),
            note=self._left_out,
        ).rstrip()

    _left_out = ""

    def chart(self) -> alt.TopLevelMixin:
        """Before and after, a pair of intervals for each outcome."""
        return drawing.draw_placebo(self._frame, self.headline())

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("outcome", message("Outcome")),
            Column("earlier_compared", message("Compared before the event"), "count"),
            Column("earlier_converted", message("Of these converted"), "count"),
            Column("earlier_effect", message("Difference before"), "points"),
            Column("earlier_low", message("95 % from"), "points"),
            Column("earlier_high", message("95 % to"), "points"),
            Column("effect", message("Effect after"), "points"),
        )


def placebo(result: Uplift, earlier: Callable[[], Sample] | None) -> Placebo:
    """Compare the same groups one horizon earlier."""
    if result.analysis is None or earlier is None or result.analysis.comparison.refusal:
        return Placebo(result, _lines(result, None), result.refusal)
    sample = earlier()
    left_out = ""
    if STAGE in result.analysis.design.groups:
        able = could_have_come(result.analysis.sample, sample)
        if not able.all():
            left_out = message_of_count(
                "{count} stood back then in a stage from which nobody took part and is left out.",
                "{count} stood back then in stages from which nobody took part and are left out.",
                int(np.count_nonzero(~able)),
            )
        sample = sample.only(able)
    analysis = analysis_of(result.question, sample)
    made = Placebo(result, _lines(result, analysis), analysis.comparison.refusal)
    made._left_out = left_out
    return made


def _lines(result: Uplift, analysis: object) -> pd.DataFrame:
    from workbench.journeys.uplift.analysis import Analysis

    rows = []
    for k, label in enumerate(result.question.labels):
        line: dict[str, object] = {"outcome": label}
        now = None if result.analysis is None else result.analysis.estimates[k]
        if now is not None:
            line |= {"effect": now.effect, "effect_low": now.low, "effect_high": now.high}
        if isinstance(analysis, Analysis):
            compared = analysis.sample.treated & analysis.comparison.kept
            line["earlier_compared"] = int(compared.sum())
            line["earlier_converted"] = int((compared & analysis.converted[:, k]).sum())
            then = analysis.estimates[k]
            if then is not None:
                line |= {
                    "earlier_share": then.with_event,
                    "earlier_expected": then.without_event,
                    "earlier_effect": then.effect,
                    "earlier_low": then.low,
                    "earlier_high": then.high,
                    "earlier_p_adjusted": then.p_value,
                }
        rows.append(line)
    frame = pd.DataFrame(rows, columns=list(Placebo.columns))
    for name in ("earlier_compared", "earlier_converted"):
        frame[name] = frame[name].astype("Int64")
    for name in set(Placebo.columns) - {
        "outcome", "differs", "earlier_compared", "earlier_converted"
    }:  # fmt: skip
        frame[name] = frame[name].astype(float)
    frame["earlier_p_adjusted"] = holm(frame["earlier_p_adjusted"].to_numpy(float))
    frame["differs"] = frame["earlier_p_adjusted"] < _REAL
    return frame
