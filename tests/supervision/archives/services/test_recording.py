"""Entries by hand and from other rooms, corrections, and what is said to an entry."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import Officer, Role
from supervision.archives import refusals
from supervision.archives.models import ArchiveEntry, ArchiveReply, Kind
from supervision.archives.refusals import ArchiveRefused
from supervision.archives.services import correct, record, reply
from tests.cases.factories import make_case, make_officer
from tests.supervision.archives.factories import NIGHT, OVER, praised
from tests.supervision.rectification.factories import order_for
from tests.supervision.returnvisits.factories import County

# -- entering ----------------------------------------------------------------------------------------------------------


def test_praise_of_an_officer_is_his_and_his_units_of_the_time(county: County) -> None:
    entry = praised(county, article="某局嘉奖令")
    Officer.objects.filter(pk=county.officer.pk).update(unit=county.bureau.sibling)

    entry.refresh_from_db()

    assert (entry.officer, entry.unit, entry.county) == (county.officer, county.station, county.bureau.county)
    assert (entry.by, entry.article) == (county.legal, "某局嘉奖令")


def test_praise_of_a_unit_names_nobody(county: County) -> None:
    entry = praised(county, unit=county.station)

    assert (entry.officer, entry.unit) == (None, county.station)


def test_the_door_for_reviews_enters_the_same_result_once(county: County) -> None:
    def review(text: str) -> ArchiveEntry:
        return record(
            kind=Kind.REVIEW, officer=county.officer, unit=county.station, happened_at=OVER, text=text,
            article="第一条", source_key="reviews.form:5", by=county.stranger, at=NIGHT,
        )  # fmt: skip

    first = review("评查认定：瑕疵，文书笔误")

    assert review("又写一遍") == first
    assert ArchiveEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"officer": None, "unit": None}, refusals.NO_SUBJECT),
        ({"text": "  "}, refusals.NO_TEXT),
        ({"text": "长" * 501}, "最多 500 字，现有 501 字"),
        ({"happened_at": OVER + timedelta(days=1)}, "还没有到"),
        ({"text": "被人投诉后改正"}, "得知有人反映（投诉）"),
        ({"text": "12389 转来"}, "得知有人反映（12389）"),
        ({"kind": Kind.RED}, "“超期预警”由系统归集"),
        ({"kind": Kind.FOUND}, "“日常监督查实”由系统归集"),
    ],
)
def test_an_entry_is_refused(county: County, fields: dict[str, Any], said: str) -> None:
    known: dict[str, Any] = {
        "kind": Kind.PRAISE, "officer": county.officer, "unit": None, "happened_at": OVER, "text": "处置规范",
        "source_key": "archives.hand:1", "by": county.legal, "at": OVER,
    }  # fmt: skip

    with pytest.raises(ArchiveRefused) as refusal:
        record(**(known | fields))

    assert said in str(refusal.value)
    assert not ArchiveEntry.objects.exists()


def test_nobody_praises_himself_or_whom_his_post_does_not_reach(county: County) -> None:
    with pytest.raises(ArchiveRefused, match="不能记入或者更正自己的档案"):
        praised(county, officer=county.legal)
    with pytest.raises(ArchiveRefused, match="不在您可以查阅的范围内"):
        praised(county, by=county.stranger)
    with pytest.raises(ArchiveRefused, match="不在您可以查阅的范围内"):
        praised(county, unit=county.station, by=county.stranger)


def test_a_restricted_matter_is_in_no_archive(county: County) -> None:
    letter = make_case("L-1", county.station, county.officer, filed="2026-02-02", kind="letter")
    order = order_for(
        county.station, None, by=county.legal, at=OVER, matter=letter, problem=county.problem.code, text="请答复。"
    )

    with pytest.raises(ArchiveRefused, match="仅经办人可见的事项不记入档案"):
        praised(county, matter=letter)
    with pytest.raises(ArchiveRefused, match="仅经办人可见的事项不记入档案"):
        praised(county, order=order)


# -- correcting --------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_entry_about_the_same_and_the_old_one_stays(county: County) -> None:
    entry = praised(county)

    correction = correct(entry=entry, text=" 日期应为三月九日 ", by=county.second_legal, at=NIGHT)

    assert (correction.corrects, correction.officer, correction.unit, correction.kind) == (
        entry, county.officer, county.station, Kind.PRAISE,
    )  # fmt: skip
    assert (correction.text, correction.happened_at, correction.by) == ("日期应为三月九日", NIGHT, county.second_legal)
    assert ArchiveEntry.objects.get(pk=entry.pk).text == "抓获现行，处置规范"


def test_a_correction_may_itself_be_corrected_but_nothing_twice(county: County) -> None:
    entry = praised(county)
    correction = correct(entry=entry, text="应为三月九日", by=county.legal, at=NIGHT)

    with pytest.raises(ArchiveRefused, match="已经更正过"):
        correct(entry=entry, text="应为三月八日", by=county.legal, at=NIGHT)

    assert correct(entry=correction, text="应为三月八日", by=county.legal, at=NIGHT).corrects == correction


def test_who_is_concerned_who_is_next_door_and_who_complains_in_it_does_not_correct(county: County) -> None:
    of_legal = praised(county, officer=county.legal, by=county.second_legal)
    entry = praised(county)

    with pytest.raises(ArchiveRefused, match="不能记入或者更正自己的档案"):
        correct(entry=of_legal, text="写错了", by=county.legal, at=NIGHT)
    with pytest.raises(ArchiveRefused, match="不在您可以查阅的范围内"):
        correct(entry=entry, text="写错了", by=county.stranger, at=NIGHT)
    with pytest.raises(ArchiveRefused, match="得知有人反映（举报）"):
        correct(entry=entry, text="举报不属实", by=county.legal, at=NIGHT)
    with pytest.raises(ArchiveRefused, match="请写明哪里有误"):
        correct(entry=entry, text="", by=county.legal, at=NIGHT)

    assert not ArchiveEntry.objects.exclude(corrects=None).exists()


# -- replying ----------------------------------------------------------------------------------------------------------


def test_the_officer_and_the_head_of_the_unit_reply_and_nothing_is_lost(county: County) -> None:
    entry = praised(county)

    reply(entry=entry, text=" 是两人一起办的 ", by=county.officer, at=NIGHT)
    reply(entry=entry, text="情况属实", by=county.head, at=NIGHT)
    reply(entry=entry, text="补充：另一人是协办", by=county.officer, at=NIGHT)

    assert list(ArchiveReply.objects.values_list("text", flat=True)) == [
        "是两人一起办的", "情况属实", "补充：另一人是协办",
    ]  # fmt: skip


def test_nobody_else_replies(county: County) -> None:
    entry = praised(county)
    colleague = make_officer("100099", county.station, Role.CASE_OFFICER)

    for other in (county.legal, county.leader, county.sibling_head, county.stranger, colleague):
        with pytest.raises(ArchiveRefused, match="只有本人"):
            reply(entry=entry, text="我来说", by=other, at=NIGHT)

    assert not ArchiveReply.objects.exists()


def test_a_reply_says_something_and_not_too_much(county: County) -> None:
    entry = praised(county)

    with pytest.raises(ArchiveRefused, match=refusals.NO_REPLY):
        reply(entry=entry, text="  ", by=county.officer, at=NIGHT)
    with pytest.raises(ArchiveRefused, match="最多 1000 字，现有 1001 字"):
        reply(entry=entry, text="长" * 1001, by=county.officer, at=NIGHT)


def test_who_moved_away_still_replies_to_what_is_his_and_the_old_head_for_the_unit(county: County) -> None:
    entry = praised(county)
    Officer.objects.filter(pk=county.officer.pk).update(unit=county.bureau.sibling)

    reply(entry=entry, text="在原单位时办的", by=Officer.objects.get(pk=county.officer.pk), at=NIGHT)
    reply(entry=entry, text="情况属实", by=county.head, at=NIGHT)

    assert ArchiveReply.objects.count() == 2
