"""A campaign in the demonstration bureau: one step done, one that slipped, one ahead, a round of review and an order under it."""

from __future__ import annotations

from datetime import datetime, timedelta

from cases.demo.people import LEGAL_OFFICER, Staff
from cases.models import MatterKind
from config.demo.inspections import in_the_morning
from supervision.campaigns import services
from supervision.campaigns.queries import local_day, matters_in
from supervision.campaigns.rules import Filter, Standstill
from supervision.rectification.models import Problem
from supervision.reviews.models import ReviewRound


def begin_campaign(staff: Staff, *, at: datetime) -> None:
    """Begin a campaign against slow handling thirty days before `at`, of all the county's units."""
    legal, day = staff.officers[LEGAL_OFFICER], local_day(at)
    at = in_the_morning(at)
    begun_at = at - timedelta(days=30)
    kinds = MatterKind.objects.filter(restricted=False, family__in=("行政", "刑事")).exclude(code="coercive_measure")
    campaign = services.begin_campaign(
        title="不作为、慢作为执法突出问题专项整治",
        demand="逐案排查超过期限的案件，查明原因，立行立改；能办结的限期办结，需要延长的依法报批。",
        unit=staff.county,
        members=[staff.county],
        begins_on=day - timedelta(days=30),
        ends_on=day + timedelta(days=60),
        looked_at=Filter(
            tuple(sorted(kinds.values_list("code", flat=True))),
            day - timedelta(days=365),
            day,
            standstill=Standstill.OVER,
        ),
        by=legal,
        at=begun_at,
    )
    steps = {
        name: services.add_task(campaign=campaign, name=name, due_on=day + timedelta(days=days), by=legal, at=begun_at)
        for name, days in (("动员部署、自查自纠", -15), ("集中评查", -3), ("整改核验", 30), ("总结通报", 60))
    }
    first = next(iter(steps.values()))
    services.finish_task(
        task=first, note="各所队已报送自查台账，超期案件逐案写明原因", by=legal, at=at - timedelta(days=16)
    )
    held = ReviewRound.objects.order_by("-pk").first()
    if held is not None:
        services.link_round(campaign=campaign, review_round=held, by=legal, at=at - timedelta(days=7))
    ordered_at = at - timedelta(days=2)
    rows = matters_in(campaign, at=ordered_at).filter(closed_at=None, officer__isnull=False)
    matter = rows.select_related("unit", "officer").order_by("pk").first()
    if matter is not None:
        services.order_under(
            campaign=campaign, matter=matter, problem=Problem.objects.get(code="case_overrun"),
            text="案件超过办案期限，卷内没有延长审批，也没有说明原因。", by=legal, at=ordered_at,
        )  # fmt: skip
