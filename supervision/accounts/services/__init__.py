"""The verbs of the room. Everything that changes how somebody comes in goes through here."""

from supervision.accounts.refusals import SESSION_OVER, AccountRefused, WrongFirstCode
from supervision.accounts.services.factors import (
    address_for_phone,
    begin_enrolment,
    confirm_enrolment,
    give_code,
    renew_codes,
    reset_factor,
    rotate_secrets,
    secret_being_enrolled,
)
from supervision.accounts.services.passwords import change_password, password_was_set
from supervision.accounts.services.signing import (
    Visitor,
    begin_session,
    end_others,
    end_session,
    note,
    note_failure,
    sign_out,
)

__all__ = [
    "SESSION_OVER",
    "AccountRefused",
    "Visitor",
    "WrongFirstCode",
    "address_for_phone",
    "begin_enrolment",
    "begin_session",
    "change_password",
    "confirm_enrolment",
    "end_others",
    "end_session",
    "give_code",
    "note",
    "note_failure",
    "password_was_set",
    "renew_codes",
    "reset_factor",
    "rotate_secrets",
    "secret_being_enrolled",
    "sign_out",
]
