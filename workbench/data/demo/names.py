"""Names of companies and people in several scripts, with the few that try to break a page."""

from __future__ import annotations

from itertools import product

import numpy as np
import pyarrow as pa

from workbench.data.demo.arrays import Ints, blank, ids, join, pick

INDUSTRIES = (
    "Machinery", "Automotive", "Electronics", "Chemicals", "Medical devices",
    "Food & beverage", "Logistics", "Software", "Energy", "-",
)  # fmt: skip
INDUSTRY_SHARES = (0.17, 0.13, 0.15, 0.10, 0.16, 0.09, 0.08, 0.06, 0.045, 0.015)
COUNTRIES = ("JP", "DE", "US", "CN", "TW", "FR", "GB")
COUNTRY_SHARES = (0.44, 0.17, 0.14, 0.09, 0.06, 0.05, 0.05)
LOCALE_OF_COUNTRY = np.array([0, 1, 2, 3, 4, 5, 2])
CURRENCIES = ("JPY", "EUR", "USD")
CURRENCY_OF_COUNTRY = np.array([0, 1, 2, 0, 0, 1, 2])

HOSTILE_NAMES = {
    7: "<script>alert(1)</script> GmbH",
    11: '=HYPERLINK("http://phish.example","Rechnung öffnen")',
    13: "شركة النور للتجارة والصناعة",
    17: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten" * 4 + "gesellschaft",
    19: "</script><img src=x onerror=alert(2)> ㈱",
    23: "'; DROP TABLE accounts;--",
    29: "{{ 7*7 }} ${datum.value} # **not** [markdown](javascript:alert(3))",
    31: "@SUM(1+1)*cmd|' /C calc'!A0",
    37: "+81 Café “Zitat”, Söhne; & Co.\t(Tab)",
    41: "null",
    43: "👩‍🔬🔬 Labor Weiß 🇩🇪",
    47: "יצוא ירושלים בע״מ / Export",
}
"""Names of accounts by their place in the file, the first account being 0."""

_COMPANIES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (
        ("北星", "東雲", "三浦", "髙橋", "富士見", "青葉", "旭", "瀬戸内", "白山", "黒潮", "桜井",
         "中島", "美濃", "信濃", "琵琶", "阿蘇", "知床", "鳴門", "若狭", "立山"),
        ("精機", "電子", "化学", "製作所", "物流", "食品", "医療機器", "工業", "システム", "商事"),
        ("株式会社", "㈱", "合同会社", "ホールディングス"),
    ),
    (
        ("Müller ", "Schäfer ", "Jürgens ", "Größmann ", "Köhler ", "Weiß ", "Bäcker ", "Hörmann ",
         "Löwe ", "Übelacker "),
        ("Präzisionstechnik", "Maschinenbau", "Gerätebau", "Fördertechnik", "Chemie",
         "Medizintechnik", "Lebensmittel", "Logistik"),
        (" GmbH", " AG", " GmbH & Co. KG", " SE"),
    ),
    (
        ("Northfield ", "Harbor ", "Cobalt ", "Juniper ", "Ridgeway ", "Lakeside ", "Sterling ",
         "Pinnacle ", "Redwood ", "O'Brien "),
        ("Robotics", "Dynamics", "Foods", "Freight", "Medical", "Polymers", "Software",
         "Instruments", "Controls", "Energy"),
        (" Inc.", " LLC", ", Ltd.", " Corp."),
    ),
    (
        ("苏州", "深圳", "上海", "宁波", "杭州", "广州"),
        ("恒远机械", "鑫盛电子", "瑞丰化工", "华泰精密", "远航物流", "康健医疗", "绿源食品"),
        ("有限公司", "股份有限公司", "集团"),
    ),
    (
        ("臺北", "高雄", "新竹", "臺中", "桃園"),
        ("宏達精密", "聯興電子", "光宇生技", "永豐機械", "德昌化學"),
        ("有限公司", "股份有限公司"),
    ),
    (
        ("Lefèvre ", "Béranger ", "Côté ", "Maîtrejean ", "Façonnable "),
        ("Mécanique", "Électronique", "Santé", "Transports", "Énergie"),
        (" SA", " SARL", " SAS"),
    ),
)  # fmt: skip
_SLUGS = ("kk", "de", "co", "cn", "tw", "fr")
_EMOJI = ("", " 🚀", " ☕", " 🌸", " ✨")

_FAMILY = (
    (("佐藤", "sato"), ("髙橋", "takahashi"), ("鈴木", "suzuki"), ("渡邉", "watanabe"),
     ("伊藤", "ito"), ("中村", "nakamura"), ("小林", "kobayashi"), ("齋藤", "saito")),
    (("Müller", "mueller"), ("Schäfer", "schaefer"), ("Groß", "gross"), ("Köhler", "koehler"),
     ("von der Heide", "vonderheide"), ("Yıldız", "yildiz")),
    (("Smith", "smith"), ("O'Connor", "oconnor"), ("Garcia", "garcia"), ("Nguyen", "nguyen"),
     ("Johnson", "johnson"), ("Patel", "patel")),
    (("王", "wang"), ("李", "li"), ("张", "zhang"), ("刘", "liu"), ("陈", "chen")),
    (("林", "lin"), ("黃", "huang"), ("張", "chang"), ("吳", "wu"), ("蔡", "tsai")),
    (("Lefèvre", "lefevre"), ("Dupont", "dupont"), ("Noël", "noel"), ("Garçon", "garcon")),
)  # fmt: skip
_GIVEN = (
    (("翔太", "shota"), ("美咲", "misaki"), ("健一", "kenichi"), ("さくら", "sakura"),
     ("大輔", "daisuke"), ("葵", "aoi"), ("マリア", "maria")),
    (("Jürgen", "juergen"), ("Anja", "anja"), ("Sören", "soeren"), ("Käthe", "kaethe"),
     ("Björn", "bjoern"), ("Emine", "emine")),
    (("Mary", "mary"), ("James", "james"), ("Siobhán", "siobhan"), ("Wei", "wei"), ("José", "jose"),
     ("Priya", "priya")),
    (("伟", "wei"), ("芳", "fang"), ("秀英", "xiuying"), ("强", "qiang"), ("敏", "min")),
    (("志明", "chihming"), ("淑芬", "shufen"), ("怡君", "yichun"), ("俊傑", "chunchieh")),
    (("Zoé", "zoe"), ("François", "francois"), ("Hélène", "helene"), ("Théo", "theo")),
)  # fmt: skip


def company_names(rng: np.random.Generator, locale: Ints, first: int) -> tuple[pa.Array, pa.Array]:
    """Names and domains of companies; `first` is the number of the first of them."""
    names = np.empty(len(locale), dtype=object)
    for kind, parts in enumerate(_COMPANIES):
        places = np.flatnonzero(locale == kind)
        known = np.array(["".join(words) for words in product(*parts)], dtype=object)
        order = rng.permutation(len(known))
        names[places] = known[order[np.arange(len(places)) % len(known)]]
    mark = np.where(rng.random(len(locale)) < 0.02, rng.integers(1, len(_EMOJI), len(locale)), 0)
    shown = join(pa.array(names.tolist(), type=pa.string()), pick(_EMOJI, mark)).to_pylist()
    for place, name in HOSTILE_NAMES.items():
        if first <= place < first + len(shown):
            shown[place - first] = name
    number = first + np.arange(len(locale), dtype=np.int64)
    domains = join(ids("c", number, 7), "-", pick(_SLUGS, locale), ".example")
    return pa.array(shown, type=pa.string()), domains


def person_names(rng: np.random.Generator, locale: Ints) -> tuple[pa.Array, pa.Array, pa.Array]:
    """First names, last names, and the ASCII start of an e-mail address."""
    given, family = _flat(_GIVEN), _flat(_FAMILY)
    one = _within(rng, _GIVEN, locale)
    two = _within(rng, _FAMILY, locale)
    ascii_part = join(pick([b for _, b in given], one), ".", pick([b for _, b in family], two))
    return pick([a for a, _ in given], one), pick([a for a, _ in family], two), ascii_part


def mistyped(rng: np.random.Generator, values: pa.Array, share: float) -> pa.Array:
    """`values` with a share of them left empty, as forms that nobody filled in."""
    return blank(values, rng.random(len(values)) < share)


_Names = tuple[tuple[tuple[str, str], ...], ...]


def _flat(groups: _Names) -> list[tuple[str, str]]:
    return [pair for group in groups for pair in group]


def _within(rng: np.random.Generator, groups: _Names, locale: Ints) -> Ints:
    sizes = np.array([len(group) for group in groups])
    starts = np.cumsum(sizes) - sizes
    return (starts[locale] + rng.random(len(locale)) * sizes[locale]).astype(np.int64)
