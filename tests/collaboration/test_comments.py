"""Comments: the worked example, mentions, rights, history, places, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

import workbench as wb
from tests.results.makers import MAKERS
from tests.worlds.company import HOSTILE, frames, workspace
from workbench.collaboration.comments import rights, talking
from workbench.collaboration.comments.mentions import Person, mentioned
from workbench.collaboration.comments.model import Anchor
from workbench.collaboration.comments.places import value_at
from workbench.collaboration.sharing.recipients import share_reports
from workbench.collaboration.sharing.teams import make_admin
from workbench.collaboration.store import open_store
from workbench.errors import AbsentError, ArgumentError

PEOPLE = [Person("Mika Sato", "mika@hoshino.example"), Person("Ken Sato", "ken@hoshino.example"),
          Person("Ann-Marie O'Neil", "ann@hoshino.example")]  # fmt: skip


def table(**values):
    """A table of accounts and a number each."""
    return {
        "columns": [{"name": "account", "label": "Account", "kind": "text"},
                    {"name": "mql", "label": "MQL", "kind": "count"}],
        "rows": [[name, value] for name, value in values.items()],
    }  # fmt: skip


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_COLLABORATION", str(tmp_path / "store.db"))
    monkeypatch.setenv("WORKBENCH_USER", "mika")
    return open_store()


@pytest.fixture(scope="module")
def ws():
    users = pd.DataFrame({"user_id": ["1", "2"], "name": ["Mika Sato", "Ken Sato"],
                          "email": ["mika@hoshino.example", None]})  # fmt: skip
    return wb.from_frames(**frames(), users=users, settings={"report_tz": "Asia/Tokyo"})


def at_acme(**more):
    return Anchor("fallout", "Accounts fall out", row="Acme", column="MQL", **more)


def test_the_worked_example(store):
    first = talking.post(store, "weekly", "why?", by="mika", anchor=at_acme(value="7"))
    answer = talking.reply(store, first.id, "because", by="ken")
    general = talking.post(store, "weekly", "good work", by="ken")
    assert (first.id, first.badge, first.anchor.value, general.badge) == ("c1", 1, "7", None)
    [seen, _] = talking.threads(store, "weekly")
    assert seen.shows_badge
    assert [one.id for one in seen.replies] == [answer.id]
    with pytest.raises(ArgumentError, match="reply"):
        talking.resolve(store, answer.id, by="mika")
    talking.resolve(store, first.id, by="ken")
    assert [one.id for one in talking.threads(store, "weekly", resolved=False)] == [general.id]
    assert not talking.threads(store, "weekly")[0].shows_badge
    talking.resolve(store, first.id, by="ken", on=False)
    # Acme leaves the top five: the place is gone, what stood there is kept.
    [seen, _] = talking.threads(store, "weekly")
    assert value_at(table(Beta=3), seen.anchor) is None
    assert (seen.anchor.value, value_at(table(Acme=9), seen.anchor)) == ("7", "9")
    assert talking.delete(store, first.id, by="mika") == 2
    assert [one.id for one in talking.threads(store, "weekly")] == [general.id]
    with pytest.raises(AbsentError):
        store.get("comments", answer.id, removed=True)


def test_badges_are_numbered_in_the_order_of_creation_per_report(store):
    made = [talking.post(store, p, "x", by="mika", anchor=Anchor("flow")).badge for p in "aba"]
    assert made == [1, 1, 2]
    talking.delete(store, "c1", by="mika")
    assert talking.post(store, "a", "x", by="mika", anchor=Anchor("flow")).badge == 3


def test_a_badge_is_placed_later_moved_hidden_and_taken_away(store):
    made = talking.post(store, "weekly", "x", by="mika")
    placed = talking.place(store, made.id, at_acme(), by="mika")
    assert placed.badge == 1
    assert talking.place(store, made.id, Anchor("flow"), by="mika").badge == 1
    assert not talking.hide_badge(store, made.id, by="mika").shows_badge
    assert talking.place(store, made.id, None, by="mika").badge is None
    assert len(talking.threads(store, "weekly")) == 1
    with pytest.raises(ArgumentError, match="only its author"):
        talking.place(store, made.id, Anchor("flow"), by="ken")


def test_likes_count_once_a_person(store):
    made = talking.post(store, "weekly", "x", by="mika")
    assert talking.like(store, made.id, by="ken")
    assert not talking.like(store, made.id, by="ken")
    assert talking.threads(store, "weekly")[0].likes == ("ken",)
    assert talking.like(store, made.id, by="ken", on=False)
    assert talking.threads(store, "weekly")[0].likes == ()


def test_editing_keeps_what_was_said_and_only_the_author_may(store):
    made = talking.post(store, "weekly", "first", by="mika")
    talking.edit(store, made.id, "second", by="mika", version=1)
    with pytest.raises(ArgumentError, match="who alone may edit"):
        talking.edit(store, made.id, "third", by="ken")
    with pytest.raises(ArgumentError, match="after you read it"):
        talking.edit(store, made.id, "third", by="mika", version=1)
    talking.resolve(store, made.id, by="ken")
    assert [one["text"] for one in talking.history(store, made.id)] == ["first", "second"]
    assert talking.threads(store, "weekly")[0].edited


def test_quoting_repeats_what_is_answered(store):
    made = talking.post(store, "weekly", "a" * 400, by="mika")
    answer = talking.reply(store, made.id, "yes", by="ken", quote=True)
    assert answer.quote.startswith("mika: aaa")
    assert len(answer.quote) < 300
    again = talking.reply(store, answer.id, "no", by="mika")
    assert again.thread == made.id


@pytest.mark.parametrize("text", ["", " \n", None, 7, "x" * 15_001])
def test_texts_that_cannot_be(store, text):
    with pytest.raises(ArgumentError, match="1 to 15,000 characters"):
        talking.post(store, "weekly", text, by="mika")
    assert talking.threads(store, "weekly") == []


def test_the_longest_text_is_kept_whole(store):
    made = talking.post(store, "weekly", "\U0001f600" * 15_000, by="mika")
    assert len(talking.threads(store, "weekly")[0].text) == len(made.text) == 15_000


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@mika look", ["Mika Sato"]), ("for @Ken, and @MIKA.", ["Ken Sato", "Mika Sato"]),
        ("@ken@hoshino.example", ["Ken Sato"]), ('@"Ken Sato" see', ["Ken Sato"]),
        ("@mika @mika", ["Mika Sato"]), ("write to ken@hoshino.example", []), (r"\@nobody", []),
        ("@Ann-Marie", ["Ann-Marie O'Neil"]), ("no sign", []),
    ],
)  # fmt: skip
def test_mentions(text, names):
    assert [person.name for person in mentioned(text, PEOPLE)] == names


@pytest.mark.parametrize(("text", "said"), [("@nobody", "Nobody here"), ("@sato", "may be Ken")])
def test_a_mention_of_nobody_or_of_two_is_a_sentence_and_nothing_is_kept(store, text, said):
    with pytest.raises(ArgumentError, match=said):
        talking.post(store, "weekly", text, by="mika", people=PEOPLE)
    assert talking.threads(store, "weekly") == []


def test_a_mention_leaves_one_notice_also_after_editing(store):
    made = talking.post(store, "weekly", "@ken?", by="mika", people=PEOPLE)
    talking.edit(store, made.id, "@ken!", by="mika", people=PEOPLE)
    [notice] = store.noted("notices")
    assert (notice.of, notice.key, notice.status) == (made.id, "Ken Sato", "new")
    assert notice.content["email"] == "ken@hoshino.example"


def test_owners_moderate_and_switch_comments_off(store):
    made = talking.post(store, "weekly", "x", by="mika")
    with pytest.raises(ArgumentError, match="none named"):
        talking.delete(store, made.id, by="ken")
    listed = wb.comments(workspace(0), project="weekly")
    assert listed.name_owners("weekly", "ken") == ("ken",)
    with pytest.raises(ArgumentError, match="does not own weekly"):
        listed.switch("weekly", on=False)
    listed.switch("weekly", on=False, by="ken")
    for change in (lambda: talking.post(store, "weekly", "y", by="mika"),
                   lambda: talking.reply(store, made.id, "y", by="mika"),
                   lambda: talking.like(store, made.id, by="ken")):  # fmt: skip
        with pytest.raises(ArgumentError, match="switched off for weekly by ken"):
            change()
    listed.switch("weekly", on=True, by="ken")
    assert talking.delete(store, made.id, by="ken") == 1


def test_from_a_notebook(store, ws, monkeypatch):
    fallout = MAKERS["fallout"](("hostile", ws))
    with pytest.raises(ArgumentError, match="the name of a report"):
        wb.comment(ws, text="x")
    monkeypatch.setenv("JPY_SESSION_NAME", "review.ipynb")
    shown = fallout.block()["table"]
    column = shown["columns"][-1]
    made = wb.comment(ws, text=f"@ken why? {HOSTILE[0]}", on=fallout,
                      point={"row": HOSTILE[0], "column": column["label"]})  # fmt: skip
    assert made.project == "review"
    assert made.anchor.visual == "fallout"
    assert made.anchor.value == value_at(shown, made.anchor)
    listed = wb.comments(ws)
    listed.reply("c1", "because", quote=True)
    assert wb.comments(ws).frame["mentions"].tolist() == ["Ken Sato", ""]
    assert "<script" not in wb.comments(ws)._repr_mimebundle_()["text/html"]
    listed.resolve("c1")
    assert repr(wb.comments(ws)) == "Comments: 0 threads (1 settled and hidden)"
    assert len(wb.comments(ws, resolved=True)) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"point": {"row": "Nobody", "column": "reached"}}, {"point": {"cell": 1}}, {"point": 3},
        {"on": None, "visual": "", "point": {"row": "x"}}, {"on": 3}, {"visual": 3}, {"by": " "},
    ],
)  # fmt: skip
def test_places_that_cannot_be(store, ws, bad):
    given = {"on": MAKERS["fallout"](("hostile", ws)), "project": "weekly", "text": "x", **bad}
    with pytest.raises(ArgumentError, match="Allowed"):
        wb.comment(ws, **given)
    assert len(wb.comments(ws, project="weekly")) == 0


def test_who_may_only_read_a_report_sees_and_does_not_write(store):
    made = talking.post(store, "weekly", "x", by="mika")
    share_reports(store, ["weekly"], to=["user:ken"], role="read_only", by="mika")
    with pytest.raises(ArgumentError, match="may read weekly and not comment"):
        talking.reply(store, made.id, "y", by="ken")
    share_reports(store, ["weekly"], to=["user:aoi"], role="edit_original", by="mika")
    assert talking.reply(store, made.id, "y", by="someone").thread == made.id
    assert talking.delete(store, made.id, by="aoi") == 2


def test_only_an_administrator_switches_comments_off_everywhere(store):
    with pytest.raises(ArgumentError, match="administrators"):
        rights.switch(store, "", on=False, by="mika")
    make_admin(store, "mika", by="mika")
    rights.switch(store, "", on=False, by="mika")
    assert not rights.are_open(store, ("weekly",))
    with pytest.raises(ArgumentError, match="switched off for all reports"):
        talking.post(store, "weekly", "x", by="ken")


def test_comments_of_twenty_at_once_have_a_badge_each_and_none_is_lost(store):
    def write(who):
        return talking.post(
            open_store(), "weekly", "x", by=f"w{who}", anchor=Anchor("fallout")
        ).badge  # fmt: skip

    with ThreadPoolExecutor(20) as pool:
        badges = list(pool.map(write, range(20)))
    assert sorted(badges) == list(range(1, 21))
    assert len(talking.threads(store, "weekly")) == 20
