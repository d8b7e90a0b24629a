"""What the coaching view says: how many differences are beyond chance, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures
from workbench.sales.stages.coaching_chart import MOST_PANELS
from workbench.sales.stages.common import limit_in_words, question_in_words

if TYPE_CHECKING:
    from workbench.sales.stages.coaching_view import Coaching


def _counts(result: Coaching) -> dict[str, int]:
    frame = result.frame
    return {
        "strong": int((frame["standing"] == "strong").sum()),
        "weak": int((frame["standing"] == "weak").sum()),
        "stuck": int((frame["pace"] == "stuck").sum()),
        "quick": int((frame["pace"] == "quick").sum()),
    }


def headline(result: Coaching) -> str:
    """In how many of the comparisons a group differs beyond chance."""
    by, compared = result.by.replace("_", " "), result.compared
    if result.frame.empty or not compared:
        return message(
            "Nothing can be compared by {by}: no two groups have {n} decided deals.",
            by=by,
            n=result.min_n,
        )
    counts = _counts(result)
    beyond = sum(counts.values())
    whole = message_of_count(
        "{count} comparison by {by}", "{count} comparisons by {by}", compared, by=by
    )
    if not beyond:
        return message("In none of {whole} do deals differ from all others' beyond chance.",
                       whole=whole)  # fmt: skip
    words = {
        "strong": message("get on better"),
        "weak": message("get on less"),
        "stuck": message("stay longer"),
        "quick": message("move faster"),
    }
    parts = ", ".join(f"{words[name]} {n}" for name, n in counts.items() if n)
    return message(
        "In {n} of {whole} deals differ from all others' beyond chance ({parts}).",
        n=numbers.count(beyond),
        whole=whole,
        parts=parts,
    )


def reading(result: Coaching) -> str:
    """What points and lines are."""
    parts = []
    if result.frame["difference"].notna().any():
        parts.append(
            message(
                "Each point is the share of deals that went on from the stage or were won, less "
                "the share of all others, with its 95 % interval; blue is better and orange less "
                "than all others beyond chance, after correction for {n} comparisons, grey is "
                "within it; stuck and quick say that stays are longer or shorter beyond chance. "
                "Groups stand by name.",
                n=numbers.count(result.compared),
            )
        )
    shown = result.shown_groups
    if shown.small:
        text = message_of_count(
            "{count} group of fewer than {n} deals ({deals} deals) is not shown by itself.",
            "{count} groups of fewer than {n} deals ({deals} deals) are not shown by themselves.",
            shown.small,
            n=result.min_n,
            deals=numbers.count(shown.small_deals),
        )
        parts.append(text)
    drawn, there = result.drawn
    if drawn < there:
        parts.append(message("The first {n} of {total} groups are drawn.", n=drawn, total=there))
    panels = len(result.frame.groupby(["pipeline", "stage"], observed=True))
    if parts and panels > MOST_PANELS:
        parts.append(
            message(
                "The whole way and the first {n} of {total} stages are drawn.",
                n=MOST_PANELS - 1,
                total=panels - 1,
            )
        )
    return " ".join(parts)


def definitions(result: Coaching) -> list[str]:
    """What going on, staying, and beyond chance mean."""
    return [
        message(
            "Went on: after the stage the deal stood in a later open stage of the pipeline or was "
            "won; not: it was lost before. Deals still undecided are in neither. The whole way "
            "counts won of won and lost."
        ),
        message(
            "Lengths are the latest finished visits, of the whole way the days from creation to "
            "closing of won deals; compared by the rank-sum test."
        ),
        message(
            "Beyond chance: corrected p-value under 5 %, for all comparisons here together (Holm). "
            "A difference says where to look, not why: deals were not handed out at random."
        ),
        limit_in_words(),
        *question_in_words(result.found),
    ]


def figures(result: Coaching) -> Block:
    """Groups, comparisons, and what is beyond chance."""
    counts, shown = _counts(result), result.shown_groups
    together = int(shown.together)
    return key_figures(
        [
            {
                "label": message("Groups shown by themselves"),
                **measured.count(len(shown.labels) - together),
                "detail": message("{n} smaller ones are not", n=shown.small),
            },
            {
                "label": message("Get on better, or less"),
                "value": f"{counts['strong']} · {counts['weak']}",
                "detail": message(
                    "of {n} comparisons", n=int(result.frame["p_value"].notna().sum())
                ),
            },
            {
                "label": message("Stay longer, or shorter"),
                "value": f"{counts['stuck']} · {counts['quick']}",
                "detail": message(
                    "of {n} comparisons", n=int(result.frame["stay_p_value"].notna().sum())
                ),
            },
        ]
    )
