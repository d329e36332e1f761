"""Addresses of the warnings."""

from django.urls import path

from supervision.alerts import many_pages, pages

app_name = "alerts"

urlpatterns = [
    path("alerts/", pages.alerts, name="alerts"),
    path("alerts/standing/", pages.standing, name="standing"),
    path("alerts/many/", many_pages.many, name="many"),
    path("alerts/<int:pk>/", pages.alert, name="alert"),
]
