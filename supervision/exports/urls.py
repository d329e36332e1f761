"""Addresses of export requests."""

from django.urls import path

from supervision.exports import pages

app_name = "exports"

urlpatterns = [
    path("exports/", pages.requests, name="requests"),
    path("exports/ask/", pages.ask, name="ask"),
    path("exports/<int:pk>/", pages.request_page, name="request"),
]
