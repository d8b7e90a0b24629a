"""What the browser gets: the scripts and sheets of this folder, put together in their order."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent


def script() -> str:
    """One module out of all scripts, strict as every module."""
    return _together("*.js")


def style() -> str:
    """One sheet out of all sheets."""
    return _together("*.css")


def _together(pattern: str) -> str:
    parts = sorted(_HERE.glob(pattern))
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)
