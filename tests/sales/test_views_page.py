"""The page on views, reports and dashboards tells every key, operator, date and function."""

from __future__ import annotations

import re

import pytest
import yaml

from tests.house import ROOT
from workbench.sales.dashboards.model import TYPES, ComponentFile, DashboardFile, Target
from workbench.sales.reporting.model import (
    AGGREGATES,
    CALENDAR,
    FORMATS,
    Bucket,
    Group,
    Join,
    Measure,
    TableFile,
    Trend,
)
from workbench.sales.views.checking import keys_of
from workbench.sales.views.dates import UNITS
from workbench.sales.views.expressions import FUNCTIONS
from workbench.sales.views.model import OPERATORS, BoardFile, Filter, Sort, ViewFile

PAGE = (ROOT / "docs" / "views-and-reports.md").read_text(encoding="utf-8")
MODELS = (ViewFile, BoardFile, Filter, Sort, TableFile, Join, Bucket, Group, Measure, Trend,
          DashboardFile, ComponentFile, Target)  # fmt: skip


def test_every_key_is_told():
    told = set(re.findall(r"`(\w+)`", PAGE)) | set(re.findall(r"(\w+):", PAGE))
    assert [key for key in keys_of(*MODELS) if key not in told] == []


@pytest.mark.parametrize(
    "words", [OPERATORS, UNITS, FUNCTIONS, AGGREGATES, CALENDAR, FORMATS, TYPES]
)
def test_every_word_is_told(words):
    assert [word for word in words if word not in PAGE] == []


@pytest.mark.parametrize(("number", "model"), list(enumerate([ViewFile, TableFile, DashboardFile])))
def test_the_examples_are_sound(number, model):
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[number]
    assert model.model_validate(yaml.safe_load(example)).title
