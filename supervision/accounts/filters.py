"""The filters of the ledger of signing in and of the list of second factors."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet

from cases.desk.filtering import ListFilter, date_range
from supervision.accounts.models import Authenticator, Outcome, SignIn

FAILED = (("1", "只看失败"),)
STATES = (("locked", "已锁定"), ("confirmed", "已启用"), ("unconfirmed", "未完成启用"))


class SignInFilter(ListFilter):
    """The ledger of signing in (登录台账)."""

    in_front = ("number", "outcome", "failed", "address")

    number = filters.CharFilter(lookup_expr="startswith", label="警号", max_length=20)
    outcome = filters.ChoiceFilter(choices=Outcome.choices, label="结果", empty_label="全部")
    failed = filters.ChoiceFilter(choices=FAILED, method="only_failed", label="范围", empty_label="全部")
    address = filters.CharFilter(lookup_expr="startswith", label="地址", max_length=45)
    at = date_range("日期", "at")

    class Meta:
        model = SignIn
        fields: tuple[str, ...] = ()

    def only_failed(self, queryset: QuerySet[SignIn], name: str, value: str) -> QuerySet[SignIn]:
        return queryset.filter(outcome__in=(*Outcome.failures(), Outcome.UNKNOWN_NUMBER))


class AuthenticatorFilter(ListFilter):
    """Second factors (二次验证)."""

    in_front = ("number", "state")

    number = filters.CharFilter(
        field_name="officer__police_number", lookup_expr="startswith", label="警号", max_length=20
    )
    state = filters.ChoiceFilter(choices=STATES, method="by_state", label="状态", empty_label="全部")

    class Meta:
        model = Authenticator
        fields: tuple[str, ...] = ()

    def by_state(self, queryset: QuerySet[Authenticator], name: str, value: str) -> QuerySet[Authenticator]:
        if value == "locked":
            return queryset.exclude(locked_at=None)
        return queryset.filter(confirmed_at__isnull=value == "unconfirmed")
