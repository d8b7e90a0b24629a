"""The canvas editor in a page of its own: the same scripts, with a desk instead of a kernel."""

from __future__ import annotations

import json
from typing import Any

from playwright.sync_api import Page

from workbench.widgets.canvas_editor.desk import Desk
from workbench.widgets.canvas_editor.page import script, style
from workbench.widgets.canvas_editor.words import words

MODEL = """
([words, picture]) => {
  const heard = {};
  const state = { words, picture };
  window.sent = [];
  window.answering = true;
  const tell = (name, value) => (heard[name] || []).forEach((each) => each(value));
  window.told = (pictures, answer) => {
    for (const next of pictures) { state.picture = next; tell("change:picture"); }
    tell("msg:custom", answer);
  };
  window.model = {
    get: (name) => state[name],
    on: (name, each) => { (heard[name] = heard[name] || []).push(each); },
    off: (name, each) => { heard[name] = (heard[name] || []).filter((other) => other !== each); },
    send: (content) => {
      window.sent.push(content);
      if (!window.answering) return;
      window.ask(content).then(([pictures, answer]) => window.told(pictures, answer));
    },
  };
}
"""
START = """
async (code) => {
  const module = await import(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  window.end = module.default.render({ model: window.model, el: document.getElementById("here") });
}
"""


class Shown:
    """A desk and its page."""

    def __init__(self, page: Page, desk: Desk, *, dark: bool = False) -> None:
        self.page, self.desk = page, desk
        self._pictures: list[dict[str, Any]] = []
        desk.show = self._pictures.append
        page.expose_function("ask", self._ask)
        scheme = "dark" if dark else "light"
        page.set_content(
            f"<!doctype html><html style='color-scheme: {scheme}'><style>{style()}</style>"
            "<body style='margin: 8px'><div id='here'></div></body></html>"
        )
        page.evaluate(MODEL, [words(), plain(desk.picture)])
        page.evaluate(START, script())

    def _ask(self, content: dict[str, Any]) -> list[Any]:
        self._pictures.clear()
        answer = {**self.desk.heard(content), "to": content["view"], "id": content["id"]}
        return plain([[*self._pictures], answer])

    def drag(self, source: str, target: str, at: tuple[float, float] | None = None) -> None:
        """Drag the middle of one element onto another one."""
        drag(self.page, self.page.locator(source).first, self.page.locator(target).first, at)


def plain(value: Any) -> Any:
    """What becomes of a value on its way to the page."""
    return json.loads(json.dumps(value))


def drag(page: Page, source: Any, target: Any, at: tuple[float, float] | None = None) -> None:
    """Press in the middle of one element, move, and let go over another one."""
    begin, end = source.bounding_box(), target.bounding_box()
    x, y = at or (end["width"] / 2, end["height"] / 2)
    page.mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    page.mouse.down()
    page.mouse.move(end["x"] + x - 8, end["y"] + y - 8, steps=4)
    page.mouse.move(end["x"] + x, end["y"] + y)
    page.mouse.up()
