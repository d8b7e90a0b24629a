"""Static pictures: fewer bytes, the same picture."""

from __future__ import annotations

import io

import altair as alt
import numpy as np
import pandas as pd

from workbench.results import theme


def drawn():
    n = np.arange(60)
    data = pd.DataFrame({"x": n, "y": np.sin(n / 7), "name": [f"n{k % 5} & <b>" for k in n]})
    base = alt.Chart(data).encode(x="x:Q", y="y:Q", color="name:N", tooltip="name:N")
    return theme.themed(
        alt.layer(base.mark_area(opacity=0.4), base.mark_text().encode(text="name"))
    )


def pixels(svg):
    import vl_convert
    from PIL import Image

    png = vl_convert.svg_to_png(svg, scale=1)
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")).astype(int)


def test_a_slim_picture_looks_the_same(monkeypatch):
    slim = theme.as_svg(drawn())
    monkeypatch.setattr(theme, "slim", lambda svg: svg)
    whole = theme.as_svg(drawn())
    assert len(slim) < len(whole) / 2
    before, after = pixels(whole), pixels(slim)
    assert before.shape == after.shape
    assert (np.abs(before - after).max(axis=2) > 64).mean() < 0.002


def test_words_that_look_like_marks_stay():
    data = pd.DataFrame({"x": [1], "t": ['say aria-label="1.2345" d="M0.1234,5"']})
    text = alt.Chart(data).mark_text().encode(x="x:Q", text="t:N")
    svg = theme.as_svg(theme.themed(text))
    assert "1.2345" in svg
    assert "M0.1234,5" in svg
