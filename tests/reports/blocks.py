# ruff: noqa: E501 - a table of texts reads best a line an entry
"""Blocks as a real report shows them: used by render tests, the browser, and by eye."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.reports.notebooks import table

HOSTILE = (
    "<script>alert(1)</script></script><img src=x onerror=alert(2)> {{7*7}} [a](javascript:x) **b**"
)
ARABIC = "شركة النور للتجارة"
LONG = (
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH & Co. KG"
)
NAMES = [
    "株式会社星野部品", "北極光電子股份有限公司", "Müller & Söhne GmbH", ARABIC, LONG, "=cmd|' /C calc'!A0",
    "🚀 Rocket Parts", "O'Neill “Quotes”, Inc.", "<b>Bold</b> Ltd", "+81 Trading", "-Minus KK", "@handle",
]  # fmt: skip

HEADER = {
    "block": "header",
    "title": "How do accounts move through the sales funnel, and where do they fall out?",
    "subtitle": "From lead form to won deal, by account",
    "as_of": "2026-03-31",
    "workspace": "Hoshino Components (demo company)",
    "fingerprint": "3f9c1e77a2b04d18",
    "period": "2024-04..2026-03",
    "versions": {"duckdb": "2.0.0", "altair": "6.3.0"},
}
FIGURES = {
    "block": "figures",
    "figures": [
        {"label": "Accounts that entered", "value": "540", "detail": "of 806 accounts in the workspace"},
        {"label": "Won within 180 days", "value": "11.5 %", "detail": "62 of 540 accounts",
         "interval": "9.1 % to 14.5 %", "change": "+1.8 points since 2026-02-28"},
        {"label": "Largest loss", "value": "MQL → SQL", "detail": "312 of 540 accounts stop there"},
        {"label": "Median time to won", "value": "74 days", "detail": "quartiles 51 and 118 days"},
        {"label": "Still open", "value": "48", "detail": "entered less than 180 days ago"},
    ],
}  # fmt: skip
DEFINITIONS = {
    "block": "definitions",
    "entries": [
        {"term": "Account reached a step", "text": "Some choice of its events satisfies every step up to this one, in order, within 180 days of the entry."},
        {"term": "MQL", "text": "The first time that a lead of the account was qualified by marketing."},
        {"term": "Open", "text": "The entry is younger than the window, so the account may still move on."},
    ],
}  # fmt: skip
QUALITY = {
    "block": "quality",
    "sentence": "Of 301,402 rows read, 300,988 were kept, 371 merged as duplicates and 43 set aside; every line balances.",
    "balance": table(
        [("File", "text"), ("Read", "count"), ("Kept", "count"), ("Set aside", "count"), ("Merged", "count")],
        [["accounts.csv", 812, 806, 2, 4], ["activities.parquet", 120340, 120001, 31, 308], ["touchpoints", 180250, 180181, 10, 59]],
        file_name="balance",
    ),
    "findings": table(
        [("Level", "text"), ("File", "text"), ("Row", "count"), ("Problem", "text"), ("Remedy", "text")],
        [["warning", "accounts.csv", 118, "The parent account is the account itself.", "Correct parent_id in the source."],
         ["note", "leads.csv", None, "31 times carry no zone and were read as Asia/Tokyo.", "Set source_tz if that is wrong."]],
        file_name="findings",
    ),
}  # fmt: skip


@cache
def _svg(which: str) -> str:
    import json

    import vl_convert

    return vl_convert.vegalite_to_svg(json.dumps(SPECS[which]))


CONFIG = {
    "background": "white", "view": {"stroke": None}, "font": "system-ui, sans-serif",
    "axis": {"labelColor": "#5c6269", "titleColor": "#5c6269", "gridColor": "#e6e8eb", "domainColor": "#c9cdd3", "tickColor": "#c9cdd3", "labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 220},
    "legend": {"labelFontSize": 12, "titleFontSize": 12},
    "text": {"fontSize": 12, "color": "#1b1d21"},
}  # fmt: skip
_STEPS = [
    ("Lead form", 540),
    ("Lead", 498),
    ("MQL", 421),
    ("SQL", 228),
    ("Opportunity", 164),
    ("Won", 62),
]
SPECS: dict[str, dict[str, Any]] = {
    "fallout": {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, "width": 640, "height": {"step": 34},
        "data": {"values": [{"step": s, "reached": n, "share": round(n / 540, 4), "label": f"{n} · {n / 5.4:.0f} %", "part": "reached"} for s, n in _STEPS]},
        "encoding": {"y": {"field": "step", "type": "nominal", "sort": None, "title": None}, "x": {"field": "reached", "type": "quantitative", "title": "accounts that reached the step (of 540)"}},
        "layer": [
            {"mark": {"type": "bar", "color": "#b8bec6"}, "encoding": {"tooltip": [{"field": "step", "title": "Step"}, {"field": "reached", "title": "Accounts", "format": ","}, {"field": "share", "title": "Share of entries", "format": ".1%"}], "color": {"condition": {"test": "datum.step === 'SQL'", "value": "#0072B2"}, "value": "#b8bec6"}}},
            {"mark": {"type": "text", "align": "left", "dx": 6}, "encoding": {"text": {"field": "label"}}},
        ],
    },
    "trend": {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, "width": 640, "height": 240,
        "data": {"values": [{"month": f"2025-{m:02d}-01", "segment": s, "share": round(0.1 + 0.02 * ((m * k) % 5) / 2 + 0.03 * k, 4)} for m in range(1, 13) for k, s in enumerate(["Electronics", "Automotive", "Medical"], 1)]},
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {"x": {"field": "month", "type": "temporal", "title": "month of entry"}, "y": {"field": "share", "type": "quantitative", "title": "won, share of entries", "axis": {"format": "%"}}, "color": {"field": "segment", "type": "nominal", "scale": {"range": ["#E69F00", "#56B4E9", "#009E73"]}, "title": None, "legend": {"orient": "top"}}, "tooltip": [{"field": "segment", "title": "Segment"}, {"field": "month", "type": "temporal", "format": "%Y-%m", "title": "Month"}, {"field": "share", "format": ".1%", "title": "Won"}]},
    },
    "hostile": {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, "width": 640,
        "usermeta": {"embedOptions": {"actions": True, "ast": False}},
        "data": {"values": [{"name": name, "n": 30 - i, "image": "http://elsewhere.example/x.png"} for i, name in enumerate([HOSTILE, *NAMES])]},
        "mark": {"type": "bar", "color": "#8a929c"},
        "encoding": {"y": {"field": "name", "type": "nominal", "sort": None, "title": None}, "x": {"field": "n", "type": "quantitative", "title": "meetings"}, "tooltip": [{"field": "name", "title": HOSTILE}, {"field": "n", "title": "Meetings"}, {"field": "image", "title": "image"}]},
    },
    "facet": {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG,
        "data": {"values": [{"g": g, "step": s, "n": n // (i + 1)} for i, g in enumerate(["Electronics", "Automotive", "Medical"]) for s, n in _STEPS]},
        "mark": {"type": "bar", "color": "#0072B2"}, "width": 220,
        "encoding": {"column": {"field": "g", "title": None}, "x": {"field": "n", "type": "quantitative", "title": "accounts"}, "y": {"field": "step", "sort": None, "title": None}},
    },
}  # fmt: skip


def accounts(rows: int) -> dict[str, Any]:
    """Return a list of accounts as a report shows it."""
    return table(
        [("Account", "text"), ("Owner", "text"), ("Open opportunities", "count"), ("Won share", "share"), ("Pipeline", "money"), ("Last contact", "date"), ("Waiting", "duration")],
        [[f"{NAMES[i % len(NAMES)]} {i}" if i >= len(NAMES) else NAMES[i], ["佐藤 花子", "Anna Groß", "李 小龍"][i % 3], i * 7 % 23, None if i % 9 == 4 else (i * 37 % 100) / 100 + 0.0001 * i, (i * 7919) % 12_000_000 - 500_000 * (i % 11 == 0), f"2026-03-{i % 28 + 1:02d}T00:00:00", (i * 13 % 90) * 86400.0] for i in range(rows)],
        file_name="accounts to act on",
    )  # fmt: skip


def finding(which: str, heading: str, **more: Any) -> dict[str, Any]:
    """Return a finding with chart and picture."""
    return {
        "block": "finding", "anchor": which, "heading": heading, "chart": SPECS[which], "svg": _svg(which),
        "alt": heading, "reading": "Of 540 accounts that sent a lead form between 2024-04 and 2026-03; 48 open entries are set aside.",
        "table": None, "notes": [], "definition": {"container": "account", "steps": ["lead_form_completed", "mql_qualified", {"event": "closed_won", "within": "180d"}]},
        "scope": {"accounts": 806, "without_any_event": 12}, **more,
    }  # fmt: skip


def full_report() -> list[dict[str, Any] | str]:
    """Return the blocks of a report that holds every kind of block."""
    steps = table(
        [("Step", "text"), ("Reached", "count"), ("Of entries", "share"), ("Of previous step", "share"), ("Median days", "number")],
        [[s, n, n / 540, n / p, 3.4567 * i] for i, ((s, n), (_, p)) in enumerate(zip(_STEPS, [_STEPS[0], *_STEPS], strict=False))],
        file_name="steps",
    )  # fmt: skip
    return [
        "# Notebook title\n\nThe *first* markdown cell says what this is, with `code` and a [link](https://example.org).",
        HEADER,
        FIGURES,
        finding("fallout", "Accounts fall out between MQL and SQL: 193 of 421, 46 %", table=steps, notes=["Small groups (fewer than 30 accounts) are marked.", HOSTILE]),
        finding("trend", "Medical accounts win more often than a year ago: 19 % of 84, up 6 points"),
        "## Who to act on\n\n" + HOSTILE,
        finding("hostile", "Meetings are held by few: 北極光電子股份有限公司 leads with 30", table=accounts(40)),
        finding("facet", "The three industries lose accounts at the same step"),
        {"block": "table", "anchor": "all", "heading": "312 accounts to call this week", "reading": "Ordered by open pipeline.", "table": accounts(1000)},
        {"block": "table", "anchor": "none", "heading": "No deal is stalled for more than 90 days", "reading": "", "table": table([("Deal", "text")], [])},
        {"block": "text", "heading": "What to do next", "text": "Call the 12 accounts above before 2026-04-10.\n\n" + HOSTILE},
        {"block": "finding", "anchor": "none", "heading": HOSTILE, "chart": None, "svg": None, "alt": "", "reading": "Nothing to draw: no account entered.", "table": None, "notes": [], "definition": {}, "scope": {}},
        DEFINITIONS,
        QUALITY,
    ]  # fmt: skip


def crowded_report() -> list[dict[str, Any]]:
    """Return the blocks of a page with 12 charts and 10 tables of 1,000 rows."""
    kinds = ("fallout", "trend", "facet", "hostile")
    parts = [
        finding(
            kinds[n % 4],
            f"Finding {n}: accounts fall out",
            table=accounts(1000) if n < 10 else None,
        )
        for n in range(12)
    ]
    return [
        HEADER,
        FIGURES,
        *({**part, "anchor": f"part-{n}"} for n, part in enumerate(parts)),
        DEFINITIONS,
        QUALITY,
    ]
