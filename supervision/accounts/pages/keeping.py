"""Accounts that somebody looks after: the ledger of signing in, and second factors to be reset."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from cases.desk.frame import page, who
from cases.desk.lists import Emptiness, show_list
from supervision.accounts import queries, services
from supervision.accounts.addresses import visitor_of
from supervision.accounts.filters import AuthenticatorFilter, SignInFilter
from supervision.accounts.forms import ResetForm
from supervision.accounts.services import AccountRefused

NO_SIGN_INS = Emptiness(
    "没有登录记录", "有人登录、输错密码或者重置二次验证以后，就记在这里；记录不能修改，也不能删除。"
)
NO_FACTORS = Emptiness(
    "您管理的单位内还没有账号启用二次验证", "管理员和领导登录时会被要求启用，其他人可以在“我的账号”里启用。"
)


@page("accounts.view_signin")
def sign_ins(request: HttpRequest) -> HttpResponse:
    return show_list(
        request,
        "accounts/signins.html",
        title="登录台账",
        filter_class=SignInFilter,
        rows=queries.sign_ins_of(who(request)).select_related("officer__unit", "by"),
        moment="at",
        descending=True,
        at=timezone.now(),
        empty=NO_SIGN_INS,
        tabs=(
            ("全部", ""),
            ("失败", "failed=1"),
            ("暂停登录", "outcome=locked_out"),
            ("二次验证锁定", "outcome=factor_locked"),
            ("重置", "outcome=factor_reset"),
        ),
    )


@page("accounts.view_authenticator")
def factors(request: HttpRequest) -> HttpResponse:
    officer = who(request)
    return show_list(
        request,
        "accounts/factors.html",
        title="二次验证",
        filter_class=AuthenticatorFilter,
        rows=queries.authenticators_of(officer).select_related("officer__unit"),
        moment="made_at",
        descending=True,
        at=timezone.now(),
        empty=NO_FACTORS,
        tabs=(("全部", ""), ("已锁定", "state=locked"), ("未完成启用", "state=unconfirmed")),
        myself=officer,
    )


@page("accounts.reset_authenticator", ("POST",))
def reset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody's second factor away, so that he enrols anew."""
    keeper = who(request)
    held = get_object_or_404(queries.authenticators_of(keeper).select_related("officer"), pk=pk)
    form = ResetForm(request.POST)
    try:
        if not form.is_valid():
            raise AccountRefused(str(form.errors["why"][0]).rstrip("。"))
        services.reset_factor(
            officer=held.officer, why=form.cleaned_data["why"], by=keeper, visitor=visitor_of(request),
            at=timezone.now(),
        )  # fmt: skip
        messages.success(request, f"已重置{held.officer}的二次验证，其登录已全部结束。")
    except AccountRefused as refusal:
        messages.error(request, f"没有重置：{refusal}。")
    return redirect("accounts:factors")
