"""Annotations: what is said about days, shown on every chart and table that they concern."""

from workbench.collaboration.annotations.listing import Annotations, annotate, annotations
from workbench.collaboration.annotations.model import Annotation

__all__ = ["Annotation", "Annotations", "annotate", "annotations"]
