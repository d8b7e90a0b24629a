"""In-person events counted by hand, and against a slow count."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.gathered import workspace
from tests.worlds import at
from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.gatherings.result import COLUMNS


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    return workspace(tmp_path_factory.mktemp("gathered"))


@pytest.fixture(scope="module")
def found(gathered):
    return wb.gatherings(gathered)


def lines(result):
    return result.frame.set_index("event_id")


def test_every_person_has_one_final_status(found):
    frame = lines(found)
    assert list(found.frame.columns) == list(COLUMNS)
    assert list(frame.index) == ["E1", "E2", "E4", "E3"]
    summit = frame.loc["E1", ["listed", "registered", "attended", "no_show", "accounts"]]
    assert summit.tolist() == [7, 5, 4, 1, 2]
    assert frame.loc["E1", "share_attended"] == 0.8
    assert frame.loc["E1", "share_attended_low"] < 0.8 < frame.loc["E1", "share_attended_high"]
    assert frame.loc["E2", ["listed", "registered", "attended"]].tolist() == [3, 2, 2]
    assert frame["state"].tolist() == ["held", "held", "held", "upcoming"]
    notes = " ".join(found.scope.notes)
    assert "1 entry of own people" in notes
    assert "1 entry has a status that is not known" in notes
    assert "1 that came has no known account" in notes


def test_what_followed_within_the_horizon(found):
    frame = lines(found)
    outcomes = [f"{name}_accounts" for name in ("engaged", "mql", "opportunity", "won")]
    assert frame.loc["E1", outcomes].tolist() == [1, 1, 1, 1]
    assert frame["sql_accounts"].isna().all()  # no lead ever became one
    # nobody wrote, called or filled in a form in time after the dinner, but A's deal came
    assert frame.loc["E2", outcomes].tolist() == [0, 0, 1, 0]
    assert frame["horizon_over"].tolist() == [True, False, False, False]
    assert found.members("E1", "engaged")["key"].tolist() == ["A"]
    assert found.members("E1", "opportunity")["at"].tolist() == [
        pd.Timestamp("2026-04-11 00:00:00", tz="UTC")
    ]


def test_influenced_opportunities_and_cost_in_one_currency(found):
    frame = lines(found)
    money = frame.loc["E1"]
    assert money["open_opportunities"] == 2  # O3 and O5; O4 was closed a minute before
    assert money["new_opportunities"] == 1  # O1 at the very edge; O2 a second later
    assert money["open_pipeline"] == pytest.approx(1_000 + 100 / 0.00625)
    assert money["new_pipeline"] == 500
    assert money["cost"] == pytest.approx(200 / 0.00625)
    assert money["cost_per_attendee"] == pytest.approx(8_000)
    assert money["cost_per_account"] == pytest.approx(16_000)
    assert money["cost_per_influenced"] == pytest.approx(32_000 / 3)
    assert set(frame["currency"]) == {"JPY"}
    assert frame.loc[["E3", "E4"], "cost"].isna().all()
    influenced = found.members("E1", "influenced").set_index("key")
    assert influenced["status"].to_dict() == {"O1": "new", "O3": "open", "O5": "open"}
    assert influenced["owner"].to_dict() == {"O1": "Mori", "O3": "Mori", "O5": "Mori"}
    assert "2 events have no known cost." in found.scope.notes
    assert found.total["cost_per_influenced"] == pytest.approx((32_000 + 9_000) / 4)


def test_the_cost_follows_the_policy_of_the_workspace(tmp_path):
    frame = lines(wb.gatherings(workspace(tmp_path, policy="close_date")))
    assert frame.loc["E1", "cost"] == pytest.approx(200 / 0.01)


def test_several_currencies_without_a_reporting_one_are_not_added(tmp_path):
    gathered = workspace(tmp_path)
    text = (tmp_path / "gathered.yaml").read_text().replace("reporting: JPY, ", "")
    (tmp_path / "gathered.yaml").write_text(text)
    found = wb.gatherings(wb.open(tmp_path / "gathered.yaml", as_of="2026-04-20"))
    frame = lines(found)
    assert frame["cost"].isna().all()
    assert frame["open_pipeline"].replace(0, float("nan")).isna().all()
    assert frame.loc["E1", "influenced_opportunities"] == 3
    assert any("currency" in note for note in found.scope.notes)
    assert gathered.name == "gathered"


def test_the_sentence_and_the_figures(found):
    # the places of all held events: 4 + 2 + 1 taken of 5 + 2 + 1; accounts A, B and C
    assert found.headline() == (
        "7 of 8 that were registered came to 3 in-person events (88 %), from 3 accounts; 1 of 2 "
        "whose horizon is over had a new opportunity within 60 days"
    )
    figures = {f["label"]: f["value"] for f in found.key_figures().content["figures"]}
    assert figures["In-person events held"] == "3"
    assert figures["Cost per influenced opportunity"].startswith("JPY 10.")
    assert "need not come from it" in found.reading()


def test_every_number_can_be_opened(found):
    frame = lines(found)
    for event in frame.index:
        for what in ("listed", "registered", "attended", "no_show", "accounts"):
            assert len(found.members(event, what)) == frame.loc[event, what], (event, what)
        for what in ("engaged", "mql", "opportunity", "won"):
            assert len(found.members(event, what)) == frame.loc[event, f"{what}_accounts"]
        for what in ("open", "new", "influenced"):
            assert len(found.members(event, what)) == frame.loc[event, f"{what}_opportunities"]
    came = found.members("E1", "attended").set_index("key")
    assert came["name"].to_dict() == {
        "p1": "Ann One", "p2": "Ben Two", "p6": "Fay Six", "p8": "Gil Eight"
    }  # fmt: skip
    assert came["owner"].fillna("").to_dict() == {
        "p1": "Mori",
        "p2": "Mori",
        "p6": "",
        "p8": "Mori",
    }
    assert found.members("E1", "accounts").set_index("key")["people"].to_dict() == {"A": 2, "C": 1}
    assert set(found.members("Summit", "attended")["event_id"]) == {"E1", "E4"}
    assert len(found.members()) == frame["attended"].sum()


def test_a_period_and_a_segment(gathered):
    march = wb.gatherings(gathered, period="2026-03")
    assert march.frame["event_id"].tolist() == ["E2"]
    none = wb.gatherings(gathered, period="2025")
    assert none.headline() == "No in-person event begins in 2025; the workspace knows 4."
    only = lines(
        wb.gatherings(gathered, segment=wb.segment("Gamma", where={"accounts.name": "Gamma"}))
    )
    assert only["attended"].tolist() == [1, 0, 1, 0]
    assert only.loc["E1", "registered"] == 1


def test_own_names_for_what_follows(gathered):
    found = wb.gatherings(
        gathered, outcomes={"won": {"event": "lead_created"}, "sql": "email_sent"},
        engaged=[{"event": "call"}], engaged_within="30d", horizon="10d",
    )  # fmt: skip
    frame = lines(found)
    assert frame.loc["E1", ["engaged_accounts", "sql_accounts", "won_accounts"]].tolist() == [
        0,
        0,
        0,
    ]
    again = wb.gatherings(
        gathered, **{n: v for n, v in found.definition.items() if n != "analysis"}
    )
    pd.testing.assert_frame_equal(again.frame, found.frame)
    later = wb.gatherings(gathered, engaged=["call"], engaged_within="31d")
    assert lines(later).loc["E1", "engaged_accounts"] == 1
    assert "call" in " ".join(later.definitions())


def test_without_a_table_of_events_attendance_is_enough(tmp_path):
    found = wb.gatherings(workspace(tmp_path, without=("events", "campaigns", "opportunities")))
    frame = lines(found)
    assert frame.loc["E1", ["event", "attended"]].tolist() == ["E1", 4]
    # the day of the first that came, from midnight in Tokyo
    assert frame.loc["E1", "start_at"] == pd.Timestamp("2026-02-09 15:00", tz="UTC")
    assert frame.loc["E3", "state"] == "undated"
    assert frame["influenced_opportunities"].isna().all()
    assert frame["cost"].isna().all()
    assert "1 of 2 whose horizon is over" not in found.headline()
    assert found.block()["svg"].startswith("<svg")


def test_a_start_that_is_a_mere_date_begins_with_the_day(tmp_path):
    events = "event_id,name,start_at\nE1,Summit,2026-02-10\n"
    frame = lines(wb.gatherings(workspace(tmp_path, events=events)))
    assert frame.loc["E1", "start_at"] == pd.Timestamp("2026-02-09 15:00", tz="UTC")


def test_missing_tables_give_a_sentence(tmp_path):
    nothing = wb.gatherings(workspace(tmp_path, without=("events", "event_attendance")))
    assert "knows no in-person events" in nothing.headline()
    assert nothing.frame.empty
    assert nothing.members().empty
    assert nothing.followed_up().headline() == nothing.headline()
    folder = tmp_path / "planned"
    folder.mkdir()
    planned = wb.gatherings(workspace(folder, without=("event_attendance",)))
    assert "nobody is recorded as having come" in planned.headline()
    assert any("event_attendance is missing" in note for note in planned.scope.notes)


STATUS = ("attended", "no_show", "registered", "cancelled", "invited")


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(st.sampled_from("XY"), st.integers(0, 5), st.sampled_from(STATUS),
                  st.integers(0, 20)),
        min_size=1, max_size=25, unique_by=lambda row: row[:3],
    ),
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), max_size=12),
    st.randoms(),
)  # fmt: skip
def test_a_slow_count_finds_the_same(entries, visits, random):
    def asked():
        rows = [(f"A{p % 3}-{p}", e, status, at(day)) for e, p, status, day in entries]
        rows.append(("A0-0", "Z", "attended", at(0)))
        table = pd.DataFrame(rows, columns=["person_id", "event_id", "status", "status_at"])
        keys = [f"A{p % 3}-{p}" for p in range(6)]
        people = pd.DataFrame({"person_id": keys, "account_id": [key[:2] for key in keys]})
        seen = [(f"w{n}", f"A{a}", "visit", at(day)) for n, (a, day) in enumerate(visits)]
        web = pd.DataFrame(seen, columns=["event_id", "account_id", "event", "occurred_at"])
        more = {"web_events": web} if visits else {}
        world = wb.from_frames(
            event_attendance=table, people=people, **more, as_of="2026-12-31"
        )  # fmt: skip
        reached = {"mql": {"event": {"contains": "visit"}}}
        return wb.gatherings(world, horizon="9d", outcomes=reached)

    frame = lines(asked())
    random.shuffle(entries)
    random.shuffle(visits)
    pd.testing.assert_frame_equal(lines(asked()), frame)
    for event, line in frame.drop("Z").iterrows():
        final = {}
        for person in {p for e, p, _, _ in entries if e == event}:
            own = [(s, day) for e, p, s, day in entries if (e, p) == (event, person)]
            sure = [s for s in STATUS[:2] if s in [status for status, _ in own]]
            newest = max(day for _, day in own)
            last = [s for s in ("cancelled", "registered", "invited") if (s, newest) in own]
            final[person] = sure[0] if sure else last[0]
        came = [p for p, status in final.items() if status == "attended"]
        assert line["listed"] == len(final)
        assert line["attended"] == len(came)
        assert line["registered"] == sum(s in STATUS[:3] for s in final.values())
        assert line["accounts"] == len({p % 3 for p in came})
        start = min(
            (day for e, _, s, day in entries if e == event and s == "attended"), default=None
        )
        if start is not None:
            hit = {p % 3 for p in came for a, d in visits if a == p % 3 and start <= d <= start + 9}
            assert line["mql_accounts"] == len(hit)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"horizon": "0d"}, "horizon='0d'"),
        ({"horizon": 60}, "horizon=60"),
        ({"engaged_within": "-1d"}, "engaged_within='-1d'"),
        ({"outcomes": {"lost": "closed_lost"}}, "outcomes='lost'"),
        ({"outcomes": ["mql"]}, "outcomes="),
        ({"outcomes": {"mql": "mql_qualifid"}}, "Did you mean 'mql_qualified'"),
        ({"engaged": [wb.step("x", event="call", within="2d")]}, "engaged='x'"),
        ({"engaged": []}, "engaged="),
        ({"period": "soon"}, "period='soon'"),
    ],
)
def test_a_wrong_question_is_refused(gathered, options, words):
    with pytest.raises(ArgumentError) as refused:
        wb.gatherings(gathered, **options)
    assert words in str(refused.value)


def test_members_of_what_is_not_there_are_refused(found):
    with pytest.raises(ArgumentError, match="what='guests'"):
        found.members("E1", "guests")
    with pytest.raises(AbsentError, match=r"event='Sumit'.*Did you mean 'Summit'"):
        found.members("Sumit")


def test_two_events_of_one_name_are_told_apart_by_their_key(gathered):
    with pytest.raises(ArgumentError, match="Several events have this name"):
        wb.uplift(gathered, event="Summit", outcome="email_sent")
    assert wb.uplift(gathered, event="E1", outcome="email_sent").label == "Summit"
