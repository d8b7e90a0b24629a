"""A report in another form: the run that is meant, the form that is wanted, the file it becomes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.errors import ArgumentError
from workbench.messages import marked, message
from workbench.reports.exports import kept
from workbench.reports.exports.places import inside
from workbench.reports.exports.said import end_notes, with_later_notes

if TYPE_CHECKING:
    from workbench.reports.exports.material import Material
    from workbench.reports.snapshots import Snapshot

FORMS = {
    "xlsx": (".xlsx", marked("an Excel workbook, one sheet a table")),
    "pdf": (".pdf", marked("the page as it is printed")),
    "png": (".png", marked("charts as pictures")),
    "svg": (".svg", marked("charts as drawings that scale")),
    "csv": (".zip", marked("a zip of CSV files, one a table")),
    "email": (".eml", marked("a mail of two or three figures and one picture")),
}


@dataclass(frozen=True)
class Wish:
    """How a report is to leave the house.

    Attributes
    ----------
    chart : str
        For pictures: anchor or number of the one chart; empty for all.
    link : str
        For a mail: address of the page.
    """

    chart: str = ""
    link: str = ""


def export_report(
    report: str,
    *,
    form: str,
    out: str | Path = "",
    folder: str | Path = "reports",
    chart: str = "",
    link: str = "",
) -> list[Path]:
    """Write a kept run of a report as Excel, PDF, picture, CSV or mail.

    Nothing is run again: the numbers are those of the page.

    Parameters
    ----------
    report : str
        A report (its newest good run), ``NAME/2026-04-01T09-00-00Z``, or the path of a run.
    form : {"xlsx", "pdf", "png", "svg", "csv", "email"}
    out : str or Path
        A file with the ending of the form, or a folder; the folder of the pages when left out.
    folder : str or Path
        Where the pages and their runs are kept.
    chart : str
        For pictures: anchor or number of the one chart; all when left out.
    link : str
        For a mail: address of the page.

    Returns
    -------
    list of pathlib.Path
        What was written.

    Raises
    ------
    ArgumentError
        For an unknown form or chart, or a place that cannot be written.
    ReportError
        When there is no such run, or no Chromium for a PDF.

    Notes
    -----
    Source: collaboration.md, 4.2 (CSV or PDF, all visible tables) and 5 (comments have no export).
    """
    from workbench.reports.snapshots import find_snapshot

    if form not in FORMS:
        raise ArgumentError.of("as", form, FORMS)
    snapshot = find_snapshot(Path(folder), report)
    target = _target(Path(out) if str(out) else Path(folder), snapshot.name, form, chart)
    return write_form(snapshot, form, target, Wish(chart, link))


def write_form(snapshot: Snapshot, form: str, target: Path, wish: Wish) -> list[Path]:
    """Write one form of a kept run to a file (pictures of all charts: into a folder)."""
    material = material_of(snapshot)
    if form == "pdf":
        from workbench.reports.exports.paper import save_pdf

        page = with_later_notes(kept.page_of(snapshot), material.comments, material.made_at)
        return [save_pdf(page, target)]
    if form in ("png", "svg"):
        from workbench.reports.exports.pictures import save_pictures

        return save_pictures(material, target, form=form, chart=wish.chart)
    return [_WRITERS[form](material, target, wish)]


def material_of(snapshot: Snapshot) -> Material:
    """What a kept run says, with the comments on its report as end notes."""
    material = kept.kept_material(snapshot)
    return replace(material, comments=end_notes(snapshot, material))


def _book(material: Material, target: Path, wish: Wish) -> Path:
    from workbench.reports.exports.book import save_book

    return save_book(material, target)


def _archive(material: Material, target: Path, wish: Wish) -> Path:
    from workbench.reports.exports.archive import save_archive

    return save_archive(material, target)


def _mail(material: Material, target: Path, wish: Wish) -> Path:
    from workbench.reports.exports.mail import save_mail

    return save_mail(material, target, link=wish.link)


_WRITERS: dict[str, Callable[[Any, Path, Wish], Path]] = {
    "xlsx": _book,
    "csv": _archive,
    "email": _mail,
}


def _target(out: Path, name: str, form: str, chart: str) -> Path:
    ending, _ = FORMS[form]
    pictures = form in ("png", "svg")
    if out.suffix.lower() == ending and not out.is_dir():
        if pictures and not chart:
            raise ArgumentError.of("out", str(out), message("a folder for all charts, or --chart"))
        return out
    if out.suffix and not out.is_dir() and out.suffix.lower() in _ENDINGS:
        raise ArgumentError.of("out", str(out), message("a folder, or a file that ends in {ending}",
                                                        ending=ending))  # fmt: skip
    if pictures and not chart:
        return out
    stem = f"{name}-{chart}" if pictures else name
    return inside(out, f"{stem}{ending}")


_ENDINGS = {ending for ending, _ in FORMS.values()} | {".html", ".csv", ".txt"}
