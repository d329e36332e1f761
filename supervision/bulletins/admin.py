"""Bulletins to compose, read and issue, who gets them, and how their letters stand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.admin import ModelAdmin

from cases.desk.frame import show, who
from cases.desk.keeping import KeptAdmin
from cases.desk.ledgers import LedgerAdmin, ReadOnlyAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from supervision.bulletins import refusals
from supervision.bulletins.gateways import NEEDS
from supervision.bulletins.models import (
    Bulletin,
    BulletinKind,
    BulletinPlan,
    BulletinStep,
    Channel,
    Letter,
    Letterhead,
    LetterState,
    LetterStep,
    NoticePreference,
    Recipient,
)
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.services import add_recipient, remove_recipient, requeue


@admin.register(Bulletin)
class BulletinAdmin(ReadOnlyAdmin):
    """Bulletins are composed, signed and issued on their own pages, where every act is a verb of the room."""

    list_display = ("title", "unit", "begins_on", "state", "issued_at")
    list_filter = ("state", "kind")
    list_select_related = ("unit",)
    search_fields = ("title", "number", "unit__name")
    ordering = ("-begins_on", "unit_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return Bulletin.objects.visible_to(who(request)).light()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() else 0
        return redirect("bulletins:bulletin", pk)


@admin.register(BulletinStep)
class BulletinStepAdmin(LedgerAdmin):
    list_display = ("at", "bulletin", "action", "by", "revision", "note")
    list_filter = ("action",)
    list_select_related = ("bulletin", "by")
    search_fields = ("bulletin__title", "by__name")

    def visible(self, officer: Officer) -> QuerySet[BulletinStep]:
        return BulletinStep.objects.visible_to(officer)


class OfOwnUnits(KeptAdmin):
    """Settings of units, each by whoever keeps the unit up or supervises it."""

    autocomplete_fields = ("unit",)
    search_fields = ("unit__name",)
    list_select_related = ("unit",)
    # Settled when the row is entered.
    settled: tuple[str, ...] = ("unit",)

    @admin.display(description="单位")
    def of_unit(self, row: Any) -> str:
        """The unit by its name: not everybody who sees a row may open the page of its unit."""
        return str(row.unit)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        named = super().get_fields(request, obj)
        return ["of_unit" if obj is not None and name == "unit" else name for name in named if name != "of_unit"]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("of_unit", *(name for name in self.settled if name != "unit")) if obj is not None else ()


# The settings of a plan that each kind does not read.
_UNREAD = {
    BulletinKind.DAILY.value: ("weekday", "working_day"),
    BulletinKind.WEEKLY.value: ("working_day",),
    BulletinKind.MONTHLY.value: ("weekday",),
}


@admin.register(BulletinPlan)
class BulletinPlanAdmin(OfOwnUnits):
    """When bulletins come out by themselves. A row is switched off, never deleted."""

    list_display = ("unit", "kind", "comes_out", "waits", "active")
    list_filter = ("kind", "waits", "active")
    fields = ("unit", "kind", "leaves_at", "weekday", "working_day", "waits", "active")
    settled = ("unit", "kind")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Of the settings only what the kind reads, once it is settled."""
        left_out = _UNREAD[obj.kind] if isinstance(obj, BulletinPlan) else ()
        return [name for name in super().get_fields(request, obj) if name not in left_out]

    @admin.display(description="编发")
    def comes_out(self, plan: BulletinPlan) -> str:
        """Which day and hour; of the settings only what its kind reads."""
        hour = f"{plan.leaves_at:%H:%M}"
        match BulletinKind(plan.kind):
            case BulletinKind.WEEKLY:
                return f"次周{plan.get_weekday_display()}，逢休息日顺延到首个工作日，{hour}"
            case BulletinKind.MONTHLY:
                return f"次月第 {plan.working_day} 个工作日，{hour}"
        return f"每个工作日，{hour}"

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: BulletinPlan, form: Any, change: bool) -> None:
        # In use from when it was entered or switched on again: what lies before it is not made up for.
        if obj.entered_at is None or "active" in form.changed_data:
            obj.entered_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(Letterhead)
class LetterheadAdmin(OfOwnUnits):
    """What stands at the head and the foot of a unit's bulletins."""

    list_display = ("unit", "body", "head", "addressees", "copies")
    fields = ("unit", "body", "head", "addressees", "copies")


@admin.register(Letter)
class LetterAdmin(LedgerAdmin):
    list_display = ("carries", "reader", "way", "address", "state", "claims", "queued", "sent", "error")
    list_display_links = ("carries",)
    list_filter = ("state",)
    list_select_related = ("bulletin", "recipient__officer", "notice__officer", "channel")
    search_fields = ("address", "recipient__name", "recipient__officer__name", "notice__officer__name")

    def visible(self, officer: Officer) -> QuerySet[Letter]:
        return Letter.objects.visible_to(officer)

    @admin.display(description="内容")
    def carries(self, letter: Letter) -> str:
        return str(letter.bulletin or letter.notice)

    @admin.display(description="收件人")
    def reader(self, letter: Letter) -> str:
        return letter.reader

    @admin.display(description="途径")
    def way(self, letter: Letter) -> str:
        return letter.way

    @admin.display(description="排队时间")
    def queued(self, letter: Letter) -> str:
        return moment_words(letter.queued_at)

    @admin.display(description="发出时间")
    def sent(self, letter: Letter) -> str:
        return moment_words(letter.sent_at)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """A letter and everything that happened to it; one that failed can be queued again."""
        officer = who(request)
        if not self.has_view_permission(request):
            raise PermissionDenied
        pk = int(object_id) if object_id.isascii() and object_id.isdigit() else 0
        seen = Letter.objects.visible_to(officer).select_related(*self.list_select_related)
        letter = get_object_or_404(seen, pk=pk)
        may_requeue = officer.has_perm("bulletins.change_bulletin")
        if request.method == "POST":
            if not may_requeue:
                raise PermissionDenied
            try:
                requeue(letter=letter, by=officer, at=timezone.now())
                messages.success(request, "已重新排队。")
            except BulletinRefused as refusal:
                messages.error(request, f"没有重新排队：{refusal}。")
            return redirect("admin:bulletins_letter_change", letter.pk)
        return show(
            request,
            "bulletins/letter.html",
            title=f"致{letter.reader}",
            trail=(("信件", reverse("admin:bulletins_letter_changelist")),),
            letter=letter,
            steps=list(LetterStep.objects.filter(letter=letter).select_related("by")),
            may_requeue=may_requeue and letter.state == LetterState.FAILED,
        )


class RecipientForm(forms.ModelForm):
    class Meta:
        model = Recipient
        fields = ("unit", "officer", "name", "address")


@admin.register(Recipient)
class RecipientAdmin(KeptAdmin):
    """Recipients are entered and taken off; a row stays for the letters it got."""

    form = RecipientForm
    list_display = ("reader", "unit", "where", "active", "entered_at")
    list_display_links = None
    list_filter = ("active",)
    list_select_related = ("unit", "officer")
    search_fields = ("name", "address", "officer__name", "unit__name")
    autocomplete_fields = ("unit", "officer")
    actions = ("take_off",)
    list_per_page = 50

    @admin.display(description="收件人")
    def reader(self, recipient: Recipient) -> str:
        return str(recipient)

    @admin.display(description="邮箱")
    def where(self, recipient: Recipient) -> str:
        if recipient.officer is None:
            return recipient.address
        return recipient.officer.email or "（民警未登记邮箱）"

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # A row is not edited; the permission is what the action asks for.
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if object_id is not None:
            raise Http404
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except BulletinRefused as refusal:
            messages.error(request, f"没有保存：{refusal}。")
            return HttpResponseRedirect(request.get_full_path())

    def save_model(self, request: HttpRequest, obj: Recipient, form: RecipientForm, change: bool) -> None:
        entered = form.cleaned_data
        added = add_recipient(
            unit=entered["unit"],
            officer=entered["officer"],
            name=entered["name"],
            address=entered["address"],
            at=timezone.now(),
        )
        obj.__dict__.update(added.__dict__)

    @admin.action(description="不再接收通报", permissions=["change"])
    def take_off(self, request: HttpRequest, queryset: QuerySet[Recipient]) -> None:
        """Take readers off, naming those that were off already."""
        done = 0
        for recipient in queryset:
            try:
                remove_recipient(recipient=recipient)
                done += 1
            except BulletinRefused as refusal:
                messages.warning(request, f"{recipient}：{refusal}。")
        if done:
            messages.success(request, f"已停止向 {done} 名收件人发送。")


class ChannelForm(forms.ModelForm):
    class Meta:
        model = Channel
        fields = ("name", "kind", "base_url", "account", "agent", "secret_name", "enabled")
        help_texts = {
            "base_url": "企业微信、钉钉只写到主机和端口（专有部署的写本地地址）；短信和通用网关写完整的接收地址",
            "account": "企业微信的 corpid；其他种类不填",
            "agent": "企业微信的 agentid；其他种类不填",
            "secret_name": "密钥不存在这里：写 NAME，就用环境变量 GATEWAY_SECRET_NAME 的值。钉钉的值写成“access_token:加签密钥”",  # nosec B105
            "enabled": "启用以后，民警可以在自己的通知设置里填写那里的手机号或者账号；没有填写的不发",
        }

    def clean(self) -> dict[str, Any]:
        """Refuses a channel without what its kind cannot do without."""
        entered: dict[str, Any] = super().clean() or self.cleaned_data
        missing = [name for name in NEEDS.get(entered.get("kind", ""), ()) if not entered.get(name)]
        if missing:
            labels = "、".join(str(self.fields[name].label) for name in missing)
            raise forms.ValidationError(refusals.CHANNEL_NEEDS.format(fields=labels))
        return entered


@admin.register(Channel)
class ChannelAdmin(ModelAdmin):
    """Gateways. A row is switched off, never deleted: letters went through it."""

    form = ChannelForm
    list_display = ("name", "kind", "base_url", "secret_is_set", "enabled")
    list_filter = ("kind", "enabled")
    search_fields = ("name",)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description="密钥")
    def secret_is_set(self, channel: Channel) -> str:
        if not channel.secret_name:
            return "不用"
        return "已设置" if channel.secret_name in settings.GATEWAY_SECRETS else "没有设置"


@admin.register(NoticePreference)
class BureauHourAdmin(KeptAdmin):
    """At what hour the officers of a unit are told; each officer's own settings are on his own page and not here."""

    fields = ("unit", "told_at")
    list_display = ("unit", "told_at")
    autocomplete_fields = ("unit",)
    search_fields = ("unit__name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).filter(unit__isnull=False).select_related("unit")
