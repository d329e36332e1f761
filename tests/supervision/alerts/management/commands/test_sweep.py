"""`manage.py sweep`: one sweep as of a moment, told in words or as JSON."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from supervision.alerts.models import Alert
from tests.cases.factories import Bureau, make_case

pytestmark = pytest.mark.django_db


def sweep(*words: str) -> str:
    out = StringIO()
    call_command("sweep", *words, stdout=out)
    return out.getvalue()


def test_a_sweep_as_of_a_moment_raises_what_was_due_then(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")

    too_early = json.loads(sweep("--at", "2026-03-24T23:59:59", "--json"))
    on_time = json.loads(sweep("--at", "2026-03-25T00:00:00", "--json"))

    assert (too_early["raised"], on_time["raised"], on_time["withdrawn"]) == (0, 1, 0)
    assert on_time["at"] == "2026-03-25T00:00:00+08:00"
    assert Alert.objects.count() == 1


def test_without_json_it_is_told_in_words(bureau: Bureau, catalogue: None) -> None:
    make_case("A1", bureau.station, filed="2026-03-02")

    assert sweep("--at", "2026-03-29") == "发出预警 2 次，恢复 0 件，撤销 0 件\n"


@pytest.mark.parametrize(("text", "said"), [("2026-02-29", "不是存在的时间"), ("昨天", "不是时间")])
def test_a_moment_that_is_none_is_bad_use(db: None, text: str, said: str) -> None:
    with pytest.raises(CommandError, match=said) as refused:
        sweep("--at", text)

    assert refused.value.returncode == 2
