"""What the command line says about a workspace: findings, balance, answers of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.messages import message, message_of_count

if TYPE_CHECKING:
    import pandas as pd

    from workbench.data import Finding


def check(source: str, *, data: str | None = None) -> tuple[str, int]:
    """Read and check a workspace.

    Returns
    -------
    tuple of str and int
        The findings and the balance as text, and the number of findings that are errors.
    """
    from workbench.data import load

    checked = load(source, root=data)
    errors = sum(finding.level == "error" for finding in checked.findings)
    parts = [
        checked.title,
        _findings(checked.findings),
        message("Rows read, kept and set aside:") + "\n" + _text(checked.balance),
    ]
    if checked.quarantine:
        parts.append(
            message("Rows set aside, with the reason for each: {path}", path=checked.quarantine)
        )
    return "\n\n".join(parts), errors


def ask(source: str, query: str, *, data: str | None = None, most: int = 200) -> str:
    """Return the answer of an SQL query over the checked tables as text."""
    from workbench.workspace import open_workspace

    frame = open_workspace(source, root=data).sql(query)
    rows = message_of_count("{count} row", "{count} rows", len(frame))
    if len(frame) > most:
        rows = message("the first {shown} of {rows}", shown=most, rows=rows)
    return f"{_text(frame.head(most))}\n{rows}"


def _findings(findings: tuple[Finding, ...]) -> str:
    if not findings:
        return message("Nothing is wrong or odd.")
    return "\n".join(f"- {finding}{_measure(finding)}" for finding in findings)


def _measure(finding: Finding) -> str:
    parts = []
    if finding.value not in (None, ""):
        parts.append(message("for example {value}", value=repr(finding.value)))
    if finding.count > 1:
        parts.append(message("{n} times", n=f"{finding.count:,}"))
    return f" ({', '.join(parts)})" if parts else ""


def _text(frame: pd.DataFrame) -> str:
    import pandas as pd

    if frame.empty:
        return ", ".join(map(str, frame.columns))
    with pd.option_context(
        "display.unicode.east_asian_width", True, "display.width", None, "display.max_columns", None
    ):
        return frame.to_string(index=False, max_colwidth=60)
