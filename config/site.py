"""Tables of the libraries in the frame of the site: roles, the timetable, who signed in.

The libraries register pages of their own, which do not fit the theme and partly speak English; they are replaced here,
once every library has registered.
"""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from cases.desk.frame import who
from cases.desk.ledgers import CappedAdmin
from cases.models import Role
from cases.queries import units_kept_by

_ACTS = {"add": "新增", "change": "修改", "delete": "删除", "view": "查看"}


def permission_words(permission: Permission) -> str:
    """A permission in Chinese; those Django makes by itself have English names."""
    act, _, _ = permission.codename.partition("_")
    if permission.name.startswith("Can ") and act in _ACTS:
        return f"{_ACTS[act]}{permission.content_type.name}"
    return permission.name


def permission_label(permission: Permission) -> str:
    """A permission with the room it is of."""
    return f"{permission.content_type.app_labeled_name.split(' | ')[0]}：{permission_words(permission)}"


class PermissionChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return permission_label(obj)


class GroupForm(forms.ModelForm):
    permissions = PermissionChoice(
        label="权限",
        queryset=Permission.objects.select_related("content_type").exclude(
            content_type__app_label__in=("contenttypes", "sessions")
        ),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
    )

    class Meta:
        model = Group
        fields = ("name", "permissions")


class GroupAdmin(ModelAdmin):
    """Roles. The groups of the built-in roles are set by the product; what a bureau wants besides is a group of its own."""

    form = GroupForm
    list_display = ("name", "members")
    search_fields = ("name",)
    ordering = ("name",)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Who may only read a group reads its permissions in Chinese, as he would choose them."""
        may_change = obj is None or self.has_change_permission(request, obj)
        return ("name", "permissions") if may_change else ("name", "holds")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return ("holds",)

    @admin.display(description="权限")
    def holds(self, group: Group) -> str:
        return "；".join(permission_label(one) for one in group.permissions.select_related("content_type")) or "无"

    @admin.display(description="人数")
    def members(self, group: Group) -> int:
        """How many of those whose accounts the reader keeps."""
        members: int = getattr(group, "members", 0)
        return members

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        kept = Q(user__unit__in=units_kept_by(who(request)))
        rows: QuerySet[Group] = super().get_queryset(request)
        return rows.annotate(members=Count("user", filter=kept, distinct=True))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """The groups of the built-in roles are the product's, and nobody gives a group of his own anything."""
        if isinstance(obj, Group) and (obj.name in Role.labels or obj in who(request).groups.all()):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class PeriodicTaskAdmin(ModelAdmin):
    """The timetable: lines are made by the product; an administrator moves, renames or switches them off."""

    list_display = ("name", "task_code", "hour", "enabled", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    list_select_related = ("crontab", "interval")
    fields = ("name", "task_code", "crontab", "interval", "enabled", "description", "last_run_at", "total_run_count")
    readonly_fields = ("task_code", "last_run_at", "total_run_count")
    ordering = ("name",)
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # celery-beat checks its own heartbeat by a line that is nobody's to change.
        return super().get_queryset(request).exclude(task__startswith="celery.")

    @admin.display(description="任务代码", ordering="task")
    def task_code(self, task: PeriodicTask) -> str:
        return str(task.task)

    @admin.display(description="时间")
    def hour(self, task: PeriodicTask) -> str:
        if task.crontab is not None:
            return crontab_words(task.crontab)
        return str(task.interval or "未安排")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "crontab":
            field.label_from_instance = crontab_words
        return field

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


_WEEKDAYS = ("日", "一", "二", "三", "四", "五", "六", "日")


def crontab_words(crontab: CrontabSchedule) -> str:
    """A crontab in words where it is a plain one, otherwise its five fields."""
    minute, hour = str(crontab.minute), str(crontab.hour)
    month, day, weekday = str(crontab.month_of_year), str(crontab.day_of_month), str(crontab.day_of_week)
    if (hour, month, day, weekday) == ("*", "*", "*", "*"):
        if minute == "*":
            return "每分钟"
        if minute.startswith("*/") and minute[2:].isdecimal():
            return f"每 {minute[2:]} 分钟"
    if minute.isdecimal() and hour.isdecimal() and month == "*":
        at = f"{int(hour):02d}:{int(minute):02d}"
        if (day, weekday) == ("*", "*"):
            return f"每天 {at}"
        if day == "*" and weekday.isdecimal() and int(weekday) < len(_WEEKDAYS):
            return f"每周{_WEEKDAYS[int(weekday)]} {at}"
        if day.isdecimal() and weekday == "*":
            return f"每月 {day} 日 {at}"
    return f"分 {minute}，时 {hour}，日 {day}，月 {month}，周 {weekday}"


class CrontabAdmin(ModelAdmin):
    list_display = ("words", "minute", "hour", "day_of_week", "day_of_month", "month_of_year")
    # Hours are those of the site; nobody chooses among six hundred places.
    fields = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year")

    @admin.display(description="时间")
    def words(self, crontab: CrontabSchedule) -> str:
        return crontab_words(crontab)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class IntervalAdmin(ModelAdmin):
    list_display = ("__str__", "every", "period")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class AttemptAdmin(CappedAdmin):
    list_display = ("username", "ip_address", "failures_since_start", "attempt_time", "user_agent")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)


class SignInAdmin(CappedAdmin):
    list_display = ("username", "ip_address", "attempt_time", "logout_time", "user_agent")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)


class FailureAdmin(CappedAdmin):
    list_display = ("username", "ip_address", "attempt_time", "locked_out", "user_agent")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)


class EntryAdmin(CappedAdmin):
    list_display = ("action_time", "user", "content_type", "object_repr", "act", "get_change_message")
    list_select_related = ("user", "content_type")
    search_fields = ("user__police_number", "object_repr")
    ordering = ("-action_time",)

    @admin.display(description="动作")
    def act(self, entry: LogEntry) -> str:
        return {1: "新增", 2: "修改", 3: "删除"}.get(entry.action_flag, "")


PAGES: dict[type[Model], type[ModelAdmin] | None] = {
    Group: GroupAdmin,
    PeriodicTask: PeriodicTaskAdmin,
    CrontabSchedule: CrontabAdmin,
    IntervalSchedule: IntervalAdmin,
    ClockedSchedule: None,
    SolarSchedule: None,
    AccessAttempt: AttemptAdmin,
    AccessLog: SignInAdmin,
    AccessFailureLog: FailureAdmin,
    LogEntry: EntryAdmin,
}


def replace_pages() -> None:
    """Put our pages in the place of the libraries'; harmless twice."""
    for model, page in PAGES.items():
        if admin.site.is_registered(model):
            admin.site.unregister(model)
        if page is not None:
            admin.site.register(model, page)
