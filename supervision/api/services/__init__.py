from supervision.api.refusals import ApiRefused
from supervision.api.services.tokens import Made, make_token, note_use, revoke_token

__all__ = ["ApiRefused", "Made", "make_token", "note_use", "revoke_token"]
