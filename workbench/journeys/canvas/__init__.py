"""Journey canvas: branching journeys on a graph (journeys-canvas.md)."""

from workbench.journeys.canvas.ask import canvas
from workbench.journeys.canvas.result import Canvas

__all__ = ["Canvas", "canvas"]
