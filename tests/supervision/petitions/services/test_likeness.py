"""Repeats and joint petitions: the same person by digest, the same subject by words, decided by a person."""

import random

import pytest
from django.test import Client

from cases.models import Officer, Role
from cases.roles import plan_roles
from supervision.petitions import rules
from supervision.petitions.models import Likeness, Petition
from supervision.petitions.queries import likenesses_of, repeat_share
from supervision.petitions.refusals import DONE_ALREADY, ONLY_HANDLERS
from supervision.petitions.services import PetitionRefused, add_petitioner, decide_likeness
from tests.cases.factories import Bureau, make_officer, moment
from tests.supervision.petitions.factories import AT, LI, WANG, make_petition

SUBJECT = "反映城关派出所对其电动车被盗案件长期不予立案"


def test_the_same_person_is_recognised_however_the_number_is_written(bureau: Bureau, registrar: Officer) -> None:
    first = make_petition(bureau, registrar, subject="电动车被盗不立案")
    again = {"name": "李某甲", "identity": LI["identity"].replace("4407", "4407 ")}

    second = make_petition(bureau, registrar, subject="噪声扰民无人处理", petitioners=(again,))

    found = Likeness.objects.get()
    assert (found.petition, found.earlier, found.ground) == (second, first, "person")


def test_the_same_telephone_is_enough(bureau: Bureau, registrar: Officer) -> None:
    make_petition(bureau, registrar, subject="电动车被盗不立案")

    make_petition(bureau, registrar, subject="噪声扰民", petitioners=({"name": "某", "phone": LI["phone"]},))

    assert Likeness.objects.get().ground == "person"


def test_a_common_name_is_not_enough(bureau: Bureau, registrar: Officer) -> None:
    make_petition(bureau, registrar, subject="电动车被盗不立案", petitioners=({"name": "李伟"},))

    make_petition(bureau, registrar, subject="噪声扰民", petitioners=({"name": "李伟"},))

    assert not Likeness.objects.exists()


def test_a_person_entered_later_is_recognised_then(bureau: Bureau, registrar: Officer) -> None:
    make_petition(bureau, registrar, subject="电动车被盗不立案")
    second = make_petition(bureau, registrar, subject="噪声扰民", petitioners=(), persons=2)
    assert not Likeness.objects.exists()

    add_petitioner(petition=second, facts=LI, by=registrar, at=AT)

    assert Likeness.objects.get().petition == second


def test_the_same_subject_is_suggested_and_a_person_says_what_it_is(bureau: Bureau, registrar: Officer) -> None:
    first = make_petition(bureau, registrar, subject=SUBJECT)
    second = make_petition(bureau, registrar, subject=f"再次{SUBJECT}，请求督促", petitioners=(WANG,))
    found = Likeness.objects.get()
    assert found.ground == "subject"
    assert found.state == "suggested"

    decide_likeness(likeness=found, state="joint", by=registrar, at=AT)

    with pytest.raises(PetitionRefused, match=DONE_ALREADY):
        decide_likeness(likeness=found, state="different", by=registrar, at=AT)
    # Nothing was merged.
    assert set(Petition.objects.values_list("pk", flat=True)) == {first.pk, second.pk}


def test_who_does_not_handle_both_learns_nothing_of_the_pair(bureau: Bureau, registrar: Officer) -> None:
    other = make_officer("700001", bureau.other_county, Role.LEGAL_OFFICER)
    first = make_petition(bureau, other, subject=SUBJECT, unit=bureau.other_county)

    second = make_petition(bureau, registrar, subject=SUBJECT)

    found = Likeness.objects.get()
    assert not likenesses_of(Officer.objects.get(pk=registrar.pk), second).exists()
    assert not likenesses_of(Officer.objects.get(pk=other.pk), first).exists()
    with pytest.raises(PetitionRefused, match=ONLY_HANDLERS):
        decide_likeness(likeness=found, state="repeat", by=registrar, at=AT)


def test_only_confirmed_repeats_are_counted(bureau: Bureau, registrar: Officer) -> None:
    for _ in range(3):
        make_petition(bureau, registrar, subject=SUBJECT)
    september = {"begins": moment("2026-09-01"), "ends": moment("2026-10-01")}
    assert repeat_share(bureau.county, **september).numerator == 0

    last = Petition.objects.order_by("-pk").first()
    decide_likeness(likeness=Likeness.objects.filter(petition=last)[0], state="repeat", by=registrar, at=AT)

    share = repeat_share(bureau.county, **september)
    assert (share.numerator, share.denominator) == (1, 3)


def test_the_same_people_stand_first_and_of_many_alike_the_most_alike(
    bureau: Bureau, registrar: Officer, client: Client
) -> None:
    make_petition(bureau, registrar, subject="噪声扰民无人处理")
    for ending in ("", "，请求督促", "，请求督促办理", "，请求督促办理并答复", "，请求上级督促办理并答复", "，无下文"):
        make_petition(bureau, registrar, subject=SUBJECT + ending, petitioners=(WANG,))

    last = make_petition(bureau, registrar, subject=SUBJECT)

    found = list(likenesses_of(Officer.objects.get(pk=registrar.pk), last))
    assert [one.ground for one in found] == ["person", *["subject"] * 6]
    alike = [one.shared for one in found[1:]]
    assert alike == sorted(alike, reverse=True) and alike[0] == 1.0
    plan_roles()
    client.force_login(registrar)
    assert "另有 2 件不那么相近" in client.get(f"/petitions/{last.pk}/").content.decode()


# -- measured ----------------------------------------------------------------------------------------------------------

_PLACES = "城关 城东 河口 东风 南门 西河 北桥 新华 中山 解放".split()
_THINGS = "电动车被盗 手机被抢 工资拖欠 房屋漏水 邻居殴打 狗伤人 噪声扰民 货款诈骗 土地边界 交通事故 店铺被砸 车辆剐蹭".split()
_FAULTS = (
    "长期不予立案 没有任何答复 处理结果不公 调解协议不履行 至今未退还财物 未出具鉴定意见 久拖不决 查处不力".split()
)
_OPENINGS = ("反映", "再次反映", "信访人反映", "本人要求处理", "希望尽快解决", "关于")
_ENDINGS = ("", "，请求依法处理", "，要求督促办理", "，一直没有下文", "，希望给个说法")


def labelled_subjects(matters: int, tellings: int, seed: int) -> list[tuple[int, str]]:
    """Subjects of invented matters, each told several times in other words, with the number of its matter."""
    dice = random.Random(seed)
    facts = [(place, thing, fault) for place in _PLACES for thing in _THINGS for fault in _FAULTS]
    told = []
    for number, (place, thing, fault) in enumerate(dice.sample(facts, matters)):
        for _ in range(tellings):
            middle = dice.choice(
                (f"{place}路{thing}{fault}", f"{thing}（{place}路）{fault}", f"{place}路{thing}一事{fault}")
            )
            told.append((number, dice.choice(_OPENINGS) + middle + dice.choice(_ENDINGS)))
    return told


def measured(subjects: list[tuple[int, str]]) -> tuple[float, float]:
    """Precision and recall of the suggestions over all pairs."""
    pairs = [(number, rules.pairs_of(subject)) for number, subject in subjects]
    hits = misses = alarms = 0
    for place, (number, one) in enumerate(pairs):
        for other_number, other in pairs[:place]:
            like = rules.likeness(one, other) >= rules.LIKE_FROM
            hits += like and number == other_number
            misses += not like and number == other_number
            alarms += like and number != other_number
    return hits / (hits + alarms), hits / (hits + misses)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_of_a_labelled_set_nearly_every_repeat_is_suggested(seed: int) -> None:
    """Missing a repeat costs a person work twice; a false suggestion costs him a glance, so recall goes before precision."""
    precision, recall = measured(labelled_subjects(matters=60, tellings=3, seed=seed))

    assert recall >= 0.95
    assert precision >= 0.40
