"""Stages: their design, how deals stand and move in them, and where they stall."""

from workbench.sales.stages.ask import stages
from workbench.sales.stages.coaching_view import Coaching, coaching
from workbench.sales.stages.design import stage_design
from workbench.sales.stages.moves import StageMoves, stage_moves
from workbench.sales.stages.result import Stages
from workbench.sales.stages.templates import stage_templates

__all__ = [
    "Coaching",
    "StageMoves",
    "Stages",
    "coaching",
    "stage_design",
    "stage_moves",
    "stage_templates",
    "stages",
]
