"""Sentences and table columns of similar won deals."""

from __future__ import annotations

import pandas as pd

from workbench.messages import message, message_of_count
from workbench.relationship import wording
from workbench.relationship.alike import comparing
from workbench.relationship.alike.found import NONE, SIMILAR, TOP, Found
from workbench.relationship.alike.options import (
    ELAPSED,
    LEAST_DAYS,
    LEAST_FIELDS,
    LEAST_KNOWN,
)
from workbench.relationship.records import NEVER
from workbench.results import numbers
from workbench.results.base import Scope
from workbench.results.tables import Column

MOST_LINES = 20


def modes(codes: pd.Series) -> list[str]:
    """Each mode as a reader sees it."""
    words = {
        SIMILAR: message("Similar won deals"),
        TOP: message("Largest won deals, not similar"),
        NONE: message("Nothing to compare with"),
    }
    return [words[code] for code in codes]


def not_similar() -> str:
    """The sentence for won deals that stand in."""
    return message("Not similar: the largest won deals stand in.")


def typical(found: Found) -> str:
    """Mean or median, as a word."""
    return message("median") if found.options.typical == "median" else message("mean")


def headline(found: Found, frame: pd.DataFrame) -> str:
    """How many open deals had fewer activities than is typical, of how many."""
    compared = frame[frame["compared"] > 0]
    total = wording.of_count("opportunity", len(frame))
    if not len(frame):
        return wording.nobody("opportunity")
    if not len(compared):
        return message(
            "0 of {total} can be put beside won deals: there are {won} to compare with",
            total=total, won=numbers.count(found.won.size),
        )  # fmt: skip
    behind = int((compared["activities_gap"] < 0).sum())
    similar = int((frame["mode"] == SIMILAR).sum())
    values = {
        "n": numbers.count(behind), "total": wording.of_count("opportunity", len(compared)),
        "share": numbers.share(behind / len(compared)), "similar": numbers.count(similar),
    }  # fmt: skip
    if found.options.alignment == ELAPSED:
        return message(
            "{n} of {total} had fewer activities than their won deals at the same age ({share}); "
            "{similar} have similar ones",
            **values,
        )
    return message(
        "{n} of {total} have fewer activities than their won deals had in all ({share}); "
        "{similar} have similar ones",
        **values,
    )


def reading(found: Found, frame: pd.DataFrame) -> str:
    """What the picture counts, and what stands in where no deal is similar."""
    similar, top = (int((frame["mode"] == mode).sum()) for mode in (SIMILAR, TOP))
    text = message(
        "Each line is an open deal: its activities beside the {typical} of its won deals, those "
        "furthest behind first. {similar} of {total} have at least {least} similar won deals.",
        typical=typical(found), similar=numbers.count(similar), least=found.options.least,
        total=wording.of_count("opportunity", len(frame)),
    )  # fmt: skip
    drawn = int(frame["activities_gap"].notna().sum())
    if drawn > MOST_LINES:
        only = message("Drawn are {n} of {total}.", n=MOST_LINES, total=numbers.count(drawn))
        text = f"{text} {only}"
    if not top:
        return text
    more = message_of_count(
        "{count} stands beside the {size} largest won deals, which are not similar.",
        "{count} stand beside the {size} largest won deals, which are not similar.",
        top, size=numbers.count(found.top.size),
    )  # fmt: skip
    return f"{text} {more}"


def definitions(found: Found) -> list[str]:
    """The rules of similarity and comparison, in sentences."""
    options = found.options
    used = [field.name for field in found.fields if not field.reason]
    out = [
        message(
            "Candidates are deals won in the last {months} months that lived {days} days or more.",
            months=options.months, days=LEAST_DAYS,
        ),
        message(
            "The distance is the mean over the fields that both deals have (Gower): the {most} "
            "nearest within {furthest} count, and at least {least} must be found.",
            most=options.most, furthest=f"{options.furthest:g}", least=options.least,
        ),
        message(
            "A field counts when {known} won and {known} lost deals have a value, and {fields} "
            "fields are needed: {used}.",
            known=LEAST_KNOWN, fields=LEAST_FIELDS, used=", ".join(used) or message("none"),
        ),
    ]  # fmt: skip
    if options.alignment == ELAPSED:
        out.append(
            message(
                "A won deal is looked at as it was at the age of the open one; what was done "
                "before a deal was created is left out of both."
            )
        )
    else:
        out.append(
            message(
                "Won deals are looked at as a whole, as vendors do: that is unfair to young deals."
            )
        )
    return [*out, *wording.definitions(found.measured.asked)[:4]]


def scope_of(found: Found) -> Scope:
    """What the comparison speaks of, and what was set aside."""
    asked = found.measured.asked
    notes = [
        message(
            "{won} won and {lost} lost deals of the last {months} months could be looked at.",
            won=numbers.count(found.won.size), lost=numbers.count(found.lost.sum()),
            months=found.options.months,
        )
    ]  # fmt: skip
    notes += [
        message("{field} is not compared: {reason}.", field=field.name, reason=field.reason)
        for field in found.fields
        if field.reason
    ]
    unknown = int((found.measured.records.created_at[found.deals] == NEVER).sum())
    if unknown and found.options.alignment == ELAPSED:
        notes.append(
            message_of_count(
                "{count} open deal has no day of creation, so that its age is unknown.",
                "{count} open deals have no day of creation, so that their age is unknown.",
                unknown,
            )
        )
    return Scope(
        container=asked.of,
        period=message("all time"),
        as_of=numbers.day(wording.instant_of(asked.instant), asked.zone),
        events=int(found.measured.past.sum()),
        notes=tuple(notes),
    )


def columns() -> tuple[Column, ...]:
    """The columns of the table of open deals."""
    out = [
        Column("name", message("Name")),
        Column("owner", message("Owner")),
        Column("age_days", message("Age"), "duration"),
        Column("mode", message("Compared with")),
        Column("compared", message("Won deals"), "count"),
        Column("distance", message("Mean distance, 0–1"), "number"),
    ]
    words = comparing.labels()
    for name in comparing.MEASURES:
        kind = "count" if name in ("activities", "started_by_us") else "number"
        out += [
            Column(name, words[name], kind),
            Column(f"{name}_typical", message("{what}: won deals", what=words[name]), "number"),
        ]
    return tuple(out)


def won_columns() -> tuple[Column, ...]:
    """The columns of the list of similar won deals."""
    words = comparing.labels()
    return (
        Column("name", message("Won deal")),
        Column("owner", message("Owner")),
        Column("closed_at", message("Won on"), "date"),
        Column("distance", message("Distance, 0–1"), "number"),
        Column("activities", words["activities"], "count"),
        Column("team_hours", words["team_hours"], "number"),
        Column("hours_by_us", words["hours_by_us"], "number"),
        Column("ratio_by_us", words["ratio_by_us"], "number"),
    )


def field_columns() -> tuple[Column, ...]:
    """The columns of the list of fields."""
    return (
        Column("label", message("Field")),
        Column("used", message("Compared")),
        Column("reason", message("Why not")),
        Column("won_known", message("Won deals with a value"), "count"),
        Column("won", message("Of won deals"), "count"),
        Column("lost_known", message("Lost deals with a value"), "count"),
        Column("lost", message("Of lost deals"), "count"),
    )
