"""How a store of an older version becomes one of this version: numbered steps, run by alembic.

A step is a module ``versions/v0002_what.py`` with ``revision = "0002"`` and
``down_revision = "0001"``: the number of the file, in one straight line. A step says what it does
in plain alembic operations and never imports the tables of today.
"""
