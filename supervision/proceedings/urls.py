"""Addresses of disputes, reviews and transfers; each is found by the number of its matter."""

from django.urls import path

from supervision.proceedings import pages

app_name = "proceedings"

urlpatterns = [
    path("proceedings/", pages.proceedings, name="proceedings"),
    path("proceedings/figures/", pages.figures, name="figures"),
    path("proceedings/new/<str:kind>/", pages.new, name="new"),
    path("proceedings/<int:pk>/", pages.proceeding, name="proceeding"),
    path("proceedings/<int:pk>/<str:verb>/", pages.act, name="act"),
]
