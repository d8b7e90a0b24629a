"""How strong would something unmeasured have to be to explain the effect away?

The E-value: the risk ratio that an unmeasured trait would need with taking part and with
converting, both at once and beyond all that was held equal (VanderWeele and Ding 2017). What the
effect becomes without each thing that was measured gives it a scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.journeys.uplift import chart as drawing
from workbench.journeys.uplift.analysis import Analysis, analysis_of
from workbench.journeys.uplift.view import View
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.uplift.result import Uplift


class Sensitivity(View, Result):
    """What an unmeasured trait would need, and what leaving out measured ones does."""

    kind: ClassVar[str] = "uplift_sensitivity"
    view: ClassVar[str] = "sensitivity"
    columns: ClassVar[Mapping[str, str]] = {
        "outcome": "Label of the outcome",
        "left_out": "What is not held equal in this line; empty where everything is",
        "effect": "Effect with this left out",
        "effect_low": "Lower end of its 95 % interval",
        "effect_high": "Upper end of its 95 % interval",
        "moved": "effect less the effect with everything held equal",
        "risk_ratio": "compared_share / expected_share",
        "risk_ratio_low": "Lower end of its 95 % interval",
        "risk_ratio_high": "Upper end of its 95 % interval",
        "e_value": "Risk ratio with taking part and with converting that would explain the effect",
        "e_value_limit": "The same for the end of the interval that is nearer to no effect; 1 "
        "where it holds no effect",
    }

    def headline(self) -> str:
        """What an unmeasured trait would need on the first outcome that has an effect."""
        whole = self._frame[self._frame["left_out"] == ""].dropna(subset="e_value")
        if self.refusal or whole.empty:
            return self.refusal or message("There is no effect whose strength could be tested.")
        told = whole[whole["e_value_limit"] > 1]
        line = (told if len(told) else whole).iloc[0]
        values = {
            "outcome": line["outcome"],
            "e": numbers.significant(line["e_value"], 2),
            "limit": numbers.significant(line["e_value_limit"], 2),
        }
        if len(told):
            return message(
                "To explain the effect on “{outcome}” away, something unmeasured would have to "
                "make both taking part and converting {e} times as likely; {limit} times would do "
                "to let chance explain it",
                **values,
            )
        return message(
            "No effect on “{outcome}” is told from chance, so nothing unmeasured is needed to "
            "explain it; its estimate alone would need {e} times",
            **values,
        )

    def reading(self) -> str:
        """What the lines are, and what the strongest measured thing does."""
        if self.refusal:
            return ""
        parts = self._frame[self._frame["left_out"] != ""].dropna(subset="moved")
        text = message(
            "Effect when one thing that was measured is not held equal; the line at the top holds "
            "everything equal. Something unmeasured as strong as that would move it as far."
        )
        if len(parts):
            most = parts.loc[parts["moved"].abs().idxmax()]
            text += " " + message(
                "Most moves “{name}” the effect on “{outcome}”: by {points}.",
                name=most["left_out"],
                outcome=most["outcome"],
                points=numbers.points(most["moved"]),
            )
        return text

    def chart(self) -> alt.TopLevelMixin:
        """The effect with everything held equal, and without each group in turn."""
        return drawing.draw_sensitivity(self._frame, self.headline())

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("outcome", message("Outcome")),
            Column("left_out", message("Not held equal")),
            Column("effect", message("Effect"), "points"),
            Column("effect_low", message("95 % from"), "points"),
            Column("effect_high", message("95 % to"), "points"),
            Column("moved", message("Moved by"), "points"),
            Column("e_value", message("E-value"), "number"),
            Column("e_value_limit", message("E-value of the limit"), "number"),
        )


def e_value(ratio: np.ndarray) -> np.ndarray:
    """The E-value of a risk ratio; ratios below 1 are turned round.

    Parameters
    ----------
    ratio : numpy.ndarray of float
    """
    ratio = np.asarray(ratio, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        up = np.where(ratio < 1, 1 / ratio, ratio)
        return up + np.sqrt(up * (up - 1))


def sensitivity(result: Uplift) -> Sensitivity:
    """E-values, and the effect without each group of covariates in turn."""
    rows: list[dict[str, object]] = []
    if result.analysis is not None and not result.refusal:
        groups = list(dict.fromkeys(result.analysis.design.groups))
        whole = result.analysis
        others = [analysis_of(result.question, whole.sample, group) for group in groups]
        for k, label in enumerate(result.question.labels):
            rows.append({"outcome": label, "left_out": "", **_line(whole, whole, k)})
            for group, part in zip(groups, others, strict=True):
                name = group.replace("_", " ")
                rows.append({"outcome": label, "left_out": name, **_line(part, whole, k)})
    frame = pd.DataFrame(rows, columns=list(Sensitivity.columns))
    for name in frame.columns[2:]:
        frame[name] = frame[name].astype(float)
    whole_lines = frame["left_out"] == ""
    frame.loc[~whole_lines, ["e_value", "e_value_limit"]] = np.nan
    return Sensitivity(result, frame.astype({"outcome": "str", "left_out": "str"}), result.refusal)


def _line(part: Analysis, whole: Analysis, outcome: int) -> dict[str, float]:
    found, against = part.estimates[outcome], whole.estimates[outcome]
    if found is None:
        return {}
    holds = found.ratio_low <= 1 <= found.ratio_high
    nearest = found.ratio_low if found.ratio > 1 else found.ratio_high
    limit = 1.0 if holds else float(e_value(np.array([nearest]))[0])
    return {
        "effect": found.effect,
        "effect_low": found.low,
        "effect_high": found.high,
        "moved": np.nan if against is None else found.effect - against.effect,
        "risk_ratio": found.ratio,
        "risk_ratio_low": found.ratio_low,
        "risk_ratio_high": found.ratio_high,
        "e_value": float(e_value(np.array([found.ratio]))[0]),
        "e_value_limit": np.nan if np.isnan(found.ratio) else limit,
    }
