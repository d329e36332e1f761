"""The second factor: enrolling, giving a code, spoiling it, and what somebody else may do about it.

Codes are those of RFC 6238 (30 seconds, six digits, SHA-1, which every authenticator knows), reckoned by django-otp.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote, urlencode

from django.db import transaction
from django.db.models import Count
from django_otp.oath import TOTP

from cases.models import Officer
from supervision.accounts import refusals, sealing
from supervision.accounts.models import Authenticator, Outcome, RecoveryCode
from supervision.accounts.queries import authenticators_of
from supervision.accounts.refusals import AccountRefused, WrongFirstCode
from supervision.accounts.rules import RECOVERY_LENGTH, SPOILED_TRIES, code_digest, new_recovery_codes, plain_code
from supervision.accounts.services.signing import Visitor, end_others, note

ISSUER = "盯办"
SECRET_BYTES = 20
STEP_SECONDS, DIGITS = 30, 6
# A phone may be half a minute off, either way.
STEPS_OFF = 1
MOST_TEXT = 200


@dataclass(slots=True)
class Rotation:
    """What a change of keys came to: rows put under the newest key, rows left under others by key, rows not opened."""

    resealed: int = 0
    left: dict[str, int] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)


def begin_enrolment(*, officer: Officer, at: datetime) -> str:
    """A new secret to be entered into the phone, in base 32; one that was not confirmed before is thrown away.

    Refuses an account that has a second factor.
    """
    with transaction.atomic():
        _hold(officer)
        held = Authenticator.objects.filter(officer=officer).first() or Authenticator(officer=officer)
        if held.confirmed_at is not None:
            raise AccountRefused(refusals.ENROLLED_ALREADY)
        secret = secrets.token_bytes(SECRET_BYTES)
        held.key, held.sealed = sealing.seal(secret, place=held.place)
        held.made_at = at
        held.save()
    return base64.b32encode(secret).decode()


def secret_being_enrolled(*, officer: Officer) -> str:
    """The secret of an enrolment that was begun. Refuses an account that has not begun, or has a second factor already."""
    held = Authenticator.objects.filter(officer=officer).first()
    if held is None:
        raise AccountRefused(refusals.NOT_ENROLLED)
    if held.confirmed_at is not None:
        raise AccountRefused(refusals.ENROLLED_ALREADY)
    return base64.b32encode(_secret(held)).decode()


def address_for_phone(*, officer: Officer, secret: str) -> str:
    """The address that an authenticator reads from a QR code."""
    told = urlencode({"secret": secret, "issuer": ISSUER, "digits": DIGITS, "period": STEP_SECONDS}, quote_via=quote)
    return f"otpauth://totp/{quote(f'{ISSUER}:{officer.police_number}')}?{told}"


def confirm_enrolment(*, officer: Officer, code: str, keep: str | None, visitor: Visitor, at: datetime) -> list[str]:
    """Take a first code, after which codes are asked for; the recovery codes, told this once.

    The account is signed out of all browsers but the session `keep`. Refuses a wrong code, and an account that has a second
    factor already or has not begun to enrol.
    """
    with transaction.atomic():
        _hold(officer)
        held = Authenticator.objects.filter(officer=officer).first()
        if held is None:
            raise AccountRefused(refusals.NOT_ENROLLED)
        if held.confirmed_at is not None:
            raise AccountRefused(refusals.ENROLLED_ALREADY)
        step = _step_of(held, code, at)
        if step is None:
            raise WrongFirstCode(refusals.WRONG_FIRST_CODE)
        held.confirmed_at, held.last_step = at, step
        held.save(update_fields=["confirmed_at", "last_step"])
        codes = _new_codes(held)
        end_others(officer=officer, keep=keep)
        note(officer=officer, outcome=Outcome.ENROLLED, visitor=visitor, at=at)
    return codes


def give_code(*, officer: Officer, code: str, visitor: Visitor, at: datetime) -> Outcome:
    """Take a code of the phone, or one from paper; each is good for once. What way it was.

    Refuses a wrong one; after `SPOILED_TRIES` in a row nothing is taken until somebody else resets the second factor. What
    was refused is on record all the same.
    """
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().confirmed().filter(officer=officer).first()
        if held is None:
            raise AccountRefused(refusals.NOT_ENROLLED)
        locked = held.locked_at is not None
        outcome = Outcome.FACTOR_LOCKED if locked else _taken(held, code, at)
        if outcome is None:
            held.failures += 1
            locked = held.failures >= SPOILED_TRIES
            held.locked_at = at if locked else None
            outcome = Outcome.FACTOR_LOCKED if locked else Outcome.FACTOR_WRONG
        elif not locked:
            held.failures = 0
        held.save(update_fields=["failures", "locked_at", "last_step"])
        note(officer=officer, outcome=outcome, visitor=visitor, at=at)
    if locked:
        raise AccountRefused(refusals.LOCKED.format(tries=SPOILED_TRIES))
    if outcome == Outcome.FACTOR_WRONG:
        raise AccountRefused(refusals.WRONG_CODE.format(left=SPOILED_TRIES - held.failures))
    return outcome


def renew_codes(*, officer: Officer, visitor: Visitor, at: datetime) -> list[str]:
    """New recovery codes in the place of all that were; told this once. Refuses an account without a second factor."""
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().confirmed().filter(officer=officer).first()
        if held is None:
            raise AccountRefused(refusals.NOT_ENROLLED)
        codes = _new_codes(held)
        note(officer=officer, outcome=Outcome.CODES_RENEWED, visitor=visitor, at=at)
    return codes


def reset_factor(*, officer: Officer, why: str, by: Officer | None, visitor: Visitor, at: datetime) -> None:
    """Take an account's second factor away, as when the phone is lost or it is locked; its sign-ins end everywhere.

    Whoever must have one enrols anew after the next password. `by` nobody: an operator at the server. Refuses one's own, an
    account that `by` does not look after, one without a second factor, and no reason.
    """
    why = why.strip()
    if by is not None and by.pk == officer.pk:
        raise AccountRefused(refusals.OWN_RESET)
    if not why:
        raise AccountRefused(refusals.REASON_NEEDED)
    if len(why) > MOST_TEXT:
        raise AccountRefused(refusals.TOO_LONG.format(what="理由", most=MOST_TEXT, length=len(why)))
    if by is not None and not authenticators_of(by).filter(officer=officer).exists():
        raise AccountRefused(refusals.NOT_YOURS)
    with transaction.atomic():
        gone, _ = Authenticator.objects.filter(officer=officer).delete()
        if not gone:
            raise AccountRefused(refusals.NOT_ENROLLED)
        end_others(officer=officer, keep=None)
        note(officer=officer, outcome=Outcome.FACTOR_RESET, visitor=visitor, at=at, by=by, text=why)


def rotate_secrets(*, chunk: int = 500) -> Rotation:
    """Put every secret under the newest key, `chunk` rows a transaction. Killed, it is finished by the next run.

    A row that cannot be opened is left as it is and named at the end.
    """
    done, newest, last = Rotation(), sealing.newest_key(), 0
    while True:
        with transaction.atomic():
            stale = Authenticator.objects.select_for_update().filter(pk__gt=last).exclude(key=newest)
            rows = list(stale.order_by("pk")[:chunk])
            if not rows:
                break
            changed = []
            for row in rows:
                try:
                    secret = _secret(row)
                except AccountRefused:
                    done.unreadable.append(row.pk)
                    continue
                row.key, row.sealed = sealing.seal(secret, place=row.place)
                changed.append(row)
            Authenticator.objects.bulk_update(changed, ["key", "sealed"])
            done.resealed += len(changed)
            last = rows[-1].pk
    left = Authenticator.objects.exclude(key=newest).order_by("key").values_list("key").annotate(Count("pk"))
    done.left = dict(left)
    return done


def _hold(officer: Officer) -> None:
    Officer.objects.select_for_update().filter(pk=officer.pk).values_list("pk").first()


def _secret(held: Authenticator) -> bytes:
    return sealing.unseal(held.key, held.sealed, place=held.place)


def _step_of(held: Authenticator, code: str, at: datetime) -> int | None:
    """The time step whose code this is, if none of that step or a later one was taken before."""
    plain = plain_code(code)
    if len(plain) != DIGITS or not (plain.isascii() and plain.isdecimal()):
        return None
    reckoner = TOTP(_secret(held), step=STEP_SECONDS, digits=DIGITS)
    reckoner.time = at.timestamp()
    fits = reckoner.verify(int(plain), tolerance=STEPS_OFF, min_t=held.last_step + 1)
    return int(reckoner.t()) if fits else None


def _taken(held: Authenticator, code: str, at: datetime) -> Outcome | None:
    if len(plain_code(code)) == RECOVERY_LENGTH:
        unused = RecoveryCode.objects.filter(authenticator=held, digest=code_digest(code), used_at=None)
        return Outcome.CODE_USED if unused.update(used_at=at) else None
    step = _step_of(held, code, at)
    if step is None:
        return None
    held.last_step = step
    return Outcome.FACTOR_GIVEN


def _new_codes(held: Authenticator) -> list[str]:
    RecoveryCode.objects.filter(authenticator=held).delete()
    codes = new_recovery_codes()
    RecoveryCode.objects.bulk_create([RecoveryCode(authenticator=held, digest=code_digest(code)) for code in codes])
    return codes
