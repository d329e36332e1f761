"""Naming a handler where none is left: the one way back to a petition or complaint that nobody sees any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from cases.duty import DutyRoster
from cases.models import HandlingRole, Matter, Officer
from supervision.petitions.models import Petition
from supervision.petitions.refusals import HANDLED_ALREADY, NOT_ASKED_TO_NAME, PetitionRefused
from supervision.petitions.services.acts import note
from supervision.petitions.services.complaint_acts import note_complaint
from supervision.petitions.services.registering import name_on
from supervision.petitions.unattended import asked_to_name, row_of, unattended

ACT = "指定经办人"


def name_where_nobody_handles(
    *, matter: Matter, officer: Officer, role: HandlingRole | str, by: Officer, at: datetime
) -> None:
    """Let an officer handle a petition or complaint that nobody handles any more, which also lets him see it.

    It is for the leader who is asked (`unattended.asked_to_name`); by naming another he sees nothing of it himself.
    Refuses one that somebody handles, whoever is not asked, and whoever is kept away from it.
    """
    with transaction.atomic():
        Matter.objects.select_for_update().get(pk=matter.pk)
        held = unattended().filter(pk=matter.pk).first()
        if held is None:
            raise PetitionRefused(HANDLED_ALREADY)
        if by not in asked_to_name(held, DutyRoster(at)):
            raise PetitionRefused(NOT_ASKED_TO_NAME)
        name_on(held, officer, role, at=at)
        row, said = row_of(held), f"{officer}（{HandlingRole(role).label}），原来无人经办"
        type(row)._default_manager.filter(pk=row.pk).update(unhandled_told_at=None)
        if isinstance(row, Petition):
            note(row, ACT, said, by=by, at=at)
        else:
            note_complaint(row, ACT, said, by=by, at=at)
