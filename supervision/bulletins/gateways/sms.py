"""短信网关: a signed JSON call; the bureau's own gateway makes of it whatever its telephone company wants.

POST to the address as it stands: {"id", "phone", "content"}. A yes is 2xx, and `code` 0 (or none) where it answers JSON.
"""

from typing import Final

from supervision.bulletins.gateways.calling import Message, as_json, call, never, signed_headers
from supervision.bulletins.models import Channel

NEEDS: Final = ("secret_name",)


def send(channel: Channel, secret: str, message: Message) -> None:
    """Send to a telephone number, title and words in one line: what is longer costs twice."""
    content = f"【盯办】{message.title}。{message.text}"
    body = as_json({"id": message.id, "phone": message.to, "content": content})
    answer = call("POST", channel.base_url, "", body=body, headers=signed_headers(secret, body))
    if (code := answer.get("code", 0)) not in (0, "0"):
        raise never(code, answer.get("message", ""))
