"""The tables of the answer: figures, trend, and who has how many records to act on."""

from __future__ import annotations

from typing import Any

import pandas as pd

from workbench.messages import message
from workbench.sales.kpis.counting import ALL, Counted
from workbench.sales.kpis.question import Question

COLUMNS = {
    "kpi_id": "Key of the KPI",
    "name": "What it is called",
    "class": "strategy, behaviour or anomaly",
    "goal": "Business goal that it serves",
    "group": "Key of the group; empty for the whole",
    "label": "Its name; everybody for the whole",
    "period": "Period of the figure",
    "period_start_on": "Its first day",
    "period_end_on": "Its last day",
    "complete": "Whether the period is over",
    "kind": "count, sum, share or mean; empty where there is no figure",
    "value": "The figure: numerator ÷ denominator of shares (0…1) and means, else the numerator",
    "numerator": "What was counted or added up",
    "denominator": "Of how many; missing where nothing is divided or told",
    "low": "Lower end of the 95 % interval of a share (Wilson)",
    "high": "Upper end",
    "target": "Target of the whole period",
    "target_to_date": "Part of it that is due by now (pro-rata option); else the same",
    "target_source": "targets table, definition, or the sum of the groups' targets",
    "provisional": "Whether the target is a first guess",
    "attainment": "Figure ÷ target to date, or the other way round where less is better",
    "status": "green, amber, red or grey",
    "flagged": "Whether the figure lies where the definition says to look",
    "cases": "Number that min_n is compared with",
    "valid_from": "Day from which the definition in force holds; missing for always",
    "direction": "up or down: which way is better",
    "unit": "Unit of the figure",
    "owner": "Who answers for the KPI",
    "to_do": "Records that wait for somebody",
    "apart": "Records listed beside the figure",
    "next_action": "What to do with them",
    "missing": "What the data do not hold; empty where there is a figure",
}
TREND = {
    name: COLUMNS[name]
    for name in (
        "kpi_id", "group", "label", "period", "period_start_on", "period_end_on", "complete",
        "value", "numerator", "denominator", "low", "high", "target", "target_to_date",
        "attainment", "status", "provisional", "valid_from", "missing",
    )
}  # fmt: skip
OFFERS = {
    "kpi_id": "Key of the KPI",
    "name": "What it is called",
    "class": "strategy, behaviour or anomaly",
    "owner_id": "Key of the member of staff; empty where nobody is named",
    "owner": "Its name",
    "records": "Records that wait for this member of staff",
    "total": "Records of this KPI that wait for anybody",
    "what": "What the records are",
}


def _line(question: Question, line: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """One figure with the words of its definition."""
    held, window, group = line["held"], line["window"], line["group"]
    return {
        **line,
        "name": names[held.kpi_id],
        "class": held.kpi_class,
        "goal": held.goal,
        "label": message("everybody") if group == ALL else question.label_of(group),
        "period": window.name,
        "period_start_on": pd.Timestamp(window.first),
        "period_end_on": pd.Timestamp(window.after) - pd.Timedelta(days=1),
        "complete": window.complete,
        "provisional": bool(held.provisional) and line["target_source"] == "definition",
        "valid_from": pd.NaT if line["since"] is None else pd.Timestamp(line["since"]),
        "direction": held.direction,
        "unit": held.unit,
        "owner": question.facts.user_names.get(held.owner, held.owner),
        "next_action": held.next_action,
    }


def names_of(question: Question) -> dict[str, str]:
    """What each KPI is called; the key behind names that occur twice."""
    titles = [kpi.title for kpi in question.kpis]
    return {
        kpi.kpi_id: kpi.title if titles.count(kpi.title) == 1 else f"{kpi.title} · {kpi.kpi_id}"
        for kpi in question.kpis
    }


def trend(question: Question, found: Counted) -> pd.DataFrame:
    """Every figure of every period."""
    names = names_of(question)
    lines = [_line(question, line, names) for line in found.lines.to_dict("records")]
    return _typed(pd.DataFrame(lines, columns=list(TREND)))


def frame(question: Question, found: Counted) -> pd.DataFrame:
    """The figures of the last period, with what waits behind them."""
    names = names_of(question)
    lines = []
    for line in found.lines.to_dict("records"):
        if line["window"] != question.windows(line["held"].period)[-1]:
            continue
        units = found.units[line["kpi_id"]]
        if line["group"] != ALL:
            units = units[units["group"] == line["group"]]
        once = units.drop_duplicates("key")
        lines.append(
            {
                **_line(question, line, names),
                "to_do": int(once["to_do"].astype(bool).sum()),
                "apart": int(((once["apart"] != "") & ~once["to_do"].astype(bool)).sum()),
            }
        )
    return _typed(pd.DataFrame(lines, columns=list(COLUMNS)))


def offers(question: Question, found: Counted) -> pd.DataFrame:
    """For each KPI and member of staff the number of records that wait."""
    names, staff = names_of(question), question.facts.user_names
    lines = []
    for kpi in question.kpis:
        units = found.units[kpi.kpi_id]
        waiting = units[units["to_do"].astype(bool)]
        total = int(waiting["key"].nunique())
        owner = waiting["owner_id"].where(waiting["owner_id"].notna(), "")
        each = waiting.assign(owner_id=owner).drop_duplicates(["owner_id", "key"])
        counts = each.groupby("owner_id", sort=True).size()
        given = found.measured[kpi.kpi_id]
        for owner_id, count in counts.sort_values(ascending=False, kind="stable").items():
            lines.append(
                {
                    "kpi_id": kpi.kpi_id,
                    "name": names[kpi.kpi_id],
                    "class": kpi.kpi_class,
                    "owner_id": owner_id,
                    "owner": staff.get(owner_id, owner_id) or message("nobody"),
                    "records": int(count),
                    "total": total,
                    "what": given.to_do if given else "",
                }
            )
    out = pd.DataFrame(lines, columns=list(OFFERS))
    return out.astype({n: "str" for n in OFFERS if n not in ("records", "total")}).astype(
        {"records": "int64", "total": "int64"}
    )


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = ("value", "numerator", "denominator", "low", "high", "target", "target_to_date",
               "attainment", "cases")  # fmt: skip
    texts = ("kpi_id", "name", "class", "goal", "group", "label", "period", "kind",
             "target_source", "status", "direction", "unit", "owner", "next_action",
             "missing")  # fmt: skip
    kinds: dict[str, str] = dict.fromkeys(numbers, "float64") | dict.fromkeys(texts, "str")
    kinds |= dict.fromkeys(("complete", "provisional", "flagged"), "bool")
    kinds |= dict.fromkeys(("to_do", "apart"), "int64")
    kinds |= dict.fromkeys(("period_start_on", "period_end_on", "valid_from"), "datetime64[s]")
    return frame.astype({n: k for n, k in kinds.items() if n in frame})
