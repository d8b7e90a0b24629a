"""Stages that vendors deliver, ready to be a catalogue."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "pipeline", "stage", "sort", "kind", "default_probability", "forecast_category", "purpose",
    "exit_criteria", "required_fields", "max_days", "is_active",
)  # fmt: skip


def stage_templates() -> dict[str, pd.DataFrame]:
    """Catalogues to begin with: ``salesforce``, ``dynamics`` and ``co_sell``.

    Returns
    -------
    dict of str to pandas.DataFrame
        The columns of the table ``stages``: ``wb.from_frames(stages=...)`` takes it as it is, and
        ``wb.save_csv`` writes it. Purpose and exit criteria are left to be written.

    Notes
    -----
    Source: sales-pipeline.md, section 1 (vendor default sets).
    """
    import pandas as pd

    path = Path(__file__).with_name("templates.yaml")
    read = yaml.safe_load(path.read_text(encoding="utf-8"))
    out = {}
    for name, template in read.items():
        frame = pd.DataFrame(template["stages"])
        frame["pipeline"], frame["is_active"] = template["title"], True
        frame["sort"] = range(1, len(frame) + 1)
        frame = frame.reindex(columns=list(COLUMNS))
        for column in ("forecast_category", "purpose", "exit_criteria", "required_fields"):
            frame[column] = frame[column].astype("str")
        frame["max_days"] = frame["max_days"].astype("Int64")
        frame["default_probability"] = frame["default_probability"].astype(float)
        out[name] = frame
    return out
