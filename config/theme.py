"""How the admin theme presents the product: its colours, and a menu that holds only what the officer may open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy


class Item(NamedTuple):
    """One line of the menu, shown to whoever has one of the permissions."""

    title: str
    icon: str
    page: str
    permissions: tuple[str, ...] = ()


MENU: tuple[tuple[str, tuple[Item, ...]], ...] = (
    (
        "",
        (
            Item("工作台", "home", "admin:index"),
            Item("总览", "monitor_heart", "evaluation:overview", ("evaluation.view_figure",)),
            Item("收件箱", "inbox", "bulletins:inbox", ("bulletins.view_notice",)),
            Item("预警", "notifications", "alerts:alerts", ("alerts.view_alert",)),
            Item("长期超期", "running_with_errors", "alerts:standing", ("alerts.view_alert",)),
            Item("整改", "assignment_turned_in", "rectification:orders", ("rectification.view_order",)),
            Item("盯办", "visibility", "followup:board", ("followup.view_followedcase",)),
            Item("移交", "move_item", "handovers:handovers", ("handovers.view_handover",)),
            Item(
                "纠纷复议移送",
                "balance",
                "proceedings:proceedings",
                ("proceedings.view_dispute", "proceedings.view_review", "proceedings.view_transfer"),
            ),
            Item("信访", "mark_email_unread", "petitions:petitions", ("petitions.view_petition",)),
            Item("投诉举报", "record_voice_over", "petitions:complaints", ("petitions.view_complaint",)),
            Item("回访", "phone_in_talk", "returnvisits:rounds", ("returnvisits.view_visitround",)),
            Item("负面评价核查", "rate_review", "returnvisits:checks", ("returnvisits.view_check",)),
            Item("涉案财物", "inventory_2", "property:items", ("property.view_item",)),
            Item("财物应解除未解除", "lock_clock", "property:release", ("property.view_item",)),
            Item("四超问题", "gpp_maybe", "property:excesses", ("property.view_excess",)),
            Item("办案中心", "door_front", "custody:live", ("custody.view_visit",)),
            Item("快速办理", "bolt", "expedited:cases", ("expedited.view_expeditedcase",)),
            Item("快速办理问题", "report", "expedited:faults", ("expedited.view_fault",)),
            Item("案件评查", "plagiarism", "reviews:rounds", ("reviews.view_reviewround",)),
            Item("案件评查表", "grading", "reviews:forms", ("reviews.view_reviewform",)),
            Item("双随机检查", "casino", "inspections:plans", ("inspections.view_inspectionplan",)),
            Item("专项整治", "campaign", "campaigns:campaigns", ("campaigns.view_campaign",)),
            Item("指标数据", "leaderboard", "evaluation:figures", ("evaluation.view_figure",)),
            Item("快办率", "speed", "evaluation:expedited", ("evaluation.view_figure",)),
            Item("我的档案", "folder_shared", "archives:mine", ("archives.view_archiveentry",)),
            Item("查阅档案", "person_search", "archives:search", ("archives.open_archive",)),
            Item("期限", "timer", "desk:clocks", ("cases.view_clock",)),
            Item("事项", "folder_open", "desk:matters", ("cases.view_matter",)),
            Item("日程订阅", "event", "desk:feed", ("cases.view_clock",)),
            Item("期限计算器", "calculate", "desk:calculator", ("cases.calculate_deadline",)),
            Item("外出代理", "event_busy", "desk:absences", ("cases.view_absence",)),
            Item("导出审批", "file_export", "exports:requests", ("exports.view_exportrequest",)),
        ),
    ),
    (
        "数据",
        (Item("导入", "upload_file", "desk:imports", ("cases.add_batch", "cases.view_batch")),),
    ),
    (
        "通报",
        (
            Item("通报", "campaign", "bulletins:bulletins", ("bulletins.view_bulletin",)),
            Item("信件", "mail", "admin:bulletins_letter_changelist", ("bulletins.view_letter",)),
            Item("收件人", "contacts", "admin:bulletins_recipient_changelist", ("bulletins.view_recipient",)),
            Item(
                "编发计划", "event_repeat", "admin:bulletins_bulletinplan_changelist", ("bulletins.view_bulletinplan",)
            ),
            Item("版式要素", "article", "admin:bulletins_letterhead_changelist", ("bulletins.view_letterhead",)),
            Item("通知数量", "monitoring", "bulletins:noise", ("bulletins.view_noise",)),
            Item("通知渠道", "cell_tower", "admin:bulletins_channel_changelist", ("bulletins.view_channel",)),
            Item(
                "通知时间",
                "alarm",
                "admin:bulletins_noticepreference_changelist",
                ("bulletins.view_noticepreference",),
            ),
        ),
    ),
    (
        "规则",
        (
            Item("时限", "gavel", "desk:limits", ("cases.view_limit",)),
            Item("指标", "analytics", "evaluation:indicators", ("evaluation.view_indicator",)),
            Item("包案层级", "military_tech", "admin:petitions_rankrule_changelist", ("petitions.view_rankrule",)),
            Item("待定问题", "contact_support", "desk:questions", ("cases.view_openquestion",)),
            Item("盯办规则", "rule", "admin:followup_entryrule_changelist", ("followup.view_entryrule",)),
            Item(
                "提纲模板", "checklist", "admin:followup_outlinetemplate_changelist", ("followup.view_outlinetemplate",)
            ),
            Item("工作日历", "calendar_month", "desk:calendar", ("cases.view_workcalendar",)),
            Item("变更", "published_with_changes", "desk:changes", ("cases.view_change",)),
            Item("预警阶梯", "stairs", "admin:cases_ladder_changelist", ("cases.view_ladder",)),
            Item("单位阶梯", "tune", "desk:unit_ladders", ("cases.view_unitladder",)),
            Item("事项种类", "category", "admin:cases_matterkind_changelist", ("cases.view_matterkind",)),
            Item("节点种类", "linear_scale", "admin:cases_eventkind_changelist", ("cases.view_eventkind",)),
            Item("整改问题", "rule", "admin:rectification_problem_changelist", ("rectification.view_problem",)),
            Item("批准层级", "approval", "admin:cases_approverlevel_changelist", ("cases.view_approverlevel",)),
        ),
    ),
    (
        "台账",
        (
            Item("销毁清单", "delete_sweep", "retention:lists", ("retention.view_disposallist",)),
            Item("冻结", "ac_unit", "retention:holds", ("retention.view_hold",)),
            Item("节点", "history", "admin:cases_event_changelist", ("cases.view_event",)),
            Item("届满变动", "update", "admin:cases_clockmove_changelist", ("cases.view_clockmove",)),
            Item("身份查看", "visibility", "admin:petitions_identitylook_changelist", ("petitions.view_identitylook",)),
            Item("预警台账", "receipt_long", "admin:alerts_alertstep_changelist", ("alerts.view_alertstep",)),
            Item(
                "整改台账", "fact_check", "admin:rectification_orderstep_changelist", ("rectification.view_orderstep",)
            ),
            Item("通报台账", "fact_check", "admin:bulletins_bulletinstep_changelist", ("bulletins.view_bulletinstep",)),
            Item("盯办台账", "fact_check", "admin:followup_followstep_changelist", ("followup.view_followstep",)),
            Item(
                "办理台账",
                "fact_check",
                "admin:proceedings_proceedingstep_changelist",
                ("proceedings.view_proceedingstep",),
            ),
            Item("档案查阅", "visibility", "admin:archives_archivelook_changelist", ("archives.view_archivelook",)),
            Item("评查台账", "fact_check", "admin:reviews_reviewstep_changelist", ("reviews.view_reviewstep",)),
            Item("入区台账", "fact_check", "admin:custody_visitstep_changelist", ("custody.view_visitstep",)),
            Item("财物台账", "fact_check", "admin:property_propertystep_changelist", ("property.view_propertystep",)),
            Item(
                "快速办理台账",
                "fact_check",
                "admin:expedited_expeditedstep_changelist",
                ("expedited.view_expeditedstep",),
            ),
            Item(
                "双随机台账",
                "fact_check",
                "admin:inspections_inspectionstep_changelist",
                ("inspections.view_inspectionstep",),
            ),
            Item(
                "专项整治台账",
                "fact_check",
                "admin:campaigns_campaignstep_changelist",
                ("campaigns.view_campaignstep",),
            ),
            Item("令牌台账", "fact_check", "admin:api_tokenstep_changelist", ("api.view_tokenstep",)),
            Item("回访台账", "fact_check", "admin:returnvisits_visitstep_changelist", ("returnvisits.view_visitstep",)),
        ),
    ),
    (
        "组织",
        (
            Item("单位", "account_tree", "admin:cases_unit_changelist", ("cases.view_unit",)),
            Item("单位变动", "alt_route", "units:changes", ("units.view_unitchange",)),
            Item("民警", "badge", "admin:cases_officer_changelist", ("cases.view_officer",)),
            Item("任职", "assignment_ind", "admin:cases_post_changelist", ("cases.view_post",)),
            Item("系统令牌", "key", "admin:api_systemtoken_changelist", ("api.view_systemtoken",)),
            Item("角色权限", "shield_person", "admin:auth_group_changelist", ("auth.view_group",)),
        ),
    ),
    (
        "运行",
        (
            Item("任务运行", "sync", "operations:jobs", ("operations.view_jobrun",)),
            Item(
                "定时任务",
                "schedule",
                "admin:django_celery_beat_periodictask_changelist",
                ("django_celery_beat.view_periodictask",),
            ),
            Item("对外推送", "webhook", "admin:webhooks_subscription_changelist", ("webhooks.view_subscription",)),
            Item("推送记录", "outbox", "admin:webhooks_delivery_changelist", ("webhooks.view_delivery",)),
            Item("登录台账", "fact_check", "accounts:signins", ("accounts.view_signin",)),
            Item("二次验证", "phonelink_lock", "accounts:factors", ("accounts.view_authenticator",)),
            Item("登录锁定", "lock", "admin:axes_accessattempt_changelist", ("axes.view_accessattempt",)),
            Item("登录失败", "block", "admin:axes_accessfailurelog_changelist", ("axes.view_accessfailurelog",)),
            Item("登录记录", "login", "admin:axes_accesslog_changelist", ("axes.view_accesslog",)),
            Item("操作记录", "edit_note", "admin:admin_logentry_changelist", ("admin.view_logentry",)),
            Item("改动日志", "difference", "audit:changes", ("audit.view_rowchange",)),
            Item("查看和导出", "output", "audit:ways", ("audit.view_wayout",)),
            Item("封存链", "link", "audit:seals", ("audit.view_seal",)),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu of one officer; a group without a line left in it is left out whole."""
    groups = []
    links = {item.page: reverse(item.page) for _, items in MENU for item in items if _may_open(request, item)}
    # The line whose address is the longest beginning of this page's is the one the officer is on.
    here = max((link for link in links.values() if request.path.startswith(link)), key=len, default="")
    for title, items in MENU:
        lines = [
            {"title": item.title, "icon": item.icon, "link": link, "active": _marks(link == here)}
            for item in items
            if (link := links.get(item.page))
        ]
        if lines:
            groups.append({"title": title, "separator": bool(title), "items": lines})
    return groups


def _marks(active: bool) -> Callable[[HttpRequest], bool]:
    """The theme takes an answer only from something it can call."""
    return lambda request: active


def _may_open(request: HttpRequest, item: Item) -> bool:
    return not item.permissions or any(request.user.has_perm(permission) for permission in item.permissions)


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "盯办",
    "SITE_HEADER": "盯办",
    "SITE_SUBHEADER": "执法办案时限监督",
    "SITE_SYMBOL": "timer",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("desk/dingban.svg")}],
    "THEME": "light",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("desk/desk.css")],
    "SCRIPTS": [lambda request: static("desk/desk.js")],
    "DASHBOARD_CALLBACK": "config.home.workbench",
    "LOGIN": {"form": "config.signin.SignInForm"},
    "ACCOUNT": {
        "navigation": [
            {"title": "我的账号", "link": reverse_lazy("accounts:account")},
            {"title": "更改密码", "link": reverse_lazy("accounts:password")},
        ]
    },
    "SIDEBAR": {"show_search": False, "navigation": "config.theme.navigation"},
    "COLORS": {
        "primary": {
            "50": "oklch(97% .014 254.604)",
            "100": "oklch(93.2% .032 255.585)",
            "200": "oklch(88.2% .059 254.128)",
            "300": "oklch(80.9% .105 251.813)",
            "400": "oklch(70.7% .165 254.624)",
            "500": "oklch(57% .19 258)",
            "600": "oklch(47% .17 260)",
            "700": "oklch(42% .16 262)",
            "800": "oklch(37% .13 264)",
            "900": "oklch(32% .11 265)",
            "950": "oklch(25% .08 266)",
        },
    },
}
