"""What a system was given when, for whoever keeps its token and for the auditor; and the secret of a new token, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from supervision.api import queries
from supervision.api.filters import CallFilter
from supervision.api.showing import take_to_show

NO_CALLS = Emptiness(
    "没有调用记录",
    "这个系统读到数据或者送入数据以后，就记在这里；没有给出内容的（令牌不对、没有权限、没有变化）不记。",
)


@page("api.view_tokenstep")
def calls(request: HttpRequest, pk: int) -> HttpResponse:
    """The calls of one token, the latest first."""
    token = get_object_or_404(queries.tokens_kept_by(who(request)).select_related("unit"), pk=pk)
    return show_list(
        request,
        "api/calls.html",
        title=f"调用记录：{token}",
        filter_class=CallFilter,
        rows=queries.answers_to(token),
        moment="at",
        descending=True,
        at=timezone.now(),
        empty=NO_CALLS,
        tabs=(("全部", ""), ("送入", "what=送入")),
        token=token,
    )


@page("api.add_systemtoken", ("GET",))
def secret(request: HttpRequest, pk: int) -> HttpResponse:
    """The secret of a token, to whoever made it a moment ago; looked at again it says that it was shown."""
    token = get_object_or_404(queries.tokens_kept_by(who(request)).select_related("unit"), pk=pk)
    shown = take_to_show(request.session, token.pk, at=timezone.now())
    return show(
        request,
        "api/secret.html",
        title="令牌已发放",
        trail=(("系统令牌", reverse("admin:api_systemtoken_changelist")),),
        token=token,
        secret=shown,
    )
