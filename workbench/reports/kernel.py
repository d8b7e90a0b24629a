"""One kernel for one report, started early so that it wakes while libraries load here."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager

from workbench.collaboration.projects import NOTEBOOK, REPORT


class OwnKernelManager(KernelManager):
    """Starts the kernel of the running interpreter, whatever kernels the machine has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """The running interpreter as a kernel."""
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )


@contextmanager
def started_kernel(report: str = "", notebook: str = "") -> Iterator[Any]:
    """Give a kernel in the current folder and end it whatever happens.

    Parameters
    ----------
    report, notebook : str
        What is run in it: annotations of one report show in that report.
    """
    manager = OwnKernelManager(client_class="jupyter_client.asynchronous.AsyncKernelClient")
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
        if sys.platform != "win32":
            # Sockets of this user, not ports of this machine; never in the user's own folder,
            # where a killed run would leave them.
            manager.transport, manager.ip = "ipc", str(Path(folder) / "kernel")
        manager.start_kernel(
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
            stderr=subprocess.DEVNULL,
            env={**os.environ, REPORT: report, NOTEBOOK: notebook},
        )
        try:
            yield manager
        finally:
            with suppress(RuntimeError, OSError):
                manager.shutdown_kernel(now=True)
