"""A complaint from its coming in to its end: who is barred, what may be merged, found, answered, put right, closed."""

from datetime import date

import pytest

from cases.models import Barring, Clock, Event, Handling, HandlingRole, Officer, Role
from supervision.petitions import refusals
from supervision.petitions.models import (
    ComplainantLook,
    Complaint,
    ComplaintLikeness,
    ComplaintStage,
    SameState,
    Verdict,
)
from supervision.petitions.queries import (
    borne_out_share,
    complaint_likenesses_of,
    complaints_of,
    distinct_complaints,
)
from supervision.petitions.services import (
    PetitionRefused,
    accept_complaint,
    accuse_in_complaint,
    ask_complaint_evaluation,
    close_complaint,
    find,
    look_at_complainant,
    name_complaint_handler,
    order_for_complaint,
    reply_to_complaint,
    rotate_keys,
    set_apart,
    take_in,
    tell_received,
)
from supervision.rectification.models import Order, Problem, Source
from tests.cases.factories import Bureau, make_case, make_officer, moment
from tests.supervision.petitions.factories import AT, LI, WANG, make_complaint

LATER = moment("2026-09-14 10:00")
SEPTEMBER = {"begins": moment("2026-09-01"), "ends": moment("2026-10-01")}


def fresh(officer: Officer) -> Officer:
    return Officer.objects.get(pk=officer.pk)


def sees(officer: Officer, complaint: Complaint) -> bool:
    return complaints_of(fresh(officer)).filter(pk=complaint.pk).exists()


def accept(complaint: Complaint, by: Officer, category: str = "accusation") -> None:
    accept_complaint(complaint=complaint, category=category, on=date(2026, 9, 11), by=by, at=AT)


def found(complaint: Complaint, by: Officer, verdict: str = "verified", category: str = "accusation") -> None:
    accept(complaint, by, category)
    find(complaint=complaint, verdict=verdict, reason="调取接报警记录", by=by, at=AT)


# -- coming in ---------------------------------------------------------------------------------------------------------


def test_it_is_numbered_opened_and_its_channel_number_kept_as_it_is_compared(
    bureau: Bureau, registrar: Officer
) -> None:
    made = make_complaint(bureau, registrar, channel_number=" gd－０１ ")

    assert (made.matter.number, made.channel_number) == ("投诉202600001", "GD-01")
    assert made.matter.restricted
    assert Event.objects.get(matter=made.pk).kind.code == "petition_forwarded"
    assert made.steps.get().act == "登记"


def test_who_is_complained_about_is_barred_from_the_first_moment(bureau: Bureau, registrar: Officer) -> None:
    accused = make_officer("300001", bureau.station)

    made = make_complaint(bureau, registrar, accused_unit=None, accused_officer=accused)

    # With an officer goes his station.
    assert set(Barring.objects.filter(matter=made.pk).values_list("unit", "officer")) == {
        (bureau.station.pk, None),
        (None, accused.pk),
    }
    assert Barring.objects.filter(matter=made.pk, from_at=AT).count() == 2
    assert made.accused_unit == bureau.station


def test_where_a_case_is_named_and_nobody_its_officer_and_station_are_accused(
    bureau: Bureau, registrar: Officer
) -> None:
    officer = make_officer("300001", bureau.station)
    case = make_case("A-1", bureau.station, officer)

    made = make_complaint(bureau, registrar, accused_unit=None, about=case)

    assert (made.accused_unit, made.accused_officer) == (bureau.station, officer)
    assert not sees(officer, made)


def test_what_is_refused_at_the_door(bureau: Bureau, registrar: Officer) -> None:
    make_complaint(bureau, registrar)
    for told, words in (
        ({"subject": " "}, refusals.COMPLAINT_SUBJECT_NEEDED),
        ({"received_on": "2026-09-12"}, refusals.FUTURE_DAY),
        ({"channel_number": ""}, "都有编号"),
        ({"channel_number": "gd-1"}, "“12345 热线”编号“GD-1”已登记为 投诉202600001"),
        ({"channel_number": "2", "accused_unit": bureau.legal}, "是被反映的单位或者在其之下"),
        ({"channel_number": "2", "complainant": {}}, refusals.NAME_NEEDED),
    ):
        with pytest.raises(PetitionRefused, match=words):
            make_complaint(bureau, registrar, **told)

    assert Complaint.objects.count() == 1


def test_the_same_number_of_another_channel_is_another(bureau: Bureau, registrar: Officer) -> None:
    make_complaint(bureau, registrar)

    assert make_complaint(bureau, registrar, channel="12389").pk


def test_letters_may_come_without_a_number(bureau: Bureau, registrar: Officer) -> None:
    for _ in range(2):
        make_complaint(bureau, registrar, channel="letter", channel_number="", anonymous=True)

    assert Complaint.objects.filter(channel_number="").count() == 2


def test_who_does_not_handle_the_other_is_told_only_that_the_number_cannot_be_used(
    bureau: Bureau, registrar: Officer
) -> None:
    make_complaint(bureau, registrar)
    accused = make_officer("300009", bureau.station, Role.LEGAL_OFFICER)

    with pytest.raises(PetitionRefused) as refusal:
        make_complaint(bureau, accused, unit=bureau.station, accused_unit=bureau.sibling)

    assert str(refusal.value) == "编号“GD-1”不能使用，请核对"


def test_a_registrar_of_the_accused_hands_it_over_and_sees_it_no_more(bureau: Bureau, registrar: Officer) -> None:
    own = make_officer("300009", bureau.station, Role.LEGAL_OFFICER)
    with pytest.raises(PetitionRefused, match="没有可以经办的人"):
        make_complaint(bureau, own)

    made = make_complaint(bureau, own, handlers=((registrar, HandlingRole.LEGAL),))

    assert sees(registrar, made)
    assert not sees(own, made)


def test_no_one_accused_can_be_named_and_who_was_named_is_out_once_accused(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    accused, other = make_officer("300001", bureau.station), make_officer("400001", bureau.sibling, Role.CASE_OFFICER)
    with pytest.raises(PetitionRefused):
        name_complaint_handler(complaint=made, officer=accused, role=HandlingRole.OFFICER, by=registrar, at=AT)
    name_complaint_handler(complaint=made, officer=other, role=HandlingRole.OFFICER, by=registrar, at=AT)
    assert sees(other, made)

    accuse_in_complaint(complaint=made, officers=(other,), by=registrar, at=LATER)

    assert not sees(other, made)


def test_the_last_handler_cannot_be_accused_before_there_is_another(bureau: Bureau) -> None:
    own = make_officer("300009", bureau.station, Role.LEGAL_OFFICER)
    only = make_officer("400001", bureau.sibling, Role.CASE_OFFICER)
    made = make_complaint(bureau, own, handlers=((only, HandlingRole.OFFICER),))

    with pytest.raises(PetitionRefused, match=refusals.LAST_HANDLER):
        accuse_in_complaint(complaint=made, officers=(only,), by=only, at=LATER)

    assert sees(only, made)


# -- clocks ------------------------------------------------------------------------------------------------------------

CLOCKS = [
    # article, channel, received, accepted as a claim on, limit, literal due day, why
    ("信访工作条例 第二十三条", "letter", "2026-09-11", "", "xf_notify_15d", "2026-09-28", "09-26 is in Mid-Autumn"),
    ("信访工作条例 第二十三条", "12345", "2026-09-01", "", "xf_forwarded_notify_15d", "2026-09-16", "fifteen days"),
    (
        "信访工作条例 第二十三条",
        "12389",
        "2026-09-11",
        "",
        "xf_forwarded_notify_15d",
        "2026-09-28",
        "handed on as well",
    ),
    (
        "信访工作条例 第三十四条",
        "visit",
        "2026-08-03",
        "2026-08-03",
        "xf_complete_60d",
        "2026-10-08",
        "10-02: National Day",
    ),
]


@pytest.mark.parametrize(("article", "channel", "received", "accepted", "limit", "due", "why"), CLOCKS)
def test_what_is_owed_to_who_complained_is_due_on_its_day(
    bureau: Bureau, registrar: Officer, article: str, channel: str, received: str, accepted: str,
    limit: str, due: str, why: str,
) -> None:  # fmt: skip
    made = make_complaint(bureau, registrar, channel=channel, received_on=received)
    if accepted:
        accept_complaint(complaint=made, category="claim", on=date.fromisoformat(accepted), by=registrar, at=AT)

    clock = Clock.objects.get(matter=made.pk, limit__code=limit)

    assert f"{clock.due_on}" == due
    assert f"{clock.limit.law} {clock.limit.article}" == article


def test_an_accusation_has_no_sixty_days_and_who_gave_no_name_no_notice(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar, anonymous=True)
    accept(made, registrar)

    assert not Clock.objects.running().filter(matter=made.pk).exists()


def test_the_notice_and_the_answer_stop_their_clocks(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    tell_received(complaint=made, on=date(2026, 9, 11), by=registrar, at=AT)
    with pytest.raises(PetitionRefused, match=refusals.DONE_ALREADY):
        tell_received(complaint=made, on=date(2026, 9, 11), by=registrar, at=AT)
    found(made, registrar, category="claim")
    assert [clock.limit.code for clock in Clock.objects.running().filter(matter=made.pk)] == ["xf_complete_60d"]

    reply_to_complaint(complaint=made, on=date(2026, 9, 11), by=registrar, at=AT)

    assert not Clock.objects.running().filter(matter=made.pk).exists()


# -- the same through another channel ----------------------------------------------------------------------------------


@pytest.fixture
def pair(bureau: Bureau, registrar: Officer) -> tuple[Complaint, Complaint]:
    """One about the station through 12389, and the same through 12345."""
    return (
        make_complaint(bureau, registrar, channel="12389", channel_number="JB-1"),
        make_complaint(bureau, registrar, channel="12345", channel_number="GD-1"),
    )


def test_the_same_person_or_words_are_suggested_and_nothing_is_merged(
    bureau: Bureau, registrar: Officer, pair: tuple[Complaint, Complaint]
) -> None:
    other = make_complaint(bureau, registrar, channel="110", channel_number="1", subject="停车被贴条", complainant=WANG)

    likeness = ComplaintLikeness.objects.get()
    assert (likeness.complaint, likeness.earlier, likeness.ground) == (pair[1], pair[0], "person")
    assert likeness.shared == 1.0
    assert not other.likenesses.exists()
    assert not Complaint.objects.exclude(same_as=None).exists()


def test_a_person_confirms_and_it_counts_once(
    bureau: Bureau, registrar: Officer, pair: tuple[Complaint, Complaint]
) -> None:
    """stories.md: one about A through 12389 and the same through 12345; one about B."""
    make_complaint(bureau, registrar, channel_number="GD-9", accused_unit=bureau.sibling, subject="窗口重复收材料")
    assert distinct_complaints(bureau.station, **SEPTEMBER) == 2

    take_in(complaint=pair[1], into=pair[0], by=registrar, at=LATER)

    assert distinct_complaints(bureau.station, **SEPTEMBER) == 1
    assert distinct_complaints(bureau.sibling, **SEPTEMBER) == 1
    assert ComplaintLikeness.objects.get(complaint=pair[1]).state == SameState.SAME
    merged = Complaint.objects.get(pk=pair[1].pk)
    assert (merged.stage, merged.same_as) == (ComplaintStage.MERGED, pair[0])
    assert [step.act for step in merged.steps.all()] == ["登记", "并入"]


def test_what_cannot_be_taken_in(bureau: Bureau, registrar: Officer, pair: tuple[Complaint, Complaint]) -> None:
    first, second = pair
    third = make_complaint(bureau, registrar, channel="110", channel_number="3")
    stranger = make_officer("100009", bureau.legal, Role.LEGAL_OFFICER)
    with pytest.raises(PetitionRefused, match=refusals.ONLY_HANDLERS):
        take_in(complaint=second, into=first, by=stranger, at=AT)
    with pytest.raises(PetitionRefused, match=refusals.SAME_COMPLAINT):
        take_in(complaint=first, into=first, by=registrar, at=AT)
    take_in(complaint=second, into=first, by=registrar, at=AT)
    with pytest.raises(PetitionRefused, match="已并入另一件"):
        take_in(complaint=third, into=second, by=registrar, at=AT)
    with pytest.raises(PetitionRefused, match="已并入"):
        take_in(complaint=second, into=third, by=registrar, at=AT)
    found(first, registrar)
    reply_to_complaint(complaint=first, on=AT.date(), by=registrar, at=AT)
    with pytest.raises(PetitionRefused, match="现在是“已答复”"):
        take_in(complaint=third, into=first, by=registrar, at=AT)


def test_what_was_taken_into_one_goes_with_it_into_another(
    bureau: Bureau, registrar: Officer, pair: tuple[Complaint, Complaint]
) -> None:
    third = make_complaint(bureau, registrar, channel="110", channel_number="3")
    take_in(complaint=third, into=pair[1], by=registrar, at=AT)

    take_in(complaint=pair[1], into=pair[0], by=registrar, at=AT)

    assert set(pair[0].taken_in.all()) == {pair[1], third}


def test_who_is_accused_in_either_is_kept_away_from_both(bureau: Bureau, registrar: Officer) -> None:
    head = make_officer("400001", bureau.sibling, Role.UNIT_HEAD)
    first = make_complaint(bureau, registrar, handlers=((head, HandlingRole.OFFICER),))
    name_complaint_handler(complaint=first, officer=registrar, role=HandlingRole.LEGAL, by=head, at=AT)
    assert sees(head, first)
    second = make_complaint(bureau, registrar, channel_number="GD-2", accused_unit=bureau.sibling)

    take_in(complaint=second, into=first, by=registrar, at=LATER)

    assert not sees(head, first)
    assert not Handling.objects.filter(matter=first.pk, officer=head, until_at=None).exists()


def test_the_answer_to_one_is_the_answer_to_what_was_taken_in_and_the_notice_stays_owed(
    bureau: Bureau, registrar: Officer, pair: tuple[Complaint, Complaint]
) -> None:
    take_in(complaint=pair[1], into=pair[0], by=registrar, at=AT)
    found(pair[0], registrar)
    reply_to_complaint(complaint=pair[0], on=AT.date(), by=registrar, at=AT)

    kinds = set(Event.objects.filter(matter=pair[1].pk).values_list("kind__code", flat=True))
    assert kinds == {"petition_forwarded", "petition_answered"}
    assert Clock.objects.running().get(matter=pair[1].pk).limit.code == "xf_forwarded_notify_15d"


def test_a_pair_is_set_apart_once(bureau: Bureau, registrar: Officer, pair: tuple[Complaint, Complaint]) -> None:
    likeness = ComplaintLikeness.objects.get()

    set_apart(likeness=likeness, by=registrar, at=AT)

    with pytest.raises(PetitionRefused, match=refusals.DONE_ALREADY):
        set_apart(likeness=likeness, by=registrar, at=AT)


def test_who_does_not_handle_both_learns_nothing_of_the_pair(bureau: Bureau, registrar: Officer) -> None:
    other = make_officer("700001", bureau.other_county, Role.LEGAL_OFFICER)
    first = make_complaint(bureau, other, unit=bureau.other_county)

    second = make_complaint(bureau, registrar, channel_number="GD-2")

    assert ComplaintLikeness.objects.get().earlier == first
    assert not complaint_likenesses_of(fresh(registrar), second).exists()
    assert not complaint_likenesses_of(fresh(other), first).exists()


# -- to its end --------------------------------------------------------------------------------------------------------


def test_it_is_found_answered_and_closed(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    found(made, registrar, verdict="partly")
    reply_to_complaint(
        complaint=made, on=AT.date(), document_number="答复1号", evaluation_asked=True, by=registrar, at=AT
    )
    close_complaint(complaint=made, on=AT.date(), note="", by=registrar, at=AT)

    made.refresh_from_db()
    assert (made.stage, made.verdict, made.found_by, made.evaluation_asked_at) == ("closed", "partly", registrar, AT)
    assert [step.act for step in made.steps.all()] == ["登记", "受理核查", "认定", "答复投诉人", "办结"]
    assert made.matter.events.filter(kind__code="complaint_closed").exists()


def test_each_act_needs_the_one_before_it(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    for act in (
        lambda: find(complaint=made, verdict="verified", reason="查了", by=registrar, at=AT),
        lambda: reply_to_complaint(complaint=made, on=AT.date(), by=registrar, at=AT),
        lambda: close_complaint(complaint=made, on=AT.date(), note="", by=registrar, at=AT),
        lambda: order_for_complaint(complaint=made, problem="slow", text="x", by=registrar, at=AT),
        lambda: ask_complaint_evaluation(complaint=made, by=registrar, at=AT),
    ):
        with pytest.raises(PetitionRefused, match="现在是“已登记”，不能办理"):
            act()
    with pytest.raises(PetitionRefused, match=refusals.CATEGORY_OF_COMPLAINT):
        accept(made, registrar, "suggestion")

    assert made.steps.count() == 1


def test_a_finding_has_a_reason_and_one_borne_out_somebody_it_is_about(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar, accused_unit=None)
    accept(made, registrar)
    with pytest.raises(PetitionRefused, match=refusals.REASON_NEEDED):
        find(complaint=made, verdict="verified", reason=" ", by=registrar, at=AT)
    with pytest.raises(PetitionRefused, match=refusals.ACCUSED_NEEDED):
        find(complaint=made, verdict="verified", reason="查了", by=registrar, at=AT)

    find(complaint=made, verdict=Verdict.CANNOT, reason="没有线索", by=registrar, at=AT)


def test_who_is_complained_about_never_finds(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    accept(made, registrar)
    chief = make_officer("300009", bureau.station, Role.LEGAL_OFFICER)
    with pytest.raises(PetitionRefused, match=refusals.ONLY_HANDLERS):
        find(complaint=made, verdict="not_verified", reason="没有此事", by=chief, at=AT)
    # Moved to the accused, who handled it is none of its handlers any more.
    Officer.objects.filter(pk=registrar.pk).update(unit=bureau.station)

    with pytest.raises(PetitionRefused, match=refusals.ONLY_HANDLERS):
        find(complaint=made, verdict="not_verified", reason="没有此事", by=fresh(registrar), at=AT)


def test_only_an_accusation_without_a_name_is_closed_unanswered_and_says_why(
    bureau: Bureau, registrar: Officer
) -> None:
    named = make_complaint(bureau, registrar)
    found(named, registrar)
    with pytest.raises(PetitionRefused, match=refusals.REPLY_NEEDED):
        close_complaint(complaint=named, on=AT.date(), note="已查", by=registrar, at=AT)
    claim = make_complaint(bureau, registrar, channel_number="2", anonymous=True)
    found(claim, registrar, category="claim")
    with pytest.raises(PetitionRefused, match=refusals.REPLY_NEEDED):
        close_complaint(complaint=claim, on=AT.date(), note="已查", by=registrar, at=AT)
    nameless = make_complaint(bureau, registrar, channel_number="3", anonymous=True)
    found(nameless, registrar, verdict="cannot")
    with pytest.raises(PetitionRefused, match=refusals.REASON_NEEDED):
        close_complaint(complaint=nameless, on=AT.date(), note="", by=registrar, at=AT)

    close_complaint(complaint=nameless, on=AT.date(), note="没有联系方式", by=registrar, at=AT)

    assert Complaint.objects.get(pk=nameless.pk).stage == ComplaintStage.CLOSED


def test_an_order_reaches_the_accused_and_says_nothing_of_the_complaint(bureau: Bureau, registrar: Officer) -> None:
    problem = Problem.objects.create(code="slow", name="拖延", fault="期限", law="某法", article="第一条")
    made = make_complaint(bureau, registrar)
    found(made, registrar)
    for words in (
        "有人投诉你所", "12345 转来", "工单GD-1", f"{LI['name']}反映", f"见{made.matter.number}", "电话13800000001",
    ):  # fmt: skip
        with pytest.raises(PetitionRefused, match="会让对方得知"):
            order_for_complaint(complaint=made, problem=problem.code, text=words, by=registrar, at=AT)

    order = order_for_complaint(
        complaint=made, problem=problem.code, text="接报后未出具回执，立即补正。", by=registrar, at=AT
    )

    assert (order.unit, order.source, order.matter) == (bureau.station, Source.SUPERVISOR, None)
    assert order.source_number == f"{bureau.station.code}/slow"
    assert Complaint.objects.get(pk=made.pk).order_number == order.number
    with pytest.raises(PetitionRefused, match=refusals.COMPLAINT_ORDERED):
        order_for_complaint(complaint=made, problem=problem.code, text="再次补正。", by=registrar, at=AT)
    assert Order.objects.count() == 1


def test_what_was_not_borne_out_is_not_ordered(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    found(made, registrar, verdict="not_verified")

    with pytest.raises(PetitionRefused, match=refusals.NOT_BORNE_OUT):
        order_for_complaint(complaint=made, problem="slow", text="补正", by=registrar, at=AT)


def test_an_evaluation_may_be_asked_for_afterwards_once(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar)
    found(made, registrar)
    reply_to_complaint(complaint=made, on=AT.date(), by=registrar, at=AT)

    ask_complaint_evaluation(complaint=made, by=registrar, at=LATER)

    with pytest.raises(PetitionRefused, match=refusals.DONE_ALREADY):
        ask_complaint_evaluation(complaint=made, by=registrar, at=LATER)


def test_the_share_borne_out_is_of_those_found_and_not_told_of_few(bureau: Bureau, registrar: Officer) -> None:
    for number, verdict in enumerate(("verified", "partly", "not_verified", "cannot")):
        found(make_complaint(bureau, registrar, channel_number=f"N{number}"), registrar, verdict=verdict)

    share = borne_out_share(bureau.station, **SEPTEMBER)

    assert (share.numerator, share.denominator, share.told) == (2, 4, False)


# -- who complained ----------------------------------------------------------------------------------------------------


def test_who_complained_is_sealed_shown_for_a_reason_and_put_under_the_newest_key(
    bureau: Bureau, registrar: Officer, settings: object
) -> None:
    made = make_complaint(bureau, registrar)
    assert not any(value in f"{Complaint.objects.values()}{made.complainant.sealed}" for value in LI.values())
    with pytest.raises(PetitionRefused, match=refusals.REASON_NEEDED):
        look_at_complainant(complaint=made, reason="", by=registrar, at=AT)

    settings.FIELD_KEYS = {"k2": b"n" * 32, **settings.FIELD_KEYS}  # type: ignore[attr-defined]
    assert rotate_keys().resealed == 1
    settings.FIELD_KEYS = {"k2": b"n" * 32}  # type: ignore[attr-defined]

    assert look_at_complainant(complaint=made, reason="约谈", by=registrar, at=AT) == LI
    assert ComplainantLook.objects.get().reason == "约谈"


def test_where_nobody_gave_a_name_there_is_nothing_to_look_at(bureau: Bureau, registrar: Officer) -> None:
    made = make_complaint(bureau, registrar, anonymous=True)

    with pytest.raises(PetitionRefused, match=refusals.NO_COMPLAINANT):
        look_at_complainant(complaint=made, reason="联系", by=registrar, at=AT)
