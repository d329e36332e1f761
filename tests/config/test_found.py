"""The bureau and the first account, in a house where nobody is yet."""

import io

import pytest
from django.core.management import CommandError, call_command

from cases.models import Officer, Unit, UnitLevel

pytestmark = pytest.mark.django_db

WORDS = ["--code", "440700", "--unit", "某市公安局", "--level", "city", "--number", "000001", "--name", "某管理员"]


def found(monkeypatch: pytest.MonkeyPatch, password: str) -> str:
    said = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
    call_command("found", *WORDS, stdout=said)
    return said.getvalue()


def test_the_bureau_and_an_account_that_may_set_everything_up_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    said = found(monkeypatch, "Shan-he-2026")

    first = Officer.objects.get()
    assert (first.unit.name, first.unit.level) == ("某市公安局", UnitLevel.CITY)
    assert first.is_superuser and first.check_password("Shan-he-2026")
    assert "某市公安局" in said and "Shan-he" not in said


def test_a_password_that_is_not_good_enough_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="没有建立"):
        found(monkeypatch, "short")

    assert not Unit.objects.exists() and not Officer.objects.exists()


def test_where_somebody_is_already_nothing_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, "Shan-he-2026")

    with pytest.raises(CommandError, match="已经有单位或者账号"):
        found(monkeypatch, "Shan-he-2027")
    assert Officer.objects.get().check_password("Shan-he-2026")
