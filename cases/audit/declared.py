"""Every table of the database, and how the audit treats it. A new table takes one line in one of three lists.

WATCHED: small tables that are edited; triggers note each row written, with what it was and what it is. LEDGERS: tables
that are only added to; they are sealed. EXCUSED: what is derived or technical, with the reason. Tables of higher rooms
are named by text: this room knows the names, not the rooms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Watched:
    """How a table is watched.

    `content`: the table is about cases. Its texts are masked: the auditor reads who changed what, not what a case is
    about (三员分立), and what is erased elsewhere must not live on here. `masked`: further columns nobody may read.
    `ignored`: columns that the program moves by itself; a change of these alone is none. `inserts`: whether new rows are
    noted; not where an import brings them by the hundred thousand, whose batch is on record.
    """

    content: bool = False
    masked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    inserts: bool = True


_PLAIN = Watched()
_CASE = Watched(content=True)
_BROUGHT_IN = Watched(content=True, inserts=False)

WATCHED: Mapping[str, Watched] = {
    # People, units, what they may do.
    "auth_group": _PLAIN,
    "auth_group_permissions": _PLAIN,
    "cases_officer": Watched(masked=("password",), ignored=("last_login",)),
    "cases_officer_groups": _PLAIN,
    "cases_officer_user_permissions": _PLAIN,
    "cases_post": _PLAIN,
    "cases_unit": _PLAIN,
    "units_unitchange": _PLAIN,
    "cases_absence": Watched(masked=("reason",)),
    "accounts_authenticator": Watched(masked=("sealed",), ignored=("last_step", "failures")),
    "accounts_pastpassword": Watched(masked=("hash",)),
    "accounts_recoverycode": Watched(masked=("digest",)),
    "cases_feed": Watched(masked=("digest",), ignored=("fetched_at",)),
    # The law and what follows from it.
    "cases_approverlevel": _PLAIN,
    "cases_calendaryear": _PLAIN,
    "cases_dayoff": _PLAIN,
    "cases_eventkind": _PLAIN,
    "cases_ladder": _PLAIN,
    "cases_limit": _PLAIN,
    "cases_limit_kinds": _PLAIN,
    "cases_manner": _PLAIN,
    "cases_matterkind": _PLAIN,
    "cases_openquestion": _PLAIN,
    "cases_unitladder": _PLAIN,
    "cases_workcalendar": _PLAIN,
    "cases_change": Watched(ignored=("done", "worked_at")),
    # Matters.
    "cases_barring": _CASE,
    "cases_batch": Watched(
        masked=("error",), ignored=("rows_total", "rows_read", "matters_new", "events_new", "rows_unchanged")
    ),
    "cases_feedback": _BROUGHT_IN,
    "cases_handling": _BROUGHT_IN,
    # Opening and closing are what the events say.
    "cases_matter": Watched(content=True, inserts=False, ignored=("opened_at", "closed_at")),
    # Rectification.
    "rectification_order": _CASE,
    "rectification_problem": _PLAIN,
    # Followed cases.
    "followup_entryrule": _PLAIN,
    "followup_followedcase": _CASE,
    "followup_instruction": _CASE,
    "followup_outlineitem": _CASE,
    "followup_outlinetemplate": _PLAIN,
    "followup_templateitem": _PLAIN,
    # Proceedings and property.
    "proceedings_dispute": _CASE,
    "proceedings_review": _CASE,
    "proceedings_transfer": _CASE,
    "property_caseamount": _CASE,
    "property_excess": _CASE,
    "property_item": _CASE,
    "property_place": _PLAIN,
    # The case-handling centre.
    "custody_centre": _PLAIN,
    "custody_fault": _CASE,
    "custody_room": _PLAIN,
    "custody_stage": _CASE,
    "custody_visit": _CASE,
    # The expedited procedure.
    "expedited_expeditedcase": _CASE,
    "expedited_fault": _CASE,
    "expedited_statedfact": _CASE,
    # Petitions and complaints.
    "petitions_complainant": _CASE,
    "petitions_complaint": _CASE,
    "petitions_complaintdisposal": _CASE,
    "petitions_complaintlikeness": _CASE,
    "petitions_complaintreopening": _CASE,
    "petitions_contact": _CASE,
    "petitions_decision": _CASE,
    "petitions_disposal": _CASE,
    "petitions_lead": _CASE,
    "petitions_likeness": _CASE,
    "petitions_lookback": _CASE,
    "petitions_measure": _CASE,
    "petitions_meeting": _CASE,
    "petitions_petition": _CASE,
    "petitions_petitioner": _CASE,
    "petitions_plan": _CASE,
    "petitions_rankrule": _PLAIN,
    "petitions_recheck": _CASE,
    "petitions_resolution": _CASE,
    # Return visits, reviews, inspections, campaigns.
    "returnvisits_check": _CASE,
    "returnvisits_roundunit": _CASE,
    "returnvisits_visit": _CASE,
    "returnvisits_visitround": _CASE,
    "reviews_kinship": _PLAIN,
    "reviews_line": _CASE,
    "reviews_reviewform": _CASE,
    "reviews_reviewround": _CASE,
    "reviews_roundreviewer": _PLAIN,
    "reviews_stratum": _CASE,
    "reviews_template": _PLAIN,
    "inspections_check": _CASE,
    "inspections_checkinspector": _CASE,
    "inspections_draw": _CASE,
    "inspections_finding": _CASE,
    "inspections_inspectionplan": _PLAIN,
    "inspections_inspector": _PLAIN,
    "inspections_interest": _CASE,
    "inspections_itemstep": _PLAIN,
    "inspections_planneditem": _PLAIN,
    "inspections_target": _PLAIN,
    "campaigns_campaign": _CASE,
    "campaigns_campaignorder": _PLAIN,
    "campaigns_campaignround": _PLAIN,
    "campaigns_member": _PLAIN,
    "campaigns_task": _CASE,
    # Hand-overs.
    "handovers_handover": Watched(
        content=True, ignored=("state", "moved", "kept", "worked_at", "done_at", "error", "tell_since", "told_at")
    ),
    # Bulletins and figures.
    "bulletins_bulletin": _CASE,
    "bulletins_bulletinplan": _PLAIN,
    "bulletins_channel": _PLAIN,
    "bulletins_letterhead": _PLAIN,
    "bulletins_noticeaddress": Watched(masked=("address",)),
    "bulletins_noticepreference": _PLAIN,
    "bulletins_recipient": _PLAIN,
    "evaluation_weight": _PLAIN,
    # Leaving the house.
    "exports_exportrequest": Watched(content=True, ignored=("downloads", "tell_since")),
    "retention_disposallist": _PLAIN,
    "retention_hold": _CASE,
    # Running the house.
    "webhooks_subscription": Watched(ignored=("alerts_read", "bulletins_read", "held_until")),
    "api_systemtoken": Watched(masked=("digest",), ignored=("last_used_at",)),
    "axes_accessfailurelog": Watched(content=True, inserts=False),
    "axes_accesslog": Watched(content=True, inserts=False, ignored=("logout_time",)),
    "django_admin_log": Watched(content=True, inserts=False),
    "django_celery_beat_clockedschedule": _PLAIN,
    "django_celery_beat_crontabschedule": _PLAIN,
    "django_celery_beat_intervalschedule": _PLAIN,
    "django_celery_beat_periodictask": Watched(ignored=("last_run_at", "total_run_count", "date_changed")),
    "django_celery_beat_solarschedule": _PLAIN,
}

# Each with the columns that are filled in once, later, by leave of its guard; these are not sealed.
LEDGERS: Mapping[str, tuple[str, ...]] = {
    "accounts_signin": (),
    "api_refusedcall": (),
    "api_tokenstep": (),
    "audit_rowchange": (),
    "operations_jobrequest": ("queued_at",),
    "audit_wayout": (),
    "exports_exportstep": (),
    "retention_disposalitem": ("outcome", "done_at"),
    "cases_event": ("withdrawn_at",),
    "cases_clockmove": (),
    "cases_changestep": (),
    "cases_answer": (),
    "alerts_alertstep": (),
    "rectification_orderstep": (),
    "rectification_evidence": (),
    "followup_followstep": (),
    "proceedings_proceedingstep": (),
    "property_propertystep": (),
    "custody_visitstep": (),
    "expedited_expeditedstep": (),
    "petitions_petitionstep": (),
    "petitions_identitylook": (),
    "petitions_complaintstep": (),
    "petitions_complainantlook": (),
    "returnvisits_visitstep": (),
    "reviews_reviewstep": (),
    "inspections_inspectionstep": (),
    "campaigns_campaignstep": (),
    "handovers_handoveritem": ("outcome", "why", "done_at"),
    "evaluation_term": (),
    "evaluation_indicator": ("in_force_until",),
    "evaluation_part": (),
    "evaluation_frozenfigure": (),
    "evaluation_frozenrows": (),
    "archives_archiveentry": (),
    "archives_archivereply": (),
    "archives_archivelook": (),
    "bulletins_bulletinstep": (),
    "bulletins_bulletinpaper": (),
    "bulletins_letterstep": (),
    "bulletins_noticeline": ("settled_at",),
    "webhooks_deliverystep": (),
}

EXCUSED: Mapping[str, str] = {
    "audit_seal": "封存链本身，由 verify_seals 逐条核对",
    "alerts_alert": "预警的现状，由预警台账得出",
    "cases_clock": "由节点和时限推算，可以随时重算",
    "cases_concernedmatter": "变更涉及事项的工作清单",
    "cases_pendingwinding": "待补算的工作清单",
    "cases_refusal": "导入时拒收的行，随批次留存",
    "bulletins_letter": "信件的现状，由信件台账得出",
    "bulletins_notice": "通知的汇总，逐条内容在通知台账",
    "webhooks_delivery": "推送的现状，由推送台账得出",
    "followup_notice": "待发通知的工作清单",
    "returnvisits_notice": "待发通知的工作清单",
    "evaluation_daycount": "由台账统计，可以随时重算",
    "evaluation_figure": "由台账统计，可以随时重算",
    "evaluation_folding": "统计进度",
    "evaluation_stale": "待重新统计的标记",
    "api_intakecall": "送入调用的答复，送入的内容在批次和事件台账，调用记在查看和导出",
    "accounts_opensession": "在线登录的现状，来去都在登录台账",
    "operations_jobrun": "运行记录，只留最近的，到数即清",
    "auth_permission": "程序自带的权限名称，随升级写入",
    "axes_accessattempt": "登录失败计数，到期自动清除；登录记录另有日志",
    "axes_accessattemptexpiration": "登录失败计数的到期时间",
    "django_celery_beat_periodictasks": "定时任务的更新标记",
    "django_content_type": "程序自带的模型名称，随升级写入",
    "django_migrations": "数据库结构的升级记录",
    "django_session": "登录会话，到期失效",
}


@dataclass(frozen=True, slots=True)
class Export:
    """A kind of file that leaves through a page.

    `rows`: it is a list, and says how many rows it has. `sensitive`: why it never leaves without somebody else's leave,
    however few its rows.
    """

    rows: bool = False
    sensitive: str = ""


# By what is in them. A new kind takes one line; `handing.hand_out` refuses a file of no kind.
EXPORTS: Mapping[str, Export] = {
    "导入拒收的行": Export(rows=True),
    "回访抽样总体": Export(rows=True),
    "回访短信名单": Export(rows=True, sensitive="名单交给站外的短信网关，凭每行的回访编号可以代替当事人作答"),
    "评查通报": Export(),
    "案件评查表": Export(),
    "整改通知书": Export(),
    "整改情况报告": Export(),
    "整改佐证材料": Export(),
    "移交单": Export(),
    "通报": Export(),
}

# Logs whose rows may be removed when their time is over, with the moment a row is of.
REMOVABLE: Mapping[str, str] = {"audit_rowchange": "at", "audit_wayout": "at"}
