"""From key A to A and B to B alone: whatever is sealed can be read at every step, and A can go in the end."""

import json
from collections.abc import Callable
from io import StringIO
from itertools import count
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from cases.models import Officer
from supervision.accounts.models import Authenticator
from supervision.petitions import sealing
from supervision.petitions.models import Complainant, Petitioner
from supervision.petitions.services.identity import _sealed
from supervision.petitions.services.likeness import same_people
from tests.cases.factories import Bureau
from tests.supervision.petitions.factories import make_complaint, make_petition

A, B = b"a" * 32, b"b" * 32
PEOPLE = 5


def person(number: int) -> dict[str, str]:
    return {
        "name": f"某{number}", "identity": f"44070019800101{number:04}", "phone": f"1380000{number:04}", "address": "东风路",
    }  # fmt: skip


@pytest.fixture
def sealed(bureau: Bureau, registrar: Officer, settings: Any) -> list[dict[str, str]]:
    """Five people behind petitions and five behind complaints, sealed under A."""
    settings.FIELD_KEYS = {"A": A}
    people = [person(number) for number in range(2 * PEOPLE)]
    for number, one in enumerate(people[:PEOPLE]):
        make_petition(bureau, registrar, petitioners=(one,), subject=f"第{number}件事")
    for number, one in enumerate(people[PEOPLE:]):
        make_complaint(bureau, registrar, complainant=one, channel_number=f"GD-{number}", subject=f"另{number}件事")
    return people


def everything_sealed() -> list[Any]:
    return [row for model in (Petitioner, Complainant) for row in model.objects.order_by("pk")]


def read() -> list[dict[str, str]]:
    """Everybody, in the clear; refuses what cannot be opened."""
    return [sealing.unseal(row.key, row.sealed, place=row.place) for row in everything_sealed()]


def rotate() -> dict[str, Any]:
    said = StringIO()
    call_command("rotate_field_keys", "--json", "--batch", "2", stdout=said)
    answer: dict[str, Any] = json.loads(said.getvalue())
    return answer


def dying(after: int) -> Callable[..., tuple[str, str]]:
    """Sealing that dies as a killed process does, after so many seals."""
    seal, done = sealing.seal, count(1)

    def dies(*args: Any, **kwargs: Any) -> tuple[str, str]:
        if next(done) > after:
            raise KeyboardInterrupt
        return seal(*args, **kwargs)

    return dies


def test_every_table_that_holds_a_seal_takes_part() -> None:
    holding = {
        model
        for model in apps.get_models()
        if {"key", "sealed"} <= {column.name for column in model._meta.concrete_fields}
    }

    # What accounts seal takes part through their own room; its tests run this same command.
    assert {Authenticator, *(people.model for people in _sealed())} == holding


def test_a_key_is_changed_with_everything_readable_at_every_step(sealed: list[dict[str, str]], settings: Any) -> None:
    assert {row.key for row in everything_sealed()} == {"A"}
    assert read() == sealed

    settings.FIELD_KEYS = {"B": B, "A": A}
    assert read() == sealed
    assert rotate() == {"key": "B", "resealed": 2 * PEOPLE, "left": {}, "removable": ["A"], "unreadable": []}
    assert read() == sealed

    settings.FIELD_KEYS = {"B": B}
    assert read() == sealed
    assert {row.key for row in everything_sealed()} == {"B"}
    assert rotate() == {"key": "B", "resealed": 0, "left": {}, "removable": [], "unreadable": []}


@pytest.mark.parametrize("killed_after", range(2 * PEOPLE))
def test_killed_at_any_seal_nothing_is_lost_and_the_next_run_finishes(
    sealed: list[dict[str, str]], settings: Any, monkeypatch: pytest.MonkeyPatch, killed_after: int
) -> None:
    settings.FIELD_KEYS = {"B": B, "A": A}
    with monkeypatch.context() as patched:
        patched.setattr(sealing, "seal", dying(killed_after))
        with pytest.raises(KeyboardInterrupt):
            rotate()

    # Batches of two: what was begun of a batch is taken back, and what was done stays.
    done = sum(row.key == "B" for row in everything_sealed())
    assert done == _whole_batches(killed_after)
    assert read() == sealed

    again = rotate()
    assert (again["resealed"], again["removable"]) == (2 * PEOPLE - done, ["A"])
    settings.FIELD_KEYS = {"B": B}
    assert read() == sealed


def _whole_batches(seals: int) -> int:
    """Of five and five rows in batches of two, two, one: how many whole batches so many seals fill."""
    ends = (0, 2, 4, 5, 7, 9, 10)
    return max(end for end in ends if end <= seals)


def test_a_key_taken_away_too_early_is_missed_and_put_back(sealed: list[dict[str, str]], settings: Any) -> None:
    settings.FIELD_KEYS = {"B": B}
    said = StringIO()
    with pytest.raises(CommandError, match="请把原来的密钥放回 FIELD_KEYS"):
        call_command("rotate_field_keys", "--json", stdout=said)
    assert json.loads(said.getvalue())["left"] == {"A": 2 * PEOPLE}

    settings.FIELD_KEYS = {"B": B, "A": A}
    assert rotate()["resealed"] == 2 * PEOPLE
    assert read() == sealed


def test_who_asked_before_is_found_again_whichever_key_his_digest_is_under(
    sealed: list[dict[str, str]], bureau: Bureau, registrar: Officer, settings: Any
) -> None:
    settings.FIELD_KEYS = {"B": B, "A": A}
    before = make_petition(bureau, registrar, petitioners=(sealed[0],), subject="又来一件")
    found_between = [row.petition_id for row in same_people(before)]
    rotate()
    settings.FIELD_KEYS = {"B": B}
    after = make_petition(bureau, registrar, petitioners=(sealed[0],), subject="再来一件")

    first = Petitioner.objects.order_by("pk")[0].petition_id
    assert found_between == [first]
    assert {row.petition_id for row in same_people(after)} == {first, before.pk}
