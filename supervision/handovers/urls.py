"""Addresses of the hand-overs."""

from django.urls import path

from supervision.handovers import pages

app_name = "handovers"

urlpatterns = [
    path("handovers/", pages.handovers, name="handovers"),
    path("handovers/new/", pages.new, name="new"),
    path("handovers/<int:pk>/", pages.handover, name="handover"),
    path("handovers/<int:pk>/sheet.docx", pages.sheet, name="sheet"),
]
