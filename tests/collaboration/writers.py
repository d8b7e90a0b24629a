"""A process that writes comments and says each that was acknowledged, for tests of many at once."""

from __future__ import annotations

import sys

from workbench.collaboration.store import open_store


def write(address: str, who: str, many: int) -> None:
    """Write so many records, or without end with 0; print the id of each that is kept."""
    store, n = open_store(address), 0
    while n < many or not many:
        made = store.add("comments", {"who": who, "n": n}, by=who)
        print(made.id, who, n, flush=True)
        n += 1


if __name__ == "__main__":
    write(sys.argv[1], sys.argv[2], int(sys.argv[3]))
