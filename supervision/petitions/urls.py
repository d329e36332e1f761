"""Addresses of petitions and complaints."""

from django.urls import path

from supervision.petitions import complaint_pages, pages, unattended_pages

app_name = "petitions"

urlpatterns = [
    path("petitions/", pages.petitions, name="petitions"),
    path("petitions/new/", pages.new_petition, name="new"),
    path("petitions/<int:pk>/take-up/", pages.take_up, name="take_up"),
    path("petitions/<int:pk>/", pages.petition, name="petition"),
    path("petitions/<int:pk>/identity/", pages.identity, name="identity"),
    path("petitions/<int:pk>/do/<slug:code>/", pages.do, name="do"),
    path("petitions/unattended/", unattended_pages.unattended, name="unattended"),
    path("petitions/unattended/<int:pk>/", unattended_pages.give, name="give"),
    path("complaints/", complaint_pages.complaints, name="complaints"),
    path("complaints/new/", complaint_pages.new_complaint, name="new_complaint"),
    path("complaints/import/", complaint_pages.bring_in, name="complaint_import"),
    path("complaints/<int:pk>/", complaint_pages.complaint, name="complaint"),
    path("complaints/<int:pk>/identity/", complaint_pages.complainant, name="complainant"),
    path("complaints/<int:pk>/do/<slug:code>/", complaint_pages.do_complaint, name="do_complaint"),
]
