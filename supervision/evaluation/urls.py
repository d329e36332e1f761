"""Addresses of the indicators and their figures."""

from django.urls import path

from supervision.evaluation.pages import expedited, figures, indicators, overview

app_name = "evaluation"

urlpatterns = [
    path("overview/", overview.overview, name="overview"),
    path("figures/", figures.figures, name="figures"),
    path("figures/expedited/units/", expedited.expedited, name="expedited"),
    path("figures/<str:code>/", figures.figure, name="figure"),
    path("indicators/", indicators.indicators, name="indicators"),
    path("indicators/new/", indicators.new, name="new"),
    path("indicators/<int:pk>/", indicators.indicator, name="indicator"),
]
