"""企业微信应用消息: a text message to one member of the organisation, public or private deployment alike.

The channel's `account` is the corpid, `agent` the agentid, the secret that of the application.
"""

from typing import Final
from urllib.parse import urlencode

from supervision.bulletins.gateways.calling import JSON_HEADERS, GatewayAnswer, Message, as_json, call, later, never
from supervision.bulletins.models import Channel
from supervision.bulletins.rules import Verdict

NEEDS: Final = ("account", "agent", "secret_name")

# Busy, too often, and a token that ran out on the way.
_FOR_NOW: Final = (-1, 45009, 40014, 42001)

TOKEN_WITHOUT_ANSWER = "网关没有答复取令牌的请求，消息还没有交出"  # nosec B105


def send(channel: Channel, secret: str, message: Message) -> None:
    """Fetch a token and send. The gateway itself drops a second copy of the same text within half an hour."""
    token = _token(channel, secret)
    body = as_json(
        {
            "touser": message.to,
            "msgtype": "text",
            "agentid": int(channel.agent) if channel.agent.isdigit() else channel.agent,
            "text": {"content": message.whole},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 1800,
        }
    )
    path = "/cgi-bin/message/send?" + urlencode({"access_token": token})
    answer = call("POST", channel.base_url, path, body=body, headers=JSON_HEADERS)
    _check(answer)
    if answer.get("invaliduser"):
        raise never("invaliduser", f"没有这名成员：{message.to}")


def _token(channel: Channel, secret: str) -> str:
    query = urlencode({"corpid": channel.account, "corpsecret": secret})
    try:
        answer = call("GET", channel.base_url, f"/cgi-bin/gettoken?{query}")
    except GatewayAnswer as error:
        if error.verdict is Verdict.UNKNOWN:
            # No message has been handed over yet, so nothing is in doubt.
            raise GatewayAnswer(Verdict.LATER, TOKEN_WITHOUT_ANSWER, broke_off=error.broke_off) from error
        raise
    _check(answer)
    return str(answer.get("access_token", ""))


def _check(answer: dict[str, object]) -> None:
    code = answer.get("errcode", 0)
    if code in _FOR_NOW:
        raise later(code, answer.get("errmsg", ""))
    if code != 0:
        raise never(code, answer.get("errmsg", ""))
