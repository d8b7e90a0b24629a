"""A real JupyterLab for the tests: one server, any number of notebooks."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page

TOKEN = "local-test"


class Lab:
    """A running JupyterLab and the folder it serves."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address

    def notebook(self, name: str, cells: Sequence[str]) -> str:
        """Write a notebook of code cells; the address under which it opens."""
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        book = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(source) for source in cells],
            metadata={"kernelspec": kernel},
        )
        nbformat.write(book, self.folder / f"{name}.ipynb")
        return f"{self.address}/lab/workspaces/{name}/tree/{name}.ipynb?token={TOKEN}"


@contextmanager
def running_lab(folder: Path) -> Iterator[Lab]:
    """A JupyterLab of its own, stopped at the end."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", f"--port={port}",
         "--ServerApp.ip=127.0.0.1", f"--IdentityProvider.token={TOKEN}",
         "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
         f"--ServerApp.root_dir={folder}"],
        env={**os.environ, "JUPYTER_CONFIG_DIR": str(folder / "config"),
             "JUPYTER_RUNTIME_DIR": str(folder / "runtime")},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until_up(f"{address}/api/status?token={TOKEN}")
        yield Lab(folder, address)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:  # a kernel that was restarted is waited for in vain
            server.kill()
            server.wait(10)


def run_all(page: Page, address: str) -> None:
    """Open a notebook, wait for its kernel and start all its cells."""
    page.goto(address)
    page.get_by_role("menuitem", name="Run", exact=True).wait_for(timeout=60_000)
    page.locator(".jp-Notebook .jp-Cell").first.wait_for(timeout=60_000)
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(address: str) -> None:
    for _ in range(240):
        try:
            urllib.request.urlopen(address, timeout=2).close()
        except OSError:
            time.sleep(0.25)
        else:
            return
    pytest.fail("JupyterLab did not start within a minute.")
