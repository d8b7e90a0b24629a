"""A question that the data cannot answer becomes a sentence; a wrong question stays an error."""

from __future__ import annotations

import pytest

import workbench as wb
from tests.worlds.company import HOSTILE, STEPS, workspace
from workbench.errors import ArgumentError
from workbench.results.base import BLOCK


@pytest.fixture(scope="module")
def opened():
    return workspace(3)


def test_an_answer_is_passed_on(opened):
    found = wb.where_possible(wb.fallout, opened, steps=STEPS)
    assert type(found).__name__ == "Fallout"


@pytest.mark.parametrize(
    ("named", "missing"),
    [
        ({"steps": ["lead", "a meeting on the moon"]}, "a meeting on the moon"),
        ({"steps": STEPS, "by": "shoe_size"}, "shoe_size"),
        ({"steps": STEPS, "container": "opportunity"}, "opportunity"),
    ],
)
def test_what_is_missing_is_named_and_views_stay_quiet(opened, named, missing):
    found = wb.where_possible(wb.fallout, opened, about=HOSTILE[0], **named)
    block = found.trend(granularity="week").members()._repr_mimebundle_()[BLOCK]
    assert block["block"] == "text"
    assert block["heading"] == HOSTILE[0]
    assert missing in block["text"]
    assert missing in found.headline()
    assert wb.definitions(found).content["entries"] == []


def test_a_wrong_question_stays_an_error(opened):
    with pytest.raises(ArgumentError, match="filter_scope"):
        wb.where_possible(wb.fallout, opened, steps=STEPS, filter_scope="hole")
