"""Addresses of the inbox and of how noisy the house is."""

from django.urls import path

from supervision.bulletins import pages

app_name = "bulletins"

urlpatterns = [
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/read/", pages.read_all, name="read_all"),
    path("inbox/settings/", pages.notice_settings, name="notice_settings"),
    path("inbox/<int:pk>/", pages.notice, name="notice"),
    path("noise/", pages.noise, name="noise"),
]
