"""Addresses of the campaigns."""

from django.urls import path

from supervision.campaigns import pages

app_name = "campaigns"

urlpatterns = [
    path("campaigns/", pages.campaigns, name="campaigns"),
    path("campaigns/new/", pages.new, name="new"),
    path("campaigns/<int:pk>/", pages.campaign, name="campaign"),
    path("campaigns/<int:pk>/matters/", pages.matters, name="matters"),
    path("campaigns/<int:pk>/matters/<int:matter_pk>/order/", pages.order, name="order"),
    path("campaigns/tasks/<int:pk>/", pages.task, name="task"),
]
