"""The question: what did won deals that are like an open one look like at its age?"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.relationship.alike.found import Found
from workbench.relationship.alike.options import Options
from workbench.relationship.alike.result import SimilarWon
from workbench.relationship.measuring import Measured


def similar_won(
    measured: Measured,
    kept: dict[Options, SimilarWon],
    *,
    alignment: str = "elapsed",
    typical: str = "mean",
    features: Sequence[str] = (),
    most: int = 10,
    least: int = 5,
    furthest: float = 0.35,
    months: int = 24,
) -> SimilarWon:
    """Every open deal beside its similar won deals.

    Parameters
    ----------
    measured : Measured
        Of opportunities; its window does not count, `alignment` says what does.
    kept : dict
        Answers to the same question, by their options: asked again for another deal, nothing is
        worked out twice.
    alignment : {"elapsed", "total"}
        Look at won deals as they were at the age of the open one; or as a whole, which is what
        vendors do and unfair to young deals.
    typical : {"mean", "median"}
        Of the won deals with a value.
    features : sequence of str
        Own columns of opportunities, or of accounts as ``"accounts.rank"``, that count beside
        amount, employees, industry, country, type, lead source, products and pipeline. Numbers
        and days by their difference, lists as sets, everything else as equal or not.
    most : int
        So many of the nearest won deals.
    least : int
        With fewer of them, the 100 largest won deals stand in and are called not similar.
    furthest : float
        Greatest distance of a similar deal, 0…1.
    months : int
        Only deals won in the last so many months.

    Returns
    -------
    SimilarWon

    Raises
    ------
    ArgumentError
        Before any row is read, for a value that is not allowed.
    AbsentError
        For records that are no opportunities, or a column of `features` that is not there.

    Notes
    -----
    Source: relationship-analytics.md, section 8.
    """
    options = Options.read(alignment, typical, features, most, least, furthest, months)
    if options not in kept:
        kept[options] = SimilarWon(Found(measured, options))
    return kept[options]
