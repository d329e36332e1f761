"""One's own account: its password, its second factor, and where it is signed in. Open to everybody, each his own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.contrib import admin, messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from unfold.forms import AdminOwnPasswordChangeForm

from cases.desk.frame import show, who
from supervision.accounts import queries, services
from supervision.accounts.addresses import visitor_of
from supervision.accounts.forms import CodeForm
from supervision.accounts.gate import FACTOR, GIVEN, WANTED
from supervision.accounts.models import Authenticator, OpenSession, Outcome
from supervision.accounts.services import AccountRefused

BOTH = ("GET", "HEAD", "POST")
LATEST = 20
HOME = "admin:index"


def own(*methods: str) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A page for whoever is signed in, about himself."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        @sensitive_post_parameters()
        @require_http_methods(methods)
        def framed(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            answer: HttpResponse = admin.site.admin_view(view)(request, *args, **kwargs)
            return answer

        return framed

    return decorate


@own("GET", "HEAD")
def account(request: HttpRequest) -> HttpResponse:
    officer, at = who(request), timezone.now()
    held = Authenticator.objects.confirmed().filter(officer=officer).first()
    return show(
        request,
        "accounts/account.html",
        title="我的账号",
        days_left=queries.password_days_left(officer, at),
        authenticator=held,
        codes_left=held.codes.filter(used_at=None).count() if held is not None else 0,
        must_have=queries.must_have_factor(officer),
        seats=queries.seats_of(officer, here=request.session.session_key, at=at),
        latest=officer.sign_ins.select_related("by").order_by("-at", "-pk")[:LATEST],
    )


@own(*BOTH)
def password(request: HttpRequest) -> HttpResponse:
    """Change the own password; the old one is asked for."""
    officer = who(request)
    form = AdminOwnPasswordChangeForm(officer, request.POST or None)
    if request.method == "POST" and form.is_valid():
        before = request.session.session_key
        chosen = form.cleaned_data["new_password1"]
        ended = services.change_password(
            officer=officer, password=chosen, keep=before, visitor=visitor_of(request), at=timezone.now()
        )
        # The session gets a new key, so that the old one, should somebody know it, opens nothing.
        update_session_auth_hash(request, officer)
        OpenSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
        messages.success(request, f"密码已更改{f'，其他 {ended} 处登录已结束' if ended else ''}。")
        return redirect(_next(request))
    days = queries.password_days_left(officer, timezone.now())
    return show(
        request,
        "accounts/password.html",
        title="更改密码",
        form=form,
        first=officer.must_change_password,
        expired=days is not None and days < 0,
        status=200 if request.method != "POST" else 400,
    )


@own(*BOTH)
def factor(request: HttpRequest) -> HttpResponse:
    """Give the second factor after the password."""
    officer = who(request)
    if request.session.get(FACTOR) != WANTED:
        return redirect(_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            way = services.give_code(
                officer=officer, code=form.cleaned_data["code"], visitor=visitor_of(request), at=timezone.now()
            )
        except AccountRefused as refusal:
            form.add_error("code", f"{refusal}。")
        else:
            before = request.session.session_key
            request.session.cycle_key()
            OpenSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
            request.session[FACTOR] = GIVEN
            if way == Outcome.CODE_USED:
                messages.warning(request, "这个备用码已经用掉。手机找不到了，请联系安全管理员重置二次验证。")
            return redirect(_next(request))
    status = 400 if form.errors else 200
    return show(request, "accounts/factor.html", title="二次验证", form=form, status=status)


@own(*BOTH)
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol a phone. Each look makes a new secret, so that who looked before the officer did knows nothing."""
    officer, at = who(request), timezone.now()
    form = CodeForm(request.POST or None)
    try:
        if request.method == "POST":
            if form.is_valid():
                told = services.confirm_enrolment(
                    officer=officer, code=form.cleaned_data["code"], keep=request.session.session_key,
                    visitor=visitor_of(request), at=at,
                )  # fmt: skip
                request.session[FACTOR] = GIVEN
                return _show_codes(request, told)
            secret = services.secret_being_enrolled(officer=officer)
        else:
            secret = services.begin_enrolment(officer=officer, at=at)
    except services.WrongFirstCode as refusal:
        form.add_error("code", f"{refusal}。")
        secret = services.secret_being_enrolled(officer=officer)
    except AccountRefused as refusal:
        messages.error(request, f"没有办理：{refusal}。")
        return redirect("accounts:account")
    address = services.address_for_phone(officer=officer, secret=secret)
    return show(
        request,
        "accounts/enrol.html",
        title="启用二次验证",
        form=form,
        secret=" ".join(secret[n : n + 4] for n in range(0, len(secret), 4)),
        address=address,
        # Made of black and white squares by segno, of an address of our own making.
        picture=mark_safe(segno.make(address, error="m", micro=False).svg_inline(omitsize=True, border=4)),
        must_have=queries.must_have_factor(officer),
        status=400 if form.errors else 200,
    )


@own("POST")
def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes for a code of the phone."""
    form, officer, at = CodeForm(request.POST), who(request), timezone.now()
    if not form.is_valid():
        messages.error(request, "没有更换：请填写手机上现在显示的验证码。")
        return redirect("accounts:account")
    try:
        services.give_code(officer=officer, code=form.cleaned_data["code"], visitor=visitor_of(request), at=at)
        told = services.renew_codes(officer=officer, visitor=visitor_of(request), at=at)
    except AccountRefused as refusal:
        messages.error(request, f"没有更换：{refusal}。")
        return redirect("accounts:account")
    return _show_codes(request, told)


@own("POST")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End one's own sign-in in another browser."""
    session = OpenSession.objects.filter(pk=pk, officer=who(request)).first()
    try:
        if session is None:
            raise AccountRefused(services.SESSION_OVER)
        services.end_session(session=session, by=who(request), visitor=visitor_of(request), at=timezone.now())
        messages.success(request, "已结束该处登录。")
    except AccountRefused as refusal:
        messages.error(request, f"没有办理：{refusal}。")
    return redirect("accounts:account")


def _show_codes(request: HttpRequest, told: list[str]) -> HttpResponse:
    return show(request, "accounts/codes.html", title="备用码", codes=told)


def _next(request: HttpRequest) -> str:
    """Where somebody wanted to go when he was stopped, on this site only."""
    wanted = request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if here else reverse(HOME)
