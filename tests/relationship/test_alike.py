"""Similar won deals: the worked example, and what the rules say at their edges."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.relationship.alike_worlds import (
    closed,
    day,
    deals_world,
    filler,
    mails,
    open_deal,
)
from tests.relationship.worlds import act
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError

FAR = {"type": "other", "lead_source": "fair", "pipeline": "second", "amount": 9e6}


def similar(deals, acts=(), *, where=None, world=None, **options):
    """Similar won deals of a small world."""
    return wb.relationships(deals_world(deals, acts, **(world or {})), where=where).similar_won(
        **options
    )


def spent(key, calls, hours, answer_hours, ago=40):
    """So many activities of one deal: a mail answered after some hours, calls that fill up."""
    asked = day(ago + 5)
    answered = asked + pd.Timedelta(hours=answer_hours)
    minutes = (hours * 60 - 7.5) / calls
    way = {"opportunity_id": key, "thread_id": f"T{key}"}
    return [
        act(f"{key}-in", "email", "in", f"{asked:%Y-%m-%d %H:%M}", "customer:P1:from",
            "team:U1:to", **way),
        act(f"{key}-out", "email", "out", f"{answered:%Y-%m-%d %H:%M}", "team:U1:from",
            "customer:P1:to", **way),
        *[
            act(f"{key}-{n}", "call", "out", f"{day(ago + 4):%Y-%m-%d %H:%M}", "team:U1:from",
                "customer:P1:to", opportunity_id=key, duration_min=minutes)
            for n in range(calls)
        ],
    ]  # fmt: skip


@pytest.fixture(scope="module")
def lone():
    return wb.relationships(deals_world([open_deal("O")]))


def test_the_worked_example():
    deals = [closed(f"S{n}") for n in (1, 2, 3)] + filler(30, 30, **FAR)
    deals.append(open_deal("O", 60))
    acts = spent("S1", 38, 20, 6) + spent("S2", 28, 14, 10) + spent("S3", 48, 26, 8)
    acts += spent("O", 22, 12, 14, ago=1)
    found = similar(deals, acts, alignment="total", least=3)
    line = found.frame.set_index("key").loc["O"]
    assert (line["mode"], line["compared"]) == ("similar", 3)
    assert line[["activities_typical", "team_hours_typical", "hours_by_us_typical"]].tolist() == (
        pytest.approx([40, 20.0, 8.0])
    )
    assert line[["activities", "activities_gap"]].tolist() == [24, -16]
    assert line["activities_relative"] == pytest.approx(-0.4)
    assert line[["team_hours", "team_hours_gap"]].tolist() == pytest.approx([12, -8])
    assert line["team_hours_relative"] == pytest.approx(-0.4)
    assert line[["hours_by_us", "hours_by_us_gap"]].tolist() == pytest.approx([14, 6])
    assert line["hours_by_us_relative"] == pytest.approx(0.75)
    assert "unfair" in found.explain()
    assert len(found.members("activities", key="O", of="won")) == 120
    assert "24 activities" in found.one("O").headline()


def test_won_deals_are_looked_at_in_the_age_of_the_open_one():
    won = [closed(f"W{n:02d}", days=100, ago=50) for n in range(30)]
    deals = won + [closed(f"L{n:02d}", won=False) for n in range(30)] + [open_deal("O", 10)]
    # Created 150 days ago: days 1, 5, 20 and 120 of their lives, the last one after the closing.
    acts = [m for d in won for m in mails(d["opportunity_id"], [149, 145, 130, 30, 155])]
    acts += mails("O", [9, 3, 12])
    line = similar(deals, acts).frame.iloc[0]
    assert line["age_days"] == pytest.approx(10, abs=0.01)
    # The mail of day 12 lies before the deal was created.
    assert line[["activities", "activities_typical"]].tolist() == [2, 2.0]
    whole = similar(deals, acts, alignment="total").frame.iloc[0]
    assert whole[["activities", "activities_typical"]].tolist() == [3, 5.0]


def test_without_similar_deals_the_largest_won_ones_stand_in_and_are_called_so():
    deals = [*filler(120, 30, **FAR), open_deal("O")]
    for n, one in enumerate(deals[:120]):
        one["amount"] = 1e6 + 1_000 * (n // 2)
        one["closed_at"] = day(30 + n % 2)
    found = similar(deals)
    line, won = found.frame.iloc[0], found.deals("O")
    assert (line["mode"], line["compared"], line["within"]) == ("top_won", 100, 0)
    assert np.isnan(line["distance"])
    # Pairs of equal amounts: the later closing first.
    assert won["key"].head(4).tolist() == ["W118", "W119", "W116", "W117"]
    assert won["amount"].is_monotonic_decreasing
    one = found.one("O")
    assert one.reading().startswith("Not similar")
    assert "not similar" in found.reading()


def test_fields_need_thirty_won_and_thirty_lost_values():
    deals = [*filler(30, 30), open_deal("O")]
    deals[0]["type"] = deals[59]["lead_source"] = None
    found = similar(deals).fields.set_index("field")
    assert found.loc[found["used"]].index.tolist() == ["amount", "pipeline"]
    assert found.loc["type", ["won_known", "lost_known"]].tolist() == [29, 30]
    assert "29 won and 30 lost" in found.loc["type", "reason"]
    assert found.loc["industry", "reason"] == "no deal has a value"
    # Two fields are too few.
    assert similar(deals).frame["mode"].tolist() == ["top_won"]
    more = similar(deals, features=["name"]).fields.set_index("field")
    assert more.loc["name", "used"]


def test_candidates_lived_two_days_and_closed_in_the_look_back():
    good = filler(30, 30)
    edge = [
        closed("short", days=1.9), closed("long", days=2.1), closed("old", ago=735),
        closed("new", ago=720), {**closed("unborn"), "created_at": None},
    ]  # fmt: skip
    found = similar([*good, *edge, open_deal("O")], most=100)
    keys = set(found.deals("O")["key"])
    assert {"long", "new"} <= keys
    assert not keys & {"short", "old", "unborn"}
    longer = similar([*good, *edge, open_deal("O")], most=100, months=36)
    assert "old" in set(longer.deals("O")["key"])


def test_distances_by_hand():
    deals = [
        *filler(30, 30, **FAR, product="z"), closed("twin", product="a;b"),
        closed("near", product="b; c", lead_source="fair"),
        closed("gap", product=None, type=None), open_deal("O", product="A;b"),
    ]  # fmt: skip
    won = similar(deals, least=1, furthest=1.0, most=40).deals("O").set_index("key")
    assert won["distance"].iloc[:3].index.tolist() == ["gap", "twin", "near"]
    assert won.loc["twin", "distance"] == 0
    assert won.loc["gap", "fields"] == 3
    # Five fields: another lead source (1), one product of three in common (2/3).
    assert won.loc["near", "distance"] == pytest.approx((1 + 2 / 3) / 5)
    assert won.loc["near", "part_products"] == pytest.approx(2 / 3 / 5)
    assert won.loc["W00", "distance"] == pytest.approx(1)


def test_own_columns_and_columns_of_accounts_count_when_named():
    accounts = [{"account_id": f"A{n}", "name": f"A{n}", "rank": "ABC"[n]} for n in range(3)]
    deals = [*filler(33, 30), open_deal("O", account_id="A0", x_seats="10", x_until="2024-05-01")]
    for n, one in enumerate(deals[:-1]):
        one |= {"account_id": f"A{n % 3}", "x_seats": str(10 * (n % 4)), "x_until": "2024-05-01"}
    found = similar(deals, features=["seats", "accounts.rank"], world={"accounts": accounts})
    won = found.deals("O")
    assert found.fields.set_index("field").loc["seats", "kind"] == "number"
    assert won["part_seats"].iloc[0] == won["part_accounts.rank"].iloc[0] == 0
    assert (won["distance"].diff().dropna() >= 0).all()
    dated = similar(deals, features=["x_until"], world={"accounts": accounts})
    assert dated.deals("O")["part_x_until"].notna().any()
    assert dated.fields.set_index("field").loc["x_until", "kind"] == "number"


def test_amounts_of_several_currencies():
    deals = [
        *filler(30, 30), closed("dollar", currency="USD", amount=2_000.0),
        open_deal("O", amount=1_000.0),
    ]  # fmt: skip
    alone = similar(deals, most=40)
    reasons = alone.fields.set_index("field")["reason"]
    assert reasons["amount"] == "the amounts cannot be brought into one currency"
    rates = [{"currency": "USD", "valid_from": pd.Timestamp("2020-01-01"), "rate": 2.0}]
    world = {"rates": rates, "settings": {"currency": {"reporting": "EUR"}}}
    won = similar(deals, most=40, world=world).deals("O").set_index("key")
    assert won.loc["dollar", ["amount", "currency"]].tolist() == [1_000.0, "EUR"]
    assert won.loc["dollar", "distance"] == 0


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"alignment": "age"}, "alignment"), ({"typical": "mode"}, "typical"),
        ({"most": 0}, "most"),
        ({"least": 11}, "least"), ({"furthest": 1.1}, "furthest"), ({"furthest": True}, "furthest"),
        ({"months": 1.5}, "months"), ({"features": "type"}, "features"),
        ({"features": ["type"]}, "features"), ({"features": ["a", "a"]}, "features"),
    ],
)  # fmt: skip
def test_values_that_are_not_allowed(lone, given, named):
    with pytest.raises(ArgumentError, match=named):
        lone.similar_won(**given).frame  # noqa: B018


def test_columns_and_records_that_are_not_there(lone):
    asked = similar([*filler(3, 3), open_deal("O")])
    for wrong in (
        lambda: lone.similar_won(features=["colour"]).frame,
        lambda: asked.one("W00"),
        lambda: wb.relationships(lone.measured.asked.workspace, of="account").similar_won(),
    ):
        with pytest.raises(AbsentError):
            wrong()
    with pytest.raises(ArgumentError, match="name"):
        asked.members("score", key="O")
    with pytest.raises(ArgumentError, match="of="):
        asked.members("activities", key="O", of="lost")


def test_one_deal_none_and_nothing_won():
    alone = similar([open_deal("O", 5)], mails("O", [1]))
    assert alone.frame["mode"].tolist() == ["none"]
    assert "0 of 1 opportunity" in alone.headline()
    assert alone.one("O").headline() == "O has 1 activity and no won deals to be put beside"
    nobody = similar(filler(31, 31))
    assert not len(nobody.frame)
    assert nobody.headline() == "0 opportunities to look at, so there is no relationship"


def test_a_deal_of_unknown_age_is_not_compared_at_an_age():
    deals = [*filler(30, 30), {**open_deal("O"), "created_at": None}]
    found = similar(deals)
    assert found.frame["mode"].tolist() == ["none"]
    assert "1 open deal has no day of creation" in found.explain()
    assert similar(deals, alignment="total").frame["mode"].tolist() == ["similar"]


def test_hostile_names_pass_through():
    deals = filler(30, 30) + [open_deal(f"O{n}") for n in range(len(HOSTILE))]
    for one, name in zip(deals[60:], HOSTILE, strict=True):
        one["name"] = one["lead_source"] = one["type"] = name
    found = similar(deals)
    assert found.frame["name"].tolist() == list(HOSTILE)
    assert found.definition["view"] == "similar_won"
    assert found.one("O3").block()["svg"].startswith("<svg")


def test_the_comparison_does_not_depend_on_the_window_or_on_who_is_asked_about():
    deals = [*filler(30, 30), open_deal("O", 40), open_deal("Q", 40)]
    acts = mails("W01", [60, 70]) + mails("O", [30, 20, 1])
    ws = deals_world(deals, acts)
    whole = wb.relationships(ws).similar_won().frame.set_index("key")
    short = wb.relationships(ws, window="2d", where={"name": "O"}).similar_won().frame
    pd.testing.assert_series_equal(short.iloc[0].drop("key"), whole.loc["O"], check_names=False)


def test_a_definition_asks_the_same_comparison_again():
    deals = [*filler(30, 30), open_deal("O", 40)]
    ws = deals_world(deals, mails("W01", [60, 70]) + mails("O", [30, 20]))
    found = wb.relationships(ws).similar_won(alignment="total", most=7, features=["name"])
    for result in (found, found.one("O")):
        again = wb.ask(ws, result.definition)
        assert type(again) is type(result)
        pd.testing.assert_frame_equal(again.frame, result.frame)
    assert found.fields_used().content["heading"].startswith("5 of 9 fields")
    rows = found.one("O").listed().content["table"]["rows"]
    assert [row[0] for row in rows] == found.deals("O")["name"].tolist()


def test_an_earlier_day_knows_only_what_was_won_by_then():
    deals = [*filler(30, 30), closed("later", days=100, ago=5), open_deal("O", 40)]
    acts = mails("later", [100, 80, 6]) + mails("W03", [70])
    ws = deals_world(deals, acts)
    found = wb.relationships(ws, as_of="2024-06-15", closed=True).similar_won(most=100)
    assert found.frame["key"].tolist() == ["O", "later"]
    assert "later" not in set(found.deals("O")["key"])
    assert found.frame.set_index("key").loc["later", "activities"] == 2
    assert "later" in set(wb.relationships(ws).similar_won(most=100).deals("O")["key"])


def test_an_own_column_named_like_a_usual_field_stands_beside_it():
    deals = [*filler(30, 30, x_country="JP"), open_deal("O", x_country="JP")]
    found = similar(deals, features=["country"]).fields.set_index("field")["used"]
    assert found["opportunities.x_country"]
    assert not found["country"]
