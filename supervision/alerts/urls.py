"""Addresses of the warnings."""

from django.urls import path

from supervision.alerts import pages

app_name = "alerts"

urlpatterns = [path("alerts/", pages.alerts, name="alerts")]
