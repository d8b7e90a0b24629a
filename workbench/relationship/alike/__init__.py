"""Won deals that are like an open one, and how far it is beside them at the same age."""

from workbench.relationship.alike.one import SimilarWonDeal
from workbench.relationship.alike.result import SimilarWon

__all__ = ["SimilarWon", "SimilarWonDeal"]
