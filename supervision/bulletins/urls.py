"""Addresses of the bulletins, of the inbox and of how noisy the house is."""

from django.urls import path

from supervision.bulletins import circular_pages, pages

app_name = "bulletins"

urlpatterns = [
    path("circulars/", circular_pages.bulletins, name="bulletins"),
    path("circulars/new/", circular_pages.compose, name="compose"),
    path("circulars/<int:pk>/", circular_pages.bulletin, name="bulletin"),
    path("circulars/<int:pk>/remarks/", circular_pages.remarks, name="remarks"),
    path("circulars/<int:pk>/paper.<slug:form>", circular_pages.paper, name="paper"),
    path("circulars/<int:pk>/pictures/<slug:name>.png", circular_pages.picture, name="picture"),
    path("circulars/<int:pk>/<slug:verb>/", circular_pages.act, name="act"),
    path("inbox/", pages.inbox, name="inbox"),
    path("inbox/read/", pages.read_all, name="read_all"),
    path("inbox/settings/", pages.notice_settings, name="notice_settings"),
    path("inbox/<int:pk>/", pages.notice, name="notice"),
    path("noise/", pages.noise, name="noise"),
]
