"""Pipeline change: what was open, what came, what went, and what is open now, to the cent."""

from workbench.sales.change.ask import pipeline_change
from workbench.sales.change.result import PipelineChange

__all__ = ["PipelineChange", "pipeline_change"]
