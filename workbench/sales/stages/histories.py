"""What is wrong with deals and their histories, each kind named once with the deals it concerns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from workbench.messages import message, message_of_count
from workbench.sales.catalogue import OPEN
from workbench.sales.deals import NEVER, NO_DAY
from workbench.sales.history import DAY, QUALITIES
from workbench.sales.saves import column_of, read_saves
from workbench.sales.stages.found import Found
from workbench.sales.stages.problems import Problem

MOST_STAGES = 20
Named = tuple[Problem, np.ndarray]


def history_problems(found: Found) -> list[Named]:
    """Findings and the numbers of the deals that each concerns."""
    checks = (_unlisted, _standing, _order, _missing, _ends, _rest)
    return [named for check in checks for named in check(found)]


def _problem(
    found: Found, code: str, level: str, text: str, deals: np.ndarray, **more: str
) -> Named:
    example = ""
    if deals.size:
        example = str(found.deals.table.column("opportunity_id")[int(deals[0])])
    return (
        Problem(level, text, value=example, count=int(deals.size), code=code, **more),  # type: ignore[arg-type]
        deals,
    )


def _unlisted(found: Found) -> Iterator[Named]:
    """Stages that deals name and the catalogue does not hold."""
    catalogue = found.catalogue
    if not found.question.workspace.has("stages", "stage"):
        return
    stays, here = found.stays, np.flatnonzero(found.chosen)
    unknown = [c for c in found.codes if not catalogue.frame["known"].iat[c]]
    for code in unknown[:MOST_STAGES]:
        of_stays = stays.deal[stays.stage == code]
        deals = np.union1d(here[found.moment.stage[here] == code], of_stays[found.chosen[of_stays]])
        if not deals.size:
            continue
        row = catalogue.frame.iloc[code]
        yield _problem(
            found,
            "unlisted",
            "warning",
            message_of_count(
                "{count} deal was in {stage}, which the catalogue does not hold.",
                "{count} deals were in {stage}, which the catalogue does not hold.",
                deals.size,
                stage=row["stage"],
            ),
            deals,
            remedy=message("Add it to the table stages; its place and kind are guessed here."),
            pipeline=str(row["pipeline"]),
            stage=str(row["stage"]),
        )
    rest = unknown[MOST_STAGES:]
    if rest:
        yield (
            Problem(
                "warning",
                message("{n} more stages are not in the catalogue.", n=len(rest)),
                count=len(rest),
                code="unlisted",
            ),
            np.flatnonzero(found.chosen & np.isin(found.moment.stage, rest)),
        )


def _standing(found: Found) -> Iterator[Named]:
    moment, catalogue = found.moment, found.catalogue
    nowhere = np.flatnonzero(found.chosen & (moment.stage < 0))
    if nowhere.size:
        yield _problem(
            found, "no_stage", "warning",
            message_of_count(
                "{count} deal stands in no known stage and is on no line.",
                "{count} deals stand in no known stage and are on no line.",
                nowhere.size,
            ),
            nowhere,
        )  # fmt: skip
    kinds = np.append(catalogue.kind, OPEN)[moment.stage]
    against = np.flatnonzero(found.chosen & (moment.stage >= 0) & (kinds != moment.kind))
    if against.size:
        yield _problem(
            found, "kind_differs", "warning",
            message_of_count(
                "{count} deal is marked open, won or lost against the kind of its stage.",
                "{count} deals are marked open, won or lost against the kind of their stage.",
                against.size,
            ),
            against,
            remedy=message("The mark of the deal counts for its outcome, the stage for its line."),
        )  # fmt: skip
    unused = np.append(~catalogue.frame["is_active"].to_numpy(bool), False)[moment.stage]
    resting = np.flatnonzero(found.chosen & unused & (moment.kind == OPEN))
    if resting.size:
        yield _problem(
            found, "inactive", "warning",
            message_of_count(
                "{count} open deal stands in a stage that is no longer in use.",
                "{count} open deals stand in a stage that is no longer in use.",
                resting.size,
            ),
            resting,
        )  # fmt: skip
    deals = found.deals
    dated = (deals.closed_on != NO_DAY) & (deals.created_on != NO_DAY)
    backwards = np.flatnonzero(found.chosen & dated & (deals.closed_on < deals.created_on))
    if backwards.size:
        yield _problem(
            found, "closed_before_created", "error",
            message_of_count(
                "{count} deal was closed before it was created.",
                "{count} deals were closed before they were created.",
                backwards.size,
            ),
            backwards,
        )  # fmt: skip


def _order(found: Found) -> Iterator[Named]:
    stays, deals = found.stays, found.deals
    if not len(stays):
        return
    tied = np.flatnonzero(
        (stays.deal[1:] == stays.deal[:-1]) & (stays.start[1:] == stays.start[:-1])
    )
    tied = np.unique(stays.deal[tied])
    tied = tied[found.chosen[tied]]
    if tied.size:
        yield _problem(
            found, "tied", "warning",
            message_of_count(
                "{count} deal has different stages saved at the same instant.",
                "{count} deals have different stages saved at the same instant.",
                tied.size,
            ),
            tied,
            remedy=message("They stand in the order of their history_id; such stays last 0 days."),
        )  # fmt: skip
    first = np.flatnonzero(np.append(True, stays.deal[1:] != stays.deal[:-1]))
    of_deal, begun = stays.deal[first], stays.start[first]
    created = deals.created_at[of_deal]
    early = of_deal[(created != NEVER) & (begun < created - DAY) & found.chosen[of_deal]]
    if early.size:
        yield _problem(
            found, "before_creation", "warning",
            message_of_count(
                "The history of {count} deal begins more than a day before it was created.",
                "The histories of {count} deals begin more than a day before they were created.",
                early.size,
            ),
            early,
            remedy=message("Their stays count from the first save on."),
        )  # fmt: skip


def _missing(found: Found) -> Iterator[Named]:
    """Saves that say what was before, and it is not what the save before them said."""
    history, deals = found.history, found.deals
    columns = found.question.workspace.columns_of("opportunity_history")
    if len(history) < 2 or not {"prev_amount", "x_prev_amount"} & set(columns):
        return
    text = f"coalesce({column_of(deals, 'prev_amount', 'DOUBLE')}, 'nan'::DOUBLE)"
    said = read_saves(deals, {"previous": text})[1]["previous"][1:]
    before = history.amount[:-1]
    with np.errstate(invalid="ignore"):
        differs = np.abs(said - before) > 0.005
    gap = np.unique(history.deal[1:][differs & ~history.first[1:]])
    gap = gap[found.chosen[gap]]
    if gap.size:
        yield _problem(
            found, "missing_save", "warning",
            message_of_count(
                "The history of {count} deal has a gap: an amount before is not the one saved.",
                "The histories of {count} deals have gaps: an amount before is not the one saved.",
                gap.size,
            ),
            gap,
            remedy=message("Stays over a gap may hide others; export the whole history."),
        )  # fmt: skip


def _ends(found: Found) -> Iterator[Named]:
    """Histories whose end is not how the table says that the deal stands."""
    stays, moment = found.stays, found.moment
    if not len(stays) or not found.at_present:
        return
    last = np.flatnonzero(stays.last)
    deal, stage = stays.deal[last], stays.stage[last]
    differs = found.chosen[deal] & (moment.stage[deal] >= 0) & (stage != moment.stage[deal])
    closed_there = found.catalogue.kind[stage] != OPEN
    closed_here = moment.kind[deal] != OPEN
    said = (
        ("closing_not_saved", differs & closed_here & ~closed_there, message(
            "The closing of some deals was not saved: their histories end in an open stage.")),
        ("opening_not_saved", differs & ~closed_here & closed_there, message(
            "Some open deals have a history that ends won or lost.")),
        ("ends_elsewhere", differs & (closed_here == closed_there), message(
            "Some histories end in another stage than the deal stands in: saves are missing.")),
    )  # fmt: skip
    for code, mark, text in said:
        if mark.any():
            yield _problem(
                found, code, "warning", text, deal[mark],
                remedy=message("The deal itself counts for where it stands."),
            )  # fmt: skip


def _rest(found: Found) -> Iterator[Named]:
    history = found.history
    quality = history.quality
    late = np.flatnonzero(found.chosen & (quality == QUALITIES.index("partial")))
    if late.size:
        yield _problem(
            found, "partial", "note",
            message_of_count(
                "The history of {count} deal begins more than 24 hours after its creation.",
                "The histories of {count} deals begin more than 24 hours after their creation.",
                late.size,
            ),
            late,
            remedy=message("Their first stay may be too short; quality='full' leaves them out."),
        )  # fmt: skip
    cut = np.flatnonzero(found.chosen & (quality == QUALITIES.index("truncated")))
    if cut.size:
        yield _problem(
            found, "truncated", "warning",
            message_of_count(
                "The history of {count} deal holds the 20 saves at which exports are cut off.",
                "The histories of {count} deals hold the 20 saves at which exports are cut off.",
                cut.size,
            ),
            cut,
        )  # fmt: skip
    if found.has_history:
        without = np.flatnonzero(found.chosen & (quality >= QUALITIES.index("none")))
        if without.size:
            yield _problem(
                found, "no_history", "note",
                message_of_count(
                    "{count} deal has no history: it is in no stay and no move.",
                    "{count} deals have no history: they are in no stay and no move.",
                    without.size,
                ),
                without,
            )  # fmt: skip
    silent = np.flatnonzero(history.stage < 0)
    if silent.size:
        deals = np.unique(history.deal[silent])
        yield _problem(
            found, "save_without_stage", "note",
            message_of_count(
                "{count} save names no stage: the one before holds.",
                "{count} saves name no stage: the one before holds.",
                silent.size,
            ),
            deals[found.chosen[deals]],
        )  # fmt: skip
    if history.unknown and found.at_present:
        text = message_of_count(
            "{count} save belongs to no known deal, or has no time.",
            "{count} saves belong to no known deal, or have no time.",
            history.unknown,
        )
        yield (
            Problem("warning", text, count=history.unknown, code="unknown_deal"),
            np.empty(0, np.int64),
        )
