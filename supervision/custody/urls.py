"""Addresses of the case-handling centres; a visit is found by the number of its matter."""

from django.urls import path

from supervision.custody.pages import centres, visits

app_name = "custody"

urlpatterns = [
    path("custody/", centres.live, name="live"),
    path("custody/rooms/", centres.rooms, name="rooms"),
    path("custody/rooms/<int:pk>/close/", centres.close, name="close-room"),
    path("custody/figures/", centres.figures, name="figures"),
    path("custody/visits/", visits.visits, name="visits"),
    path("custody/enter/", visits.enter, name="enter"),
    path("custody/faults/<int:pk>/judge/", visits.judge, name="judge"),
    path("custody/visits/<int:pk>/", visits.visit, name="visit"),
    path("custody/visits/<int:pk>/<slug:verb>/", visits.act, name="act"),
]
