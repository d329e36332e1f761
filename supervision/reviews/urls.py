"""Addresses of the reviews."""

from django.urls import path

from supervision.reviews.pages import forms, kin, rounds

app_name = "reviews"

urlpatterns = [
    path("file-reviews/", rounds.rounds, name="rounds"),
    path("file-reviews/new/", rounds.new, name="new"),
    path("file-reviews/rounds/<int:pk>/", rounds.review_round, name="round"),
    path("file-reviews/rounds/<int:pk>/close/", rounds.close, name="close"),
    path("file-reviews/rounds/<int:pk>/report/", rounds.report, name="report"),
    path("file-reviews/kin/", kin.kin, name="kin"),
    path("file-reviews/forms/", forms.forms, name="forms"),
    path("file-reviews/forms/<int:pk>/", forms.form, name="form"),
    path("file-reviews/forms/<int:pk>/paper/", forms.paper, name="paper"),
]
