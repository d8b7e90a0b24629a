"""Charts of a page: the specification made harmless, the fixed picture, the drawing library."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.errors import WorkbenchError
from workbench.messages import message

_ESCAPES = {ord(sign): f"%{ord(sign):02X}" for sign in "%#<>\"'&\n\r\t`{}|\\^"}
_SIZE = re.compile(
    r'width="(?P<width>[\d.]+)" height="(?P<height>[\d.]+)" viewBox="0 0 (?P=width) (?P=height)"'
)
MARGIN = 18
_WHOLE = "\n//whole\n"
FONTS = (
    "Arial,'Liberation Sans',Arimo,Helvetica,'Hiragino Sans','Yu Gothic UI','Noto Sans CJK JP',"
    "'PingFang TC','Microsoft JhengHei','Noto Sans CJK TC',sans-serif"
)


@dataclass(frozen=True)
class Chart:
    """One chart: the specification for drawing it live and the picture that stands in for it."""

    identity: str
    spec: Mapping[str, Any] | None
    picture: str
    alt: str


@dataclass(frozen=True)
class Panel:
    """One chart among several of a finding, with its own title."""

    heading: str
    reading: str
    chart: Chart
    wide: int = 1


def read_panels(block: Mapping[str, Any], first: int) -> tuple[Panel, ...]:
    """Return the panels of a finding; `first` is the number of its first chart."""
    given = block.get("panels")
    panels = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
    found = []
    for number, one in enumerate(panels, start=first):
        chart = read_chart(one, f"chart-{number}")
        if chart is not None:
            wide = one.get("wide")
            wide = min(3, wide) if isinstance(wide, int) and wide > 0 else 1
            heading, reading = str(one.get("heading") or ""), str(one.get("reading") or "")
            found.append(Panel(heading, reading, chart, wide))
    return tuple(found)


def read_chart(block: Mapping[str, Any], identity: str) -> Chart | None:
    """Return the chart of a finding, or None when it has none."""
    spec, svg = block.get("chart"), block.get("svg")
    spec = _harmless(spec) if isinstance(spec, Mapping) else None
    if spec is not None and _asks_elsewhere(spec):
        spec = None
    if not isinstance(svg, str) or not svg.lstrip().startswith("<svg"):
        svg = _drawn(spec)
    if spec is None and not svg:
        return None
    alt = str(block.get("alt") or block.get("heading") or message("Chart"))
    return Chart(identity, spec, picture(svg) if svg else "", alt)


def picture(svg: str) -> str:
    """Return an SVG as a data address: shown as an image, nothing inside it can run or load.

    Labels were measured with a font as wide as Arial, so they are shown with one; the margin
    takes what is still wider on the reader's machine.
    """
    size = _SIZE.search(svg[:2000])
    if size:
        width, height = f"{float(size['width']) + 2 * MARGIN:g}", size["height"]
        box = f'width="{width}" height="{height}" viewBox="{-MARGIN} 0 {width} {height}"'
        svg = svg[: size.start()] + box + svg[size.end() :]
        svg = svg.replace(">", f"><style>text{{font-family:{FONTS}}}</style>", 1)
    return "data:image/svg+xml;charset=utf-8," + svg.translate(_ESCAPES)


def _harmless(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Return `spec` without what could steer the embedding itself."""
    return {key: value for key, value in spec.items() if key != "usermeta"}


def _asks_elsewhere(part: Any) -> bool:
    """Return whether a specification wants data from an address."""
    if isinstance(part, Mapping):
        data = part.get("data")
        if isinstance(data, Mapping) and "url" in data:
            return True
        return any(_asks_elsewhere(value) for key, value in part.items() if key != "values")
    return isinstance(part, list) and any(map(_asks_elsewhere, part))


def _drawn(spec: Mapping[str, Any] | None) -> str:
    if spec is None:
        return ""
    import vl_convert

    try:
        return str(vl_convert.vegalite_to_svg(dict(spec), allowed_base_urls=[]))
    except ValueError:
        return ""


def library() -> str:
    """Return the drawing library as one script, kept in the cache after the first time."""
    return _kept("js", _bundle)


def packed_library() -> str:
    """The same as `workbench.reports.packing.packed` writes it: less than half of the bytes."""
    from workbench.reports.packing import packed

    return _kept("packed", lambda: packed(library()))


def _bundle() -> str:
    import vl_convert

    text = vl_convert.javascript_bundle()  # type: ignore[call-arg] # the stub is wrong
    return str(text).replace("</script", "<\\/script")


def _kept(ending: str, make: Callable[[], str]) -> str:
    import vl_convert

    from workbench.reports.files import write_whole

    version = f"{metadata.version('vl-convert-python')}-{vl_convert.get_vega_version()}"
    kept = _cache() / "runtime" / f"vega-{version}.{ending}"
    with contextlib.suppress(OSError):
        text = kept.read_text(encoding="utf-8")
        if text.endswith(_WHOLE):
            return text.removesuffix(_WHOLE)
    text = make()
    with contextlib.suppress(WorkbenchError, OSError):
        write_whole(kept, text + _WHOLE)  # a cache that cannot be written only costs time
    return text


def _cache() -> Path:
    from platformdirs import user_cache_dir

    return Path(os.environ.get("WORKBENCH_CACHE") or user_cache_dir("b2b-journey-workbench"))
