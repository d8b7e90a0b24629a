"""Exploring by hand: an analysis is changed in JupyterLab and is text at every moment."""

from workbench.widgets.explorer.ask import explore
from workbench.widgets.explorer.explorer import Explorer

__all__ = ["Explorer", "explore"]
