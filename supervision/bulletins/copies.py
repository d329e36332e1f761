"""A mail that may be a second copy of one that has arrived: it says so at the top, and is otherwise the same."""

from dataclasses import dataclass

from django.template.loader import render_to_string

from supervision.bulletins.rules import NOTICE_PLACE

MAY_COME_TWICE = "这封信可能重复。"
WHY_TWICE = "上一次发送时没有得到邮件服务器的答复，不能确定您是否已经收到，所以再发一次。两封内容相同，只看一封即可。"
SUBJECT_MARK = "【可能重复】"


@dataclass(frozen=True)
class Composed:
    """What goes into a mail."""

    title: str
    html: str
    text: str


def with_notice(html: str, text: str, why: str = WHY_TWICE) -> tuple[str, str]:
    """The same letter, saying that it may be a second copy."""
    notice = render_to_string("bulletins/notice.html", {"mark": MAY_COME_TWICE, "sentence": why})
    return html.replace(NOTICE_PLACE, notice.strip(), 1), f"【{MAY_COME_TWICE}{why}】\n\n{text}"


def squeezed(html: str) -> str:
    """Without the template's empty lines; some mail systems cut long letters."""
    return "\n".join(line.strip() for line in html.splitlines() if line.strip()) + "\n"
