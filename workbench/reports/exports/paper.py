"""A page as PDF, printed by a Chromium that has no network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from workbench.errors import ReportError
from workbench.messages import message
from workbench.reports.exports.places import write_bytes

NAMES = (
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)  # fmt: skip
LONGEST_SECONDS = 120.0
PAPER = "A4"
_OFFLINE = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-quic", "--disable-extensions", "--disable-dev-shm-usage", "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9",
    "--run-all-compositor-stages-before-draw", "--no-pdf-header-footer",
)  # fmt: skip


def find_chromium() -> str:
    """The path of a Chromium: ``CHROMIUM``, or one of the usual names.

    Raises
    ------
    ReportError
        With what to install, when there is none.
    """
    asked = os.environ.get("CHROMIUM", "")
    for name in (asked, *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    raise ReportError(
        message(
            "A PDF is printed by Chromium, and none was found. Install Chromium or Google Chrome, "
            "or name it: CHROMIUM=/path/to/chromium. The page itself prints from any browser."
        )
    )


def save_pdf(html: str, path: Path, *, seconds: float = LONGEST_SECONDS) -> Path:
    """Print a page to PDF.

    Parameters
    ----------
    html : str
        A whole page that loads nothing.
    path : Path
        Written whole or not at all.
    seconds : float
        How long the browser may take.

    Raises
    ------
    ReportError
        When there is no Chromium, or it does not print within the time.
    """
    chromium = find_chromium()
    with tempfile.TemporaryDirectory(prefix="workbench-pdf-") as folder:
        # Chromium of some systems sees only files of its own user, never /tmp of another.
        page, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        sized = html.replace("</head>", f"<style>@page{{size:{PAPER}}}</style></head>", 1)
        page.write_text(sized, encoding="utf-8", errors="replace")
        command = [
            chromium, *_OFFLINE, *_unboxed(), f"--user-data-dir={folder}/profile",
            f"--print-to-pdf={made}", page.as_uri(),
        ]  # fmt: skip
        said = _run(command, seconds)
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF-"):
            last = next((line for line in reversed(said.splitlines()) if line.strip()), "")
            raise ReportError(
                message("{browser} printed nothing. {why}", browser=chromium, why=last).strip()
            )
        return write_bytes(path, made.read_bytes())


def _unboxed() -> list[str]:
    """The sandbox of Chromium cannot be used by the superuser, as in a container."""
    root = sys.platform != "win32" and os.geteuid() == 0
    return ["--no-sandbox"] if root else []


def _run(command: list[str], seconds: float) -> str:
    kept = {k: v for k, v in os.environ.items() if "proxy" not in k.lower()}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace",
        env=kept, start_new_session=sys.platform != "win32",
    ) as process:  # fmt: skip
        try:
            return process.communicate(timeout=seconds)[1]
        except subprocess.TimeoutExpired:
            _end(process)
            raise ReportError(
                message("The PDF was not printed within {n} seconds.", n=f"{seconds:g}")
            ) from None
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """End the browser and the processes that it started."""
    if sys.platform == "win32":
        process.kill()
    else:
        import signal

        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
