"""Small notebooks whose cells show blocks, written in code so that each test sees all of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

BLOCK = "application/vnd.workbench.block+json"

PARAMETERS = """\
workspace: str = "demo"  # whose data
data: str = ""  # folder of the files
as_of: str = ""  # look from this day
period: str = ""  # months, for example 2026-01..2026-06
top: int = 20  # rows in each list
share: float = 0.5
strict: bool = False  # count only matured entries
steps: list[str] = ["mql", "sql"]  # steps of the funnel
segment: str | None = None  # one segment only
"""

SHOW = f'''\
import json
class Show:
    def __init__(self, **block): self.block = block
    def _repr_mimebundle_(self, **_):
        return {{"text/plain": "block", "text/html": "<b>lab</b>", "{BLOCK}": self.block}}
'''


def show(block: Mapping[str, Any]) -> str:
    """Return the source of a cell that shows `block`."""
    return f"Show(**json.loads({json.dumps(json.dumps(block))}))"


def notebook(*cells: str | Mapping[str, Any], parameters: str = PARAMETERS) -> Any:
    """Return a notebook: a text that starts with # or > is markdown, a mapping is a block."""
    content = new_notebook(
        metadata={"kernelspec": {"name": "elsewhere", "display_name": "x", "language": "python"}}
    )
    if parameters:
        cell = new_code_cell(parameters)
        cell.metadata["tags"] = ["parameters"]
        content.cells.append(cell)
    content.cells.append(new_code_cell(SHOW))
    for cell in cells:
        if isinstance(cell, Mapping):
            content.cells.append(new_code_cell(show(cell)))
        elif cell.startswith(("# ", "## ", "### ", "> ")):
            content.cells.append(new_markdown_cell(cell))
        else:
            content.cells.append(new_code_cell(cell))
    return content


def executed(*blocks: Mapping[str, Any] | str, code: str = "answer(ws)") -> Any:
    """Return a notebook as it looks after a run, without running anything."""
    content = new_notebook()
    for block in blocks:
        if isinstance(block, str):
            content.cells.append(new_markdown_cell(block))
            continue
        output = new_output("execute_result", {"text/plain": "block", BLOCK: dict(block)})
        content.cells.append(new_code_cell(code, outputs=[output], execution_count=1))
    return content


def write(folder: Path, name: str, content: Any) -> Path:
    """Write a notebook below ``notebooks/`` of `folder`."""
    path = folder / "notebooks" / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, path)
    return path


def table(
    columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], **more: Any
) -> dict[str, Any]:
    """Return a TABLE from (label, kind) pairs and rows."""
    return {
        "columns": [
            {"name": label.lower(), "label": label, "kind": kind} for label, kind in columns
        ],
        "rows": [list(row) for row in rows],
        **more,
    }
