"""Bringing a store to this version; one that a newer workbench has written is left alone."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from workbench.errors import StoreError
from workbench.messages import message

VERSION_TABLE = "workbench_version"
MIGRATIONS = Path(__file__).parent / "migrations"
_NUMBERED = re.compile(r"v([0-9]{4})_\w+\Z")


@cache
def known_versions() -> tuple[str, ...]:
    """Numbers of the steps that this workbench knows, oldest first."""
    names = (_NUMBERED.match(path.stem) for path in (MIGRATIONS / "versions").glob("v*.py"))
    return tuple(sorted(found[1] for found in names if found))


def version_of(connection: sa.Connection) -> str | None:
    """Number of the last step that a store has taken; None for one without tables."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    row = connection.execute(sa.text(f"SELECT version_num FROM {VERSION_TABLE}")).first()
    return None if row is None else str(row[0])


def is_current(connection: sa.Connection, shown: str) -> bool:
    """Whether a store has taken every step.

    Raises
    ------
    StoreError
        For a store that has taken a step which this workbench does not know.
    """
    known, found = known_versions(), version_of(connection)
    if found is not None and found not in known:
        raise StoreError(
            message(
                "The store {address} was written by a newer workbench (version {found} of its "
                "tables; {known} is the newest known here). Bring the workbench up to date; "
                "nothing was changed.",
                address=shown, found=found, known=known[-1],
            )
        )  # fmt: skip
    return found == known[-1]


def migrate(connection: sa.Connection, shown: str) -> None:
    """Take the steps that are missing, inside the transaction of the connection.

    Parameters
    ----------
    connection : sqlalchemy.Connection
        Alone in the store, so that nobody takes the same step at the same time.
    shown : str
        The store's address for a sentence.
    """
    if is_current(connection, shown):
        return
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    steps = ScriptDirectory.from_config(config)
    with EnvironmentContext(
        config, steps, fn=lambda found, _: steps._upgrade_revs("head", found)
    ) as environment:
        environment.configure(connection=connection, version_table=VERSION_TABLE)
        with environment.begin_transaction():
            environment.run_migrations()
