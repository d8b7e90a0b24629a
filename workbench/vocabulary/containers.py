"""What is counted: the containers of a journey, their keys and their rank.

Source: journeys-fallout.md, sections 0.1 and 1 (rank used for segments as touchpoints).
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.errors import ArgumentError
from workbench.messages import marked, message


@dataclass(frozen=True)
class Container:
    """A kind of thing that is counted.

    Attributes
    ----------
    name : str
        The word used in calls and files.
    key : str
        The event column that holds its key.
    rank : int
        Event 0, session 1, person / opportunity / buying group 2, account 3, global account 4.
    """

    name: str
    key: str
    rank: int
    one: str
    many: str

    @property
    def plural(self) -> str:
        """The reader's word for several of them."""
        return message(self.many)

    @property
    def singular(self) -> str:
        """The reader's word for one of them."""
        return message(self.one)


CONTAINERS = {
    item.name: item
    for item in (
        Container("event", "event_id", 0, marked("event"), marked("events")),
        Container("session", "session_id", 1, marked("session"), marked("sessions")),
        Container("person", "person_id", 2, marked("person"), marked("people")),
        Container(
            "opportunity", "opportunity_id", 2, marked("opportunity"), marked("opportunities")
        ),
        Container(
            "buying_group", "buying_group_id", 2, marked("buying group"), marked("buying groups")
        ),
        Container("account", "account_id", 3, marked("account"), marked("accounts")),
        Container(
            "global_account",
            "global_account_id",
            4,
            marked("global account"),
            marked("global accounts"),
        ),
    )
}
COUNTABLE = tuple(name for name in CONTAINERS if name != "event")
_ABOVE = {
    "event": COUNTABLE,
    "session": ("person", "account", "global_account"),
    "person": ("account", "global_account"),
    "opportunity": ("account", "global_account"),
    "buying_group": ("account", "global_account"),
    "account": ("global_account",),
    "global_account": (),
}


def container_named(name: str | Container, argument: str = "container") -> Container:
    """Return the container called `name`, or refuse with the known names."""
    if isinstance(name, Container):
        return name
    if not isinstance(name, str) or name not in CONTAINERS:
        raise ArgumentError.of(argument, name, CONTAINERS)
    return CONTAINERS[name]


def can_be_touchpoint(segment_scope: Container, counted: Container) -> bool:
    """Whether a segment of one scope may be a step when `counted` containers are counted.

    Its scope must lie strictly lower, and siblings do not mix; a finer container of another
    branch (a session segment among opportunities) is evaluated row by row.
    """
    return segment_scope.rank < counted.rank


def lies_under(inner: str, outer: str) -> bool:
    """Whether containers of one name stand below those of another: a session below an account.

    People, opportunities and buying groups are siblings; sessions stand below people only.
    """
    return outer in _ABOVE[inner]
