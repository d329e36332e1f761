"""Addresses of property; an item is found by the number of its matter."""

from django.urls import path

from supervision.property.pages import excesses, items, places

app_name = "property"

urlpatterns = [
    path("property/", items.items, name="items"),
    path("property/new/", items.new, name="new"),
    path("property/release/", items.release, name="release"),
    path("property/unentered/", items.unentered, name="unentered"),
    path("property/excesses/", excesses.excesses, name="excesses"),
    path("property/excesses/<int:pk>/judge/", excesses.judge, name="judge"),
    path("property/places/", places.places, name="places"),
    path("property/places/<int:pk>/close/", places.close, name="close-place"),
    path("property/<int:pk>/", items.item, name="item"),
    path("property/<int:pk>/describe/", items.describe, name="describe"),
    path("property/<int:pk>/<slug:verb>/", items.act, name="act"),
]
