from supervision.api.refusals import ApiRefused
from supervision.api.services.calls import note_call
from supervision.api.services.intake import Answer, take_in
from supervision.api.services.refused import note_refused
from supervision.api.services.tokens import Made, make_token, note_use, revoke_token

__all__ = [
    "Answer",
    "ApiRefused",
    "Made",
    "make_token",
    "note_call",
    "note_refused",
    "note_use",
    "revoke_token",
    "take_in",
]
