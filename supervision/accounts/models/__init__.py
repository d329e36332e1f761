"""The rows of the room."""

from supervision.accounts.models.authenticator import Authenticator, RecoveryCode
from supervision.accounts.models.password import PastPassword
from supervision.accounts.models.session import OpenSession
from supervision.accounts.models.signin import Outcome, SignIn

__all__ = ["Authenticator", "OpenSession", "Outcome", "PastPassword", "RecoveryCode", "SignIn"]
