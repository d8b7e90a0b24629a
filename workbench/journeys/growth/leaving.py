"""What happened in the weeks before customers left, beside those who stayed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from workbench.errors import AbsentError, ArgumentError
from workbench.journeys.growth import chart_leaving as drawing
from workbench.journeys.growth.contact import BEFORE, knows_direction
from workbench.journeys.growth.contracts import left_of
from workbench.journeys.growth.question import WEEK
from workbench.journeys.records import acts
from workbench.messages import message, message_of_count
from workbench.results import numbers
from workbench.results.base import Result
from workbench.results.intervals import SMALL_GROUP, wilson
from workbench.results.tables import Column

if TYPE_CHECKING:
    import altair as alt

    from workbench.journeys.growth.result import Growth

OF = ("inbound", "usage")


class BeforeLeaving(Result):
    """Rows by week before customers left, and by week of those who stayed, at the same times.

    Attributes
    ----------
    ratio, ratio_low, ratio_high : float
        Rows by customer and week in the recent weeks before leaving, divided by those in the
        weeks before; 95 % interval (Wilson, given the sum). Not a number without any rows before.
    stayed : float
        The same ratio of those who stayed.
    """

    columns: ClassVar[Mapping[str, str]] = {
        "week": "Weeks before the end of the last contract; −1 is the last week",
        "late": "Whether the week is one of the recent weeks",
        "rows": "Rows of the customers that left",
        "customers": "Customers that left and were customers in this week",
        "per_customer": "rows / customers",
        "stayed_rows": "Rows that as many of those who stayed had at the same times",
        "stayed_per_customer": "stayed_rows / customers",
    }
    kind: ClassVar[str] = "before_leaving"

    def __init__(
        self, of: Growth, what: str, frame: pd.DataFrame, leavers: pd.DataFrame,
        event: str | None = None,
    ) -> None:  # fmt: skip
        self.of = of
        self.event = event
        self.what = what
        self.scope = of.scope
        self._frame = frame
        self.leavers = leavers
        self.definition = {**of.definition, "view": "before_leaving", "of": what}
        if event is not None:
            self.definition["event"] = event
        self.ratio, self.ratio_low, self.ratio_high = _ratio(frame)
        self.stayed = _stayed(frame)

    @property
    def frame(self) -> pd.DataFrame:
        """One line a week, the earliest first."""
        return self._frame

    def headline(self) -> str:
        """How much was left of it in the last weeks, and of those who stayed."""
        n, weeks = len(self.leavers), self.of.question.weeks
        if not n:
            return message("No customer is known to have left.")
        late = self._frame[self._frame["late"]]
        early = self._frame[~self._frame["late"]]
        what = message("contact from them") if self.what == "inbound" else message("use")
        if numbers.absent(self.ratio):
            return message(
                "{n} customers left; {what} before is not known", n=numbers.count(n), what=what
            )
        values = {
            "weeks": weeks,
            "times": message_of_count("{count} time", "{count} times", n),
            "what": what,
            "share": numbers.share(self.ratio),
            "low": numbers.share(self.ratio_low),
            "high": numbers.share(self.ratio_high),
            "a": numbers.count(late["rows"].sum()),
            "b": numbers.count(late["customers"].sum()),
            "c": numbers.count(early["rows"].sum()),
            "d": numbers.count(early["customers"].sum()),
        }
        if self.ratio_high < 1:
            return message(
                "In the last {weeks} weeks before a customer left ({times}), {what} fell to "
                "{share} of what it was (95 %: {low} to {high}): {a} rows in {b} customer weeks, "
                "before {c} in {d}",
                **values,
            )
        return message(
            "In the last {weeks} weeks before a customer left ({times}), {what} was {share} of "
            "what it was before (95 %: {low} to {high}), so no fall is seen: {a} rows in {b} "
            "customer weeks, before {c} in {d}",
            **values,
        )

    def reading(self) -> str:
        """What the lines are, and what they do not say."""
        out = [
            message(
                "Blue: rows by customer and week of those who left; grey: of those who stayed, at "
                "the same times. It says what came before leaving, not why they left."
            )
        ]
        if not numbers.absent(self.stayed):
            out.append(
                message(
                    "Of those who stayed the same ratio is {share}.",
                    share=numbers.share(self.stayed),
                )
            )
        if 0 < len(self.leavers) < SMALL_GROUP:
            out.append(message("Fewer than {n} customers left.", n=SMALL_GROUP))
        return " ".join(out)

    def definitions(self) -> list[str]:
        """As the customers say it."""
        return [
            *self.of.definitions(),
            message("Left: the last contract has ended. A week counts a customer once it was one.")
            if self.event is None
            else message("Left: the event “{event}”.", event=self.event),
        ]

    def shown(self) -> tuple[Column, ...]:
        """Columns for a reader."""
        return (
            Column("week", message("Week before leaving"), "number"),
            Column("rows", message("Rows of those who left"), "count"),
            Column("customers", message("Customers"), "count"),
            Column("per_customer", message("Rows by customer"), "number"),
            Column("stayed_per_customer", message("Of those who stayed"), "number"),
        )

    def chart(self) -> alt.TopLevelMixin:
        """Rows by customer and week, leaving and staying."""
        return drawing.draw(self)

    def members(self) -> pd.DataFrame:
        """Those who left: key, name, owner, left_at, since."""
        workspace = self.of.question.workspace
        keys = self.leavers["key"].to_numpy(object)
        owners = workspace.values_of("account", "owner_id", keys)
        return self.leavers.assign(
            name=workspace.display_names("account", keys),
            owner=owners if owners is not None else None,
        )[["key", "name", "owner", "left_at", "since"]].reset_index(drop=True)


def before_leaving(
    result: Growth, *, of: str | None = None, event: str | None = None
) -> BeforeLeaving:
    """Rows by week before customers left.

    Parameters
    ----------
    result : Growth
    of : {"inbound", "usage"}, optional
        E-mails, calls and meetings that came in, or rows of use; what the events know when left
        out.
    event : str, optional
        An event that says that a customer leaves, such as ``"churned"``, instead of the end of
        the last contract; each such event of an account is one leaving.
    """
    what, question = of, result.question
    store = question.workspace.events
    if what is None:
        what = "inbound" if knows_direction(store) else "usage"
    if what not in OF:
        raise ArgumentError.of("of", what, OF)
    if what == "inbound" and len(store) and not knows_direction(store):
        raise AbsentError.of("of", what, OF[1:], message("Events do not say what came in."))
    leavers = (
        left_of(question, result.found.contracts)
        if event is None
        else _left_by_event(result, event)
    )
    weeks = (BEFORE + 1) * question.weeks
    marks = _marks(result, what)
    left = _weekly(result, leavers, marks, weeks)
    stayed = _weekly_of_stayers(result, leavers, marks, weeks)
    number = np.arange(weeks, 0, -1)
    frame = pd.DataFrame(
        {
            "week": -number,
            "late": number <= question.weeks,
            "rows": left[0][::-1].astype(np.int64),
            "customers": left[1][::-1].astype(np.int64),
        }
    )
    some = frame["customers"] > 0
    frame["per_customer"] = (frame["rows"] / frame["customers"]).where(some)
    frame["stayed_rows"] = stayed[::-1]
    frame["stayed_per_customer"] = (frame["stayed_rows"] / frame["customers"]).where(some)
    return BeforeLeaving(result, what, frame, leavers, event)


def _left_by_event(of: Growth, event: str) -> pd.DataFrame:
    """Accounts and times of the event: key, left_at, since (the first event of the account)."""
    store = of.question.workspace.events
    names = store.dictionary("event").to_pylist() if len(store) else []
    if event not in names:
        raise AbsentError.of("event", event, names)
    times = store.times
    rows = np.flatnonzero((store.column("event") == names.index(event)) & (times < of.question.end))
    accounts = store.column("account_id")[rows].astype(np.int64)
    offsets = np.asarray(store.stream("account").offsets)[:-1]
    keys = store.dictionary("account_id").to_numpy(zero_copy_only=False)
    # The store is sorted by account, so the code of an account is its place in the stream.
    return pd.DataFrame(
        {
            "key": pd.Series(keys[accounts], dtype="object").astype("str"),
            "left_at": pd.to_datetime(times[rows], unit="us", utc=True),
            "since": pd.to_datetime(times[offsets[accounts]], unit="us", utc=True),
        }
    )


def _marks(of: Growth, what: str) -> tuple[np.ndarray, np.ndarray]:
    """Account code and time of every row that counts."""
    question = of.question
    store = question.workspace.events
    if not len(store):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    if what == "inbound":
        chosen = acts(store).inbound
    else:
        names = store.dictionary("event").to_pylist()
        code = names.index(question.usage_event) if question.usage_event in names else -1
        chosen = store.column("event") == code
    rows = np.flatnonzero(chosen & (store.times < question.end))
    return store.column("account_id")[rows].astype(np.int64), store.times[rows]


def _codes(of: Growth, keys: pd.Series) -> np.ndarray:
    names = of.question.workspace.events.dictionary("account_id").to_pylist()
    return pd.Index(names).get_indexer(pd.Index(keys.to_numpy(object)))


def _micro(times: pd.Series) -> np.ndarray:
    return times.dt.as_unit("us").astype("int64").to_numpy()


def _weekly(
    of: Growth, leavers: pd.DataFrame, marks: tuple[np.ndarray, np.ndarray], weeks: int
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and customers in each of the last weeks; the last week first."""
    account, times = marks
    if leavers.empty:
        return np.zeros(weeks, np.int64), np.zeros(weeks, np.int64)
    left, since = _micro(leavers["left_at"]), _micro(leavers["since"])
    seen = np.clip((left - since) // WEEK, 0, weeks)
    customers = (seen[:, None] > np.arange(weeks)[None, :]).sum(0)
    codes = _codes(of, leavers["key"])
    # Rows lie by account and time, so those before each end are one range.
    order = np.lexsort((times, account))
    account, times = account[order], times[order]
    first = np.searchsorted(account, codes, side="left")
    last = np.searchsorted(account, codes, side="right")
    counts = np.zeros(weeks, np.int64)
    for week in range(weeks):
        end, begin = left - week * WEEK, left - (week + 1) * WEEK
        inside = _between(times, first, last, begin, end)
        counts[week] = inside[(codes >= 0) & (seen > week)].sum()
    return counts, customers


def _between(
    times: np.ndarray, first: np.ndarray, last: np.ndarray, begin: np.ndarray, end: np.ndarray
) -> np.ndarray:
    """Rows of each range of places whose time lies in [begin, end)."""
    sums = []
    for edge in (begin, end):
        low, high = first.copy(), last.copy()
        # Bisection of all ranges at once.
        while (low < high).any():
            middle = (low + high) // 2
            value = times[np.minimum(middle, times.size - 1)] if times.size else edge
            right = (low < high) & (value < edge)
            low, high = (
                np.where(right, middle + 1, low),
                np.where((low < high) & ~right, middle, high),
            )
        sums.append(low)
    return sums[1] - sums[0]


def _weekly_of_stayers(
    of: Growth, leavers: pd.DataFrame, marks: tuple[np.ndarray, np.ndarray], weeks: int
) -> np.ndarray:
    """Rows that as many stayers had in each week before the same ends; the last week first."""
    out = np.full(weeks, np.nan)
    contracts = of.found.contracts
    running = contracts[contracts["ended_at"].isna() | (
        contracts["ended_at"] > pd.Timestamp(of.question.at))]  # fmt: skip
    stayers = contracts[contracts["account_id"].isin(running["account_id"])]
    since = stayers.groupby("account_id")["started_at"].min()
    if leavers.empty or since.empty:
        return out
    account, times = marks
    codes = _codes(of, since.index.to_series())
    begun = _micro(since.reset_index(drop=True).to_frame("s")["s"])
    size = int(max(account.max(initial=0), codes.max(initial=0))) + 1
    start_of = np.full(size, 2**62)
    start_of[codes[codes >= 0]] = begun[codes >= 0]
    order = np.argsort(times, kind="stable")
    account, times = account[order], times[order]
    left, own = _micro(leavers["left_at"]), _micro(leavers["since"])
    out[:] = 0
    # Ends of one week are taken together: the loop is over weeks of the calendar, not over rows.
    groups, place = np.unique(left // WEEK, return_inverse=True)
    for number in range(groups.size):
        members = place == number
        end = int(left[members].max())
        low, high = np.searchsorted(times, [end - weeks * WEEK, end])
        old = start_of[account[low:high]] <= end - weeks * WEEK
        there = int((begun <= end - weeks * WEEK).sum())
        if not there:
            continue
        age = (end - 1 - times[low:high][old]) // WEEK
        counts = np.bincount(age, minlength=weeks)
        seen = np.clip((left[members] - own[members]) // WEEK, 0, weeks)
        wanted = (seen[:, None] > np.arange(weeks)[None, :]).sum(0)
        out += counts / there * wanted
    return out


def _ratio(frame: pd.DataFrame) -> tuple[float, float, float]:
    """Late ÷ early rate with the interval that a share of the sum of both has."""
    late, early = frame[frame["late"]], frame[~frame["late"]]
    a, b = late["rows"].sum(), early["rows"].sum()
    days_a, days_b = late["customers"].sum(), early["customers"].sum()
    if not a + b or not b or not days_a or not days_b:
        return (np.nan,) * 3
    low, high = wilson(np.array([a]), np.array([a + b]))
    scale = days_b / days_a

    def ratio(share: float) -> float:
        return float(share / (1 - share) * scale) if share < 1 else np.inf

    return ratio(a / (a + b)), ratio(float(low[0])), ratio(float(high[0]))


def _stayed(frame: pd.DataFrame) -> float:
    late, early = frame[frame["late"]], frame[~frame["late"]]
    above, below = late["stayed_rows"].sum(), early["stayed_rows"].sum()
    days_a, days_b = late["customers"].sum(), early["customers"].sum()
    if not below or not days_a or numbers.absent(above):
        return np.nan
    return float(above / days_a / (below / days_b))
