"""Taking a petition in: number, clocks, handlers, and who is kept away from the first moment."""

from datetime import date

import pytest

from cases.models import Barring, Clock, Handling, HandlingRole, Matter, MatterKind, Officer, Role
from cases.queries import matters_of
from cases.services import CaseRefused, name_handler, open_matter, record_event, transfer_matter
from supervision.petitions.models import Petition, PetitionStep, Stage
from supervision.petitions.queries import not_taken_up
from supervision.petitions.refusals import (
    ACCUSED_UNIT_HANDLES,
    FEWER_THAN_NAMED,
    FUTURE_DAY,
    HANDLER_NEEDED,
    LAST_HANDLER,
    NOT_TO_TAKE_UP,
    ONLY_HANDLERS,
    REASON_NEEDED,
    SUBJECT_NEEDED,
    TOO_MANY_REPRESENTATIVES,
)
from supervision.petitions.services import (
    PetitionRefused,
    accuse,
    assign_handler,
    lift,
    recuse,
    release_handler,
    take_up,
)
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.petitions.factories import AT, LI, WANG, Scene, make_petition


def sees(officer: Officer, petition: Petition) -> bool:
    fresh = Officer.objects.get(pk=officer.pk)
    return matters_of(fresh).filter(pk=petition.pk).exists()


def test_a_petition_gets_the_next_receipt_number_of_its_year(bureau: Bureau, registrar: Officer) -> None:
    first = make_petition(bureau, registrar)
    second = make_petition(bureau, registrar, petitioners=(WANG,))

    assert [first.matter.number, second.matter.number] == ["信访202600001", "信访202600002"]
    assert first.matter.restricted
    assert first.stage == Stage.REGISTERED


def test_the_notice_is_due_within_fifteen_days_rolled_past_the_holiday(scene: Scene) -> None:
    clock = Clock.objects.get(matter=scene.petition.matter, limit__code="xf_notify_15d")

    assert clock.due_on == date(2026, 9, 28)


def test_a_forwarded_petition_has_the_clock_of_the_forwarded(bureau: Bureau, registrar: Officer) -> None:
    petition = make_petition(bureau, registrar, channel="forwarded")

    assert [clock.limit.code for clock in Clock.objects.filter(matter=petition.matter)] == ["xf_forwarded_notify_15d"]


def test_whose_address_is_unknown_need_not_be_told(bureau: Bureau, registrar: Officer) -> None:
    petition = make_petition(bureau, registrar, address_unknown=True)

    assert not Clock.objects.filter(matter=petition.matter).exists()


def test_the_registrar_handles_it_and_the_ledger_says_so(scene: Scene) -> None:
    assert Handling.objects.get(matter=scene.petition.matter).officer == scene.registrar
    assert PetitionStep.objects.get(petition=scene.petition).act == "登记"
    assert sees(scene.registrar, scene.petition)
    assert not sees(scene.leader, scene.petition)


def test_a_registrar_of_the_accused_unit_hands_it_on_and_sees_it_no_more(bureau: Bureau) -> None:
    clerk = make_officer("200001", bureau.station, Role.UNIT_HEAD)
    handler = make_officer("200002", bureau.legal, Role.LEGAL_OFFICER)

    petition = make_petition(bureau, clerk, handlers=((handler, HandlingRole.LEGAL),))

    assert not sees(clerk, petition)
    assert sees(handler, petition)


def test_a_number_somebody_else_uses_is_passed_over(bureau: Bureau, registrar: Officer) -> None:
    open_matter(kind="petition", number="信访202600001", unit=bureau.legal)

    assert make_petition(bureau, registrar).matter.number == "信访202600002"


def test_a_catalogue_without_petitions_is_told_as_such(bureau: Bureau, registrar: Officer) -> None:
    MatterKind.objects.filter(code="petition").update(code="other")

    with pytest.raises(PetitionRefused, match="请先在目录中登记"):
        make_petition(bureau, registrar)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"subject": "  "}, SUBJECT_NEEDED),
        ({"received_on": "2026-09-12"}, FUTURE_DAY),
        ({"petitioners": (LI, WANG), "persons": 1}, FEWER_THAN_NAMED),
        ({"channel": "visit", "petitioners": tuple({"name": f"某{n}"} for n in range(6)), "persons": 9},
         TOO_MANY_REPRESENTATIVES),
    ],
)  # fmt: skip
def test_what_is_not_registered(bureau: Bureau, registrar: Officer, changed: dict, refusal: str) -> None:
    with pytest.raises(PetitionRefused) as refused:
        make_petition(bureau, registrar, **changed)

    assert str(refused.value) == refusal
    assert not Matter.objects.exists()


def test_five_may_speak_for_a_group_that_came(bureau: Bureau, registrar: Officer) -> None:
    five = tuple({"name": f"某{n}"} for n in range(5))

    petition = make_petition(bureau, registrar, channel="visit", petitioners=five, persons=40)

    assert petition.joint
    assert petition.petitioners.count() == 5


def test_an_accused_unit_does_not_handle_its_own_petition(bureau: Bureau, registrar: Officer) -> None:
    with pytest.raises(PetitionRefused, match=ACCUSED_UNIT_HANDLES.format(unit=bureau.station)):
        make_petition(bureau, registrar, unit=bureau.station)

    with pytest.raises(PetitionRefused, match=ACCUSED_UNIT_HANDLES.format(unit=bureau.legal)):
        make_petition(bureau, registrar, accused=(bureau.county,))


def test_somebody_must_be_left_to_handle_it(bureau: Bureau) -> None:
    clerk = make_officer("200001", bureau.station, Role.UNIT_HEAD)

    with pytest.raises(PetitionRefused, match=HANDLER_NEEDED):
        make_petition(bureau, clerk)


# -- who can never be made a handler ---------------------------------------------------------------------------------


@pytest.fixture
def case_officer(bureau: Bureau) -> Officer:
    return make_officer("300001", bureau.station, Role.CASE_OFFICER)


def test_people_of_the_accused_unit_are_never_made_handlers(scene: Scene, case_officer: Officer) -> None:
    with pytest.raises(PetitionRefused, match="不能经办"):
        assign_handler(
            petition=scene.petition, officer=case_officer, role=HandlingRole.OFFICER, by=scene.registrar, at=AT
        )

    # Nor through the door of the room below.
    with pytest.raises(CaseRefused, match="不能经办"):
        name_handler(matter=scene.petition.matter, officer=case_officer, role=HandlingRole.OFFICER, at=AT)

    assert not sees(case_officer, scene.petition)


def test_who_holds_a_post_in_the_accused_unit_is_one_of_its_people(scene: Scene) -> None:
    elsewhere = make_officer("300002", scene.bureau.legal, Role.CASE_OFFICER, post=scene.bureau.station)

    with pytest.raises(PetitionRefused, match="不能经办"):
        assign_handler(petition=scene.petition, officer=elsewhere, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)


def test_a_handler_who_moves_to_the_accused_unit_loses_sight_at_once(scene: Scene) -> None:
    handler = make_officer("300003", scene.bureau.sibling, Role.CASE_OFFICER)
    assign_handler(petition=scene.petition, officer=handler, role=HandlingRole.OFFICER, by=scene.registrar, at=AT)
    assert sees(handler, scene.petition)

    Officer.objects.filter(pk=handler.pk).update(unit=scene.bureau.station)

    assert not sees(handler, scene.petition)


def test_with_an_accused_officer_goes_his_station_but_not_his_bureau(bureau: Bureau, registrar: Officer) -> None:
    accused = make_officer("300004", bureau.sibling, Role.CASE_OFFICER)
    head = make_officer("300005", bureau.sibling, Role.UNIT_HEAD)
    petition = make_petition(bureau, registrar, accused=(), accused_officers=(accused,))

    for one in (accused, head):
        with pytest.raises(CaseRefused, match="不能经办"):
            name_handler(matter=petition.matter, officer=one, role=HandlingRole.HEAD, at=AT)
    assert sees(registrar, petition)


def test_an_officer_accused_and_moved_away_is_still_barred(bureau: Bureau, registrar: Officer) -> None:
    accused = make_officer("300004", bureau.sibling, Role.CASE_OFFICER)
    petition = make_petition(bureau, registrar, accused=(), accused_officers=(accused,))

    Officer.objects.filter(pk=accused.pk).update(unit=bureau.other_station)

    with pytest.raises(CaseRefused, match="不能经办"):
        name_handler(
            matter=petition.matter, officer=Officer.objects.get(pk=accused.pk), role=HandlingRole.OFFICER, at=AT
        )


def test_who_is_complained_about_later_stops_seeing_it_then(scene: Scene) -> None:
    handler = make_officer("300003", scene.bureau.sibling, Role.CASE_OFFICER)
    assign_handler(petition=scene.petition, officer=handler, role=HandlingRole.OFFICER, by=scene.registrar, at=AT)

    accuse(petition=scene.petition, officers=(handler,), by=scene.registrar, at=moment("2026-09-14 09:00"))

    assert not sees(handler, scene.petition)
    assert Handling.objects.get(officer=handler).until_at == moment("2026-09-14 09:00")


def test_a_complaint_about_the_handlers_own_squad_is_refused_until_others_have_it(scene: Scene) -> None:
    with pytest.raises(PetitionRefused):
        accuse(petition=scene.petition, units=(scene.bureau.legal,), by=scene.registrar, at=AT)

    assert sees(scene.registrar, scene.petition)


def test_it_is_not_handed_over_to_the_accused(scene: Scene) -> None:
    with pytest.raises(CaseRefused, match="被反映的单位"):
        transfer_matter(
            matter=scene.petition.matter,
            to_unit=scene.accused,
            to_officer=None,
            occurred_at=AT,
            by=scene.registrar,
            at=AT,
        )


def test_only_handlers_act(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=ONLY_HANDLERS):
        assign_handler(petition=scene.petition, officer=scene.leader, role=HandlingRole.LEADER, by=scene.leader, at=AT)


# -- recusal -----------------------------------------------------------------------------------------------------------


def test_who_has_an_interest_recuses_himself_and_sees_it_no_more(scene: Scene) -> None:
    second = make_officer("300006", scene.bureau.legal, Role.LEGAL_OFFICER)
    assign_handler(petition=scene.petition, officer=second, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)

    recuse(petition=scene.petition, officer=second, reason="与信访人系亲属", by=scene.registrar, at=AT)

    assert not sees(second, scene.petition)
    with pytest.raises(PetitionRefused, match="回避"):
        assign_handler(petition=scene.petition, officer=second, role=HandlingRole.LEGAL, by=scene.registrar, at=AT)


def test_recusal_needs_a_reason_and_somebody_left(scene: Scene) -> None:
    with pytest.raises(PetitionRefused, match=REASON_NEEDED):
        recuse(petition=scene.petition, officer=scene.registrar, reason=" ", by=scene.registrar, at=AT)
    with pytest.raises(PetitionRefused, match=LAST_HANDLER):
        recuse(petition=scene.petition, officer=scene.registrar, reason="亲属", by=scene.registrar, at=AT)
    with pytest.raises(PetitionRefused, match=LAST_HANDLER):
        release_handler(petition=scene.petition, officer=scene.registrar, by=scene.registrar, at=AT)


def test_a_barring_written_down_wrongly_is_lifted_with_a_reason(scene: Scene) -> None:
    wrong = Barring.objects.get(matter=scene.petition.matter)
    head = make_officer("300007", scene.accused, Role.UNIT_HEAD)

    lift(petition=scene.petition, barring=wrong, reason="单位写错", by=scene.registrar, at=AT)

    assign_handler(petition=scene.petition, officer=head, role=HandlingRole.HEAD, by=scene.registrar, at=AT)
    assert sees(head, scene.petition)
    assert PetitionStep.objects.filter(petition=scene.petition, act="更正不得经办").exists()


# -- entered elsewhere -------------------------------------------------------------------------------------------------


def entered_elsewhere(bureau: Bureau, *events: tuple[str, str]) -> Matter:
    """A petition as an import leaves it: a matter with its events."""
    matter = open_matter(kind="petition", number="信访台账-7", unit=bureau.legal, title="反映久拖不决")
    for kind, on in events:
        record_event(matter=matter, kind=kind, occurred_at=moment(on), by=None, at=moment(on), day_only=True)
    return matter


# What is on record of it, and how far it has come.
TAKEN_UP = [
    ((("petition_received", "2026-09-01"),), Stage.REGISTERED),
    ((("petition_received", "2026-09-01"), ("petition_accepted", "2026-09-03")), Stage.ACCEPTED),
    ((("petition_received", "2026-09-01"), ("petition_accepted", "2026-09-03"), ("petition_answered", "2026-09-09")),
     Stage.ANSWERED),
]  # fmt: skip


@pytest.mark.parametrize(("events", "stage"), TAKEN_UP)
def test_a_petition_entered_elsewhere_is_taken_up_with_its_number_and_events(
    bureau: Bureau, registrar: Officer, leader: Officer, events: tuple[tuple[str, str], ...], stage: Stage
) -> None:
    matter = entered_elsewhere(bureau, *events)
    for officer, role in ((registrar, HandlingRole.LEGAL), (leader, HandlingRole.LEADER)):
        name_handler(matter=matter, officer=officer, role=role, at=moment("2026-09-02"))

    petition = take_up(matter=matter, channel="letter", by=registrar, at=AT)

    assert (petition.stage, petition.received_at, petition.serial) == (stage, moment("2026-09-01"), None)
    assert (petition.leads.get().officer, petition.leads.get().rank) == (leader, 30)
    assert not not_taken_up(Officer.objects.get(pk=registrar.pk)).exists()
    with pytest.raises(PetitionRefused, match=NOT_TO_TAKE_UP):
        take_up(matter=matter, channel="letter", by=registrar, at=AT)


def test_only_its_handler_takes_a_petition_up(bureau: Bureau, registrar: Officer) -> None:
    matter = entered_elsewhere(bureau)

    with pytest.raises(PetitionRefused, match=ONLY_HANDLERS):
        take_up(matter=matter, channel="letter", by=registrar, at=AT)

    assert not Petition.objects.exists()
