"""The models: how the credit of a conversion is shared out among its touches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from workbench.engine.touches import credit as kernels
from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.results import numbers
from workbench.vocabulary.durations import Duration

WEIGHTS = {
    "last": (0.0, 0.0, 1.0),
    "first": (1.0, 0.0, 0.0),
    "u_shaped": (0.4, 0.2, 0.4),
    "j_shaped": (0.2, 0.2, 0.6),
    "inverse_j": (0.6, 0.2, 0.2),
}
CODES = {
    **dict.fromkeys(WEIGHTS, kernels.POSITION),
    "linear": kernels.LINEAR,
    "time_decay": kernels.DECAY,
    "participation": kernels.PARTICIPATION,
    "same_touch": kernels.SAME,
    "algorithmic": kernels.SETS,
    "markov": kernels.SETS,
}
LEARNED = ("algorithmic", "markov")
LABELS = {
    "last": marked("last touch"),
    "first": marked("first touch"),
    "linear": marked("linear"),
    "u_shaped": marked("U-shaped"),
    "j_shaped": marked("J-shaped"),
    "inverse_j": marked("inverse J"),
    "time_decay": marked("time decay"),
    "participation": marked("participation"),
    "same_touch": marked("same touch"),
    "algorithmic": marked("algorithmic"),
    "markov": marked("Markov"),
}
_ALLOWED = marked(
    "last, first, linear, u_shaped, j_shaped, inverse_j, time_decay, participation, same_touch, "
    "algorithmic, markov, or three weights (first, middle, last) such as (30, 20, 10)"
)
_NOTHING = np.empty(0, np.int64)


@dataclass(frozen=True)
class Model:
    """One way of sharing credit out.

    Attributes
    ----------
    name : str
        One of `CODES`, or ``custom``.
    weights : tuple of float
        First, middle and last, of models that look at the position of a touch.
    half_life : Duration
        Of ``time_decay``.
    prior : float
        Weight of the overall rate in ``algorithmic``, in containers.
    """

    name: str
    weights: tuple[float, float, float]
    half_life: Duration
    prior: float

    @property
    def learned(self) -> bool:
        """Whether shares are learned from all containers, converting or not."""
        return self.name in LEARNED

    @property
    def label(self) -> str:
        """The reader's word for the model."""
        if self.name == "custom":
            shown = "/".join(f"{w:g}" for w in self.weights)
            return message("custom {weights}", weights=shown)
        return message(LABELS[self.name])

    def plain(self) -> str | list[float]:
        """The value that `model_from` reads back."""
        return list(self.weights) if self.name == "custom" else self.name

    def rule(
        self, repeats: int, player: np.ndarray, set_of: np.ndarray, shares: np.ndarray
    ) -> kernels.Rule:
        """What the compiled passes take; the last three matter to learned models only."""
        return kernels.Rule(
            CODES.get(self.name, kernels.POSITION),
            *self.weights,
            float(self.half_life.microseconds),
            repeats,
            player,
            set_of,
            shares,
        )

    def in_words(self) -> str:
        """The model as a sentence."""
        sentence = message(_WORDS.get(self.name, _WORDS["position"]), **self._values())
        return message("Model “{model}”: {sentence}", model=self.label, sentence=sentence)

    def _values(self) -> dict[str, str]:
        total = sum(self.weights) or 1.0
        first, middle, last = (numbers.share(w / total) for w in self.weights)
        return {
            "first": first,
            "middle": middle,
            "last": last,
            "half_life": self.half_life.in_words(),
            "prior": f"{self.prior:g}",
        }


_WORDS = {
    "last": marked("the last touch gets all credit."),
    "first": marked("the first touch gets all credit."),
    "linear": marked("all touches get the same."),
    "position": marked(
        "the first touch gets {first}, the last {last}, and those between share {middle}; of two "
        "touches each gets its part of first and last."
    ),
    "time_decay": marked(
        "a touch counts half as much for every {half_life} that it lies before the conversion."
    ),
    "participation": marked(
        "every item that was touched gets the whole conversion, so lines add up to more than all "
        "conversions."
    ),
    "same_touch": marked("only the row of the conversion itself can be its touch."),
    "algorithmic": marked(
        "credit follows the Shapley values of conversion rates. A set of touched items is worth "
        "the rate of the containers that touched exactly this set, converting or not, drawn "
        "towards the overall rate as if {prior} more containers had it; nothing touched is worth "
        "nothing. A container without a conversion counts with the window before its last touch. "
        "Negative values are cut off and the rest adds up to one."
    ),
    "markov": marked(
        "the items of a conversion share it by their removal effects, that is the part of all "
        "conversions that would be lost if every path through the item ended there, in a chain of "
        "transitions from item to item. A container without a conversion counts with the window "
        "before its last touch."
    ),
}


def model_from(value: Any, half_life: Any = "7d", prior: Any = 10.0) -> Model:
    """Read a model: its name, or weights of first, middle and last touch.

    Raises
    ------
    ArgumentError
        For an unknown name, weights that cannot be weights, a half-life of zero.
    """
    if isinstance(value, Model):
        return value
    length = Duration.parse(half_life, "half_life")
    if not length.microseconds:
        raise ArgumentError.of("half_life", half_life, message("more than zero, such as '7d'"))
    known = isinstance(prior, Real) and not isinstance(prior, bool)
    if not known or not 0 <= float(prior) < float("inf"):
        raise ArgumentError.of("prior", prior, message("zero or more containers, such as 10"))
    if isinstance(value, Mapping) and set(value) == {"custom"}:
        value = value["custom"]
    if isinstance(value, str):
        name = value.strip().lower().replace("-", "_").replace(" ", "_")
        name = name.removesuffix("_touch") if name != "same_touch" else name
        if name not in CODES:
            raise ArgumentError.of("model", value, [*CODES, "(first, middle, last)"])
        return Model(name, WEIGHTS.get(name, (0.0, 0.0, 0.0)), length, float(prior))
    return Model("custom", _custom(value), length, float(prior))


def _custom(value: Any) -> tuple[float, float, float]:
    given = list(value) if isinstance(value, list | tuple) else []
    good = len(given) == 3 and all(
        isinstance(w, Real) and not isinstance(w, bool) and 0 <= float(w) < float("inf")
        for w in given
    )
    if not good or not sum(map(float, given)):
        raise ArgumentError.of(
            "model",
            value,
            message(_ALLOWED),
            message("Weights are three numbers of zero or more, not all zero."),
        )
    first, middle, last = map(float, given)
    if first + last <= 0:
        # Two touches have no middle; they share equally then.
        return 0.0, middle, 0.0
    return first, middle, last
