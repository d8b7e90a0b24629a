"""The tables of the store as SQLAlchemy knows them; migrations make them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

METADATA = sa.MetaData()
PLAIN = sa.JSON().with_variant(JSONB(), "postgresql")

# What stands before the number of a new record.
RECORDS = {
    "annotations": "a",
    "comments": "c",
    "alerts": "alert-",
    "shares": "share-",
    "schedules": "schedule-",
    "objects": "object-",
}
ENTRIES = ("alert_runs", "deliveries", "schedule_runs", "notices", "likes")


def _record_table(name: str) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("project", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Text, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("removed_at", sa.Text),
        sa.Column("definition", PLAIN, nullable=False),
        sa.Index(f"{name}_project", "project", "number"),
    )


def _entry_table(name: str) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("content", PLAIN, nullable=False),
        sa.UniqueConstraint("of", "key", name=f"{name}_once"),
        sa.Index(f"{name}_at", "at"),
    )


TABLES = {
    **{name: _record_table(name) for name in RECORDS},
    **{name: _entry_table(name) for name in ENTRIES},
}

VERSIONS = sa.Table(
    "versions",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("at", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("definition", PLAIN, nullable=False),
)

COUNTERS = sa.Table(
    "counters",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)
