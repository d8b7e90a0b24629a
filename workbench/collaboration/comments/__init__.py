"""Comments: threads on reports, their visuals and their numbers."""

from workbench.collaboration.comments.listing import Comments, comment, comments
from workbench.collaboration.comments.model import Anchor, Comment

__all__ = ["Anchor", "Comment", "Comments", "comment", "comments"]
