"""Audience lists for platforms: headers, hashes, who is left out, nothing in clear, bad input."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.journeys.abm_world import event, member, world
from tests.worlds.company import HOSTILE
from workbench.errors import AbsentError, ArgumentError
from workbench.results.base import BLOCK
from workbench.results.platforms import PLATFORMS
from workbench.results.tables import FORMULA_STARTS

# From outside: printf 'test@example.com' | sha256sum
KNOWN = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b"


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


PEOPLE = [
    # key, account, e-mail, phone, opted out, internal
    ("P1", "A", " Test@Example.COM ", "+49 (0)30 1234-567", False, False),
    ("P2", "A", "out@a.example", None, True, False),
    ("P3", "A", "OUT@a.example ", None, False, False),
    ("P4", "A", "colleague@own.example", None, False, False),
    ("P5", "A", None, "0044 20 7946 0958", None, None),
    ("P6", "A", "not an address", "030 1234567", False, False),
    ("P7", "B", "jane.doe+news@gmail.com", None, False, False),
    ("P8", "B", "test@example.com", None, False, False),
    ("P9", "B", "ada@b.example", "call me", False, True),
    ("P10", "B", None, None, False, False),
]


def people(rows=PEOPLE):
    return [
        {
            "person_id": key, "account_id": account, "first_name": f"=First {key}",
            "last_name": "Łast'", "title": HOSTILE[4], "email": email, "phone": phone,
            "email_opt_out": refused, "is_internal": internal,
        }
        for key, account, email, phone, refused, internal in rows
    ]  # fmt: skip


@pytest.fixture(scope="module")
def ws():
    return world(
        {
            "events": [event(a, n, "lead", p) for n, (p, a, *_) in enumerate(PEOPLE)],
            "accounts": [
                {"account_id": "A", "name": HOSTILE[4], "domain": "A.example", "country": "DE",
                 "industry": "Steel"},
                {"account_id": "B", "name": "Bee", "domain": "b.example", "country": "GB",
                 "industry": "Steel"},
                {"account_id": "C", "name": "We", "domain": "own.example", "country": "JP",
                 "industry": "Steel"},
            ],
            "people": people(),
            "buying_groups": [{"group_id": "G1", "account_id": "A"}],
            "buying_group_members": [member("G1", "P1", "x"), member("G1", "P7", "x", removed=5)],
            "opportunities": [{"opportunity_id": "O1", "account_id": "B"}],
            "opportunity_people": [{"opportunity_id": "O1", "person_id": "P7", "role": "x"}],
        },
        own_domains=("own.example",),
    )  # fmt: skip


def keys(*given):
    return pd.DataFrame({"key": list(given), "name": "x"})


def read(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def counted(upload):
    return upload.counts.set_index("what")["people"].to_dict()


def test_google_takes_hashed_addresses_and_numbers(ws, tmp_path):
    upload = wb.audience_upload(
        keys("A", "B"), platform="google_ads", path=tmp_path / "g.csv", workspace=ws
    )
    lines = read(upload.path)
    assert list(lines[0]) == ["Email", "Phone"]
    found = {(line["Email"], line["Phone"]) for line in lines}
    assert found == {
        (KNOWN, sha("+49301234567")),
        ("", sha("+442079460958")),
        (sha("janedoe@gmail.com"), ""),
    }
    # P2 and P3 are one person, who opted out under one of them; P4 is told by its domain, P9 by
    # its mark; P8 has the address of P1.
    assert counted(upload) == {
        "written": 3, "own company": 2, "opted out of e-mail": 1, "no address": 1,
        "address that cannot be right": 1, "same address as another": 1,
    }  # fmt: skip
    assert upload.total == 9 == upload.counts["people"].sum()
    assert "wants at least 100 that it can match: this list is too short" in repr(upload)
    assert "2 keys were read as accounts" in repr(upload)


def test_only_google_takes_dots_out_and_meta_takes_digits(ws, tmp_path):
    upload = wb.audience_upload(
        keys("P1", "P7"), platform="meta", path=tmp_path / "m.csv", workspace=ws, names=True
    )
    lines = {line["email"]: line for line in read(upload.path)}
    assert set(lines) == {KNOWN, sha("jane.doe+news@gmail.com")}
    assert lines[KNOWN]["phone"] == sha("49301234567")
    assert lines[KNOWN]["fn"] == sha("first p1")
    assert lines[KNOWN]["ln"] == sha("łast")
    assert lines[KNOWN]["country"] == sha("de")
    bare = wb.audience_upload(keys("P1"), platform="meta", path=tmp_path / "m.csv", workspace=ws)
    assert read(bare.path)[0]["fn"] == ""


def test_linkedin_keeps_its_headers_and_names_only_on_request(ws, tmp_path):
    path = tmp_path / "l.csv"
    header = "email,firstname,lastname,jobtitle,employeecompany,country,googleaid"
    upload = wb.audience_upload(keys("P1"), platform="linkedin", path=path, workspace=ws)
    assert path.read_text() == f"{header}\n{KNOWN},,,,,,\n"
    assert "at least 300" in upload.content["reading"]
    named = wb.audience_upload(keys("P1"), platform="linkedin", path=path, workspace=ws, names=True)
    line = read(path)[0]
    assert line["firstname"] == "'=First P1"
    assert line["employeecompany"] == "'" + HOSTILE[4]
    assert "In clear: firstname, lastname, jobtitle" in repr(named)


def test_companies_behind_people(ws, tmp_path):
    upload = wb.audience_upload(
        keys("P1", "P7"), platform="linkedin_companies", path=tmp_path / "c.csv", workspace=ws
    )
    lines = read(upload.path)
    assert list(lines[0])[:3] == ["companyname", "companywebsite", "companyemaildomain"]
    assert [line["companyemaildomain"] for line in lines] == ["a.example", "b.example"]
    assert [line["companycountry"] for line in lines] == ["DE", "GB"]
    assert "2 of 2 companies" in repr(upload)
    own = wb.audience_upload(
        keys("A", "C"), platform="linkedin_companies", path=tmp_path / "c.csv", workspace=ws
    )
    assert counted(own)["own company"] == 1


@pytest.mark.parametrize(
    ("given", "container", "total", "said"),
    [
        (["P1", "P7", "P99"], None, 2, "Behind 1 of them nobody is known."),
        (["A"], None, 5, "Everybody of these accounts is meant."),
        (["G1"], None, 1, "Their present members are meant."),
        (["O1"], None, 1, "People with a role in them are meant."),
        (["B"], "account", 4, "1 keys were read as accounts."),
        ([], "person", 0, "0 keys were read as people."),
    ],
)
def test_people_behind_each_kind_of_key(ws, tmp_path, given, container, total, said):
    upload = wb.audience_upload(
        keys(*given), platform="plain_csv", path=tmp_path / "p.csv", workspace=ws,
        container=container,
    )  # fmt: skip
    assert upload.total == total
    assert said in repr(upload)


def test_a_result_brings_members_and_workspace(ws, tmp_path):
    groups = wb.buying_groups(ws)
    upload = wb.audience_upload(groups, platform="hashed_csv", path=tmp_path / "h.csv")
    assert read(upload.path) == [{"email_sha256": KNOWN, "phone_sha256": sha("+49301234567")}]
    fallout = wb.fallout(ws, steps=["lead"])
    through = wb.audience_upload(fallout, platform="plain_csv", path=tmp_path / "f.csv")
    assert through.total == 9
    with pytest.raises(ArgumentError, match="a result that has members"):
        wb.audience_upload(fallout.times(), platform="meta", path=tmp_path / "x.csv")


def test_a_frame_of_addresses_needs_no_workspace(tmp_path):
    frame = pd.DataFrame(
        {
            "email": ["TEST@example.com", "b@x.example", None, " B@X.example"],
            "email_opt_out": [None, True, False, False],
        }
    )
    upload = wb.audience_upload(frame, platform="google_ads", path=tmp_path / "g.csv")
    assert [line["Email"] for line in read(upload.path)] == [KNOWN]
    # Whoever opted out with an address did so for everybody who has it.
    assert counted(upload)["opted out of e-mail"] == 2


def test_a_plain_list_is_defused_and_numbers_stay_numbers(ws, tmp_path):
    upload = wb.audience_upload(
        keys("A", "B"), platform="plain_csv", path=tmp_path / "p.csv", workspace=ws
    )
    lines = {line["person_id"]: line for line in read(upload.path)}
    assert set(lines) == {"P1", "P7"}
    assert lines["P1"]["email"] == "test@example.com"
    assert lines["P1"]["phone"] == "+49301234567"
    assert lines["P1"]["first_name"] == "'=First P1"
    assert lines["P1"]["title"] == "'" + HOSTILE[4]
    assert "personal data" in repr(upload)


@pytest.mark.parametrize("platform", [p for p in PLATFORMS if PLATFORMS[p].hashed])
def test_nothing_in_clear_where_it_is_hashed(ws, tmp_path, platform):
    path = tmp_path / "list.csv"
    wb.audience_upload(keys("A", "B"), platform=platform, path=path, workspace=ws, names=True)
    text = path.read_text()
    assert "@" not in text
    assert "example.com" not in text.lower()
    for line in read(path):
        for header, cell in line.items():
            if header in PLATFORMS[platform].hashed:
                assert re.fullmatch(r"([0-9a-f]{64})?", cell), (header, cell)
    # Nothing is never hashed as if it were something.
    assert sha("") not in text
    assert not path.read_bytes().startswith(b"\xef\xbb\xbf")


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.text(max_size=20) | st.sampled_from(["a@b.example", "A@B.example ", "+x@y.zz"]),
            st.text(max_size=12) | st.sampled_from(["+4930123456", "0049 30 123456", "=1+1"]),
            st.booleans(),
            st.sampled_from([*HOSTILE, "=1", "\t=1", "＝1", ""]),
        ),
        max_size=8,
    ),
    st.sampled_from(list(PLATFORMS)),
)
def test_any_text_gives_a_file_of_the_right_form(tmp_path_factory, rows, platform):
    if PLATFORMS[platform].companies:
        return
    columns = ["email", "phone", "email_opt_out", "first_name"]
    frame = pd.DataFrame(rows, columns=columns)
    path = tmp_path_factory.mktemp("any") / "list.csv"
    upload = wb.audience_upload(frame, platform=platform, path=path, names=True)
    lines = read(path)
    assert len(lines) == upload.written
    assert upload.counts["people"].sum() == len(rows)
    refused = {str(e).strip().lower() for e, _, out, _ in rows if out}
    for line in lines:
        for header, cell in line.items():
            if header in PLATFORMS[platform].hashed:
                assert re.fullmatch(r"([0-9a-f]{64})?", cell)
            elif cell.lstrip(" \u00a0\u3000\ufeff").startswith(FORMULA_STARTS):
                assert re.fullmatch(r"\+[0-9]+", cell)
        assert line.get("email") not in refused or not line.get("email")


def test_the_order_of_the_people_changes_nothing(tmp_path):
    frame = pd.DataFrame(
        {"email": [f"p{n % 7}@x.example" for n in range(20)], "first_name": list("abcdefghij" * 2)}
    )
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    wb.audience_upload(frame, platform="hashed_csv", path=first)
    wb.audience_upload(frame.sample(frac=1, random_state=3), platform="hashed_csv", path=second)
    assert first.read_bytes() == second.read_bytes()
    assert len(read(first)) == 7


def test_it_shows_itself_as_a_table(ws, tmp_path):
    upload = wb.audience_upload(
        keys("A"), platform="linkedin", path=tmp_path / "l.csv", workspace=ws
    )
    bundle = upload._repr_mimebundle_()
    assert json.loads(json.dumps(bundle, allow_nan=False)) == bundle
    block = bundle[BLOCK]
    assert block["block"] == "table"
    assert block["heading"] == "Wrote 1 of 5 people for LinkedIn to l.csv"
    assert block["table"]["rows"][0] == ["written", 1]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"platform": "facebok"}, "platform='facebok'"),
        ({"container": "crowd"}, "container='crowd'"),
        ({"path": "no/such/folder/x.csv"}, "a file in a folder that exists"),
        ({"path": ""}, "a file in a folder that exists"),
        ({"workspace": None}, "the workspace that the keys of the members come from"),
        ({"audience": [1]}, "a result, its members"),
        ({"audience": pd.DataFrame({"who": ["A"]})}, "a frame with the columns who"),
        ({"audience": keys("Q1")}, "keys of people, opportunities, buying groups or accounts"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_written(ws, tmp_path, options, said):
    given = {"audience": keys("A"), "platform": "meta", "path": tmp_path / "x.csv",
             "workspace": ws, **options}  # fmt: skip
    with pytest.raises(ArgumentError, match=said):
        wb.audience_upload(given.pop("audience"), **given)
    assert list(tmp_path.iterdir()) == []


def test_missing_tables_are_said(tmp_path):
    bare = world({"events": [event("A", 1, "lead", "P1")],
                  "accounts": [{"account_id": "A", "name": "A"}]})  # fmt: skip
    with pytest.raises(AbsentError, match="a workspace with a table of people"):
        wb.audience_upload(keys("A"), platform="meta", path=tmp_path / "x.csv", workspace=bare)
    nameless = world({"events": [event("A", 1, "lead", "P1")],
                      "people": [{"person_id": "P1", "account_id": "A"}]})  # fmt: skip
    with pytest.raises(AbsentError, match="with their e-mail addresses"):
        wb.audience_upload(keys("P1"), platform="meta", path=tmp_path / "x.csv", workspace=nameless)
    with pytest.raises(AbsentError, match="a table of accounts"):
        wb.audience_upload(
            keys("P1"), platform="linkedin_companies", path=tmp_path / "x.csv", workspace=nameless
        )


def test_without_a_path_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    frame = pd.DataFrame({"email": ["a@x.example", "b@x.example"]})
    asked = wb.audience_upload(frame, platform="google_ads")
    assert asked.path is None
    assert (asked.written, asked.total) == (2, 2)
    assert "no file was asked for" in repr(asked)
    assert list(tmp_path.iterdir()) == []
