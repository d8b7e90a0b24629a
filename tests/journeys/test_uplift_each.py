"""Every event judged by itself: one correction for all of them, the planted effect among them."""

from __future__ import annotations

import numpy as np
import pytest

import workbench as wb
from tests.worlds.in_person import DINNER, SUMMIT, workspace
from workbench.errors import AbsentError
from workbench.results.intervals import holm


@pytest.fixture(scope="module")
def both():
    return wb.uplifts(workspace("hostile"), outcome="opportunity_created", horizon="25d")


def test_each_line_is_the_answer_for_that_event_alone(both):
    for line in both.frame.to_dict("records"):
        alone = wb.uplift(workspace("hostile"), event=line["event_id"],
                          outcome="opportunity_created", horizon="25d").frame.iloc[0]  # fmt: skip
        assert line["compared"] == alone["compared"]
        assert line["effect"] == pytest.approx(alone["effect"], nan_ok=True)


def test_what_was_looked_at_often_is_corrected_for(both):
    frame = both.frame
    assert frame["p_adjusted"].to_numpy() == pytest.approx(
        holm(frame["p_value"].to_numpy(float)), nan_ok=True
    )
    known = frame.dropna(subset="p_value")
    assert len(known)
    assert (known["p_adjusted"] >= known["p_value"] - 1e-12).all()


def test_the_event_with_an_effect_is_told_from_the_one_without(both):
    found = both.frame.set_index("event")["finding"]
    assert found[SUMMIT] == "raised"
    assert found[DINNER] in ("not shown", "not answered")
    assert both.members(both.frame["event_id"].iloc[0])["key"].is_unique


def test_a_difference_that_the_correction_swallows_is_not_called_an_effect(both):
    single = {key: wb.uplift(workspace("hostile"), event=key, outcome="opportunity_created",
                             horizon="25d") for key in both.single}  # fmt: skip
    swallowed = type(both)(both.events, single, both.scope)
    for found in single.values():
        found.frame.loc[0, ["finding", "p_value"]] = ["raised", 0.04]
    assert set(swallowed.frame["finding"]) == {"not shown"}
    assert np.allclose(swallowed.frame["p_adjusted"], 0.08)


def test_an_event_that_is_not_there(both):
    with pytest.raises(AbsentError, match="EV"):
        both.members("EV")


def test_without_in_person_events_the_answer_says_so():
    found = wb.uplifts(workspace("empty"), outcome={"event": {"exists": True}})
    assert found.refusal
