"""What is answered to an address that has tried too many passwords for one name."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

SENTENCE = "登录失败次数过多，该账号在本机已暂停登录 {minutes} 分钟。如忘记密码，请联系本单位系统管理员。"
PAGE = """<!doctype html>
<html lang="zh-Hans">
<head><meta charset="utf-8"><title>暂停登录</title></head>
<body style="font-family: sans-serif; max-width: 32em; margin: 15vh auto; padding: 0 1em; line-height: 1.8">
<h1>暂停登录</h1>
<p>{sentence}</p>
<p><a href="/">返回登录页</a></p>
</body>
</html>
"""


def refuse(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """A page of its own with status 429; it says nothing about whether the name exists."""
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return HttpResponse(PAGE.format(sentence=SENTENCE.format(minutes=minutes)), status=429)
