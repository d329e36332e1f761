"""Addresses of the expedited procedure; a case is found by the number of its matter."""

from django.urls import path

from supervision.expedited.pages import applying, cases, faults

app_name = "expedited"

urlpatterns = [
    path("expedited/", cases.cases, name="cases"),
    path("expedited/matters/", applying.matters, name="matters"),
    path("expedited/faults/", faults.faults, name="faults"),
    path("expedited/faults/<int:pk>/judge/", faults.judge, name="judge"),
    path("expedited/<int:pk>/", cases.case, name="case"),
    path("expedited/<int:pk>/apply/", applying.apply, name="apply"),
    path("expedited/<int:pk>/<slug:verb>/", cases.act, name="act"),
]
