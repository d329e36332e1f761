"""Tables of this room in the admin: people and units to keep up, the catalogue and the ledgers to read.

Matters and clocks have pages of their own (`cases.desk`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm
from unfold.widgets import UnfoldAdminTextInputWidget

from cases.desk.frame import who
from cases.desk.keeping import KeptAdmin
from cases.desk.ledgers import LedgerAdmin, ReadOnlyAdmin
from cases.desk.words import moment_words
from cases.models import (
    ApproverLevel,
    Batch,
    ClockMove,
    Event,
    EventKind,
    Feedback,
    Ladder,
    MatterKind,
    Officer,
    PendingWinding,
    Post,
    Refusal,
    Role,
    Unit,
)
from cases.queries import batches_of, events_of, matters_of, moves_of
from cases.services import OWN_GRANT, CaseRefused, add_officer, add_unit, assign_post, end_post
from cases.statute.ladders import USUAL_CLIMBS
from cases.tree import open_matters


class RefusingAdmin(KeptAdmin):
    """Rows kept up through the verbs of the room; what a verb refuses is told, and nothing is changed."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except CaseRefused as refusal:
            messages.error(request, f"没有保存：{refusal}。")
            return HttpResponseRedirect(request.get_full_path())

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


# -- units and officers ----------------------------------------------------------------------------------------------


STILL_HELD = "该单位还有下级单位、现任职务或者未办结的事项，不能直接填写撤并日期，请到“单位变动”办理撤并"


class UnitForm(forms.ModelForm):
    class Meta:
        model = Unit
        fields = ("code", "name", "short_name", "kind", "level", "parent", "valid_from", "valid_until")

    def clean(self) -> dict[str, Any] | None:
        entered = super().clean()
        level, parent = self.cleaned_data.get("level"), self.cleaned_data.get("parent")
        if level is not None and parent is not None and level <= parent.level:
            self.add_error("level", f"层级应当低于上级单位{parent}")
        if "valid_until" in self.changed_data and self.cleaned_data.get("valid_until") is not None:
            self._check_empty()
        return entered

    def _check_empty(self) -> None:
        """What a unit still holds would be left with nobody: that is a merger, which hands it over."""
        unit = self.instance
        if (
            Unit.objects.in_force().filter(parent=unit).exists()
            or Post.objects.current().filter(unit=unit).exists()
            or open_matters(unit).exists()
        ):
            self.add_error("valid_until", STILL_HELD)


@admin.register(Unit)
class UnitAdmin(RefusingAdmin):
    form = UnitForm
    unit_path = "pk"
    list_display = ("name", "code", "short_name", "kind", "level", "parent", "valid_until", "merged_into")
    list_filter = ("level", "kind")
    list_select_related = ("parent", "merged_into")
    search_fields = ("name", "code", "short_name")
    autocomplete_fields = ("parent",)
    list_per_page = 50
    # Place and kind of a unit are copied onto whatever hangs on it; they are not changed by editing this row.
    fixed = ("code", "kind", "level", "parent", "valid_from")

    def get_fields(self, request: HttpRequest, obj: Unit | None = None) -> tuple[str, ...]:
        known = UnitForm.Meta.fields
        return known if obj is not None else known[:-1]

    def get_readonly_fields(self, request: HttpRequest, obj: Unit | None = None) -> tuple[str, ...]:
        return self.fixed if obj is not None else ()

    def save_model(self, request: HttpRequest, obj: Unit, form: UnitForm, change: bool) -> None:
        if change:
            Unit.objects.filter(pk=obj.pk).update(**{name: form.cleaned_data[name] for name in form.changed_data})
            return
        added = add_unit(**form.cleaned_data)
        obj.__dict__.update(added.__dict__)


class OfficerForm(forms.ModelForm):
    """A new account; without a password it cannot sign in."""

    password = forms.CharField(
        label="初始密码",
        required=False,
        strip=False,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text="不填则暂不能登录。本人首次登录后必须先更改，才能使用系统。",
    )

    class Meta:
        model = Officer
        fields = ("police_number", "name", "unit", "email")

    def clean_password(self) -> str:
        from django.contrib.auth.password_validation import validate_password  # import here: reads the settings

        password: str = self.cleaned_data["password"]
        if password:
            known = {name: self.cleaned_data.get(name, "") for name in ("police_number", "name")}
            validate_password(password, Officer(**known))
        return password


class SetPasswordForm(AdminPasswordChangeForm):
    """A password set for somebody else: it lets him in only to choose his own."""

    def save(self, commit: bool = True) -> Officer:
        self.user.must_change_password = True
        officer: Officer = super().save(commit)
        return officer


@admin.register(Officer)
class OfficerAdmin(RefusingAdmin, UserAdmin):
    change_password_form = SetPasswordForm
    list_display = ("name", "police_number", "unit", "roles", "email", "is_active", "last_login")
    list_filter = ("is_active", "is_staff")
    list_select_related = ("unit",)
    search_fields = ("name", "police_number")
    ordering = ("police_number",)
    autocomplete_fields = ("unit",)
    filter_horizontal = ()
    list_per_page = 50
    add_fieldsets = ((None, {"fields": ("police_number", "name", "unit", "email", "password")}),)
    fieldsets = (
        (None, {"fields": ("police_number", "name", "unit", "email", "password_link")}),
        ("账号", {"fields": ("is_active", "is_staff", "roles", "last_login", "password_set_at")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Officer]:
        return super().get_queryset(request).prefetch_related("posts__unit")

    def get_readonly_fields(self, request: HttpRequest, obj: Officer | None = None) -> tuple[str, ...]:
        shown = ("police_number", "roles", "last_login", "password_set_at", "password_link")
        return shown if obj is not None else ()

    def get_fieldsets(self, request: HttpRequest, obj: Officer | None = None) -> Any:
        """Who may not change an officer is not offered to set his password."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, {**options, "fields": tuple(field for field in options["fields"] if field != "password_link")})
            for name, options in fieldsets
        ]

    def get_form(self, request: HttpRequest, obj: Officer | None = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = OfficerForm
            return ModelAdmin.get_form(self, request, obj, change, **kwargs)
        kwargs["form"] = forms.ModelForm
        return ModelAdmin.get_form(self, request, obj, change, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Officer | None = None) -> bool:
        """The account that sets the system up is changed by nobody but its like."""
        if obj is not None and obj.is_superuser and not who(request).is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: Officer, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        entered: Mapping[str, Any] = form.cleaned_data
        added = add_officer(
            police_number=entered["police_number"],
            name=entered["name"],
            unit=entered["unit"],
            email=entered["email"],
            password=entered["password"] or None,
            must_change_password=bool(entered["password"]),
        )
        obj.__dict__.update(added.__dict__)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """One's own password is changed where the old one is asked for."""
        if str(who(request).pk) == id:
            return HttpResponseRedirect(reverse("admin:password_change"))
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        return answer

    def response_add(self, request: HttpRequest, obj: Officer, post_url_continue: str | None = None) -> HttpResponse:
        return ModelAdmin.response_add(self, request, obj, post_url_continue)

    @admin.display(description="现任角色")
    def roles(self, officer: Officer) -> str:
        held = [post for post in officer.posts.all() if post.until_on is None]
        return "、".join(f"{post.unit}{post.get_role_display()}" for post in held) or "无"

    @admin.display(description="密码")
    def password_link(self, officer: Officer) -> str:
        link = reverse("admin:auth_user_password_change", args=(officer.pk,))
        state = "已设置" if officer.has_usable_password() else "未设置，不能登录"
        return format_html('{}　<a href="{}" class="text-primary-600">重设密码</a>', state, link)


class PostForm(forms.ModelForm):
    by: Officer

    class Meta:
        model = Post
        fields = ("officer", "unit", "role", "from_on", "until_on")

    def clean(self) -> dict[str, Any] | None:
        entered = super().clean()
        officer = self.cleaned_data.get("officer")
        if self.instance.pk is None and officer == self.by:
            self.add_error("officer", OWN_GRANT)
        begins = self.instance.from_on if self.instance.pk is not None else self.cleaned_data.get("from_on")
        until: date | None = self.cleaned_data.get("until_on")
        if until is not None and begins is not None and until < begins:
            self.add_error("until_on", "任职结束早于开始")
        return entered


@admin.register(Post)
class PostAdmin(RefusingAdmin):
    """Posts are entered and ended, never deleted: who held what when stays on record."""

    form = PostForm
    list_display = ("officer", "unit", "role", "from_on", "until_on", "granted_by")
    list_filter = ("role", ("until_on", admin.EmptyFieldListFilter))
    list_select_related = ("officer", "unit", "granted_by")
    search_fields = ("officer__name", "officer__police_number", "unit__name")
    autocomplete_fields = ("officer", "unit")
    ordering = ("-from_on", "-pk")
    list_per_page = 50

    def get_fields(self, request: HttpRequest, obj: Post | None = None) -> tuple[str, ...]:
        known = ("officer", "unit", "role", "from_on")
        return known if obj is None else (*known, "until_on", "granted_by", "ended_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        fixed = ("officer", "unit", "role", "from_on", "granted_by", "ended_by")
        return fixed if obj.until_on is None else (*fixed, "until_on")

    def get_form(self, request: HttpRequest, obj: Post | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = who(request)
        return form

    def save_model(self, request: HttpRequest, obj: Post, form: PostForm, change: bool) -> None:
        if change:
            until: date | None = form.cleaned_data.get("until_on")
            if until is not None:
                end_post(post=Post.objects.get(pk=obj.pk), until_on=until, by=who(request))
            return
        entered = form.cleaned_data
        held = assign_post(
            officer=entered["officer"],
            unit=entered["unit"],
            role=Role(entered["role"]),
            from_on=entered["from_on"],
            by=who(request),
        )
        obj.__dict__.update(held.__dict__)


# -- the catalogue ---------------------------------------------------------------------------------------------------


@admin.register(MatterKind)
class MatterKindAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "family", "restricted", "zone")


@admin.register(EventKind)
class EventKindAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "opens", "closes", "day_only")
    search_fields = ("name", "code")


@admin.register(ApproverLevel)
class ApproverLevelAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "line", "rank")


@admin.register(Ladder)
class LadderAdmin(ReadOnlyAdmin):
    list_display = ("name", "code", "counts", "since", "yellow_words", "orange_words", "climb_words")
    fields = ("name", "code", "counts", "since", "yellow_words", "orange_words", "climb_words")

    @admin.display(description="自长度", ordering="from_length")
    def since(self, ladder: Ladder) -> str:
        if ladder.from_length is None:
            return "只用于点名的时限"
        return f"{ladder.from_length} {'日' if ladder.counts == 'day' else '分钟'}以上"

    @admin.display(description="黄色 ▲")
    def yellow_words(self, ladder: Ladder) -> str:
        return lead_words(ladder.yellow)

    @admin.display(description="橙色 ◆")
    def orange_words(self, ladder: Ladder) -> str:
        return lead_words(ladder.orange)

    @admin.display(description="无人答复，逐级上报（工作日）")
    def climb_words(self, ladder: Ladder) -> str:
        return "、".join(map(str, ladder.climbs or USUAL_CLIMBS))


def lead_words(lead: Mapping[str, Any]) -> str:
    """A stored lead time in words."""
    at = f" {lead['at']}" if lead.get("at") else ""
    if lead.get("share") is not None:
        return f"剩余 {lead['share']:.0%} 时"
    if lead.get("hours") is not None:
        return f"届满前 {lead['hours']} 小时"
    if lead.get("workdays"):
        return f"届满前 {lead['workdays']} 个工作日{at}"
    if lead.get("since_start"):
        return f"起算后第 {lead['since_start']} 日{at}"
    days = lead.get("days") or 0
    return f"届满前 {days} 日{at}" if days else f"届满当日{at}"


# -- ledgers ---------------------------------------------------------------------------------------------------------


def matter_link(number: str, pk: int) -> str:
    return format_html('<a href="{}">{}</a>', reverse("desk:matter", args=(pk,)), number)


def column(words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return admin.display(description=words)


@admin.register(Event)
class EventAdmin(LedgerAdmin):
    list_display = ("kind", "matter_number", "occurred", "recorded", "by", "document_number", "voided")
    list_select_related = ("kind", "matter", "by", "struck_by")
    list_filter = ("kind",)
    search_fields = ("matter__number__startswith",)
    search_help_text = "事项编号的开头"

    def visible(self, officer: Officer) -> QuerySet[Event]:
        return events_of(officer)

    @column("事项")
    def matter_number(self, event: Event) -> str:
        return matter_link(event.matter.number, event.matter_id)

    @column("发生时间")
    def occurred(self, event: Event) -> str:
        if event.day_only:
            return f"{timezone.localdate(event.occurred_at):%Y-%m-%d}"
        return moment_words(event.occurred_at)

    @column("录入时间")
    def recorded(self, event: Event) -> str:
        return moment_words(event.recorded_at)

    @column("效力")
    def voided(self, event: Event) -> str:
        if event.only_voids:
            return "作废记录"
        return "已作废或更正" if hasattr(event, "struck_by") else "有效"


@admin.register(ClockMove)
class ClockMoveAdmin(LedgerAdmin):
    list_display = ("clock_link", "matter_number", "old", "new", "reason", "moved")
    list_select_related = ("clock__limit", "clock__matter")
    search_fields = ("clock__matter__number__startswith",)
    search_help_text = "事项编号的开头"

    def visible(self, officer: Officer) -> QuerySet[ClockMove]:
        return moves_of(officer)

    @column("时限")
    def clock_link(self, move: ClockMove) -> str:
        return format_html('<a href="{}">{}</a>', reverse("desk:clock", args=(move.clock_id,)), move.clock.limit)

    @column("事项")
    def matter_number(self, move: ClockMove) -> str:
        return matter_link(move.clock.matter.number, move.clock.matter_id)

    @column("原届满")
    def old(self, move: ClockMove) -> str:
        return moment_words(move.old_due_at) or "未定"

    @column("现届满")
    def new(self, move: ClockMove) -> str:
        return moment_words(move.new_due_at) or "未定"

    @column("变动时间")
    def moved(self, move: ClockMove) -> str:
        return moment_words(move.moved_at)


@admin.register(Feedback)
class FeedbackAdmin(LedgerAdmin):
    list_display = ("matter_number", "grade", "channel", "given_at", "valid", "invalid_reason")
    list_filter = ("grade", "channel", "valid")
    list_select_related = ("matter",)

    def visible(self, officer: Officer) -> QuerySet[Feedback]:
        return Feedback.objects.filter(matter__in=matters_of(officer))

    @column("事项")
    def matter_number(self, feedback: Feedback) -> str:
        return matter_link(feedback.matter.number, feedback.matter_id)


@admin.register(Batch)
class BatchAdmin(LedgerAdmin):
    list_display = ("file_name", "state", "by", "started_at", "matters_new", "events_new", "rows_refused")
    list_filter = ("state",)
    list_select_related = ("by",)

    def visible(self, officer: Officer) -> QuerySet[Batch]:
        return batches_of(officer)


@admin.register(Refusal)
class RefusalAdmin(LedgerAdmin):
    list_display = ("batch", "row", "column", "reason")
    list_select_related = ("batch",)

    def visible(self, officer: Officer) -> QuerySet[Refusal]:
        return Refusal.objects.filter(batch__in=batches_of(officer))


@admin.register(PendingWinding)
class PendingWindingAdmin(LedgerAdmin):
    list_display = ("matter", "cause", "asked_at", "error")
    list_select_related = ("matter",)
    list_filter = (("error", admin.EmptyFieldListFilter),)

    def visible(self, officer: Officer) -> QuerySet[PendingWinding]:
        return PendingWinding.objects.filter(matter__in=matters_of(officer))
