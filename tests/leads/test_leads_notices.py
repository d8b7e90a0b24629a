"""Messages about new leads: how many a day, what stands in them, and what never does."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

import workbench as wb
from tests.leads.worlds import at, lead, world
from tests.worlds.company import HOSTILE
from workbench.errors import ArgumentError


def arrivals(*times: str, kind: str = "contact_me") -> list[dict]:
    return [lead(f"L{n:02d}", time, kind) for n, time in enumerate(times)]


def test_up_to_ten_a_day_are_told_one_by_one():
    rows = arrivals(*["06-01T10:00"] * 10, *["06-02T10:00"] * 11)
    told = wb.partner_leads(world(rows)).notices()
    first, second = told.iloc[:10], told.iloc[10:]
    assert set(first["kind"]) == {"single"}
    assert first["count"].sum() == 10
    assert second[["kind", "count"]].to_numpy().tolist() == [["digest", 11]]
    stream = wb.partner_leads(world(rows)).notices(streaming=True)
    assert stream["count"].tolist() == [1] * 20 + [1]
    assert stream["kind"].tolist() == ["single"] * 20 + ["digest"]
    assert sorted(key for keys in told["lead_ids"] for key in keys) == sorted(
        row["lead_id"] for row in rows
    )


def test_days_are_those_of_the_reporting_zone():
    asked = wb.partner_leads(world(arrivals("06-01T15:30"), settings={"report_tz": "Asia/Tokyo"}))
    assert str(asked.notices()["day"].iloc[0]) == "2024-06-02"


def test_only_contact_me_leads_are_told():
    asked = wb.partner_leads(world(arrivals("06-19", kind="profile")))
    assert asked.notices().empty


def test_files_hold_no_contact_data_and_can_be_read(tmp_path):
    rows = [{**lead("L1", "06-19T10:00", "contact_me", contact_requested=True),
             "customer_name": "Böhm; | <b>x</b>\r\nBcc: all@example.com"}]  # fmt: skip
    asked = wb.partner_leads(world(rows))
    files = {file.suffix: file for file in asked.save_notices(tmp_path / "out")}
    assert sorted(files) == [".eml", ".ics", ".md"]
    mail = message_from_bytes(files[".eml"].read_bytes(), policy=policy.default)
    assert mail["Subject"] == "1 new lead, 1 hot"
    assert mail["Bcc"] is None
    text = mail.get_content()
    assert "Böhm; \\| \\<b\\>x\\</b\\> Bcc: all@example.com" in text
    everything = b"".join(file.read_bytes() for file in files.values())
    for secret in (b"l1@example.com", b"Person L1", b"1234567", b"Head of"):
        assert secret not in everything
    calendar = files[".ics"].read_bytes().decode("utf-8")
    # 48 hours after the arrival, and 48 hours before the expiry 14 days after it
    assert "DTSTART:20240621T100000Z" in calendar
    assert "DTSTART:20240701T100000Z" in calendar
    assert "\\; | <b>" in calendar
    assert at("06-19T10:00").year == 2024


def test_hostile_names_are_folded_and_written(tmp_path):
    rows = [lead(f"L{n}", "06-19", "contact_me", customer_name=name)
            for n, name in enumerate(HOSTILE)]  # fmt: skip
    files = wb.partner_leads(world(rows)).save_notices(tmp_path)
    calendar = next(file for file in files if file.suffix == ".ics").read_bytes()
    lines = calendar.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert HOSTILE[6].encode() in calendar.replace(b"\r\n ", b"")
    assert not list(tmp_path.glob("*.part"))


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("x", "utf-8")
    with pytest.raises(ArgumentError, match="can be written"):
        wb.partner_leads(world(arrivals("06-19"))).save_notices(tmp_path / "file")
