"""Addresses of petitions."""

from django.urls import path

from supervision.petitions import pages

app_name = "petitions"

urlpatterns = [
    path("petitions/", pages.petitions, name="petitions"),
    path("petitions/new/", pages.new_petition, name="new"),
    path("petitions/<int:pk>/take-up/", pages.take_up, name="take_up"),
    path("petitions/<int:pk>/", pages.petition, name="petition"),
    path("petitions/<int:pk>/identity/", pages.identity, name="identity"),
    path("petitions/<int:pk>/do/<slug:code>/", pages.do, name="do"),
]
