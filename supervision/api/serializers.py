"""What of a row goes out: each field by name. Nobody's name or number is among them, nor a title or text that may hold one."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from rest_framework import serializers

from cases.models import Clock, Matter, Unit
from supervision.alerts.models import Alert
from supervision.bulletins.models import Bulletin
from supervision.evaluation.models import Figure
from supervision.rectification.models import Order


class ErrorSerializer(serializers.Serializer[Any]):
    """Any call that was not answered as asked."""

    code = serializers.CharField(help_text="供程序判断的代码")
    message = serializers.CharField(help_text="中文说明")
    fields = serializers.DictField(required=False, help_text="逐个字段的问题")


class SentSerializer(serializers.Serializer[Any]):
    """Rows to be brought in."""

    rows = serializers.ListField(
        child=serializers.DictField(), help_text="一行一个对象：列名和内容，列名照对应表；最多 5000 行"
    )


class RowProblemSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="第几行，从 1 起")
    column = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    way_out = serializers.CharField(required=False)


class ReportSerializer(serializers.Serializer[Any]):
    """What an intake did, or would do."""

    batch = serializers.IntegerField(allow_null=True, help_text="批次；预览没有")
    state = serializers.CharField()
    dry_run = serializers.BooleanField(required=False)
    rows_read = serializers.IntegerField()
    rows_loaded = serializers.IntegerField(required=False)
    rows_unchanged = serializers.IntegerField()
    rows_skipped = serializers.IntegerField(required=False)
    rows_refused = serializers.IntegerField()
    matters_new = serializers.IntegerField()
    events_new = serializers.IntegerField()
    refused = RowProblemSerializer(many=True)
    kept = RowProblemSerializer(many=True, required=False)


class _Row(serializers.ModelSerializer[Any]):
    unit = serializers.CharField(source="unit.code", read_only=True, help_text="单位代码")


class _Explained(_Row):
    explanation = serializers.SerializerMethodField(help_text="说明这些日期怎样算出来的页面")

    def get_explanation(self, row: Any) -> str:
        return reverse("desk:clock", args=(self.clock_id(row),))

    def clock_id(self, row: Any) -> int:
        raise NotImplementedError


class UnitSerializer(serializers.ModelSerializer[Unit]):
    parent = serializers.CharField(
        source="parent.code", default=None, read_only=True, allow_null=True, help_text="上级单位代码"
    )
    merged_into = serializers.CharField(
        source="merged_into.code",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="撤并的，并入单位的代码；送入时写旧代码也认",
    )

    class Meta:
        model = Unit
        fields = (
            "id",
            "code",
            "name",
            "short_name",
            "kind",
            "level",
            "parent",
            "valid_from",
            "valid_until",
            "merged_into",
        )
        read_only_fields = fields


class MatterSerializer(_Row):
    kind = serializers.CharField(source="kind.code", read_only=True, help_text="种类代码")
    kind_name = serializers.CharField(source="kind.name", read_only=True)
    parent = serializers.SerializerMethodField(help_text="所属事项，没有或者不能看的为空")

    class Meta:
        model = Matter
        fields = ("id", "kind", "kind_name", "number", "unit", "parent", "opened_at", "closed_at")
        read_only_fields = fields

    def get_parent(self, row: Matter) -> int | None:
        return row.parent_seen  # type: ignore[attr-defined]


class ClockSerializer(_Explained):
    matter_number = serializers.CharField(source="matter.number", read_only=True)
    limit = serializers.CharField(source="limit.code", read_only=True, help_text="时限代码")
    limit_name = serializers.CharField(source="limit.name", read_only=True)
    law = serializers.CharField(source="limit.law", read_only=True)
    article = serializers.CharField(source="limit.article", read_only=True)
    level_name = serializers.CharField(source="get_level_display", read_only=True)
    state_name = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Clock
        fields = (
            "id", "matter", "matter_number", "limit", "limit_name", "law", "article", "unit", "started_at", "nominal_on",
            "due_on", "due_at", "level", "level_name", "state", "state_name", "ended_at", "late", "provisional",
            "explanation",
        )  # fmt: skip
        read_only_fields = fields

    def clock_id(self, row: Clock) -> int:
        return row.pk


class AlertSerializer(_Explained):
    reason = serializers.CharField(read_only=True, help_text="为什么结束，没有结束的为空")
    matter = serializers.IntegerField(source="clock.matter_id", read_only=True)
    matter_number = serializers.CharField(source="clock.matter.number", read_only=True)
    limit = serializers.CharField(source="clock.limit.code", read_only=True, help_text="时限代码")
    limit_name = serializers.CharField(source="clock.limit.name", read_only=True)
    level_name = serializers.CharField(source="get_level_display", read_only=True)
    state_name = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Alert
        fields = (
            "id", "clock", "matter", "matter_number", "limit", "limit_name", "unit", "level", "level_name", "state",
            "state_name", "due_at", "raised_at", "ended_at", "reason", "next_on", "order", "explanation",
        )  # fmt: skip
        read_only_fields = fields

    def clock_id(self, row: Alert) -> int:
        return row.clock_id


class OrderSerializer(_Row):
    number = serializers.CharField(read_only=True, help_text="整改号")
    matter_number = serializers.CharField(source="matter.number", default=None, read_only=True)
    problem = serializers.CharField(source="problem.code", read_only=True, help_text="问题代码")
    problem_name = serializers.CharField(source="problem.name", read_only=True)
    grade_name = serializers.CharField(source="get_grade_display", read_only=True)
    state_name = serializers.CharField(source="get_state_display", read_only=True)

    class Meta:
        model = Order
        fields = (
            "id", "number", "matter", "matter_number", "clock", "problem", "problem_name", "grade", "grade_name", "unit",
            "state", "state_name", "issued_at", "first_due_on", "due_on", "due_at", "provisional", "extensions",
            "replied_at", "verified_at", "withdrawn_at", "reopened",
        )  # fmt: skip
        read_only_fields = fields


class FigureSerializer(_Row):
    indicator = serializers.CharField(source="indicator.code", read_only=True, help_text="指标代码")
    indicator_name = serializers.CharField(source="indicator.name", read_only=True)
    version = serializers.IntegerField(source="indicator.version", read_only=True)
    few = serializers.SerializerMethodField(help_text="分母少于最小分母，不宜比较")

    class Meta:
        model = Figure
        fields = (
            "id", "unit", "indicator", "indicator_name", "version", "month", "numerator", "denominator", "few", "cutoff",
            "known_on",
        )  # fmt: skip
        read_only_fields = fields

    def get_few(self, row: Figure) -> bool:
        return row.denominator < row.indicator.minimum


class BulletinSerializer(_Row):
    kind_name = serializers.CharField(source="get_kind_display", read_only=True)

    class Meta:
        model = Bulletin
        fields = (
            "id", "kind", "kind_name", "unit", "title", "number", "begins_on", "ends_on", "cutoff", "issued_at", "corrects",
            "text",
        )  # fmt: skip
        read_only_fields = fields
