"""Lookbacks, repeats, lines, containers and refusals of an attribution."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.attributions import credit, world
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.attribution.lookback import Lookback

LINEAR = {"conversion": "won", "dimension": "channel", "model": "linear"}


@pytest.fixture(scope="module")
def opened():
    """Two accounts; the second converts twice, once inside a session."""
    return world(
        ("A", 0, "touch", {"channel": "Email", "person_id": "p", "session_id": "s1"}),
        ("A", 1, "touch", {"channel": "Paid", "person_id": "q", "session_id": "s2"}),
        ("A", 2, "won", {"amount": 100.0}),
        ("B", 10, "touch", {"channel": "Email", "person_id": "r", "session_id": "s3"}),
        ("B", 11, "touch", {"channel": "Web", "person_id": "r", "session_id": "s4"}),
        ("B", 11.1, "won", {"amount": 50.0, "person_id": "r", "session_id": "s4"}),
        ("B", 40, "won", {"amount": None}),
        ("C", 5, "touch", {"channel": "Web"}),
        tables={
            "accounts": [
                {"account_id": a, "name": f"Account {a}", "industry": i, "employees": e}
                for a, i, e in (("A", "Steel", 10), ("B", "Toys", 20), ("C", None, None))
            ]
        },
    )


def ask(world_, **options):
    return wb.attribution(world_, **{**LINEAR, **options})


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("90d", "90d"),
        ("14 days", "14d"),
        ("30 minutes", "30min"),
        ("2 hours", "2h"),
        ("1 week", "7d"),
        ("13 months", "13 months"),
        ("1 Month", "1 months"),
        ("2 quarters", "6 months"),
        ("1 year", "12 months"),
        (timedelta(hours=36), "1d 12h"),
        ("Session", "session"),
        ("ever", "ever"),
    ],
)
def test_lookbacks_are_read_and_written_back(written, plain):
    read = Lookback.parse(written)
    assert read.plain() == plain
    assert Lookback.parse(read.plain()) == read
    assert read.in_words()


@pytest.mark.parametrize("bad", ["", "90", 90, "0d", "0 months", "x months", None, "-1d", "9999y"])
def test_other_lookbacks_are_refused(opened, bad):
    with pytest.raises(ArgumentError, match=r"lookback="):
        ask(opened, lookback=bad)


def test_months_over_a_change_of_clocks_keep_local_time():
    # Clocks in Berlin go forward on 29 March 2026, back on 25 October 2026 at 03:00.
    at = pd.to_datetime(["2026-04-29 02:30", "2026-11-25 02:30"]).tz_localize("Europe/Berlin")
    micros = at.tz_convert("UTC").as_unit("us").asi8
    back = Lookback.parse("1 month").since(micros, "Europe/Berlin", 0)
    shown = pd.to_datetime(back, unit="us", utc=True)
    # 02:30 of 29 March does not exist: the window opens when clocks read 03:00; 02:30 of
    # 25 October comes twice: the first one is inside.
    assert [f"{t:%m-%d %H:%M}" for t in shown] == ["03-29 01:00", "10-25 00:30"]


def test_a_window_of_the_session_of_the_conversion(opened):
    found = ask(opened, lookback="session")
    assert credit(found) == {"Web": 1, "(none)": 2}
    assert credit(ask(opened, container="session")) == {"Web": 1, "(none)": 2}


def test_a_person_sees_its_own_touches_only(opened):
    found = ask(opened, container="person", model="last")
    assert credit(found) == {"Web": 1, "(none)": 2}
    assert found.no_container_key == 2
    assert found.scope.dropped_null_key == 3


def test_opportunity_and_global_account(opened):
    with pytest.raises(AbsentError, match=r"container='opportunity'.*carry no opportunity_id"):
        ask(opened, container="opportunity")
    deals = world(
        ("A", 0, "touch", {"channel": "Email", "opportunity_id": "o1", "global_account_id": "G"}),
        ("A", 1, "touch", {"channel": "Paid", "opportunity_id": "o2", "global_account_id": "G"}),
        ("B", 2, "won", {"channel": None, "opportunity_id": "o1", "global_account_id": "G"}),
    )
    assert credit(ask(deals, container="opportunity")) == {"Email": 1}
    assert credit(ask(deals)) == {"(none)": 1}
    assert credit(ask(deals, container="global_account")) == {"Email": 0.5, "Paid": 0.5}


def test_a_conversion_of_several_buying_groups_counts_once():
    groups = world(
        ("A", 0, "touch", {"channel": "Email", "buying_group_id": ["g"]}),
        ("A", 1, "touch", {"channel": "Paid", "buying_group_id": ["h"]}),
        ("A", 2, "won", {"channel": None, "buying_group_id": ["g", "h"], "amount": 7.0}),
    )
    found = ask(groups, container="buying_group", value="amount")
    assert credit(found) == {"Email": 0.5, "Paid": 0.5}
    assert found.total == 1
    assert found.total_value == 7.0
    assert found.frame["value"].sum() == 7.0
    assert "shared equally between them" in found.explain()


def test_the_dimension_may_be_a_column_of_accounts(opened):
    found = ask(opened, dimension="industry", model="last")
    assert credit(found) == {"Toys": 2, "Steel": 1}


def test_touches_can_be_limited(opened):
    found = ask(opened, touches={"channel": {"!=": "Paid"}, "event": "touch"})
    assert credit(found) == {"Email": 2, "Web": 1}
    assert "Touches are only events with" in found.explain()


def test_own_row_is_a_touch_and_that_is_said(opened):
    found = ask(opened, dimension="event", model="last")
    assert credit(found) == {"won": 3}
    assert "In 3 conversions their own row is a touch" in found.explain()
    assert credit(ask(opened, dimension="event", model="last", touches="touch")) == {"touch": 3}


def test_repeats():
    days = "EEPEW"
    rows = [("A", n, "touch", {"channel": c}) for n, c in enumerate(days)]
    repeated = world(*rows, ("A", 9, "won", {"channel": None}))
    assert credit(ask(repeated)) == pytest.approx({"E": 0.6, "P": 0.2, "W": 0.2})
    consecutive = credit(ask(repeated, dedupe="consecutive"))
    assert consecutive == pytest.approx({"E": 0.5, "P": 0.25, "W": 0.25})
    assert credit(ask(repeated, dedupe="unique")) == pytest.approx(dict.fromkeys("EPW", 1 / 3))
    # Of repeats the first stays, so it is the oldest that decays.
    decayed = ask(repeated, dedupe="unique", model="time_decay", half_life="1d")
    assert credit(decayed) == pytest.approx({"E": 1 / 21, "P": 4 / 21, "W": 16 / 21})


def test_lines_are_folded_and_hidden():
    rows = [(f"A{n}", k, "touch", {"channel": f"c{n % 7}{k}"}) for n in range(40) for k in range(3)]
    many = world(*rows, *((f"A{n}", 5, "won", {"channel": None}) for n in range(40)))
    whole, folded = ask(many, items=50), ask(many, items=4)
    assert len(whole.frame) == 22
    assert folded.frame["line"].tolist() == ["item"] * 4 + ["other", "none"]
    assert folded.frame["conversions"].sum() == pytest.approx(40)
    assert folded.frame["item"].tolist()[:4] == whole.frame["item"].tolist()[:4]
    shown = ask(many, display={"starts_with": "c1"}, items=2)
    assert shown.frame["line"].tolist() == ["item", "item", "other"]
    assert shown.frame["conversions"].sum() == pytest.approx(6)
    assert shown.frame["total_conversions"].unique().tolist() == [40]
    everyone = ask(many, model="participation", items=1).frame
    assert everyone["conversions"].tolist()[1] == 40  # once each, however many are folded


def test_ten_thousand_items_and_none():
    rows = [
        ("A", n / 1000, "touch", {"page": f"/page/{n}", "nothing": None}) for n in range(10_000)
    ]
    pages = world(*rows, ("A", 20, "won", {"page": None, "nothing": None}))
    found = wb.attribution(pages, conversion="won", dimension="page", model="algorithmic")
    assert len(found.frame) == 22
    assert found.frame["conversions"].sum() == pytest.approx(1)
    empty = wb.attribution(pages, conversion="won", dimension="nothing")
    assert credit(empty) == {"(none)": 1}
    assert "None of the 1 “won” has a touch with a value of nothing" in empty.headline()


def test_an_item_called_like_a_line_stays_an_item():
    opened = world(
        ("A", 0, "touch", {"channel": "(none)"}), ("A", 1, "touch", {"channel": "(other)"}),
        ("A", 2, "won", {"channel": None}), ("B", 2, "won", {"channel": None}),
    )  # fmt: skip
    frame = ask(opened).frame
    assert frame[["item", "line"]].to_numpy().tolist() == [
        ["(none)", "item"], ["(other)", "item"], ["(none)", "none"],
    ]  # fmt: skip
    assert ask(opened).block()["svg"].startswith("<svg")


def test_an_instant_to_look_at_hides_what_came_later(opened):
    frames = {"events": opened.events.arrow().to_pandas()}
    earlier = wb.from_frames(**frames, as_of="2026-01-05")
    assert credit(ask(earlier)) == {"Email": 0.5, "Paid": 0.5}


def test_the_definition_asks_the_same_again(opened):
    found = ask(
        opened,
        model=(3, 2, 1),
        period="2026-01",
        segment=wb.segment("steel", industry="Steel"),
        lookback="13 months",
        value="amount",
        touches="touch",
        dedupe="unique",
        display=["Email"],
        items=3,
        half_life="3d",
        prior=0,
    )
    plain = dict(found.definition)
    assert plain.pop("analysis") == "attribution"
    again = wb.attribution(opened, **plain)
    pd.testing.assert_frame_equal(again.frame, found.frame)
    assert again.definition == found.definition


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"model": "lats"}, r"model='lats' cannot be used\. Did you mean 'last'"),
        ({"model": (1, 2)}, r"three weights|three numbers"),
        ({"model": (0, 0, 0)}, "not all zero"),
        ({"model": (1, -1, 1)}, "zero or more"),
        ({"half_life": "0d"}, "more than zero"),
        ({"half_life": 7}, "half_life=7"),
        ({"prior": -1}, "zero or more containers"),
        ({"dedupe": "all"}, "dedupe='all'"),
        ({"items": 0}, "items=0"),
        ({"items": True}, "items=True"),
        ({"dimension": "chanel"}, "Did you mean 'channel'"),
        ({"dimension": "amount"}, "holds numbers"),
        ({"dimension": ""}, "name of a column"),
        ({"conversion": "wonn"}, "Did you mean 'won'"),
        ({"conversion": wb.step("x", event="won", within="3d")}, "without link and limits"),
        ({"value": "amout"}, "Did you mean 'amount'"),
        ({"value": "channel"}, "holds no numbers"),
        ({"display": ["Emial"]}, "Did you mean 'Email'"),
        ({"display": {"starts_with": "E", "ends_with": "l"}}, "one comparison"),
        ({"container": "event"}, "container="),
        ({"container": "acount"}, "Did you mean 'account'"),
        ({"period": "some day"}, "period="),
        ({"touches": {}}, "touches="),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_in_a_sentence(opened, options, words):
    with pytest.raises(ArgumentError, match=words):
        ask(opened, **options)


def test_a_session_window_needs_sessions():
    bare = world(("A", 0, "touch", {"channel": "x"}), ("A", 1, "won", {"channel": None}))
    with pytest.raises(AbsentError, match="carry no session_id"):
        ask(bare, lookback="session")


@pytest.mark.parametrize(
    "options",
    [
        {"display": {"contains": "zzz"}},
        {"segment": {"channel": "nobody"}},
        {"touches": "won"},
        {"period": "2030"},
        {"value": "amount", "lookback": "reporting window", "period": "2026-02"},
    ],
    ids=str,
)
@pytest.mark.parametrize("model", ["last", "algorithmic", "markov"])
def test_where_nothing_is_to_be_shared_out_every_view_says_so(opened, options, model):
    found = ask(opened, model=model, **options)
    views = [found, found.positions(), found.roles(), found.trend(),
             found.compare_models(["linear", "markov"], replicates=3)]  # fmt: skip
    for view in views:
        assert view.chart().to_dict()
        assert "nan" not in view.explain().lower()
    assert len(found.touches()) >= found.total
    assert found.key_figures().content["figures"]


def test_one_account_and_one_event():
    lonely = world(("A", 0, "won", {"channel": "Email"}))
    found = ask(lonely)
    assert credit(found) == {"Email": 1}
    assert found.frame["share_low"].iloc[0] < 0.5
    assert found.compare_models().frame["share_low"].isna().all()


def test_intervals_are_wilson_where_each_container_decides_once():
    rows = []
    for n in range(40):
        rows.append((f"A{n:02d}", 0, "touch", {"channel": "x" if n < 12 else "y"}))
        rows.append((f"A{n:02d}", 1, "won", {"channel": None}))
    frame = ask(world(*rows), model="last").frame.set_index("item")
    # statsmodels.stats.proportion.proportion_confint(12, 40, method="wilson")
    assert frame.loc["x", ["share_low", "share_high"]].astype(float).to_numpy() == pytest.approx(
        np.array([0.1807, 0.4543]), abs=5e-5
    )
