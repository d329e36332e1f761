"""Addresses of accounts: one's own, and those that somebody looks after."""

from django.urls import path
from django.views.generic import RedirectView

from supervision.accounts.pages import keeping, own

app_name = "accounts"

urlpatterns = [
    path("account/", own.account, name="account"),
    path("account/password/", own.password, name="password"),
    path("account/factor/", own.factor, name="factor"),
    path("account/factor/enrol/", own.enrol, name="enrol"),
    path("account/factor/codes/", own.codes, name="codes"),
    path("account/sessions/<int:pk>/end/", own.end, name="end"),
    path("account/signins/", keeping.sign_ins, name="signins"),
    path("account/factors/", keeping.factors, name="factors"),
    path("account/factors/<int:pk>/reset/", keeping.reset, name="reset"),
    # The theme's own page would change a password without a word in the ledger.
    path("password_change/", RedirectView.as_view(pattern_name="accounts:password")),
]
