"""What can be set when an open deal is put beside won ones, checked.

Source: relationship-analytics.md, section 8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message

ELAPSED, TOTAL = "elapsed", "total"
ALIGNMENTS = (ELAPSED, TOTAL)
TYPICAL = ("mean", "median")
LEAST_FIELDS = 3
LEAST_KNOWN = 30
TOP_WON = 100
LEAST_DAYS = 2


@dataclass(frozen=True)
class Options:
    """How similar won deals are found and compared with.

    Attributes
    ----------
    alignment : {"elapsed", "total"}
        Whether a won deal is looked at as it was at the age of the open one, or as a whole.
    typical : {"mean", "median"}
        Of the values of the won deals.
    features : tuple of str
        Own columns of opportunities or accounts that count beside the usual fields.
    most, least : int
        So many of the nearest are taken; with fewer the largest won deals stand in.
    furthest : float
        Greatest distance, 0…1.
    months : int
        Only deals won in so many months count.
    """

    alignment: str = ELAPSED
    typical: str = "mean"
    features: tuple[str, ...] = ()
    most: int = 10
    least: int = 5
    furthest: float = 0.35
    months: int = 24

    @classmethod
    def read(
        cls, alignment: Any, typical: Any, features: Any, most: Any, least: Any, furthest: Any,
        months: Any,
    ) -> Options:  # fmt: skip
        """Check the values that a question gives.

        Raises
        ------
        ArgumentError
        """
        if alignment not in ALIGNMENTS:
            raise ArgumentError.of("alignment", alignment, ALIGNMENTS)
        if typical not in TYPICAL:
            raise ArgumentError.of("typical", typical, TYPICAL)
        for name, value, highest in (
            ("most", most, 1_000), ("least", least, 1_000), ("months", months, 1_200),
        ):  # fmt: skip
            if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= highest:
                raise ArgumentError.of(
                    name, value, message("a whole number from 1 to {most}", most=f"{highest:,}")
                )
        if least > most:
            raise ArgumentError.of(
                "least", least, message("at most as many as most ({most})", most=most)
            )
        is_number = isinstance(furthest, int | float) and not isinstance(furthest, bool)
        if not is_number or not 0 <= furthest <= 1:
            raise ArgumentError.of("furthest", furthest, message("a distance from 0 to 1"))
        return cls(
            alignment, typical, _names(features), most, least, float(furthest), months
        )  # fmt: skip

    def plain(self) -> dict[str, Any]:
        """What differs from the default, as plain values."""
        default = Options()
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        kept = {n: v for n, v in said.items() if v != getattr(default, n)}
        if "features" in kept:
            kept["features"] = list(self.features)
        return kept


def _names(features: Any) -> tuple[str, ...]:
    allowed = message("names of columns of opportunities or accounts, each once")
    if isinstance(features, str) or not isinstance(features, Sequence):
        raise ArgumentError.of("features", features, allowed)
    names = tuple(features)
    if not all(isinstance(name, str) and name for name in names) or len(set(names)) < len(names):
        raise ArgumentError.of("features", list(names), allowed)
    return names
