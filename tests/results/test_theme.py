"""Static pictures: fewer bytes, the same picture."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import altair as alt
import numpy as np
import pandas as pd
import pytest

from workbench.results import theme

NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]+)?")


def drawn():
    n = np.arange(60)
    data = pd.DataFrame({"x": n, "y": np.sin(n / 7), "name": [f"n{k % 5} & <b>" for k in n]})
    base = alt.Chart(data).encode(x="x:Q", y="y:Q", color="name:N", tooltip="name:N")
    return theme.themed(
        alt.layer(base.mark_area(opacity=0.4), base.mark_text().encode(text="name"))
    )


def test_a_slim_picture_looks_the_same(monkeypatch):
    slim = theme.as_svg(drawn())
    monkeypatch.setattr(theme, "slim", lambda svg: svg)
    whole = theme.as_svg(drawn())
    assert len(slim) < len(whole) / 2
    before, after = (list(ElementTree.fromstring(svg).iter()) for svg in (whole, slim))
    assert [(e.tag, e.text) for e in before] == [(e.tag, e.text) for e in after]
    fonts = {e.get("font-family") for e in before} - {None}
    assert {after[0].get("font-family")} == fonts
    for old, new in zip(before, after, strict=True):
        for name in ("d", "transform", "fill", "stroke", "x2", "y2", "opacity"):
            assert (old.get(name) is None) == (new.get(name) is None)
            numbers = [[float(n) for n in NUMBER.findall(e.get(name, ""))] for e in (old, new)]
            assert numbers[1] == pytest.approx(numbers[0], abs=0.051)


def test_words_that_look_like_marks_stay():
    data = pd.DataFrame({"x": [1], "t": ['say aria-label="1.2345" d="M0.1234,5"']})
    text = alt.Chart(data).mark_text().encode(x="x:Q", text="t:N")
    svg = theme.as_svg(theme.themed(text))
    assert "1.2345" in svg
    assert "M0.1234,5" in svg
