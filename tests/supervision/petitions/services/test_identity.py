"""Who is behind a petition: sealed at rest, shown to handlers with a reason, and under the newest key in the end."""

import base64
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from cases.models import HandlingRole, Officer, Role
from supervision.petitions import sealing
from supervision.petitions.models import IdentityLook, Petitioner
from supervision.petitions.refusals import ALTERED, NO_IDENTITY, ONLY_HANDLERS, REASON_NEEDED
from supervision.petitions.services import PetitionRefused, assign_handler, look_at_identity, rotate_keys
from supervision.petitions.services.likeness import same_people
from tests.cases.factories import Bureau, make_officer
from tests.supervision.petitions.factories import AT, LI, WANG, Scene, make_petition

OLD, NEW = b"o" * 32, b"n" * 32


def everything_stored() -> str:
    """Every value of every table of this room, as text."""
    text = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("petitions_", "cases_matter", "cases_event")):
                cursor.execute(f'SELECT * FROM "{table}"')
                text += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(text)


def test_nothing_that_identifies_a_person_lies_in_the_database_in_the_clear(scene: Scene) -> None:
    stored = everything_stored()

    assert scene.petition.matter.number in stored
    assert [value for value in LI.values() if value in stored] == []


def test_a_handler_sees_it_for_a_reason_and_the_look_is_on_record(scene: Scene) -> None:
    ((_, facts),) = look_at_identity(petition=scene.petition, reason="约定见面", by=scene.registrar, at=AT)

    look = IdentityLook.objects.get()
    assert facts == LI
    assert (look.officer, look.looked_at, look.reason) == (scene.registrar, AT, "约定见面")


def test_no_look_without_a_reason_and_none_by_others(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=REASON_NEEDED):
        look_at_identity(petition=scene.petition, reason="  ", by=scene.registrar, at=AT)
    with pytest.raises(PetitionRefused, match=ONLY_HANDLERS):
        look_at_identity(petition=scene.petition, reason="想看看", by=scene.leader, at=AT)

    assert not IdentityLook.objects.exists()


def test_the_superuser_is_no_handler_either(scene: Scene) -> None:
    root = Officer.objects.create_superuser("root", "建站", scene.bureau.county, "x")

    with pytest.raises(PetitionRefused, match=ONLY_HANDLERS):
        look_at_identity(petition=scene.petition, reason="排查故障", by=root, at=AT)


def test_where_nobody_gave_a_name_there_is_nothing_to_look_at(bureau: Bureau, registrar: Officer) -> None:
    petition = make_petition(bureau, registrar, petitioners=())

    with pytest.raises(PetitionRefused, match=NO_IDENTITY):
        look_at_identity(petition=petition, reason="联系", by=registrar, at=AT)


def test_the_record_of_looks_cannot_be_altered(scene: Scene) -> None:
    look_at_identity(petition=scene.petition, reason="联系", by=scene.registrar, at=AT)

    for act in (IdentityLook.objects.all().delete, lambda: IdentityLook.objects.update(reason="别的")):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert IdentityLook.objects.get().reason == "联系"


# -- the seal ----------------------------------------------------------------------------------------------------------


def test_a_seal_opens_only_in_its_own_place_and_unaltered() -> None:
    key, text = sealing.seal(LI, place="petition:1")
    raw = bytearray(base64.b64decode(text))
    raw[-1] ^= 1

    assert sealing.unseal(key, text, place="petition:1") == LI
    for wrong, place in ((text, "petition:2"), (base64.b64encode(bytes(raw)).decode(), "petition:1")):
        with pytest.raises(PetitionRefused, match=ALTERED):
            sealing.unseal(key, wrong, place=place)


def test_the_same_words_are_never_sealed_alike() -> None:
    assert sealing.seal(LI, place="p")[1] != sealing.seal(LI, place="p")[1]


def test_a_digest_does_not_mind_how_a_number_is_written_but_minds_what_it_is() -> None:
    written = {
        sealing.digest(text, what="identity")
        for text in ("44070019800101001X", "44070019800101001x ", "４４０７００19800101001X")
    }

    assert len(written) == 1
    assert sealing.digest("44070019800101001X", what="phone") not in written
    assert sealing.digest("  ", what="identity") == ""


def test_a_digest_depends_on_the_key(settings: Any) -> None:
    settings.FIELD_KEYS = {"a": OLD}
    one = sealing.digest("1", what="identity")
    settings.FIELD_KEYS = {"b": NEW}

    assert sealing.digest("1", what="identity") != one


# -- rotation ----------------------------------------------------------------------------------------------------------


def test_a_new_key_takes_over_and_the_old_one_can_go(scene: Scene, settings: Any) -> None:
    old = dict(settings.FIELD_KEYS)
    settings.FIELD_KEYS = {"k2": NEW, **old}

    # Both keys are there: old seals open.
    look_at_identity(petition=scene.petition, reason="联系", by=scene.registrar, at=AT)
    done = rotate_keys()

    assert (done.key, done.resealed, done.unreadable) == ("k2", 1, [])
    settings.FIELD_KEYS = {"k2": NEW}
    ((_, facts),) = look_at_identity(petition=scene.petition, reason="联系", by=scene.registrar, at=AT)
    assert facts == LI
    assert rotate_keys().resealed == 0


def test_rotation_goes_in_batches_and_a_run_that_was_killed_is_finished_by_the_next(
    bureau: Bureau, registrar: Officer, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_petition(bureau, registrar, petitioners=({"name": f"某{number}", "identity": str(number)},))
    settings.FIELD_KEYS = {"k2": NEW, **settings.FIELD_KEYS}
    seal, sealed = sealing.seal, []

    def dies_at_the_fourth(*args: Any, **kwargs: Any) -> tuple[str, str]:
        sealed.append(1)
        if len(sealed) == 4:
            raise KeyboardInterrupt
        return seal(*args, **kwargs)

    monkeypatch.setattr(sealing, "seal", dies_at_the_fourth)
    with pytest.raises(KeyboardInterrupt):
        rotate_keys(chunk=2)
    assert Petitioner.objects.filter(key="k2").count() == 2

    monkeypatch.setattr(sealing, "seal", seal)
    assert rotate_keys(chunk=2).resealed == 3
    assert not Petitioner.objects.exclude(key="k2").exists()


def test_the_same_person_is_found_while_keys_change(bureau: Bureau, registrar: Officer, settings: Any) -> None:
    first = make_petition(bureau, registrar, petitioners=(LI,))
    settings.FIELD_KEYS = {"k2": NEW, **settings.FIELD_KEYS}

    second = make_petition(bureau, registrar, petitioners=(LI,))

    assert [row.petition_id for row in same_people(second)] == [first.pk]


def test_the_command_reports_and_names_what_it_cannot_open(scene: Scene, settings: Any) -> None:
    words, document = StringIO(), StringIO()
    settings.FIELD_KEYS = {"k2": NEW}

    with pytest.raises(CommandError, match="不能解密"):
        call_command("rotate_field_keys", "--json", stdout=document)

    row = Petitioner.objects.get()
    assert json.loads(document.getvalue()) == {
        "key": "k2", "resealed": 0, "left": {"k1": 1}, "removable": [], "unreadable": [row.pk],
    }  # fmt: skip
    settings.FIELD_KEYS = {"k2": NEW, "k1": b"these-thirty-two-bytes-are-a-key"}
    call_command("rotate_field_keys", stdout=words)
    assert words.getvalue() == "密钥 k2：改用新密钥 1 条，不能解密 0 条\n可以从 FIELD_KEYS 去掉的密钥：k1\n"


def test_a_second_handler_sees_it_too(scene: Scene) -> None:
    second = make_officer("300001", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=second, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)

    assert look_at_identity(petition=scene.petition, reason="联系", by=second, at=AT)[0][1] == LI
    assert WANG not in [facts for _, facts in look_at_identity(petition=scene.petition, reason="再", by=second, at=AT)]
