"""Signing in: what is kept of it, and what the officer is told of his account the next time."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from unfold.forms import AuthenticationForm

from cases.models import Officer
from supervision.accounts.addresses import address_of, visitor_of
from supervision.accounts.gate import FACTOR, WANTED
from supervision.accounts.models import Outcome
from supervision.accounts.queries import Before, before_now, has_factor, may_come_from
from supervision.accounts.services import begin_session, note, note_failure, sign_out

SEEN_BEFORE = "seen_before"
LAST_SIGN_IN = "last_sign_in"
OUTSIDE = "该账号只能在指定的网段登录。如需调整，请联系系统管理员。"


class SignInForm(AuthenticationForm):
    """The theme's form. It notes what failed, and the last sign-in before this one overwrites it."""

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs.update(autocomplete="username", inputmode="text")
        self.fields["password"].widget.attrs.update(autocomplete="current-password")

    def clean(self) -> dict[str, Any] | None:
        try:
            cleaned: dict[str, Any] | None = super().clean()
        except ValidationError as refusal:
            number = self.cleaned_data.get("username")
            if self.request is not None and number:
                self._note(refusal, number)
            raise
        return cleaned

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if self.request is None or not isinstance(user, Officer):
            return
        if not may_come_from(user, address_of(self.request)):
            raise ValidationError(OUTSIDE, code=Outcome.OUTSIDE.value)
        if user.last_login is not None:
            self.request.session[SEEN_BEFORE] = user.last_login.isoformat()

    def _note(self, refusal: ValidationError, number: str) -> None:
        visitor, at = visitor_of(self.request), timezone.now()
        if getattr(refusal, "code", None) == Outcome.OUTSIDE:
            note(officer=self.user_cache, outcome=Outcome.OUTSIDE, visitor=visitor, at=at)
            return
        note_failure(
            number=number, locked=bool(getattr(self.request, "axes_locked_out", False)), visitor=visitor, at=at
        )


def begin(sender: Any, request: HttpRequest, user: Officer, **kwargs: Any) -> None:
    """The password was right. Whoever has a second factor is asked for it next."""
    request.session.pop(LAST_SIGN_IN, None)
    request.session.pop(FACTOR, None)
    before = before_now(user)
    if before is not None:
        request.session[LAST_SIGN_IN] = [before.at.isoformat(), before.address, before.failures]
    if has_factor(user):
        request.session[FACTOR] = WANTED
    key = request.session.session_key
    if key is not None:
        begin_session(officer=user, session_key=key, visitor=visitor_of(request), at=timezone.now())


def leave(sender: Any, request: HttpRequest, user: Officer | None, **kwargs: Any) -> None:
    if user is not None:
        sign_out(
            officer=user, session_key=request.session.session_key or "", visitor=visitor_of(request), at=timezone.now()
        )


def last_sign_in(request: HttpRequest) -> Before | None:
    """What the officer is told of his account since he signed in before; None the first time."""
    kept = request.session.get(LAST_SIGN_IN)
    return Before(datetime.fromisoformat(kept[0]), kept[1], kept[2]) if kept else None


def listen() -> None:
    """Hear of every way in and out, that of the tests too; harmless twice."""
    user_logged_in.connect(begin, dispatch_uid="config.signin.begin")
    user_logged_out.connect(leave, dispatch_uid="config.signin.leave")
