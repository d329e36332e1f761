"""The form of whoever holds a slip: outside the frame, without sign-in, session, cookie or script.

It is exempt from the check against forged requests, because there is nothing to forge: that check keeps a strange page from
acting by the authority of the browser's cookies, and here no cookie has any. All authority lies in the address on the slip,
which the form carries in its body; whoever can forge the request holds the slip and may answer anyway. The check would bring
the cookie that this page does without. That an officer is signed in in the same browser changes nothing either: nobody is
asked who he is.

The address is a query, not a path, as paths of failed requests are written to the log.
"""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from cases.models import Grade
from supervision.returnvisits import rates
from supervision.returnvisits.forms import SlipForm
from supervision.returnvisits.refusals import ReturnVisitRefused
from supervision.returnvisits.rules import MOST_TEXT
from supervision.returnvisits.services import SlipRefused, answer_by_slip, slip_of
from supervision.returnvisits.services.slips import digest_of

TOO_OFTEN = "现在打开的人太多，请过十分钟再扫一次。您的评价没有丢失，二维码也没有作废"
NO_STORE = "no-store, max-age=0"
# The form is small; more than this is no answer.
MOST_BYTES = 16_384


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    if request.method == "POST" and _length(request) > MOST_BYTES:
        return _closing("内容太长了，请缩短意见以后再提交", "没有收到", status=413)
    given = request.POST if request.method == "POST" else request.GET
    token = given.get("k", "")[:64]
    if not _lets_through(token, at):
        return _closing(TOO_OFTEN, "请稍等", status=429)
    try:
        visit = slip_of(token, at=at)
        form = SlipForm(request.POST) if request.method == "POST" else SlipForm()
        if request.method == "POST" and form.is_valid():
            answer_by_slip(token=token, grade=form.cleaned_data["grade"], text=form.cleaned_data["text"], at=at)
            return _closing("您的评价已经收到，由法制部门保管；办理这件事的人看不到是谁评价、写了什么", "谢谢您")
    except SlipRefused as refusal:
        return _closing(str(refusal), "已经收到" if refusal.thanks else "不能评价")
    except ReturnVisitRefused as refusal:
        return _closing(str(refusal), "没有收到")
    chosen = form.data.get("grade", "") if form.is_bound else ""
    return _answer(
        "returnvisits/rate.html",
        {
            "token": token,
            "unit": visit.unit.name,
            "kind": visit.matter.kind.name,
            "until": visit.token_until,
            "grades": [(str(grade.value), grade.label, str(grade.value) == chosen) for grade in Grade],
            "text": form.data.get("text", "") if form.is_bound else "",
            "most": MOST_TEXT,
            "wrong": [text for texts in form.errors.values() for text in texts],
        },
        status=422 if form.errors else 200,
    )


def _length(request: HttpRequest) -> int:
    text = request.META.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isdigit() else MOST_BYTES + 1


def _lets_through(token: str, at: datetime) -> bool:
    """Both are counted, so that neither one slip nor many guesses keep the house busy."""
    whole = rates.THE_FORM.lets_through("all", at=at)
    return rates.A_TOKEN.lets_through(digest_of(token), at=at) and whole


def _closing(text: str, title: str, *, status: int = 200) -> HttpResponse:
    return _answer("returnvisits/rated.html", {"said": text, "title": title}, status=status)


def _answer(template: str, context: dict[str, object], *, status: int) -> HttpResponse:
    # Without the request: no officer, no messages, no session is looked at.
    response = HttpResponse(render_to_string(template, context), status=status)
    response["Cache-Control"] = NO_STORE
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
