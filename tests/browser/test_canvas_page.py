"""The page of the canvas editor beside a desk: keys, messages on their way, and what goes wrong."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

import workbench as wb
from tests.browser.canvas_page import Shown
from tests.widgets.worlds import HOSTILE, company
from workbench.widgets.canvas_editor.desk import Desk
from workbench.widgets.canvas_editor.sketch import Sketch
from workbench.widgets.canvas_editor.texts import Kept

pytestmark = pytest.mark.browser

WALK = {"nodes": {"a": "a", "b": "b"}, "arrows": [["a", "b"]]}
ANSWER = "content => window.ask(content).then(([p, a]) => window.told(p, a))"


@pytest.fixture(scope="module")
def world() -> wb.Workspace:
    return company()


@pytest.fixture
def shown(watched, world, request) -> Shown:
    graph = getattr(request, "param", WALK)
    out = Shown(watched.page, Desk(world, Sketch.of(graph), Kept(None)))
    expect(watched.page.locator(".wbc-item")).to_have_count(3)
    return out


def sent(shown: Shown) -> list[dict]:
    return shown.page.evaluate("() => window.sent.splice(0)")


def test_everything_works_with_keys(shown, watched):
    page, keys = shown.page, shown.page.keyboard
    page.locator(".wbc-stage").focus()
    keys.press("/")
    keys.type("SCRIPT")
    expect(page.locator(".wbc-item")).to_have_count(1)
    for key in ("ArrowDown", "Enter", "Enter"):
        keys.press(key)
    expect(page.locator(".wbc-node")).to_have_count(3)
    page.locator(".wbc-stage").focus()
    keys.press("Tab")
    expect(page.locator('[data-node="a"]')).to_be_focused()
    expect(page.locator(".wbc-tip")).to_contain_text("40 of 40 accounts")
    keys.press("Tab")
    keys.press("l")
    keys.type("5d")
    keys.press("Enter")
    expect(page.locator(".wbc-label").first).to_contain_text("within 5 days")
    page.locator('[data-node="b"]').focus()
    keys.press("c")
    keys.press("ArrowDown")
    keys.press("Enter")
    expect(page.locator(".wbc-label")).to_have_count(2)
    keys.press("F2")
    keys.type("Second")
    keys.press("Enter")
    expect(page.locator('[data-node="b"] .wbc-name')).to_have_text("Second")
    before = shown.desk.sketch.graph["places"]["b"]
    page.locator('[data-node="b"]').focus()
    keys.press("ArrowRight")
    keys.press("Shift+ArrowDown")
    page.wait_for_function("() => window.model.get('picture').undo")
    expect(page.locator('[data-node="b"]')).to_have_css("left", f"{before[0] + 16}px")
    keys.press("Shift+F10")
    page.get_by_role("menuitem", name="Exclude who comes here").press("Enter")
    expect(page.locator('[data-node="b"]')).to_have_class(re.compile("wbc-excluded"))
    assert shown.desk.sketch.graph["places"]["b"] == [before[0] + 16, before[1] + 64]
    page.locator('[data-node="b"]').focus()
    keys.press("Delete")
    expect(page.locator(".wbc-node")).to_have_count(2)
    keys.press("Control+z")
    expect(page.locator(".wbc-node")).to_have_count(3)
    keys.press("Control+y")
    expect(page.locator(".wbc-node")).to_have_count(2)
    assert watched.complaints == []


def test_one_message_is_on_its_way_and_the_latest_question_wins(shown):
    page = shown.page
    sent(shown)
    page.evaluate("() => { window.answering = false; }")
    page.locator(".wbc-find").press_sequentially("scr")
    page.get_by_role("button", name="Tidy").click()
    page.locator('[data-node="b"]').focus()
    page.keyboard.press("Delete")
    (first,) = sent(shown)
    assert first["ask"]["text"] == "s"
    page.evaluate(ANSWER, first)
    page.wait_for_function("() => window.sent.length === 1")
    (second,) = sent(shown)
    assert [gesture["kind"] for gesture in second["gestures"]] == ["tidy", "delete"]
    expect(page.locator(".wbc-sign")).to_have_text("Counting …")
    expect(page.locator('[data-node="b"] .wbc-value')).to_have_text("25 · 62 %")
    page.evaluate(ANSWER, second)
    page.wait_for_function("() => window.sent.length === 1")
    (third,) = sent(shown)
    assert third["ask"]["text"] == "scr"
    page.evaluate(ANSWER, third)
    expect(page.locator(".wbc-sign")).to_be_hidden()
    expect(page.locator(".wbc-node")).to_have_count(1)
    page.evaluate(ANSWER, first)
    expect(page.locator(".wbc-item")).to_have_count(1)


def test_a_moved_box_stays_where_it_was_put_while_an_older_answer_comes(shown):
    page = shown.page
    sent(shown)
    page.evaluate("() => { window.answering = false; }")
    page.locator('[data-node="a"]').focus()
    page.keyboard.press("F2")
    page.keyboard.type("First")
    page.keyboard.press("Enter")
    shown.drag('[data-node="b"]', ".wbc-stage", (300, 60))
    left = page.locator('[data-node="b"]').evaluate("box => box.style.left")
    assert left != f"{shown.desk.sketch.graph['places']['b'][0]}px"
    (rename,) = sent(shown)
    page.evaluate(ANSWER, rename)
    expect(page.locator('[data-node="a"] .wbc-name')).to_have_text("First")
    assert page.locator('[data-node="b"]').evaluate("box => box.style.left") == left


def test_a_kernel_that_is_gone_leaves_the_picture_and_a_sentence(shown):
    page = shown.page
    page.evaluate("() => { window.model.send = () => { throw new Error('gone'); }; }")
    page.get_by_role("button", name="Undo").evaluate("button => { button.disabled = false; }")
    page.locator('[data-node="b"]').focus()
    page.keyboard.press("Delete")
    expect(page.locator(".wbc-sign")).to_contain_text("run the cell again")
    expect(page.locator(".wbc-node")).to_have_count(2)
    page.get_by_role("button", name="YAML").click()
    expect(page.locator(".wbc-panel textarea")).to_have_value(re.compile(r"- \[a, b\]"))


def test_an_arrow_that_ends_on_the_ground_asks_what_comes_there(shown):
    page = shown.page
    page.locator('[data-node="b"]').hover()
    shown.drag('[data-node="b"] .wbc-port', ".wbc-stage", (500, 380))
    expect(page.locator(".wbc-told")).to_contain_text("what comes after “b”")
    page.locator(".wbc-item", has_text="SCRIPT").or_(page.locator(".wbc-item").last).last.click()
    expect(page.locator(".wbc-node")).to_have_count(3)
    expect(page.locator(".wbc-label")).to_have_count(2)


def test_a_refusal_stands_beside_the_box_and_goes_with_the_next_gesture(shown):
    page = shown.page
    page.locator('[data-node="b"]').hover()
    shown.drag('[data-node="b"] .wbc-port', '[data-node="a"]')
    expect(page.locator('[data-node="b"] .wbc-beside')).to_contain_text("without a cycle")
    page.get_by_label("Period").fill("soon")
    page.get_by_label("Period").press("Enter")
    expect(page.locator(".wbc-period")).to_have_class(re.compile("wbc-wrong"))
    shown.drag('[data-node="b"]', ".wbc-stage", (300, 60))
    expect(page.locator(".wbc-beside")).to_have_count(0)
    expect(page.locator(".wbc-foot > .wbc-said-wrong")).to_have_text("")


def test_dimensions_are_dropped_as_top_values_and_as_a_breakdown(shown):
    page = shown.page
    page.locator(".wbc-field").select_option("dimensions")
    channel = page.locator(".wbc-item", has_text="channel")
    expect(channel).to_have_count(1)
    shown.drag(".wbc-item:has-text('channel')", '[data-node="a"]')
    expect(page.locator(".wbc-panel")).to_contain_text("At “a”")
    row = page.locator(".wbc-pull", has_text="web")
    expect(row).to_contain_text("14")
    shown.drag(".wbc-pull:has-text('web')", '[data-node="a"]')
    expect(page.locator('[data-node="a"] .wbc-value')).to_have_text("14")
    shown.drag(".wbc-item:has-text('channel')", ".wbc-stage", (120, 40))
    expect(page.locator(".wbc-node")).to_have_count(5)


@pytest.mark.parametrize(
    "shown",
    [{"nodes": {'"]<b>': {"label": HOSTILE * 4, "where": {"event": HOSTILE}}, "x": "gone"},
      "arrows": [{"from": '"]<b>', "to": "x", "label": HOSTILE}]}],
    indirect=True, ids=["hostile"],
)  # fmt: skip
def test_hostile_names_are_texts_and_a_missing_event_says_so(shown, watched):
    page = shown.page
    node = page.locator(".wbc-node").first
    expect(node).to_contain_text("<script>")
    expect(page.locator(".wbc-problem")).to_have_text("⚠ not in these data")
    node.click(button="right")
    expect(page.locator(".wbc-menu")).to_contain_text("<script>")
    page.keyboard.press("Escape")
    shown.drag(".wbc-item:has-text('b')", ".wbc-label")
    expect(page.locator(".wbc-node")).to_have_count(3)
    assert page.locator(".wbc script, .wbc b > b").count() == 0
    assert watched.complaints == []


@pytest.mark.parametrize(
    "shown",
    [{"nodes": {f"n{n}": "a" for n in range(200)},
      "arrows": [[f"n{n // 2}", f"n{n}"] for n in range(1, 200)]}],
    indirect=True, ids=["200"],
)  # fmt: skip
def test_two_hundred_boxes_can_be_moved_and_deleted(shown):
    page = shown.page
    expect(page.locator(".wbc-node")).to_have_count(200)
    expect(page.locator(".wbc-foot")).to_contain_text("200 nodes are drawn")
    page.get_by_role("button", name="Fit").click()
    frame, box = (page.locator(s).bounding_box() for s in (".wbc-stage", '[data-node="n199"]'))
    assert frame["x"] <= box["x"] <= frame["x"] + frame["width"]
    page.locator('[data-node="n3"]').focus()
    page.keyboard.press("Delete")
    expect(page.locator(".wbc-node")).to_have_count(199)
