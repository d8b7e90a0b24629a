"""Contact data of expired leads stand nowhere: planted strings are searched on every surface."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pandas as pd
import pytest

import workbench as wb
from tests.leads.worlds import frame, lead, world
from workbench.leads.presets import PRESETS
from workbench.reports.run import run_reports

SECRETS = {
    "contact_first_name": "Zanzibar", "contact_last_name": "Quixotic", "title": "Chief Plumbus",
    "email": "zq.hidden@planted.example", "phone": "+49 30 98765432",
}  # fmt: skip
SHOWN = {
    "contact_first_name": "Openly", "contact_last_name": "Visible", "title": "Head of Light",
    "email": "openly.visible@planted.example", "phone": "+49 30 11223344",
}  # fmt: skip
WORDS = (*SECRETS.values(), "98765432", "zq.hidden")


def planted() -> list[dict]:
    """Expired leads of every kind, one that informs past its retention, and one that is shown."""
    return [
        lead("gone", "06-01", "contact_me", email_validity="valid", **SECRETS),
        lead("gone-profile", "06-02", contact_requested=True, **SECRETS),
        lead("gone-told", "06-03", status="Closed", substatus="Expired", **SECRETS),
        lead("aged", "2023-01-01T00:00", "get_it_now", **SECRETS),
        lead("shown", "06-19", "contact_me", email_validity="valid", contact_requested=True,
             **SHOWN),
    ]  # fmt: skip


ACCOUNTS = pd.DataFrame({"account_id": ["A1"], "name": ["Planted"], "domain": ["planted.example"]})
PEOPLE = pd.DataFrame({"person_id": ["P1"], "account_id": ["A1"], "email": [SECRETS["email"]]})


@pytest.fixture(scope="module")
def ws():
    return world(planted(), accounts=ACCOUNTS, people=PEOPLE)


def shown_of(result) -> str:
    """Everything that a result shows, embeds or hands over."""
    bundle = json.dumps(result._repr_mimebundle_(), default=str)
    return bundle + result.explain() + str(result.frame.to_dict()) + json.dumps(
        dict(result.definition), default=str
    )  # fmt: skip


def holds_secrets(text: str) -> list[str]:
    folded = text.casefold()
    return [word for word in WORDS if word.casefold() in folded]


@pytest.mark.parametrize("as_of", [None, "2024-06-04"])
def test_nothing_that_is_shown_or_written_holds_them(ws, tmp_path, as_of):
    asked, funnel = wb.partner_leads(ws, as_of=as_of), wb.lead_funnel(ws, by="offer", as_of=as_of)
    texts = [shown_of(asked), shown_of(funnel), json.dumps(asked.chart().to_dict(), default=str)]
    tables = [asked.duplicates, asked.checks, asked.crm, asked.notices(), funnel.reasons]
    tables += [funnel.members("received"), asked.members("expired"), asked.table_frame()]
    texts += [table.to_csv() for table in tables]
    texts.append(json.dumps(asked.to_answer()._repr_mimebundle_(), default=str))
    asked.export(tmp_path / "all.csv")
    asked.save_notices(tmp_path / "told", recipients=[{"name": "A", "email": "a@partner.example"}])
    for crm in PRESETS:
        asked.export_crm(tmp_path / f"{crm}.csv", crm=crm, contactable_only=False)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 12
    texts += [path.read_text("utf-8-sig") for path in written]
    assert [holds_secrets(text) for text in texts] == [[]] * len(texts)
    if as_of is None:
        # What is to be shown is there, so the search would have found the rest.
        assert all(word in texts[0] for word in SHOWN.values())


def test_nobody_finds_a_lead_by_them(ws):
    for word in WORDS:
        assert wb.partner_leads(ws, where={"search": word}).frame.empty
    found = wb.partner_leads(ws, where={"search": "openly visible"}).frame["lead_id"]
    assert found.tolist() == ["shown"]


def test_the_form_shows_none_of_them(ws, tmp_path):
    form = wb.decide_leads(ws, log=tmp_path / "log.jsonl", as_of="2024-06-20T12:00:00+00:00")
    form._which.value = "all"
    told = []
    for _, key in form._lead.options:
        form._lead.value = key
        for _, decision in form._decision.options:
            form._decision.value = decision
            told.append(form._known.value + str([c.value for c in form._controls.values()]))
    told.append(str(form._lead.options) + repr(form))
    assert len(told) > 8
    assert [holds_secrets(text) for text in told] == [[]] * len(told)
    assert any("Head of Light" in text for text in told)


def test_the_page_embeds_none_of_them(tmp_path, monkeypatch):
    table = frame(planted())
    table.to_csv(tmp_path / "leads.csv", index=False)
    ACCOUNTS.to_csv(tmp_path / "accounts.csv", index=False)
    PEOPLE.to_csv(tmp_path / "people.csv", index=False)
    (tmp_path / "ours.yaml").write_text(
        "name: ours\ntables:\n  partner_leads: {file: leads.csv}\n"
        "  accounts: {file: accounts.csv}\n  people: {file: people.csv}\n",
        "utf-8",
    )
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    outcome = run_reports(
        ["partner_leads"], workspace=str(tmp_path / "ours.yaml"), data=str(tmp_path),
        as_of="2024-06-20", out=tmp_path / "out", now=lambda: datetime(2024, 6, 21, tzinfo=UTC),
    )  # fmt: skip
    assert outcome.ok
    pages = [path.read_text("utf-8") for path in (tmp_path / "out").rglob("*.html")]
    assert len(pages) >= 2
    assert any("openly.visible@planted.example" in page for page in pages)
    assert [holds_secrets(page) for page in pages] == [[]] * len(pages)
