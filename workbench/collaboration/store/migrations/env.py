"""What alembic runs: the steps on the connection that the store has opened."""

from alembic import context

from workbench.collaboration.store.migrating import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
with context.begin_transaction():
    context.run_migrations()
