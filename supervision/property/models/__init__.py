"""The rows of the room."""

from supervision.property.models.excess import Excess, ExcessKind, ExcessQuerySet, ExcessState
from supervision.property.models.item import Asset, CaseAmount, Item, ItemState, Measure, Owner, Place, Side
from supervision.property.models.step import Action, PropertyStep

__all__ = [
    "Action",
    "Asset",
    "CaseAmount",
    "Excess",
    "ExcessKind",
    "ExcessQuerySet",
    "ExcessState",
    "Item",
    "ItemState",
    "Measure",
    "Owner",
    "Place",
    "PropertyStep",
    "Side",
]
