"""What is installed without extras is enough to run a report's cells in a kernel."""

from __future__ import annotations

import os
import sys

from jupyter_client.manager import KernelManager

from tests.house import ROOT

OPTIONAL = ("ipywidgets", "jupyterlab", "polars", "python_calamine", "adbc_driver_postgresql")
CELL = """
import pandas as pd, workbench as wb
times = pd.date_range("2026-01-01", periods=3, freq="D", tz="UTC")
events = pd.DataFrame({"account_id": "a", "occurred_at": times, "event": ["lead", "mql", "won"]})
opened = wb.from_frames(events=events)
print("reached", list(wb.fallout(opened, steps=["lead", "won"]).frame["reached"]))
"""


def test_cells_run_without_any_extra(tmp_path):
    for name in OPTIONAL:
        (tmp_path / f"{name}.py").write_text(f"raise ImportError('{name} is not installed')\n")
    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    manager = KernelManager(kernel_name="python3")
    manager.kernel_spec.argv[0] = sys.executable
    manager.start_kernel(env={**os.environ, "PYTHONPATH": path}, cwd=str(tmp_path))
    try:
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=60)
        said: list[str] = []
        client.execute_interactive(CELL, timeout=120, output_hook=lambda m: said.append(_text(m)))
        client.stop_channels()
    finally:
        manager.shutdown_kernel(now=True)
    assert "".join(said).strip().splitlines()[-1] == "reached [1, 1, 1]", "".join(said)


def _text(answer: dict) -> str:
    content = answer["content"]
    return content.get("text") or "\n".join(content.get("traceback", []))
