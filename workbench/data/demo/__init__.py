"""A fictitious company whose exports behave like real ones."""

from workbench.data.demo.broken import BROKEN, COPIES, BrokenRow
from workbench.data.demo.generation import DemoSummary, generate
from workbench.data.demo.truths import TRUTHS, Truths

__all__ = ["BROKEN", "COPIES", "TRUTHS", "BrokenRow", "DemoSummary", "Truths", "generate"]
