"""What raises and lowers one score: contributions that add up, with what was seen of alike deals.

Source: sales-pipeline.md, section 7 (explanation).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import wilson
from workbench.results.tables import Column as Shown
from workbench.sales.score import chart_parts as drawing
from workbench.sales.score.alike import Alike, in_words, matrix_of, observed
from workbench.sales.score.base import Basis
from workbench.sales.score.features import label_of
from workbench.sales.score.grades import scores_of
from workbench.sales.score.learners import CALIBRATION, chance_of
from workbench.sales.score.listing import deal_lines
from workbench.sales.score.training import Model

if TYPE_CHECKING:
    import altair as alt

    from workbench.sales.score.result import Score

MOST_OF_A_SIDE = 5
_LEAST_SAID = 0.05


class Reasons(Result):
    """Contributions to the score of one deal, in log-odds beside the mean of the deals that taught.

    Attributes
    ----------
    of : Score
    opportunity_id : str
        Empty where no deal has a score.
    base : float
        Log-odds of a deal that is average in everything.
    score : int
        −1 without one.
    refusal : str
        Why there is nothing to explain; empty where there is.
    """

    kind: ClassVar[str] = "score_reasons"
    columns: ClassVar[Mapping[str, str]] = {
        "feature": "Name of the feature; `calibration` for what isotonic calibration adds",
        "label": "The same in words",
        "value": "Value of the deal, in words",
        "contribution": "Log-odds beside an average deal; base and contributions add up to the "
        "log-odds of the chance",
        "chance_without": "Chance, 0…1, if this feature were average",
        "won": "Won deals among those that taught and had a like value: numerator",
        "deals": "Deals that taught and had a like value (same level or fifth of values)",
        "share": "Observed share of them that was won",
        "low": "Lower end of its 95 % interval",
        "high": "Upper end",
        "shown": "Whether it is one of the five strongest of its side",
    }

    def __init__(
        self, of: Score, opportunity_id: str, number: int, frame: pd.DataFrame, refusal: str = ""
    ) -> None:
        basis = of.basis
        self.of = of
        self.opportunity_id = opportunity_id
        self.refusal = refusal
        self._number = number
        self._frame = frame
        self.base = float("nan") if basis.model is None else basis.model.learner.base
        self.scope = of.scope
        self.definition = {**of.definition, "view": "reasons", "opportunity_id": opportunity_id}

    @property
    def frame(self) -> pd.DataFrame:
        """One line a feature, the strongest first, with the columns of `Reasons.columns`."""
        return self._frame

    @property
    def chance(self) -> float:
        """Base and contributions as a chance."""
        if self.refusal:
            return float("nan")
        return float(chance_of(self.base + self._frame["contribution"].sum()))

    @property
    def score(self) -> int:
        """The same as a score; −1 without one."""
        return int(scores_of(np.array([self.chance]))[0])

    @property
    def deal(self) -> dict[str, Any]:
        """The deal as a line of `Score.members`; empty without one."""
        frame = self.of.frame
        found = frame[frame["opportunity_id"] == self.opportunity_id]
        return found.iloc[0].to_dict() if len(found) else {}

    def headline(self) -> str:
        """Score, base, and what moves it most."""
        if self.refusal:
            return self.refusal
        names = {
            side: ", ".join(part["label"].head(2))
            for side, part in (
                ("up", self._side(self._frame["contribution"] > _LEAST_SAID)),
                ("down", self._side(self._frame["contribution"] < -_LEAST_SAID)),
            )
        }
        said = message(
            "“{name}” scores {score}; an average deal scores {base}.",
            name=numbers.shortened(str(self.deal["name"]), 60),
            score=self.score,
            base=int(scores_of(np.array([chance_of(np.array(self.base))]))[0]),
        )
        if names["up"]:
            said += " " + message("Raised by: {names}.", names=names["up"])
        if names["down"]:
            said += " " + message("Lowered by: {names}.", names=names["down"])
        return said

    def _side(self, chosen: pd.Series) -> pd.DataFrame:
        part = self._frame[chosen & (self._frame["feature"] != CALIBRATION)]
        return part.reindex(part["contribution"].abs().sort_values(ascending=False).index)

    def reading(self) -> str:
        """What a bar is, and what it is not."""
        if self.refusal:
            return ""
        return message(
            "Bars: log-odds by which a feature moves the score away from that of an average deal; "
            "with the base {base} all of them add up to the score. Beside them the share won of "
            "the deals that taught and had a like value. Neither says that changing the feature "
            "would change the outcome.",
            base=f"{self.base:+.2f}".replace("-", "−"),
        )

    def definitions(self) -> list[str]:
        """The same as of the score."""
        return self.of.definitions()

    def chart(self) -> alt.TopLevelMixin:
        """Bars to both sides, the strongest first."""
        return drawing.draw_reasons(self)

    def table_frame(self) -> pd.DataFrame:
        """All features, with the observed share in words."""
        frame = self._frame
        return frame.assign(
            seen=[observed(row.won, row.deals) for row in frame.itertuples()],
            signed=[f"{c:+.2f}".replace("-", "−") for c in frame["contribution"]],
        )

    def shown(self) -> tuple[Shown, ...]:
        """Columns for a reader."""
        return (
            Shown("label", message("Feature")),
            Shown("value", message("Value of this deal")),
            Shown("signed", message("Contribution (log-odds)")),
            Shown("chance_without", message("Chance if it were average"), "share"),
            Shown("seen", message("Won, of deals with a like value")),
        )

    def members(self, feature: str) -> pd.DataFrame:
        """The deals that taught and had a like value of a feature.

        Returns
        -------
        pandas.DataFrame
            Columns of `workbench.sales.score.listing.COLUMNS`, and won.
        """
        model = self.of.basis.model
        known = list(self._frame["feature"])
        if feature not in known or model is None or self.refusal:
            raise ArgumentError.of("feature", feature, known)
        numbers_ = np.empty(0, np.int64)
        if feature != CALIBRATION:
            n = [c.name for c in model.design.columns].index(feature)
            own = matrix_of(self.of.basis, model, self._number)[0, n]
            ranks, _ = Alike(model, n).deals(own)
            numbers_ = model.sample.deals[ranks]
        basis = self.of.basis
        lines = deal_lines(basis.sources, basis.standing, numbers_)
        return lines.assign(won=basis.standing.outcome[numbers_] == 1)


def reasons(result: Score, opportunity_id: str | None = None) -> Reasons:
    """Contributions to the score of one open deal; the one with the best score when left out.

    Raises
    ------
    ArgumentError
        When no open deal has this key.
    """
    basis, frame = result.basis, result.frame
    empty = pd.DataFrame({name: [] for name in Reasons.columns})
    if opportunity_id is not None and opportunity_id not in set(frame["opportunity_id"]):
        raise ArgumentError.of("opportunity_id", opportunity_id, frame["opportunity_id"])
    scored = frame[frame["score"].notna()]
    if opportunity_id is None and len(scored):
        opportunity_id = str(scored["opportunity_id"].iloc[0])
    known = opportunity_id in set(scored["opportunity_id"])
    if basis.model is None or opportunity_id is None or not known:
        reason = basis.refusal or message("no open deal with a history has a score")
        said = message("There is no score to explain: {reason}.", reason=reason)
        return Reasons(result, opportunity_id or "", -1, empty, said)
    keys = basis.sources.deals.text("opportunity_id")
    number = int(basis.open[list(keys[basis.open]).index(opportunity_id)])
    return Reasons(result, opportunity_id, number, _lines(basis, basis.model, number))


def _lines(basis: Basis, model: Model, number: int) -> pd.DataFrame:
    matrix = matrix_of(basis, model, number)
    parts = model.learner.parts(matrix)[0]
    correction = float(model.learner.correction(matrix)[0])
    total = model.learner.base + parts.sum() + correction
    own = basis.present.deal == number
    lines = []
    for n, column in enumerate(model.design.columns):
        _, won = Alike(model, n).deals(float(matrix[0, n]))
        value = float(basis.features[column.name].values[own][0])
        text = in_words(basis, model, column.name, value, own)
        lines.append((column.name, label_of(column.name), text, parts[n], int(won.sum()), won.size))
    if model.learner.kind == "trees":
        lines.append((CALIBRATION, message("Calibration"), "", correction, 0, 0))
    names = ["feature", "label", "value", "contribution", "won", "deals"]
    frame = pd.DataFrame(lines, columns=names)
    frame["chance_without"] = chance_of(total - frame["contribution"].to_numpy())
    deals = frame["deals"].to_numpy()
    frame["share"] = np.where(deals > 0, frame["won"] / np.maximum(deals, 1), np.nan)
    frame["low"], frame["high"] = wilson(frame["won"].to_numpy(), deals)
    strength = frame["contribution"].abs()
    side = np.sign(frame["contribution"]).where(frame["feature"] != CALIBRATION, 9)
    rank = strength.groupby(side).rank(method="first", ascending=False)
    frame["shown"] = (rank <= MOST_OF_A_SIDE) & (strength > 0)
    order = strength.sort_values(ascending=False, kind="stable").index
    return frame.reindex(order).reset_index(drop=True)[list(Reasons.columns)]


def in_short(basis: Basis) -> tuple[list[str], list[str]]:
    """The two strongest features of each side of every open deal, in the order of `Basis.open`."""
    nothing = [""] * basis.open.size
    if basis.model is None or not len(basis.present):
        return nothing, list(nothing)
    _, matrix = basis.model.scored(basis.features)
    parts = basis.model.learner.parts(matrix)
    labels = np.array([label_of(c.name) for c in basis.model.design.columns], object)
    of_deal = dict(zip(basis.present.deal.tolist(), range(len(basis.present)), strict=True))
    out: tuple[list[str], list[str]] = ([], [])
    for sign, said in ((1, out[0]), (-1, out[1])):
        order = np.argsort(-sign * parts, axis=1, kind="stable")[:, :2]
        for number in basis.open.tolist():
            row = of_deal.get(number)
            strong = [] if row is None else [
                str(labels[n]) for n in order[row] if sign * parts[row, n] > _LEAST_SAID
            ]  # fmt: skip
            said.append(", ".join(strong))
    return out


def features_frame(basis: Basis) -> pd.DataFrame:
    """Features and columns with whether, and why not, they take part."""
    columns = () if basis.model is None else basis.model.design.columns
    used = [(c.name, c.feature.now) for c in columns]
    lines = [(name, label_of(name), True, now, "") for name, now in used]
    lines += [(n, label_of(n), False, False, reason) for n, reason in basis.left_out.items()]
    return pd.DataFrame(lines, columns=["feature", "label", "used", "now", "reason"])
