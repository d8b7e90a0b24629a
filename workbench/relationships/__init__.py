"""Relationships: which activities belong to a record, what they come to, how healthy it is."""

from workbench.relationships.ask import relationships
from workbench.relationships.health_result import RelationshipHealth
from workbench.relationships.result import Relationships

__all__ = ["RelationshipHealth", "Relationships", "relationships"]
