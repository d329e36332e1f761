import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Officer
from supervision.reviews.models import ReviewForm, ReviewRound, Stratum
from supervision.reviews.services import Plan, file_form, watch
from tests.cases.factories import moment
from tests.supervision.reviews.factories import LATER, SEED, County, draw, make_files

ASKED = {
    "title": "三月评查", "kinds": ["case"], "basis": "opened", "matters": "", "from_on": "2026-03-01",
    "until_on": "2026-03-31", "number": "3", "least": "1", "second_percent": "0", "seed": "42",
}  # fmt: skip


def browser(officer: Officer) -> Client:
    client = Client()
    client.force_login(Officer.objects.get(pk=officer.pk))
    return client


def asked(county: County, act: str, **fields: object) -> dict[str, object]:
    chosen = {"template": county.template.pk, "unit": county.bureau.county.pk, "reviewers": county.legal.police_number}
    return {**ASKED, **chosen, "act": act, **fields}


def test_one_looks_first_and_draws_then(county: County) -> None:
    make_files(county)
    client = browser(county.inspector)
    assert client.get(reverse("reviews:new")).status_code == 200

    looked = client.post(reverse("reviews:new"), asked(county, "look")).content.decode()
    assert "将抽取 3 件" in looked and "城关派出所" in looked and not ReviewRound.objects.exists()
    answer = client.post(reverse("reviews:new"), asked(county, "draw"))

    drawn = ReviewRound.objects.get()
    assert answer.headers["Location"] == reverse("reviews:round", args=(drawn.pk,))
    assert (drawn.seed, drawn.drawn_by, drawn.files) == ("42", county.inspector, 3)


def test_what_cannot_be_drawn_is_said_on_the_page(county: County) -> None:
    make_files(county)

    answer = browser(county.inspector).post(reverse("reviews:new"), asked(county, "draw", number="99"))

    assert answer.status_code == 422
    assert "总体只有 5 件，抽不出 99 件" in answer.content.decode()


def test_the_page_of_a_round_draws_again_and_says_whether_it_agrees(county: County) -> None:
    drawn = draw(county, plan=Plan(files=3, seed=SEED))
    client, address = browser(county.inspector), reverse("reviews:round", args=(drawn.pk,))

    assert "与留存的完全相同" in client.get(f"{address}?again=1").content.decode()
    Stratum.objects.filter(unit=county.station).update(frame=["A1"], frame_size=2)
    assert "重抽核对不符" in client.get(f"{address}?again=1").content.decode()


def test_a_head_sees_the_round_his_unit_was_drawn_in_but_not_who_reviews(county: County) -> None:
    drawn = draw(county)

    page = browser(county.head).get(reverse("reviews:round", args=(drawn.pk,))).content.decode()

    assert drawn.frame_digest in page and "重抽核对</a>" not in page
    assert str(county.legal) not in page and str(county.second_legal) not in page


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 403), ("stranger", 404), ("leader", 200), ("sibling_head", 200)]
)
def test_who_opens_a_round(county: County, who: str, status: int) -> None:
    drawn = draw(county)

    assert browser(getattr(county, who)).get(reverse("reviews:round", args=(drawn.pk,))).status_code == status


def test_only_who_directs_draws_and_ends(county: County) -> None:
    drawn = draw(county)
    client = browser(county.leader)

    assert client.get(reverse("reviews:new")).status_code == 403
    assert client.post(reverse("reviews:close", args=(drawn.pk,))).status_code == 403
    answer = browser(county.inspector).post(reverse("reviews:close", args=(drawn.pk,)), follow=True)
    assert "没有结束：还有 5 件没有确定" in answer.content.decode()


def test_ending_is_offered_when_every_form_is_final(county: County) -> None:
    drawn = draw(county)
    client = browser(county.inspector)
    address = reverse("reviews:round", args=(drawn.pk,))
    early = client.get(address).content.decode()

    for form in ReviewForm.objects.filter(round=drawn):
        assert form.reviewer is not None
        file_form(form=form, add=[], strike=[], opinion="阅。", by=form.reviewer, at=LATER)
    watch(at=moment("2026-05-20 09:00"))

    assert "结束批次</button>" not in early
    assert "结束批次</button>" in client.get(address).content.decode()


def test_the_list_asks_as_many_questions_for_three_rounds_as_for_one(county: County) -> None:
    draw(county)
    counts = []
    for more in (0, 2):
        for _ in range(more):
            draw(county)
        client = browser(county.inspector)
        client.get(reverse("reviews:rounds"))
        with CaptureQueriesContext(connection) as queries:
            page = client.get(reverse("reviews:rounds")).content.decode()
        counts.append(len(queries))
        assert len(set(re.findall(r"评查〔2026〕\d+号", page))) == 1 + more

    assert counts[0] == counts[1]
