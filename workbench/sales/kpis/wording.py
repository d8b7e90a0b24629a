"""What the answer says in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from workbench.messages import message, message_of_count
from workbench.results import measured, numbers
from workbench.results.intervals import SMALL_GROUP
from workbench.results.tables import Column
from workbench.sales.kpis.counting import ALL
from workbench.sales.kpis.judging import GREEN, GREY, state_word
from workbench.sales.kpis.measured import COUNT, MEAN, SHARE, SUM
from workbench.sales.kpis.record import Kpi, class_word

if TYPE_CHECKING:
    from workbench.sales.kpis.result import Kpis


def figure(line: Any, currency: str = "") -> str:
    """A figure with its numerator and denominator where it has them."""
    value = line["value"]
    if numbers.absent(value):
        return numbers.NOTHING
    if line["kind"] == SHARE:
        return message(
            "{share} ({n} of {total})",
            share=numbers.share(value),
            n=numbers.significant(line["numerator"], 6),
            total=numbers.significant(line["denominator"], 6),
        )
    if line["kind"] == MEAN:
        return message(
            "{mean} ({n} ÷ {total})",
            mean=numbers.significant(value),
            n=numbers.significant(line["numerator"], 6),
            total=numbers.significant(line["denominator"], 6),
        )
    if line["kind"] == SUM:
        return numbers.money(value, currency)
    if not numbers.absent(line["denominator"]):
        return message(
            "{n} of {total}",
            n=numbers.count(value),
            total=numbers.count(line["denominator"]),
        )
    return numbers.count(value)


def amount(value: Any, kind: str, currency: str = "") -> str:
    """A target in the unit of its figure."""
    if numbers.absent(value):
        return numbers.NOTHING
    if kind == SHARE:
        return numbers.share(value)
    if kind == SUM:
        return numbers.money(value, currency)
    return numbers.significant(value)


def raw(line: Mapping[str, Any], currency: str = "") -> dict[str, Any]:
    """The value of a line of the frame as a number that can be compared later."""
    value, kind = line["value"], line["kind"]
    if kind == SHARE:
        said = measured.share(line["numerator"], line["denominator"])
    elif kind == SUM:
        said = measured.money(value, currency)
    else:
        said = measured.number(value)
    return dict(said["raw"])


def currency_of(result: Kpis, kpi_id: str) -> str:
    """Currency of a KPI's sums; empty for none."""
    found = result.found.measured[kpi_id]
    return found.currency if found else ""


def headline(result: Kpis) -> str:
    """How many KPIs that can be judged are on target, and which one is farthest from it."""
    whole = result.frame[result.frame["group"] == ALL]
    if whole.empty:
        return message("No KPI is defined.")
    judged = whole[whole["status"] != GREY]
    if judged.empty:
        return message_of_count(
            "The one KPI that is defined cannot be judged here.",
            "Not one of {count} KPIs can be judged here.",
            len(whole),
        )
    good = int((judged["status"] == GREEN).sum())
    said = message(
        "{n} of {total} KPIs are on target",
        n=numbers.count(good),
        total=numbers.count(len(judged)),
    )
    behind = judged[judged["status"] != GREEN].sort_values(
        ["attainment", "kpi_id"], na_position="first", kind="stable"
    )
    if behind.empty:
        return message("{said}.", said=said)
    worst = behind.iloc[0]
    return message(
        "{said}; farthest from it: {name}, {figure}.",
        said=said,
        name=worst["name"],
        figure=against(result, worst),
    )


def against(result: Kpis, line: Any) -> str:
    """A figure and its target in one phrase."""
    currency = currency_of(result, line["kpi_id"])
    shown = figure(line, currency)
    if numbers.absent(line["target_to_date"]):
        return shown
    aimed = amount(line["target_to_date"], line["kind"], currency)
    if line["direction"] == "down":
        return message("{figure} against at most {target}", figure=shown, target=aimed)
    return message("{figure} against {target}", figure=shown, target=aimed)


def reading(result: Kpis) -> str:
    """How the picture is to be read."""
    if result.frame.empty:
        return ""
    parts = [
        message(
            "The bar is the share of the target that is reached; the line across it is the whole "
            "target. Green is on target, amber close to it, red off it, grey not judged. The small "
            "columns are the last {n} periods from zero, the last one with an edge, empty while it "
            "runs.",
            n=result.question.trend,
        )
    ]
    if result.question.by:
        parts.append(
            message("Of many groups those are drawn that are farthest from the target of each KPI.")
        )
    running = result.frame[~result.frame["complete"] & (result.frame["group"] == ALL)]
    if len(running):
        held = (
            message("against the part of the target that is due by the business days gone by")
            if result.question.pro_rata
            else message("against the whole target of the period")
        )
        parts.append(
            message_of_count(
                "{count} KPI speaks of a period that is still running, {held}.",
                "{count} KPIs speak of a period that is still running, {held}.",
                len(running),
                held=held,
            )
        )
    return " ".join(parts)


def definitions(result: Kpis) -> list[str]:
    """Each KPI in a sentence."""
    windows = {kpi.kpi_id: result.question.windows(kpi.period)[-1] for kpi in result.question.kpis}
    return [
        sentence(result, kpi.in_force(windows[kpi.kpi_id].first, windows[kpi.kpi_id].after)[0])
        for kpi in result.question.kpis
    ]


def sentence(result: Kpis, kpi: Kpi) -> str:
    """Who does what to whom, how much, and how it is measured."""
    blanks = " · ".join(b for b in (kpi.who, kpi.to_whom, kpi.about_what, kpi.what) if b)
    line = result.frame[(result.frame["kpi_id"] == kpi.kpi_id) & (result.frame["group"] == ALL)]
    target, source = numbers.NOTHING, ""
    if len(line):
        first = line.iloc[0]
        target = amount(first["target"], first["kind"] or _share_like(first["target"]),
                        currency_of(result, kpi.kpi_id))  # fmt: skip
        source = first["target_source"]
    return message(
        "{name} ({kind}, {period}): {blanks}; target {target}{source}; measured as {measured}.",
        name=kpi.title,
        kind=class_word(kpi.kpi_class),
        period=kpi.period,
        blanks=blanks or numbers.NOTHING,
        target=target,
        source=f" ({source})" if source else "",
        measured=measure(kpi),
    )


def _share_like(target: float) -> str:
    """How a target reads whose figure is not there."""
    return SHARE if target <= 1 else COUNT


def measure(kpi: Kpi) -> str:
    """The source of a KPI as plain text."""
    plain = kpi.source.model_dump(exclude_unset=True)
    return ", ".join(f"{key} {value}" for key, value in plain.items())


def notes(result: Kpis) -> list[str]:
    """What was set aside, what is missing, which groups are small."""
    out: list[str] = []
    facts = result.question.facts
    if facts.workspace.as_of < result.question.workspace.as_of:
        out.append(
            message("Seen from an earlier day; fields that carry no time are as they stand now.")
        )
    names = result.frame.drop_duplicates("kpi_id").set_index("kpi_id")["name"]
    for kpi in result.question.kpis:
        found = result.found.measured[kpi.kpi_id]
        name = names.get(kpi.kpi_id, kpi.kpi_id)
        line = result.frame[(result.frame["kpi_id"] == kpi.kpi_id) & (result.frame["group"] == ALL)]
        missing = str(line["missing"].iloc[0]) if len(line) else ""
        if missing:
            out.append(message("{name}: {what}", name=name, what=missing))
        out += [message("{name}: {what}", name=name, what=note) for note in found.notes] \
            if found else []  # fmt: skip
        if kpi.min_n and len(line) and line["cases"].iloc[0] < kpi.min_n and not missing:
            out.append(
                message(
                    "{name}: fewer than {n} cases, so it is not judged.", name=name, n=kpi.min_n
                )
            )
    shares = result.frame[(result.frame["kind"] == SHARE) & (result.frame["denominator"] > 0)]
    small = int((shares["denominator"] < SMALL_GROUP).sum())
    if small:
        out.append(
            message_of_count(
                "{count} share is of fewer than {n}: its interval is wide.",
                "{count} shares are of fewer than {n}: their intervals are wide.",
                small,
                n=SMALL_GROUP,
            )
        )
    return out


def shown(result: Kpis) -> tuple[Column, ...]:
    """Columns of the table that a reader sees."""
    return (
        Column("name", message("KPI")),
        *((Column("label", message("Whose")),) if result.question.by else ()),
        Column("class_label", message("Class")),
        Column("period", message("Period")),
        Column("figure", message("Figure (numerator of denominator)")),
        Column("interval", message("95 % interval")),
        Column("aimed", message("Target")),
        Column("attainment", message("Figure ÷ target"), "share"),
        Column("state", message("Status")),
        Column("to_do", message("Records to act on"), "count"),
        Column("next_action", message("What to do")),
        Column("owner", message("Answers for it")),
        Column("missing", message("What is missing")),
        Column("kpi_id", message("Key")),
    )


def table(result: Kpis) -> pd.DataFrame:
    """Figures, targets and states as they are read."""
    frame = result.frame.copy()
    lines = frame.to_dict("records")
    currency = {line["kpi_id"]: currency_of(result, line["kpi_id"]) for line in lines}
    frame["class_label"] = [class_word(line["class"]) for line in lines]
    frame["figure"] = [figure(line, currency[line["kpi_id"]]) for line in lines]
    frame["interval"] = [numbers.between(line["low"], line["high"]) for line in lines]
    frame["aimed"] = [_aimed(line, currency[line["kpi_id"]]) for line in lines]
    frame["state"] = [state_word(line["status"]) for line in lines]
    return frame


def _aimed(line: dict[str, Any], currency: str) -> str:
    text = amount(line["target"], line["kind"] or _share_like(line["target"]), currency)
    if numbers.absent(line["target"]):
        return text
    if line["provisional"]:
        text = message("{target} (provisional)", target=text)
    if line["target_to_date"] != line["target"]:
        due = amount(line["target_to_date"], line["kind"], currency)
        text = message("{target}, {due} by now", target=text, due=due)
    return text
