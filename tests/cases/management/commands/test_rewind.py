"""`manage.py rewind`: everything again, one limit, what waits, or only what it would change."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from cases.models import Clock, ClockMove, Limit, PendingWinding
from cases.winding import ask_winding
from tests.cases.factories import Bureau, make_case

pytestmark = pytest.mark.django_db


def rewind(*words: str) -> dict[str, Any]:
    out = StringIO()
    call_command("rewind", *words, "--json", stdout=out)
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def shorten() -> None:
    """The law changes under a case that is long open: twenty days instead of thirty."""
    limit = Limit.objects.get(code="decide")
    Limit.objects.filter(pk=limit.pk).update(definition={**limit.definition, "length": 20})


def test_rewinding_what_is_right_already_writes_nothing(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")

    answer = rewind()

    assert (answer["matters"], answer["clocks_written"], answer["moves"]) == (1, 0, 0)


def test_a_preview_says_what_the_rewind_then_does_and_changes_nothing(bureau: Bureau, catalogue: None) -> None:
    today = timezone.localdate()
    make_case("A1", bureau.station, filed=str(today - timedelta(days=25)))
    make_case("A2", bureau.station, filed=str(today - timedelta(days=2)))
    shorten()
    before = list(Clock.objects.order_by("pk").values())

    preview = rewind("--dry-run")
    untouched = list(Clock.objects.order_by("pk").values()) == before
    done = rewind()

    assert untouched and not PendingWinding.objects.exists()
    assert (preview["moved"], preview["become_overdue"], preview["withdrawn"]) == (2, 1, 0)
    assert done["moves"] == preview["moves"] == ClockMove.objects.count() == 2


def test_rewinding_one_limit_leaves_matters_of_other_kinds_alone(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")
    make_case("V1", bureau.station, filed="2026-03-02", kind="visit")

    assert rewind("--limit", "decide")["matters"] == 1


def test_what_waited_waits_no_longer_after_a_full_rewind(bureau: Bureau, catalogue: None) -> None:
    matter = make_case("A1", bureau.station, filed="2026-03-02")
    ask_winding([matter.pk], cause="日历变动", at=timezone.now())

    rewind()

    assert not PendingWinding.objects.exists()


def test_only_what_waits_is_rewound_when_asked_so(bureau: Bureau, catalogue: None) -> None:
    waiting, _ = (make_case(number, bureau.station, filed="2026-03-02") for number in ("A1", "A2"))
    ask_winding([waiting.pk], cause="日历变动", at=timezone.now())

    assert rewind("--pending")["matters"] == 1
    assert not PendingWinding.objects.exists()


def test_an_unknown_limit_is_bad_use(catalogue: None) -> None:
    with pytest.raises(CommandError, match="没有时限“nonsense”") as refused:
        rewind("--limit", "nonsense")

    assert refused.value.returncode == 2
