"""Campaigns: beginning one, what belongs to it, and ending it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction

from cases.models import Matter, MatterKind, Officer, Unit
from supervision.campaigns.models import (
    Action,
    Campaign,
    CampaignOrder,
    CampaignRound,
    Member,
    Task,
)
from supervision.campaigns.queries import matters_in
from supervision.campaigns.refusals import (
    ALREADY_LINKED,
    LOOK_BACKWARDS,
    MEMBER_OUTSIDE,
    NO_DEMAND,
    NO_KINDS,
    NO_MEMBERS,
    NO_SUMMARY,
    NO_TEXT,
    NO_TITLE,
    NOT_IN_SIGHT,
    PERIOD_BACKWARDS,
    RESTRICTED_KIND,
    STILL_OPEN,
    CampaignRefused,
)
from supervision.campaigns.rules import Filter
from supervision.campaigns.services.ledger import hold_open, required, step
from supervision.rectification.models import Order, Problem, Source
from supervision.rectification.services import RectificationRefused, issue_order
from supervision.reviews.models import ReviewRound


def begin_campaign(
    *,
    title: str,
    demand: str,
    unit: Unit,
    members: Sequence[Unit],
    begins_on: date,
    ends_on: date,
    looked_at: Filter,
    by: Officer,
    at: datetime,
) -> Campaign:
    """Begin a campaign. Refuses no title or demand, days that run backwards, no kinds or a restricted one, and no units or
    one that does not lie below the unit that holds it."""
    title, demand = required(title, NO_TITLE, 100), required(demand, NO_DEMAND)
    if begins_on > ends_on:
        raise CampaignRefused(PERIOD_BACKWARDS)
    if looked_at.from_on > looked_at.until_on:
        raise CampaignRefused(LOOK_BACKWARDS)
    if not looked_at.kinds:
        raise CampaignRefused(NO_KINDS)
    if closed := MatterKind.objects.filter(code__in=looked_at.kinds, restricted=True).first():
        raise CampaignRefused(RESTRICTED_KIND.format(kind=closed))
    if not members:
        raise CampaignRefused(NO_MEMBERS)
    for one in members:
        if not one.path.startswith(unit.path):
            raise CampaignRefused(MEMBER_OUTSIDE.format(unit=one, within=unit))
    with transaction.atomic():
        campaign = Campaign.objects.create(
            title=title,
            demand=demand,
            begins_on=begins_on,
            ends_on=ends_on,
            filter=looked_at.as_data(),
            begun_at=at,
            begun_by=by,
            **unit.scope_ids,
        )
        Member.objects.bulk_create(
            Member(campaign=campaign, unit=one) for one in {one.pk: one for one in members}.values()
        )
        step(campaign, Action.BEGUN, by=by, at=at, text="、".join(str(one) for one in members))
    return campaign


def link_round(*, campaign: Campaign, review_round: ReviewRound, by: Officer, at: datetime) -> CampaignRound:
    """Count a round of review as the campaign's. Refuses a closed campaign, and a round that is linked."""
    with transaction.atomic():
        hold_open(campaign)
        try:
            with transaction.atomic():
                row = CampaignRound.objects.create(campaign=campaign, round=review_round)
        except IntegrityError as error:
            raise CampaignRefused(ALREADY_LINKED) from error
        step(campaign, Action.LINKED, by=by, at=at, text=f"{review_round.number} {review_round.title}")
    return row


def order_under(*, campaign: Campaign, matter: Matter, problem: Problem, text: str, by: Officer, at: datetime) -> Order:
    """Order what was found in a matter to be put right, as the campaign's. Refuses a matter that the campaign does not look
    at, a closed campaign, and whatever rectification refuses: a second open order for the same problem of the matter."""
    text = required(text, NO_TEXT)
    with transaction.atomic():
        hold_open(campaign)
        if not matters_in(campaign, at=at).filter(pk=matter.pk).exists():
            raise CampaignRefused(NOT_IN_SIGHT.format(number=matter.number))
        try:
            order = issue_order(
                source=Source.SUPERVISOR,
                source_number=f"campaign-{campaign.pk}-{matter.pk}-{problem.code}",
                problem=problem,
                unit=matter.unit,
                officer=matter.officer,
                matter=matter,
                text=f"专项整治“{campaign.title}”发现：{text}",
                by=by,
                at=at,
            )
        except RectificationRefused as refusal:
            raise CampaignRefused(str(refusal)) from refusal
        CampaignOrder.objects.create(campaign=campaign, order=order)
        step(campaign, Action.ORDERED, by=by, at=at, text=f"{order.number} {problem}")
    return order


def close_campaign(*, campaign: Campaign, summary: str, by: Officer, at: datetime) -> Campaign:
    """End a campaign with what came of it. Refuses no summary, one that is closed, and one with a step that is not done."""
    summary = required(summary, NO_SUMMARY)
    with transaction.atomic():
        hold_open(campaign)
        if left := Task.objects.filter(campaign=campaign, done_on=None).count():
            raise CampaignRefused(STILL_OPEN.format(tasks=left))
        Campaign.objects.filter(pk=campaign.pk).update(closed_at=at, closed_by=by, summary=summary)
        step(campaign, Action.CLOSED, by=by, at=at, text=summary)
    campaign.refresh_from_db()
    return campaign
