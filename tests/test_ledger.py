"""Files that only grow: whole lines, also after half of one, and none lost between writers."""

from __future__ import annotations

import subprocess
import sys

from workbench.ledger import add, alone

MANY = """
import sys
from pathlib import Path
from workbench.ledger import add, alone
for n in range(200):
    with alone(Path(sys.argv[1])) as stream:
        add(stream, f"{sys.argv[2]}-{n}\\n")
"""


def test_half_a_line_of_a_dead_writer_keeps_its_own_line(tmp_path):
    path = tmp_path / "log"
    for text in ("one\n", "half", "two\n"):
        with alone(path) as stream:
            stream.read()
            add(stream, text)
    assert path.read_text(encoding="utf-8") == "one\nhalf\ntwo\n"


def test_two_writers_lose_nothing(tmp_path):
    path = tmp_path / "log"
    writers = [
        subprocess.Popen([sys.executable, "-c", MANY, str(path), name]) for name in ("a", "b")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    lines = path.read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == sorted(f"{name}-{n}" for name in "ab" for n in range(200))
