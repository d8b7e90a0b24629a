"""Stage intervals and moves: the worked examples, a slow oracle, and filters on deals."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sales.pipelines import STAGES, deal, pipeline
from tests.sales.test_history import SAVES
from workbench.errors import ArgumentError
from workbench.sales.deals import deals_of
from workbench.sales.history import history_of
from workbench.sales.population import population
from workbench.sales.stays import MOVES, stays_of

NAMES = [s[0] for s in STAGES]


def stays(saves, deals=None, **more):
    keys = sorted({s[0] for s in saves})
    return stays_of(history_of(pipeline(deals or [deal(k) for k in keys], saves, **more)))


def moves(found):
    return [list(MOVES)[m] for m in found.move if m >= 0]


def test_the_worked_example_of_intervals():
    found = stays(SAVES, [deal("o1", "Won", closed="02-01")]).visits
    names = deals_names(found)
    assert names == ["S1", "S2", "Won"]
    assert list(found.visits) == [2, 2, 1]
    assert list(found.latest_days) == [5, 12, 0]
    assert list(found.cumulative_days) == [15, 16, 0]
    assert found.cumulative_days.sum() == 31


def deals_names(visits):
    return [NAMES[s] for s in visits.stage]


@pytest.mark.parametrize(("as_of", "days"), [("2026-06-19", 9.5), ("2026-06-20", 10.5)])
def test_the_worked_example_of_moves(as_of, days):
    saves = [("o1", "06-01", "S1"), ("o1", "06-08", "S3"), ("o1", "06-10", "S1")]
    found = stays(saves, as_of=as_of)
    assert moves(found) == ["skip", "regress"]
    assert found.running.tolist() == [False, False, True]
    assert found.days[-1] == pytest.approx(days, abs=1e-6)


def test_closing_and_opening_again():
    saves = [("o1", "06-01", "S1"), ("o1", "06-02", "S2"), ("o1", "06-08", "Lost"),
             ("o1", "06-10", "S1"), ("o1", "06-20", "Won")]  # fmt: skip
    found = stays(saves)
    assert moves(found) == ["advance", "close", "reopen", "close"]
    assert not found.running.any()


def oracle(saves):
    out = {}
    for key, rows in groupby(sorted(saves, key=lambda s: (s[0], s[1])), lambda s: s[0]):
        kept = []
        for _, day, stage in rows:
            if not kept or kept[-1][1] != stage:
                kept.append((int(day[-2:]), stage))
        for (begin, stage), (end, _) in zip(kept, [*kept[1:], (31, "")], strict=True):
            closed = stage in ("Won", "Lost") and (begin, stage) == kept[-1]
            length = 0 if closed else end - begin
            line = out.setdefault((key, stage), [0, 0, 0])
            line[0], line[1], line[2] = line[0] + 1, length, line[2] + length
    return {key: tuple(line) for key, line in out.items()}


@settings(max_examples=12, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abc"), st.integers(1, 28)), st.sampled_from(NAMES), min_size=1
    ),
    st.randoms(use_true_random=False),
)
def test_visits_beside_a_slow_oracle(drawn, random):
    saves = [(key, f"01-{day:02d}", stage) for (key, day), stage in drawn.items()]
    random.shuffle(saves)
    keys = sorted({s[0] for s in saves})
    found = stays(saves, [deal(k) for k in keys], as_of="2026-01-31T12:00:00+00:00").visits
    lines = zip(found.deal, found.stage, found.visits, found.latest_days, found.cumulative_days,
                strict=True)  # fmt: skip
    assert {(keys[d], NAMES[s]): (v, a, b) for d, s, v, a, b in lines} == oracle(saves)


WORLD = [
    deal("o1", amount=10.0, owner_id="U1"), deal("o2", amount=np.nan, owner_id="U2"),
    deal("o3", amount=30.0, owner_id=None, account="B"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (None, [True, True, True]),
        ({"owner_id": ["U1", "U2"]}, [True, True, False]),
        ({"owner_id": {"!=": "U1"}}, [False, True, True]),
        ({"amount": {">": 15}}, [False, False, True]),
        ({"not": {"amount": {">": 15}}}, [True, True, False]),
        ({"amount": {"exists": False}}, [False, True, False]),
        ({"any": [{"account_id": "B"}, {"owner_id": {"starts_with": "U1"}}]}, [True, False, True]),
        ({"owner_id": {"matches": "U*"}}, [True, True, False]),
        ({"is_closed": True}, [False, False, False]),
        ({"owner_id": "x'; DROP TABLE opportunities; --"}, [False, False, False]),
    ],
)
def test_filters_on_deals(where, expected):
    assert population(deals_of(pipeline(WORLD)), where).tolist() == expected


def test_an_unknown_column_is_named():
    with pytest.raises(ArgumentError, match="amount"):
        population(deals_of(pipeline(WORLD)), {"amounts": 1})
