"""The verbs of the room; everything that changes a campaign comes through here."""

from supervision.campaigns.refusals import CampaignRefused
from supervision.campaigns.services.campaigning import begin_campaign, close_campaign, link_round, order_under
from supervision.campaigns.services.steps import add_task, finish_task, mark_told, move_task, tell_again

__all__ = [
    "CampaignRefused",
    "add_task",
    "begin_campaign",
    "close_campaign",
    "finish_task",
    "link_round",
    "mark_told",
    "move_task",
    "order_under",
    "tell_again",
]
