"""What every view of an uplift shares: the question it belongs to, and why it may be empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

if TYPE_CHECKING:
    from workbench.journeys.uplift.result import Uplift
    from workbench.results.base import Scope


class View:
    """One side of an uplift; stands before `Result` among the bases of each view.

    Attributes
    ----------
    uplift : Uplift
    refusal : str
        Why there is nothing to show; empty where there is.
    """

    view: ClassVar[str]
    scope: Scope
    definition: Mapping[str, Any]

    def __init__(self, uplift: Uplift, frame: pd.DataFrame, refusal: str = "") -> None:
        self.uplift = uplift
        self._frame = frame
        self.refusal = refusal
        self.scope = uplift.scope
        self.definition = {**uplift.definition, "view": self.view}

    @property
    def frame(self) -> pd.DataFrame:
        """Lines with the documented columns."""
        return self._frame
