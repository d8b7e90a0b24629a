"""Every number of a stage beside a slow and obvious count, for any history, period and order."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.sales.pipelines import STAGES, deal, pipeline
from workbench.sales.stages.coaching_lines import units_of

NAMES = [s[0] for s in STAGES]
OPEN = NAMES[:3]
END = 31


def entries(saves):
    """Days on which each deal entered a stage, repeats of a stage left out."""
    out = defaultdict(list)
    for key, day, stage in sorted(saves):
        if not out[key] or out[key][-1][1] != stage:
            out[key].append((day, stage))
    return out


def slowly(saves, since, until):
    """What the lines say of each stage, deal after deal."""
    found = {name: defaultdict(list) for name in NAMES}
    for rows in entries(saves).values():
        outcome = {"Won": "won", "Lost": "lost"}.get(rows[-1][1], "still_open")
        for name in NAMES:
            stays = [
                (day, (rows[n + 1][0] if n + 1 < len(rows) else END) - day, n)
                for n, (day, stage) in enumerate(rows)
                if stage == name and since <= day < until
            ]
            if not stays:
                continue
            running = stays[-1][2] == len(rows) - 1 and name in OPEN
            line = found[name]
            line["entered"].append(1)
            line["visits"].append(len(stays))
            line["revisited"].append(len(stays) > 1)
            line[outcome].append(1)
            line["over"].append(not running)
            if not running:
                line["latest"].append(stays[-1][1])
                line["cumulative"].append(sum(length for _, length, _ in stays))
            later = [stage for _, stage in rows[stays[0][2] + 1 :]]
            place = NAMES.index(name)
            on = "Won" in later or any(s in OPEN and NAMES.index(s) > place for s in later)
            on |= outcome == "won"
            line["went_on"].append(on)
            line["decided"].append(on or outcome == "lost")
    return found


drawn_saves = st.dictionaries(
    st.tuples(st.sampled_from("abcde"), st.integers(1, 28)), st.sampled_from(NAMES), min_size=1
)
COUNTS = ("entered", "visits", "revisited", "over", "won", "lost", "still_open")


@settings(max_examples=12, deadline=None)
@given(drawn_saves, st.sampled_from([(1, 99), (5, 20), (10, 11)]), st.randoms())
def test_lines_beside_a_slow_count(drawn, days, random):
    saves = [(key, day, stage) for (key, day), stage in drawn.items()]
    random.shuffle(saves)
    last = {key: rows[-1] for key, rows in entries(saves).items()}
    deals = [
        deal(key, stage, "2025-12-01", closed=f"01-{day:02d}" if stage not in OPEN else None)
        for key, (day, stage) in last.items()
    ]
    ws = pipeline(
        deals, [(key, f"01-{day:02d}", stage) for key, day, stage in saves],
        as_of="2026-01-31T12:00:00+00:00",
    )  # fmt: skip
    since, until = days
    period = None if until > END else f"2026-01-{since:02d}..2026-01-{until - 1:02d}"
    found = wb.stages(ws, period=period)
    slow = slowly(saves, since, until)
    for row in found.frame.itertuples():
        own = slow[row.stage]
        assert {name: getattr(row, name) for name in COUNTS} == {
            name: sum(own[name]) for name in COUNTS
        }
        standing = sum(stage == row.stage for _, stage in last.values())
        assert row.deals == standing
        if row.kind != "open":
            continue
        for name in ("latest", "cumulative"):
            wanted = np.quantile(own[name], [0.25, 0.5, 0.75]) if own[name] else [np.nan] * 3
            shown = [getattr(row, f"{name}_days_{part}") for part in ("q1", "median", "q3")]
            np.testing.assert_allclose(shown, wanted, atol=1e-9)
        assert len(found.members(row.stage, "entered")) == row.entered
        assert len(found.members(row.stage, "won")) == row.won
    table = wb.coaching(ws, by="stage", period=period, min_n=2).found
    units = units_of(table)
    names = table.catalogue.frame["stage"].to_numpy(object)
    for code, name in enumerate(names):
        mine = units.stage == code
        assert units.decided[mine].sum() == (sum(slow[name]["decided"]) if name in OPEN else 0)
        assert units.went_on[mine].sum() == (sum(slow[name]["went_on"]) if name in OPEN else 0)
