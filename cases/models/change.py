"""Changes of the law and of the calendar: proposed, looked at, and only then carried out."""

from django.db import models
from django.db.models import F, Q

from cases.models.matter import Matter
from cases.models.officer import Officer


class ChangeKind(models.TextChoices):
    """What a change is of; each kind has its own payload, read in `cases.changes.kinds`."""

    LIMIT = "limit", "时限新版本"
    CALENDAR = "calendar", "放假安排"
    ANSWER = "answer", "待定问题的答复"


class ChangeState(models.TextChoices):
    """How far a change has come."""

    DRAFT = "draft", "正在预览"
    PREVIEWED = "previewed", "待实施"
    APPLYING = "applying", "正在实施"
    APPLIED = "applied", "已实施"
    DROPPED = "dropped", "已放弃"

    @classmethod
    def under_way(cls) -> tuple["ChangeState", ...]:
        """States in which the worker has something to do."""
        return (cls.DRAFT, cls.APPLYING)

    @classmethod
    def begun(cls) -> tuple["ChangeState", ...]:
        """States in which the law itself has been changed."""
        return (cls.APPLYING, cls.APPLIED)


class Change(models.Model):
    """One proposed change of the law or of the calendar (变更), from its draft to the last clock rewound.

    `preview` and `result` hold the same counts, of what would move and of what did. Matters still to be rewound are
    rows of their own (`ConcernedMatter`); `done` counts those that are through. `law` is the state of the law the
    preview was made on.
    """

    kind = models.CharField("种类", max_length=10, choices=ChangeKind)
    title = models.CharField("内容", max_length=200)
    payload = models.JSONField("提案")
    proposed_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="提出人"
    )
    proposed_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=10, choices=ChangeState, default=ChangeState.DRAFT)
    preview = models.JSONField("预览", null=True, blank=True)
    previewed_at = models.DateTimeField("预览时间", null=True, blank=True)
    law = models.CharField("预览所据目录", max_length=64, blank=True)
    result = models.JSONField("结果", null=True, blank=True)
    total = models.PositiveIntegerField("涉及事项", default=0)
    done = models.PositiveIntegerField("已算事项", default=0)
    applied_by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="实施人"
    )
    applying_at = models.DateTimeField("开始实施时间", null=True, blank=True)
    applied_at = models.DateTimeField("完成时间", null=True, blank=True)
    worked_at = models.DateTimeField("后台最近动作", null=True, blank=True)
    error = models.TextField("问题", blank=True)

    class Meta:
        verbose_name = "变更"
        verbose_name_plural = "变更"
        ordering = ("-id",)
        permissions = (("apply_change", "可以实施变更"),)
        constraints = (
            # What is to be decided upon has been looked at.
            models.CheckConstraint(
                condition=~Q(state__in=("previewed", "applying", "applied"))
                | (Q(preview__isnull=False) & Q(previewed_at__isnull=False)),
                name="change_is_previewed_first",
            ),
            # What has been begun says when.
            models.CheckConstraint(
                condition=~Q(state__in=("applying", "applied")) | Q(applying_at__isnull=False),
                name="change_begun_has_a_time",
            ),
            # What is over says when.
            models.CheckConstraint(
                condition=~Q(state="applied") | Q(applied_at__isnull=False), name="change_applied_has_a_time"
            ),
            # No more is done than there is to do.
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="change_does_no_more_than_all"),
            # The law changes in one place at a time.
            models.UniqueConstraint(fields=("state",), condition=Q(state="applying"), name="one_change_at_a_time"),
        )

    def __str__(self) -> str:
        return f"变更{self.pk}号：{self.title}"

    @property
    def percent(self) -> int:
        """How much of it is through, in whole percents: how many matters it concerns would tell how many restricted ones
        there are."""
        return self.done * 100 // self.total if self.total else 0

    @property
    def left(self) -> int:
        """Matters still to be rewound."""
        return self.total - self.done


class ConcernedMatter(models.Model):
    """A matter that a change has still to rewind (变更待算): gone as soon as that is done; none means nothing is left."""

    change = models.ForeignKey(Change, models.CASCADE, db_index=False, related_name="waiting", verbose_name="变更")
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="+", verbose_name="事项")

    class Meta:
        verbose_name = "变更待算"
        verbose_name_plural = "变更待算"
        constraints = (
            # A change rewinds a matter once.
            models.UniqueConstraint(fields=("change", "matter"), name="change_concerns_a_matter_once"),
        )

    def __str__(self) -> str:
        return f"{self.change_id} {self.matter_id}"


class ChangeAction(models.TextChoices):
    """What a step records."""

    PROPOSED = "proposed", "提出"
    PREVIEWED = "previewed", "预览"
    STARTED = "started", "开始实施"
    APPLIED = "applied", "实施完毕"
    DROPPED = "dropped", "放弃"


class ChangeStep(models.Model):
    """One thing that happened to a change (变更台账). Append-only, by database trigger."""

    change = models.ForeignKey(Change, models.PROTECT, related_name="steps", verbose_name="变更")
    action = models.CharField("事由", max_length=10, choices=ChangeAction)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        Officer, models.PROTECT, null=True, blank=True, db_index=False, related_name="+", verbose_name="操作人"
    )
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        verbose_name = "变更台账"
        verbose_name_plural = "变更台账"
        ordering = ("at", "id")

    def __str__(self) -> str:
        return self.get_action_display()
