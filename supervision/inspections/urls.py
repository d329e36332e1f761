"""Addresses of the inspections."""

from django.urls import path

from supervision.inspections.pages import checks, items, plans, registers

app_name = "inspections"

urlpatterns = [
    path("inspections/", plans.plans, name="plans"),
    path("inspections/new/", plans.new, name="new"),
    path("inspections/plans/<int:pk>/", plans.plan, name="plan"),
    path("inspections/plans/<int:pk>/close/", plans.close, name="close"),
    path("inspections/plans/<int:pk>/items/new/", items.new, name="new_item"),
    path("inspections/steps/<int:pk>/move/", plans.move, name="move"),
    path("inspections/items/<int:pk>/", items.item, name="item"),
    path("inspections/checks/", checks.checks, name="checks"),
    path("inspections/checks/<int:pk>/", checks.check, name="check"),
    path("inspections/targets/", registers.targets, name="targets"),
    path("inspections/targets/<int:pk>/", registers.target, name="target"),
    path("inspections/inspectors/", registers.inspectors, name="inspectors"),
]
