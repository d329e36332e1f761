"""Signing in. What is kept of it: when the officer was here before, so that the workbench can say what is new."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from unfold.forms import AuthenticationForm

SEEN_BEFORE = "seen_before"


class SignInForm(AuthenticationForm):
    """The theme's form. It notes the last sign-in before this one overwrites it."""

    def __init__(self, request: Any = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        self.fields["username"].widget.attrs.update(autocomplete="username", inputmode="text")
        self.fields["password"].widget.attrs.update(autocomplete="current-password")

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        super().confirm_login_allowed(user)
        if self.request is not None and user.last_login is not None:
            self.request.session[SEEN_BEFORE] = user.last_login.isoformat()
