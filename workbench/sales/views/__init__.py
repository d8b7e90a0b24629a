"""List views: chosen rows of one object, saved, edited beside the source, exported as shown."""

from workbench.sales.views.ask import view
from workbench.sales.views.board import Board
from workbench.sales.views.result import ListView
from workbench.sales.views.shelf import saved_views

__all__ = ["Board", "ListView", "saved_views", "view"]
