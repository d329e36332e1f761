"""What the room does: keep up subscriptions, gather what is to be told, and deliver it."""

from supervision.webhooks.refusals import WebhookRefused
from supervision.webhooks.services.acts import drop, send_again, send_given_up_again, send_test
from supervision.webhooks.services.delivering import DeliverReport, deliver
from supervision.webhooks.services.gathering import GatherReport, gather
from supervision.webhooks.services.subscribing import change, enter, where_ledgers_end

__all__ = [
    "DeliverReport",
    "GatherReport",
    "WebhookRefused",
    "change",
    "deliver",
    "drop",
    "enter",
    "gather",
    "send_again",
    "send_given_up_again",
    "send_test",
    "where_ledgers_end",
]
