"""通用网关: a signed JSON call for whatever else a bureau has; the same answer as from the 短信网关.

POST to the address as it stands: {"id", "to", "title", "text", "link"}; `id` is the same for every copy.
"""

from typing import Final

from supervision.bulletins.gateways.calling import Message, as_json, call, never, signed_headers
from supervision.bulletins.models import Channel

NEEDS: Final = ()


def send(channel: Channel, secret: str, message: Message) -> None:
    """Send as it is; without a secret the call is not signed."""
    body = as_json(
        {"id": message.id, "to": message.to, "title": message.title, "text": message.text, "link": message.link}
    )
    answer = call("POST", channel.base_url, "", body=body, headers=signed_headers(secret, body))
    if (code := answer.get("code", 0)) not in (0, "0"):
        raise never(code, answer.get("message", ""))
