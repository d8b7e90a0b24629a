"""Anomalies in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.messages import marked, message, message_of_count
from workbench.results import numbers
from workbench.results.base import Block
from workbench.results.blocks import key_figures as figures

if TYPE_CHECKING:
    from workbench.collaboration.anomalies.result import AnomalyDetection
    from workbench.collaboration.anomalies.series import Series

_METHODS = {
    "gesd": marked("box plot and test of outliers"),
    "weekday": marked("same weekday"),
    "poisson": marked("small counts (Poisson)"),
    "negative_binomial": marked("small counts (negative binomial)"),
    "too_few": marked("too few to tell"),
    "too_short": marked("too few periods before"),
    "no_value": marked("no value"),
}
_MOST_FIGURES = 5


def method_word(method: str) -> str:
    """How a band was made, for a table."""
    if method in _METHODS:
        return message(_METHODS[method])
    form, _, rest = method.partition("-")
    if not form:
        return ""
    if rest:
        return message("smoothing {form}, outliers set aside", form=form)
    return message("smoothing {form}", form=form)


def value_text(series: Series, value: Any) -> str:
    """A value of a series as a reader sees it."""
    if numbers.absent(value):
        return numbers.NOTHING
    if series.unit == "share":
        return numbers.share(value)
    if series.unit == "money":
        return numbers.money(value, series.currency)
    return numbers.count(value) if value == round(value) else numbers.significant(value)


def mark(line: Mapping[str, Any]) -> str:
    """``25 % above``, or nothing."""
    if line["anomaly"] not in ("above", "below"):
        return ""
    if numbers.absent(line["deviation"]):
        return message("above") if line["anomaly"] == "above" else message("below")
    size = numbers.share(abs(line["deviation"]))
    if line["anomaly"] == "above":
        return message("{size} above", size=size)
    return message("{size} below", size=size)


def _level(result: AnomalyDetection) -> str:
    return f"{100 * result.confidence:g} %"


def headline(result: AnomalyDetection) -> str:
    """Anomalies of the periods that could be judged, and the newest one."""
    frame = result.frame
    judged = frame[
        frame["expected"].notna() & frame["actual"].notna() & ~frame["open"].astype(bool)
    ]
    if judged.empty:
        return message("Nothing can be expected of any period: {why}", why=_why(result))
    found = result.anomalies
    said = message_of_count(
        "{count} of {n} periods lies outside what was expected of it ({level})",
        "{count} of {n} periods lie outside what was expected of them ({level})",
        len(found), n=numbers.count(len(judged)), level=_level(result),
    )  # fmt: skip
    if found.empty:
        return said
    last = found.iloc[0].to_dict()
    series = next(s for s in result.series if s.name == last["series"])
    values = {
        "said": said,
        "day": numbers.day(last["start"]),
        "actual": value_text(series, last["actual"]),
        "expected": value_text(series, last["expected"]),
    }
    if len(result.series) > 1:
        return message(
            "{said}; the last one is {series} on {day}: {actual} instead of {expected}",
            series=numbers.shortened(series.name), **values,
        )  # fmt: skip
    return message("{said}; the last one on {day}: {actual} instead of {expected}", **values)


def _why(result: AnomalyDetection) -> str:
    methods = set(result.frame["method"])
    if "too_few" in methods:
        mean = result.frame.loc[result.frame["method"] == "too_few", "mean"].iloc[-1]
        return message(
            "{mean} a period are too few to tell an anomaly from chance; watch a fixed value",
            mean=numbers.significant(mean),
        )
    if not len(result.frame):
        return message("there is no period")
    return message("too few periods are known before")


def reading(result: AnomalyDetection) -> str:
    """What line, band and dots are."""
    if len(result.series) > 1:
        return message(
            "White dots lie outside what was expected of them at {level}; the dotted line and the "
            "band of a line show when it is pointed at. Every period is judged by what was known "
            "before it; even of usual periods one in {n} lies outside.",
            level=_level(result), n=round(1 / (1 - result.confidence)),
        )  # fmt: skip
    return message(
        "Dotted: expected; the band holds {level}; white dots lie outside it. Every period is "
        "judged by what was known before it; even of usual periods one in {n} lies outside.",
        level=_level(result), n=round(1 / (1 - result.confidence)),
    )  # fmt: skip


def definitions(result: AnomalyDetection) -> list[str]:
    """The rules that were used, each in a sentence."""
    methods = {str(name) for name in result.frame["method"]}
    smoothed = any(
        name.partition("-")[0] in ("ANA", "AAA", "MNM", "MNA", "AAN") for name in methods
    )
    out = []
    if smoothed:
        out.append(
            message(
                "Days: five forms of exponential smoothing (ANA, AAA, MNM, MNA, AAN; season of "
                "seven days) over up to 35 days before; the one with the lowest mean absolute "
                "percentage error; Student's interval of its one-day forecast."
            )
        )
    if any(name.endswith("-outliers") for name in methods):
        out.append(
            message(
                "Where that error is above 15 %, days that are outliers beside the median of their "
                "weekday were replaced by it before."
            )
        )
    if "weekday" in methods:
        out.append(message("Same weekday: mean ± t(n−1)·s·√(1+1/n) of the last five."))
    if "gesd" in methods:
        out.append(
            message(
                "Weeks and months: the adjusted box plot of the last 15 gives the largest number "
                "of outliers, Rosner's test finds them; where a year before is known, the change "
                "since then must be an outlier too."
            )
        )
    if methods & {"poisson", "negative_binomial"}:
        out.append(message("A mean below 5 a period: interval of a law of counts, working days "
                           "and days without work apart."))  # fmt: skip
    if "too_few" in methods:
        out.append(message("A mean below 2 a period: nothing is called an anomaly."))
    if (result.frame["rule"].isin(["additive", "multiplicative", "year_on_year"])).any():
        out.append(
            message(
                "Special days outside their band are judged again by what the same day was a year "
                "before, by the rule (additive, multiplicative, year on year) that erred least."
            )
        )
    return out


def key_figures(result: AnomalyDetection) -> Block:
    """The last judged period of each series."""
    out = []
    frame = result.frame
    for series in result.series[:_MOST_FIGURES]:
        lines = frame[(frame["series"] == series.name) & frame["expected"].notna()
                      & frame["actual"].notna()]  # fmt: skip
        if lines.empty:
            continue
        line = lines.iloc[-1].to_dict()
        detail = message(
            "on {day}; expected {expected} ({low}–{high})",
            day=numbers.day(line["start"]),
            **{name: value_text(series, line[name]) for name in ("expected", "low", "high")},
        )
        out.append({"label": series.name, "value": value_text(series, line["actual"]),
                    "detail": detail})  # fmt: skip
    return figures(out)
