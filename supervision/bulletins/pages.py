"""The inbox, how an officer wants to be told, and how noisy the house is."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone

from cases.desk.forms import CLOCK
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.duty import working_time
from cases.models import Officer
from supervision.bulletins.filters import NoticeFilter
from supervision.bulletins.models import Channel, Letter, NoticeAddress, NoticePreference
from supervision.bulletins.notice_words import grouped
from supervision.bulletins.queries import inbox_of, lines_shown, measure_noise, unread_count
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules import hour_in
from supervision.bulletins.services import mark_all_read, mark_read, prefer

EMPTY = Emptiness("收件箱是空的", "有事项需要您知道或者处理时，每个工作日汇总成一条放在这里；紧急的随时放进来。")
NOISE_DAYS = (7, 30, 90)


@page("bulletins.view_notice")
def inbox(request: HttpRequest) -> HttpResponse:
    """The officer's own notices; what he has not read comes first, as long as there is any."""
    officer = who(request)
    if not request.GET and unread_count(officer):
        return redirect(f"{reverse('bulletins:inbox')}?state=unread")
    return show_list(
        request,
        "bulletins/inbox.html",
        title="收件箱",
        filter_class=NoticeFilter,
        rows=inbox_of(officer),
        moment="composed_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(("未读", "state=unread"), ("全部", "state=")),
    )


@page("bulletins.view_notice")
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice, marked as read by being opened; what has been settled since says so."""
    officer, at = who(request), timezone.now()
    found = get_object_or_404(inbox_of(officer), pk=pk)
    mark_read(notice=found, by=officer, at=at)
    shown = lines_shown(found)
    return show(
        request,
        "bulletins/inbox_notice.html",
        title=str(found),
        trail=(("收件箱", reverse("bulletins:inbox")),),
        notice=found,
        groups=grouped(shown.lines),
        settled=shown.settled,
        rest=shown.rest,
        letters=list(Letter.objects.filter(notice=found).select_related("channel").order_by("pk")),
        at=at,
    )


@page("bulletins.view_notice", ("POST",))
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark everything in the inbox as read."""
    done = mark_all_read(by=who(request), at=timezone.now())
    messages.success(request, f"已将 {done} 条通知标为已读。" if done else "没有未读的通知。")
    return redirect("bulletins:inbox")


class PreferenceForm(forms.Form):
    """When and how an officer wants to be told."""

    told_at = forms.TimeField(label="每日通知时间", widget=CLOCK, required=False)
    by_mail = forms.BooleanField(label="同时发到我的邮箱", required=False)

    def __init__(self, *args: Any, officer: Officer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channels = list(Channel.objects.enabled())
        known = dict(NoticeAddress.objects.filter(officer=officer).values_list("channel_id", "address"))
        for channel in self.channels:
            self.fields[f"channel_{channel.pk}"] = forms.CharField(
                label=f"{channel}（{channel.get_kind_display()}）",
                max_length=80,
                required=False,
                initial=known.get(channel.pk, ""),
                help_text="您在那里的手机号或者账号；不填即不发",
            )
        self.fields["told_at"].help_text = "不填，则按本单位的时间；不在上班时间以内的，按上班时间"
        self.fields["by_mail"].help_text = officer.email or "您的账号没有登记邮箱"

    def addresses(self) -> dict[Channel, str]:
        return {channel: self.cleaned_data[f"channel_{channel.pk}"] for channel in self.channels}


@page("bulletins.view_notice", ("GET", "HEAD", "POST"))
def notice_settings(request: HttpRequest) -> HttpResponse:
    """When and by which ways the officer is told."""
    officer, at = who(request), timezone.now()
    known = NoticePreference.objects.filter(officer=officer).first()
    initial = {
        "told_at": known.told_at if known is not None else None,
        "by_mail": bool(officer.email) and (known is None or known.by_mail),
    }
    form = PreferenceForm(request.POST or None, officer=officer, initial=initial)
    if request.method == "POST" and form.is_valid():
        entered = form.cleaned_data
        try:
            prefer(by=officer, told_at=entered["told_at"], by_mail=entered["by_mail"], addresses=form.addresses())
        except BulletinRefused as refusal:
            form.add_error("by_mail", str(refusal))
        else:
            messages.success(request, _saved(entered["told_at"], at))
            return redirect("bulletins:notice_settings")
    return show(
        request,
        "bulletins/notice_settings.html",
        title="通知设置",
        trail=(("收件箱", reverse("bulletins:inbox")),),
        form=form,
        worked=working_time(at).hours,
    )


def _saved(told_at: Any, at: Any) -> str:
    hours = working_time(at).hours
    if told_at is not None and hour_in(hours, told_at) != told_at:
        return f"已保存。{told_at:%H:%M} 不在上班时间以内，每日通知将在 {hours.opens:%H:%M} 发出。"
    return "已保存。"


@page("bulletins.view_noise")
def noise(request: HttpRequest) -> HttpResponse:
    """How many messages people get a day."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in {str(choice) for choice in NOISE_DAYS} else NOISE_DAYS[1]
    at = timezone.now()
    return show(
        request,
        "bulletins/noise.html",
        title="通知数量",
        noise=measure_noise(at=at, days=days, seen_by=who(request)),
        days=days,
        choices=NOISE_DAYS,
        at=at,
    )
