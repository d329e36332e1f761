"""Addresses of the return visits."""

from django.urls import path

from supervision.returnvisits.pages import checks, public, replies, rounds, visits

app_name = "returnvisits"

urlpatterns = [
    path("return-visits/", rounds.rounds, name="rounds"),
    path("return-visits/new/", rounds.new, name="new"),
    path("return-visits/rounds/<int:pk>/", rounds.visit_round, name="round"),
    path("return-visits/rounds/<int:pk>/frame/", rounds.frame, name="frame"),
    path("return-visits/rounds/<int:pk>/close/", rounds.close, name="close"),
    path("return-visits/rounds/<int:pk>/messages/", rounds.message_list, name="messages"),
    path("return-visits/visits/", visits.visits, name="visits"),
    path("return-visits/visits/<int:pk>/", visits.visit, name="visit"),
    path("return-visits/visits/<int:pk>/slip/", visits.slip, name="slip"),
    path("return-visits/replies/", replies.replies, name="replies"),
    path("return-visits/replies/<str:key>/", replies.upload, name="upload"),
    path("return-visits/checks/", checks.checks, name="checks"),
    path("return-visits/checks/<int:pk>/", checks.check, name="check"),
    # Outside the frame: no session, nobody signed in.
    path("rate/", public.rate, name="rate"),
]
