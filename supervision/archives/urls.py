"""Addresses of the archives."""

from django.urls import path

from supervision.archives import pages

app_name = "archives"

urlpatterns = [
    path("my-archive/", pages.mine, name="mine"),
    path("my-archive/looks/", pages.looks, name="looks"),
    path("archives/", pages.search, name="search"),
    path("archives/officers/<int:pk>/", pages.of_officer, name="officer"),
    path("archives/units/<int:pk>/", pages.of_unit, name="unit"),
    path("my-archive/entries/<int:pk>/reply/", pages.reply, name="reply"),
    path("archives/entries/<int:pk>/correction/", pages.correction, name="correction"),
]
