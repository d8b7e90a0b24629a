"""The log of decisions: lines are added and never changed, also when two people decide at once.

One JSON object a line. A decision is checked against the leads and all decisions before it while
no other writer has the file; a line that a crash cut off is skipped and counted. The log replayed
over the leads gives their state.

Source: partner-leads.md, introduction (decision log) and section 3 (life cycle).
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from workbench import ledger
from workbench.errors import ArgumentError
from workbench.leads.moves import DECISIONS, FIELDS, Decision, checked_fields, refusal, replayed
from workbench.leads.records import records_of
from workbench.leads.states import Rules
from workbench.messages import message, message_of_count
from workbench.results.tables import save_csv
from workbench.vocabulary.periods import microseconds_of
from workbench.workspace import Workspace

COLUMNS = {
    "at": "When it was decided (UTC)",
    "lead_id": "Key of the lead",
    "decision": "One of accept, decline, edit, won, lost, favourite, unfavourite, spam, not_spam",
    "by": "Who decided",
    "fields": "What was written beside it",
}
_START = datetime(1970, 1, 1, tzinfo=UTC)


class DecisionLog:
    """A file of decisions that only grows.

    Attributes
    ----------
    path : pathlib.Path
    unreadable : int
        Lines of the last reading that are no decision, such as one that a crash cut off.
    """

    def __init__(self, path: str | Path) -> None:
        if not isinstance(path, str | Path) or not str(path).strip():
            raise ArgumentError.of("path", path, message("a file in a folder that exists"))
        self.path = Path(path)
        self.unreadable = 0
        if self.path.is_dir() or not self.path.parent.is_dir():
            raise ArgumentError.of("path", str(path), message("a file in a folder that exists"))

    def __repr__(self) -> str:
        return message_of_count(
            "DecisionLog({path!r}, {count} decision)", "DecisionLog({path!r}, {count} decisions)",
            len(self.decisions()), path=str(self.path),
        )  # fmt: skip

    def decisions(self) -> list[Decision]:
        """All decisions in the order of the file, read anew each time."""
        text = self.path.read_bytes() if self.path.exists() else b""
        found, self.unreadable = _parsed(text)
        return found

    @property
    def frame(self) -> pd.DataFrame:
        """All decisions in the order of the file, with the columns of this module's `COLUMNS`."""
        rows = [
            (_instant(d.at), d.lead_id, d.decision, d.by, dict(d.fields)) for d in self.decisions()
        ]
        out = pd.DataFrame(rows, columns=list(COLUMNS))
        out["at"] = pd.to_datetime(out["at"], utc=True)
        return out

    def export(self, path: str | Path) -> Path:
        """Write all decisions as CSV for whoever follows them up, a column a field.

        Parameters
        ----------
        path : str or pathlib.Path
            Written whole or not at all; no cell runs as a formula.
        """
        rows = [
            {
                "at": _instant(d.at).isoformat(), "lead_id": d.lead_id, "decision": d.decision,
                "by": d.by,
                **{k: ", ".join(v) if isinstance(v, list) else v for k, v in d.fields.items()},
            }
            for d in self.decisions()
        ]  # fmt: skip
        fields = sorted({name for names in FIELDS.values() for name in names})
        return save_csv(
            pd.DataFrame(rows, columns=["at", "lead_id", "decision", "by", *fields]), path
        )

    def decide(
        self,
        workspace: Workspace,
        lead_id: str,
        decision: str,
        *,
        at: datetime | None = None,
        by: str = "",
        expiry: str = "exact",
        **fields: Any,
    ) -> str:
        """Decide about a lead: checked against its state, then added to the file.

        Parameters
        ----------
        workspace : Workspace
        lead_id : str
        decision : str
            ``accept`` (needs deal_name, deal_value, team, expected_close_on), ``decline`` (needs
            decline_reason), ``edit``, ``won``, ``lost`` (status_reason is advised), ``favourite``,
            ``unfavourite``, ``spam``, ``not_spam``.
        at : datetime, optional
            With its zone; now when left out.
        by : str
            Who decides.
        expiry : {"exact", "utc_midnight"}
            As in `workbench.partner_leads`.
        **fields
            What the decision needs or may carry.

        Returns
        -------
        str
            What was done, as a sentence.

        Raises
        ------
        ArgumentError
            For an unknown lead, a missing field, or a move that is not allowed; nothing is
            written then.
        """
        made = _made(lead_id, decision, at, by, fields)
        rules = Rules.checked(expiry)
        records = records_of(workspace)
        place = records.places.get(made.lead_id)
        if place is None:
            raise ArgumentError.of("lead_id", lead_id, list(records.places))
        one = records.take(np.array([place]))
        try:
            with ledger.alone(self.path) as stream:
                stream.seek(0)
                before = _parsed(stream.read())[0]
                now = max([made.at, *(d.at for d in before if d.lead_id == made.lead_id)])
                if made.at < now:
                    raise ArgumentError.of(
                        "at", _instant(made.at).isoformat(),
                        message("an instant after the last decision about this lead"),
                    )  # fmt: skip
                own = [d for d in before if d.lead_id == made.lead_id]
                current, _ = replayed(one, own, now, rules)
                reason = refusal(current, 0, decision, made.at, rules)
                if reason:
                    raise ArgumentError(f"{reason} {message('Nothing was changed.')}")
                _append(stream, made)
        except OSError as problem:
            raise ArgumentError.of(
                "path", str(self.path), message("a file that can be written"),
                f"{problem.strerror}.",
            ) from None  # fmt: skip
        return message(
            "'{decision}' was noted for the lead {lead}.", decision=decision, lead=made.lead_id
        )


def decision_log(path: str | Path) -> DecisionLog:
    """A log of decisions about partner leads; the file is made with the first decision.

    Parameters
    ----------
    path : str or pathlib.Path
        JSON lines.

    Returns
    -------
    DecisionLog
        ``decide(ws, lead_id, "accept", ...)`` adds, ``frame`` reads; `workbench.partner_leads` and
        `workbench.lead_funnel` take it as ``log=``.

    Raises
    ------
    ArgumentError
        For a folder that does not exist.
    """
    return DecisionLog(path)


def log_named(value: Any) -> DecisionLog | None:
    """A log, or the path of one that exists; None for none."""
    if value is None or value == "":
        return None
    if isinstance(value, DecisionLog):
        return value
    if not isinstance(value, str | Path) or not Path(value).is_file():
        raise ArgumentError.of("log", str(value), message("a log of decisions that exists"))
    return DecisionLog(value)


def favourites_named(value: Any) -> DecisionLog | None:
    """A person's own file of favourites, also one that is yet to be made; None for none."""
    if value is None or value == "":
        return None
    return value if isinstance(value, DecisionLog) else DecisionLog(value)


def _made(lead_id: Any, decision: Any, at: Any, by: Any, fields: dict[str, Any]) -> Decision:
    if not isinstance(by, str):
        raise ArgumentError.of("by", by, message("a name"))
    checked = checked_fields(str(decision), fields)
    moment = datetime.now(UTC) if at is None else at
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ArgumentError.of("at", str(at), message("an instant with its zone"))
    return Decision(str(lead_id), str(decision), microseconds_of(moment), by.strip(), checked)


def _instant(microseconds: int) -> datetime:
    return _START + timedelta(microseconds=microseconds)


def _append(stream: IO[bytes], made: Decision) -> None:
    line = {
        "at": _instant(made.at).isoformat(), "lead_id": made.lead_id, "decision": made.decision,
        "by": made.by, "fields": dict(made.fields),
    }  # fmt: skip
    ledger.add(stream, json.dumps(line, ensure_ascii=False) + "\n")


def _parsed(text: bytes) -> tuple[list[Decision], int]:
    """Decisions in the order of the lines, and the number of lines that are none."""
    out, wrong = [], 0
    for line in text.decode("utf-8", "replace").split("\n"):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            moment = datetime.fromisoformat(found["at"])
            if moment.tzinfo is None or found["decision"] not in DECISIONS:
                raise ValueError
            fields = checked_fields(found["decision"], found.get("fields") or {})
            out.append(
                Decision(
                    str(found["lead_id"]), found["decision"], microseconds_of(moment),
                    str(found.get("by") or ""), fields,
                )
            )  # fmt: skip
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, ArgumentError):
            wrong += 1
    return out, wrong
