"""The opportunity score: how likely is each open deal to be won, and can that be trusted?"""

from workbench.sales.score.ask import score
from workbench.sales.score.result import Score

__all__ = ["Score", "score"]
