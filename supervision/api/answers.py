"""Every failure is answered the same way: a code for programs, a Chinese sentence for people, and the fields concerned."""

from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from cases.services import CaseRefused
from supervision.api.rules import NotLetIn

NO_TOKEN = "请在 Authorization 头里给出令牌：Bearer dingban_…"
NOT_A_TOKEN = "令牌无效，请核对是否完整；遗失的请安全管理员重新发放"
REVOKED = "令牌已经吊销，请安全管理员重新发放"
EXPIRED = "令牌已经过期，请安全管理员重新发放"
WRONG_NETWORK = "令牌不能从 {address} 使用；需要时请安全管理员另发允许这一网段的令牌"
NO_SCOPE = "令牌没有“{scope}”的权限，请安全管理员另发"
TOO_OFTEN = "调用过于频繁，请在 {seconds} 秒后再试"
NOT_FOUND = "没有这一条，或者不在令牌的单位范围内"
NO_ADDRESS = "接口没有这个地址，可用的见 /api/v1/schema"
BAD_BODY = "请求内容不是合格的 JSON"
BAD_FIELDS = "请求中有不能接受的内容，见 fields"
NO_METHOD = "这个地址不支持 {method}"
NOT_JSON = "请用 application/json 发送和接收"
UNKNOWN_WORD = "没有这个参数，可用的有：{names}"
BAD_CURSOR = "after 不是上一页给出的 next，请从第一页重新读"
TOO_LARGE = "请求内容超过 {limit} MB，请分批发送"
BROKEN = "请求不能处理"

_WORDS: Final = {
    exceptions.NotAuthenticated: ("not_authenticated", NO_TOKEN),
    exceptions.ParseError: ("bad_json", BAD_BODY),
    exceptions.NotAcceptable: ("not_acceptable", NOT_JSON),
    exceptions.UnsupportedMediaType: ("unsupported_media_type", NOT_JSON),
}


class Refused(exceptions.APIException):
    """A call that is refused, with a code of its own."""

    def __init__(self, status_code: int, code: str, message: str, why: NotLetIn | None = None) -> None:
        super().__init__(message, code)
        self.status_code, self.code, self.message, self.why = status_code, code, message, why


def answer_to(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to whatever a view raised; none for what is our own fault."""
    headers: dict[str, str] = {}
    body: dict[str, Any]
    if isinstance(error, Http404 | exceptions.NotFound):
        code, said, body = status.HTTP_404_NOT_FOUND, NOT_FOUND, {"code": "not_found"}
    elif isinstance(error, PermissionDenied):
        code, said, body = status.HTTP_403_FORBIDDEN, BROKEN, {"code": "forbidden"}
    elif isinstance(error, CaseRefused):
        code, said, body = status.HTTP_422_UNPROCESSABLE_ENTITY, str(error), {"code": "refused"}
    elif isinstance(error, Refused):
        code, said, body = error.status_code, error.message, {"code": error.code}
    elif isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"": error.detail}
        code, said, body = status.HTTP_400_BAD_REQUEST, BAD_FIELDS, {"code": "bad_fields", "fields": fields}
    elif isinstance(error, exceptions.MethodNotAllowed):
        said = NO_METHOD.format(method=context["request"].method)
        code, body = status.HTTP_405_METHOD_NOT_ALLOWED, {"code": "method_not_allowed"}
    elif isinstance(error, exceptions.Throttled):
        seconds = max(int(error.wait or 1), 1)
        code, said, body = error.status_code, TOO_OFTEN.format(seconds=seconds), {"code": "too_often"}
        headers["Retry-After"] = str(seconds)
    elif isinstance(error, exceptions.APIException):
        name, said = _WORDS.get(type(error), (str(error.default_code), BROKEN))
        code, body = error.status_code, {"code": name}
    else:
        return None
    if code == status.HTTP_401_UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="dingban"'
    set_rollback()
    answer = Response({"message": said, **body}, status=code, headers=headers)
    if isinstance(error, Refused) and error.why is not None:
        # Not told to the caller: for whoever counts the answers.
        answer.not_let_in = error.why.value
    return answer
