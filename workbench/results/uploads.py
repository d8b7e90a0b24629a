"""Audience lists to activate in paid media, e-mail and social: normalised, hashed, opt-outs out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.audiences import KINDS, companies_of, people_of
from workbench.results.base import Block, Result
from workbench.results.platforms import PLATFORMS, Platform
from workbench.results.tables import FORMULA_STARTS, Column, plain_table

if TYPE_CHECKING:
    from workbench.workspace import Workspace

_BLANKS = " \u00a0\u3000\ufeff"
# Nothing that a spreadsheet or a mail server would read as more than one address.
_NOT = r"[^@\s,;:<>()\[\]\"'\\=|]"
_ADDRESS = rf"[^\W_]{_NOT}*@[^\W_]{_NOT}*\.[^\W\d_]{{2,}}"
_E164 = r"\+[1-9][0-9]{6,14}"


@dataclass(frozen=True)
class Upload(Block):
    """What was written for a platform and what was left out; shows itself as a table of counts.

    Attributes
    ----------
    path : pathlib.Path or None
        The file; None when nothing was to be written.
    platform : str
    written, total : int
        Lines of the file; people (or companies) behind the audience.
    counts : pandas.DataFrame
        ``what, people``: written, and each reason for leaving out; adds up to `total`.
    notes : tuple of str
        Smallest audience of the platform, what a column may hold, and where that is documented.
    """

    path: Path | None
    platform: str
    written: int
    total: int
    counts: pd.DataFrame
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        lines = [str(self.content["heading"])]
        lines += [
            f"  {what}: {numbers.count(people)}"
            for what, people in zip(self.counts["what"], self.counts["people"], strict=True)
        ]
        return "\n".join([*lines, *self.notes])


def audience_upload(
    audience: pd.DataFrame | Result,
    *,
    platform: str,
    path: str | Path | None = None,
    workspace: Workspace | None = None,
    container: str | None = None,
    names: bool = False,
) -> Upload:
    """Write the people behind an audience as a list that a platform takes.

    Addresses are trimmed and put in lower case, telephone numbers brought to E.164 where they
    name their country, and both hashed with SHA-256 (lower-case hexadecimal) where the platform
    wants it. People who opted out, people of the own company, and people without an address are
    left out and counted; an address that anybody opted out with is left out altogether. Cells
    that a spreadsheet would run are defused. The file is written whole or not at all, its lines
    sorted, without a byte order mark.

    Parameters
    ----------
    audience : pandas.DataFrame or Result
        Members of any result (column ``key``), or the result itself, whose `members` are taken; or
        a frame with a column ``email`` and, if known, ``phone``, ``first_name``, ``last_name``,
        ``title``, ``company``, ``country``, ``email_opt_out``, ``is_internal``.
    platform : str
        google_ads, linkedin, linkedin_companies, meta, hashed_csv or plain_csv; see
        `workbench.results.platforms` for headers and where they are documented.
    path : str or pathlib.Path, optional
        The CSV file; its folder exists. Without it nothing is written, and the answer says what
        would be.
    workspace : Workspace, optional
        Where the people behind keys stand; a result brings its own.
    container : {"account", "person", "opportunity", "buying_group"}, optional
        What the keys are; found out from the tables when left out.
    names : bool
        Whether columns for names are filled as well, hashed where the platform takes them hashed.
        Addresses alone are enough for matching, so they stay empty when left out.

    Returns
    -------
    Upload

    Raises
    ------
    ArgumentError
        For a value that is not allowed; nothing is written then.
    """
    if platform not in PLATFORMS:
        raise ArgumentError.of("platform", platform, PLATFORMS)
    if container is not None and container not in KINDS:
        raise ArgumentError.of("container", container, KINDS)
    chosen = PLATFORMS[platform]
    target = None if path is None else _target(path)
    frame, opened = _audience(audience, workspace)
    if "email" in frame.columns and "key" not in frame.columns:
        people, read_as = _given(frame, chosen), ""
    else:
        people, read_as = _behind(frame, opened, container, chosen)
    lines, counts = _sorted_out(people, chosen)
    table = _cells(lines, chosen, names)
    if target is not None:
        _write(table, target)
    return _said(chosen, target, len(table), counts, read_as, names)


def _target(path: str | Path) -> Path:
    target = Path(path) if isinstance(path, str | Path) and str(path).strip() else None
    if target is None or not target.parent.is_dir() or target.is_dir():
        raise ArgumentError.of(
            "path", str(path), message("a file in a folder that exists, such as 'list.csv'")
        )
    return target


def _audience(audience: Any, workspace: Workspace | None) -> tuple[pd.DataFrame, Workspace | None]:
    """The frame of members and the workspace that they come from."""
    if isinstance(audience, Result):
        members = getattr(audience, "members", None)
        if not callable(members):
            raise ArgumentError.of(
                "audience", type(audience).__name__, message("a result that has members")
            )
        owner: Any = audience
        while owner is not None and not hasattr(owner, "question"):
            owner = getattr(owner, "of", None)
        return members(), workspace or getattr(getattr(owner, "question", None), "workspace", None)
    if isinstance(audience, pd.DataFrame) and {"key", "email"} & set(audience.columns):
        return audience, workspace
    shown = (
        message("a frame with the columns {names}", names=", ".join(map(str, audience.columns)))
        if isinstance(audience, pd.DataFrame)
        else type(audience).__name__
    )
    raise ArgumentError.of(
        "audience", shown, message("a result, its members (with a column key), or a frame of email")
    )


def _given(frame: pd.DataFrame, chosen: Platform) -> pd.DataFrame:
    """A frame that brings its own addresses, in the columns of the people."""
    if chosen.companies:
        raise ArgumentError.of(
            "audience", "email", message("keys of a workspace for a list of companies")
        )
    out = pd.DataFrame(index=range(len(frame)))
    for name in ("email", "phone", "first_name", "last_name", "title", "company", "country"):
        given = frame[name].to_numpy(object) if name in frame.columns else None
        out[name] = pd.Series(given, index=out.index, dtype="object").astype("str")
    for name in ("email_opt_out", "is_internal"):
        given = frame[name].to_numpy(object) if name in frame.columns else False
        marks = pd.Series(given, index=out.index, dtype="object")
        out[name] = marks.where(marks.notna(), False).astype(bool)
    out["key"] = out.index.astype("str")
    return out


def _behind(
    frame: pd.DataFrame, workspace: Workspace | None, container: str | None, chosen: Platform
) -> tuple[pd.DataFrame, str]:
    if workspace is None:
        raise ArgumentError.of(
            "workspace", None, message("the workspace that the keys of the members come from")
        )
    keys = [str(key) for key in frame["key"].dropna().unique()]
    if chosen.companies:
        return companies_of(workspace, keys, container)
    if not workspace.has("people", "person_id"):
        raise AbsentError.of(
            "workspace", workspace.name, message("a workspace with a table of people")
        )
    if not {"email", "email_norm"} & set(workspace.columns_of("people")):
        raise AbsentError.of(
            "workspace", workspace.name, message("a table of people with their e-mail addresses")
        )
    return people_of(workspace, keys, container)


def _sorted_out(people: pd.DataFrame, chosen: Platform) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who is written, and how many for each reason are not; each person has one reason."""
    if chosen.companies:
        reasons = [(message("own company"), people["is_internal"]),
                   (message("no name"), people["company"].isna())]  # fmt: skip
    else:
        people = people.assign(
            address=_addresses(people["email"], chosen), number=_phones(people["phone"], chosen)
        )
        refused = set(people.loc[people["email_opt_out"], "address"].dropna())
        nothing = people["address"].isna()
        if not chosen.needs_address:
            nothing &= people["number"].isna()
        bare = people["email"].isna() | (people["email"].str.strip() == "")
        reasons = [
            (message("own company"), people["is_internal"]),
            (
                message("opted out of e-mail"),
                people["email_opt_out"] | people["address"].isin(refused),
            ),
            (message("no address"), nothing & bare),
            (message("address that cannot be right"), nothing & ~bare),
        ]
    rest = pd.Series(True, index=people.index)
    counts = []
    for words, marks in reasons:
        counts.append((words, int((rest & marks).sum())))
        rest &= ~marks
    kept = people[rest]
    if not chosen.companies:
        # Whoever has no address is told apart by the number, so that no line stands twice.
        identity = kept["address"].where(kept["address"].notna(), kept["number"])
        kept = kept.assign(identity=identity).sort_values(["identity", "key"])
        once = kept.drop_duplicates("identity")
        counts.append((message("same address as another"), len(kept) - len(once)))
        kept = once
    counts.insert(0, (message("written"), len(kept)))
    return kept, pd.DataFrame(counts, columns=["what", "people"])


def _addresses(emails: pd.Series, chosen: Platform) -> pd.Series:
    """Addresses as the platform hashes them; missing where one cannot be right."""
    out = emails.astype("str").str.normalize("NFKC").str.replace(r"\s+", "", regex=True)
    out = out.str.strip("\ufeff\u200b").str.lower()
    right = out.str.fullmatch(_ADDRESS)
    out = out.where(right.fillna(False).astype(bool))
    if not chosen.gmail:
        return out
    domain = out.str.replace(r"^.*@", "", regex=True)
    at_google = domain.isin(["gmail.com", "googlemail.com"])
    local = out.str.replace(r"[+@].*$", "", regex=True).str.replace(".", "", regex=False)
    plain = local.str.cat(domain, sep="@")
    return out.where(~at_google, plain)


def _phones(phones: pd.Series, chosen: Platform) -> pd.Series:
    """Telephone numbers in E.164; missing where the country is not told or not asked for."""
    if not chosen.phone:
        return pd.Series(pd.NA, index=phones.index).astype("object").astype("str")
    out = phones.astype("str").str.normalize("NFKC").str.strip()
    out = out.str.replace(r"(?i)\s*(ext\.?|x|#)\s*\d+$", "", regex=True)
    out = out.str.replace(r"\(0\)|[\s().\-/\u2010-\u2015]", "", regex=True)
    out = out.str.replace(r"^00", "+", regex=True)
    out = out.where(out.str.fullmatch(_E164).fillna(False).astype(bool))
    return out if chosen.phone == "e164" else out.str.removeprefix("+")


def _cells(lines: pd.DataFrame, chosen: Platform, names: bool) -> pd.DataFrame:
    """The table of the file: one column a header, hashed or defused."""
    out = {}
    for header, source in chosen.columns.items():
        wanted = source in ("address", "number", "") or names or not chosen.names_on_request
        given = lines[source] if source and wanted and source in lines else None
        if given is None:
            out[header] = pd.Series([""] * len(lines), dtype="str")
            continue
        text = given.reset_index(drop=True).astype("object").astype("str").fillna("")
        if header in chosen.hashed:
            out[header] = _hashed(text if source in ("address", "number") else _plain(text))
        else:
            out[header] = _defused(text)
    table = pd.DataFrame(out)
    return table.sort_values(list(table.columns), ignore_index=True) if len(table) else table


def _plain(names: pd.Series) -> pd.Series:
    """Names before they are hashed: lower case, no punctuation, no blanks around them."""
    return names.str.replace(r"[^\w\s]", "", regex=True).str.strip().str.lower()


def _hashed(text: pd.Series) -> pd.Series:
    """SHA-256 of each text as 64 lower-case hexadecimal digits; nothing stays nothing."""
    import duckdb

    given = pd.DataFrame({"place": range(len(text)), "text": text.to_numpy(object)})
    with duckdb.connect() as connection:
        connection.register("given", given.astype({"text": "str"}))
        read = connection.execute(
            "SELECT CASE WHEN text <> '' THEN sha256(text) ELSE '' END AS mark FROM given "
            "ORDER BY place"
        ).df()
    return read["mark"].astype("str")


def _defused(text: pd.Series) -> pd.Series:
    """An apostrophe before what a spreadsheet would run; a number in E.164 is only a number."""
    runs = text.str.lstrip(_BLANKS).str.startswith(FORMULA_STARTS)
    runs &= ~text.str.fullmatch(_E164)
    return text.where(~runs, "'" + text)


def _write(table: pd.DataFrame, target: Path) -> None:
    part = target.with_name(f".{uuid4().hex}.part")
    try:
        table.to_csv(part, index=False, encoding="utf-8", errors="replace", lineterminator="\n")
        part.replace(target)
    except OSError as problem:
        raise ArgumentError.of(
            "path",
            str(target),
            message("a place that can be written"),
            f"{problem.strerror}.",
        ) from None
    finally:
        part.unlink(missing_ok=True)


def _said(
    chosen: Platform,
    target: Path | None,
    written: int,
    counts: pd.DataFrame,
    read_as: str,
    names: bool,
) -> Upload:
    total = int(counts["people"].sum())
    what = (
        message_of_count("{count} company", "{count} companies", total)
        if chosen.companies
        else message_of_count("{count} person", "{count} people", total)
    )
    said = {"n": numbers.count(written), "total": what, "platform": chosen.title}
    heading = (
        message("{n} of {total} can be sent to {platform}; no file was asked for", **said)
        if target is None
        else message("Wrote {n} of {total} for {platform} to {file}", **said, file=target.name)
    )
    notes = [read_as] if read_as else []
    if chosen.least and written < chosen.least:
        notes.append(
            message(
                "{platform} wants at least {least} that it can match: this list is too short.",
                platform=chosen.title,
                least=chosen.least,
            )
        )
    elif chosen.least:
        notes.append(
            message(
                "{platform} wants at least {least} that it can match; it will not match all of "
                "these.",
                platform=chosen.title,
                least=chosen.least,
            )
        )
    notes.append(chosen.said)
    if names:
        clear = [h for h, source in chosen.columns.items()
                 if source not in ("address", "number", "") and h not in chosen.hashed]  # fmt: skip
        if clear and chosen.hashed:
            notes.append(message("In clear: {columns}.", columns=", ".join(clear)))
    notes.append(message("Form of the file: {source}.", source=chosen.source))
    shown = counts[(counts["people"] > 0) | (counts.index == 0)]
    table = plain_table(
        shown,
        (Column("what", message("What")), Column("people", message("Number"), "count")),
        file_name=f"{target.stem if target else 'audience'}-counts.csv",
    )
    content = {
        "block": "table",
        "anchor": f"audience-{chosen.name}".replace("_", "-"),
        "heading": heading,
        "reading": " ".join(notes),
        "table": table,
    }
    return Upload(content, target, chosen.name, written, total, counts, tuple(notes))
