"""What is done about records past their time: lists are proposed, decided, carried out; matters are put on hold."""

from supervision.retention.refusals import RetentionRefused
from supervision.retention.services.carrying import CarriedOut, carry_out
from supervision.retention.services.holding import hold_matter, lift_hold
from supervision.retention.services.listing import approve_list, propose_list, refuse_list, withdraw_list

__all__ = [
    "CarriedOut", "RetentionRefused", "approve_list", "carry_out", "hold_matter", "lift_hold", "propose_list",
    "refuse_list", "withdraw_list",
]  # fmt: skip
