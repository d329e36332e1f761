"""What a system was given and what it was refused, for whoever keeps its token and for the auditor; the secret, once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from supervision.api import queries, rules
from supervision.api.filters import CallFilter, RefusedFilter
from supervision.api.models import Why
from supervision.api.showing import take_to_show

NO_CALLS = Emptiness(
    "没有调用记录",
    "这个系统读到数据或者送入数据以后，就记在这里；没有放行的另有一页，没有变化的（304）不记。",
)
NO_REFUSED = Emptiness(
    "没有被拒绝的调用", "凭这个令牌来、因为密钥、期限、网段、权限没有放行的，记在这里；连令牌也认不出的只计数。"
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


@page("api.view_tokenstep")
def refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The calls of one token that were not let in, the latest first."""
    token = get_object_or_404(queries.tokens_kept_by(who(request)).select_related("unit"), pk=pk)
    return show_list(
        request,
        "api/refused.html",
        title=f"没有放行的调用：{token}",
        trail=((f"调用记录：{token}", reverse("api:calls", args=(token.pk,))),),
        filter_class=RefusedFilter,
        rows=queries.refused_calls_of(token),
        moment="at",
        descending=True,
        at=timezone.now(),
        empty=NO_REFUSED,
        tabs=(("全部", ""), *((why.label, f"why={why.value}") for why in Why)),
        token=token,
        at_most=rules.REFUSED_AN_HOUR,
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
