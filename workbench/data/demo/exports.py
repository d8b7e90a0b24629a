"""Opportunities as a Japanese CRM writes them: CP932, Japanese headers, slashes in dates."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import (
    DAY,
    Calendar,
    Ints,
    blank,
    days,
    hits,
    ids,
    integers,
    join,
    local,
    pick,
    written,
)
from workbench.data.demo.companies import Companies
from workbench.data.demo.deals import (
    FORECASTS,
    LOST,
    ORIGINS,
    PROBABILITIES,
    STAGES,
    WON,
    Deals,
)
from workbench.data.demo.funnel import Leads
from workbench.data.demo.names import CURRENCIES

_TOPICS = (
    "ライン増設", "検査装置①更新", "予知保全PoC", "スペアパーツ年間契約", "㈱本社工場 改修",
    "第Ⅱ期 省エネ診断", "クラウド接続～試験導入", "髙精度センサー", "Retrofit", "Service contract",
)  # fmt: skip
_NEXT_STEPS = ("見積提示", "デモ実施", "稟議待ち", "契約書確認", "訪問日程調整", None, None)
_LOSS_REASONS = ("価格", "競合", "予算凍結", "時期尚早", None)
_CAMPAIGN_WIDTH = 3


def expected_close(rng: np.random.Generator, deals: Deals) -> Ints:
    """The expected close: the day of closing once closed, else some months after creation."""
    guess = deals.created + (rng.uniform(60, 200, len(deals)) * DAY).astype(np.int64)
    return np.where(deals.closed >= 0, deals.closed, guess)


def opportunities_table(
    rng: np.random.Generator, companies: Companies, leads: Leads, deals: Deals,
    calendar: Calendar, expected: Ints,
) -> pa.Table:  # fmt: skip
    """The opportunities of a block in the words of the export."""
    number = len(deals)
    place = np.arange(number, dtype=np.int64)
    stage = deals.stage
    code = np.where(companies.country[deals.account] == 0, 0, 1)
    topic = pick(_TOPICS, rng.integers(0, len(_TOPICS), number))
    year = written(days(deals.created), "%Y年度 ")
    lead = np.where(deals.origin == 0, leads.primary_of[deals.account], -1)
    last_change = deals.entered.max(axis=1, initial=-1)
    pushes = np.where(deals.stalled, rng.integers(2, 6, number), rng.integers(0, 3, number))
    is_open = deals.outcome < 0
    reason = np.where(deals.outcome == LOST, rng.integers(0, len(_LOSS_REASONS), number), -1)
    no_amount = is_open & (stage < 2) & hits(rng, 0.15, number)
    day, moment = "%Y/%m/%d", "%Y/%m/%d %H:%M:%S"
    return pa.table(
        {
            "商談ID": deals.ids(place),
            "取引先ID": companies.ids(deals.account),
            "商談名": join(year, topic, ids(" #", (place + deals.first) % 1_000_000, 6)),
            "パイプライン": pick(("国内営業", "海外営業"), code.astype(np.int64)),
            "フェーズ": pick(STAGES, stage),
            "完了": pick(("はい", "いいえ"), is_open.astype(np.int64)),
            "成立": pick(("いいえ", "はい"), (deals.outcome == WON).astype(np.int64)),
            "金額": integers(deals.amount, no_amount),
            "通貨": pick(CURRENCIES, companies.currency[deals.account]),
            "確度(%)": integers(PROBABILITIES[stage] * 100),
            "売上予測分類": pick(FORECASTS, stage),
            "完了予定日": blank(written(days(expected), day), is_open & hits(rng, 0.05, number)),
            "完了日": written(days(deals.closed), day),
            "作成日": written(local(deals.created), moment),
            "商談 所有者": ids("U-", companies.owner[deals.account], 3),
            "種別": pick(("新規", "既存"), (deals.origin == 1).astype(np.int64)),
            "リードソース": pick(ORIGINS, deals.origin),
            "キャンペーンID": ids("CMP-", deals.campaign, _CAMPAIGN_WIDTH),
            "元リードID": leads.ids(lead),
            "次のステップ": blank(
                pick(_NEXT_STEPS, rng.integers(0, len(_NEXT_STEPS), number)), ~is_open
            ),
            "最終フェーズ変更日時": written(local(last_change), moment),
            "完了予定日変更回数": integers(pushes),
            "失注理由": pick(_LOSS_REASONS, reason),
            "主要商談先人数": integers(deals.contacts),
        }
    )
