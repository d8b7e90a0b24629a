"""Is the set of KPIs well designed? Every goal with all three classes, every blank filled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd
from pydantic import ValidationError

from workbench.errors import ArgumentError
from workbench.messages import marked, message, message_of_count
from workbench.results.base import Result, Scope
from workbench.results.tables import Column
from workbench.sales.kpis.reading import explained, records_of
from workbench.sales.kpis.record import BLANKS, CLASSES, Kpi, class_word

if TYPE_CHECKING:
    import altair as alt

ERROR, WARNING, INFO = "error", "warning", "info"
COLUMNS = {
    "level": "error (cannot be measured), warning or info",
    "goal": "Business goal",
    "kpi_id": "Key of the KPI; empty where the whole goal is meant",
    "class": "strategy, behaviour or anomaly that it is about",
    "blank": "Key of the definition that is meant",
    "problem": "What was found",
    "todo": "What to do",
}
_FIRST = {
    "strategy": marked(
        "Where is most to gain: volume, quality or price by unit? Or, where none of them can grow, "
        "efficiency?"
    ),
    "behaviour": marked("What is to be done more or less often, or to which standard?"),
    "anomaly": marked("Which entry or update that is missing would lead you astray?"),
}
_QUESTIONS = {
    "who": marked("Who does it?"),
    "to_whom": marked("To whom, or with whom?"),
    "about_what": marked("About what: which product, topic or data?"),
    "what": marked("What is done, or what is counted?"),
    "how_much": marked("How much, by when? A first guess will do: mark it provisional."),
    "source": marked("Where do the data say so: which built-in measure, or table and column?"),
}
STEP_COLUMNS = {
    "step": "Number of the step",
    "blank": "Key of the definition",
    "question": "What to answer",
    "answer": "What stands there; empty where nothing does",
    "filled": "Whether it is answered",
}


class Design(Result):
    """What is missing in a set of definitions, finished or not.

    Attributes
    ----------
    frame : pandas.DataFrame
        One line a finding; columns as in `columns`.
    matrix : pandas.DataFrame
        One line a goal and class: names of its KPIs.
    """

    kind: ClassVar[str] = "kpi_design"
    columns: ClassVar[Mapping[str, str]] = COLUMNS

    def __init__(self, records: list[dict[str, Any]], source: str) -> None:
        self.records = records
        self.definition = {"analysis": "kpi_design", "definitions": _plain(records)}
        self.scope = Scope("kpi", "", "", len(records))
        goals = {str(r.get("goal") or "").strip(): None for r in records}
        self.goals = [goal for goal in goals if goal]
        lines = [*self._goals(), *(line for n, r in enumerate(records) for line in _record(r, n))]
        self._frame = pd.DataFrame(lines, columns=list(COLUMNS)).astype("str")
        self.source = source

    @property
    def frame(self) -> pd.DataFrame:
        """One line a finding: those on goals first, then by definition."""
        return self._frame

    @property
    def matrix(self) -> pd.DataFrame:
        """Names of the KPIs of each goal and class."""
        lines = [
            {
                "goal": goal,
                "class": kind,
                "kpis": [_title(r, n) for n, r in enumerate(self.records)
                         if str(r.get("goal") or "").strip() == goal and r.get("class") == kind],
            }
            for goal in self.goals
            for kind in CLASSES
        ]  # fmt: skip
        out = pd.DataFrame(lines, columns=["goal", "class", "kpis"])
        return out.assign(count=[len(k) for k in out["kpis"]])

    def _goals(self) -> list[dict[str, str]]:
        return [
            _finding(
                WARNING,
                message("The goal has no KPI of this class: {kind}.", kind=class_word(kind)),
                message(_FIRST[kind]),
                goal=goal,
                kind=kind,
            )
            for goal in self.goals
            for kind in CLASSES
            if not any(
                str(r.get("goal") or "").strip() == goal and r.get("class") == kind
                for r in self.records
            )
        ]

    def steps(self, kpi_id: str) -> pd.DataFrame:
        """The questions that lead to one definition, and which are answered.

        Returns
        -------
        pandas.DataFrame
            Columns ``step, blank, question, answer, filled`` as in `STEP_COLUMNS`.
        """
        known = {_key(r, n): r for n, r in enumerate(self.records)}
        if kpi_id not in known:
            raise ArgumentError.of("kpi_id", kpi_id, known)
        return steps(known[kpi_id])

    def headline(self) -> str:
        """How many goals have all three classes."""
        if not self.records:
            return message("No KPI is defined.")
        matrix = self.matrix
        whole = int((matrix.groupby("goal")["count"].min() > 0).sum()) if len(matrix) else 0
        said = message(
            "{n} of {total} goals have KPIs of strategy, behaviour and anomaly",
            n=whole,
            total=len(self.goals),
        )
        wrong = int((self.frame["level"] != INFO).sum())
        if not wrong:
            return message("{said}; nothing is missing.", said=said)
        return message_of_count(
            "{said}; {count} point to mend.", "{said}; {count} points to mend.", wrong, said=said
        )

    def reading(self) -> str:
        """What the three classes are for."""
        return message(
            "Strategy says what is aimed at, behaviour what is done for it every day, anomaly what "
            "must not go unseen. A goal needs all three."
        )

    def definitions(self) -> list[str]:
        """Nothing was counted."""
        return []

    def chart(self) -> alt.TopLevelMixin:
        """Goals by classes, with the names of their KPIs."""
        from workbench.sales.kpis.design_chart import draw

        return draw(self)

    def shown(self) -> tuple[Column, ...]:
        """Columns of the table that a reader sees."""
        return (
            Column("level", message("Level")),
            Column("goal", message("Goal")),
            Column("kpi_id", message("KPI")),
            Column("problem", message("What was found")),
            Column("todo", message("What to do")),
        )


def kpi_design(definitions: Any = None) -> Design:
    """Check the design of a set of KPIs; unfinished definitions are welcome.

    Parameters
    ----------
    definitions : str, Path, mapping or list, optional
        As `kpis` takes them; a draft needs none of its keys yet. The shipped set when left out.

    Returns
    -------
    Design
        Its `frame` has the columns of `Design.columns`; `steps` asks for what is missing.

    Notes
    -----
    Source: sales-pipeline.md, section 3 (wizard steps, design check).
    """
    records, source = records_of(definitions)
    for record in records:
        if not isinstance(record, Mapping):
            raise ArgumentError.of("definitions", record, message("a list of mappings"))
    return Design([dict(record) for record in records], source)


def steps(draft: Mapping[str, Any]) -> pd.DataFrame:
    """The questions that lead to one definition, in their order, and which are answered.

    Parameters
    ----------
    draft : mapping
        A definition as far as it is known.
    """
    kind = str(draft.get("class") or "")
    asked: list[tuple[str, str]] = [
        ("goal", message("Which business goal does it serve?")),
        ("class", message("Is it strategy, behaviour or an anomaly?")),
        ("mode", message(_FIRST[kind]) if kind in CLASSES else message("Quantity or quality?")),
        *((blank, message(question)) for blank, question in _QUESTIONS.items()),
    ]
    lines = []
    for number, (blank, question) in enumerate(asked, 1):
        value = draft.get(blank)
        filled = not (value is None or (isinstance(value, str) and not value.strip()))
        filled = filled and not (blank == "class" and kind not in CLASSES)
        lines.append((number, blank, question, str(value) if filled else "", filled))
    return pd.DataFrame(lines, columns=list(STEP_COLUMNS))


def _record(record: dict[str, Any], number: int) -> list[dict[str, str]]:
    """Findings on one definition."""
    key = _key(record, number)
    about = {"goal": str(record.get("goal") or ""), "kpi": key, "kind": str(record.get("class"))}
    out = []
    asked = steps(record).set_index("blank")
    elsewhere = record.get("flag") is not None or record.get("target_in_table") is True
    for blank in (*BLANKS, "goal", "class", "source"):
        if asked.at[blank, "filled"] or (blank == "how_much" and elsewhere):
            continue
        level = WARNING if blank in BLANKS else ERROR
        problem = message("This blank is empty: {blank}.", blank=blank)
        out.append(_finding(level, problem, asked.at[blank, "question"], blank=blank, **about))
    if record.get("provisional"):
        problem = message("The target is a first guess.")
        todo = message("Set it from what was reached, as a version with its day.")
        out.append(_finding(INFO, problem, todo, blank="how_much", **about))
    if not str(record.get("owner") or "").strip():
        problem = message("Nobody answers for it.")
        todo = message("Name an owner.")
        out.append(_finding(INFO, problem, todo, blank="owner", **about))
    try:
        Kpi.model_validate(record)
    except ValidationError as error:
        for place, said in explained(error):
            if place not in ("goal", "class", "source") or asked.at[place, "filled"]:
                out.append(_finding(ERROR, said, message("Mend it."), blank=place, **about))
    return out


def _finding(
    level: str, problem: str, todo: str, *, goal: str = "", kpi: str = "", kind: str = "",
    blank: str = "",
) -> dict[str, str]:  # fmt: skip
    return {
        "level": level, "goal": goal, "kpi_id": kpi, "class": kind if kind in CLASSES else "",
        "blank": blank, "problem": problem, "todo": todo,
    }  # fmt: skip


def _key(record: Mapping[str, Any], number: int) -> str:
    return str(record.get("kpi_id") or message("definition {n}", n=number + 1))


def _title(record: Mapping[str, Any], number: int) -> str:
    return str(record.get("name") or record.get("what") or _key(record, number))


def _plain(records: list[dict[str, Any]]) -> list[Any]:
    """Definitions as they are written; what is no plain value as text."""
    import json

    plain: list[Any] = json.loads(json.dumps(records, default=str))
    return plain
