"""Addresses of retention."""

from django.urls import path

from supervision.retention import pages

app_name = "retention"

urlpatterns = [
    path("retention/", pages.lists, name="lists"),
    path("retention/<int:pk>/", pages.disposal, name="list"),
    path("retention/holds/", pages.holds, name="holds"),
    path("retention/holds/<int:pk>/lift/", pages.lift, name="lift"),
]
