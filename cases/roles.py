"""What each role may do: the table, and the groups made from it.

A page is only for whom it is meant, so a role has a permission only where its work needs it; which rows of a page it
sees is a question of scope (`cases.models.scope`), not of this table. The three separated administrators (三员分立) keep
apart: accounts and settings, permissions, logs; none of them has a permission on case content.

Permissions are named by text, those of higher rooms too: this room knows the names, not the rooms.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from cases.models import Role


def _may(acts: str, *models: str) -> tuple[str, ...]:
    """`_may("view add", "cases.event")` -> the codenames Django gives these acts on these models."""
    return tuple(
        f"{app}.{act}_{name}" for app, _, name in (model.partition(".") for model in models) for act in acts.split()
    )


_CASE_FILES = _may(
    "view",
    "cases.matter",
    "cases.handling",
    "cases.event",
    "cases.clock",
    "cases.clockmove",
    "alerts.alert",
    "alerts.alertstep",
    "rectification.order",
    "rectification.orderstep",
    "rectification.problem",
)
_LAW = (
    *_may(
        "view",
        "cases.limit",
        "cases.openquestion",
        "cases.answer",
        "cases.ladder",
        "cases.approverlevel",
        "cases.matterkind",
        "cases.eventkind",
        "cases.workcalendar",
        "cases.calendaryear",
        "cases.dayoff",
        "cases.change",
        "cases.changestep",
    ),
    "cases.calculate_deadline",
)
_BULLETINS = _may("view", "bulletins.bulletin", "bulletins.bulletinstep")
# A bulletin that needs a signature gets it from somebody who answers for the unit, never from who prepared it.
_SIGNS_BULLETINS = _may("sign", "bulletins.bulletin")
# Whoever has to do with cases is told things, and says who is told them while he is away.
_TOLD = (*_may("view", "bulletins.notice"), *_may("view add delete", "cases.absence"))
# Whoever is ordered replies, his head looks the reply over and may give the order to another of his people; whoever
# supervises orders, sends back, puts off, verifies and withdraws.
_ANSWERS = _may("reply", "rectification.order")
_ANSWERS_FOR_UNIT = (*_ANSWERS, *_may("endorse reassign", "rectification.order"))
_SUPERVISES = _may("issue return extend verify reopen withdraw reassign", "rectification.order")
_FOLLOWED = _may("view", "followup.followedcase", "followup.outlineitem", "followup.instruction", "followup.followstep")
# Finish items, reply to instructions, ask to close: whose hand it is in a case the room itself asks.
_WORKS_ON_FOLLOWED = (*_FOLLOWED, *_may("change", "followup.outlineitem", "followup.instruction"))
_PROCEEDINGS = _may(
    "view", "proceedings.dispute", "proceedings.review", "proceedings.transfer", "proceedings.proceedingstep"
)
# Units take in disputes and transfers; what is brought against their acts is answered by the legal department.
_WORKS_ON_PROCEEDINGS = _may("add change", "proceedings.dispute", "proceedings.transfer")
# What was taken in a case is entered by those who took it, kept by the unit or its bureau; whether it exceeds the law is
# judged by those who supervise.
_PROPERTY = _may(
    "view", "property.item", "property.place", "property.caseamount", "property.excess", "property.propertystep"
)
_WORKS_ON_PROPERTY = _may("add change", "property.item")
_KEEPS_PROPERTY = _may("add change", "property.place")
_JUDGES_PROPERTY = _may("judge", "property.excess")
# Who is brought in, and what is done inside, is entered by the unit; rooms are kept by the unit or its bureau; what is
# missing is judged by those who supervise.
_CUSTODY = _may("view", "custody.visit", "custody.room", "custody.fault", "custody.visitstep")
_WORKS_IN_CUSTODY = _may("add change", "custody.visit")
_KEEPS_ROOMS = _may("add change", "custody.room")
_JUDGES_CUSTODY = _may("judge", "custody.fault")
# Whoever has cases reads how those handled by the expedited procedure stand; who handles cases applies it and enters what
# happened; the legal department, inspection and leaders judge what is found wrong.
_EXPEDITED = _may(
    "view", "expedited.expeditedcase", "expedited.statedfact", "expedited.fault", "expedited.expeditedstep"
)
_WORKS_ON_EXPEDITED = _may("add change", "expedited.expeditedcase")
_JUDGES_EXPEDITED = ("expedited.judge_expedited",)
# Petitions and complaints are seen by their named handlers only, whatever the role: who may be named may open the pages.
# Registering is for those who receive them; what is decided about one is for the legal department, inspection and
# leaders.
_PETITIONS = _may("view change", "petitions.petition", "petitions.complaint")
_DIRECTS_PETITIONS = (
    *_PETITIONS,
    *_may("direct", "petitions.petition", "petitions.complaint"),
    *_may("view", "petitions.identitylook"),
)
# Whose unit is asked about sees how many were asked and what was found; who asks and checks reads the answers too.
_ASKED_ABOUT = _may("view", "returnvisits.visitround", "returnvisits.visit", "returnvisits.check")
_ASKS = (
    *_ASKED_ABOUT,
    *_may("add", "returnvisits.visitround"),
    # The ratings themselves too: a unit that saw each as it came would know where to ask who gave it.
    *_may("view", "returnvisits.visitstep", "cases.feedback"),
    *_may("record", "returnvisits.visit"),
    "returnvisits.see_answers",
    *_may("conclude", "returnvisits.check"),
)
# Whose files were reviewed reads what was found; who handled one, or leads the unit, may object; legal officers and
# inspectors review, draw, and decide what is said against a review of others.
_REVIEWED = _may("view object", "reviews.reviewform")
_SEES_ROUNDS = _may("view", "reviews.reviewform", "reviews.reviewround")
_REVIEWS = (
    *_SEES_ROUNDS,
    *_may("add", "reviews.reviewround"),
    *_may("review decide", "reviews.reviewform"),
    *_may("view", "reviews.reviewstep"),
)
# Who is drawn to inspect puts on record what he found, whatever his post; who directs inspections plans, draws and makes
# results public; a leader reads all of it, a head what was inspected in his unit.
_INSPECTS = (*_may("view", "inspections.inspectionplan"), *_may("view record", "inspections.check"))
_DIRECTS_INSPECTIONS = (
    *_INSPECTS,
    *_may("add", "inspections.inspectionplan"),
    *_may("view", "inspections.inspectionstep"),
)
# Whose unit takes part in a campaign reads it; who directs one begins it and orders under it.
_IN_CAMPAIGNS = _may("view", "campaigns.campaign")
_DIRECTS_CAMPAIGNS = (
    *_may("view add", "campaigns.campaign"),
    *_may("view", "campaigns.campaignstep"),
)
# Whoever distributes work or supervises it hands it over; whoever took something over reads the sheet.
_TAKES_OVER = _may("view", "handovers.handover")
_HANDS_OVER = _may("view add", "handovers.handover")
# Who supervises a unit, or leads one, reads what it came to; what an indicator means is everybody's to read.
_MEASURED = _may("view", "evaluation.figure")
# Everybody reads and answers his own archive; another's only whose post is over him.
_OWN_ARCHIVE = (*_may("view", "archives.archiveentry"), *_may("add", "archives.archivereply"))
_OPENS_ARCHIVES = ("archives.open_archive",)
# Whoever takes out much asks for it, and reads what became of it; another decides.
_ASKS_TO_EXPORT = _may("add view", "exports.exportrequest")
_DECIDES_EXPORTS = ("exports.decide_exportrequest",)
# The legal department lists what is past its time, another of it or a leader approves; who looks into something may put a
# matter on hold.
_HOLDS = (*_may("view add", "retention.hold"), "retention.lift_hold")
_DISPOSES = (*_may("view", "retention.disposallist"), "retention.decide_disposallist", *_HOLDS)
# What everybody with cases has.
_WITH_CASES = (
    *_CASE_FILES,
    *_LAW,
    *_TOLD,
    *_PROCEEDINGS,
    *_PROPERTY,
    *_CUSTODY,
    *_EXPEDITED,
    *_OWN_ARCHIVE,
    *_ASKS_TO_EXPORT,
    *_may("view", "evaluation.indicator"),
)

PERMISSIONS: Mapping[Role, Sequence[str]] = {
    Role.CASE_OFFICER: (
        *_WITH_CASES,
        *_ANSWERS,
        *_WORKS_ON_FOLLOWED,
        *_WORKS_ON_PROCEEDINGS,
        *_WORKS_ON_PROPERTY,
        *_WORKS_IN_CUSTODY,
        *_WORKS_ON_EXPEDITED,
        *_REVIEWED,
        *_INSPECTS,
        *_PETITIONS,
        *_TAKES_OVER,
        *_may("acknowledge", "alerts.alert"),
        *_may("add", "cases.event"),
    ),
    Role.UNIT_HEAD: (
        *_WITH_CASES,
        *_BULLETINS,
        *_MEASURED,
        *_OPENS_ARCHIVES,
        *_SIGNS_BULLETINS,
        *_ANSWERS_FOR_UNIT,
        *_WORKS_ON_FOLLOWED,
        *_WORKS_ON_PROCEEDINGS,
        *_WORKS_ON_PROPERTY,
        *_WORKS_IN_CUSTODY,
        *_WORKS_ON_EXPEDITED,
        *_KEEPS_PROPERTY,
        *_KEEPS_ROOMS,
        *_REVIEWED,
        *_SEES_ROUNDS,
        *_INSPECTS,
        *_IN_CAMPAIGNS,
        *_PETITIONS,
        *_HANDS_OVER,
        "followup.hand_over",
        *_ASKED_ABOUT,
        *_may("acknowledge", "alerts.alert"),
        *_may("add", "cases.event"),
        *_may("view add change delete", "cases.unitladder"),
    ),
    Role.LEGAL_OFFICER: (
        *_WITH_CASES,
        *_BULLETINS,
        *_MEASURED,
        *_OPENS_ARCHIVES,
        *_may("add", "archives.archiveentry"),
        *_DECIDES_EXPORTS,
        *_DISPOSES,
        *_may("add", "retention.disposallist"),
        *_may("view", "units.unitchange"),
        *_REVIEWS,
        *_SUPERVISES,
        *_ASKS,
        *_WORKS_ON_FOLLOWED,
        *_WORKS_ON_PROCEEDINGS,
        *_WORKS_ON_PROPERTY,
        *_WORKS_IN_CUSTODY,
        *_WORKS_ON_EXPEDITED,
        *_KEEPS_PROPERTY,
        *_KEEPS_ROOMS,
        *_JUDGES_PROPERTY,
        *_JUDGES_CUSTODY,
        *_JUDGES_EXPEDITED,
        *_may("add change", "proceedings.review"),
        *_DIRECTS_INSPECTIONS,
        *_DIRECTS_CAMPAIGNS,
        *_DIRECTS_PETITIONS,
        *_may("add", "petitions.petition", "petitions.complaint"),
        *_may("view change", "petitions.rankrule"),
        *_may("add change", "followup.followedcase"),
        *_may("view add change", "followup.entryrule", "followup.outlinetemplate", "followup.templateitem"),
        *_may("delete", "followup.templateitem"),
        "followup.consent_closing",
        "followup.hand_over",
        *_HANDS_OVER,
        *_may("add", "cases.matter", "cases.handling", "cases.event", "cases.answer", "cases.change"),
        "cases.apply_change",
        *_may("view add change", "cases.batch"),
        *_may("view", "cases.refusal", "bulletins.letter", "bulletins.letterstep", "bulletins.recipient"),
        *_may("add change", "bulletins.bulletin"),
        *_may("view change", "bulletins.bulletinplan", "bulletins.letterhead"),
        *_may("acknowledge order", "alerts.alert"),
        *_may("view add change delete", "cases.unitladder"),
        "bulletins.view_noise",
        "evaluation.define_indicator",
    ),
    Role.BRANCH_OFFICER: (
        *_WITH_CASES,
        *_BULLETINS,
        *_MEASURED,
        *_WORKS_ON_FOLLOWED,
        *_INSPECTS,
        *_PETITIONS,
        *_TAKES_OVER,
    ),
    Role.LEADER: (
        *_WITH_CASES,
        *_BULLETINS,
        *_MEASURED,
        *_OPENS_ARCHIVES,
        *_may("view", "archives.archivelook"),
        *_SIGNS_BULLETINS,
        *_DECIDES_EXPORTS,
        *_DISPOSES,
        *_may("view", "units.unitchange"),
        *_SEES_ROUNDS,
        *_may("decide", "reviews.reviewform"),
        *_JUDGES_PROPERTY,
        *_JUDGES_CUSTODY,
        *_JUDGES_EXPEDITED,
        *_FOLLOWED,
        *_TAKES_OVER,
        *_INSPECTS,
        *_IN_CAMPAIGNS,
        *_DIRECTS_PETITIONS,
        *_ASKED_ABOUT,
        *_may("add", "followup.followedcase", "followup.instruction"),
        *_may("acknowledge order", "alerts.alert"),
    ),
    Role.INSPECTOR: (
        *_WITH_CASES,
        *_BULLETINS,
        *_MEASURED,
        *_OPENS_ARCHIVES,
        *_may("add", "archives.archiveentry"),
        *_may("view", "archives.archivelook"),
        *_REVIEWS,
        *_JUDGES_PROPERTY,
        *_JUDGES_CUSTODY,
        *_JUDGES_EXPEDITED,
        *_FOLLOWED,
        *_TAKES_OVER,
        *_ASKS,
        *_DIRECTS_INSPECTIONS,
        *_DIRECTS_CAMPAIGNS,
        *_DIRECTS_PETITIONS,
        *_may("add", "petitions.petition", "petitions.complaint"),
        *_HOLDS,
        *_may("issue", "rectification.order"),
    ),
    # Accounts and settings. A change of units shifts who sees what: one administrator proposes it, another decides.
    Role.SYSTEM_ADMIN: (
        *_may("view add", "units.unitchange"),
        *_may("view add change", "cases.unit", "cases.officer", "bulletins.recipient"),
        *_may("delete", "bulletins.recipient"),
        *_may("view add change", "bulletins.channel", "bulletins.noticepreference"),
        *_may("view add change", "bulletins.bulletinplan", "bulletins.letterhead"),
        *_may("delete", "bulletins.noticepreference"),
        "bulletins.view_noise",
        *_may("view change", "django_celery_beat.periodictask"),
        *_may("view", "operations.jobrun"),
        "operations.run_job",
        *_may("view add change", "webhooks.subscription"),
        *_may("view resend", "webhooks.delivery"),
        *_may("view add change", "django_celery_beat.crontabschedule", "django_celery_beat.intervalschedule"),
    ),
    # Who may do what. A post is ended, never deleted: its history stays.
    Role.SECURITY_ADMIN: (
        *_may("view add change", "cases.post", "auth.group"),
        *_may("view", "cases.unit", "cases.officer", "accounts.signin", "units.unitchange"),
        "units.decide_unitchange",
        *_may("view reset", "accounts.authenticator"),
        # Which systems are let in, and who is called.
        *_may("view add change", "api.systemtoken"),
        *_may("view", "api.tokenstep"),
    ),
    # Logs, to read.
    Role.AUDITOR: (
        *_may("view", "admin.logentry", "axes.accessattempt", "axes.accesslog", "axes.accessfailurelog"),
        *_may("view", "accounts.signin", "api.tokenstep", "audit.rowchange", "audit.wayout", "audit.seal"),
        *_may("view", "exports.exportrequest", "retention.disposallist"),
    ),
}


class UnknownPermission(Exception):
    """The table names a permission the database does not have: a misspelt name, or migrations that have not run."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"没有这些权限：{'、'.join(names)}。请先运行 migrate；仍有此提示则角色表写错了")
        self.names = names


@dataclass(frozen=True, slots=True)
class RolesReport:
    """What changed: groups made, permissions given to and taken from groups."""

    groups: int = 0
    given: int = 0
    taken: int = 0


def plan_roles() -> RolesReport:
    """Make the group of every role hold exactly what the table says; groups of other names are left alone.

    A permission given to a role's group by hand is taken back; what a bureau wants besides goes into a group of its
    own. Refuses a permission the database does not have. Members are not touched. A second run changes nothing.
    """
    known = {
        f"{app}.{codename}": pk
        for app, codename, pk in Permission.objects.values_list("content_type__app_label", "codename", "pk")
    }
    if unknown := sorted({name for names in PERMISSIONS.values() for name in names} - known.keys()):
        raise UnknownPermission(unknown)
    labels = [role.label for role in PERMISSIONS]
    held = Group.permissions.through.objects.filter(group__name__in=labels)
    with transaction.atomic():
        before = Group.objects.filter(name__in=labels).count()
        Group.objects.bulk_create([Group(name=label) for label in labels], ignore_conflicts=True)
        groups = dict(Group.objects.filter(name__in=labels).values_list("name", "pk"))
        wanted = {(groups[role.label], known[name]) for role, names in PERMISSIONS.items() for name in names}
        rows = {
            (group, permission): pk for group, permission, pk in held.values_list("group_id", "permission_id", "pk")
        }
        surplus = [pk for pair, pk in rows.items() if pair not in wanted]
        held.filter(pk__in=surplus).delete()
        missing = sorted(wanted - rows.keys())
        Group.permissions.through.objects.bulk_create(
            [Group.permissions.through(group_id=group, permission_id=permission) for group, permission in missing],
            ignore_conflicts=True,
        )
    return RolesReport(groups=len(labels) - before, given=len(missing), taken=len(surplus))
