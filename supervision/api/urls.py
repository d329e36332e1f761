"""Addresses of the API, under its version."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from supervision.api import views

app_name = "api"

router = SimpleRouter(trailing_slash=False)
for name, view in (
    ("units", views.Units),
    ("matters", views.Matters),
    ("clocks", views.Clocks),
    ("alerts", views.Alerts),
    ("orders", views.Orders),
    ("figures", views.Figures),
    ("bulletins", views.Bulletins),
):
    router.register(name, view, basename=name)

version_1 = [
    *router.urls,
]

# What the description describes: the same, without the name that the site knows it by.
described = [path("api/v1/", include(version_1))]

urlpatterns = [
    *described,
]
