"""What the checks say: one finding per kind of thing found, never one per row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

from workbench.errors import DataError
from workbench.messages import message

Level = Literal["error", "warning", "note"]
_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Finding:
    """One thing found in the data.

    Parameters
    ----------
    level
        ``error`` stops a figure from being right, ``warning`` may change it, ``note`` informs.
    problem, remedy
        What is wrong, and what to do, as sentences.
    file, table, column, row, value
        Where: the row is the first such line of the file, 1-based; the value is an example.
    count
        How many rows or values.
    """

    level: Level
    problem: str
    remedy: str = ""
    file: str | None = None
    table: str | None = None
    column: str | None = None
    row: int | None = None
    value: str | None = None
    count: int = 1

    @property
    def place(self) -> str:
        """Where it is, as far as known: file, line and column."""
        parts = [self.file or self.table or ""]
        if self.row is not None:
            parts.append(message("line {row}", row=self.row))
        if self.column is not None:
            parts.append(message("column {column}", column=self.column))
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        place = f"{self.place}: " if self.place else ""
        return f"{self.level}: {place}{self.problem} {self.remedy}".rstrip()

    def as_dict(self) -> dict[str, Any]:
        """The finding as a plain mapping, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Finding:
        """Read back what `as_dict` gave."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})


def word_for_nothing() -> str:
    """The sentence for a word that stands where there is no value."""
    return message("A word for nothing, such as '-', 'null' or '#N/A', is read as no value.")


def word_finding(file: str, table: str, column: str, count: int, value: str | None) -> Finding:
    """The note on words for nothing in a column that was read without a copy."""
    return Finding(
        "note",
        word_for_nothing(),
        file=file,
        table=table,
        column=column,
        value=value,
        count=count,
    )


class UnusableDataError(DataError):
    """Data that cannot be used at all; `findings` holds everything that was found."""

    def __init__(self, text: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(text)
        self.findings = tuple(findings)

    @classmethod
    def of(cls, name: str, findings: Iterable[Finding]) -> UnusableDataError:
        """One error that tells every finding, errors first."""
        found = ordered(findings)
        head = message("The data of workspace {name} cannot be used:", name=name)
        return cls("\n".join([head, *(f"- {finding}" for finding in found)]), found)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings with errors first, otherwise in the order found."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.level]))


def shortened(value: object, length: int = 80) -> str:
    """A value cut in the middle, so that a long cell does not swallow the sentence."""
    shown = str(value)
    if len(shown) <= length:
        return shown
    return f"{shown[: length // 2]}…{shown[-length // 4 :]} ({len(shown):,})"
