"""A log of scores: lines are added and never changed, also when two writers add at once.

One JSON object a line, so that the file can be read as the table `scores` of a workspace. What
stands in it once stays: a score of the same deal, model and instant is not written again. A closed
deal gets no further line, so its last one is its frozen score.

Source: b2b-data-model.md, section 2 (`scores`); sales-pipeline.md, section 7 (alerts) and section 8
(score of closed deals).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from workbench import ledger
from workbench.errors import ArgumentError
from workbench.messages import message, message_of_count
from workbench.results.base import Block
from workbench.results.blocks import action_table
from workbench.results.tables import Column
from workbench.sales.score.drops import drops_of
from workbench.sales.score.grades import NO_SCORE

if TYPE_CHECKING:
    from workbench.sales.score.result import Score
    from workbench.workspace import Workspace

MODEL = "opportunity score"
ENTITY = "opportunity"
COLUMNS = {
    "entity_type": "What is scored; `opportunity`",
    "entity_id": "Key of the deal",
    "model": "Name of the model",
    "scored_at": "Instant up to which everything was known (UTC)",
    "score": "1 to 99",
    "grade": "Grade at that time",
    "chance": "Chance of winning, 0…1",
    "reasons": "What raised and lowered it most",
}
_KEY = ("entity_type", "entity_id", "model", "scored_at")


class ScoreLog:
    """A file of scores that only grows.

    Attributes
    ----------
    path : pathlib.Path
    unreadable : int
        Lines of the last reading that are no score, such as one that a crash cut off.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.unreadable = 0
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise ArgumentError.of("path", str(path), message("a file in a folder that exists"))

    def __repr__(self) -> str:
        count = len(self.frame)
        return message_of_count(
            "ScoreLog({path!r}, {count} score)", "ScoreLog({path!r}, {count} scores)", count,
            path=str(self.path),
        )  # fmt: skip

    @property
    def frame(self) -> pd.DataFrame:
        """All lines in order of deal and time, with the columns of this module's `COLUMNS`.

        Read anew each time: another writer may have added lines.
        """
        text = self.path.read_bytes() if self.path.exists() else b""
        lines, self.unreadable = _parsed(text)
        return framed(lines)

    def append(self, result: Score, *, model: str = MODEL) -> int:
        """Add the scores of all open deals; what is there already stays as it is.

        Parameters
        ----------
        result : Score
        model : str
            Name of the model, where several are kept beside each other.

        Returns
        -------
        int
            Lines added.
        """
        if not isinstance(model, str) or not model.strip():
            raise ArgumentError.of("model", model, message("a name"))
        instant = datetime.fromtimestamp(result.basis.standing.instant / 1e6, UTC)
        at = instant.isoformat(timespec="seconds")
        fresh = [
            {
                "entity_type": ENTITY,
                "entity_id": str(line.opportunity_id),
                "model": model,
                "scored_at": at,
                "score": int(line.score),
                "grade": line.grade,
                "chance": round(float(line.chance), 6),
                "reasons": {"raises": line.helps, "lowers": line.hurts},
            }
            for line in result.frame.dropna(subset="score").itertuples()
        ]
        try:
            with ledger.alone(self.path) as stream:
                return _added(stream, fresh)
        except OSError as problem:
            raise ArgumentError.of(
                "path", str(self.path), message("a file that can be written"),
                f"{problem.strerror}.",
            ) from None  # fmt: skip

    def last(self, *, model: str | None = None) -> pd.DataFrame:
        """The last line of every deal; for a closed deal its frozen score."""
        frame = self.frame
        frame = frame if model is None else frame[frame["model"] == model]
        return frame.drop_duplicates(["entity_id", "model"], keep="last").reset_index(drop=True)

    def drops(
        self,
        *,
        grades: Any = None,
        days: int = 3,
        business_days: bool = False,
        holidays: str | None = None,
        zone: str = "UTC",
    ) -> pd.DataFrame:
        """Deals that fell out of the best grade, with the day by which somebody acts.

        Parameters
        ----------
        grades : mapping, optional
            As in `workbench.score`; grades are read from the scores again.
        days : int
            Days from the drop to the day that is due.
        business_days : bool
            Whether only Monday to Friday count, without the public holidays of `holidays`.
        holidays : str, optional
            Country, such as ``"JP"``.
        zone : str
            Zone in which days are counted.

        Returns
        -------
        pandas.DataFrame
            One line an event, with the columns of `workbench.sales.score.drops.DROP_COLUMNS`.
        """
        return drops_of(
            self.frame, grades=grades, days=days, business_days=business_days, holidays=holidays,
            zone=zone,
        )  # fmt: skip

    def follow_ups(self, workspace: Workspace, **options: Any) -> Block:
        """The drops of deals that are still open, as a list to act on, the first due first.

        Parameters
        ----------
        workspace : Workspace
        **options
            As in `drops`.
        """
        from workbench.sales.history import history_of
        from workbench.sales.score.features import sources_of
        from workbench.sales.score.listing import deal_lines
        from workbench.sales.score.question import instant_of
        from workbench.sales.score.standing import standing_at

        zone = workspace.settings.report_tz
        found = self.drops(**{"zone": zone, **options})
        history = history_of(workspace)
        standing = standing_at(history, instant_of(workspace, None)[0])
        open_now = np.flatnonzero(standing.outcome == 0)
        lines = deal_lines(sources_of(history), standing, open_now)
        merged = found.merge(lines, left_on="entity_id", right_on="opportunity_id", how="inner")
        merged = merged.drop_duplicates("entity_id", keep="last")
        merged = merged.sort_values(["due_on", "entity_id"], ignore_index=True)
        heading = message_of_count(
            "{count} open deal fell out of its best grade",
            "{count} open deals fell out of their best grade",
            len(merged),
        )
        reading = message("The latest drop of each deal that is still open, the first due first.")
        columns = (
            Column("name", message("Deal")),
            Column("account", message("Account")),
            Column("owner", message("Owner")),
            Column("stage", message("Stage")),
            Column("score_before", message("Score before"), "count"),
            Column("score", message("Score"), "count"),
            Column("dropped_at", message("Fell"), "date"),
            Column("due_on", message("Contact by"), "date"),
        )
        return action_table(
            heading, reading, merged, columns, anchor="fallen-deals", zone=zone
        )  # fmt: skip


def score_log(path: str | Path) -> ScoreLog:
    """A log of scores in a file; it is made when the first scores are added.

    Parameters
    ----------
    path : str or pathlib.Path
        JSON lines.

    Returns
    -------
    ScoreLog
        `append(score)` adds, `frame` reads, `drops()` finds deals that fell out of the best grade.

    Raises
    ------
    ArgumentError
        For a folder that does not exist.

    Notes
    -----
    Source: b2b-data-model.md, section 2 (`scores`); sales-pipeline.md, section 7 (alerts).
    """
    return ScoreLog(path)


def framed(lines: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Lines as a frame, in order of deal, model and time; the first of equal keys counts."""
    frame = pd.DataFrame(lines, columns=list(COLUMNS))
    frame["scored_at"] = pd.to_datetime(frame["scored_at"], utc=True, format="ISO8601")
    frame["score"] = frame["score"].astype("Int64")
    frame = frame.drop_duplicates(list(_KEY), keep="first")
    order = ["entity_id", "model", "scored_at"]
    return frame.sort_values(order, kind="stable", ignore_index=True)


def frame_of(log: Any) -> pd.DataFrame:
    """The lines of a log, a path or a frame with deal, instant and score.

    Raises
    ------
    ArgumentError
        For a frame without these columns, or scores outside 1 to 99.
    """
    if isinstance(log, ScoreLog):
        return log.frame
    if isinstance(log, str | Path):
        if not Path(log).is_file():
            raise ArgumentError.of("log", str(log), message("a log of scores that exists"))
        return ScoreLog(log).frame
    allowed = message("a log of scores, its path, or a frame with entity_id, scored_at and score")
    if not isinstance(log, pd.DataFrame):
        raise ArgumentError.of("log", type(log).__name__, allowed)
    frame = log.rename(columns={"opportunity_id": "entity_id"})
    if not {"entity_id", "scored_at", "score"} <= set(frame.columns):
        raise ArgumentError.of("log", list(log.columns), allowed)
    frame = frame.dropna(subset=["entity_id", "scored_at", "score"])
    instants = pd.to_datetime(frame["scored_at"], utc=True)
    frame = frame.assign(
        entity_type=frame.get("entity_type", ENTITY),
        model=frame.get("model", MODEL),
        entity_id=frame["entity_id"].astype(str),
        scored_at=[t.isoformat() for t in instants],
    )
    out = framed(frame.reindex(columns=list(COLUMNS)).to_dict("records"))
    if not out["score"].between(1, 99).all():
        raise ArgumentError.of("log", "score", message("scores from 1 to 99"))
    return out


def _added(stream: IO[bytes], fresh: list[dict[str, Any]]) -> int:
    stream.seek(0)
    known = {tuple(line[name] for name in _KEY) for line in _parsed(stream.read())[0]}
    added = [line for line in fresh if tuple(line[name] for name in _KEY) not in known]
    if added:
        lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in added)
        ledger.add(stream, "".join(lines))
    return len(added)


def _parsed(text: bytes) -> tuple[list[dict[str, Any]], int]:
    """Lines that are scores, and the number of those that are not."""
    out, wrong = [], 0
    for line in text.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            usable = set(_KEY) | {"score"} <= set(found) and found["score"] != NO_SCORE
            pd.Timestamp(found["scored_at"])
            usable = usable and isinstance(found["score"], int)
        except (ValueError, TypeError, KeyError):
            usable = False
        if usable:
            out.append(found)
        else:
            wrong += 1
    return out, wrong
