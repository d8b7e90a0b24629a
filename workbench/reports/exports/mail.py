"""A report as a mail: two or three figures, the finding, one picture, under 100 kB."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from html import escape
from pathlib import Path
from typing import Any

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.reports.exports.material import Material, Picture
from workbench.reports.exports.pictures import drawn, spec_of
from workbench.reports.exports.places import write_bytes

MOST_BYTES = 100_000
_HEADERS = 4_000  # what servers on the way write into a mail
SCALES = (1.5, 1.3, 1.1, 0.9, 0.7)
MOST_FIGURES = 3
WIDTH, SIZE = 400, 15  # of the picture: its plot, and its letters, in units of the chart
CID = "chart@workbench.invalid"
# Subjects stand in one line: some programs show the fold of a longer one as a space before it.
_POLICY = SMTP.clone(max_line_length=320)
_LINK = re.compile(r"(https?|file)://[^\s<>\"']+\Z")
_INK, _QUIET, _LINE, _GROUND = "#1f2933", "#52606d", "#d9dee4", "#ffffff"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Arial,sans-serif"


@dataclass(frozen=True)
class Letter:
    """What a mail says: subject, text, the same as HTML, and the picture that it shows.

    Attributes
    ----------
    subject, text, html : str
    picture : bytes
        PNG that the HTML names by ``cid:`` and `CID`; empty without one.
    """

    subject: str
    text: str
    html: str
    picture: bytes = b""


def save_mail(
    material: Material, path: Path, *, link: str = "", sender: str = "", to: Sequence[str] = ()
) -> Path:
    """Write the mail of a report as an ``.eml`` file that mail programs open.

    Parameters
    ----------
    material : Material
    path : Path
    link : str
        Address of the page (http, https or file); without one the mail names the file.
    sender, to : str, sequence of str
        Addresses; empty for a draft.
    """
    return write_bytes(path, bytes(composed(letter(material, link=link), sender=sender, to=to)))


def letter(material: Material, *, link: str = "", empty: bool = False) -> Letter:
    """The mail of a report: text and HTML, the picture inside, no script, nothing to load.

    The picture is drawn smaller until the whole mail is under 100 kB, and left out when that is
    not enough. `empty` flags a report without any row.

    Raises
    ------
    ArgumentError
        When `link` is no address of a page.
    """
    if link and not _LINK.match(link):
        raise ArgumentError.of("link", link, message("an address that begins with http or file"))
    chart = _leading(material)
    for scale in SCALES if chart is not None else ():
        picture = _picture(chart, scale)
        made = _written(material, chart, picture, link, empty)
        if len(bytes(composed(made))) < MOST_BYTES - _HEADERS or not picture:
            return made
    return _written(material, chart, b"", link, empty)


def composed(letter: Letter, *, sender: str = "", to: Sequence[str] = ()) -> EmailMessage:
    """A letter as a mail; one without a sender is a draft."""
    made = EmailMessage(policy=_POLICY)
    made["Subject"] = letter.subject
    if sender:
        made["From"] = _address(sender)
    else:
        made["X-Unsent"] = "1"  # mail programs open it as a draft
    if to:
        made["To"] = [_address(one) for one in to]
    made.set_content(letter.text)
    made.add_alternative(letter.html, subtype="html")
    if letter.picture:
        page = made.get_payload()[1]  # type: ignore[index]
        page.add_related(  # type: ignore[union-attr]
            letter.picture, "image", "png", cid=f"<{CID}>", filename="chart.png",
            disposition="inline",
        )  # fmt: skip
    return made


def _leading(material: Material) -> Picture | None:
    """The first finding that has a picture."""
    charts = material.pictures()
    return next((one for one in charts if one.heading), charts[0] if charts else None)


def _picture(chart: Picture | None, scale: float) -> bytes:
    if chart is None:
        return b""
    spec = spec_of(chart)
    if spec is not None:
        chart = replace(chart, block={**chart.block, "chart": _large(spec)})
    try:
        return drawn(chart, "png", scale=scale)
    except ArgumentError:
        return b""


def _large(spec: dict[str, Any]) -> dict[str, Any]:
    """The chart with letters that stay readable when a phone shows the mail."""
    axis = {"labelFontSize": SIZE, "titleFontSize": SIZE}
    wanted: dict[str, Any] = {
        "axis": axis, "legend": axis, "text": {"fontSize": SIZE}, "header": axis,
    }  # fmt: skip
    config = dict(spec.get("config") or {})
    for key, sizes in wanted.items():
        config[key] = {**dict(config.get(key) or {}), **sizes}
    width, single = spec.get("width"), "mark" in spec or "layer" in spec
    if single and isinstance(width, int | float) and width > WIDTH:
        return {**spec, "config": config, "width": WIDTH}
    return {**spec, "config": config}


def _written(
    material: Material, chart: Picture | None, picture: bytes, link: str, empty: bool
) -> Letter:
    return Letter(
        _one_line(_subject(material, empty)), _sendable(_text(material, chart, link, empty)),
        _sendable(_html(material, chart, bool(picture), link, empty)), picture,
    )  # fmt: skip


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _address(text: str) -> Address:
    try:
        return Address(addr_spec=text)
    except (ValueError, IndexError) as error:
        raise ArgumentError.of(
            "to", text, message("an address such as anna@example.com")
        ) from error


def _one_line(text: str) -> str:
    return _sendable(re.sub(r"[\s\x00-\x1f\x7f]+", " ", text)).strip()[:200] or message("Report")


def _subject(material: Material, empty: bool) -> str:
    if material.failure:
        return message("Failed: {title}", title=material.title)
    if empty:
        return message("No data: {title}", title=material.title)
    return material.title


def _lead(material: Material, chart: Picture | None) -> str:
    if chart is not None and chart.heading:
        return chart.heading
    return next(iter(material.sentences), "")


def _warning(material: Material, empty: bool) -> str:
    if material.failure:
        return message("This report did not finish. {why}", why=material.failure)
    if empty:
        return message("There are no data for this report: nothing was counted.")
    return ""


def _text(material: Material, chart: Picture | None, link: str, empty: bool) -> str:
    lines = [material.title, " · ".join(material.line), _warning(material, empty)]
    for figure in material.figures[:MOST_FIGURES]:
        extras = [str(figure[key]) for key in ("detail", "interval", "change") if figure.get(key)]
        lines.append(f"{figure.get('label')}: {figure.get('value')}"
                     + (f" ({'; '.join(extras)})" if extras else ""))  # fmt: skip
    lines += [_lead(material, chart), chart.reading if chart else "", _where(material, link)]
    return "\n\n".join(line for line in lines if line) + "\n"


def _where(material: Material, link: str) -> str:
    if link:
        return message("The whole page: {link}", link=link)
    return message("The whole page: the file {file}", file=f"{material.name}.html")


def _html(material: Material, chart: Picture | None, picture: bool, link: str, empty: bool) -> str:
    rows = [_row(f"<h1 dir='auto' style='margin:0;font-size:20px;line-height:1.3;color:{_INK}'>"
                 f"{escape(material.title)}</h1>")]  # fmt: skip
    if material.line:
        line = escape(" · ".join(material.line))
        rows.append(_row(f"<span dir='auto' style='color:{_QUIET};font-size:13px'>{line}</span>"))
    warning = _warning(material, empty)
    if warning:
        style = f"border-left:4px solid #d55e00;padding-left:10px;color:{_INK};font-weight:bold"
        rows.append(_row(f"<div dir='auto' style='{style}'>{escape(warning)}</div>"))
    if material.figures:
        rows.append(_row(_figures(material)))
    lead = _lead(material, chart)
    if lead:
        style = f"font-size:16px;line-height:1.4;font-weight:bold;color:{_INK}"
        rows.append(_row(f"<div dir='auto' style='{style}'>{escape(lead)}</div>"))
    if picture and chart is not None:
        rows.append(_row(
            f"<img src='cid:{CID}' alt='{escape(chart.heading, quote=True)}' width='552' "
            "style='display:block;width:100%;max-width:552px;height:auto;background:#ffffff'>"
        ))  # fmt: skip
    if chart is not None and chart.reading:
        style = f"color:{_QUIET};font-size:13px;line-height:1.5"
        rows.append(_row(f"<div dir='auto' style='{style}'>{escape(chart.reading)}</div>"))
    rows.append(_row(_button(material, link)))
    body = "".join(rows)
    return (
        f"<!doctype html><html><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width,initial-scale=1'>"
        "<meta name='color-scheme' content='light only'>"
        "<meta name='supported-color-schemes' content='light'>"
        f"<title>{escape(material.title)}</title></head>"
        f"<body style='margin:0;padding:0;background:#f3f5f7;{_FONT}'>"
        "<table role='presentation' width='100%' cellspacing='0' cellpadding='0' border='0' "
        "bgcolor='#f3f5f7'><tr><td align='center' style='padding:16px 8px'>"
        "<table role='presentation' width='100%' cellspacing='0' cellpadding='0' border='0' "
        f"bgcolor='{_GROUND}' style='max-width:600px;background:{_GROUND};"
        f"border:1px solid {_LINE}'><tr><td style='height:12px;line-height:12px'>&nbsp;</td></tr>"
        f"{body}<tr><td style='height:12px;line-height:12px'>&nbsp;</td></tr></table></td></tr>"
        "</table></body></html>"
    )


def _row(content: str) -> str:
    style = f"padding:8px 24px;{_FONT};font-size:14px;color:{_INK};word-break:break-word"
    return f'<tr><td style="{style}">{content}</td></tr>'


def _figures(material: Material) -> str:
    cells = []
    for figure in material.figures[:MOST_FIGURES]:
        lines = [
            f"<div dir='auto' style='color:{_QUIET};font-size:12px'>"
            f"{escape(str(figure.get('label') or ''))}</div>",
            f"<div dir='auto' style='font-size:24px;line-height:1.25;font-weight:bold;"
            f"color:{_INK}'>{escape(str(figure.get('value') or ''))}</div>",
        ]
        lines += [
            f"<div dir='auto' style='color:{_INK if key == 'change' else _QUIET};font-size:12px'>"
            f"{escape(str(figure[key]))}</div>"
            for key in ("change", "detail", "interval")
            if figure.get(key)
        ]
        # Blocks beside each other that fall below each other on a phone, without media queries.
        cells.append(
            "<div style='display:inline-block;vertical-align:top;width:100%;max-width:148px;"
            f"padding:4px 12px 8px 0'>{''.join(lines)}</div>"
        )
    return f"<div style='font-size:0'>{''.join(cells)}</div>"


def _button(material: Material, link: str) -> str:
    if not link:
        return f"<span style='color:{_QUIET};font-size:13px'>{escape(_where(material, ''))}</span>"
    style = (
        "display:inline-block;padding:10px 16px;background:#0072b2;color:#ffffff;"
        "text-decoration:none;font-weight:bold"
    )
    return f"<a href='{escape(link, quote=True)}' style='{style}'>{message('Open the page')}</a>"
