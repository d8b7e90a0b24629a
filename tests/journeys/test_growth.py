"""Customers that could buy more and customers in danger: by hand, with every option, bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.abm_world import accounts, deal, event, people, world
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError

WEEK = 7
END = 280  # day on which all worlds end


def contract(account: str, started: float, ended: float | None = None, plan: str = "Basic"):
    return {
        "contract_id": f"K-{account}-{started}",
        "account_id": account,
        "plan": plan,
        "started_on": at(started).date().isoformat(),
        "ended_on": None if ended is None else at(ended).date().isoformat(),
    }


def use(account: str, week: int, uses: float = 10, **more):
    """One row of use in the middle of a week; week 0 is the last one."""
    return event(account, END - WEEK * week - 3.5, "product_used", uses=float(uses), **more)


LAST = event("Z", END, "page_viewed", "PZ")


def line(result, key):
    return result.frame.set_index("key").loc[key]


def test_who_is_a_customer():
    made = world(
        {
            "events": [LAST],
            "accounts": [
                *accounts(*"ABCDEFG"),
                {"account_id": "M", "name": "Marked", "industry": "Steel", "type": "Customer"},
            ],
            "contracts": [
                contract("A", 10), contract("B", 10, 100), contract("C", 10, 400),
                contract("E", 10, 100), contract("F", 10, 200), contract("F", 150),
            ],
            "opportunities": [
                deal("O1", "D", 0, 50, True), deal("O2", "E", 0, 150, True),
                deal("O3", "B", 0, 50, True), deal("O4", "G", 0, 50, False),
                deal("O5", "D", 200),
            ],
        }
    )  # fmt: skip
    result = wb.growth(made)
    found = result.frame.set_index("key")
    assert found["customer_by"].to_dict() == {
        "A": "contract", "C": "contract", "F": "contract",
        "D": "won opportunity", "E": "won opportunity", "M": "mark",
    }  # fmt: skip
    assert found.loc["D", ["open_opportunities", "open_amount"]].tolist() == [1, 1000.0]
    days = result.health().frame.set_index("key")["contract_ends_at"]
    assert days["C"].date() == at(401).date()
    assert days[["A", "F"]].isna().all()
    # Looking back, the end of B's contract and the mark of M were not known yet.
    early = wb.growth(made, period="..2026-02-15")
    assert early.frame.set_index("key")["customer_by"].to_dict() == dict.fromkeys(
        "ABCEF", "contract"
    )
    assert early.health().frame["contract_ends_at"].notna().sum() == 1
    assert "ends of contracts that came later are left out" in early.explain()


@pytest.fixture(scope="module")
def usage():
    """R rises every week, L is loud in one week, F falls, S is steady, N is new, U unused."""
    rows = [LAST]
    for week in range(16):
        rows += [
            use("R", week, 30 - week),
            use("L", week, 500 if week == 2 else 10 + week % 3),
            use("F", week, 2 + 2 * week),
            use("S", week, 10 + week % 2),
        ]
    rows += [use("N", 0), use("N", 1)]
    return world(
        {
            "events": rows,
            "accounts": accounts(*"RLFSNUZ"),
            "contracts": [*(contract(k, 0) for k in "RLFSU"), contract("N", END - 20)],
        }
    )


def test_use_of_recent_weeks_is_held_against_the_weeks_before(usage):
    frame = wb.growth(usage).frame.set_index("key")
    assert frame["usage"].to_dict() == {
        "R": "rising", "L": "steady", "F": "falling", "S": "steady", "N": "too new",
        "U": "not used",
    }  # fmt: skip
    # Weeks 0 to 7: 30 + … + 23; weeks 8 to 15: 22 + … + 15.
    assert frame.loc["R", ["uses_recent", "uses_before"]].tolist() == [212, 148]
    assert frame.loc["R", "uses_change"] == pytest.approx(212 / 148 - 1)
    # No week of the one overlaps the other: the smallest possible rank sum, 8 against 8.
    assert frame.loc["R", "usage_p"] == pytest.approx(0.00094, abs=2e-5)
    assert frame.loc["R", "candidate"] == "upsell"
    assert frame.loc["R", "reasons"].startswith("Used 212 times in the last 8 weeks, 148 in the 8")


def test_other_spans_give_other_sums(usage):
    frame = wb.growth(usage, weeks=4).frame.set_index("key")
    assert frame.loc["R", ["uses_recent", "uses_before"]].tolist() == [30 + 29 + 28 + 27, 98]


def test_seats_near_the_limit_are_the_median_of_recent_rows():
    rows = [LAST]
    for week, (people_on, seats) in enumerate([(9, 10), (8, 10), (9, 10), (1, 10), (10, 20)]):
        rows.append(use("A", 4 - week, active_users=float(people_on), seats=float(seats)))
    rows += [use("B", 1, active_users=5.0, seats=10.0), use("C", 1)]
    made = world({"events": rows, "accounts": accounts(*"ABC"),
                  "contracts": [contract(k, 0) for k in "ABC"]})  # fmt: skip
    result = wb.growth(made, near_limit=0.45)
    found = result.frame.set_index("key")
    # Median of 9, 8, 9, 1, 10 is 9; the newest seats are 20.
    assert found.loc["A", ["active_users", "seats", "share_of_seats"]].tolist() == [9, 20, 0.45]
    assert set(result.members("seats near the limit")["key"]) == {"A", "B"}
    near = result.signals[result.signals["signal"] == "seats near the limit"].set_index("key")
    assert near.loc["A", "words"] == "9 of 20 seats in use, 45 %"
    assert near.loc["A", ["count", "total", "share"]].tolist() == [9, 20, 0.45]
    assert set(wb.growth(made).members("seats near the limit")["key"]) == set()


def many(owned: dict[str, list[str]], **more):
    rows = [LAST]
    for key, items in owned.items():
        rows += [use(key, 1, product=item) for item in items]
    keys = list(owned)
    known = [
        {"account_id": k, "name": k, "industry": "Steel" if n < 12 else "Wood"}
        for n, k in enumerate(keys)
    ]
    tables = {"events": rows, "accounts": known, "contracts": [contract(k, 0) for k in keys]}
    return world(tables, **more)


def test_what_comparable_customers_own_is_said_as_n_of_m():
    owned = {f"S{n:02d}": ["Pump", "Valve"] if n < 9 else ["Pump"] for n in range(12)}
    owned |= {f"W{n}": ["Saw"] for n in range(3)}
    result = wb.growth(many(owned))
    lacking = result.signals[result.signals["signal"] == "comparable customers"]
    steel = lacking[lacking["key"].str.startswith("S")]
    # Nine of the eleven other steel customers own a Valve.
    assert set(steel["key"]) == {"S09", "S10", "S11"}
    assert steel[["item", "count", "total"]].drop_duplicates().to_numpy().tolist() == [
        ["Valve", 9.0, 11.0]
    ]
    assert steel["share"].iloc[0] == pytest.approx(9 / 11)
    assert steel["low"].iloc[0] < 9 / 11 < steel["high"].iloc[0]
    assert "9 of 11 comparable customers do, 82 % (industry Steel)" in steel["words"].iloc[0]
    # Too few in wood: all fourteen others, of whom twelve own a Pump and nine a Valve.
    wood = lacking[lacking["key"] == "W0"].set_index("item")
    assert wood.loc["Pump", ["count", "total"]].tolist() == [12, 14]
    assert wood.loc["Valve", ["count", "total"]].tolist() == [9, 14]
    assert set(result.members(item="Valve")["key"]) == {"S09", "S10", "S11", "W0", "W1", "W2"}
    strict = wb.growth(many(owned), comparable_share=0.9)
    assert strict.signals.empty


def test_products_of_won_opportunities_are_owned_and_the_young_get_no_suggestion():
    owned = {f"S{n:02d}": ["Pump"] for n in range(11)} | {"S11": ["Valve"]}
    made = many(owned)
    assert set(wb.growth(made).members(item="Pump")["key"]) == {"S11"}
    rows = [LAST, *(use(k, 1, product=i[0]) for k, i in owned.items())]
    tables = {
        "events": rows,
        "accounts": [{"account_id": k, "name": k, "industry": "Steel"} for k in owned],
        "contracts": [contract(k, END - 30 if k == "S11" else 0) for k in owned],
    }
    assert wb.growth(world(tables)).signals.empty
    tables["contracts"] = [contract(k, 0) for k in owned]
    tables["opportunities"] = [deal("O1", "S11", 0, 9, True, product="Pump")]
    assert wb.growth(world(tables)).signals.empty


@pytest.fixture(scope="module")
def contact():
    """A keeps writing, B falls silent, C never wrote, D is new; E's contract ends soon."""
    rows = [LAST]
    for week in range(32):
        for key in "ABE":
            if key != "B" or week >= 8:
                day = END - WEEK * week - 2
                rows.append(event(key, day, "email_received", f"P{key}", direction="in"))
        rows.append(event("C", END - WEEK * week - 1, "email_sent", "PC", direction="out"))
    rows += [event("D", END - 9, "call", "PD", direction="in"),
             event("A", END - 1, "meeting", "PA2", direction="out"),
             event("A", END - 1, "page_viewed", "PA3")]  # fmt: skip
    return world(
        {
            "events": rows,
            "accounts": accounts(*"ABCDE"),
            "people": people(("PA", "A"), ("PB", "B")),
            "contracts": [contract(k, 0) for k in "ABC"]
            + [contract("D", END - 10), contract("E", 0, END + 60)],
        }
    )


def test_contact_falls_where_so_little_is_no_chance(contact):
    customers = wb.growth(contact).found.customers.set_index("key")
    assert customers["inbound"].to_dict() == {
        "A": "steady", "B": "falling", "C": "quiet", "D": "too new", "E": "steady",
    }  # fmt: skip
    assert customers.loc["B", ["inbound_recent", "inbound_before"]].tolist() == [0, 24]
    # None of 24 in a quarter of the time: (3/4)^24.
    assert customers.loc["B", "inbound_p"] == pytest.approx(0.75**24)
    assert customers.loc["A", "inbound_ratio"] == pytest.approx(1)
    assert customers["people_engaged"].to_dict() == {"A": 3, "B": 0, "C": 0, "D": 1, "E": 1}
    assert customers.loc["A", "days_since_two_way"] == pytest.approx(1, abs=1e-6)
    assert customers.loc["B", "days_since_two_way"] == pytest.approx(58, abs=1e-6)


def test_the_parts_of_health_add_up_and_are_shown(contact):
    health = wb.growth(contact).health()
    frame = health.frame.set_index("key")
    parts = [f"{p}_points" for p in ("usage", "inbound", "two_way", "people", "contract")]
    assert (frame[parts].sum(axis=1) == frame["points"]).all()
    assert (2 * frame[parts].notna().sum(axis=1) == frame["possible"]).all()
    # No use is known at all, so nobody is asked for it.
    assert frame["usage_points"].isna().all()
    assert frame.loc["A", parts[1:4]].tolist() == [2, 2, 2]
    assert frame.loc["B", parts[1:4]].tolist() == [0, 1, 0]
    assert frame.loc["E", parts[1:]].tolist() == [2, 2, 1, 0]
    assert frame["state"].to_dict() == {
        "A": "healthy", "B": "at risk", "C": "at risk", "D": "healthy", "E": "watch",
    }  # fmt: skip
    assert frame.loc["B", "inbound_words"] == "0 came in, 8 were usual"
    assert frame.loc["E", "contract_words"] == "ends in 61 days"
    assert "2 of 5 customers are at risk, 40 %" in health.headline()
    assert health.members("at risk")["key"].tolist() == ["C", "B"]
    assert health.members(part="contract")["key"].tolist() == ["E"]
    assert health.counts["count"].sum() == 5
    block = health.to_act_on().content
    assert [row[0] for row in block["table"]["rows"]] == ["Company C", "Company B"]


def test_the_weeks_before_leaving_by_hand():
    rows = [LAST]
    for week in range(1, 33):
        late = week <= 8
        if not late or week == 3:
            rows.append(event("L", 250 - WEEK * week + 3, "email_received", "P", direction="in"))
        rows.append(event("S", 250 - WEEK * week + 3, "email_received", "P", direction="in"))
    made = world(
        {
            "events": rows,
            "accounts": accounts(*"LST"),
            # The contract of T began 10 weeks before its end.
            "contracts": [contract("L", 0, 249), contract("S", 0), contract("T", 180, 249)],
        }
    )
    view = wb.growth(made).before_leaving()
    frame = view.frame.set_index("week")
    assert frame.loc[-1, "customers"] == 2
    assert frame.loc[-11, "customers"] == 1
    assert frame.loc[-3, "rows"] == 1
    assert frame["rows"].sum() == 25
    # 1 row in 16 customer weeks; before 24 in 24 + 2.
    assert view.ratio == pytest.approx((1 / 16) / (24 / 26))
    assert view.ratio_low < view.ratio < view.ratio_high < 1
    # As many stayers as there were leavers in each week.
    assert frame.loc[[-1, -11], "stayed_rows"].tolist() == [2, 1]
    assert view.stayed == pytest.approx(1)
    assert set(view.members()["key"]) == {"L", "T"}


def test_leaving_may_be_an_event():
    rows = [event("A", d, "product_used") for d in range(0, 200, 7)]
    made = world({"events": [*rows, event("A", 200, "churned"), LAST],
                  "accounts": accounts("A")})  # fmt: skip
    view = wb.growth(made).before_leaving(event="churned")
    assert view.what == "usage"
    assert view.frame["rows"].sum() == 28
    assert "so no fall is seen" in view.headline()
    with pytest.raises(AbsentError, match="Did you mean 'churned'"):
        wb.growth(made).before_leaving(event="churnd")


def test_what_is_missing_is_said_and_the_rest_is_answered():
    made = world({"events": [LAST], "opportunities": [deal("O1", "A", 0, 9, True)]})
    result = wb.growth(made)
    notes = " ".join(result.scope.notes)
    for said in ("No table of contracts", "No event is called “product_used”",
                 "Events do not say what came in"):  # fmt: skip
        assert said in notes
    assert line(result, "A")["customer_by"] == "won opportunity"
    assert "Too little is known of the 1 customers" in result.health().headline()
    assert result.before_leaving(of="usage").headline() == "No customer is known to have left."


def test_values_split_the_customers(contact):
    result = wb.growth(contact, by="industry")
    assert set(result.frame["group"]) == {"Steel", "Software"}
    assert result.summary["group"].drop_duplicates().tolist() == [
        "All customers", "Software", "Steel",
    ]  # fmt: skip
    only = wb.growth(contact, segment=wb.segment("steel", industry="Steel"))
    assert set(only.frame["key"]) == {"A", "C", "E"}
    assert set(result.members(group="Steel")["key"]) == {"A", "C", "E"}


def test_a_table_of_contracts_may_have_any_name_and_columns():
    rows = [{"who": "A", "from_day": "2026-01-01", "to_day": None, "kind": "Gold"}]
    made = world({"events": [LAST], "accounts": accounts("A"), "deals_signed": rows})
    assert wb.growth(made).frame.empty
    named = {"table": "deals_signed", "account": "who", "start": "from_day", "end": "to_day"}
    found = wb.growth(made, contracts=named)
    assert found.frame["key"].tolist() == ["A"]
    with pytest.raises(AbsentError, match="contracts='from_dya'"):
        wb.growth(made, contracts={**named, "start": "from_dya"})
    with pytest.raises(AbsentError, match="deals_sined"):
        wb.growth(made, contracts="deals_sined")
    with pytest.raises(AbsentError, match="an account, a start and an end"):
        wb.growth(made, contracts="deals_signed")
    with pytest.raises(ArgumentError, match="contracts='begin'"):
        wb.growth(made, contracts={"table": "deals_signed", "begin": "x"})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"weeks": 1}, "weeks=1"),
        ({"weeks": 2.5}, "weeks=2.5"),
        ({"near_limit": 0}, "near_limit=0"),
        ({"comparable_share": 2}, "a share above 0"),
        ({"least_comparable": 0}, "least_comparable=0"),
        ({"item": "colour"}, "item='colour'"),
        ({"usage_event": ""}, "the name of an event"),
        ({"owned_within": "often"}, "owned_within='often'"),
        ({"contracts": 3}, "the name of a table"),
        ({"by": "industri"}, "Did you mean 'industry'"),
        ({"comparable_by": "size"}, "comparable_by='size'"),
    ],
)
def test_a_wrong_value_is_refused(contact, options, said):
    with pytest.raises(ArgumentError, match=said):
        wb.growth(contact, **options)


@pytest.mark.parametrize(
    ("view", "options", "said"),
    [
        ("members", {"signal": "rise"}, "signal='rise'"),
        ("members", {"kind": "resell"}, "kind='resell'"),
        ("members", {"item": "Moon"}, "item='Moon'"),
        ("members", {"group": "Moon"}, "group='Moon'"),
        ("before_leaving", {"of": "mood"}, "of='mood'"),
    ],
)
def test_a_view_that_is_not_there_is_refused(contact, view, options, said):
    result = wb.growth(contact)
    with pytest.raises(ArgumentError, match=said):
        getattr(result, view)(**options)
    with pytest.raises(ArgumentError, match="state='dead'"):
        result.health().members("dead")
    with pytest.raises(ArgumentError, match="part='x'"):
        result.health().members(part="x")


def test_the_definition_asks_the_same_again(contact):
    asked = {"period": "..2026-09", "by": "industry", "weeks": 4, "near_limit": 0.5,
             "owned_within": "90d", "least_comparable": 2}  # fmt: skip
    result = wb.growth(contact, **asked)
    again = {k: v for k, v in result.definition.items() if k != "analysis"}
    pd.testing.assert_frame_equal(wb.growth(contact, **again).frame, result.frame)
    pd.testing.assert_frame_equal(wb.growth(contact, **again).health().frame, result.health().frame)
    assert not np.isnan(result.found.customers["weeks_before"]).any()
