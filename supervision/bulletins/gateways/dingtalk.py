"""钉钉群机器人: a text in a group that names one person, signed as the robot's safety setting 加签 asks.

The secret holds both of the robot's own: access_token, a colon, and the signing secret (SEC...).
"""

from typing import Final
from urllib.parse import urlencode

from supervision.bulletins.gateways.calling import (
    JSON_HEADERS,
    Message,
    as_json,
    call,
    later,
    milliseconds,
    never,
    signature,
)
from supervision.bulletins.models import Channel

NEEDS: Final = ("secret_name",)

# Busy, and more than twenty messages a minute.
_FOR_NOW: Final = (-1, 130101)


def send(channel: Channel, secret: str, message: Message) -> None:
    """Send to the robot's group. An address of eleven digits is a mobile number, any other a userId."""
    token, _, key = secret.partition(":")
    stamp = milliseconds()
    query = {"access_token": token}
    if key:
        query |= {"timestamp": stamp, "sign": signature(key, f"{stamp}\n{key}".encode())}
    named = "atMobiles" if len(message.to) == 11 and message.to.isdigit() else "atUserIds"
    body = as_json(
        {
            "msgtype": "text",
            "text": {"content": f"@{message.to} {message.whole}"},
            "at": {named: [message.to], "isAtAll": False},
        }
    )
    answer = call("POST", channel.base_url, "/robot/send?" + urlencode(query), body=body, headers=JSON_HEADERS)
    code = answer.get("errcode", 0)
    if code in _FOR_NOW:
        raise later(code, answer.get("errmsg", ""))
    if code != 0:
        raise never(code, answer.get("errmsg", ""))
