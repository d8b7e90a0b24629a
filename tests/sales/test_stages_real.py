"""Stages of files that were not made for this project, and the planted stalls of the demo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from workbench.data.demo.truths import Truths

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
needed = pytest.mark.skipif(not DATA.is_dir(), reason="the real files are not here")


@pytest.fixture(scope="module")
def demo():
    return wb.open("demo")


@needed
def test_the_known_figures_of_the_maven_files():
    ws = wb.open("maven_crm_sales_opportunities")
    found = wb.stages(ws)
    assert found.frame.set_index("stage")["deals"].to_dict() == {
        "Won": 4_238, "Lost": 2_473, "Engaging": 1_589, "Prospecting": 500,
    }  # fmt: skip
    won = found.frame.set_index("stage").loc["Won"]
    assert (won["amount"], won["without_amount"]) == (10_005_534, 0)
    assert found.frame["entered"].sum() == 0
    for view in (found.moves(), found.times()):
        assert "no history" in view.headline()
    assert "cannot be said" in found.stalled().headline()
    by_product = wb.coaching(ws, by="product").frame
    assert by_product["decided"].sum() == 6_711
    assert by_product["went_on"].sum() == 4_238


@needed
def test_the_known_figures_of_the_salesforce_sample():
    found = wb.stages(wb.open("salesforce_dev_org_sample"))
    visits = found.frame.set_index("stage")["entered"]
    assert (visits["Closed Won"], visits["Closed Lost"], visits["Prospecting"]) == (19, 8, 6)
    assert visits.sum() == 48
    assert found.frame["deals"].sum() == 36
    # All of its saves carry the minute of the import.
    assert found.frame["latest_days_q3"].max() < 0.01


def test_the_planted_stalls_of_the_demo_company(demo):
    """A stalled deal waits at least 90 days in one stage, any other at most 55."""
    truths = Truths()
    found = wb.stages(demo).found
    stays = found.stays
    over = ~stays.running & stays.open
    long = stays.days >= truths.stall_days
    assert (long | (stays.days <= truths.stage_max_days))[over].all()
    stages = found.catalogue.frame["stage"].to_numpy(object)
    assert set(stages[stays.stage[long]]) <= {"Needs Analysis", "Proposal"}
    contacts = demo.sql(
        'SELECT opportunity_id AS key, "x_主要商談先人数" AS n FROM opportunities'
    ).set_index("key")["n"]
    keys = found.deals.text("opportunity_id")
    people = contacts.reindex(keys).to_numpy(float, na_value=np.nan)
    hit = np.isin(np.arange(len(keys)), stays.deal[long])
    ripe = found.age_days >= truths.stall_observed_days
    for mark, share in (
        (people == 1, truths.stall_share_single), (people > 1, truths.stall_share_several),
    ):  # fmt: skip
        n = int((mark & ripe).sum())
        error = np.sqrt(share * (1 - share) / n)
        assert abs(hit[mark & ripe].mean() - share) < 2.6 * error


def test_stalled_deals_of_the_demo_company_have_waited(demo):
    found = wb.stages(demo).stalled()
    assert len(found.frame) > 0
    assert (found.frame["days_in_stage"] > found.frame["max_days"]).all()
    assert set(found.frame["stage"]) <= {"Needs Analysis", "Proposal"}


def test_coaching_finds_that_deals_with_one_contact_are_stuck(demo):
    """Planted: they stall in Needs Analysis or Proposal more often, and are won less."""
    found = wb.coaching(demo, by="主要商談先人数")
    own = found.frame[found.frame["group"] == "1"].set_index(["pipeline", "stage"])
    assert own.loc[("", ""), "pace"] == "stuck"
    assert own.loc[("", ""), "difference"] < 0
    slow = own[own["pace"] == "stuck"].index.get_level_values("stage")
    assert set(slow) <= {"", "Needs Analysis", "Proposal"}
    owners = wb.coaching(demo, by="owner").frame
    assert not (owners["standing"] != "").any()
