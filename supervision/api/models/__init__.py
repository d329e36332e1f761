from supervision.api.models.call import CallState, IntakeCall
from supervision.api.models.refused import RefusedCall, Why
from supervision.api.models.token import Action, SystemToken, TokenStep

__all__ = ["Action", "CallState", "IntakeCall", "RefusedCall", "SystemToken", "TokenStep", "Why"]
