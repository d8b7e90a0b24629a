"""What holds for every test: nothing of the reader's is touched, no seed is drawn by chance."""

from __future__ import annotations

import os
from itertools import count

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=True, database=None)
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Stores of tests go to a folder of this run, unless one was named."""
    if "WORKBENCH_CACHE" not in os.environ:
        os.environ["WORKBENCH_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session", autouse=True)
def _own_talk(tmp_path_factory):
    """What people said about the project does not stand on the charts of tests."""
    folder = tmp_path_factory.mktemp("talk")
    os.environ["WORKBENCH_COLLABORATION"] = str(folder / "shared.db")
    return folder, count()


@pytest.fixture(autouse=True)
def _talk_of_one_test(_own_talk, monkeypatch):
    folder, numbers = _own_talk
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(folder / f"{next(numbers)}.db"))
