"""Visits: one matter to ask about."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Feedback, Matter, Officer, Unit
from cases.models.scope import over_units, scope_index
from supervision.returnvisits.models.round import VisitRound
from supervision.returnvisits.rules import code_of


class VisitState(models.TextChoices):
    """How a visit stands."""

    WAITING = "waiting", "待回访"
    REACHED = "reached", "已回访"
    UNREACHED = "unreached", "未联系上"
    UNFIT = "unfit", "不适用"

    @classmethod
    def answerable(cls) -> tuple[VisitState, ...]:
        """An answer may still come: whom nobody reached by telephone may yet answer by message or slip."""
        return (cls.WAITING, cls.UNREACHED)

    @property
    def sign(self) -> str:
        return {"waiting": "◇", "reached": "✓", "unreached": "×", "unfit": "—"}[self.value]

    @property
    def tone(self) -> str:
        return {"waiting": "yellow", "reached": "green", "unreached": "orange", "unfit": "grey"}[self.value]


class Channel(models.TextChoices):
    """How an answer came. The words are what `Feedback.channel` holds."""

    TELEPHONE = "telephone", "电话回访"
    MESSAGE = "message", "短信回访"
    SLIP = "slip", "扫码评价"


class VisitQuerySet(models.QuerySet["Visit"]):
    def waiting(self) -> VisitQuerySet:
        return self.filter(state=VisitState.WAITING, round__closed_at=None)

    def visible_to(self, officer: Officer) -> VisitQuerySet:
        """Those of the units the officer's posts are over. None is of a matter that only its handlers see: such are not
        drawn, and no matter becomes one later."""
        wanted = over_units(officer)
        return self if wanted is None else self.filter(wanted)


class Visit(models.Model):
    """One matter of a sample about which somebody concerned is asked (回访).

    Who that is, and his number, are not kept here: the caller reads them from the case file. `caller` makes the call;
    the unit columns are those of the matter at the draw, as that unit is asked about whoever holds the matter now.
    `asked_at` is the first attempt by any way. Of the one-time address on a slip only the digest is kept (`token_digest`),
    good until the end of `token_until` and used up at `token_used_at`. The answer is a row of `cases.Feedback`.
    """

    round = models.ForeignKey(VisitRound, models.PROTECT, related_name="visits", verbose_name="回访批次")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="visits", verbose_name="事项")
    unit = models.ForeignKey(Unit, models.PROTECT, db_index=False, related_name="+", verbose_name="单位")
    city = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="市级")
    county = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="县级")
    station = models.ForeignKey(Unit, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name="所队")
    drawn_at = models.DateTimeField("抽取时间")
    state = models.CharField("状态", max_length=10, choices=VisitState, default=VisitState.WAITING)
    caller = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="回访人")
    attempts = models.PositiveSmallIntegerField("联系次数", default=0)
    asked_at = models.DateTimeField("首次联系", null=True, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    channel = models.CharField("答复方式", max_length=10, choices=Channel, blank=True)
    feedback = models.OneToOneField(
        Feedback, models.PROTECT, null=True, blank=True, related_name="visit", verbose_name="评价"
    )
    ended_at = models.DateTimeField("有结果时间", null=True, blank=True)
    token_digest = models.CharField("一次性地址摘要", max_length=64, null=True, blank=True, unique=True)
    token_until = models.DateField("一次性地址有效至", null=True, blank=True)
    token_used_at = models.DateTimeField("一次性地址用于", null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "回访"
        verbose_name_plural = "回访"
        constraints = (
            # A round asks about a matter once.
            models.UniqueConstraint(fields=("round", "matter"), name="round_asks_about_a_matter_once"),
            # Whoever was reached has answered, by some way; who was not has not.
            models.CheckConstraint(
                condition=(Q(state=VisitState.REACHED, feedback__isnull=False, asked_at__isnull=False) & ~Q(channel=""))
                | (~Q(state=VisitState.REACHED) & Q(feedback=None, channel="")),
                name="reached_visit_has_an_answer",
            ),
            # Not reached, or not to be asked: it says why.
            models.CheckConstraint(
                condition=~Q(state__in=(VisitState.UNREACHED, VisitState.UNFIT)) | ~Q(reason=""),
                name="unanswered_visit_says_why",
            ),
            # What has come to something says when, and what waits has not.
            models.CheckConstraint(
                condition=Q(state=VisitState.WAITING, ended_at=None)
                | (~Q(state=VisitState.WAITING) & Q(ended_at__isnull=False)),
                name="visit_that_ended_says_when",
            ),
            # An address of one time has a last day, and only one that was given out can have been used.
            models.CheckConstraint(
                condition=Q(token_digest=None, token_until=None, token_used_at=None)
                | Q(token_digest__isnull=False, token_until__isnull=False),
                name="token_has_a_last_day",
            ),
        )
        indexes = (
            *(scope_index("visit", level, "drawn_at") for level in ("city", "county", "station")),
            models.Index(fields=("drawn_at", "id"), name="visit_list_of_all"),
            # The calls that wait for one officer.
            models.Index(
                fields=("caller", "drawn_at"), condition=Q(state="waiting"), name="visits_waiting_for_a_caller"
            ),
        )
        permissions = (
            ("record_visit", "可以回访并登记"),
            ("see_answers", "可以看评价原文和回访经过"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """What a short message and a slip carry in place of anybody's number."""
        return code_of(self.pk)

    @property
    def stands(self) -> VisitState:
        return VisitState(self.state)
