"""Names, bodies, signatures, addresses and pauses, without a database."""

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from supervision.alerts.models import Action, Withdrawal
from supervision.webhooks import rules
from supervision.webhooks.models import Delivery, Subscription
from supervision.webhooks.rules import EventName, Verdict
from tests.supervision.webhooks.factories import AT, SECRET

README: Path = settings.ROOT / "supervision" / "webhooks" / "README.md"


# -- events ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "red", "reason", "told"),
    [
        (Action.RAISED, False, "", EventName.ALERT_RAISED),
        (Action.RAISED, True, "", EventName.ALERT_OVERDUE),
        (Action.REOPENED, True, "", EventName.ALERT_REOPENED),
        (Action.HANDED, False, "", EventName.ALERT_HANDED),
        (Action.WITHDRAWN, True, Withdrawal.STOPPED, EventName.ALERT_SETTLED),
        *((Action.WITHDRAWN, False, why, EventName.ALERT_WITHDRAWN) for why in Withdrawal if why != "stopped"),
        # What people say to each other stays in the house.
        (Action.ACKNOWLEDGED, False, "", None),
        (Action.CLIMBED, False, "", None),
        (Action.ORDERED, False, "", None),
    ],
)
def test_a_step_of_the_ledger_is_told_as(action: str, red: bool, reason: str, told: EventName | None) -> None:
    assert rules.event_of_alert(action=action, red=red, reason=reason) is told


def test_every_event_has_its_words_and_fits_into_its_column() -> None:
    assert set(rules.LABELS) == set(EventName)
    for model in (Subscription, Delivery):
        column = "events" if model is Subscription else "names"
        assert len(",".join(EventName)) <= (model._meta.get_field(column).max_length or 0)


def test_names_are_put_in_their_order_each_once_and_an_unknown_one_is_refused() -> None:
    assert rules.known_names(["bulletin.issued", "alert.raised", "alert.raised"]) == (
        EventName.ALERT_RAISED,
        EventName.BULLETIN_ISSUED,
    )
    with pytest.raises(ValueError, match=r"alert\.looked_at"):
        rules.known_names(["alert.looked_at"])


def test_the_readme_names_every_event_and_no_other() -> None:
    table = README.read_text().partition("## 收到什么")[2].partition("回 2xx")[0]

    assert set(re.findall(r"`((?:alert|bulletin)\.\w+|test)`", table)) == set(EventName)


# -- the signature -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def is_ours() -> Any:
    """The few lines of the README, as a receiver would paste them."""
    lines = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert lines is not None
    pasted: dict[str, Any] = {}
    exec(lines.group(1), pasted)
    return pasted["is_ours"]


def signed(body: bytes, stamp: int) -> str:
    told = rules.headers_of(delivery="d", names="test", secret=SECRET, stamp=stamp, body=body)
    return told["X-Dingban-Signature"]


def test_the_lines_of_the_readme_accept_what_is_ours(is_ours: Any) -> None:
    body = '{"unit":"某县"}'.encode()

    assert is_ours(SECRET, signed(body, int(time.time())), body)


def test_they_refuse_another_body_another_secret_another_time_and_an_old_one(is_ours: Any) -> None:
    body, now = b'{"events":[]}', int(time.time())
    good = signed(body, now)

    assert not is_ours(SECRET, good, body + b" ")
    assert not is_ours(SECRET + "x", good, body)
    assert not is_ours(SECRET, good.replace(f"t={now}", f"t={now - 1}"), body)
    assert not is_ours(SECRET, signed(body, now - 600), body)


def test_a_signature_is_the_one_that_others_compute() -> None:
    # printf '1767225600.{}' | openssl dgst -sha256 -hmac key
    assert rules.signature("key", 1767225600, b"{}") == OPENSSL_SAYS


OPENSSL_SAYS = "df344de429b8ee672e1863e0008fdbd0080000536fbccdf0e4f89846acbbe872"


# -- where it may go ---------------------------------------------------------------------------------------------------

ENDS = (("portal.example.cn", None), ("10.1.2.3", 8443), ("::1", None))


@pytest.mark.parametrize(
    "address",
    [
        "https://portal.example.cn/in",
        "https://PORTAL.example.cn/in?x=1",
        "http://portal.example.cn",
        "https://portal.example.cn:443/in",
        "https://10.1.2.3:8443/in",
        "http://[::1]/in",
    ],
)
def test_an_allowed_host_at_its_port_may_be_told(address: str) -> None:
    assert rules.why_not_there(address, ENDS) == ""


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example.cn/in",
        "https://portal.example.cn.evil.cn/in",
        "https://sub.portal.example.cn/in",
        "https://portal.example.cn:8443/in",
        "https://10.1.2.3/in",
        "http://10.1.2.3:6379/",
    ],
)
def test_any_other_host_or_port_may_not_and_it_is_said_what_to_do(address: str) -> None:
    why = rules.why_not_there(address, ENDS)

    assert "不在允许之内" in why and "WEBHOOK_HOSTS" in why


@pytest.mark.parametrize(
    "address",
    [
        "",
        "portal.example.cn/in",
        "ftp://portal.example.cn/in",
        "https://",
        "https://portal.example.cn:port/in",
        "https://user:word@portal.example.cn/in",
        "https://portal.example.cn@evil.cn/in",
        "https://evil.cn\\@portal.example.cn/in",
        "https://portal.example.cn/in#part",
        "https://portal.example.cn/收件",
        "https://portal.example.cn/a b",
        "https://portal.example.cn/\r\nX-Other: 1",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    assert rules.why_not_there(address, ENDS) == rules.NOT_AN_ADDRESS


def test_without_any_allowed_host_nothing_may_leave() -> None:
    assert rules.why_not_there("https://portal.example.cn/in", ())


# -- answers and tries -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statuses", "verdict"),
    [
        ((200, 201, 204, 299), Verdict.TAKEN),
        ((408, 425, 429, 500, 503, 599), Verdict.LATER),
        ((301, 302, 307, 400, 401, 404, 410, 413), Verdict.REFUSED),
    ],
)
def test_answers_mean(statuses: tuple[int, ...], verdict: Verdict) -> None:
    assert {rules.verdict_on(status) for status in statuses} == {verdict}


def test_pauses_grow_and_tries_end_after_about_two_days() -> None:
    pauses = [rules.pause_after(tries) for tries in range(1, rules.MOST_TRIES)]

    assert None not in pauses
    assert pauses == sorted(pauses, key=lambda one: one or timedelta())
    whole = sum((one for one in pauses if one is not None), timedelta())
    assert timedelta(days=2) <= whole <= timedelta(days=2, hours=3)
    assert rules.pause_after(rules.MOST_TRIES) is None


def test_a_body_is_the_same_whenever_it_is_made_of_the_same() -> None:
    event = rules.BulletinEvent(
        step=1, at=AT, bulletin=2, number="某县法监月通〔2026〕1号", kind="monthly", unit="X", from_on="2026-03-01",
        until_on="2026-03-31", corrects="", link="/circulars/2/",
    )  # fmt: skip

    assert rules.body_of("d", AT, [event]) == rules.body_of("d", AT, [event])
    assert '"at":"2026-03-16T08:00:00+08:00"' in rules.body_of("d", AT, [event])
