"""The filter of the list of petitions: nothing supervised is forgotten, and each condition narrows as it says."""

import pytest
from django.test import RequestFactory

from cases.models import Officer
from supervision.petitions.filters import PetitionFilter
from supervision.petitions.models import Petition
from supervision.petitions.services import assign_lead
from tests.cases.factories import moment
from tests.supervision.petitions.factories import AT, LI, WANG, Scene, make_petition

# What of a row nobody looks for in a list, and why.
NOT_FILTERED = {
    "year", "serial",  # by number
    "conclusion", "answered_at", "delivered_at", "evaluation_asked_at",  # by stage
    "underlying", "registered_by", "registered_at",  # by number of the matter
    "tell_since", "tell_extension_since", "unhandled_told_at",  # the house's own memory of what was told
    "retain_until", "disposed_at",  # never shown in the list
}  # fmt: skip
FILTERED_AS = {"matter": "q", "received_at": "received", "persons": "joint"}


def numbers(officer: Officer, **query: str) -> list[str]:
    request = RequestFactory().get("/", query)
    request.user = officer
    rows = PetitionFilter(request.GET, Petition.objects.all(), request=request, at=AT).rows
    return sorted(row.matter.number[-1] for row in rows.select_related("matter"))


def test_no_supervised_field_is_forgotten() -> None:
    fields = {field.name for field in Petition._meta.concrete_fields} - NOT_FILTERED

    assert {FILTERED_AS.get(name, name) for name in fields} - PetitionFilter.base_filters.keys() == set()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["1", "2"]),
        ({"q": "信访202600002"}, ["2"]),
        ({"stage": "open"}, ["1", "2"]),
        ({"stage": "resolved"}, []),
        ({"joint": "yes"}, ["2"]),
        ({"joint": "no"}, ["1"]),
        ({"led": "yes"}, []),
        ({"led": "no"}, ["2"]),
        ({"channel": "visit"}, ["2"]),
        ({"subject": "噪声"}, ["2"]),
        ({"grade": "major"}, []),
        ({"category": "claim"}, []),
        ({"route": "claim_other"}, []),
        ({"received_after": "2026-09-12"}, []),
    ],
)
def test_each_condition_narrows_as_it_says(scene: Scene, query: dict[str, str], found: list[str]) -> None:
    make_petition(scene.bureau, scene.registrar, subject="噪声扰民", petitioners=(LI, WANG), persons=2, channel="visit")
    assign_lead(petition=scene.petition, officer=scene.leader, by=scene.registrar, at=moment("2026-09-11 11:00"))

    assert numbers(scene.registrar, **query) == found


def test_a_leader_finds_what_he_leads(scene: Scene) -> None:
    assign_lead(petition=scene.petition, officer=scene.leader, by=scene.registrar, at=AT)

    assert numbers(scene.leader, led="yes") == ["1"]
