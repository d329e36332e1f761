"""Subscriptions to keep up, and how their deliveries stand. What a delivery says is on no page: it tells of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from cases.desk.frame import show, who
from cases.desk.keeping import KeptAdmin
from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.webhooks import refusals, rules, services
from supervision.webhooks.models import Delivery, DeliveryState, DeliveryStep, Ledger, Subscription
from supervision.webhooks.queries import deliveries_kept_by, subscriptions_kept_by
from supervision.webhooks.refusals import WebhookRefused

RESEND = "webhooks.resend_delivery"


class SubscriptionForm(forms.ModelForm):
    """Refuses an address that is not allowed, and a secret that this server does not have."""

    events = forms.MultipleChoiceField(
        label="事件",
        choices=[(name.value, rules.LABELS[name]) for name in rules.EventName.offered()],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text="只推送编号、代码和时间，没有人名；信访、投诉等仅经办人可见的事项从不推送",
    )

    class Meta:
        model = Subscription
        fields = ("name", "unit", "address", "events", "secret_name", "active")
        help_texts = {
            "name": "对方系统叫什么",
            "unit": "推送这个单位和下级单位的事；保存以后不能改",
            "address": "完整的接收地址，主机要在服务器的环境变量 WEBHOOK_HOSTS 之内；不跟随转向",
            "secret_name": "密钥不存在这里：写 NAME，就用环境变量 WEBHOOK_SECRET_NAME 的值签名",
            "active": "停用时，还没送出的不再推送；再启用从那时重新开始，其间发生的不补",
        }

    # Where the ledgers end, if the subscription begins with this save.
    ends: Mapping[Ledger, int] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.events:
            self.initial["events"] = [name.value for name in self.instance.names]

    def clean_events(self) -> str:
        return ",".join(rules.known_names(self.cleaned_data["events"]))

    def clean_address(self) -> str:
        address = str(self.cleaned_data["address"])
        if why := rules.why_not_there(address, settings.WEBHOOK_HOSTS):
            raise forms.ValidationError(why)
        return address

    def clean_secret_name(self) -> str:
        # Before it is asked whether the server has it: a wrong name is no missing variable.
        name = str(self.cleaned_data["secret_name"])
        Subscription._meta.get_field("secret_name").run_validators(name)
        return name

    def clean(self) -> dict[str, Any]:
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        secret, active = entered.get("secret_name", ""), entered.get("active", False)
        if active and secret and secret not in settings.WEBHOOK_SECRETS:
            self.add_error("secret_name", refusals.NO_SECRET.format(name=secret))
        if not self.errors and (self.instance.pk is None or (active and not self.initial.get("active"))):
            try:
                self.ends = services.where_ledgers_end()
            except WebhookRefused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        return entered


@admin.register(Subscription)
class SubscriptionAdmin(KeptAdmin):
    """Who is told. A row is switched off, never deleted: deliveries went to it."""

    form = SubscriptionForm
    list_display = ("name", "unit", "address", "told", "secret_is_set", "active", "since_said", "waiting", "given_up")
    list_filter = ("active",)
    list_select_related = ("unit",)
    search_fields = ("name", "address", "unit__name")
    autocomplete_fields = ("unit",)
    actions = ("test", "send_again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        def counted(**which: Any) -> Coalesce:
            rows = Delivery.objects.filter(subscription=OuterRef("pk"), **which).order_by().values("subscription")
            return Coalesce(Subquery(rows.annotate(count=Count("pk")).values("count")), 0)

        return (
            super()
            .get_queryset(request)
            .annotate(
                waiting_count=counted(next_try_at__isnull=False), given_up_count=counted(state=DeliveryState.GIVEN_UP)
            )
        )

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        named = list(SubscriptionForm.Meta.fields)
        return ["of_unit" if obj is not None and name == "unit" else name for name in named]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("of_unit",) if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return who(request).has_perm(RESEND)

    @admin.display(description="单位")
    def of_unit(self, row: Subscription) -> str:
        return str(row.unit)

    @admin.display(description="事件")
    def told(self, row: Subscription) -> str:
        return "、".join(rules.LABELS[name] for name in row.names)

    @admin.display(description="密钥")
    def secret_is_set(self, row: Subscription) -> str:
        return "已设置" if row.secret_name in settings.WEBHOOK_SECRETS else "没有设置"

    @admin.display(description="推送自")
    def since_said(self, row: Subscription) -> str:
        return moment_words(row.since)

    @admin.display(description="待送")
    def waiting(self, row: Any) -> int:
        return int(row.waiting_count)

    @admin.display(description="已放弃")
    def given_up(self, row: Any) -> int:
        return int(row.given_up_count)

    def save_model(self, request: HttpRequest, obj: Subscription, form: SubscriptionForm, change: bool) -> None:
        now = timezone.now()
        if change:
            services.change(subscription=obj, ends=form.ends, by=who(request), at=now)
        else:
            assert form.ends is not None
            services.enter(subscription=obj, ends=form.ends, at=now)

    @admin.action(description="发送测试事件", permissions=["change"])
    def test(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Queue a test for each, naming those that refuse."""
        done = 0
        for row in queryset.select_related("unit"):
            try:
                services.send_test(subscription=row, by=who(request), at=timezone.now())
                done += 1
            except WebhookRefused as refusal:
                messages.warning(request, f"{row}：{refusal}。")
        if done:
            messages.success(request, f"已向 {done} 个系统排队发送测试事件，一两分钟内送出，结果见“推送记录”。")

    @admin.action(description="把已放弃的再发一次", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        """Queue what was given up of each, naming those that refuse."""
        for row in queryset:
            try:
                count = services.send_given_up_again(subscription=row, by=who(request), at=timezone.now())
            except WebhookRefused as refusal:
                messages.warning(request, f"{row}：{refusal}。")
            else:
                messages.success(request, f"{row}：{count} 次推送已重新排队。")


class OfSubscription(admin.SimpleListFilter):
    """By receiver, of those the officer keeps up."""

    title = "订阅"
    parameter_name = "subscription"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(row.pk), str(row)) for row in subscriptions_kept_by(who(request))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> QuerySet[Delivery]:
        value = self.value() or ""
        return queryset.filter(subscription=int(value)) if value.isascii() and value.isdecimal() else queryset


@admin.register(Delivery)
class DeliveryAdmin(LedgerAdmin):
    list_display = ("queued", "subscription", "unit", "told", "size", "state", "tries", "next_try", "code", "reason")
    list_display_links = ("queued",)
    list_filter = ("state", OfSubscription)
    list_select_related = ("subscription__unit",)
    search_fields = ("subscription__name", "reason")

    def visible(self, officer: Officer) -> QuerySet[Delivery]:
        return deliveries_kept_by(officer)

    @admin.display(description="排队时间")
    def queued(self, row: Delivery) -> str:
        return moment_words(row.queued_at)

    @admin.display(description="单位")
    def unit(self, row: Delivery) -> str:
        return str(row.subscription.unit)

    @admin.display(description="事件")
    def told(self, row: Delivery) -> str:
        return row.names_said

    @admin.display(description="下次发送")
    def next_try(self, row: Delivery) -> str:
        return moment_words(row.next_try_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A delivery and everything that happened to it; what has ended can be sent again."""
        officer = who(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() else 0
        delivery = get_object_or_404(deliveries_kept_by(officer), pk=pk)
        may_act = officer.has_perm(RESEND)
        if request.method == "POST":
            if not may_act:
                raise PermissionDenied
            self._act(request, delivery, officer)
            return redirect("admin:webhooks_delivery_change", delivery.pk)
        return show(
            request,
            "webhooks/delivery.html",
            title=f"推送给{delivery.subscription}",
            trail=(("推送记录", reverse("admin:webhooks_delivery_changelist")),),
            delivery=delivery,
            steps=list(DeliveryStep.objects.filter(delivery=delivery).select_related("by")),
            may_send=may_act and delivery.state != DeliveryState.WAITING,
            may_drop=may_act and delivery.state == DeliveryState.GIVEN_UP,
        )

    def _act(self, request: HttpRequest, delivery: Delivery, officer: Officer) -> None:
        try:
            if request.POST.get("act") == "drop":
                services.drop(delivery=delivery, by=officer, at=timezone.now())
                messages.success(request, "不再推送。")
            else:
                services.send_again(delivery=delivery, by=officer, at=timezone.now())
                messages.success(request, "已重新排队，一两分钟内送出。")
        except WebhookRefused as refusal:
            messages.error(request, f"没有办成：{refusal}。")
