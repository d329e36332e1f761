"""Import batches and the rows they refused."""

from django.db import models
from django.db.models import Q

from cases.models.officer import Officer


class BatchState(models.TextChoices):
    """How far a batch has come."""

    LOADING = "loading", "正在导入"
    LOADED = "loaded", "已导入"
    FAILED = "failed", "中断"
    UNDONE = "undone", "已撤销"


class Batch(models.Model):
    """One file brought in through one mapping (导入批次): what was read, loaded, unchanged and refused."""

    file_name = models.CharField("文件名", max_length=255)
    digest = models.CharField("文件摘要", max_length=64, db_index=True)
    mapping = models.CharField("对应表", max_length=100)
    source = models.CharField("来源系统", max_length=40)
    by = models.ForeignKey(Officer, models.PROTECT, null=True, blank=True, verbose_name="操作人")
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=BatchState, default=BatchState.LOADING)
    rows_total = models.PositiveIntegerField("总行数", null=True, blank=True)
    rows_read = models.PositiveIntegerField("已读行数", default=0)
    matters_new = models.PositiveIntegerField("新增事项", default=0)
    events_new = models.PositiveIntegerField("新增节点", default=0)
    rows_unchanged = models.PositiveIntegerField("未变行数", default=0)
    rows_refused = models.PositiveIntegerField("退回行数", default=0)
    error = models.TextField("中断原因", blank=True)

    class Meta:
        verbose_name = "导入批次"
        verbose_name_plural = "导入批次"
        ordering = ("-id",)
        constraints = (
            # A batch that is over says when.
            models.CheckConstraint(
                condition=Q(state=BatchState.LOADING) | Q(finished_at__isnull=False), name="batch_over_has_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"{self.file_name} 第{self.pk}批"


class Refusal(models.Model):
    """A row that was not loaded (退回行): where it stands, which field, why, and the row itself, so nothing is lost."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="refusals", verbose_name="批次")
    row = models.PositiveIntegerField("行号")
    column = models.CharField("列", max_length=100, blank=True)
    reason = models.CharField("原因", max_length=300)
    content = models.JSONField("原始内容", default=dict)

    class Meta:
        verbose_name = "退回行"
        verbose_name_plural = "退回行"
        ordering = ("batch_id", "row", "id")

    def __str__(self) -> str:
        return f"第{self.row}行 {self.column}：{self.reason}"
