"""The rows that are wrong on purpose, and the copies: exactly these, whatever the size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class BrokenRow:
    """A row that does not belong: where it stands and what is wrong with it.

    `line` is its 1-based line in the file, the header being line 1; `cells` are its cells by
    column name, all others are empty. A row with the wrong number of cells has `extra` more
    (or, negative, fewer) than the header.
    """

    file: str
    table: str
    line: int
    column: str | None
    value: str | None
    reason: str
    cells: tuple[tuple[str, str], ...] = ()
    extra: int = 0


BROKEN = (
    BrokenRow(
        "leads.csv", "leads", 3, "created_at", "2025-02-30 10:15:00", "impossible date",
        (("lead_id", "L-90000001"), ("account_id", "A-0000001"), ("status", "New"),
         ("created_at", "2025-02-30 10:15:00")),
    ),
    BrokenRow(
        "leads.csv", "leads", 4, None, None, "too few cells",
        (("lead_id", "L-90000002"), ("account_id", "A-0000002")), extra=-9,
    ),
    BrokenRow(
        "leads.csv", "leads", 5, None, None, "too many cells",
        (("lead_id", "L-90000003"), ("company_text", "Schmidt; Söhne"),
         ("created_at", "2025-03-03 09:00:00")), extra=2,
    ),
    BrokenRow(
        "opportunities.csv", "opportunities", 3, "金額", "要確認", "text in an amount",
        (("商談ID", "O-90000001"), ("取引先ID", "A-0000003"), ("商談名", "金額未定の案件"),
         ("パイプライン", "国内営業"), ("フェーズ", "Proposal"), ("完了", "いいえ"),
         ("成立", "いいえ"), ("金額", "要確認"), ("通貨", "JPY"),
         ("作成日", "2025/05/07 11:00:00")),
    ),
    BrokenRow(
        "opportunities.csv", "opportunities", 4, "完了予定日", "2025/13/45", "impossible date",
        (("商談ID", "O-90000002"), ("取引先ID", "A-0000004"), ("商談名", "日付誤り"),
         ("パイプライン", "国内営業"), ("フェーズ", "Qualification"), ("完了", "いいえ"),
         ("成立", "いいえ"), ("金額", "1200000"), ("通貨", "JPY"), ("完了予定日", "2025/13/45"),
         ("作成日", "2025/06/02 15:30:00")),
    ),
    BrokenRow(
        "activities.csv", "activities", 3, "account_id", "A-9999999", "orphan key",
        (("activity_id", "T-9000000001"), ("type", "call"), ("direction", "in"),
         ("status", "done"), ("start_at", "2025-04-01 10:00:00"),
         ("done_at", "2025-04-01 10:05:00"), ("account_id", "A-9999999")),
    ),
    BrokenRow(
        "activities.csv", "activities", 4, "duration_min", "ca. 30", "text in a number",
        (("activity_id", "T-9000000002"), ("type", "meeting"), ("direction", "out"),
         ("status", "done"), ("start_at", "2025-04-02 10:00:00"), ("duration_min", "ca. 30"),
         ("account_id", "A-0000005")),
    ),
    BrokenRow(
        "people.csv", "people", 3, "person_id", "", "missing key",
        (("kind", "contact"), ("account_id", "A-0000006"), ("first_name", "Ohne"),
         ("last_name", "Schlüssel"), ("email", "ohne@schluessel.example")),
    ),
)  # fmt: skip
"""Every broken row of the files, in the order of file and line."""

COPIES = {
    "leads.csv": 3,
    "activities.csv": 5,
    "campaign_members.csv": 4,
    "web_events": 25,
}
"""How many rows stand twice, every cell the same."""


def with_broken_rows(
    file: str, lines: list[bytes], *, delimiter: str, encoding: str
) -> list[bytes]:
    """`lines` of a file (header first) with its broken rows put in and its copies at the end."""
    header = [cell.strip('"') for cell in lines[0].decode(encoding).split(delimiter)]
    copies = lines[1 : 1 + COPIES.get(file, 0)]
    whole = list(lines)
    for row in (row for row in BROKEN if row.file == file):
        known = dict(row.cells)
        cells = [known.get(column, "") for column in header]
        cells = cells[: row.extra] if row.extra < 0 else cells + ["?"] * row.extra
        text = delimiter.join(f'"{cell}"' if cell else "" for cell in cells)
        whole.insert(min(row.line - 1, len(whole)), text.encode(encoding))
    return whole + copies
