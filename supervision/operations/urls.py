"""Addresses of the jobs."""

from django.urls import path

from supervision.operations import pages

app_name = "operations"

urlpatterns = [
    path("operations/jobs/", pages.jobs, name="jobs"),
    path("operations/jobs/<int:pk>/", pages.job, name="job"),
]
