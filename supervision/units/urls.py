"""Addresses of changes of units."""

from django.urls import path

from supervision.units import pages

app_name = "units"

urlpatterns = [
    path("unit-changes/", pages.changes, name="changes"),
    path("unit-changes/new/", pages.propose, name="propose"),
    path("unit-changes/<int:pk>/", pages.change, name="change"),
]
