"""The first tables: records, entries, versions and counters."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_RECORDS = ("annotations", "comments", "alerts", "shares", "schedules", "objects")
_ENTRIES = ("alert_runs", "deliveries", "schedule_runs", "notices", "likes")


def upgrade() -> None:
    """Make the tables."""
    plain = sa.JSON().with_variant(JSONB(), "postgresql")
    for name in _RECORDS:
        _record_table(name, plain)
    for name in _ENTRIES:
        _entry_table(name, plain)
    op.create_table(
        "versions",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("definition", plain, nullable=False),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )


def _record_table(name: str, plain: sa.types.TypeEngine) -> None:
    op.create_table(
        name,
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
        sa.Column("definition", plain, nullable=False),
    )
    op.create_index(f"{name}_project", name, ["project", "number"])


def _entry_table(name: str, plain: sa.types.TypeEngine) -> None:
    op.create_table(
        name,
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("of", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("content", plain, nullable=False),
        sa.UniqueConstraint("of", "key", name=f"{name}_once"),
    )
    op.create_index(f"{name}_at", name, ["at"])
