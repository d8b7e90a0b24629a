"""The opportunity score: how likely is each open deal to be won, and can that be trusted?"""

from workbench.sales.score.ask import score
from workbench.sales.score.log import ScoreLog, score_log
from workbench.sales.score.result import Score
from workbench.sales.score.review import score_review
from workbench.sales.score.review_result import ScoreReview

__all__ = ["Score", "ScoreLog", "ScoreReview", "score", "score_log", "score_review"]
