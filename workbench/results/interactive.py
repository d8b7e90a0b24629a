"""A frame to search, sort and page through in JupyterLab: all of its rows, without a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.results.tables import Column


@dataclass(frozen=True)
class Interactive:
    """A table that draws itself in a notebook.

    Attributes
    ----------
    markup : str
        The table, and the script that it needs; names and values stand in it as text.
    rows : int
        How many rows it holds.
    """

    markup: str
    rows: int

    def __repr__(self) -> str:
        return message("Table of {n} rows", n=f"{self.rows:,}")

    def _repr_html_(self) -> str:
        return self.markup


def interactive(frame: pd.DataFrame, columns: Sequence[Column]) -> Interactive:
    """Some columns of a frame, all rows, with search over all of them.

    Parameters
    ----------
    frame : pandas.DataFrame
    columns : sequence of Column
        Which columns, and their headers.

    Raises
    ------
    ArgumentError
        When itables is not installed.
    """
    try:
        import itables
        from itables import javascript, options
    except ImportError:
        raise ArgumentError(
            message(
                "Tables to search in need itables, which is not installed here. Run: "
                "pip install 'b2b-journey-workbench[lab]'"
            )
        ) from None
    shown = frame[[column.name for column in columns]].set_axis(
        [column.label for column in columns], axis=1
    )
    table = itables.to_html_datatable(
        shown, connected=False, maxBytes=0, showIndex=False, allow_html=False
    )
    script = javascript.generate_init_offline_itables_html(options.dt_bundle)
    return Interactive(f"{script}<div style='overflow-x:auto'>{table}</div>", len(frame))
