"""Who may do what with a report: the worked test of section 4, and every rule beside it."""

from __future__ import annotations

import itertools
import threading
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.collaboration import sharing
from workbench.collaboration.sharing import links, roles
from workbench.collaboration.store import open_store
from workbench.errors import AbsentError, ArgumentError

DAY = date(2026, 3, 2)


@pytest.fixture
def store(tmp_path):
    made = open_store(tmp_path / "collaboration.db")
    yield made
    made.close()


@pytest.fixture
def house(store):
    """An administrator, a group, a report that its owner shared."""
    sharing.make_admin(store, "ada", by="ada")
    sharing.set_group(store, "Sales", ["mika", "noor"], by="ada")
    sharing.set_group(store, "Board", ["olga"], by="ada")
    sharing.share_reports(store, ["weekly"], to=["group:Sales"], role="Read only", by="mika")
    return store


# The worked test of collaboration.md, 4.


def test_a_user_in_a_group_and_alone_has_the_higher_role(house):
    assert sharing.role_of(house, "weekly", "noor").role == "read_only"
    sharing.share_reports(house, ["weekly"], to=["noor"], role="edit_copy", by="mika")
    held = sharing.role_of(house, "weekly", "noor")
    assert held.role == "edit_copy"
    assert held.why == "Edit copy through user:noor"


def test_an_administrator_with_a_lower_role_has_it_until_he_raises_himself(house):
    sharing.share_reports(house, ["weekly"], to=["ada"], role="read_only", by="mika")
    assert sharing.role_of(house, "weekly", "ada").role == "read_only"
    with pytest.raises(ArgumentError, match="ada may not do this with weekly: Read only"):
        sharing.save_settings(house, "weekly", {}, by="ada", version=0)
    assert sharing.take_up_role(house, "weekly", by="ada").role == "edit_original"
    assert sharing.role_of(house, "weekly", "ada").role == "edit_original"
    assert sharing.save_settings(house, "weekly", {"top": 5}, by="ada", version=0) == 1


def test_a_link_without_a_role_gives_edit_copy_and_administrators_edit_original(house):
    assert sharing.role_of(house, "weekly", "guest", by_link=True).role == "edit_copy"
    assert sharing.role_of(house, "weekly", "ada", by_link=True).role == "edit_original"
    assert sharing.role_of(house, "weekly", "guest").role == "none"
    assert sharing.role_of(house, "weekly", "noor", by_link=True).role == "read_only"


def test_sharing_several_reports_adds_recipients(store):
    sharing.share_reports(store, ["P"], to=["u1", "u2"], role="edit_copy", by="mika")
    sharing.share_reports(store, ["Q"], to=["u3"], role="read_only", by="mika")
    made = sharing.share_reports(store, ["P", "Q"], to=["u2", "u5"], role="read_only", by="mika")
    assert made == {"P": ["user:u1", "user:u2", "user:u5"], "Q": ["user:u2", "user:u3", "user:u5"]}
    assert sharing.recipients_of(store, "P")["user:u2"] == "edit_copy"  # nobody loses a role


# Roles.


@settings(max_examples=40)
@given(st.lists(st.sampled_from(list(roles.ROLES))))
def test_the_highest_role_is_that_of_which_all_others_can_less(chosen):
    top = roles.highest(chosen)
    assert all(set(roles.ACTIONS[one]) <= set(roles.ACTIONS[top]) for one in chosen)


def test_what_each_role_can():
    assert all(roles.may("read_only", a) for a in ("sort_tables", "hover", "collapse", "download"))
    assert not any(
        roles.may("read_only", a)
        for a in ("panel_dates", "segments", "settings", "save", "comment")
    )
    assert roles.may("edit_copy", "save_as")
    assert not roles.may("edit_copy", "save")
    assert roles.may("edit_original", "change_recipients")
    assert not roles.may("none", "see")
    with pytest.raises(ArgumentError, match="download"):
        roles.may("read_only", "downlod")


def test_the_owner_and_only_who_may_changes_recipients(house):
    assert sharing.role_of(house, "weekly", "mika").why == "mika owns it"
    with pytest.raises(ArgumentError, match="Ask mika"):
        sharing.share_reports(house, ["weekly"], to=["guest"], role="read_only", by="noor")
    sharing.share_reports(house, ["weekly"], to=["noor"], role="edit", by="mika")
    sharing.share_reports(house, ["weekly"], to=["guest"], role="read", by="noor")
    assert sharing.stop_sharing(house, "weekly", to=["guest"], by="noor") == [
        "group:Sales", "user:noor",
    ]  # fmt: skip
    assert sharing.role_of(house, "weekly", "guest").role == "none"


def test_groups_administrators_any_others_their_own_and_never_all(house):
    with pytest.raises(ArgumentError, match="is a member"):
        sharing.share_reports(house, ["weekly"], to=["group:Board"], role="read", by="mika")
    for name in ("group:All", "group:all"):
        with pytest.raises(ArgumentError, match="administrators may share"):
            sharing.share_reports(house, ["weekly"], to=[name], role="read", by="mika")
    with pytest.raises(ArgumentError, match="group:Sales"):
        sharing.share_reports(house, ["weekly"], to=["group:Sale"], role="read", by="mika")
    sharing.take_up_role(house, "weekly", by="ada")
    sharing.share_reports(house, ["weekly"], to=["group:All"], role="read", by="ada")
    assert sharing.role_of(house, "weekly", "anybody").role == "read_only"


def test_only_administrators_make_groups_and_the_last_one_stays(house):
    with pytest.raises(ArgumentError, match="Only administrators"):
        sharing.set_group(house, "Own", ["mika"], by="mika")
    with pytest.raises(ArgumentError, match="last administrator"):
        sharing.make_admin(house, "ada", by="ada", is_admin=False)
    with pytest.raises(ArgumentError, match="other than All"):
        sharing.set_group(house, "all", ["mika"], by="ada")


@pytest.mark.parametrize(
    "call",
    [
        {"reports": []}, {"reports": "weekly"}, {"reports": ["../x"]}, {"reports": ["a/b"]},
        {"reports": [".hidden"]}, {"to": []}, {"to": "mika"}, {"to": ["\x00"]}, {"to": [" "]},
        {"to": ["x" * 300]}, {"role": "boss"},
    ],
)  # fmt: skip
def test_what_cannot_be_shared_is_refused_and_nothing_kept(store, call):
    asked = {"reports": ["weekly"], "to": ["noor"], "role": "read_only", **call}
    with pytest.raises(ArgumentError):
        sharing.share_reports(store, asked["reports"], to=asked["to"], role=asked["role"], by="m")
    assert store.find("shares") == []


# Saves that meet.


def test_a_save_names_who_saved_in_between(store):
    first = sharing.save_settings(store, "weekly", {"top": 5}, by="mika", version=0)
    sharing.share_reports(store, ["weekly"], to=["noor"], role="edit", by="mika")
    second = sharing.save_settings(store, "weekly", {"top": 6}, by="noor", version=first)
    with pytest.raises(ArgumentError, match=r"saved by noor on .* \(version 1, now 2\)"):
        sharing.save_settings(store, "weekly", {"top": 7}, by="mika", version=first)
    assert sharing.settings_of(store, "weekly") == ({"top": 6}, second)
    with pytest.raises(ArgumentError):
        sharing.save_settings(store, "weekly", {"top": 8}, by="mika", version=0)


def test_of_twenty_saves_at_once_one_is_kept_and_the_others_are_told(store):
    version = sharing.save_settings(store, "weekly", {"n": -1}, by="mika", version=0)
    done, told = [], []

    def save(number):
        try:
            sharing.save_settings(store, "weekly", {"n": number}, by="mika", version=version)
            done.append(number)
        except ArgumentError as refused:
            told.append(str(refused))

    threads = [threading.Thread(target=save, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(done), len(told)) == (1, 19)
    assert all("nothing was overwritten" in text for text in told)
    assert sharing.settings_of(store, "weekly") == ({"n": done[0]}, version + 1)


# Links for anyone.


def give(store, **more):
    return sharing.give_link(store, "weekly", by="mika", today=DAY, **more)


def test_a_renewed_link_kills_the_old_one(store):
    first = give(store)
    assert (first.state, first.expires, first.owner) == ("on", DAY + timedelta(30), "mika")
    assert links.is_token(first.token)
    assert give(store, expires="2026-12-31").token == first.token  # only the day is new
    second = give(store, renew=True)
    assert second.token != first.token
    assert second.ended == (first.token,)


def test_a_link_that_was_switched_off_is_dead_and_stays_so(store):
    first = give(store)
    assert sharing.end_link(store, "weekly", by="mika", today=DAY).state == "off"
    with pytest.raises(ArgumentError, match="switched off"):
        links.usable(sharing.link_of(store, "weekly", today=DAY))
    assert give(store).token != first.token
    assert first.token in sharing.link_of(store, "weekly", today=DAY).ended


def test_a_link_expires_and_ends_with_the_account_of_its_owner(store):
    link = give(store, expires=DAY)
    assert sharing.link_of(store, "weekly", today=link.expires).state == "on"
    late = sharing.link_of(store, "weekly", today=link.expires + timedelta(1))
    assert late.state == "expired"
    sharing.make_admin(store, "ada", by="ada")
    sharing.disable_user(store, "mika", by="ada")
    assert sharing.link_of(store, "weekly", today=DAY).state == "owner_disabled"
    with pytest.raises(ArgumentError, match="disabled"):
        links.usable(sharing.link_of(store, "weekly", today=DAY))


def test_forbidden_links_stop_and_are_not_restored(house):
    first = sharing.give_link(house, "weekly", by="mika", today=DAY)
    with pytest.raises(ArgumentError, match="Only administrators"):
        sharing.forbid_links(house, by="mika")
    assert sharing.forbid_links(house, by="ada") == ["weekly"]
    with pytest.raises(ArgumentError, match="forbidden"):
        give(house)
    sharing.allow_links(house, by="ada")
    assert sharing.link_of(house, "weekly", today=DAY).state == "forbidden"
    assert give(house).token != first.token


@pytest.mark.parametrize("expires", ["2026-03-01", "2028-01-01", "soon", "31.12.2026"])
def test_a_day_that_is_past_or_too_far_is_refused(store, expires):
    with pytest.raises(ArgumentError, match="2027-03-03"):
        give(store, expires=expires)
    with pytest.raises(AbsentError, match="no link"):
        sharing.link_of(store, "weekly")


def test_only_who_may_gives_a_link(house):
    with pytest.raises(ArgumentError, match="noor may not"):
        sharing.give_link(house, "weekly", by="noor", today=DAY)
    give(house)
    with pytest.raises(ArgumentError, match="noor may not"):
        sharing.end_link(house, "weekly", by="noor")


@pytest.mark.parametrize("text", ["../../etc/passwd", "a", "", "x" * 60, "a b" * 10, "é" * 24])
def test_a_token_can_be_nothing_but_a_file_name(text):
    assert not links.is_token(text)


# What readers see.


def test_used_parts_are_seen_others_may_be_added_and_removed(house):
    used = ["fallout", "trend", "owners"]
    seen = sharing.choose_parts(
        house, "weekly", by="mika", add=["medical"], remove=["owners"], used=used
    )
    assert seen == ["fallout", "trend", "medical"]

    def parts(role, **more):
        return sharing.parts_for(house, "weekly", role=role, used=used, **more)

    assert parts("edit_copy", own=["mine"]) == [*seen, "mine"]
    assert parts("edit_original", every=["spare"]) == [*used, "medical", "spare"]
    assert parts("none") == []
    sharing.choose_parts(house, "weekly", by="mika", hide=["trend"], used=used)
    assert "trend" not in parts("edit_original")
    assert "trend" in parts("read_only", is_admin=True)
    again = sharing.choose_parts(house, "weekly", by="mika", add=["owners", "trend"], used=used)
    assert again == [*used, "medical"]
    with pytest.raises(ArgumentError):
        sharing.choose_parts(house, "weekly", by="noor", remove=["trend"])
    with pytest.raises(ArgumentError, match="removed too"):
        sharing.choose_parts(house, "weekly", by="mika", add=["x"], hide=["x"])


def test_comments_and_sharing_know_one_owner(house):
    from workbench.collaboration.comments.rights import owners

    with house.reading() as now:
        assert owners(now, "weekly") == ("mika",)


def test_roles_of_every_combination_are_never_lower_than_the_best_of_them(house):
    every = list(roles.ROLES)
    for number, (alone, group) in enumerate(itertools.product(every, every)):
        report = f"r{number}"
        sharing.share_reports(house, [report], to=["group:Sales"], role=group, by="mika")
        sharing.share_reports(house, [report], to=["noor"], role=alone, by="mika")
        held = sharing.role_of(house, report, "noor").role
        assert held == roles.highest([alone, group])
