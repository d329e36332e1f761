"""The pages of the room on Tuesday 10 March 2026 at ten; officers with the permissions of their roles."""

import re
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from supervision.expedited import services
from supervision.expedited.models import ExpeditedCase, Fault
from supervision.expedited.rules import GROUNDS, Answer, Fact
from supervision.rectification.models import Order
from tests.cases.factories import moment
from tests.supervision.expedited.factories import (
    ARRIVED,
    AT,
    FIT,
    OVER,
    County,
    a_case,
    actions,
    agreed,
    applied,
    decided,
    found,
    happen,
    imported,
)
from tests.supervision.expedited.pages.conftest import Opened

pytestmark = pytest.mark.django_db

FACTS = {f"fact_{ground.fact.value}": ground.wanted.value for ground in GROUNDS}


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


def numbers(page: str) -> set[str]:
    return set(re.findall(r'href="/expedited/\d+/">([^<]+)</a>', page))


def at_moment(monkeypatch: pytest.MonkeyPatch, at: datetime) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: at)


# -- the lists -----------------------------------------------------------------------------------------------------------


def test_the_list_is_narrowed(desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    agreed(county, applied(county))
    converted = applied(county, a_case("治2", county.station, county.officer))
    services.convert_case(case=converted, converted_at=AT, why="有异议", by=county.officer, at=AT)
    decided(county, applied(county, a_case("治3", county.station, county.officer)), AT)
    imported(county, "治4", ("suspect_arrived", "2026-03-10 09:00"))
    services.watch(at=AT)
    at_moment(monkeypatch, OVER)
    client = desk(county.officer)

    for query, wanted in {
        "state=open": {"治1", "治4"},
        "state=converted": {"治2"},
        "state=": {"治1", "治2", "治3", "治4"},
        "verdict=untold": {"治4"},
        "waiting=facts": {"治4"},
        "waiting=consent": {"治3", "治4"},
        "waiting=overdue": {"治1", "治4"},
        "waiting=judge": {"治3"},
        "told=signed": {"治1"},
        "q=治2": {"治2"},
        "mine=1": {"治1", "治2", "治3", "治4"},
        "applied_after=2026-03-11": set(),
        "ended_after=2026-03-10": {"治2", "治3"},
    }.items():
        assert numbers(page(client, f"/expedited/?{query}")) == wanted, query


@pytest.mark.parametrize(
    "address", ["/expedited/?state=", "/expedited/matters/?procedure=", "/expedited/faults/?state="]
)
def test_a_list_asks_as_much_of_three_rows_as_of_one(desk: Opened, county: County, address: str) -> None:
    def asked() -> int:
        client = desk(county.legal)
        with CaptureQueriesContext(connection) as queries:
            page(client, address)
        return len(queries)

    decided(county, applied(county), AT)
    asked()
    one = asked()
    for number in (2, 3):
        decided(county, applied(county, a_case(f"治{number}", county.station, county.officer)), AT)

    assert asked() == one


@pytest.mark.parametrize("who", ["sibling", "stranger"])
def test_what_one_may_not_see_is_nowhere(desk: Opened, county: County, who: str) -> None:
    case = decided(county, applied(county), AT)
    client = desk(getattr(county, who))

    for address in ("/expedited/?state=", "/expedited/matters/?procedure=", "/expedited/faults/?state="):
        assert "治1" not in page(client, address)
    page(client, f"/expedited/{case.pk}/", 404)
    assert client.post(f"/expedited/{case.pk}/convert/").status_code in (403, 404)
    assert client.get(f"/expedited/{case.pk}/apply/").status_code == 404


# -- applying ------------------------------------------------------------------------------------------------------------


def test_checking_shows_every_ground_and_writes_nothing(desk: Opened, county: County) -> None:
    client = desk(county.officer)
    address = f"/expedited/{county.case.pk}/apply/"
    assert page(client, address).count("待查明") == len(GROUNDS)

    shown = client.post(address, {**FACTS, "fact_minor": "yes", "verb": "check"}).content.decode()

    assert "不能适用" in shown and "违法嫌疑人是未成年人（《公安机关办理行政案件程序规定》第四十一条）" in shown
    assert not ExpeditedCase.objects.exists()


def test_what_the_record_tells_is_not_asked(desk: Opened, county: County) -> None:
    happen(county.case, "hearing_right_told", ARRIVED)

    shown = page(desk(county.officer), f"/expedited/{county.case.pk}/apply/")

    assert "fact_hearing" not in shown and "由案件节点得出" in shown and "不符合" in shown


def test_a_fit_case_is_applied_from_the_page(desk: Opened, county: County) -> None:
    told = {**FACTS, "day": "2026-03-10", "hour": "09:00", "verb": "apply"}

    answer = desk(county.officer).post(f"/expedited/{county.case.pk}/apply/", told, follow=True)

    assert "已适用快速办理" in answer.content.decode()
    assert ExpeditedCase.objects.get().applied_by == county.officer


def test_a_case_that_cannot_be_told_is_refused_and_keeps_what_was_entered(desk: Opened, county: County) -> None:
    told = {**FACTS, "fact_clear": "unknown", "day": "2026-03-10", "hour": "09:00", "verb": "apply"}

    answer = desk(county.officer).post(f"/expedited/{county.case.pk}/apply/", told)

    shown = answer.content.decode()
    assert answer.status_code == 422 and "请先查明并填写：事实清楚" in shown and 'value="2026-03-10"' in shown
    assert not ExpeditedCase.objects.exists()


def test_an_imported_case_is_taken_over_as_it_is(desk: Opened, county: County) -> None:
    matter = imported(county, "治2", ("suspect_arrived", "2026-03-10 09:00"))

    answer = desk(county.officer).get(f"/expedited/{matter.pk}/apply/", follow=True)

    assert answer.redirect_chain[-1][0] == f"/expedited/{matter.pk}/"
    assert "还不能判断能否适用" in answer.content.decode()


def test_who_only_reads_applies_nothing(desk: Opened, county: County) -> None:
    assert desk(county.leader).get(f"/expedited/{county.case.pk}/apply/").status_code == 403
    case = applied(county)
    assert desk(county.leader).post(f"/expedited/{case.pk}/convert/").status_code == 403
    assert "转为一般程序" not in re.findall(
        r"<summary>(.*?)</summary>", page(desk(county.leader), f"/expedited/{case.pk}/")
    )


# -- one case ------------------------------------------------------------------------------------------------------------


def test_the_page_shows_consent_clock_and_grounds(desk: Opened, county: County) -> None:
    case = agreed(county, applied(county))

    shown = page(desk(county.legal), f"/expedited/{case.pk}/")

    for words in ("书面告知，签名确认", "快办告知 1 号", "行政案件快速办理", "第四十七条", "可以适用", "没有发现问题"):
        assert words in shown
    assert re.search(r'href="/clocks/\d+/"', shown)


def test_consent_and_decision_are_entered_from_the_page(
    desk: Opened, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = applied(county)
    when = {"day": "2026-03-10", "hour": "09:30"}
    client = desk(county.officer)

    client.post(
        f"/expedited/{case.pk}/consent/",
        {"told_whom": "违法嫌疑人", "told_how": "signed", "told_day": "2026-03-10", "told_hour": "09:20", **when},
    )
    client.post(f"/expedited/{case.pk}/decide/", {"document": "罚决 1 号", "day": "2026-03-10", "hour": "09:50"})

    case.refresh_from_db()
    assert (case.state, case.consented_at) == ("decided", moment("2026-03-10 09:30"))
    assert found(case) == set()


def test_what_was_found_out_warns_and_it_is_converted_from_the_page(desk: Opened, county: County) -> None:
    case = applied(county)
    client = desk(county.officer)

    client.post(f"/expedited/{case.pk}/state/", {**FACTS, "fact_admits": "no"})
    assert "应当转为一般程序" in page(client, f"/expedited/{case.pk}/")
    client.post(f"/expedited/{case.pk}/convert/", {"day": "2026-03-10", "hour": "09:45", "why": "翻供"})

    case.refresh_from_db()
    assert case.state == "converted" and found(case) == set()
    assert "翻供" in page(client, f"/expedited/{case.pk}/")


def test_a_refused_act_says_why_and_keeps_what_was_entered(desk: Opened, county: County) -> None:
    case = applied(county)

    answer = desk(county.officer).post(
        f"/expedited/{case.pk}/convert/", {"day": "2026-03-10", "hour": "08:00", "why": "案情复杂"}
    )

    assert answer.status_code == 422
    assert "早于到案时间" in answer.content.decode() and "案情复杂" in answer.content.decode()
    assert actions(case) == ["applied"]
    assert desk(county.officer).post(f"/expedited/{case.pk}/nothing/").status_code == 404


# -- faults --------------------------------------------------------------------------------------------------------------


def test_a_fault_is_confirmed_or_dismissed_from_the_page(desk: Opened, county: County) -> None:
    first = decided(county, applied(county), AT)
    second = decided(county, applied(county, a_case("治2", county.station, county.officer)), AT)
    client = desk(county.legal)
    assert numbers_of_faults(page(client, "/expedited/faults/?state=found")) == {"治1", "治2"}

    for case, verdict in ((first, "confirm"), (second, "dismiss")):
        fault = Fault.objects.get(case=case)
        client.post(f"/expedited/faults/{fault.pk}/judge/", {"verdict": verdict, "text": "查阅卷宗"})

    assert set(Fault.objects.values_list("case__matter__number", "state")) == {
        ("治1", "confirmed"),
        ("治2", "dismissed"),
    }
    assert Order.objects.get().number in page(client, f"/expedited/{first.pk}/")
    assert numbers_of_faults(page(client, "/expedited/faults/?state=confirmed&rule=no_consent&q=治1")) == {"治1"}


def test_who_handles_a_case_does_not_judge_it_and_an_empty_verdict_judges_nothing(desk: Opened, county: County) -> None:
    case = decided(county, applied(county), AT)
    fault = Fault.objects.get(case=case)

    assert "成立，下达整改" not in page(desk(county.officer), f"/expedited/{case.pk}/")
    assert desk(county.officer).post(f"/expedited/faults/{fault.pk}/judge/").status_code == 403
    answer = desk(county.legal).post(f"/expedited/faults/{fault.pk}/judge/", {"text": "x"}, follow=True)
    assert "请选择成立或者不成立" in answer.content.decode()
    assert found(case) == {"no_consent"}


def numbers_of_faults(page: str) -> set[str]:
    return set(re.findall(r'href="/expedited/\d+/#faults">([^<]+)</a>', page))


def test_closed_cases_are_told_apart_by_procedure(desk: Opened, county: County) -> None:
    decided(county, agreed(county, applied(county)), AT)
    plain = a_case("治2", county.station, county.officer)
    converted = applied(county, a_case("治3", county.station, county.officer))
    services.convert_case(case=converted, converted_at=AT, why="有异议", by=county.officer, at=AT)
    for matter in (county.case, plain, converted.matter):
        happen(matter, "case_closed", AT)
    client = desk(county.legal)
    closed = "closed_after=2026-03-10&closed_before=2026-03-10"

    assert listed(page(client, f"/expedited/matters/?{closed}")) == {"治1", "治2", "治3"}
    assert listed(page(client, f"/expedited/matters/?{closed}&procedure=expedited")) == {"治1"}
    assert listed(page(client, f"/expedited/matters/?{closed}&procedure=other&state=closed")) == {"治2", "治3"}
    assert listed(page(client, "/expedited/matters/?opened_after=2026-03-11&procedure=&state=")) == set()


def listed(page: str) -> set[str]:
    return set(re.findall(r'<td class="number"><a href="/matters/\d+/">([^<]+)</a>', page))


def test_the_ledger_is_read_by_those_who_see_the_case_and_changed_by_nobody(desk: Opened, county: County) -> None:
    services.state_facts(case=applied(county), answers={**FIT, Fact.UNSUITABLE: Answer.YES}, by=county.officer, at=AT)
    ledger = reverse("admin:expedited_expeditedstep_changelist")

    assert "应转未转" not in page(desk(county.sibling), ledger) and "治1" not in page(desk(county.sibling), ledger)
    assert "治1" in page(desk(county.legal), ledger)
    assert desk(county.legal).get(reverse("admin:expedited_expeditedstep_add")).status_code == 403
