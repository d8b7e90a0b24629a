"""The demo company read with nothing but pandas, as someone without the workbench would."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from workbench.data.demo import BROKEN

DIALECTS = {
    "leads.csv": {"sep": ";"},
    "opportunities.csv": {"encoding": "cp932"},
    "contracts.csv": {"sep": "\t"},
    "accounts.csv": {"encoding": "utf-8-sig"},
}


def read_all(directory: Path, file: str) -> pd.DataFrame:
    """Every row as text; a row with too many cells is passed over."""
    return pd.read_csv(
        directory / file, dtype=str, keep_default_na=False, na_values=[""], on_bad_lines="skip",
        **DIALECTS.get(file, {}),
    )  # fmt: skip


def read(directory: Path, file: str) -> pd.DataFrame:
    """The good rows, each once."""
    frame = read_all(directory, file)
    key = frame.columns[0]
    bad = {value for row in BROKEN if row.file == file for _, value in row.cells[:1]}
    return (
        frame[frame[key].notna() & ~frame[key].isin(bad)].drop_duplicates().reset_index(drop=True)
    )


def web(directory: Path) -> pd.DataFrame:
    """All web events, each once, with Tokyo times."""
    parts = sorted(directory.glob("web_events-*.parquet"))
    frame = pd.concat([pd.read_parquet(part) for part in parts]).drop_duplicates("event_id")
    return tokyo(frame, "occurred_at")


def tokyo(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The frame with a UTC column turned into Tokyo wall times."""
    local = frame[column].dt.tz_convert("Asia/Tokyo").dt.tz_localize(None)
    return frame.assign(**{column: local.astype("datetime64[ms]")})
