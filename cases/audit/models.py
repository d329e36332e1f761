"""Rows of the audit: what was changed, what left the house, and the seals over all ledgers."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from cases.models import Officer


class Act(models.TextChoices):
    """What happened to a row."""

    INSERT = "insert", "新增"
    UPDATE = "update", "修改"
    DELETE = "delete", "删除"


class RowChange(models.Model):
    """One row of a watched table written, by whatever way (改动): a trigger of the database notes it, never the program.

    Nobody in `by` means that it was no page: a task, a command, or somebody at the database itself.
    """

    table_name = models.CharField("表", max_length=63)
    row_key = models.CharField("行", max_length=64)
    act = models.CharField("动作", max_length=6, choices=Act.choices)
    # The whole row as JSON; what must not be read here is masked. Text and not JSON: it is sealed as it was written.
    old = models.TextField("改前", null=True)
    new = models.TextField("改后", null=True)
    at = models.DateTimeField("时间")
    # Whoever signed stays named, whatever becomes of his account.
    by = models.ForeignKey(
        Officer, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name="操作人"
    )
    # Empty until the connection has signed, which it does in the same statement.
    via = models.CharField("页面", max_length=100, null=True)
    hand = models.CharField("数据库账号", max_length=128)

    class Meta:
        verbose_name = verbose_name_plural = "改动"
        default_permissions = ("view",)
        indexes = (
            # The auditor's list, latest first.
            models.Index(fields=("at", "id"), name="audit_changes_by_time"),
            # What became of one row.
            models.Index(fields=("table_name", "row_key", "at"), name="audit_changes_of_row"),
            # What somebody did.
            models.Index(fields=("by", "at"), name="audit_changes_by_hand"),
        )

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_key} {self.get_act_display()}"


class Way(models.TextChoices):
    """How something leaves the house."""

    LOOK = "look", "查看"
    EXPORT = "export", "导出"
    FEED = "feed", "订阅"
    COMMAND = "command", "命令"


class WayOut(models.Model):
    """Something that somebody was shown on the record, or took out as a file (查看和导出)."""

    way = models.CharField("方式", max_length=8, choices=Way.choices)
    what = models.CharField("内容", max_length=60)
    # The row it is about, as app.model:id; of a list there is none.
    about = models.CharField("对象", max_length=80, blank=True)
    form = models.CharField("格式", max_length=8, blank=True)
    rows = models.PositiveIntegerField("行数", null=True)
    # What the file bears, so that a file that turns up can be traced to who took it.
    code = models.CharField("水印编号", max_length=16, unique=True)
    digest = models.CharField("文件摘要（SHA-256）", max_length=64, blank=True)
    asked = models.CharField("条件", max_length=500, blank=True)
    by = models.ForeignKey(
        Officer, models.DO_NOTHING, null=True, db_constraint=False, related_name="+", verbose_name="操作人"
    )
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "查看和导出"
        default_permissions = ("view",)
        indexes = (
            # The auditor's list, latest first.
            models.Index(fields=("at", "id"), name="audit_ways_by_time"),
            # What somebody took.
            models.Index(fields=("by", "at"), name="audit_ways_by_hand"),
            # Who took something of one row.
            models.Index(fields=("about", "at"), name="audit_ways_about"),
            # A file that turned up.
            models.Index(fields=("digest",), name="audit_ways_by_digest"),
        )

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.what}"


class SealKind(models.TextChoices):
    """What a seal is about."""

    ROWS = "rows", "封存"
    REMOVAL = "removal", "清理"


class Seal(models.Model):
    """A batch of a ledger's rows sealed (封存), or the removal of sealed rows whose time is over; each hangs on the one before."""

    number = models.PositiveBigIntegerField("序号", unique=True)
    kind = models.CharField("种类", max_length=8, choices=SealKind.choices)
    table_name = models.CharField("表", max_length=63)
    first_id = models.BigIntegerField("首行")
    last_id = models.BigIntegerField("末行")
    count = models.PositiveIntegerField("行数")
    # Those there were when it was sealed, in the order in which they were digested.
    columns = models.TextField("列")
    algorithm = models.CharField("摘要算法", max_length=8)
    digest = models.CharField("各行摘要", max_length=64)
    marks = models.BinaryField("逐行标记")
    note = models.CharField("说明", max_length=200, blank=True)
    sealed_at = models.DateTimeField("封存时间")
    previous = models.CharField("上一条的链值", max_length=64)
    chain = models.CharField("链值", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "封存"
        default_permissions = ("view",)
        constraints = (
            # A batch has its rows in order, and a seal is one of a row at least.
            models.CheckConstraint(
                condition=Q(first_id__lte=F("last_id"), count__gte=1, number__gte=1), name="audit_seal_of_something"
            ),
        )
        indexes = (
            # Up to where a table is sealed.
            models.Index(fields=("table_name", "number"), name="audit_seals_of_table"),
        )

    def __str__(self) -> str:
        return f"第{self.number}条封存"

    @property
    def said(self) -> tuple[object, ...]:
        """All a seal says, in the order in which it is digested."""
        return (
            self.number,
            self.kind,
            self.table_name,
            self.first_id,
            self.last_id,
            self.count,
            self.columns,
            self.algorithm,
            self.digest,
            self.note,
            self.sealed_at,
        )
