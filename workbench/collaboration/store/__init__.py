"""The store: one database for annotations, comments, alerts, shares and schedules.

SQLite in a file beside the project by default, PostgreSQL by URL; what it holds is the same. Two
sorts of rows, each kind in a table of its own:

Records (`RECORDS`: annotations, comments, alerts, shares, schedules, objects)
    Things that people define and change. ``definition`` is a plain mapping whose keys belong to
    the kind. Every version is kept; a change names the version that it was read from, so that
    nobody overwrites what he has not seen.
Entries (`ENTRIES`: alert_runs, deliveries, schedule_runs, notices, likes)
    Things that happened. They are added, and an entry with the same ``of`` and ``key`` exists
    once: whoever comes second is told so. The status and content of an entry may be set later.

::

    store = open_store()                                # or open_store("postgresql://...")
    made = store.add("alerts", {"metrics": [...]}, name="MQL falls", project="weekly", by="mika")
    store.find("alerts", project="weekly")              # list of Record, without removed ones
    store.change("alerts", made.id, {...}, version=made.version, by="mika")
    store.history("alerts", made.id)                    # every version
    store.remove("alerts", made.id, by="mika")
    first = store.note("alert_runs", of=made.id, key="2026-03-05", status="fired", content={...})
    if first: ...                                       # False: this period was told before
    with store.transaction() as now:                    # several steps, all or none
        if now.note("schedule_runs", of=one.id, key=slot, status="running"):
            now.change(...)

Inside a transaction no other writer does anything, in both databases; the methods of `Store` are
the methods of `Transaction` with a transaction each. What a call gave back is on the disk.
Kinds of own tables come by a migration (``migrations/versions``), which runs when a store is
opened; a store of a newer version is refused.

Source: collaboration.md, sections 1 to 4 (what is kept) and 5 (concurrent editing loses nothing).
"""

from workbench.collaboration.place import ADDRESS, USER, store_address, user_name
from workbench.collaboration.store.opening import Store, existing_store, open_store
from workbench.collaboration.store.rows import Entry, Record
from workbench.collaboration.store.tables import ENTRIES, RECORDS
from workbench.collaboration.store.transaction import Transaction

__all__ = [
    "ADDRESS",
    "ENTRIES",
    "RECORDS",
    "USER",
    "Entry",
    "Record",
    "Store",
    "Transaction",
    "existing_store",
    "open_store",
    "store_address",
    "user_name",
]
