"""B2B journeys from exports: checked tables, journey questions, reports."""

__version__ = "0.1.0"
