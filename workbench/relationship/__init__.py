"""Relationships: which activities belong to a record, what they come to, how healthy it is."""

from workbench.relationship.ask import relationships
from workbench.relationship.health_result import RelationshipHealth
from workbench.relationship.result import Relationships

__all__ = ["RelationshipHealth", "Relationships", "relationships"]
