"""One kept run with every kind of block, shared by all tests of a module."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.reports.blocks import HOSTILE, full_report
from tests.reports.notebooks import executed, notebook
from workbench.reports import site
from workbench.reports.definitions import Plan
from workbench.reports.parameters import read_parameters

MADE_AT = datetime(2026, 4, 1, 9, tzinfo=UTC)


def kept_run(folder: Path, blocks: list[Any], *, name: str = "full") -> Path:
    """Write and keep a run of a report; return the folder of the pages."""
    known = read_parameters(notebook())
    plan = Plan(name, "", Path(f"{name}.ipynb"), known, {"segment": HOSTILE, "steps": ["a", "b"]})
    site.write_report(plan, executed(*blocks), None, folder, made_at=MADE_AT)
    return folder


@pytest.fixture(scope="package")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pages with one kept run, ``full``."""
    return kept_run(tmp_path_factory.mktemp("pages"), full_report())


@pytest.fixture
def keep(tmp_path: Path) -> Callable[..., Path]:
    """Keep a run of given blocks in a folder of its own."""
    return lambda *blocks, name="small": kept_run(tmp_path / "pages", list(blocks), name=name)
