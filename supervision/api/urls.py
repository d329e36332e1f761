"""Addresses of the API, under its version."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from supervision.api import intake_views as intake
from supervision.api import pages, views

app_name = "api"

router = SimpleRouter(trailing_slash=False, use_regex_path=False)
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
    path("intake/<str:mapping>", intake.Intake.as_view(), name="intake"),
    path("batches/<int:pk>", intake.BatchView.as_view(), name="batch"),
]

# What the description describes: the same, without the name that the site knows it by.
described = [path("api/v1/", include(version_1))]

urlpatterns = [
    path("api/v1/schema", views.Schema.as_view(), name="schema"),
    *described,
    path("api/v1/<path:rest>", views.Nothing.as_view(), name="nothing"),
    path("systems/<int:pk>/calls/", pages.calls, name="calls"),
    path("systems/<int:pk>/refused/", pages.refused, name="refused"),
    path("systems/<int:pk>/secret/", pages.secret, name="secret"),
]
