"""Addresses of the followed cases."""

from django.urls import path

from supervision.followup.pages import acts, boards, case, handover

app_name = "followup"

urlpatterns = [
    path("followup/", boards.board, name="board"),
    path("followup/cases/", boards.cases, name="cases"),
    path("followup/new/", boards.new, name="new"),
    path("followup/handover/", handover.handover, name="handover"),
    path("followup/cases/<int:pk>/", case.case, name="case"),
    path("followup/cases/<int:pk>/parties/", acts.parties, name="parties"),
    path("followup/cases/<int:pk>/items/", acts.new_item, name="new_item"),
    path("followup/cases/<int:pk>/items/<int:item_pk>/<str:verb>/", acts.item, name="item"),
    path("followup/cases/<int:pk>/instructions/", acts.new_instruction, name="new_instruction"),
    path("followup/cases/<int:pk>/instructions/<int:instruction_pk>/<str:verb>/", acts.instruction, name="instruction"),
    path("followup/cases/<int:pk>/closing/<str:verb>/", acts.closing, name="closing"),
]
