"""People of this room's tests, and a phone."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.test import Client
from django_otp.oath import TOTP

from cases.models import Officer
from supervision.accounts import services
from supervision.accounts.services import Visitor
from tests.cases.factories import moment

AT = moment("2026-03-02 09:00")
LATER = AT + timedelta(minutes=5)
DESK = Visitor("10.1.2.3", "Firefox")
PASSWORD, OTHER = "liangzhu-jade-5300", "Qiantang-tide-0818"
SECRET = b"12345678901234567890"


def code_at(secret: str, at: datetime) -> str:
    """What a phone shows at a moment."""
    phone = TOTP(base64.b32decode(secret))
    phone.time = at.timestamp()
    return f"{phone.token():06d}"


def secret_on(page: str) -> str:
    """The secret that a page of enrolment shows."""
    shown: str = page.partition('class="secret" readonly value="')[2].partition('"')[0]
    return shown.replace(" ", "")


def with_password(officer: Officer, password: str = PASSWORD) -> Officer:
    officer.set_password(password)
    officer.save()
    return officer


def enrol(officer: Officer, *, at: datetime = AT) -> tuple[str, list[str]]:
    """A confirmed second factor: its secret, and the recovery codes."""
    secret = services.begin_enrolment(officer=officer, at=at)
    codes = services.confirm_enrolment(officer=officer, code=code_at(secret, at), keep=None, visitor=DESK, at=at)
    return secret, codes


def sign_in(officer: Officer, password: str = PASSWORD, address: str = "10.1.2.3") -> Client:
    """A browser that went through the sign-in page."""
    client = Client(REMOTE_ADDR=address)
    answer: HttpResponse = client.post("/login/", {"username": officer.police_number, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client
