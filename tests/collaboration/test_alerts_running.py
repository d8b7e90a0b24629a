"""Runs: once a period, never lost, said to cron; through real servers and through deaths."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
import yaml

import workbench as wb
from tests.collaboration.alert_worlds import at, definition, world
from tests.collaboration.servers import mail_environment, mail_server, silent_server, web_server
from workbench.cli import main
from workbench.collaboration.alerts import running
from workbench.collaboration.delivery import Parcel
from workbench.errors import ArgumentError

NOW = at("2026-01-07T09:00")


@pytest.fixture(scope="module")
def small():
    return world({"MQL": [40, 50], "SQL": [12, 11]})


@pytest.fixture
def book(tmp_path):
    return wb.alerts(store=tmp_path / "c.db", by="mika")


def fires(**keys):
    return definition(("MQL", "changes_by", "20 %"), ("SQL", "at_least", 12), **keys)


def run(book, small, now=NOW, **given):
    return book.run(now=now, opened=lambda name: small, **{"environment": {}} | given)


def test_a_period_is_evaluated_and_told_once(book, small, tmp_path):
    book.add(fires(to=["file:out"]))
    first = run(book, small, root=tmp_path)
    assert first.exit_code == 1
    assert first.fired == [
        "alert-1 Watch (2026-01-06): MQL: 50 after 40 in the period before; 25 % above."
    ]
    again = run(book, small, now=NOW + timedelta(hours=3), root=tmp_path)
    assert again.exit_code == 0
    assert "done for this period" in again.skipped[0]
    files = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert files == ["alert-1-2026-01-06.html", "alert-1-2026-01-06.md"]
    text = (tmp_path / "out" / files[1]).read_text()
    assert text.startswith("# Watch: MQL 50\n\n2026-01-06\n\n- MQL: 50 after 40")
    assert len((tmp_path / "out" / files[0]).read_bytes()) < 3_000


def test_every_way_out_says_what_it_is(book, small):
    book.add(definition(("MQL", "at_least", 1_000)))
    assert run(book, small).exit_code == 0
    book.add(fires())
    assert run(book, small).exit_code == 1
    book.add(definition(("nothing_of_the_sort", "at_least", 1), name="Typo"))
    broken = run(book, small)
    assert broken.exit_code == 2
    assert "event='nothing_of_the_sort'" in broken.failed[0]
    late = run(book, small, now=at("2026-02-01T09:00"))
    assert late.exit_code == 2
    assert "the data hold nothing of this period" in " ".join(late.failed)


def test_what_could_not_be_evaluated_is_evaluated_when_its_data_have_come(book, small):
    book.add(definition(("MQL", "at_least", 45)))
    waiting = run(book, world({"MQL": [40], "SQL": [12]}))
    assert waiting.exit_code == 2
    assert run(book, small).fired


def test_silence_of_the_data_is_told(book, small):
    book.add(definition(("MQL", "no_data")))
    found = run(book, small, now=at("2026-01-08T09:00"))
    assert found.fired == ["alert-1 Watch (2026-01-07): MQL: the data hold nothing of this period."]


def test_what_became_true_while_nobody_ran_is_told(book):
    ws = world({"MQL": [1, 12, 12, 12]})
    book.add(definition(("MQL", "at_least", 10)))
    assert run(book, ws, now=at("2026-01-09T09:00")).fired
    more = world({"MQL": [1, 12, 12, 12, 12]})
    assert run(book, more, now=at("2026-01-10T09:00")).quiet == [
        "alert-1 Watch (2026-01-09): cooling"
    ]


def test_switched_off_and_expired_alerts_are_silent_until_renewed(book, small):
    record = book.add(fires())
    book.disable(record.id)
    assert "switched off" in run(book, small).skipped[0]
    book.enable(record.id)
    book.change(record.id, expires="2026-01-06")
    assert "expired 2026-01-06" in run(book, small).skipped[0]
    renewed = book.renew(record.id, now=NOW)
    assert renewed.definition["expires"] == "2027-01-07"
    assert run(book, small).fired


def test_renewing_is_one_year_from_today_whatever_the_old_date(book):
    record = book.add(fires(expires="2031-05-05"))
    assert book.renew(record.id, now=at("2028-02-29T10:00")).definition["expires"] == "2029-02-28"


def test_a_new_alert_ends_in_a_year(book):
    record = book.add(fires(), now=NOW)
    assert record.definition["expires"] == "2027-01-07"


def test_alerts_are_copied_listed_exported_and_removed(book, tmp_path):
    first = book.add(fires(tags=["weekly"]))
    second = book.copy(first.id)
    assert second.name == "Watch (Copy)"
    other = wb.alerts(store=tmp_path / "c.db", by="nora")
    other.add(fires(name="Hers"))
    assert book.frame()["name"].tolist() == ["Watch", "Watch (Copy)"]
    assert book.frame(everyone=True)["owner"].tolist() == ["mika", "mika", "nora"]
    path = book.export_csv(tmp_path / "alerts.csv", everyone=True)
    assert path.read_text("utf-8-sig").count("\n") == 4
    book.remove(first.id)
    assert book.frame()["id"].tolist() == [second.id]
    with pytest.raises(ArgumentError, match="alert-1"):
        book.get(first.id)


def test_a_change_of_what_somebody_else_has_changed_is_refused(book):
    record = book.add(fires())
    book.change(record.id, name="New name")
    with pytest.raises(ArgumentError, match="was changed by mika"):
        book.change(record.id, name="Other name", version=record.version)
    assert book.get(record.id).name == "New name"


def test_the_message_arrives_by_mail_and_at_a_web_address(book, small):
    with mail_server() as (box, environment), web_server() as (address, posted):
        book.add(fires(to=["mail:a@example.com", "mail:b@example.com", f"{address}/in"],
                       report="https://reports.example.com/latest.html"))  # fmt: skip
        found = run(book, small, environment=environment)
    assert found.exit_code == 1
    assert len(found.delivered) == 3
    assert [to for to, _ in box.mails] == [["a@example.com"], ["b@example.com"]]
    assert b"Message-ID: <alert-1-2026-01-06@example.com>" in box.mails[0][1]
    body = posted[0][2]
    assert body["key"] == "alert-1-2026-01-06"
    assert body["triggers"][0]["deviation"] == pytest.approx(0.25)
    assert "Report: https://reports.example.com/latest.html" in body["text"]
    assert set(book.deliveries()["status"]) == {"delivered"}


def test_a_server_that_hangs_costs_its_timeout_and_the_message_waits(book, small):
    book.add(fires(to=["mail:a@example.com"]))
    with silent_server() as port:
        environment = mail_environment(port, WORKBENCH_SMTP_TIMEOUT="0.2")
        found = run(book, small, environment=environment)
    assert found.exit_code == 2
    assert found.fired
    assert "did not answer within 0.2 seconds" in found.failed[0]
    with mail_server() as (box, environment):
        later = run(book, small, now=NOW + timedelta(hours=1), environment=environment)
    assert (later.exit_code, len(box.mails)) == (0, 1)
    assert book.deliveries()["attempts"].tolist() == [2]


def test_a_redirect_is_said_once_and_not_tried_again(book, small):
    with web_server() as (address, posted):
        book.add(fires(to=[f"{address}/moved"]))
        assert "which is not followed" in run(book, small).failed[0]
        assert run(book, small).exit_code == 0
    assert len(posted) == 1
    assert book.deliveries()["status"].tolist() == ["failed"]


def test_a_place_that_never_answers_is_given_up(book, small, monkeypatch):
    monkeypatch.setattr(running, "MOST_ATTEMPTS", 3)
    book.add(fires(to=["http://127.0.0.1:9/x"]))
    codes = [run(book, small).exit_code for _ in range(5)]
    assert codes == [2, 2, 2, 0, 0]


def test_messages_of_one_place_come_together_as_a_digest(book, small, tmp_path):
    for name in ("First", "Second"):
        book.add(fires(name=name, to=["file:out"], digest=True))
    run(book, small, root=tmp_path)
    (text,) = (tmp_path / "out").glob("*.md")
    assert text.name.startswith("alerts-")
    said = text.read_text()
    assert said.startswith("# 2 alerts: First: MQL 50; Second: MQL 50")


class Dies(BaseException):
    """As a process that is killed: nothing after it runs."""


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_run_that_dies_around_a_delivery_loses_nothing(book, small, moment, monkeypatch):
    with web_server() as (address, posted):
        book.add(fires(to=[f"{address}/in"]))
        real = running.deliver

        def dying(made: Parcel, *given, **named):
            if moment == "after":
                real(made, *given, **named)
            raise Dies

        with monkeypatch.context() as patch:
            patch.setattr(running, "deliver", dying)
            with pytest.raises(Dies):
                run(book, small)
        assert book.deliveries()["status"].tolist() == ["sending"]
        assert run(book, small).delivered == []  # the other run may be alive
        monkeypatch.setattr(running, "_DEAD_AFTER", timedelta(0))
        assert len(run(book, small).delivered) == 1
        assert run(book, small).delivered == []
    keys = [headers["Idempotency-Key"] for _, headers, _ in posted]
    assert keys == ["alert-1-2026-01-06"] * (2 if moment == "after" else 1)


def test_runs_at_the_same_time_tell_once(tmp_path, small):
    wb.alerts(store=tmp_path / "c.db", by="mika").add(fires())
    with web_server() as (address, posted):
        wb.alerts(store=tmp_path / "c.db").change("alert-1", to=[f"{address}/in"])
        runs: list[running.Run] = []
        threads = [
            threading.Thread(target=lambda: runs.append(
                run(wb.alerts(store=tmp_path / "c.db"), small)))
            for _ in range(4)
        ]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sum(len(r.fired) for r in runs) == 1
    assert len(posted) == 1


def test_a_process_killed_at_any_moment_leaves_a_store_that_goes_on(tmp_path, small):
    """Two processes are killed at different moments; afterwards every message has arrived."""
    with web_server() as (address, posted):
        book = wb.alerts(store=tmp_path / "c.db", by="mika")
        for n in range(8):
            book.add(fires(name=f"A{n}", to=[f"{address}/{n}"]))
        code = (
            "import sys; sys.path.insert(0, sys.argv[2]); import workbench as wb\n"
            "from tests.collaboration.test_alerts_running import NOW, world\n"
            "ws = world({'MQL': [40, 50], 'SQL': [12, 11]}); print('ready', flush=True)\n"
            "wb.alerts(store=sys.argv[1]).run(now=NOW, opened=lambda n: ws, environment={})\n"
        )
        root = str(Path.cwd())
        for wait in (0.02, 0.12):
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(tmp_path / "c.db"), root],
                stdout=subprocess.PIPE, cwd=root,
            )  # fmt: skip
            process.stdout.readline()
            threading.Event().wait(wait)
            process.send_signal(signal.SIGKILL)
            process.wait()
            process.stdout.close()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(running, "_DEAD_AFTER", timedelta(0))
            run(book, small)
    keys = [body["key"] for _, _, body in posted]
    assert set(keys) == {f"alert-{n}-2026-01-06" for n in range(1, 9)}
    assert set(book.deliveries()["status"]) == {"delivered"}
    assert len(book.store.noted("alert_runs")) == 8


HOSTILE = "<script>alert(1)</script> [x](http://evil.example) **b**\r\nBcc: x@example.com"


def test_hostile_names_are_text_everywhere(book, small, tmp_path):
    trigger = {"metric": {"event": "MQL", "label": HOSTILE}, "when": "at_least", "value": 1}
    with mail_server() as (box, environment):
        to = ["mail:a@example.com", "file:out"]
        more = {"description": HOSTILE, "report": '"><script>', "to": to}
        book.add(definition(triggers=[trigger], name=HOSTILE, **more))
        run(book, small, root=tmp_path, environment=environment)
    page = next((tmp_path / "out").glob("*.html")).read_text()
    assert "<script" not in page
    assert 'href="' not in page
    text = next((tmp_path / "out").glob("*.md")).read_text()
    assert "](http://evil" not in text.partition("\n")[2].replace("\\]", "")
    assert message_from_bytes(box.mails[0][1])["Bcc"] is None


def test_the_command_line_from_file_to_exit_code(tmp_path, capsys, monkeypatch):
    import pandas as pd

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    days = pd.to_datetime(["2026-01-05T12:00Z"] * 40 + ["2026-01-06T12:00Z"] * 50)
    pd.DataFrame({"account_id": "A", "occurred_at": days, "event": "MQL"}).to_csv(
        tmp_path / "events.csv", index=False
    )
    (tmp_path / "small.yaml").write_text(
        "name: small\nroot: .\nreport_tz: UTC\nsource_tz: UTC\n"
        "tables:\n  web_events: {file: events.csv}\n"
    )
    alert = definition(("MQL", "changes_by", "20 %"), to=["file:out"], workspace="small.yaml")
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"alerts": [alert]}))

    def said(*arguments):
        code = main(["alerts", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    assert said("add", "a.yaml") == (0, "alert-1  Watch\n")
    assert said("add", "a.yaml", "--unchecked") == (0, "alert-1  Watch\n")
    (tmp_path / "b.yaml").write_text(yaml.safe_dump(alert | definition(
        ("MQLS", "at_least", 1), workspace="small.yaml")))  # fmt: skip
    assert said("add", "b.yaml")[0] == 2
    assert said("preview", "a.yaml", "--periods", "1")[1].startswith(
        "Watch: Would have fired 1 time in the last 1 days."
    )
    assert said("list")[1] == "alert-1  on  Watch  day  MQL: changes by 20 %\n"
    assert said("list", "--csv", "l.csv")[0] == 0
    code, text = said("run", "--now", "2026-01-07T09:00+00:00")
    assert code == 1, text
    assert "1 fired, 0 quiet, 0 not due, 0 failed." in text
    assert said("run", "--now", "2026-01-07T09:00+00:00", "--quiet") == (0, "")
    assert "delivered  file:out" in said("sent")[1]
    assert said("run", "--now", "2026-03-07T09:00+00:00")[0] == 2
    assert said("run", "alert-9")[0] == 2
    assert said("run", "--now", "yesterday")[0] == 2
    assert said("renew", "alert-1")[1].startswith(f"alert-1  Watch  {datetime.now(UTC).year + 1}")
    assert said("disable", "alert-1")[0] == 0
    assert "alert-1  off" in said("list")[1]
    assert yaml.safe_load(said("show", "alert-1")[1])["enabled"] is False
    assert said("copy", "alert-1")[1].startswith("alert-2  Watch (Copy)")
    assert said("remove", "alert-1", "alert-2")[0] == 0
    assert "no alerts of yours" in said("list")[1]


def test_a_bug_in_one_metric_silences_no_other_and_is_no_firing(book, small, monkeypatch):
    from workbench.collaboration.alerts import evaluating

    real = evaluating.read

    def broken(ws, metric, *given, **named):
        if metric.label == "SQL":
            raise ZeroDivisionError("division by zero")
        return real(ws, metric, *given, **named)

    monkeypatch.setattr(evaluating, "read", broken)
    book.add(definition(("SQL", "at_least", 1), name="Broken"))
    book.add(definition(("MQL", "at_least", 1)))
    found = run(book, small)
    assert found.failed == ["alert-1 Broken: ZeroDivisionError: division by zero"]
    assert len(found.fired) == 1

    def dead():
        raise MemoryError("no memory")

    assert running.run_safely(dead).exit_code == 2


def test_a_store_that_cannot_be_opened_is_exit_code_2(tmp_path, capsys):
    (tmp_path / "c.db").write_text("no database, but long enough to be one " * 40)
    assert main(["alerts", "run", "--store", str(tmp_path / "c.db")]) == 2
    assert "no store of this workbench" in capsys.readouterr().out
