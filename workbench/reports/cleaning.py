"""What kept runs take on the disk, and which of them may go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workbench.errors import ArgumentError, ReportError
from workbench.messages import message, message_of_count
from workbench.reports.files import DRAFT, file_size
from workbench.reports.snapshots import RUNS, Snapshot, report_names, snapshots_of
from workbench.vocabulary.durations import Duration

_GONE = ".gone-"
_DRAFTS_KEPT = timedelta(days=1)  # a run that is being written is never older


@dataclass(frozen=True)
class Cleaned:
    """What was taken away, or would be.

    Attributes
    ----------
    gone : tuple of str
        Runs, as ``NAME/INSTANT``.
    freed, left : int
        Bytes.
    kept : int
        Runs that stay.
    """

    gone: tuple[str, ...]
    freed: int
    left: int
    kept: int

    def sentence(self, *, dry_run: bool = False) -> str:
        """What happened, for a reader."""
        runs = message_of_count("{count} run", "{count} runs", len(self.gone))
        values = {"runs": runs, "size": file_size(self.freed) if self.freed else "0 kB",
                  "kept": f"{self.kept:,}", "left": file_size(self.left)}  # fmt: skip
        if dry_run:
            return message("{runs} would go, {size}; {kept} stay, {left}.", **values)
        return message("{runs} taken away, {size}; {kept} stay, {left}.", **values)


def clean(
    folder: str | Path,
    *,
    keep: int | None = None,
    older_than: str | None = None,
    names: tuple[str, ...] = (),
    dry_run: bool = False,
    now: datetime | None = None,
) -> Cleaned:
    """Take away old runs.

    Of each report the last good run always stays. A run stays when it is among the newest `keep`
    of its report, and it stays when it is younger than `older_than`; given both, only what is
    neither goes.

    Parameters
    ----------
    folder : str or Path
        Folder of the pages.
    keep : int, optional
        How many runs of each report stay.
    older_than : str, optional
        A duration such as ``"180d"``.
    names : tuple of str
        Only these reports; all when empty.
    dry_run : bool
        Only say what would go.

    Raises
    ------
    ArgumentError
        When neither is given, or one cannot be read.
    """
    if keep is None and older_than is None:
        raise ArgumentError(
            message("Say what may go: --keep N (runs of each report), --older-than 180d, or both.")
        )
    if keep is not None and keep < 1:
        raise ArgumentError.of("keep", keep, message("a whole number from 1 on"))
    span = None if older_than is None else Duration.parse(older_than, "older_than")
    moment = now or datetime.now(UTC)
    limit = None if span is None else moment - timedelta(microseconds=span.microseconds)
    place = Path(folder)
    known = report_names(place)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ArgumentError.of("report", unknown[0], known)
    gone, freed = [], 0
    for name in names or known:
        for run in _leaving(list(snapshots_of(place, name)), keep, limit):
            freed += size_of(run.folder)
            gone.append(run.run)
            if not dry_run:
                _take_away(run.folder)
    if not dry_run:
        _sweep(place, moment)
    left = size_of(place / RUNS)
    kept = sum(1 for name in known for _ in snapshots_of(place, name))
    return Cleaned(
        tuple(gone), freed, left - (freed if dry_run else 0), kept - (len(gone) if dry_run else 0)
    )


def _leaving(runs: list[Snapshot], keep: int | None, limit: datetime | None) -> Iterator[Snapshot]:
    last_good = next((run for run in runs if run.ok), None)
    for number, run in enumerate(runs):
        among_newest = keep is not None and number < keep
        young = limit is not None and _made_at(run) >= limit
        if run is not last_good and not among_newest and not young:
            yield run


def _made_at(run: Snapshot) -> datetime:
    made = datetime.fromisoformat(str(run.facts["made_at"]))
    return made if made.tzinfo else made.replace(tzinfo=UTC)


def _take_away(run: Path) -> None:
    """Rename, then delete: whoever looks meanwhile sees a whole run or none."""
    aside = run.with_name(f"{_GONE}{run.name}")
    try:
        run.rename(aside)
    except OSError as error:
        raise ReportError(
            message("{path} cannot be taken away: {reason}.", path=run, reason=error.strerror)
        ) from error
    shutil.rmtree(aside, ignore_errors=True)


def _sweep(folder: Path, now: datetime) -> None:
    """Take away what killed processes left."""
    for name in report_names(folder):
        for path in (folder / RUNS / name).iterdir():
            aged = now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > _DRAFTS_KEPT
            if path.name.startswith(_GONE) or (path.name.startswith(DRAFT) and aged):
                shutil.rmtree(path, ignore_errors=True)


def size_of(place: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in place.rglob("*") if path.is_file())


def disk_use(folder: str | Path) -> str:
    """What is kept of each report and how much it takes, as text."""
    place, lines, total = Path(folder), [], 0
    for name in report_names(place):
        runs = list(snapshots_of(place, name))
        size = size_of(place / RUNS / name)
        total += size
        failed = sum(not run.ok for run in runs)
        line = message_of_count("{name}: {count} run, {size}", "{name}: {count} runs, {size}",
                                len(runs), name=name, size=file_size(size))  # fmt: skip
        if failed:
            line += message(" ({n} failed)", n=failed)
        if runs:
            line += message(", newest {run}", run=runs[0].folder.name)
        lines.append(line)
    if not lines:
        return message("No run is kept in {folder}.", folder=place / RUNS)
    return "\n".join([*lines, message("All runs: {size}.", size=file_size(total))])
