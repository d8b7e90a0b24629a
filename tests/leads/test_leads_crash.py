"""The log of decisions through crashes and many writers: what was acknowledged is found, in full.

Counts are taken outside the log: each writer says what it tried and what was acknowledged to it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import workbench as wb
from tests.house import ROOT
from tests.leads.worlds import lead, world

WRITER = """
import sys
from datetime import timedelta
import workbench as wb
from tests.leads.worlds import at, lead, world
from workbench.errors import ArgumentError

path, who, first, count, decision = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:5]), sys.argv[5]
ws = world([lead(f"L{n:03d}", "06-19") for n in range(200)])
log = wb.decision_log(path)
deal = {"deal_name": who, "deal_value": 1, "team": who, "expected_close_on": "2024-09-30"}
fields = {"accept": deal, "decline": {"decline_reason": who}}.get(decision, {})
print("ready", flush=True)
sys.stdin.readline()
for n in range(first, first + count):
    print("tried", f"L{n:03d}", flush=True)
    try:
        log.decide(ws, f"L{n:03d}", decision, at=at("06-20T00:00"), by=who, **fields)
    except ArgumentError as refused:
        print("refused", f"L{n:03d}", str(refused).replace(chr(10), " "), flush=True)
    else:
        print("done", f"L{n:03d}", flush=True)
"""


def started(path: Path, who: str, first: int, count: int, decision: str) -> subprocess.Popen:
    """A writer in a process of its own that waits for a word to begin."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), who, str(first), str(count), decision],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def go(*writers: subprocess.Popen) -> None:
    """Let all of them begin once each is ready."""
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()


def told(writer: subprocess.Popen) -> dict[str, list[str]]:
    """What a writer tried, what was acknowledged, and what was refused with which words."""
    assert writer.stdout is not None
    out: dict[str, list[str]] = {"tried": [], "done": [], "refused": []}
    for line in writer.stdout.read().splitlines():
        kind, _, rest = line.partition(" ")
        out[kind].append(rest)
    writer.wait(30)
    return out


def test_of_writers_who_decide_the_same_each_lead_has_one_decision(tmp_path):
    path = tmp_path / "log.jsonl"
    writers = [started(path, "Aiko", 0, 25, "accept"), started(path, "Ben", 0, 25, "decline")]
    go(*writers)
    answers = [told(writer) for writer in writers]
    tried, done, refused = (
        sum(len(a[kind]) for a in answers) for kind in ("tried", "done", "refused")
    )
    assert (tried, done, refused) == (50, 25, 25)
    words = [text for a in answers for text in a["refused"]]
    assert all("it is accepted" in text or "is closed (declined)" in text for text in words)
    found = wb.decision_log(path).decisions()
    assert sorted(d.lead_id for d in found) == [f"L{n:03d}" for n in range(25)]
    ws = world([lead(f"L{n:03d}", "06-19") for n in range(200)])
    frame = wb.partner_leads(ws, log=path).frame.set_index("lead_id")
    for decision in found:
        stage = {"accept": "accepted", "decline": "declined"}[decision.decision]
        assert frame.loc[decision.lead_id, "stage"] == stage
        if stage == "accepted":
            assert frame.loc[decision.lead_id, "deal_name"] == decision.by
    assert (frame["stage"] == "received").sum() == 175


@pytest.mark.skipif(os.name == "nt", reason="processes are killed by signals")
def test_writers_lose_nothing_when_one_of_them_is_killed(tmp_path):
    path = tmp_path / "log.jsonl"
    writers = [started(path, f"W{n}", 40 * n, 40, "favourite") for n in range(3)]
    go(*writers)
    while not path.exists() or path.stat().st_size < 2_000:
        time.sleep(0.005)
    writers[0].send_signal(signal.SIGKILL)
    killed, *others = [told(writer) for writer in writers]
    assert len(killed["done"]) < 40
    # The lock of the dead one is gone: the others went on to the end.
    assert [(len(a["tried"]), len(a["done"])) for a in others] == [(40, 40)] * 2
    log = wb.decision_log(path)
    found = {f"W{n}": [d.lead_id for d in log.decisions() if d.by == f"W{n}"] for n in range(3)}
    assert [found["W1"], found["W2"]] == [a["done"] for a in others]
    assert set(killed["done"]) <= set(found["W0"]) <= set(killed["tried"])
    # Beyond what was acknowledged, at most the one that was under way.
    assert len(found["W0"]) - len(killed["done"]) <= 1
    assert log.unreadable <= 1


def test_a_file_cut_at_any_byte_loses_only_its_last_line(tmp_path):
    ws = world([lead(f"L{n}", "06-19") for n in range(3)])
    log = wb.decision_log(tmp_path / "log.jsonl")
    for n in range(3):
        log.decide(ws, f"L{n}", "favourite", by="Åsa 愛")
    whole = log.path.read_bytes()
    lines = whole.splitlines(keepends=True)
    ends = [sum(map(len, lines[: n + 1])) for n in range(3)]
    for cut in range(len(whole) + 1):
        log.path.write_bytes(whole[:cut])
        complete = sum(cut >= end - 1 for end in ends)
        assert [d.lead_id for d in log.decisions()] == [f"L{n}" for n in range(complete)]
    log.path.write_bytes(whole[: ends[1] + 9])
    log.decide(ws, "L2", "spam")
    assert [d.decision for d in log.decisions()] == ["favourite", "favourite", "spam"]
    assert log.path.read_bytes().startswith(whole[: ends[1] + 9])
