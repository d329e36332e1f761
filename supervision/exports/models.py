"""Requests to take out more than leaves freely, and the ledger of what became of each."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from cases.models import Officer, Unit
from supervision.exports import rules


class RequestState(models.TextChoices):
    """What was decided about a request."""

    ASKED = "asked", "待审批"
    APPROVED = "approved", "已同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "已撤回"

    @classmethod
    def decided(cls) -> tuple[RequestState, ...]:
        """Somebody else decided."""
        return (cls.APPROVED, cls.REFUSED)


class Reason(models.TextChoices):
    """Why the export had to be asked for."""

    MANY = rules.Why.MANY.value, "行数多"
    SENSITIVE = rules.Why.SENSITIVE.value, "敏感内容"


class Method(models.TextChoices):
    """How the page of the export is asked."""

    GET = "GET", "GET"
    POST = "POST", "POST"


class ExportRequest(models.Model):
    """An export somebody asks for (导出申请): of which page, with which filter, what for; bound to him, page and filter.

    `rows` is how many there were when it was asked for. Once approved it is good until `valid_until` for
    `downloads_allowed` downloads. `tell_since` says that somebody is still to be told how it stands now: who decides of
    a request, the asker of a decision.
    """

    asker = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="申请人")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申请人单位")
    what = models.CharField("内容", max_length=60)
    about = models.CharField("对象", max_length=80, blank=True)
    path = models.CharField("页面", max_length=300)
    query = models.TextField("筛选条件", blank=True)
    method = models.CharField("方式", max_length=4, choices=Method, default=Method.GET)
    form = models.CharField("格式", max_length=8, blank=True)
    rows = models.PositiveIntegerField("申请时行数")
    reason = models.CharField("须审批的原因", max_length=10, choices=Reason)
    purpose = models.CharField("用途", max_length=rules.MOST_PURPOSE)
    state = models.CharField("状态", max_length=10, choices=RequestState, default=RequestState.ASKED)
    asked_at = models.DateTimeField("申请时间")
    decider = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人", db_index=False
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    answer = models.CharField("审批意见", max_length=200, blank=True)
    valid_until = models.DateTimeField("有效至", null=True, blank=True)
    downloads_allowed = models.PositiveSmallIntegerField("可下载次数", null=True, blank=True)
    downloads = models.PositiveSmallIntegerField("已下载次数", default=0)
    tell_since = models.DateTimeField("待告知", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导出申请"
        ordering = ("-asked_at", "-pk")
        default_permissions = ("add", "view")
        permissions = (("decide_exportrequest", "可以审批导出申请"),)
        constraints = (
            # Two persons: nobody decides about his own request.
            models.CheckConstraint(
                condition=Q(decider=None) | ~Q(decider=F("asker")), name="export_decided_by_another"
            ),
            # What was decided says by whom and when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=RequestState.decided(), decider__isnull=False, decided_at__isnull=False)
                | (~Q(state__in=RequestState.decided()) & Q(decider=None, decided_at=None)),
                name="export_decision_is_somebodys",
            ),
            # Only what was approved may be taken, until a moment and so many times.
            models.CheckConstraint(
                condition=Q(state=RequestState.APPROVED, valid_until__isnull=False, downloads_allowed__gte=1)
                | (~Q(state=RequestState.APPROVED) & Q(valid_until=None, downloads_allowed=None, downloads=0)),
                name="approved_export_says_how_long",
            ),
            models.CheckConstraint(
                condition=Q(downloads=0) | Q(downloads__lte=F("downloads_allowed")),
                name="export_taken_no_oftener_than_approved",
            ),
            # Who refuses says why.
            models.CheckConstraint(
                condition=~Q(state=RequestState.REFUSED) | ~Q(answer=""), name="refused_export_says_why"
            ),
            models.CheckConstraint(condition=~Q(purpose=""), name="export_has_a_purpose"),
            # The same export waits once.
            models.UniqueConstraint(
                fields=("asker", "path", "query", "what"),
                condition=Q(state=RequestState.ASKED),
                name="export_asked_for_once",
            ),
        )
        indexes = (
            # Whether somebody has leave for an export.
            models.Index(fields=("asker", "path", "state"), name="exports_leave_of_somebody"),
            # The list, latest first.
            models.Index(fields=("asked_at", "id"), name="exports_by_time"),
            # What somebody is still to be told.
            models.Index(fields=("tell_since",), condition=Q(tell_since__isnull=False), name="exports_to_be_told"),
        )

    def __str__(self) -> str:
        return f"{self.what}（{self.asker}）"

    @property
    def leave(self) -> rules.Leave | None:
        """What was granted; None where nothing was."""
        if self.valid_until is None or self.downloads_allowed is None:
            return None
        return rules.Leave(self.valid_until, self.downloads_allowed, self.downloads)

    def stands(self, at: datetime) -> rules.Standing:
        """How it stands at an aware moment."""
        return rules.standing_of(self.state, self.leave, at=at)


class Action(models.TextChoices):
    """What became of a request."""

    ASKED = "asked", "申请"
    APPROVED = "approved", "同意"
    REFUSED = "refused", "不同意"
    WITHDRAWN = "withdrawn", "撤回"
    TAKEN = "taken", "下载"


class ExportStep(models.Model):
    """One thing that became of a request (导出审批台账). Append-only, by database trigger.

    Of a download `rows` is how many were taken and `code` the watermark under which it is on record.
    """

    request = models.ForeignKey(ExportRequest, models.PROTECT, related_name="steps", verbose_name="申请")
    action = models.CharField("动作", max_length=10, choices=Action)
    by = models.ForeignKey(Officer, models.PROTECT, related_name="+", verbose_name="操作人", db_index=False)
    at = models.DateTimeField("时间")
    text = models.CharField("说明", max_length=200, blank=True)
    rows = models.PositiveIntegerField("行数", null=True, blank=True)
    code = models.CharField("水印编号", max_length=16, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "导出审批台账"
        ordering = ("-at", "-pk")
        default_permissions = ()
        constraints = (
            # What was taken says how much and under which code, and nothing else does.
            models.CheckConstraint(
                condition=(Q(action=Action.TAKEN, rows__isnull=False) & ~Q(code=""))
                | (~Q(action=Action.TAKEN) & Q(rows=None, code="")),
                name="taken_export_bears_its_code",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.by}"
