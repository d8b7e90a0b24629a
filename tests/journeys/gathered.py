"""A workspace of files with four in-person events, small enough to be counted by hand.

Asia/Tokyo, as of 20 April 2026. Accounts A (p1, p2), B (p3, p4), C (p5, p8); p6 has none, p7 is
one of our own.
"""

from __future__ import annotations

from pathlib import Path

import workbench as wb

FILES = {
    "accounts.csv": """account_id,name,owner_id
A,Alpha,u1
B,Beta,u2
C,Gamma,u1
""",
    "users.csv": """user_id,name
u1,Mori
u2,Weber
""",
    "people.csv": """person_id,account_id,first_name,last_name,is_internal
p1,A,Ann,One,false
p2,A,Ben,Two,false
p3,B,Cid,Three,false
p4,B,Dot,Four,false
p5,C,Eve,Five,false
p6,,Fay,Six,false
p7,A,Own,Staff,true
p8,C,Gil,Eight,false
""",
    "events.csv": """event_id,name,start_at,end_at,place,campaign_id
E1,Summit,2026-02-10 09:00:00,2026-02-10 17:00:00,Tokyo,C1
E2,Dinner,2026-03-20 18:00:00,2026-03-20 23:00:00,Osaka,C2
E3,Forum,2026-06-01 10:00:00,2026-06-01 16:00:00,Kyoto,
E4,Summit,2026-04-15 10:00:00,2026-04-15 12:00:00,Nagoya,
""",
    "event_attendance.csv": """event_id,person_id,status,status_at
E1,p1,registered,2026-01-20 10:00:00
E1,p1,attended,2026-02-10 09:30:00
E1,p2,Attended,2026-02-10 09:30:00
E1,p3,no_show,2026-02-10 18:00:00
E1,p3,registered,2026-02-11 09:00:00
E1,p4,registered,2026-01-10 10:00:00
E1,p4,cancelled,2026-01-12 10:00:00
E1,p5,invited,2026-01-10 10:00:00
E1,p6,attended,2026-02-10 09:40:00
E1,p7,attended,2026-02-10 08:00:00
E1,p8,attended,2026-02-10 09:45:00
E2,p1,attended,2026-03-20 18:10:00
E2,p4,attended,2026-03-20 18:20:00
E2,p2,waitlisted,2026-03-01 10:00:00
E3,p1,registered,2026-04-01 10:00:00
E4,p8,attended,2026-04-15 10:05:00
E4,p3,maybe,2026-04-01 10:05:00
""",
    "campaigns.csv": """campaign_id,name,actual_cost,currency
C1,Summit,200,EUR
C2,Dinner,9000,JPY
""",
    "leads.csv": """lead_id,person_id,account_id,created_at,mql_at,sql_at
L1,p1,A,2026-01-02 10:00:00,2026-02-12 10:00:00,
L2,p5,C,2026-01-02 10:00:00,2026-04-11 09:00:01,
""",
    "opportunities.csv": """\
opportunity_id,account_id,is_closed,is_won,amount,currency,created_at,closed_at
O1,A,false,,500,JPY,2026-04-11 09:00:00,
O2,C,false,,700,JPY,2026-04-11 09:00:01,
O3,A,true,true,1000,JPY,2026-01-05 10:00:00,2026-03-01 10:00:00
O4,A,true,false,4000,JPY,2026-01-05 10:00:00,2026-02-10 08:59:00
O5,C,false,,100,EUR,2026-01-01 10:00:00,
""",
    "activities.csv": """activity_id,type,direction,status,start_at,account_id,person_id
a1,email,in,done,2026-02-11 10:00:00,A,p1
a2,call,out,done,2026-02-10 20:00:00,C,p8
a3,call,out,done,2026-03-13 00:00:01,C,p8
a4,email,out,done,2026-02-20 10:00:00,A,p2
a5,email,in,done,2026-02-10 19:00:00,C,p8
a6,email,out,done,2026-04-04 00:00:00,B,p3
""",
    "fx_rates.csv": """currency,valid_from,rate
EUR,2026-01-01,0.01
EUR,2026-04-01,0.00625
""",
}
SETTINGS = """name: gathered
title: Gathered
report_tz: Asia/Tokyo
source_tz: Asia/Tokyo
currency: {reporting: JPY, policy: POLICY}
tables:
"""


def workspace(
    folder: Path, *, policy: str = "latest", without: tuple[str, ...] = (), **files: str
) -> wb.Workspace:
    """The company in a folder; `files` replace the text of a table, `without` leaves some out."""
    chosen = {name.removesuffix(".csv"): text for name, text in FILES.items()}
    chosen = {n: t for n, t in {**chosen, **files}.items() if n not in without}
    for name, text in chosen.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    lines = [f"  {name}: {{file: {name}.csv}}" for name in chosen]
    settings = SETTINGS.replace("POLICY", policy) + "\n".join(lines) + "\n"
    (folder / "gathered.yaml").write_text(settings, encoding="utf-8")
    return wb.open(folder / "gathered.yaml", as_of="2026-04-20", cache=folder / "cache")
