"""Addresses of the return visits."""

from django.urls import path

from supervision.returnvisits.pages import checks, public, replies, rounds, visits

app_name = "returnvisits"

urlpatterns = [
    path("visit-rounds/", rounds.rounds, name="rounds"),
    path("visit-rounds/new/", rounds.new, name="new"),
    path("visit-rounds/<int:pk>/", rounds.visit_round, name="round"),
    path("visit-rounds/<int:pk>/frame/", rounds.frame, name="frame"),
    path("visit-rounds/<int:pk>/close/", rounds.close, name="close"),
    path("return-visits/", visits.visits, name="visits"),
    path("return-visits/<int:pk>/", visits.visit, name="visit"),
    path("return-visits/<int:pk>/slip/", visits.slip, name="slip"),
    path("return-visits/replies/", replies.replies, name="replies"),
    path("return-visits/replies/<str:key>/", replies.upload, name="upload"),
    path("visit-checks/", checks.checks, name="checks"),
    path("visit-checks/<int:pk>/", checks.check, name="check"),
    # Outside the frame: no session, nobody signed in.
    path("rate/", public.rate, name="rate"),
]
