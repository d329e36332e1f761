"""The rows of the room."""

from supervision.campaigns.models.campaign import (
    Campaign,
    CampaignOrder,
    CampaignQuerySet,
    CampaignRound,
    Member,
    Task,
)
from supervision.campaigns.models.step import Action, CampaignStep

__all__ = [
    "Action",
    "Campaign",
    "CampaignOrder",
    "CampaignQuerySet",
    "CampaignRound",
    "CampaignStep",
    "Member",
    "Task",
]
