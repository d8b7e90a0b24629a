"""Rows of every table become events of an account."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.data.small import balanced, found, loaded, one_file, rows
from workbench.data import CheckedData
from workbench.errors import WorkspaceFileError


def _write(folder: Path, **tables: str) -> dict[str, Any]:
    entries: dict[str, Any] = {}
    for name, content in tables.items():
        entries |= one_file(folder, name, content)
    return entries


def _events(data: CheckedData, *more: str) -> list[tuple[Any, ...]]:
    columns = ", ".join(["event", "account_id", *more])
    return rows(data, f"SELECT {columns} FROM touchpoints ORDER BY ALL")


def test_columns_of_the_view(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        accounts="account_id\na\n",
        opportunities="opportunity_id,account_id,created_at\no,a,2024-01-01\n",
    )
    data = loaded(tmp_path, entries)
    columns = data.tables["touchpoints"].columns
    assert [column.name for column in columns[:3]] == ["account_id", "occurred_at", "event"]
    assert {column.name: column.type for column in columns}["occurred_at"] == "instant"
    query = "SELECT source_table, source_id, event_id, date_only FROM touchpoints"
    assert rows(data, query) == [("opportunities", "o", "opportunities:o:created_at", True)]


def test_leads_and_their_conversion(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        people="person_id,account_id,email\np1,a,X@a.example\np2,,x@a.example\n",
        leads=(
            "lead_id,person_id,created_at,mql_at,converted_at,converted_opportunity_id\n"
            "l1,p2,2024-01-01,2024-01-02,2024-01-03,o1\nl2,,2024-01-01,,,\n"
        ),
        opportunities="opportunity_id,account_id\no1,a\n",
    )
    data = loaded(tmp_path, entries)
    assert _events(data, "person_id", "opportunity_id") == [
        ("lead_converted", "a", "p1", "o1"),
        ("lead_created", "a", "p1", "o1"),
        ("mql_qualified", "a", "p1", "o1"),
    ]
    assert found(data, "Events have no account")[0].count == 1
    balanced(data)


def test_stage_history_collapses_saves_that_keep_the_stage(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        opportunities=(
            "opportunity_id,account_id,stage,expected_close_on\no,a,Closed Won,2024-03-01\n"
        ),
        opportunity_history=(
            "history_id,opportunity_id,changed_at,stage\n"
            "1,o,2024-01-01T00:00Z,Prospecting\n2,o,2024-01-05T00:00Z,Prospecting\n"
            "3,o,2024-01-11T00:00Z,Proposal\n4,o,2024-01-15T00:00Z,Prospecting\n"
            "5,o,2024-01-20T00:00Z,Proposal\n6,o,2024-02-01T00:00Z,Closed Won\n"
        ),
    )
    data = loaded(tmp_path, entries)
    query = (
        "SELECT strftime(occurred_at, '%m-%d'), stage FROM touchpoints "
        "WHERE event = 'stage_changed' ORDER BY 1"
    )
    assert rows(data, query) == [
        ("01-01", "Prospecting"),
        ("01-11", "Proposal"),
        ("01-15", "Prospecting"),
        ("01-20", "Proposal"),
        ("02-01", "Closed Won"),
    ]
    query = (
        "SELECT strftime(occurred_at, '%m-%d'), date_only FROM touchpoints "
        "WHERE event = 'closed_won'"
    )
    assert rows(data, query) == [("02-01", False)]


def test_a_closing_with_nothing_but_a_date_is_noon_of_that_day(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        opportunities=(
            "opportunity_id,account_id,stage,expected_close_on\n"
            "o1,a,Closed Lost,2025-03-31\no2,a,Negotiation,2025-03-31\n"
        ),
    )
    data = loaded(tmp_path, entries, report_tz="Asia/Tokyo")
    query = "SELECT event, occurred_at::VARCHAR, date_only FROM touchpoints"
    assert rows(data, query) == [("closed_lost", "2025-03-31 03:00:00+00", True)]


def test_reopened_deals_close_with_their_last_run_of_closed_rows(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        opportunities="opportunity_id,account_id,stage\no,a,Closed Won\n",
        opportunity_history=(
            "opportunity_id,changed_at,stage\no,2024-01-01T00:00Z,Closed Lost\n"
            "o,2024-02-01T00:00Z,Proposal\no,2024-03-01T00:00Z,Closed Won\n"
            "o,2024-04-01T00:00Z,Closed Won\n"
        ),
    )
    data = loaded(tmp_path, entries)
    query = "SELECT strftime(closed_at, '%Y-%m-%d') FROM opportunities"
    assert rows(data, query) == [("2024-03-01",)]


def test_activities_by_type_and_direction(tmp_path: Path) -> None:
    lines = [
        "1,email,out,done,2024-01-01T00:00Z,,a",
        "2,email,in,done,2024-01-01T00:00Z,,a",
        "3,email,none,done,2024-01-01T00:00Z,,a",
        "4,call,,,2024-01-01T00:00Z,,a",
        "5,meeting,,done,,2024-01-02T00:00Z,a",
        "6,task,,done,,2024-01-02T00:00Z,a",
        "7,task,,open,2024-01-01T00:00Z,,a",
        "8,meeting,,cancelled,2024-01-01T00:00Z,,a",
    ]
    head = "activity_id,type,direction,status,start_at,done_at,account_id\n"
    data = loaded(tmp_path, _write(tmp_path, activities=head + "\n".join(lines) + "\n"))
    assert [event for event, _ in _events(data)] == [
        "call",
        "email",
        "email_received",
        "email_sent",
        "meeting",
        "task_done",
    ]


def test_campaigns_attendance_usage_and_scores(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        people="person_id,account_id\np,a\n",
        campaigns="campaign_id,name,channel\nc,Spring,Webinar\n",
        campaign_members=(
            "member_id,campaign_id,person_id,has_responded,first_responded_on\n"
            "m1,c,p,true,2024-01-01\nm2,c,p,false,\n"
        ),
        events="event_id,name,place\ne,Fair,Osaka\n",
        event_attendance=(
            "event_id,person_id,status,status_at\ne,p,registered,2024-01-01\n"
            "e,p,attended,2024-02-01\ne,p,invited,2023-12-01\n"
        ),
        product_usage="account_id,used_on,product,events\na,2024-01-01,Core,5\n",
        scores=(
            "entity_type,entity_id,model,scored_at,score,grade,tier\n"
            "person,p,m,2024-01-01T00:00Z,10,C,\nperson,p,m,2024-01-02T00:00Z,20,C,\n"
            "person,p,m,2024-01-03T00:00Z,60,A,MQL\nperson,p,m,2024-01-04T00:00Z,60,A,MQL\n"
        ),
    )
    data = loaded(tmp_path, entries)
    counts = dict(rows(data, "SELECT event, count(*) FROM touchpoints GROUP BY 1"))
    assert counts == {
        "campaign_response": 1,
        "event_registered": 1,
        "event_attended": 1,
        "product_used": 1,
        "score_changed": 2,
        "mql_qualified": 1,
    }
    query = "SELECT campaign, channel FROM touchpoints WHERE event = 'campaign_response'"
    assert rows(data, query) == [("Spring", "Webinar")]
    query = "SELECT in_person_event, place FROM touchpoints WHERE event = 'event_attended'"
    assert rows(data, query) == [("Fair", "Osaka")]


def test_who_came_without_a_time_came_when_the_event_began(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        people="person_id,account_id\np,a\nq,a\n",
        events="event_id,name,start_at\ne,Fair,2024-02-01T01:00Z\nf,No day,\n",
        event_attendance=(
            "event_id,person_id,status\ne,p,attended\ne,q,no_show\nf,p,attended\n"
            "e,p,registered\ng,p,attended\n"
        ),
    )
    data = loaded(tmp_path, entries)
    query = "SELECT event, epoch(occurred_at), in_person_event FROM touchpoints ORDER BY 1"
    began = 1_706_749_200.0
    assert rows(data, query) == [
        ("event_attended", began, "Fair"),
        ("event_no_show", began, "Fair"),
    ]


@pytest.mark.parametrize("status", ["cancelled", "open", "done"])
def test_rows_that_make_no_event_are_an_empty_store(tmp_path: Path, status: str) -> None:
    (tmp_path / "who.csv").write_text(
        f"event_id,person_id,account_id,status,status_at\ne,p,a,{status},2024-01-01T00:00Z\n"
    )
    (tmp_path / "w.yaml").write_text(
        "name: w\nreport_tz: UTC\ntables:\n  event_attendance: {file: who.csv}\n"
    )
    assert len(wb.open(str(tmp_path / "w.yaml"), cache=tmp_path / "cache").events) == 0


def test_web_rows_keep_their_names_groups_and_own_columns(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        accounts="account_id,parent_account_id\na,top\ntop,\n",
        people="person_id,account_id\np,a\n",
        buying_groups="group_id,account_id\ng1,a\ng2,a\ng3,a\n",
        buying_group_members=(
            "group_id,person_id,removed_at\ng2,p,\ng1,p,\ng3,p,2024-01-01T00:00Z\n"
        ),
        web_events=(
            "occurred_at,event,person_id,session_id,page,Scroll\n"
            "2024-01-01T00:00Z,lead_form_completed,p,s,/x,90\n"
        ),
    )
    data = loaded(tmp_path, entries)
    query = (
        'SELECT event, account_id, global_account_id, buying_group_id, session_id, page, "Scroll" '
        "FROM touchpoints"
    )
    assert rows(data, query) == [("lead_form_completed", "a", "top", ["g1", "g2"], "s", "/x", "90")]


def test_accounts_by_mail_domain_when_asked(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        accounts="account_id,domain\na,https://www.a.example/x\nb,b.example\nc,b.example\n",
        leads=(
            "lead_id,email,created_at\n1,Ann@A.example,2024-01-01\n2,Bo@b.example,2024-01-01\n"
            "3,me@own.example,2024-01-01\n"
        ),
    )
    assert _events(loaded(tmp_path, entries)) == []
    data = loaded(tmp_path, entries, resolve_by_domain=True, own_domains=["own.example"])
    assert _events(data) == [("lead_created", "a")]


def test_events_belong_to_a_buying_group_while_their_person_is_a_member(tmp_path: Path) -> None:
    """From added_at on and before removed_at; a day without time counts whole, as in its zone."""
    members = (
        "group_id,person_id,role,added_at,removed_at\n"
        "g1,p,,2024-01-10T00:00Z,2024-01-20T00:00Z\n"
        "g2,p,,,2024-01-10T00:00:01Z\n"
        "g3,p,a,2024-01-20,\n"
        "g3,p,b,2024-01-05T00:00Z,2024-01-06\n"
        "g4,q,,,\ng5,q,,,\n"
    )
    times = ["05T00:00", "06T14:59", "06T15:00", "10T00:00", "19T14:59", "19T15:00", "20T00:00"]
    events = "".join(f"p,x,2024-01-{at}Z\n" for at in times) + "q,x,2024-01-01T00:00Z\n"
    entries = _write(
        tmp_path,
        people="person_id,account_id\np,a\nq,a\n",
        buying_groups="".join(["group_id,account_id\n", *(f"g{n},a\n" for n in range(1, 6))]),
        buying_group_members=members,
        web_events="person_id,event,occurred_at\n" + events,
    )
    data = loaded(tmp_path, entries, report_tz="Asia/Tokyo", source_tz="Asia/Tokyo")
    query = "SELECT buying_group_id FROM touchpoints ORDER BY person_id, occurred_at"
    assert [row[0] for row in rows(data, query)] == [
        ["g2", "g3"],
        ["g2", "g3"],
        ["g2"],
        ["g1", "g2"],
        ["g1"],
        ["g1", "g3"],
        ["g3"],
        ["g4", "g5"],
    ]


def test_mail_addresses_and_sides(tmp_path: Path) -> None:
    content = (
        "person_id,email\n1, Ann.B+x@Own.Example \n2,Team@partner.example\n3,c@x.example\n4,\n"
    )
    data = loaded(
        tmp_path,
        _write(tmp_path, people=content),
        own_domains=["OWN.example"],
        team_addresses=["team@partner.example"],
    )
    query = "SELECT email_norm, is_internal FROM people ORDER BY person_id"
    assert rows(data, query) == [
        ("ann.b+x@own.example", True),
        ("team@partner.example", True),
        ("c@x.example", False),
        (None, False),
    ]


def test_a_day_falls_into_the_month_of_the_reporting_zone(tmp_path: Path) -> None:
    """2025-03-31T16:00Z is April in Tokyo; the day 2025-03-31 is March everywhere."""
    entries = _write(
        tmp_path,
        opportunities=(
            "opportunity_id,account_id,created_at\no1,a,2025-03-31T16:00:00Z\no2,a,2025-03-31\n"
        ),
    )
    months = {}
    for zone in ("Asia/Tokyo", "UTC"):
        data = loaded(tmp_path, entries, report_tz=zone)
        query = (
            f"SELECT strftime(occurred_at AT TIME ZONE '{zone}', '%m') FROM touchpoints "
            "ORDER BY opportunity_id"
        )
        months[zone] = [row[0] for row in rows(data, query)]
    assert months == {"Asia/Tokyo": ["04", "03"], "UTC": ["03", "03"]}


RULE = {"table": "visits", "event": "visited", "at": "day"}


def _visits(folder: Path) -> dict[str, Any]:
    entries = _write(
        folder,
        contracts="contract_id,account_id\nk1,a\nk2,\n",
        visits="visit,contract,day,kind,cost\n1,k1,2024-01-01,A,5\n2,k2,2024-01-02,B,6\n3,k1,,A,1\n",
    )
    entries["contracts"] |= {"key": "contract_id"}
    entries["visits"] |= {
        "key": "visit",
        "types": {"day": "date", "cost": "number"},
        "references": {"contract": "contracts"},
    }
    return entries


def test_rules_of_a_workspace_file(tmp_path: Path) -> None:
    by_kind = {"column": "kind", "map": {"A": "audit"}, "other": "visit_{value}"}
    rules = [
        {**RULE, "dimensions": ["kind"], "measures": {"price": "cost"}, "where": "cost > 1"},
        {**RULE, "event": by_kind},
    ]
    data = loaded(tmp_path, _visits(tmp_path), touchpoints={"defaults": False, "rules": rules})
    assert _events(data, "kind", "price") == [
        ("audit", "a", None, None),
        ("visited", "a", "A", 5.0),
    ]
    line = data.balance[data.balance["file"] == "touchpoints"].iloc[0]
    assert (line["read"], line["kept"], line["quarantined"]) == (4, 2, 2)


def test_rules_that_mean_nothing_are_all_refused(tmp_path: Path) -> None:
    rules = [{**RULE, "table": "visit"}, {**RULE, "at": "date", "dimensions": ["kin"]}]
    with pytest.raises(WorkspaceFileError) as caught:
        loaded(tmp_path, _visits(tmp_path), touchpoints={"rules": rules})
    text = str(caught.value)
    assert "'visit' is not known. Did you mean 'visits'?" in text
    assert "rules.1.at: 'date'" in text
    assert "'kin' is not known. Did you mean 'kind'?" in text
    with pytest.raises(WorkspaceFileError, match=r"visits.*kindd"):
        loaded(tmp_path, _visits(tmp_path), touchpoints={"rules": [{**RULE, "where": "kindd = 1"}]})


def test_as_of_is_the_newest_instant_that_is_no_plan(tmp_path: Path) -> None:
    entries = _write(
        tmp_path,
        opportunities=(
            "opportunity_id,account_id,created_at,expected_close_on\n"
            "o,a,2024-01-05T10:00:00Z,2031-01-01\n"
        ),
    )
    assert loaded(tmp_path, entries).as_of.isoformat() == "2024-01-05T10:00:00+00:00"
