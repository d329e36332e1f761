"""Campaigns, who takes part, what is to be done by when, and what belongs to them."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from cases.models import Officer, Role, Unit
from cases.models.scope import over_units, posts_of, scope_index
from cases.models.unit import STEP_WIDTH
from supervision.campaigns.rules import MOST_TEXT, Filter
from supervision.rectification.models import Order
from supervision.reviews.models import ReviewRound


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def open(self) -> CampaignQuerySet:
        return self.filter(closed_at=None)

    def visible_to(self, officer: Officer) -> CampaignQuerySet:
        """Campaigns of the units the officer's posts are over, and those in which one of these takes part, by itself or
        because a unit above it does."""
        own = over_units(officer)
        if own is None:
            return self
        led = [unit_id for role, unit_id, _ in posts_of(officer) if role in Role.sees_subtree()]
        paths = Unit.objects.filter(pk__in=led).values_list("path", flat=True)
        above = {path[:end] for path in paths for end in range(STEP_WIDTH, len(path) + 1, STEP_WIDTH)}
        takes_part = (over_units(officer, "unit__") or Q()) | Q(unit__path__in=above)
        members = Member.objects.filter(takes_part, campaign=OuterRef("pk"))
        return self.filter(own | (Q(Exists(members)) if led else Q(pk__in=())))


class Campaign(models.Model):
    """A campaign (专项整治): what is asked, in which days, of which units, and which matters are looked at (`filter`, kept as
    data; `looked_at` reads it). Open until `closed_at`, then with a summary."""

    title = models.CharField("名称", max_length=100)
    demand = models.CharField("内容和要求", max_length=MOST_TEXT)
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="组织单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    begins_on = models.DateField("开始日期")
    ends_on = models.DateField("结束日期")
    filter = models.JSONField("排查范围")
    begun_at = models.DateTimeField("部署时间")
    begun_by = models.ForeignKey(Officer, models.PROTECT, db_index=False, related_name="+", verbose_name="部署人")
    summary = models.CharField("整治小结", max_length=MOST_TEXT, blank=True)
    closed_at = models.DateTimeField("结束时间", null=True, blank=True)
    closed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="结束人"
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "专项整治"
        verbose_name_plural = "专项整治"
        constraints = (
            # A campaign does not end before it begins.
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="campaign_ends_after_it_begins"),
            # Nobody works without knowing at what.
            models.CheckConstraint(condition=~Q(title="") & ~Q(demand=""), name="campaign_says_what_it_asks"),
            # What is closed says when, by whom, and what came of it.
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None, summary="")
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(summary="")),
                name="closed_campaign_says_what_came",
            ),
        )
        indexes = (
            *(scope_index("campaign", level, "begun_at") for level in ("city", "county", "station")),
            models.Index(fields=("begun_at", "id"), name="campaign_list_of_all"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """The number of the campaign: the local year it was begun in and the number of the row, the same for ever."""
        return f"专项〔{timezone.localtime(self.begun_at).year}〕{self.pk}号"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def looked_at(self) -> Filter:
        """The matters it looks at."""
        return Filter.read(self.filter)


class Member(models.Model):
    """A unit that takes part, with all below it (参加单位)."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="members", verbose_name="专项整治")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")

    class Meta:
        verbose_name = "参加单位"
        verbose_name_plural = "参加单位"
        ordering = ("campaign_id", "unit__path")
        constraints = (
            # A unit takes part once.
            models.UniqueConstraint(fields=("campaign", "unit"), name="campaign_member_once"),
        )

    def __str__(self) -> str:
        return f"{self.campaign} {self.unit}"


class Task(models.Model):
    """One step of a campaign and the day by which it is to be done (工作步骤). `first_due_on` is what was asked at first;
    `done_on` a local day, empty while it is not done. `tell_since`: somebody is to be told of it from then on."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="tasks", verbose_name="专项整治")
    name = models.CharField("工作步骤", max_length=100)
    first_due_on = models.DateField("原定期限")
    due_on = models.DateField("期限")
    warn_on = models.DateField("提醒日期")
    done_on = models.DateField("完成日期", null=True, blank=True)
    note = models.CharField("办理情况", max_length=300, blank=True)
    moves = models.PositiveSmallIntegerField("改期次数", default=0)
    tell_since = models.DateTimeField("待告知自", null=True, blank=True)

    class Meta:
        verbose_name = "工作步骤"
        verbose_name_plural = "工作步骤"
        ordering = ("campaign_id", "due_on", "pk")
        constraints = (
            # A campaign names a step once.
            models.UniqueConstraint(fields=("campaign", "name"), name="campaign_task_once"),
            # People are warned before it is due, and not after.
            models.CheckConstraint(condition=Q(warn_on__lte=F("due_on")), name="campaign_task_warns_before"),
            # A day that was never moved is the day first asked for.
            models.CheckConstraint(
                condition=Q(moves__gte=1) | Q(due_on=F("first_due_on")), name="campaign_task_moved_is_counted"
            ),
            # What is done says what was done, and nobody is to be told of it.
            models.CheckConstraint(
                condition=Q(done_on=None, note="") | (Q(done_on__isnull=False, tell_since=None) & ~Q(note="")),
                name="done_campaign_task_says_what",
            ),
        )
        indexes = (
            # What is still to be told.
            models.Index(
                fields=("tell_since", "id"), condition=Q(tell_since__isnull=False), name="campaign_tasks_untold"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def slipped(self) -> bool:
        """Whether it was put off beyond the day first asked for, or done after that day."""
        return max(self.due_on, self.done_on or date.min) > self.first_due_on


class CampaignRound(models.Model):
    """A round of review that belongs to a campaign (专项评查). What it finds counts as the campaign's."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="rounds", verbose_name="专项整治")
    round = models.ForeignKey(ReviewRound, models.PROTECT, related_name="+", verbose_name="评查批次")

    class Meta:
        verbose_name = "专项评查"
        verbose_name_plural = "专项评查"
        constraints = (
            # A round belongs to a campaign once.
            models.UniqueConstraint(fields=("campaign", "round"), name="campaign_round_once"),
        )

    def __str__(self) -> str:
        return f"{self.campaign} {self.round}"


class CampaignOrder(models.Model):
    """An order issued under a campaign (专项整改)."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="orders", verbose_name="专项整治")
    order = models.OneToOneField(Order, models.PROTECT, related_name="+", verbose_name="整改通知")

    class Meta:
        verbose_name = "专项整改"
        verbose_name_plural = "专项整改"

    def __str__(self) -> str:
        return f"{self.campaign} {self.order}"
