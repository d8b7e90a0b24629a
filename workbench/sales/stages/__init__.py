"""Stages: their design, how deals stand and move in them, and where they stall."""

from workbench.sales.stages.ask import stages
from workbench.sales.stages.design import stage_design
from workbench.sales.stages.result import Stages
from workbench.sales.stages.templates import stage_templates

__all__ = ["Stages", "stage_design", "stage_templates", "stages"]
