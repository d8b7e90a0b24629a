"""The worked examples of the specification (journeys-attribution-and-segments.md, A2 to A5)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from tests.journeys.attributions import credit, world
from workbench.journeys.attribution.lookback import Lookback

WEIGHTS = {
    "first": ([1], [1, 0], [1, 0, 0, 0]),
    "last": ([1], [0, 1], [0, 0, 0, 1]),
    "linear": ([1], [1 / 2, 1 / 2], [1 / 4] * 4),
    "u_shaped": ([1], [0.5, 0.5], [0.4, 0.1, 0.1, 0.4]),
    "j_shaped": ([1], [0.25, 0.75], [0.2, 0.1, 0.1, 0.6]),
    "inverse_j": ([1], [0.75, 0.25], [0.6, 0.1, 0.1, 0.2]),
    (30, 20, 10): ([1], [3 / 4, 1 / 4], [1 / 2, 1 / 6, 1 / 6, 1 / 6]),
    (0, 1, 0): ([1], [1 / 2, 1 / 2], [0, 1 / 2, 1 / 2, 0]),
}


@pytest.fixture(scope="module")
def journeys():
    """Accounts with one, two and four touches of different channels before they buy."""
    rows = []
    for account, touches in (("one", 1), ("two", 2), ("four", 4)):
        rows += [(account, n, "touch", {"channel": f"{account} {n}"}) for n in range(touches)]
        rows.append((account, 9, "won", {"channel": None}))
    return world(*rows)


@pytest.mark.parametrize("model", WEIGHTS, ids=str)
def test_exact_weights(journeys, model):
    found = wb.attribution(journeys, conversion="won", dimension="channel", model=model)
    credits = dict(zip(found.frame["item"], found.frame["conversions"], strict=True))
    for account, weights in zip(("one", "two", "four"), WEIGHTS[model], strict=True):
        assert [credits[f"{account} {n}"] for n in range(len(weights))] == pytest.approx(weights)


def test_half_life_is_continuous():
    # Documented example: gaps 9, 6, 0, 0 days and a half-life of 7 days.
    gaps = {"a": 9, "b": 6, "c": 0, "d": 0}
    opened = world(
        *(("A", 9 - gap, "touch", {"channel": name}) for name, gap in gaps.items()),
        ("A", 9, "won", {"channel": None}),
    )
    found = wb.attribution(opened, conversion="won", dimension="channel", model="time_decay")
    assert credit(found) == pytest.approx(
        {"a": 0.1385, "b": 0.1864, "c": 0.3376, "d": 0.3376}, abs=5e-5
    )


@pytest.fixture(scope="module")
def worked():
    """A5: won opportunity of 12,000 on day 0, a row without person; days are counted from 40."""
    return world(
        ("A", 40 - 21, "touch", {"channel": "Webinar", "person_id": "p1", "session_id": "s1"}),
        ("A", 40 - 14, "touch", {"channel": "Email", "person_id": "p2"}),
        ("A", 40 - 7, "touch", {"channel": "Email", "person_id": "p1"}),
        ("A", 40, "touch", {"channel": "Paid", "person_id": "p3"}),
        ("A", 40, "won", {"amount": 12_000.0, "channel": None, "person_id": None}),
        ("A", 40, "touch", {"channel": "After", "person_id": "p3"}),
    )


A5 = {
    "first": {"Webinar": 12_000},
    "last": {"Paid": 12_000},
    "linear": {"Webinar": 3_000, "Email": 6_000, "Paid": 3_000},
    "u_shaped": {"Webinar": 4_800, "Email": 2_400, "Paid": 4_800},
    "j_shaped": {"Webinar": 2_400, "Email": 2_400, "Paid": 7_200},
    "inverse_j": {"Webinar": 7_200, "Email": 2_400, "Paid": 2_400},
    "time_decay": {"Webinar": 800, "Email": 4_800, "Paid": 6_400},
    (30, 20, 10): {"Webinar": 6_000, "Email": 4_000, "Paid": 2_000},
    "participation": {"Webinar": 12_000, "Email": 12_000, "Paid": 12_000},
    "same_touch": {"(none)": 12_000},
}


def ask(opened, **options):
    asked = {"conversion": "won", "dimension": "channel", "value": "amount", "lookback": "30d"}
    return wb.attribution(opened, **{**asked, **options})


@pytest.mark.parametrize("model", A5, ids=str)
def test_a5(worked, model):
    found = ask(worked, model=model)
    assert credit(found, "value") == pytest.approx(A5[model])
    assert found.total_value == 12_000
    assert found.total == 1


def test_a5_shorter_lookback_keeps_the_day_at_its_edge(worked):
    assert credit(ask(worked, model="linear", lookback="14d"), "value") == pytest.approx(
        {"Email": 8_000, "Paid": 4_000}
    )
    shorter = ask(worked, model="linear", lookback="13d 23h 59min")
    assert credit(shorter, "value") == pytest.approx({"Email": 6_000, "Paid": 6_000})


@pytest.mark.parametrize("container", ["person", "session"])
def test_a5_a_conversion_without_key_has_no_touch(worked, container):
    found = ask(worked, model="linear", container=container)
    assert credit(found, "value") == {"(none)": 12_000}
    assert found.no_container_key == 1
    assert found.frame.set_index("line")["no_container_key"]["none"] == 1


def test_a5_the_touch_after_the_conversion_of_its_instant_is_named(worked):
    notes = " ".join(ask(worked).scope.notes)
    assert "1 touch has the very time of a conversion but stands after it" in notes


def test_a3_each_instance_is_a_touch_unless_repeats_are_left_out():
    opened = world(
        *(("A", n, "touch", {"channel": c}) for n, c in enumerate(["Email", "Email", "Paid"])),
        ("A", 5, "won", {"channel": None}),
    )
    linear = {"conversion": "won", "dimension": "channel", "model": "linear"}
    assert credit(wb.attribution(opened, **linear)) == pytest.approx(
        {"Email": 2 / 3, "Paid": 1 / 3}
    )
    once = wb.attribution(opened, **linear, dedupe="consecutive")
    assert credit(once) == pytest.approx({"Email": 1 / 2, "Paid": 1 / 2})


def test_a3_every_value_of_a_row_gets_the_whole_credit_and_the_total_counts_once():
    opened = world(
        ("A", 0, "touch", {"topic": ["x", "y"]}),
        ("A", 1, "touch", {"topic": ["x"]}),
        ("A", 2, "won", {"topic": []}),
    )
    found = wb.attribution(opened, conversion="won", dimension="topic", model="linear")
    assert credit(found) == pytest.approx({"x": 1.0, "y": 0.5})
    assert found.total == 1


def test_a3_attribution_first_then_segments_then_filters():
    rows = [
        ("A", 0, "touch", {"channel": "Email"}),
        ("A", 1, "won", {"channel": "Display"}),
        ("B", 0, "touch", {"channel": "Email"}),
        ("B", 1, "won", {"channel": "Paid"}),
    ]
    opened = world(*rows)
    linear = {"conversion": "won", "dimension": "channel", "model": "linear"}
    display_rows = wb.segment("display", scope="event", channel="Display")
    found = wb.attribution(opened, **linear, segment=display_rows)
    # The conversion of B is gone with its credit; that of A still lists the other channel.
    assert credit(found) == pytest.approx({"Display": 0.5, "Email": 0.5})
    assert found.total == 1
    hidden = wb.attribution(opened, **linear, display=["Email"])
    assert credit(hidden) == pytest.approx({"Email": 1.0})
    assert hidden.frame["share"].tolist() == [0.5]


def test_a3_touches_before_the_period_count():
    opened = world(("A", 0, "touch", {"channel": "Email"}), ("A", 40, "won", {"channel": None}))
    found = wb.attribution(
        opened, conversion="won", dimension="channel", period="2026-02", model="linear"
    )
    assert credit(found) == {"Email": 1}
    since_start = wb.attribution(
        opened, conversion="won", dimension="channel", period="2026-02", lookback="period"
    )
    assert credit(since_start) == {"(none)": 1}


def test_a3_months_follow_the_calendar():
    end = pd.Timestamp("2026-03-31", tz="Asia/Tokyo")
    micros = np.array([end.value // 1_000])
    back = Lookback.parse("13 months").since(micros, "Asia/Tokyo", 0)
    assert pd.Timestamp(back[0], unit="us", tz="UTC") == pd.Timestamp("2025-02-28", tz="Asia/Tokyo")
    quarters = Lookback.parse("2 quarters").since(micros, "Asia/Tokyo", 0)
    assert pd.Timestamp(quarters[0], unit="us", tz="UTC") == pd.Timestamp(
        "2025-09-30", tz="Asia/Tokyo"
    )


def test_a3_distinct_counts_are_refused(worked):
    for name in ("people", "sessions", "occurrences", "Accounts", "buying groups"):
        with pytest.raises(wb.WorkbenchError, match=r"distinct containers, or of all occurrences"):
            ask(worked, conversion=name)
    with pytest.raises(wb.WorkbenchError, match="distinct count cannot be shared out"):
        ask(worked, value="person_id")


def sets_of_a4():
    """Containers that touched E, W, or both: 10 each, of which 1, 2 and 6 bought."""
    rows = []
    for number, (touched, bought) in enumerate((("E", 1), ("W", 2), ("EW", 6))):
        for n in range(10):
            account = f"A{number}{n}"
            rows += [(account, k, "touch", {"channel": c}) for k, c in enumerate(touched)]
            if n < bought:
                rows.append((account, 5, "won", {"channel": None}))
    return world(*rows)


@pytest.fixture(scope="module")
def a4():
    return sets_of_a4()


def test_a4_shapley_of_rates_and_not_of_counts(a4):
    found = wb.attribution(a4, conversion="won", dimension="channel", model="algorithmic", prior=0)
    assert credit(found) == pytest.approx({"E": 3.5, "W": 5.5})
    # Counting conversions instead of rates would split the six equally: 4.0 and 5.0.
    assert credit(found)["E"] != pytest.approx(4.0)
    both = found.touches()
    both = both[both["of_touches"] == 2].groupby("item")["weight"].mean()
    assert both.to_dict() == pytest.approx({"E": 5 / 12, "W": 7 / 12})
    known = found.learned().set_index(found.learned()["items"].map("".join))
    assert known["rate"].to_dict() == pytest.approx({"E": 0.1, "W": 0.2, "EW": 0.6})


def test_a4_differs_from_other_models_for_several_items_only(a4):
    single = wb.segment("one channel", where={"channel": "E"}, exclude=True)
    found = wb.attribution(
        a4, conversion="won", dimension="channel", model="algorithmic", segment=single
    )
    assert credit(found) == {"W": 2.0}


def test_markov_by_hand():
    # Paths abc bought, a lost, bc lost. Chances: start to a 2/3, to b 1/3; a to b 1/2; b to c 1;
    # c to a purchase 1/2. In all (2/3 · 1/2 + 1/3) · 1/2 = 1/3; without a 1/3 · 1/2 = 1/6, half of
    # it is lost; without b or c nothing is left.
    paths = {"X": ("abc", True), "Y": ("a", False), "Z": ("bc", False)}
    rows = []
    for account, (items, bought) in paths.items():
        rows += [(account, n, "touch", {"channel": c}) for n, c in enumerate(items)]
        if bought:
            rows.append((account, 5, "won", {"channel": None}))
    found = wb.attribution(world(*rows), conversion="won", dimension="channel", model="markov")
    known = found.learned().set_index("item")
    assert known["removal_effect"].to_dict() == pytest.approx({"a": 0.5, "b": 1.0, "c": 1.0})
    assert known["share"].to_dict() == pytest.approx({"a": 0.2, "b": 0.4, "c": 0.4})
    assert credit(found) == pytest.approx({"a": 0.2, "b": 0.4, "c": 0.4})
