"""Bringing a message to people: into a folder, by e-mail, to a web address."""

from workbench.collaboration.delivery.delivering import check_targets, deliver
from workbench.collaboration.delivery.parcels import Attachment, Parcel, Receipt

__all__ = ["Attachment", "Parcel", "Receipt", "check_targets", "deliver"]
