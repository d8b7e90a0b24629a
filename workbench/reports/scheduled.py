"""Running what is scheduled: the report made, its forms written, everything sent, failures told.

Source: collaboration.md, section 4.2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.collaboration.delivery import Attachment, Parcel, deliver
from workbench.collaboration.schedules.claiming import (
    ATTEMPTS,
    Claim,
    claim_due,
    failed_text,
    settle,
    still_running,
)
from workbench.collaboration.schedules.keeping import Schedule, schedule_named, schedules
from workbench.collaboration.store import Store
from workbench.errors import WorkbenchError
from workbench.messages import message
from workbench.reports.exports.ask import Wish, material_of, write_form
from workbench.reports.exports.mail import CID, letter
from workbench.reports.exports.places import inside

if TYPE_CHECKING:
    from workbench.reports.exports.material import Material
    from workbench.reports.snapshots import Snapshot

SENT = "sent"
_KINDS = {
    ".html": "text/html", ".pdf": "application/pdf", ".png": "image/png",
    ".zip": "application/zip",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}  # fmt: skip
MOST_ATTACHED = 20_000_000  # bytes; what is more than mail servers take stays in the folder


@dataclass(frozen=True)
class Ran:
    """What became of one schedule.

    Attributes
    ----------
    name, status : str
        ``sent``, ``empty`` (sent and flagged), ``failed``, ``idle`` (nothing was due).
    sentence : str
    """

    name: str
    status: str
    sentence: str

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return self.status != "failed"


def run_due(
    store: Store,
    *,
    name: str = "",
    folder: str | Path = "reports",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: float = 60.0,
    environment: Mapping[str, str] | None = None,
    make: Callable[[Schedule, Path], Snapshot] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Ran]:
    """Do what is due: make the report, write its forms, send them.

    Each due time is done once, by whichever runner comes first; a run that fails is tried twice
    more and then told to its owner.

    Parameters
    ----------
    store : Store
    name : str
        Only this schedule; all when left out.
    folder : str or Path
        Folder of the pages; what is sent lies below ``sent/`` in it.
    now : callable
        The clock.
    pause : float
        Seconds between two attempts.
    environment : mapping, optional
        Mail server and credentials; that of the process when left out.
    make : callable, optional
        Makes the report and gives its kept run; through papermill when left out.
    say : callable
        Receives a sentence for each schedule.

    Returns
    -------
    list of Ran
        One for each schedule that was looked at.
    """
    chosen = [schedule_named(store, name)] if name else schedules(store)
    done = []
    for schedule in chosen:
        claim = claim_due(store, schedule, now())
        if claim is None:
            said = message("{name}: nothing is due.", name=schedule.name)
            done.append(Ran(schedule.name, "idle", said))
        else:
            doing = _Doing(store, claim, Path(folder), now, pause, environment, make or _made)
            done.append(doing.done())
        say(done[-1].sentence)
    return done


@dataclass
class _Doing:
    """One claim on its way to what becomes of it; what is done is not done again."""

    store: Store
    claim: Claim
    folder: Path
    now: Callable[[], datetime]
    pause: float
    environment: Mapping[str, str] | None
    make: Callable[[Schedule, Path], Snapshot]
    snapshot: Snapshot | None = None
    told: dict[str, str] = field(default_factory=dict)

    def done(self) -> Ran:
        """Try, and try again."""
        why = ""
        for attempt in range(self.claim.attempt, ATTEMPTS + 1):
            if not still_running(self.store, self.claim, attempt, self.now()):
                said = message("{name}: another runner has taken over.", name=self.name)
                return Ran(self.name, "idle", said)
            try:
                return self._sent(attempt)
            except WorkbenchError as error:
                why = str(error)
            except Exception as error:  # whatever a report does, its owner is told
                why = f"{type(error).__name__}: {error}"
            if attempt < ATTEMPTS:
                time.sleep(self.pause)
        return self._failed(why)

    @property
    def name(self) -> str:
        """Name of the schedule."""
        return self.claim.schedule.name

    def _sent(self, attempt: int) -> Ran:
        schedule = self.claim.schedule
        if self.snapshot is None:
            made = self.make(schedule, self.folder)
            if not made.ok:
                why = str(made.facts.get("why") or "")
                raise WorkbenchError(why or message("The report failed."))
            self.snapshot = made
        snapshot = self.snapshot
        material = material_of(snapshot)
        empty = is_empty(material)
        self._deliver(self._parcel(snapshot, material, empty))
        told = [{"target": target, "said": said} for target, said in self.told.items()]
        status = "empty" if empty else "sent"
        settle(self.store, self.claim, status,
               {"attempt": attempt, "run": snapshot.run, "receipts": told})  # fmt: skip
        flag = message(" It holds no data and says so.") if empty else ""
        said = message(
            "{name}: {run} was sent to {n}.{flag}", name=self.name, run=snapshot.run,
            n=", ".join(schedule.to), flag=flag,
        )  # fmt: skip
        return Ran(self.name, status, said)

    def _deliver(self, parcel: Parcel) -> None:
        """Bring it to every place that has not got it yet."""
        left = [target for target in self.claim.schedule.to if target not in self.told]
        late = []
        for one in deliver(parcel, left, root=self.folder, environment=self.environment):
            if one.delivered:
                self.told[one.target] = one.said
            else:
                late.append(f"{one.target}: {one.said}")
        if late:
            raise WorkbenchError(message("Not delivered: {places}", places="; ".join(late)))

    def _parcel(self, snapshot: Snapshot, material: Material, empty: bool) -> Parcel:
        schedule = self.claim.schedule
        slot = self.claim.due_at.strftime("%Y-%m-%dT%H-%MZ")
        place = self.folder / SENT / inside(self.folder, schedule.name).name / slot
        files = [path for form in schedule.forms for path in _form(snapshot, form, place)]
        attached, size = [], 0
        for path in files:
            content = path.read_bytes()
            size += len(content)
            if size <= MOST_ATTACHED:
                kind = _KINDS.get(path.suffix, "application/octet-stream")
                attached.append(Attachment(path.name, content, kind))
        said = letter(material, link=schedule.link, empty=empty)
        if said.picture:
            attached.append(Attachment("chart.png", said.picture, "image/png", CID))
        return Parcel(
            f"{schedule.name}-{slot}", said.subject, said.text, said.html,
            {"schedule": schedule.name, "report": schedule.report, "run": snapshot.run,
             "slot": self.claim.slot, "empty": empty, "title": material.title,
             "figures": [dict(figure) for figure in material.figures],
             "findings": material.sentences, "link": schedule.link},
            tuple(attached),
        )  # fmt: skip

    def _failed(self, why: str) -> Ran:
        schedule = self.claim.schedule
        text = failed_text(schedule, self.claim.slot, why)
        settle(self.store, self.claim, "failed", {"attempt": ATTEMPTS, "why": why}, tell=text)
        if "@" in schedule.owner:
            subject = message("Failed: {name}", name=schedule.name)
            parcel = Parcel(f"{schedule.name}-{self.claim.slot}-failed", subject, text)
            deliver(parcel, [f"mail:{schedule.owner}"], root=self.folder,
                    environment=self.environment)  # fmt: skip
        return Ran(self.name, "failed", text)


def is_empty(material: Material) -> bool:
    """Whether a report counted nothing: no row in any table, no figure above zero, no mark."""
    lists = [grid for grid in material.grids() if grid.anchor not in ("balance", "findings")]
    if any(grid.rows for grid in lists):
        return False
    values = [str(figure.get("value") or "").strip() for figure in material.figures]
    return all(value in ("", "0", "0 %", "–", "0.0 %") for value in values)


def _form(snapshot: Snapshot, form: str, place: Path) -> list[Path]:
    if form == "html":
        from workbench.reports.exports.kept import page_of
        from workbench.reports.exports.places import write_bytes

        content = page_of(snapshot).encode("utf-8", "replace")
        return [write_bytes(inside(place, f"{snapshot.name}.html"), content)]
    ending = ".zip" if form == "csv" else f".{form}"
    target = place if form == "png" else inside(place, f"{snapshot.name}{ending}")
    return write_form(snapshot, form, target, Wish())


def _made(schedule: Schedule, folder: Path) -> Snapshot:
    """Run the report through papermill and give back its kept run."""
    from workbench.reports.run import run_reports
    from workbench.reports.snapshots import snapshots_of

    made: Any = run_reports(
        [schedule.report], workspace=schedule.workspace, data=schedule.data,
        assignments=list(schedule.assignments), out=folder,
    )  # fmt: skip
    names = [page.name for page in made.made]
    if len(names) != 1:
        raise WorkbenchError(
            message(
                "Report {name} makes {n} pages; schedule one of them.",
                name=schedule.report,
                n=len(names),
            )
        )
    return next(iter(snapshots_of(folder, names[0])))
