"""The list of the bulletins, the page of one with everything that may be done to it, and beginning one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from cases.audit.handing import hand_out
from cases.desk.frame import page, show, who
from cases.desk.lists import Emptiness, show_list
from cases.models import Officer
from cases.queries import units_of
from supervision.bulletins import services
from supervision.bulletins.circular_forms import ActForm, ComposeForm, ReasonForm, RemarksForm, WrongForm
from supervision.bulletins.composing.linking import linked, to_figures
from supervision.bulletins.composing.looking_back import last_issued
from supervision.bulletins.filing import ATTACHED, TYPES, file_name, print_paper
from supervision.bulletins.filters import BulletinFilter
from supervision.bulletins.issuing import shown_circular
from supervision.bulletins.models import Bulletin, BulletinKind, BulletinPaper, BulletinState, PaperForm
from supervision.bulletins.papers.document import Chart
from supervision.bulletins.papers.html import fragment
from supervision.bulletins.queries import bulletins_of, corrected_among, letters_of, readers_of, sent_of, steps_of
from supervision.bulletins.refusals import BulletinRefused
from supervision.bulletins.rules.life import COMES_FROM, Act, Kind
from supervision.campaigns.queries import campaigns_of

EMPTY = Emptiness(
    "没有通报", "有收件人的单位按“编发计划”自动编制；也可以在右上角手工编制日监测、周点评、月通报和专题通报。"
)
CHANGE, SIGN, ADD = "bulletins.change_bulletin", "bulletins.sign_bulletin", "bulletins.add_bulletin"


@dataclass(frozen=True, slots=True)
class Button:
    """An act on the page: its words, what must be filled in, who may, and what is said when it is done."""

    act: Act
    title: str
    done: str
    permission: str
    form: type[ActForm] = ActForm
    danger: bool = False
    hint: str = ""


BUTTONS: tuple[Button, ...] = (
    Button(Act.SIGN_OFF, "签批", "已签批，法制民警会收到通知。", SIGN, hint="签的是您现在看到的这一稿"),
    Button(Act.SEND_BACK, "退回修改", "已退回，法制民警会收到通知。", SIGN, ReasonForm),
    Button(Act.ISSUE, "签发", "已签发，信件已排队。", CHANGE, hint="编上文号，内容和数据不再改变，发给全部收件人"),
    Button(Act.SUBMIT, "送签", "已送签，签批人会收到通知。", CHANGE, hint="由另一位负责人签批"),
    Button(Act.COMPOSE, "重新编制", "已按现在的数据重新编制，点评保留。", CHANGE),
    Button(Act.RECALL, "撤回", "已撤回，现在是草稿。", "bulletins.view_bulletin", ReasonForm),
    Button(Act.DROP, "不发", "已记为不发。", CHANGE, ReasonForm, danger=True),
    Button(Act.ARCHIVE, "归档", "已归档。", CHANGE),
    Button(Act.CORRECT, "发更正", "更正的草稿已编好，请写明情况后送签。", CHANGE, WrongForm, danger=True),
)


@page("bulletins.view_bulletin")
def bulletins(request: HttpRequest) -> HttpResponse:
    """The bulletins of the officer's units, the newest first."""
    officer = who(request)

    def dress(rows: list[Bulletin]) -> dict[str, Any]:
        sent = sent_of(rows)
        for row in rows:
            row.sent = sent.get(row.pk)  # type: ignore[attr-defined]
        return {"corrected": corrected_among(rows)}

    return show_list(
        request,
        "bulletins/bulletins.html",
        title="通报",
        filter_class=BulletinFilter,
        rows=bulletins_of(officer),
        moment="composed_at",
        descending=True,
        at=timezone.now(),
        empty=EMPTY,
        tabs=(
            ("全部", ""),
            ("草稿", "state=draft"),
            ("待签批", "state=submitted"),
            ("待签发", "state=signed"),
            ("已签发", "state=out"),
            ("月通报", "kind=monthly"),
            ("周点评", "kind=weekly"),
            ("日监测", "kind=daily"),
            ("专题通报", "kind=special"),
        ),
        dress=dress,
    )


@page(ADD, ("GET", "HEAD", "POST"))
def compose(request: HttpRequest) -> HttpResponse:
    """Compose a draft, or compose one anew."""
    officer, at = who(request), timezone.now()
    form = ComposeForm(request.POST or None, by=officer, today=timezone.localdate(at), initial=_begun_with(request))
    if request.method == "POST" and form.is_valid():
        try:
            draft = _composed(form, officer, at)
        except BulletinRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已编制“{draft}”的草稿。")
            return redirect("bulletins:bulletin", pk=draft.pk)
    trail = (("通报", reverse("bulletins:bulletins")),)
    return show(request, "bulletins/compose.html", title="编制通报", trail=trail, form=form)


def _begun_with(request: HttpRequest) -> dict[str, Any]:
    """What a page that leads here has filled in: of a campaign the bulletin on it, of its days so far."""
    number = request.GET.get("campaign", "")
    campaign = (
        campaigns_of(who(request)).filter(pk=int(number)).first() if number.isascii() and number.isdigit() else None
    )
    if campaign is None:
        return {}
    last = min(campaign.ends_on, timezone.localdate())
    return {
        "unit": campaign.unit_id,
        "kind": BulletinKind.SPECIAL,
        "title": f"{campaign.title}情况通报",
        "campaign": campaign.pk,
        "first": min(campaign.begins_on, last),
        "last": last,
    }


def _composed(form: ComposeForm, officer: Officer, at: datetime) -> Bulletin:
    entered = form.cleaned_data
    common: dict[str, Any] = {"unit": entered["unit"], "at": at, "by": officer}
    match entered["kind"]:
        case BulletinKind.MONTHLY:
            return services.compose_monthly(month=entered["first"], **common)
        case BulletinKind.WEEKLY:
            return services.compose_weekly(day=entered["first"], **common)
        case BulletinKind.DAILY:
            return services.compose_daily(first=entered["first"], until=form.until, **common)
        case _:
            about = {"title": entered["title"], "campaign": entered["campaign"]}
            return services.compose_special(first=entered["first"], until=form.until, **about, **common)


# -- one of them -----------------------------------------------------------------------------------------------------


def _seen(request: HttpRequest, pk: int) -> Bulletin:
    rows = Bulletin.objects.visible_to(who(request)).select_related(
        "unit", "officer", "submitter", "signer", "corrects", "corrected_by"
    )
    return get_object_or_404(rows, pk=pk)


@page("bulletins.view_bulletin")
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _seen(request, pk))


@page("bulletins.view_bulletin", ("POST",))
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """One act on a bulletin. Whoever is refused gets the page as it is now, with what he had written."""
    button = next((one for one in BUTTONS if one.act == verb), None)
    officer, at = who(request), timezone.now()
    if button is None or not officer.has_perm(button.permission):
        raise PermissionDenied
    seen = _seen(request, pk)
    form = button.form(request.POST, prefix=button.act)
    if not form.is_valid():
        return _page(request, seen, refused=(button, form), status=422)
    # What he acts on is what he saw, not what has come since.
    seen.revision = min(form.cleaned_data.pop("seen"), seen.revision)
    try:
        done: Bulletin = _SERVICES[button.act](bulletin=seen, by=officer, at=at, **form.cleaned_data)
    except BulletinRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, _seen(request, pk), refused=(button, form), status=422)
    messages.success(request, button.done)
    return redirect("bulletins:bulletin", pk=done.pk)


_SERVICES: dict[Act, Callable[..., Bulletin]] = {
    Act.SIGN_OFF: services.sign_off,
    Act.SEND_BACK: services.send_back,
    Act.ISSUE: services.issue,
    Act.SUBMIT: services.submit,
    Act.COMPOSE: services.recompose,
    Act.RECALL: services.recall,
    Act.DROP: services.drop,
    Act.ARCHIVE: services.archive,
    Act.CORRECT: services.correct,
}


@page(CHANGE, ("POST",))
def remarks(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the editor's texts; each section that changed is a step of its own."""
    officer, at, seen = who(request), timezone.now(), _seen(request, pk)
    form = RemarksForm(request.POST, bulletin=seen, prefix="remarks")
    if not form.is_valid():
        return _page(request, seen, remarks_form=form, status=422)
    seen.revision = min(form.cleaned_data["seen"], seen.revision)
    try:
        for section, text in form.texts().items():
            seen = services.comment(bulletin=seen, section=section, text=text, by=officer, at=at)
    except BulletinRefused as refusal:
        form.add_error(None, str(refusal))
        return _page(request, _seen(request, pk), remarks_form=form, status=422)
    messages.success(request, "点评已保存。")
    return redirect("bulletins:bulletin", pk=pk)


def _page(
    request: HttpRequest,
    seen: Bulletin,
    *,
    refused: tuple[Button, forms.Form] | None = None,
    remarks_form: RemarksForm | None = None,
    status: int = 200,
) -> HttpResponse:
    officer = who(request)
    offered = [
        (button, refused[1] if refused and refused[0] is button else button.form(prefix=button.act, initial=_of(seen)))
        for button in BUTTONS
        if _is_offered(button, seen, officer)
    ]
    if remarks_form is None and seen.state == BulletinState.DRAFT and officer.has_perm(CHANGE):
        remarks_form = RemarksForm(bulletin=seen, prefix="remarks", initial=_of(seen))
    # An act that is no longer offered still says why it was refused.
    lost = refused if refused and all(button is not refused[0] for button, _ in offered) else None
    return show(
        request,
        "bulletins/bulletin.html",
        title=seen.title,
        trail=(("通报", reverse("bulletins:bulletins")),),
        status=status,
        bulletin=seen,
        body=_body(seen, officer),
        papers=seen.circular is not None and [(form.value, form.label) for form in ATTACHED],
        now=_what_now(seen),
        offered=offered,
        remarks_form=remarks_form,
        lost=lost,
        steps=steps_of(seen),
        letters=letters_of(seen) if officer.has_perm("bulletins.view_letter") else None,
        readers=readers_of(seen.unit),
        last=last_issued(seen.unit, Kind(seen.kind), seen.span),
        must_be_signed=services.must_be_signed(seen),
    )


def _body(seen: Bulletin, officer: Officer) -> SafeString | None:
    """The bulletin as its readers see it, to stand in the page, its figures leading to their lists where the officer may
    open them; none of a time before circulars."""
    if seen.circular is None:
        return None
    circular = shown_circular(seen)
    if officer.has_perm("evaluation.view_figure"):
        told = units_of(officer).filter(Q(pk=seen.unit_id) | Q(parent=seen.unit_id))
        circular = linked(circular, to_figures(dict(told.values_list("code", "pk"))))
    return fragment(circular, address=lambda chart: reverse("bulletins:picture", args=(seen.pk, chart.name)))


@page("bulletins.view_bulletin")
def paper(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """A bulletin as a file; of an issued one what was sent, of a draft what would be, marked as a draft."""
    if form not in {one.value for one in ATTACHED}:
        raise Http404
    seen, asked = _seen(request, pk), PaperForm(form)
    if seen.circular is None:
        raise Http404
    kept = BulletinPaper.objects.filter(bulletin=seen, form=asked).first() if seen.is_out else None
    content = bytes(kept.content) if kept is not None else print_paper(shown_circular(seen), asked)
    return hand_out(
        request, content, name=file_name(seen, asked), content_type=TYPES[asked], what="通报",
        about=f"bulletins.bulletin:{seen.pk}", frozen=kept is not None,
    )  # fmt: skip


@page("bulletins.view_bulletin")
def picture(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """One of the charts of a bulletin."""
    seen = _seen(request, pk)
    if seen.circular is None:
        raise Http404
    charts = (placed.block for placed in shown_circular(seen).everything())
    found = next((one for one in charts if isinstance(one, Chart) and one.name == name), None)
    if found is None:
        raise Http404
    return HttpResponse(found.png, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"})


def _of(seen: Bulletin) -> dict[str, Any]:
    return {"seen": seen.revision}


def _is_offered(button: Button, seen: Bulletin, officer: Officer) -> bool:
    """Whether an act is at home in the state of the bulletin, and is this officer's."""
    if seen.state not in COMES_FROM[button.act] or not officer.has_perm(button.permission):
        return False
    match button.act:
        case Act.RECALL:
            return officer in (seen.submitter, seen.signer)
        case Act.SIGN_OFF:
            return officer != seen.submitter
        case Act.DROP:
            return not seen.is_correction
        case Act.ISSUE:
            return seen.state == BulletinState.SIGNED or not services.must_be_signed(seen)
        case Act.CORRECT:
            return not hasattr(seen, "corrected_by")
    return True


def _what_now(seen: Bulletin) -> str:
    match seen.state:
        case BulletinState.DRAFT:
            return "草稿，尚未送签" if services.must_be_signed(seen) else "草稿，尚未签发"
        case BulletinState.SUBMITTED:
            return "已送签，等待签批"
        case BulletinState.SIGNED:
            return "已签批，等待签发"
        case BulletinState.DROPPED:
            return "决定不发，只作留存"
    return "已归档" if seen.state == BulletinState.ARCHIVED else "已签发"
