"""A working folder of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, with nothing shipped beside it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("workbench.shelf.shipped", lambda: tmp_path)
    return tmp_path
