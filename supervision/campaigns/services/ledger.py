"""What every verb of the room does: keep the campaign open, write the step, refuse what is no text."""

from __future__ import annotations

from datetime import datetime

from cases.models import Officer
from supervision.campaigns import rules
from supervision.campaigns.models import Action, Campaign, CampaignStep
from supervision.campaigns.refusals import CLOSED, TOO_LONG, CampaignRefused


def hold_open(campaign: Campaign) -> None:
    """Keep a campaign from being closed until the caller's transaction ends. Refuses one that is closed."""
    rows = Campaign.objects.select_for_update(no_key=True).filter(pk=campaign.pk, closed_at=None)
    if not list(rows.values_list("pk", flat=True)):
        raise CampaignRefused(CLOSED)


def step(campaign: Campaign, action: Action, *, by: Officer, at: datetime, text: str = "") -> CampaignStep:
    return CampaignStep.objects.create(campaign=campaign, action=action, by=by, at=at, text=text[:1000])


def required(text: str, refusal: str, most: int = rules.MOST_TEXT) -> str:
    """The text without the space around it; refuses none at all, and more than fits."""
    text = text.strip()
    if not text:
        raise CampaignRefused(refusal)
    if len(text) > most:
        raise CampaignRefused(TOO_LONG.format(most=most, length=len(text)))
    return text
