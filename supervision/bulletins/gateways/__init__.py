"""Gateways that carry notices out of the house: one small file each, all spoken to over HTTP at a configured address.

What goes through them may be read by others, a group or a telephone company: they are given a count and never a line.
`deliver` returns when the gateway said yes and raises `GatewayAnswer` for anything else.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.conf import settings

from supervision.bulletins.gateways import dingtalk, sms, webhook, wecom
from supervision.bulletins.gateways.calling import GatewayAnswer, Message
from supervision.bulletins.models import Channel, ChannelKind

__all__ = ["NEEDS", "GatewayAnswer", "Message", "deliver"]

_ADAPTERS: Final[Mapping[str, Callable[[Channel, str, Message], None]]] = {
    ChannelKind.WECOM: wecom.send,
    ChannelKind.DINGTALK: dingtalk.send,
    ChannelKind.SMS: sms.send,
    ChannelKind.WEBHOOK: webhook.send,
}

# The columns of a channel that its kind cannot do without.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    ChannelKind.WECOM: wecom.NEEDS,
    ChannelKind.DINGTALK: dingtalk.NEEDS,
    ChannelKind.SMS: sms.NEEDS,
    ChannelKind.WEBHOOK: webhook.NEEDS,
}


def deliver(channel: Channel, message: Message) -> None:
    """Hand a message to the channel's gateway. Raises GatewayAnswer: later, never, or no answer."""
    _ADAPTERS[channel.kind](channel, settings.GATEWAY_SECRETS.get(channel.secret_name, ""), message)
