"""How charts look: one palette, one configuration, readable in grey print.

Colours follow Okabe and Ito, so that they stay apart for colour-blind readers.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

ACCENT = "#0072B2"
MUTED = "#C9CED6"
OPEN = "#86B6D6"
TEXT = "#1F2933"
QUIET = "#52606D"
# Text on cells whose light fill is data: a dark page leaves both as they are.
ON_CELL = "#0B2545"
WARNING = "#D55E00"
CATEGORIES = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#000000",
)
FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans CJK JP', "
    "'Hiragino Sans', 'Yu Gothic', 'Noto Sans CJK TC', 'Microsoft JhengHei', sans-serif"
)


def configuration() -> dict[str, Any]:
    """The Vega-Lite configuration of every chart."""
    text = {"font": FONT, "fontSize": 12, "color": TEXT}
    axis = {
        "labelFont": FONT,
        "titleFont": FONT,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "labelColor": TEXT,
        "titleColor": QUIET,
        "gridColor": "#E4E7EB",
        "domainColor": "#9AA5B1",
        "tickColor": "#9AA5B1",
        "labelLimit": 280,
    }
    return {
        "background": "transparent",
        # A browser's font may be wider than the one the static picture was measured with.
        "padding": {"left": 18, "right": 12, "top": 6, "bottom": 6},
        "font": FONT,
        "view": {"stroke": None},
        "axis": axis,
        "header": {
            "labelFont": FONT,
            "labelFontSize": 13,
            "labelFontWeight": "bold",
            "labelColor": TEXT,
            "labelAnchor": "start",
            "titleColor": QUIET,
            "labelLimit": 260,
        },
        "legend": {
            "labelFont": FONT,
            "titleFont": FONT,
            "labelFontSize": 12,
            "titleFontSize": 12,
            "labelColor": TEXT,
            "titleColor": QUIET,
            "orient": "top",
            "labelLimit": 260,
        },
        "text": text,
        "range": {"category": list(CATEGORIES)},
    }


def themed(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart as a Vega-Lite mapping with our configuration."""
    import altair as alt

    with alt.data_transformers.enable("default", max_rows=None):
        spec = chart.to_dict()
    spec["config"] = configuration()
    return _drawable(spec)


# Characters that XML has no place for: one of them in a text ends the process that draws it.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _drawable(value: Any) -> Any:
    """The same mapping with a replacement sign for every character that cannot be drawn."""
    if isinstance(value, str):
        return _NOT_XML.sub("\ufffd", value)
    if isinstance(value, dict):
        return {key: _drawable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_drawable(item) for item in value]
    return value


def as_svg(spec: dict[str, Any]) -> str:
    """Draw a Vega-Lite mapping as static SVG, without any request."""
    import vl_convert

    version = spec["$schema"].rpartition("/v")[2].rpartition(".json")[0]
    drawn = vl_convert.vegalite_to_svg(
        _drawable(spec), vl_version=".".join(version.split(".")[:2]), show_warnings=False
    )
    return slim(drawn)


# What Vega says of every single mark: a picture is one thing with one text beside it.
_OF_MARKS = re.compile(
    r' (?:role="graphics-[a-z]+"|aria-roledescription="[^"]*"|aria-label="[^"]*"'
    r'|aria-hidden="[a-z]+"|pointer-events="none")'
)
_TAG = re.compile(r"<[^<>]*>")
_FAMILY = re.compile(r' font-family="([^"]*)"')
_PATHS = re.compile(r' (?:d|transform|points)="[^"]*"')
_LONG = re.compile(r"-?[0-9]+\.[0-9]{2,}")


def slim(svg: str) -> str:
    """The same picture in fewer bytes: one font for all, tenths of a pixel, no words on marks."""
    head, close, body = svg.partition(">")
    families = {found for tag in _TAG.findall(body) for found in _FAMILY.findall(tag)}

    def slimmed(tag: re.Match[str]) -> str:
        text = _OF_MARKS.sub("", tag[0])
        if len(families) == 1:
            text = _FAMILY.sub("", text)
        return _PATHS.sub(lambda part: _LONG.sub(_tenth, part[0]), text)

    if len(families) == 1:
        head += f' font-family="{next(iter(families))}"'
    return head + close + _TAG.sub(slimmed, body)


def _tenth(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")


def empty_chart(sentence: str) -> alt.TopLevelMixin:
    """A chart that says why there is nothing to draw."""
    import altair as alt
    import pandas as pd

    lines = textwrap.wrap(sentence, 90) or [""]
    base = alt.Chart(pd.DataFrame({"sentence": ["\n".join(lines)]}))
    return (
        base.mark_text(color=QUIET, fontSize=13, align="center", lineBreak="\n")
        .encode(text="sentence:N")
        .properties(width=640, height=60 + 20 * len(lines))
    )
