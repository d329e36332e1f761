"""Addresses of the auditor's desk."""

from django.urls import path

from cases.audit import pages

app_name = "audit"

urlpatterns = [
    path("audit/", pages.changes, name="changes"),
    path("audit/changes/<int:pk>/", pages.change, name="change"),
    path("audit/ways/", pages.ways, name="ways"),
    path("audit/seals/", pages.seals, name="seals"),
]
