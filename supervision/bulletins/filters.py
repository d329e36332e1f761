"""The filter of the inbox."""

import django_filters as filters
from django.db.models import QuerySet

from cases.desk.filtering import ListFilter, date_range
from supervision.bulletins.models import Notice


class NoticeFilter(ListFilter):
    """Notices of one officer (通知)."""

    in_front = ("state", "urgent", "day")

    state = filters.ChoiceFilter(
        choices=(("unread", "未读"), ("read", "已读")), method="by_state", label="状态", empty_label="全部"
    )
    urgent = filters.ChoiceFilter(
        choices=(("yes", "紧急"), ("no", "每日")), method="by_truth", label="种类", empty_label="全部"
    )
    day = date_range("日期", "day")

    class Meta:
        model = Notice
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Notice], name: str, value: str) -> QuerySet[Notice]:
        return queryset.filter(read_at__isnull=value == "unread")
