"""Set-up: pinned versions that fit, licences that allow, sentences when something is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = canonicalize_name(PROJECT["name"])
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINNED = dict(line.split("==", 1) for line in LINES)
SHIPPED_EXTRAS = ("lab", "excel", "postgres", "polars")


def _asked_for() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"].values()
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in extra)]
    return [r for r in map(Requirement, texts) if canonicalize_name(r.name) != OURS]


def test_constraints_hold_names_and_versions_only():
    wrong = [line for line in LINES if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)]
    assert wrong == []
    assert sorted(LINES) == LINES
    assert len(PINNED) == len(LINES)


@pytest.mark.parametrize("wanted", _asked_for(), ids=str)
def test_every_dependency_is_pinned_to_a_version_that_fits(wanted):
    assert wanted.specifier.contains(PINNED[canonicalize_name(wanted.name)], prereleases=True)


def _needed(name: str, extras: tuple[str, ...]) -> set[str]:
    """Names of everything a distribution needs here, itself included, as far as installed."""
    found: set[str] = set()
    waiting = [(canonicalize_name(name), frozenset(extras))]
    seen = set(waiting)
    while waiting:
        current, chosen = waiting.pop()
        try:
            texts = requires(current) or []
        except PackageNotFoundError:
            continue
        found.add(current)
        for wanted in map(Requirement, texts):
            marks = [{"extra": e} for e in chosen] or [{"extra": ""}]
            if wanted.marker and not any(wanted.marker.evaluate(m) for m in marks):
                continue
            following = (canonicalize_name(wanted.name), frozenset(wanted.extras))
            if following not in seen:
                seen.add(following)
                waiting.append(following)
    return found


def _license(name: str) -> str:
    about = metadata(name)
    if expression := about.get("License-Expression"):
        return expression
    marks = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    return " ".join([*marks, (about.get("License") or "")[:200]])


def _copyleft(text: str) -> bool:
    return bool(re.search(r"GPL|General Public|Affero|SSPL|Commons Clause", text, re.I))


def test_nothing_that_is_shipped_with_the_product_is_copyleft():
    needed = _needed(PROJECT["name"], SHIPPED_EXTRAS)
    assert {"pandas", "duckdb", "numba"} <= needed
    wrong = {n: _license(n) for n in sorted(needed) if _copyleft(_license(n))}
    assert wrong == {}


def test_every_dependency_says_its_license():
    assert [n for n in _needed(PROJECT["name"], SHIPPED_EXTRAS) if not _license(n).strip()] == []


def test_the_check_of_licenses_knows_the_families():
    assert all(map(_copyleft, ["AGPL-3.0-only", "GNU General Public License v3", "LGPLv2+"]))
    assert not any(map(_copyleft, ["MIT", "BSD-3-Clause", "Apache-2.0", "MPL-2.0"]))


@pytest.fixture
def bare(tmp_path):
    """A PATH with the tools of a plain system and no Python, and a copy of the scripts."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("sh", "id", "env"):
        (tools / name).symlink_to(shutil.which(name))
    return tools


def _script(name: str, *arguments: str, path, **more: str):
    return subprocess.run(
        ["sh", str(ROOT / ".ci" / name), *arguments],
        env={"PATH": str(path), **more},
        cwd=path.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def _pretender(path, name: str, body: str):
    path.joinpath(name).write_text(f"#!/bin/sh\n{body}\n")
    path.joinpath(name).chmod(0o755)
    return str(path / name)


def test_set_up_says_which_python_it_needs(bare):
    _pretender(bare, "python3", "exit 1")
    done = _script("set-up", ".venv", path=bare)
    assert done.returncode == 1
    assert "No Python 3.11, 3.12 or 3.13 was found" in done.stderr
    assert "PYTHON=" in done.stderr
    assert not (bare.parent / ".venv").exists()


def test_set_up_says_what_is_missing_when_python_has_no_venv(bare):
    _pretender(bare, "python3", 'case "$2" in *ensurepip*) exit 1;; esac')
    done = _script("set-up", ".venv", path=bare)
    assert done.returncode == 1
    assert "python3-venv" in done.stderr


def test_set_up_takes_uv_when_it_is_there(bare):
    log = bare.parent / "log"
    _pretender(bare, "python3", "exit 1")
    _pretender(bare, "uv", f'echo "$@" >> {log}')
    assert _script("set-up", ".venv", "test", path=bare).returncode == 0
    first, second = log.read_text().splitlines()
    assert first.startswith("venv ")
    assert second.startswith("pip install ")
    assert second.endswith("-e .[test] -c constraints.txt")


def test_the_browser_that_is_named_is_taken_and_one_that_does_not_start_is_not(bare):
    good = _pretender(bare, "mine", "exit 0")
    _pretender(bare, "chromium", "exit 1")
    done = _script("chromium", "no-python", path=bare, CHROMIUM=good)
    assert (done.returncode, done.stdout.strip()) == (0, good)
    _pretender(bare, "google-chrome", "exit 0")
    done = _script("chromium", "no-python", path=bare)
    assert done.stdout.strip() == str(bare / "google-chrome")


def test_a_machine_without_a_browser_gets_a_sentence(bare):
    _pretender(bare, "id", "echo 1000") if not (bare / "id").is_symlink() else None
    (bare / "id").unlink()
    _pretender(bare, "id", "echo 1000")
    done = _script("chromium", "no-python", path=bare)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "apt-get install chromium" in done.stderr
    assert "CHROMIUM=/path/to/chromium" in done.stderr


def test_continuous_integration_runs_the_tests_and_keeps_the_exit_code(bare):
    shutil.copytree(ROOT / ".ci", bare.parent / ".ci")
    for name in ("bash", "dirname"):
        (bare / name).symlink_to(shutil.which(name))
    _pretender(bare, "make", 'read -r line && exit 9; echo "$@"; exit 5')
    done = subprocess.run(
        ["bash", str(bare.parent / ".ci" / "run")],
        env={"PATH": str(bare)},
        input="a line that nothing may wait for\n",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (5, "test")


def test_make_reports_and_tests_do_all_set_up_themselves():
    if shutil.which("make") is None:
        pytest.fail("make is needed: apt-get install make")
    planned = {
        goal: subprocess.run(
            ["make", "-n", goal, "VENV=no-such-venv"],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for goal in ("report", "test")
    }
    assert planned["report"].index(".ci/set-up") < planned["report"].index("report --all")
    assert "[test]" not in planned["report"]
    test = planned["test"]
    assert "'no-such-venv' test" in test
    assert test.index(".ci/set-up") < test.index(".ci/chromium") < test.index("-m pytest")
    assert "--nbval-lax" in test
