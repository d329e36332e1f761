"""What the database itself keeps of archives, whoever writes to it."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, models, transaction
from django.db.models import Model

from supervision.archives.models import ArchiveEntry, ArchiveLook, ArchiveReply, Kind
from supervision.archives.services import correct, look_at_officer, reply
from tests.supervision.archives.factories import NIGHT, OVER, praised
from tests.supervision.returnvisits.factories import County


def entry_row(county: County, **fields: Any) -> ArchiveEntry:
    return ArchiveEntry(
        **{
            "kind": Kind.FOUND,
            "officer": county.officer,
            "happened_at": OVER,
            "text": "内容",
            "source_key": "k",
            "recorded_at": NIGHT,
            **county.station.scope_ids,
            **fields,
        }
    )


def refused(row: Model) -> bool:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return True
    return False


@pytest.mark.parametrize(
    "fields",
    [
        {"officer": None, "unit_id": None},
        {"text": ""},
        {"source_key": ""},
        {"kind": Kind.EVALUATION},
        {"kind": Kind.PRAISE},
    ],
    ids=["about nobody", "says nothing", "comes from nowhere", "evaluation of a person", "praise of nobody's"],
)
def test_the_database_refuses_an_entry(county: County, fields: dict[str, Any]) -> None:
    assert refused(entry_row(county, **fields))
    assert not refused(entry_row(county))


def test_nobody_writes_in_his_own_archive(county: County) -> None:
    assert refused(entry_row(county, by=county.officer))


def test_the_same_source_is_entered_once(county: County) -> None:
    entry_row(county).save()

    assert refused(entry_row(county, text="又一条"))


def test_an_entry_is_corrected_once(county: County) -> None:
    entry = praised(county)
    correct(entry=entry, text="应为另一日", by=county.second_legal, at=NIGHT)

    assert refused(entry_row(county, source_key="again", corrects=entry))


@pytest.mark.parametrize("whose", ["both", "neither", "his own", "without a reason"])
def test_the_database_refuses_a_look(county: County, whose: str) -> None:
    look = ArchiveLook(by=county.legal, officer=county.officer, looked_at=NIGHT, reason="日常监督")
    if whose == "both":
        look.unit = county.station
    elif whose == "neither":
        look.officer = None
    elif whose == "his own":
        look.officer = county.legal
    else:
        look.reason = ""

    assert refused(look)


def test_an_empty_reply_is_none(county: County) -> None:
    assert refused(ArchiveReply(entry=praised(county), by=county.officer, at=NIGHT, text=""))


@pytest.mark.parametrize("model", [ArchiveEntry, ArchiveReply, ArchiveLook])
def test_what_is_written_is_neither_changed_nor_deleted(county: County, model: type[Model]) -> None:
    entry = praised(county)
    reply(entry=entry, text="已说明", by=county.officer, at=NIGHT)
    look_at_officer(officer=county.officer, reason="日常监督检查", by=county.legal, at=NIGHT)
    rows = model._default_manager.all()
    field = "text" if model is not ArchiveLook else "reason"

    with pytest.raises(DatabaseError, match="台账只能追加"), transaction.atomic():
        rows.update(**{field: "改过"})
    with pytest.raises(DatabaseError, match="台账只能追加"), transaction.atomic():
        rows._raw_delete(using="default")

    assert rows.count() == 1


# Numbers by which an officer could be ranked would be columns of these kinds.
NUMBERS = (models.IntegerField, models.FloatField, models.DecimalField, models.DurationField, models.BooleanField)


def test_no_column_of_an_archive_holds_a_number_of_anybody() -> None:
    room = apps.get_app_config("archives").get_models()

    numbers = [
        f"{model.__name__}.{field.name}"
        for model in room
        for field in model._meta.concrete_fields
        if isinstance(field, NUMBERS) and not field.primary_key
    ]

    assert numbers == []
