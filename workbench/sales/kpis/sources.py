"""How a KPI is measured: a declared measure over one table, or a built-in one with its options."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, field_validator

from workbench.errors import ArgumentError
from workbench.messages import message
from workbench.vocabulary.conditions import condition_from

DECLARED = "declared"


class _Measure(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator(
        "where", "numerator", "denominator", "visit", "accounts", "reps", mode="after",
        check_fields=False,
    )  # fmt: skip
    @classmethod
    def _a_condition(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        if value is not None:
            try:
                condition_from(value)
            except ArgumentError as refused:
                raise ValueError(str(refused)) from None
        return value


class Declared(_Measure):
    """Rows of one table, counted or added up.

    Attributes
    ----------
    table : str
        Table of the workspace; columns of the account behind a row are ``accounts.industry``.
    where : mapping, optional
        Population: rows that are looked at. ``"as_of"``, ``"as_of-30d"`` stand for days.
    at : str, optional
        Column that puts a row into a period; rows as they stand now when left out.
    count : str
        ``rows``, or a column whose different values are counted (people, accounts, …).
    sum : str, optional
        Column that is added up instead.
    numerator : mapping, optional
        Condition on the population; the figure is then a share of the denominator.
    denominator : mapping, optional
        Condition that narrows what the share is taken of.
    per : str, optional
        Column whose different values the total is divided by.
    owner : str, optional
        Column with the member of staff who is asked; ``owner_id`` where there is one.
    """

    table: str = Field(min_length=1)
    where: dict[str, Any] | None = None
    at: str | None = None
    count: str = "rows"
    sum: str | None = None
    numerator: dict[str, Any] | None = None
    denominator: dict[str, Any] | None = None
    per: str | None = None
    owner: str | None = None

    @field_validator("per")
    @classmethod
    def _mean_or_share(cls, value: str | None, info: Any) -> str | None:
        if value and info.data.get("numerator"):
            raise ValueError(message("give either numerator (a share) or per (a mean)"))
        return value

    @field_validator("denominator")
    @classmethod
    def _of_a_share(cls, value: dict[str, Any] | None, info: Any) -> dict[str, Any] | None:
        if value and not info.data.get("numerator"):
            raise ValueError(message("a denominator needs a numerator"))
        return value


class NewFromCustomers(_Measure):
    """Opportunities created in the period whose account was a customer before.

    With `flag_wins` the source system's own mark decides wherever it stands.
    """

    measure: Literal["new_opportunities_from_customers"]
    flag_wins: bool = False
    where: dict[str, Any] | None = None


class WonAmount(_Measure):
    """Amount of the opportunities won in the period, in one currency."""

    measure: Literal["won_amount"]
    where: dict[str, Any] | None = None


class _OfVisits(_Measure):
    """What counts as a visit: a condition on activities, and whether every meeting does."""

    visit: dict[str, Any] | None = None
    all_meetings: bool = False


class Visits(_OfVisits):
    """Visits of the period; a joint one counts once for each rep and once for the team."""

    measure: Literal["visits"]


class VisitsPerRep(_OfVisits):
    """Visits of the reps ÷ reps; a joint visit counts for each who was there."""

    measure: Literal["visits_per_rep"]
    reps: dict[str, Any] | None = None


class VisitedWeekly(_OfVisits):
    """Account-weeks with a visit ÷ accounts of these ranks × full weeks of the period."""

    measure: Literal["accounts_visited_weekly"]
    ranks: list[str] = Field(["A", "B"], min_length=1)
    accounts: dict[str, Any] | None = None


class Unvisited(_OfVisits):
    """Accounts whose last visit lies some calendar months back; never visited stand apart."""

    measure: Literal["unvisited_accounts"]
    months: int = Field(3, ge=1, le=120)
    accounts: dict[str, Any] | None = None


class CustomerVisitShare(_OfVisits):
    """Visits to customers ÷ visits to accounts."""

    measure: Literal["customer_visit_share"]
    flag_wins: bool = False


class HearingFilled(_Measure):
    """Open deals with at least some share of their fields filled ÷ open deals."""

    measure: Literal["hearing_filled"]
    fields: list[str] | None = Field(None, min_length=1)
    least: float = Field(0.7, gt=0, le=1)
    where: dict[str, Any] | None = None


class AnomalyShare(_Measure):
    """Deals with one anomaly of the built-in list ÷ the deals it is looked for in."""

    measure: Literal["anomaly"]
    check: str
    options: dict[str, Any] = {}
    where: dict[str, Any] | None = None


NAMED = (
    NewFromCustomers, WonAmount, Visits, VisitsPerRep, VisitedWeekly, Unvisited,
    CustomerVisitShare, HearingFilled, AnomalyShare,
)  # fmt: skip
BY_NAME: dict[str, type[_Measure]] = {
    model.model_fields["measure"].annotation.__args__[0]: model  # type: ignore[union-attr]
    for model in NAMED
}


def _tag(value: Any) -> str:
    if isinstance(value, dict):
        return str(value["measure"]) if "measure" in value else DECLARED
    return str(getattr(value, "measure", DECLARED))


Source = Annotated[
    Annotated[Declared, Tag(DECLARED)]
    | Annotated[NewFromCustomers, Tag("new_opportunities_from_customers")]
    | Annotated[WonAmount, Tag("won_amount")]
    | Annotated[Visits, Tag("visits")]
    | Annotated[VisitsPerRep, Tag("visits_per_rep")]
    | Annotated[VisitedWeekly, Tag("accounts_visited_weekly")]
    | Annotated[Unvisited, Tag("unvisited_accounts")]
    | Annotated[CustomerVisitShare, Tag("customer_visit_share")]
    | Annotated[HearingFilled, Tag("hearing_filled")]
    | Annotated[AnomalyShare, Tag("anomaly")],
    Discriminator(_tag),
]


def model_of(tag: str) -> type[BaseModel]:
    """The model behind a tag of the choice."""
    return BY_NAME.get(tag, Declared)
