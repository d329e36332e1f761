"""The filters of the inbox and of the bulletins."""

import django_filters as filters
from django.db.models import Q, QuerySet

from cases.desk.filtering import ListFilter, UnitFilter, date_range, units_offered
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinQuerySet, BulletinState, Notice


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


class BulletinFilter(ListFilter):
    """Bulletins (通报)."""

    in_front = ("state", "kind", "unit", "q")

    state = filters.ChoiceFilter(
        choices=(
            ("unfinished", "未办完"),
            ("to_sign", "待我签批"),
            ("out", "已签发（含归档）"),
            *BulletinState.choices,
        ),
        method="by_state",
        label="状态",
        empty_label="全部",
    )
    kind = filters.ChoiceFilter(choices=BulletinKind.choices, label="种类", empty_label="全部")
    unit = UnitFilter(queryset=units_offered, label="单位", empty_label="全部")
    q = filters.CharFilter(method="by_words", label="标题或者文号", max_length=64)
    corrected = filters.ChoiceFilter(
        choices=(("yes", "更正"), ("no", "不是更正")), method="by_correcting", label="更正", empty_label="全部"
    )
    about = date_range("期间起始日", "begins_on")

    class Meta:
        model = Bulletin
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: BulletinQuerySet, name: str, value: str) -> BulletinQuerySet:
        if value == "unfinished":
            return queryset.unfinished()
        if value == "to_sign":
            return queryset.filter(state=BulletinState.SUBMITTED).exclude(submitter=self.officer)
        return queryset.issued() if value == "out" else queryset.filter(state=value)

    def by_words(self, queryset: BulletinQuerySet, name: str, value: str) -> BulletinQuerySet:
        return queryset.filter(Q(title__contains=value.strip()) | Q(number__contains=value.strip()))

    def by_correcting(self, queryset: BulletinQuerySet, name: str, value: str) -> BulletinQuerySet:
        return queryset.filter(corrects__isnull=value == "no")
