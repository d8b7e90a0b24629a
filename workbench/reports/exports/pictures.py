"""Charts of a report as files: PNG or SVG, drawn without any request."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.reports.charts import read_chart
from workbench.reports.exports.material import Material, Picture
from workbench.reports.exports.places import inside, write_bytes

FORMS = ("png", "svg")


def save_pictures(material: Material, path: Path, *, form: str, chart: str = "") -> list[Path]:
    """Write one chart to a file, or all of them into a folder.

    Parameters
    ----------
    material : Material
    path : Path
        A file when `chart` names one chart, else a folder; its files are ``REPORT-CHART.png``.
    form : {"png", "svg"}
    chart : str
        Anchor of a chart, or its number on the page from 1 on; empty for all.
    """
    charts = material.pictures()
    if not charts:
        raise ArgumentError(message("Report {name} shows no chart.", name=material.name))
    if chart:
        return [write_bytes(path, drawn(_named(charts, chart), form))]
    return [
        write_bytes(inside(path, f"{material.name}-{one.anchor}.{form}"), drawn(one, form))
        for one in charts
    ]


def drawn(picture: Picture, form: str = "png", *, scale: float = 2.0) -> bytes:
    """One chart on white ground.

    Parameters
    ----------
    picture : Picture
    form : {"png", "svg"}
    scale : float
        Pixels of the picture for one of the chart.
    """
    import vl_convert

    spec = spec_of(picture)
    if spec is None:
        svg = picture.block.get("svg")
        if not isinstance(svg, str) or not svg.lstrip().startswith("<svg"):
            raise ArgumentError(message("The chart {name} cannot be drawn.", name=picture.anchor))
        return svg.encode() if form == "svg" else bytes(vl_convert.svg_to_png(svg, scale=scale))
    spec = {**spec, "background": "white"}
    try:
        if form == "svg":
            return str(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])).encode()
        return bytes(vl_convert.vegalite_to_png(spec, scale=scale, allowed_base_urls=[]))
    except ValueError as error:
        raise ArgumentError(
            message("The chart {name} cannot be drawn.", name=picture.anchor)
        ) from error


def spec_of(picture: Picture) -> dict[str, Any] | None:
    """The specification of a chart without anything that could load or steer, None without one."""
    block: Mapping[str, Any] = {**picture.block, "svg": "<svg/>"}  # not drawn only to be read
    chart = read_chart(block, picture.anchor)
    return dict(chart.spec) if chart is not None and chart.spec is not None else None


def _named(charts: list[Picture], wanted: str) -> Picture:
    if wanted.isdigit() and 1 <= int(wanted) <= len(charts):
        return charts[int(wanted) - 1]
    found = [one for one in charts if one.anchor == wanted]
    if not found:
        raise ArgumentError.of("chart", wanted, [one.anchor for one in charts])
    return found[0]
