"""One law for every result: what it documents, shows and says, with much data, hostile or none."""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import workbench
import workbench as wb
from tests.results.makers import MAKERS
from tests.results.makers.fallout import ASKED, fallout, segments
from tests.worlds.company import HOSTILE, workspace
from workbench.errors import ArgumentError
from workbench.results.base import BLOCK, Block, Result
from workbench.results.blocks import action_table, data_quality, definitions, header, key_figures
from workbench.results.tables import Column

PAIRS = [
    ("reached", "start"), ("reached", "previous"), ("matured_reached", "matured_entries"),
    ("count_a", "total_a"), ("count_b", "total_b"), ("count", "total"),
    ("containers", "reached"),
]  # fmt: skip


@pytest.fixture(scope="module")
def worlds():
    return {"hostile": workspace(), "one": workspace(1), "empty": workspace(0)}


@pytest.fixture(params=[(w, m) for w in ASKED for m in MAKERS], ids="-".join, scope="module")
def made(request, worlds):
    world, maker = request.param
    return world, [MAKERS[maker]((world, worlds[world])) for _ in range(2)]


def test_every_result_class_has_a_maker(worlds):
    for module in pkgutil.walk_packages(workbench.__path__, "workbench."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    classes, waiting = set(), [Result]
    while waiting:
        found = waiting.pop().__subclasses__()
        classes |= {item for item in found if item.__module__.startswith("workbench.")}
        waiting += found
    assert {type(make(("hostile", worlds["hostile"]))) for make in MAKERS.values()} == classes


def test_the_frame_has_the_documented_columns(made):
    _, (result, _) = made
    assert list(result.frame.columns) == list(result.columns)
    assert all(result.columns.values())
    shown = result.table_frame()
    assert {column.name for column in result.shown()} <= set(shown.columns)


def test_shares_are_numerators_over_denominators(made):
    _, (result, _) = made
    frame = result.frame
    for numerator, denominator in PAIRS:
        if {numerator, denominator} <= set(frame.columns):
            known = frame[[numerator, denominator]].dropna()
            assert (known[numerator] <= known[denominator]).all(), (numerator, denominator)
    for name in frame.columns:
        if re.match(r"share(_|$)", name):
            values = frame[name].dropna().astype(float)
            assert values.between(0, 1).all(), name


def test_asked_twice_it_says_the_same(made):
    _, (first, second) = made
    assert repr(first) == repr(second)
    assert first.explain() == second.explain()
    pd.testing.assert_frame_equal(first.frame, second.frame)
    assert first.definition == second.definition
    assert json.dumps(dict(first.definition), allow_nan=False)


def test_there_is_a_sentence_and_no_traceback_of_numbers(made):
    _, (result, _) = made
    text = result.explain()
    assert result.headline()
    assert not re.search(r"\bnan\b|NaT|<NA>|None|\binf\b", text), text


def test_what_is_displayed_is_plain_escaped_and_asks_nobody(made):
    _, (result, _) = made
    bundle = result._repr_mimebundle_()
    assert json.loads(json.dumps(bundle, allow_nan=False)) == bundle
    assert set(bundle) == {"text/plain", "text/html", BLOCK}
    assert bundle["text/plain"] == repr(result)
    assert_quiet(bundle["text/html"])
    block = bundle[BLOCK]
    assert block["svg"].startswith("<svg")
    assert block["chart"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")
    assert block["heading"] == result.headline()


ACTIVE = ("script", "iframe", "object", "embed", "link", "style", "img", "image", "a", "use",
          "foreignobject", "animate", "set", "base", "meta", "form", "input", "video")  # fmt: skip


class Quiet(HTMLParser):
    """Refuses whatever could run or ask for something; hostile text may stand as text only."""

    def handle_starttag(self, tag, attrs):
        assert tag not in ACTIVE
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            assert name not in ("href", "src", "xlink:href", "srcset", "action"), (tag, name)
            if name != "aria-label":
                assert name.startswith("xmlns") or "//" not in (value or ""), (tag, name, value)
                assert not re.search(r"url\((?!#)", value or ""), (tag, name, value)

    handle_startendtag = handle_starttag


def assert_quiet(page: str) -> None:
    parser = Quiet()
    parser.feed(page)
    parser.close()


def test_hostile_names_arrive_as_text(worlds):
    result = fallout(("hostile", worlds["hostile"]), by="channel")
    page = result._repr_mimebundle_()["text/html"]
    assert html.escape(HOSTILE[1]) in page
    drawn = re.sub(r"<[^>]*>", "", result.block()["svg"])
    assert "script&gt;" in drawn


def test_a_chart_of_more_than_5000_points_is_drawn():
    import altair as alt

    from workbench.results import theme

    data = pd.DataFrame({"x": np.arange(6_000), "y": np.arange(6_000) % 7})
    spec = theme.themed(alt.Chart(data).mark_point().encode(x="x:Q", y="y:Q"))
    assert theme.as_svg(spec).startswith("<svg")


@pytest.mark.parametrize("sign", ["\0", "\x07", "\x1f", "\ufffe", "\uffff", "\x7f", "\u202e", "\v"])
def test_no_sign_in_a_name_ends_the_process_that_draws_it(sign):
    import altair as alt

    from workbench.results import theme

    data = pd.DataFrame({"name": [f"before{sign}after"]})
    spec = theme.themed(alt.Chart(data).mark_text().encode(text="name:N", y="name:N"))
    assert "after" in theme.as_svg(spec)


def test_drawing_needs_no_network(monkeypatch, worlds):
    import socket

    def refused(*_, **__):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refused)
    assert fallout(("hostile", worlds["hostile"])).block()["svg"].startswith("<svg")


def test_an_empty_chart_shows_its_whole_sentence():
    from workbench.results import theme

    sentence = "No account entered, " + "and more was said, " * 12 + "<end>"
    drawn = theme.as_svg(theme.themed(theme.empty_chart(sentence)))
    words = re.sub(r"<[^>]*>", " ", drawn)
    assert html.unescape(" ".join(words.split())).replace("&lt;", "<") == sentence


def test_only_results_of_one_kind_and_container_are_compared(worlds):
    world = ("hostile", worlds["hostile"])
    with pytest.raises(ArgumentError, match=r"b='Times' .* same kind as a \(Fallout\)"):
        wb.compare(fallout(world), fallout(world).times())
    with pytest.raises(ArgumentError, match=r"b='person' .* counts the same as a \(account\)"):
        wb.compare(fallout(world), fallout(world, container="person"))


def test_a_comparison_by_hand(worlds):
    world = ("hostile", worlds["hostile"])
    found = wb.compare(fallout(world, segment=segments()[0]), fallout(world)).frame
    second = found.set_index("label").loc[HOSTILE[0]]
    # 40 accounts, n % 3 > 0 goes on: 26 of 40; even numbers among them: 13 of 20.
    assert second[["count_a", "total_a", "count_b", "total_b"]].tolist() == [13, 20, 26, 40]
    assert second["difference"] == 0


BLOCKS = {
    "header": lambda ws, r: header(ws, HOSTILE[0]),
    "header period": lambda ws, r: header(ws, HOSTILE[1], period="2026-01"),
    "quality": lambda ws, r: data_quality(ws),
    "definitions": lambda ws, r: definitions(r, r),
    "figures": lambda ws, r: key_figures(
        [{"label": HOSTILE[0], "value": "1 %", "detail": HOSTILE[3]}]
    ),
    "table": lambda ws, r: action_table(
        HOSTILE[0], HOSTILE[1], pd.DataFrame({"a": [HOSTILE[1], None]}), [Column("a", HOSTILE[2])],
        anchor="list",
    ),
}  # fmt: skip


@pytest.mark.parametrize("world", ["hostile", "empty"])
@pytest.mark.parametrize("name", BLOCKS)
def test_parts_of_a_page_are_plain_and_quiet(worlds, world, name):
    block = BLOCKS[name](worlds[world], fallout((world, worlds[world])))
    assert isinstance(block, Block)
    bundle = block._repr_mimebundle_()
    assert json.loads(json.dumps(bundle, allow_nan=False)) == bundle
    assert bundle[BLOCK]["block"] == name.split()[0]
    assert_quiet(bundle["text/html"])
    assert repr(block)


def test_definitions_say_each_sentence_once(worlds):
    result = fallout(("hostile", worlds["hostile"]))
    once, twice = definitions(result).content, definitions(result, result, result.times()).content
    texts = " ".join(entry["text"] for entry in twice["entries"])
    assert all(texts.count(sentence) == 1 for sentence in result.definitions())
    assert once["entries"]


def test_the_balance_is_said_in_one_sentence(worlds):
    sentence = data_quality(worlds["hostile"]).content["sentence"]
    assert sentence.startswith("159 rows read = 159 kept + 0 set aside with a reason + 0 merged")
