"""Two runs side by side: key figures, answers, tables, definitions, data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.errors import ReportError
from workbench.messages import message, message_of_count
from workbench.reports.about import mapping, read_facts
from workbench.reports.changes import (
    asked_differently,
    change_in_words,
    data_changes,
    definition_changes,
    version_changes,
)
from workbench.reports.kept_tables import KeptTable
from workbench.reports.page_tables import tables_of_page
from workbench.reports.snapshots import FACTS, Snapshot, find_snapshot, snapshots_of
from workbench.reports.table_changes import TableChange, compare_tables

_MOST_SHOWN = 20


@dataclass(frozen=True)
class Side:
    """One of the two runs: a kept run, or a page alone.

    Attributes
    ----------
    name : str
        What the reader calls it: report and instant.
    facts : mapping
    page : pathlib.Path
    run : Snapshot, optional
    """

    name: str
    facts: Mapping[str, Any]
    page: Path
    run: Snapshot | None = None


@dataclass(frozen=True)
class RunComparison:
    """What changed from one run to another.

    Attributes
    ----------
    before, after : Side
    figures : list of tuple
        (label, value before, value after, change in words); "–" where a side lacks it.
    answers : list of tuple
        (sentence before, sentence after) where they differ; empty where a side lacks it.
    tables : list of TableChange
    tables_added, tables_removed : list of str
    asked, definitions, data, versions : list of str
        What was asked differently, is defined differently, holds other rows, has another version.
    """

    before: Side
    after: Side
    figures: list[tuple[str, str, str, str]]
    answers: list[tuple[str, str]]
    tables: list[TableChange]
    tables_added: list[str]
    tables_removed: list[str]
    asked: list[str]
    definitions: list[str]
    data: list[str]
    versions: list[str]

    @property
    def same(self) -> bool:
        """Whether every number and every sentence is the same."""
        equal = all(a == b for _, a, b, _ in self.figures)
        tables = all(change.same for change in self.tables)
        beside = self.tables_added or self.tables_removed or self.answers
        return equal and tables and not beside


def find_side(folder: Path, wanted: str) -> Side:
    """The run or page that a text names.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the pages.
    wanted : str
        As `workbench.reports.snapshots.find_snapshot` takes it, or the path of any page.
    """
    path = Path(wanted)
    if path.suffix == ".html" and not (path.parent / FACTS).is_file():
        if not path.is_file():
            raise ReportError(message("There is no page {path}.", path=path))
        facts = read_facts(path)
        if facts is None:
            raise ReportError(
                message("{path} is no page of a report: it does not say what made it.", path=path)
            )
        run = _run_of(path, facts)
        return Side(_spoken(facts), facts, path, run)
    run = find_snapshot(folder, wanted)
    return Side(_spoken(run.facts), run.facts, run.page, run)


def _run_of(path: Path, facts: Mapping[str, Any]) -> Snapshot | None:
    """The kept run that a latest page was made with, when it lies beside it."""
    for run in snapshots_of(path.parent, str(facts["name"])):
        if run.facts.get("made_at") == facts.get("made_at"):
            return run
        if str(run.facts.get("made_at")) < str(facts.get("made_at")):
            break
    return None


def _spoken(facts: Mapping[str, Any]) -> str:
    instant = str(facts.get("made_at", ""))[:16].replace("T", " ")
    return f"{facts.get('name', '')} {instant}"


def compare_runs(before: Side, after: Side) -> RunComparison:
    """Compare two runs.

    Tables of two kept runs are compared by their raw values; where one side is a page alone, both
    are compared by what their pages show, with the exact values behind rounded ones.
    """
    tables, came, went = compare_tables(*_tables(before, after))
    return RunComparison(
        before, after, _figures(before.facts, after.facts), _answers(before.facts, after.facts),
        tables, came, went, _asked(before.facts, after.facts),
        definition_changes(after.facts, before.facts), data_changes(after.facts, before.facts),
        version_changes(after.facts, before.facts),
    )  # fmt: skip


def _asked(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    days = [str(facts.get("as_of") or "–") for facts in (before, after)]
    looked = [] if days[0] == days[1] else [f"{message('as of')}: {days[0]} → {days[1]}"]
    return [*looked, *asked_differently(after, before)]


def _tables(before: Side, after: Side) -> tuple[Sequence[KeptTable], Sequence[KeptTable]]:
    if before.run is not None and after.run is not None:
        return before.run.tables, after.run.tables
    first, second = (tables_of_page(read_html(side.page)) for side in (before, after))
    return first, second


def read_html(path: Path) -> str:
    """The text of a page."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise ReportError(
            message("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error)
        ) from error


def _figures(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[tuple[str, str, str, str]]:
    old, new = ({f["label"]: f for f in facts.get("figures", [])} for facts in (before, after))
    rows = []
    for label in {**new, **old}:
        one, other = mapping(old.get(label)), mapping(new.get(label))
        change = change_in_words(one.get("raw"), other.get("raw"))[0]
        values = (str(one.get("value") or "–"), str(other.get("value") or "–"))
        rows.append((label, *values, change))
    return rows


_NUMBERS = re.compile(r"\d[\d,.]*")


def _answers(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Sentences that differ, those side by side that differ in their numbers only."""
    old = [text for text in before.get("answers", []) if text not in after.get("answers", [])]
    new = [text for text in after.get("answers", []) if text not in before.get("answers", [])]
    bare = {_NUMBERS.sub("#", text): text for text in old}
    pairs = []
    for text in new:
        other = bare.get(_NUMBERS.sub("#", text), "")
        if other in old:
            old.remove(other)
        pairs.append((other, text))
    return [*pairs, *((text, "") for text in old)]


def in_text(found: RunComparison, *, most: int = _MOST_SHOWN) -> str:
    """The comparison as text, for a terminal.

    Parameters
    ----------
    found : RunComparison
    most : int
        Rows shown of each table.
    """
    lines = [message("{before} → {after}", before=found.before.name, after=found.after.name)]
    lines += reasons(found)
    if found.figures:
        lines += ["", message("Key figures")]
        for label, old, new, change in found.figures:
            lines.append(f"  {label}: {old} → {new}" + (f"  ({change})" if change else ""))
    if found.answers:
        lines += ["", message("Answers")]
        for old, new in found.answers:
            lines += [f"  − {old}"] * bool(old) + [f"  + {new}"] * bool(new)
    for title in found.tables_added:
        lines += ["", message("New table: {title}", title=title)]
    for title in found.tables_removed:
        lines += ["", message("Table gone: {title}", title=title)]
    for table in found.tables:
        if not table.same:
            lines += ["", *_table_lines(table, most)]
    if found.same:
        lines += ["", message("Every number and every sentence is the same.")]
    return "\n".join(lines)


def _table_lines(change: TableChange, most: int) -> list[str]:
    lines = [f"{change.title}: {summary(change)}"]
    shown = [f"  + {key}" for key, _ in change.added] + [f"  − {key}" for key, _ in change.removed]
    shown += [
        f"  {key} · {label}: {value(old)} → {value(new)}" for key, label, old, new in change.changed
    ]
    lines += shown[:most]
    if len(shown) > most:
        lines.append("  " + message("and {n} more lines", n=f"{len(shown) - most:,}"))
    return lines


def summary(change: TableChange) -> str:
    """How many rows came, went, and changed."""
    rows = len({key for key, *_ in change.changed})
    parts = [
        (len(change.added),
         message_of_count("{count} row added", "{count} rows added", len(change.added))),
        (len(change.removed),
         message_of_count("{count} row removed", "{count} rows removed", len(change.removed))),
        (rows, message_of_count("{count} row changed", "{count} rows changed", rows)),
        (len(change.columns_added),
         message("columns added: {names}", names=", ".join(change.columns_added))),
        (len(change.columns_removed),
         message("columns removed: {names}", names=", ".join(change.columns_removed))),
    ]  # fmt: skip
    return ", ".join(text for count, text in parts if count) or message("the same")


def value(given: Any) -> str:
    """A cell as a reader sees it."""
    if given is None:
        return "–"
    if isinstance(given, float):
        return f"{given:,.6g}" if abs(given) < 1e6 else f"{given:,.0f}"
    return str(given)


def reasons(found: RunComparison) -> list[str]:
    """What was asked, is defined, or lies in the data differently; a sentence each."""
    named = (
        (message("Asked differently: {what}.", what=", ".join(found.asked)), found.asked),
        (message("Defined differently: {what}.", what=", ".join(found.definitions)),
         found.definitions),
        (message("Other data: {what}.", what=", ".join(found.data)), found.data),
        (message("Other versions: {what}.", what=", ".join(found.versions)), found.versions),
    )  # fmt: skip
    said = [sentence for sentence, given in named if given]
    return said or [message("Question, definitions, data and versions are the same.")]
