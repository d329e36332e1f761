"""Tokens are given out and revoked here, by the security administrator; the secret is shown once, on the page that follows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from cases.desk.frame import who
from cases.desk.keeping import KeptAdmin
from cases.desk.ledgers import LedgerAdmin
from cases.desk.words import moment_words
from cases.models import Officer
from cases.services import CaseRefused
from supervision.api import rules
from supervision.api.models import SystemToken, TokenStep
from supervision.api.queries import token_steps_of
from supervision.api.services import Made, make_token, revoke_token
from supervision.api.showing import keep_to_show


class _VerbForm(forms.ModelForm):
    """A form whose last check is the verb itself, so that what is refused is told on it and nothing of it is lost."""

    by: Officer

    def act(self) -> None:
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            self.act()
        except CaseRefused as refusal:
            self.add_error(None, f"{refusal}。")


class TokenForm(_VerbForm):
    """What the security administrator says of a new token."""

    made: Made | None = None

    chosen = forms.MultipleChoiceField(
        label="权限", choices=[(scope.value, words) for scope, words in rules.SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    places = forms.CharField(
        label="允许的网段", required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text="一行一个，如 10.1.2.0/24；空着不限",
    )  # fmt: skip

    class Meta:
        model = SystemToken
        fields = ("name", "unit", "expires_at")

    def act(self) -> None:
        said = self.cleaned_data
        self.made = make_token(
            name=said["name"], unit=said["unit"], scopes=said["chosen"], networks=said["places"],
            expires_at=said["expires_at"], by=self.by, at=timezone.now(),
        )  # fmt: skip


class RevokeForm(_VerbForm):
    """Why a token is revoked; saving it revokes."""

    reason = forms.CharField(label="吊销原因", max_length=500, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = SystemToken
        fields: tuple[str, ...] = ()

    def act(self) -> None:
        revoke_token(token=self.instance, reason=self.cleaned_data["reason"], by=self.by, at=timezone.now())


def calls_link(token: int) -> str:
    return format_html('<a href="{}">查看</a>', reverse("api:calls", args=(token,)))


@admin.register(SystemToken)
class SystemTokenAdmin(KeptAdmin):
    """A token is given out and revoked, never changed or deleted: who was let in when stays on record."""

    list_display = ("name", "unit", "scope_words", "prefix", "expires_words", "used_words", "state_words", "calls")
    list_select_related = ("unit",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "prefix", "unit__name")
    autocomplete_fields = ("unit",)
    list_per_page = 50
    actions = None

    def get_fields(self, request: HttpRequest, obj: SystemToken | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("name", "unit", "chosen", "places", "expires_at")
        known = self.get_readonly_fields(request, obj)
        return known if obj.revoked_at is not None else (*known, "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: SystemToken | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        known = ("name", "unit", "scope_words", "network_words", "prefix", "made_at", "made_by", "expires_at")
        return (*known, "last_used_at", "revoked_at", "revoked_by")

    def get_form(
        self, request: HttpRequest, obj: SystemToken | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs |= {"form": TokenForm, "fields": ("name", "unit", "expires_at")}
        elif obj.revoked_at is None:
            kwargs |= {"form": RevokeForm, "fields": ()}
        form = super().get_form(request, obj, change=change, **kwargs)
        form.by = who(request)
        return form

    def save_model(self, request: HttpRequest, obj: SystemToken, form: forms.ModelForm, change: bool) -> None:
        """Done already: the verb is what checked the form."""
        if isinstance(form, TokenForm) and form.made is not None:
            obj.__dict__.update(form.made.token.__dict__)
            request._made = form.made  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: SystemToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """On to the one page that shows the secret: not a message, which would lie in a cookie, and not the answer to the
        form, which a reload would send again."""
        keep_to_show(request.session, request._made, at=timezone.now())  # type: ignore[attr-defined]
        return redirect("api:secret", obj.pk)

    def response_change(self, request: HttpRequest, obj: SystemToken) -> HttpResponse:
        messages.success(request, f"已吊销{obj}，立即生效。")
        return self.response_post_save_change(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: SystemToken | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.revoked_at is None)

    def has_delete_permission(self, request: HttpRequest, obj: SystemToken | None = None) -> bool:
        return False

    @admin.display(description="调用记录")
    def calls(self, token: SystemToken) -> str:
        return calls_link(token.pk)

    @admin.display(description="权限")
    def scope_words(self, token: SystemToken) -> str:
        return token.scope_words

    @admin.display(description="允许的网段")
    def network_words(self, token: SystemToken) -> str:
        return "、".join(token.networks) or "不限"

    @admin.display(description="有效期至", ordering="expires_at")
    def expires_words(self, token: SystemToken) -> str:
        return moment_words(token.expires_at)

    @admin.display(description="最近使用", ordering="last_used_at")
    def used_words(self, token: SystemToken) -> str:
        return moment_words(token.last_used_at) if token.last_used_at else "没有用过"

    @admin.display(description="状态")
    def state_words(self, token: SystemToken) -> str:
        if token.revoked_at is not None:
            return "■ 已吊销"
        return "● 有效" if token.stands(timezone.now()) else "◆ 已过期"


@admin.register(TokenStep)
class TokenStepAdmin(LedgerAdmin):
    ordering = ("-at", "-pk")
    list_display = ("at_words", "token", "action", "by", "text", "calls")
    list_filter = ("action",)
    list_select_related = ("token", "by")

    def visible(self, officer: Officer) -> QuerySet[TokenStep]:
        return token_steps_of(officer)

    @admin.display(description="调用记录")
    def calls(self, step: TokenStep) -> str:
        return calls_link(step.token_id)

    @admin.display(description="时间", ordering="at")
    def at_words(self, step: TokenStep) -> str:
        return moment_words(step.at)
